"""The presenter's picture of what the audience sees: a head that says where it goes, 16:9 below it, no plates."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QWidget

from twin.streaming import Frame
from ui.desk import Desk
from ui.panels.parts import label
from ui.panels.toasts import Toast
from ui.presenting.painting import fitted
from ui.theme import glyph_pixmap
from ui.viewport.staged import StagedSurface

ROOM = 15
"""Logical pixels round the picture."""
MOST = 16_777_215
"""What Qt takes for a widget without a largest size."""


class LiveFrame(QObject):
    """Stands round the view while it is shared; ``end`` puts everything back."""

    def __init__(self, desk: Desk, canvas: StagedSurface) -> None:
        super().__init__()
        self.desk, self.canvas = desk, canvas
        self.head = self._make_head()
        centre = self.canvas.parentWidget()
        assert centre is not None
        self.centre = centre
        self.column = centre.layout()
        if isinstance(self.column, QBoxLayout):
            self.column.insertWidget(0, self.head)
            self.column.setAlignment(canvas, Qt.AlignmentFlag.AlignCenter)
        self.hidden = [x for x in self._plates() if x.isVisibleTo(self.canvas)]
        for plate in self._plates():
            plate.installEventFilter(self)
            plate.hide()
        centre.installEventFilter(self)
        self.fit()

    def _plates(self) -> list[QWidget]:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        found = self.canvas.findChildren(QWidget, options=direct)
        return [x for x in found if not isinstance(x, Toast)]

    def _make_head(self) -> QWidget:
        desk = self.desk
        made = QWidget()
        made.setObjectName("dockhead")
        made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        made.setFixedHeight(34)
        row = QHBoxLayout(made)
        row.setContentsMargins(12, 0, 14, 0)
        row.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(glyph_pixmap("display", desk.theme.t1, 16))
        row.addWidget(sign)
        row.addWidget(label(desk.say("present.live"), bold=True))
        self.where = label("", "t2")
        row.addWidget(self.where)
        row.addStretch(1)
        self.state = label("", "t1", bold=True)
        row.addWidget(self.state)
        row.addSpacing(8)
        self.dot = label("●", "accent", 11)
        self.tiles = label("", "t2")
        row.addWidget(self.dot)
        row.addWidget(self.tiles)
        return made

    def refresh(self) -> None:
        """Say where the picture goes and what the audience sees of it."""
        say, show = self.desk.say, self.desk.show
        if show.display < 0:
            self.where.setText(say("present.no_display"))
        else:
            key = "present.display" if show.display else "present.in_window"
            place = say(key, number=show.display)
            self.where.setText(f"{place}, {show.pixels[0]} × {show.pixels[1]}")
        self.state.setText(say(f"present.is_{show.status}") if show.status else "")

    def show_tiles(self, frame: Frame) -> None:
        """Say how complete the picture is."""
        say, count = self.desk.say, self.desk.words.count
        some = say("tiles.some", drawn=count(frame.drawn), wanted=count(frame.wanted))
        self.tiles.setText(say("tiles.all") if frame.complete else some)
        self.dot.setVisible(frame.complete)

    def fit(self) -> None:
        """Give the view the largest place of 16:9 there is."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        others = self.centre.findChildren(QWidget, options=direct)
        below = sum(
            x.height() for x in others if x not in (self.canvas, self.head) and not x.isHidden()
        )
        room = self.centre.size() - QSize(2 * ROOM, 34 + below + 2 * ROOM)
        box = fitted(QRectF(0, 0, max(room.width(), 160), max(room.height(), 90)))
        self.canvas.place = box.toRect().size()
        self.canvas.setMinimumSize(160, 90)
        self.canvas.setMaximumSize(self.canvas.place)
        self.canvas.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the place; plates that want to be seen stay hidden."""
        if watched is self.centre:
            if event.type() == QEvent.Type.Resize:
                self.fit()
        elif event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            self.hidden += [] if watched in self.hidden else [watched]
            watched.hide()
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """Put the view back as it stood."""
        for plate in self._plates():
            plate.removeEventFilter(self)
        self.centre.removeEventFilter(self)
        for plate in self.hidden:
            if plate.parentWidget() is self.canvas:  # else the window is made anew without it
                plate.show()
        self.canvas.place = QSize()
        self.canvas.setMaximumSize(MOST, MOST)
        self.canvas.setMinimumSize(160, 120)
        if isinstance(self.column, QBoxLayout):
            self.column.setAlignment(self.canvas, Qt.AlignmentFlag(0))
        self.head.hide()
        self.head.deleteLater()
