"""The tour: what is where in the window, in a few plates; by mouse or keyboard, left at any time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.parts import label
from ui.setting_changes import set_setting

CARD = 332
"""Logical pixels of width of the plate with the words."""
GAP = 14
DIM = 120
"""How dark the window is beside what is pointed at, 0..255."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: its words are ``tour.<name>`` and ``tour.<name>_words``; ``target`` names the widget."""

    name: str
    target: str


STOPS = (
    Stop("view", "view"),
    Stop("layers", "layers"),
    Stop("legend", "legend"),
    Stop("passport", "inspector"),
    Stop("tools", "toolbar"),
    Stop("roles", "roles"),
    Stop("search", "search"),
)
"""In the order of the tour; a stop whose widget is not to be seen is left out."""


class Tour(QWidget):
    """Covers the window, leaves one part of it bright and says what it is for."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        window = view.widget().window()
        super().__init__(window)
        self.desk, self.view = desk, view
        self.stops = [(stop, found) for stop in STOPS if (found := self._found(stop)) is not None]
        self.at = 0
        self.setAccessibleName(desk.say("tour.title"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.card = self._card()
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self._show()
        self.show()
        self.raise_()
        self.next.setFocus()

    def _found(self, stop: Stop) -> QWidget | None:
        """Return the widget of a stop, or None while it is not to be seen."""
        if stop.target == "view":
            return self.view.widget()
        window = self.view.widget().window()
        named = window.findChildren(QWidget, stop.target)
        return next((one for one in reversed(named) if one.isVisible()), None)

    def _card(self) -> QFrame:
        say = self.desk.say
        card = QFrame(self)
        card.setObjectName("plate")
        card.setFixedWidth(CARD)
        column = QVBoxLayout(card)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(8)
        self.count = label("", "t3", 11)
        self.title = label("", pixels=15, bold=True)
        self.words = label("", "t2", wrap=True)
        for part in (self.count, self.title, self.words):
            column.addWidget(part)
        row = QHBoxLayout()
        self.next = QPushButton(say("tour.next"))
        self.next.setProperty("primary", True)
        self.next.setAutoDefault(True)
        self.back, self.leave = QPushButton(say("tour.back")), QPushButton(say("tour.leave"))
        self.next.clicked.connect(lambda: self.go(1))
        self.back.clicked.connect(lambda: self.go(-1))
        self.leave.clicked.connect(self.end)
        row.addWidget(self.next)
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.leave)
        column.addSpacing(4)
        column.addLayout(row)
        return card

    def go(self, step: int) -> None:
        """Go on or back; after the last stop the tour ends."""
        if self.at + step >= len(self.stops):
            self.end()
            return
        self.at = max(0, self.at + step)
        self._show()

    def end(self) -> None:
        """Leave; it is not offered again."""
        self.window().removeEventFilter(self)
        set_setting(self.desk, "tour_seen", True)
        self.hide()
        self.deleteLater()
        self.view.widget().setFocus()

    def _show(self) -> None:
        stop, _ = self.stops[self.at]
        say, last = self.desk.say, self.at == len(self.stops) - 1
        self.count.setText(say("tour.count", at=self.at + 1, all=len(self.stops)))
        self.title.setText(say(f"tour.{stop.name}"))
        self.words.setText(say(f"tour.{stop.name}_words"))
        self.card.setAccessibleName(f"{self.title.text()}. {self.words.text()}")
        self.next.setText(say("tour.done" if last else "tour.next"))
        self.back.setEnabled(self.at > 0)
        self.card.adjustSize()
        self.card.move(self._beside(self.lit(), self.card))
        self.update()

    def lit(self) -> QRect:
        """Return what is bright, in the window."""
        widget = self.stops[self.at][1]
        corner = widget.mapTo(self.window(), QPoint(0, 0))
        return QRect(corner, widget.size()).intersected(self.rect())

    def _beside(self, lit: QRect, card: QWidget) -> QPoint:
        """Return where the plate stands: beside what is pointed at, where there is most room; else in it."""
        room = {
            "right": self.width() - lit.right(), "left": lit.left(),
            "below": self.height() - lit.bottom(), "above": lit.top(),
        }  # fmt: skip
        need = {
            "right": card.width() + 2 * GAP, "left": card.width() + 2 * GAP,
            "below": card.height() + 2 * GAP, "above": card.height() + 2 * GAP,
        }  # fmt: skip
        fits = [side for side in room if room[side] >= need[side]]
        side = max(fits, key=lambda one: room[one] / need[one], default="inside")
        middle = lit.center() - QPoint(card.width() // 2, card.height() // 2)
        at = {
            "right": QPoint(lit.right() + GAP, middle.y()),
            "left": QPoint(lit.left() - GAP - card.width(), middle.y()),
            "below": QPoint(middle.x(), lit.bottom() + GAP),
            "above": QPoint(middle.x(), lit.top() - GAP - card.height()),
            "inside": middle,
        }[side]
        return QPoint(
            max(GAP, min(at.x(), self.width() - card.width() - GAP)),
            max(GAP, min(at.y(), self.height() - card.height() - GAP)),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.window().rect())
            self._show()
        return False

    def event(self, event: QEvent) -> bool:
        """Have every key before it is a shortcut of the window below."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go on and back, Esc leaves."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.go(1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            self.go(-1)
        elif key == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Keep the keyboard inside of the plate: what lies below is covered."""
        order = [x for x in (self.next, self.back, self.leave) if x.isEnabled()]
        here = next_of(order, self.focusWidget(), 1 if next else -1)
        here.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken all but what is pointed at, with a ring round it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hole = QRectF(self.lit()).adjusted(1, 1, -1, -1)
        shade = QPainterPath()
        shade.addRect(QRectF(self.rect()))
        window = QPainterPath()
        window.addRoundedRect(hole, 6, 6)
        painter.fillPath(shade.subtracted(window), QColor(0, 0, 0, DIM))
        painter.setPen(QPen(QColor(self.desk.theme.accent), 2))
        painter.drawRoundedRect(hole, 6, 6)
        painter.end()


def next_of(order: list[QPushButton], now: QWidget | None, step: int) -> QPushButton:
    """Return the button after (or before) the one that has the keyboard, round and round."""
    at = next((place for place, one in enumerate(order) if one is now), -1 if step > 0 else 0)
    return order[(at + step) % len(order)]


def tour_table(desk: Desk, shell: object, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of the tour by action name."""

    def start() -> None:
        Tour(desk, view)

    return {"help.tour": start}
