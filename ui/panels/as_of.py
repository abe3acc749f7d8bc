"""The strip under the view: as of which date, in the real world or in our records."""

import numpy as np
from PySide6.QtCore import QDate, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import label, mark, segments
from ui.theme import font, glyph_pixmap

DAY = np.timedelta64(1, "D")
ROOMY = 580
"""Logical pixels from which the strip has room for its title and its line."""


class TimeLine(QWidget):
    """Years as ticks, deliveries as diamonds above the groove, a handle on a day."""

    def __init__(self, desk: Desk, changed: object) -> None:
        super().__init__()
        self.desk = desk
        self.low, self.high = np.datetime64("2015-01-01"), np.datetime64("2026-01-01")
        self.day = self.high
        self.marks: list[np.datetime64] = []
        self._changed = changed
        self.setFixedHeight(40)
        self.setMinimumWidth(160)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(desk.say("as_of.title"))

    def _x(self, day: np.datetime64) -> float:
        whole = max((self.high - self.low) / DAY, 1.0)
        share = min(max((day - self.low) / DAY / whole, 0.0), 1.0)
        return 10 + share * (self.width() - 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove, ticks, marks and handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.desk.theme
        middle = 15.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line2))
        painter.drawRoundedRect(QRectF(10, middle - 2, self.width() - 20, 4), 2, 2)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(10, middle - 2, self._x(self.day) - 10, 4), 2, 2)
        self._years(painter, middle)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.t2))
        for day in self.marks:
            x = self._x(day)
            painter.drawPolygon(
                [QPointF(x, 2), QPointF(x + 3.5, 5.5), QPointF(x, 9), QPointF(x - 3.5, 5.5)]
            )
        painter.setBrush(QColor(theme.t1))
        painter.setPen(QColor(theme.accent if self.hasFocus() else theme.panel))
        painter.drawEllipse(QPointF(self._x(self.day), middle), 8, 8)
        painter.end()

    def _years(self, painter: QPainter, middle: float) -> None:
        first, last = int(str(self.low)[:4]), int(str(self.high)[:4])
        room = (self.width() - 20) / max(last - first + 1, 1)
        step = next((s for s in (1, 2, 5, 10, 20, 50) if room * s >= 42), 100)
        painter.setFont(font(11))
        for year in range(first + (-first) % step, last + 1, step):
            x = self._x(np.datetime64(f"{year:04d}-01-01"))
            if not 24 <= x <= self.width() - 24:
                continue
            painter.setPen(QColor(self.desk.theme.t3))
            painter.drawLine(QPointF(x, middle + 5), QPointF(x, middle + 8))
            painter.drawText(
                QRectF(x - 24, middle + 9, 48, 15), Qt.AlignmentFlag.AlignCenter, str(year)
            )

    def _move_to(self, x: float) -> None:
        share = min(max((x - 10) / max(self.width() - 20, 1), 0.0), 1.0)
        days = round(share * float((self.high - self.low) / DAY))
        self.choose(self.low + days * DAY)

    def choose(self, day: np.datetime64) -> None:
        """Put the handle on a day and tell."""
        self.day = min(max(day, self.low), self.high)
        self.update()
        self._changed(self.day)  # type: ignore[operator]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the handle."""
        self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step a month, Page keys ten, Home and End go to the ends."""
        steps = {
            Qt.Key.Key_Left: -30, Qt.Key.Key_Right: 30, Qt.Key.Key_PageDown: -300,
            Qt.Key.Key_PageUp: 300, Qt.Key.Key_Home: -400_000, Qt.Key.Key_End: 400_000,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.choose(self.day + step * DAY)


class AsOfStrip(Panel):
    """Two axes (real world, our records), the line, an exact date and "Today"."""

    watches = frozenset({Aspect.INSTANTS, Aspect.LAYERS, Aspect.FEATURES})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(46)
        self.axis = "as_of"
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 12, 2)
        row.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(glyph_pixmap("as_of", desk.theme.t2, 16))
        sign.setToolTip(desk.say("as_of.tip"))
        row.addWidget(sign)
        self.title = label(desk.say("as_of.title"), "t2")
        row.addWidget(self.title)
        axes = segments(
            [("as_of", desk.say("as_of.real")), ("known_at", desk.say("as_of.records"))],
            self.axis,
            self._turn,
        )
        joined = QHBoxLayout()
        joined.setSpacing(0)
        for button in axes:
            joined.addWidget(button)
        row.addLayout(joined)
        self.line = TimeLine(desk, self._moved)
        row.addWidget(self.line, 1)
        self.date = self._date_field()
        row.addWidget(self.date)
        today = QPushButton(desk.say("passport.today"))
        today.clicked.connect(self._today)
        row.addWidget(today)
        row.addStretch(0)
        self._quiet = False
        self.refresh(self.watches)

    def _date_field(self) -> QDateEdit:
        desk, made = self.desk, QDateEdit()
        made.setCalendarPopup(True)
        made.setDisplayFormat("yyyy-MM-dd" if desk.words.language == "zh" else "d MMM yyyy")
        made.setAccessibleName(desk.say("as_of.date"))
        made.setFixedWidth(124)
        mark(desk, "date", made)
        made.dateChanged.connect(self._typed)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the line where it would be too short to point at a date; the field remains."""
        self.title.setVisible(event.size().width() >= ROOMY)
        self.line.setVisible(event.size().width() >= ROOMY)
        super().resizeEvent(event)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the instants and the deliveries again."""
        session = self.desk.session
        today = session.at.astype("datetime64[D]")
        dates = _deliveries(self.desk)
        self.line.marks = dates
        earliest = min(dates, default=today - 3650 * DAY)
        self.line.low = min(max(earliest, today - 20_000 * DAY), today - 365 * DAY) - 180 * DAY
        self.line.high = today
        chosen = session.as_of if self.axis == "as_of" else session.known_at
        day = today if chosen is None else chosen.astype("datetime64[D]")
        self.line.day = day
        self.line.update()
        self._quiet = True
        self.date.setDate(QDate.fromString(str(day), "yyyy-MM-dd"))
        self._quiet = False
        past = session.as_of is not None or session.known_at is not None
        if self.property("past") != past:
            self.setProperty("past", past)
            self.style().polish(self)

    def _turn(self, axis: str) -> None:
        self.axis = axis
        self.refresh(self.watches)

    def _moved(self, day: np.datetime64) -> None:
        today = self.desk.session.at.astype("datetime64[D]")
        instant = None if day >= today else day.astype("datetime64[ms]")
        self._set(instant)

    def _set(self, instant: np.datetime64 | None) -> None:
        session = self.desk.session
        if self.axis == "as_of":
            session.set_instants(at=session.at, as_of=instant, known_at=session.known_at)
        else:
            session.set_instants(at=session.at, as_of=session.as_of, known_at=instant)

    def _typed(self, date: QDate) -> None:
        if not self._quiet:
            self._moved(np.datetime64(date.toString("yyyy-MM-dd")))

    def _today(self) -> None:
        self._set(None)


def _deliveries(desk: Desk) -> list[np.datetime64]:
    found: set[np.datetime64] = set()
    for dataset in desk.session.twin.records["datasets"].values():
        for delivery in dataset.deliveries:
            when = delivery.reference_date or delivery.received
            if when is not None and not np.isnat(when):
                found.add(when.astype("datetime64[D]"))
    for layer in desk.session.twin.layers.values():
        seen = layer.observations
        mine = (seen.row == -1) & ~np.isnat(seen.t_lo)
        found |= {x.astype("datetime64[D]") for x in seen.t_lo[mine][:20]}
    return sorted(x for x in found if x > np.datetime64("1950-01-01"))[-40:]
