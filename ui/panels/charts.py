"""Two painted charts beside the table: the age of the data, and the custodians' shares."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from twin.geometry import Rows
from twin.maintenance.breakdowns import BUCKETS
from twin.observations import STATUSES
from twin.scene import Layer
from twin.style import FRESHNESS
from ui.desk import Desk
from ui.panels.focus_ring import FocusRing
from ui.panels.glyphs import BAR_ORDER, freshness_parts, paint_shares
from ui.panels.object_rows import own_units, shown_status
from ui.theme import font

KEYS = (*STATUSES, "suspect")
Counts = NDArray[np.int64]


def age_table(layers: Iterable[Layer]) -> Counts:
    """Return i64(8 age classes, statuses): maintained units by age and what they show."""
    table = np.zeros((len(BUCKETS) + 2, len(KEYS)), np.int64)
    for layer in layers:
        verdict = layer.assessment
        units = own_units(layer)
        age = verdict.age_days[units]
        np.add.at(table, (_buckets(age), shown_status(verdict)[units]), 1)
    return table


def _buckets(age: NDArray[np.int32]) -> NDArray[np.intp]:
    bucket = np.searchsorted(BUCKETS, age, "left")
    bucket[age < 0] = len(BUCKETS) + 1
    return bucket


def of_age(layer: Layer, bucket: int) -> Rows:
    """Return the maintained units of a layer that are so old: an index into the age classes."""
    units = own_units(layer)
    found: Rows = units[_buckets(layer.assessment.age_days[units]) == bucket]
    return found


def by_custodian(layers: Iterable[Layer]) -> list[tuple[str, dict[str, int]]]:
    """Return (custodian, counts by status) by falling count of stale and suspect; '' = nobody."""
    found: dict[str, dict[str, int]] = {}
    for layer in layers:
        verdict = layer.assessment
        units = own_units(layer)
        codes = verdict.custodian[units]
        shown = shown_status(verdict)[units]
        for code in np.unique(codes):
            name = verdict.custodians[code] if code >= 0 else ""
            tally = np.bincount(shown[codes == code], minlength=len(KEYS))
            mine = found.setdefault(name, dict.fromkeys(KEYS, 0))
            for key, n in zip(KEYS, tally, strict=True):
                mine[key] += int(n)
    return sorted(found.items(), key=lambda item: -(item[1]["stale"] + item[1]["suspect"]))


def of_custodian(layer: Layer, name: str) -> Rows:
    """Return the maintained units of a layer for which a custodian answers; '' = nobody."""
    units, verdict = own_units(layer), layer.assessment
    codes = [code for code, known in enumerate(verdict.custodians) if known == name]
    wanted = np.isin(verdict.custodian[units], codes if name else [-1])
    found: Rows = units[wanted]
    return found


class AgeChart(QWidget):
    """Stacked columns: units by age of their effective date; one is chosen by a click or by the keyboard."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = np.zeros((len(BUCKETS) + 2, len(KEYS)), np.int64)
        self.on_choose: Callable[[int], None] = lambda bucket: None
        self.at = -1
        self.setMinimumHeight(88)
        FocusRing(self, desk.theme.accent)
        self.setAccessibleName(desk.say("chart.age"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the column under the pointer."""
        area = self._area()
        number = int((event.position().x() - area.left()) / area.width() * len(self.table))
        if event.position().x() >= area.left() and number < len(self.table):
            self.at = number
            self.on_choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from column to column with the arrows; Enter chooses."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self.at = (max(self.at, 0) + steps[key]) % len(self.table) if self.at >= 0 else 0
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.at >= 0:
            self.on_choose(self.at)
        else:
            super().keyPressEvent(event)

    def _area(self) -> QRectF:
        return QRectF(48, 8, self.width() - 56, self.height() - 32)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Count again and repaint."""
        self.table = age_table(layers)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axis, grid, columns and words."""
        painter = QPainter(self)
        theme = self.desk.theme
        area = self._area()
        top = _round_up(int(self.table.sum(axis=1).max(initial=1)))
        painter.setFont(font(11))
        for share in marks(top):
            y = area.bottom() - area.height() * share
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.t3))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRectF(0, y - 8, 40, 16), flags, self.desk.words.count(round(top * share))
            )
        step = area.width() / len(self.table)
        names = self.desk.say("chart.buckets").split("|")
        for number, (counts, name) in enumerate(zip(self.table, names, strict=True)):
            self._column(
                painter,
                QRectF(area.left() + number * step, area.top(), step, area.height()),
                counts,
                top,
            )
            if step < 46 and number % 2:
                continue
            painter.setFont(font(11))
            painter.setPen(QColor(theme.t2))
            spot = QRectF(area.left() + number * step - 16, area.bottom() + 4, step + 32, 16)
            painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, name)
        if self.hasFocus() and self.at >= 0:
            painter.setPen(QPen(QColor(theme.accent), 2))
            left = area.left() + self.at * step
            painter.drawRect(QRectF(left + 2, area.top(), step - 4, area.height()))
        painter.end()

    def _column(self, painter: QPainter, box: QRectF, counts: Counts, top: int) -> None:
        width = min(box.width() * 0.72, 44)
        y = box.bottom()
        left = box.center().x() - width / 2
        for key in BAR_ORDER:
            n = int(counts[KEYS.index(key)])
            if not n:
                continue
            height = max(box.height() * n / top, 1.5)
            piece = QRectF(left, y - height, width, height)
            if key == "unknown":
                paint_shares(painter, piece, [(FRESHNESS[key], "hatch", 1.0)], self.desk.theme)
            else:
                painter.fillRect(piece, QColor(FRESHNESS[key]))
            painter.fillRect(QRectF(left, y - height, width, 1), QColor(self.desk.theme.panel))
            y -= height


def marks(top: int) -> tuple[float, ...]:
    """Return the shares of the axis that are marked: whole numbers of objects only."""
    if top % 3 == 0:
        return (0.0, 1 / 3, 2 / 3, 1.0)
    return (0.0, 0.5, 1.0) if top % 2 == 0 else (0.0, 1.0)


def _round_up(n: int) -> int:
    power = 10 ** max(len(str(n)) - 1, 0)
    steps = (1, 2, 3, 4, 5, 6, 8, 10)
    return next(int(s * power) for s in steps if s * power >= n)


class CustodianBars(QWidget):
    """One bar a custodian, most pressing first; a click filters the table (``on_choose``)."""

    ROW = 18

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.found: list[tuple[str, dict[str, int]]] = []
        self.on_choose: Callable[[str], None] = lambda name: None
        self.setMinimumHeight(2 * self.ROW)
        self.setAccessibleName(desk.say("chart.custodians"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Count again and repaint."""
        self.found = by_custodian(layers)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name, bar and the count of stale and suspect units."""
        painter = QPainter(self)
        theme = self.desk.theme
        painter.setFont(font())
        metrics = QFontMetrics(font())
        names = self.width() * 36 // 100
        for number, (name, counts) in enumerate(self.found[: self.height() // self.ROW]):
            top = number * self.ROW
            painter.setPen(QColor(theme.t1 if name else theme.status_text["stale"]))
            text = metrics.elidedText(
                name or self.desk.say("nobody"), Qt.TextElideMode.ElideRight, names - 8
            )
            centre = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(0, top, names, self.ROW), centre, text)
            bar = QRectF(names, top + 6, self.width() - names - 48, 6)
            paint_shares(painter, bar, freshness_parts(counts), theme)
            painter.setPen(QColor(theme.t1))
            right = QRect(self.width() - 46, top, 46, self.ROW)
            late = self.desk.words.count(counts["stale"] + counts["suspect"])
            painter.drawText(right, centre | Qt.AlignmentFlag.AlignRight, late)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a custodian."""
        number = int(event.position().y()) // self.ROW
        if number < len(self.found):
            self.on_choose(self.found[number][0])
