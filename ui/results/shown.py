"""A result in the view: its marks in the scene, its values as colours of objects, and the legend of both."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from twin.analyses.findings import SEEN, Findings, Marks, Values
from twin.analyses.results import Result
from twin.analyses.wording import counted, titled
from twin.geometry import Rows
from twin.scenery import RAMP, ROLES, classes, ramp_of, scale_of
from twin.shown import with_parts
from ui.city_view import CityView
from ui.desk import Desk
from ui.results.words import number
from ui.theme import font
from ui.viewport.overlays import paint_plate

WIDTH, PAD, LINE, BAR = 232, 12, 20, 10
LIMITED = "excess"
"""The value of which only the sign counts: over a limit or not."""
KEPT = (207, 227, 220)
"""The colour of what keeps to a limit."""


@dataclass
class Ramp:
    """A ramp of the legend: what it shows, of how many, and the values at its ends."""

    title: str
    low: str
    high: str
    count: str = ""
    name: str = ""


@dataclass
class Key:
    """What the legend says: ramps, and things of one colour with how many there are: (words, colour, count)."""

    ramps: list[Ramp] = field(default_factory=list)
    plain: list[tuple[str, str, str]] = field(default_factory=list)


class ShownResult:
    """At most one result is in the view."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.result: Result | None = None
        self.key = Key()
        painters = view.canvas.paintings
        for old in [x for x in painters if isinstance(getattr(x, "__self__", None), ShownResult)]:
            painters.remove(old)
        painters.append(self.paint)

    def show(self, result: Result | None, findings: Findings | None = None) -> None:
        """Show a result; None shows none."""
        session = self.desk.session
        was = self.result
        self.result = result
        self.key = Key()
        marks: tuple[Marks, ...] = ()
        if result is None or findings is None:
            if was is not None:
                session.tint({})
        else:
            marks = findings.marks
            self._tint(findings.values)
            self._name(marks)
        session.scenery.show(marks)
        self.view.canvas.update()

    def _tint(self, values: Sequence[Values]) -> None:
        """Colour objects by the first values; those of other names are left to the tables."""
        if not values:
            self.desk.session.tint({})
            return
        changed = (x.name for x in values if x.name.endswith(":change") and x.numbers.any())
        name = next(changed, values[0].name)
        some = [one for one in values if one.name == name]
        if name == LIMITED:
            self._limits(some)
            return
        every = np.concatenate([one.numbers for one in some])
        scale, ramp = scale_of(every, None), ramp_of(name)
        if name.endswith(":change"):
            most = max(map(abs, scale))
            scale = (-most, most)
        unit = some[0].unit
        words = self.desk.words.catalogue
        known = int(np.isfinite(every).sum())
        self.key.ramps.append(Ramp(
            titled("value", name, words), number(self.desk, scale[0], unit),
            number(self.desk, scale[1], unit), self._count(known), name,
        ))  # fmt: skip
        tints: dict[str, list[tuple[Rows, tuple[int, int, int]]]] = {}
        for one in some:
            layer = self.desk.session.twin.layers.get(one.layer)
            if layer is None:
                continue
            number_of = classes(one.numbers, scale)
            tints[one.layer] = [
                (with_parts(layer.features, one.rows[number_of == k]), tuple(ramp[k].tolist()))
                for k in range(len(RAMP))
                if (number_of == k).any()
            ]
        self.desk.session.tint(tints)

    def _count(self, number_: int) -> str:
        """Return so many objects in words."""
        words = self.desk.words
        return counted((("object", number_),), words.catalogue, words.count)

    def _limits(self, some: Sequence[Values]) -> None:
        """Colour what rises over a limit amber and what keeps to it pale: nothing between says anything."""
        tints: dict[str, list[tuple[Rows, tuple[int, int, int]]]] = {}
        for one in some:
            layer = self.desk.session.twin.layers.get(one.layer)
            if layer is not None:
                over = one.numbers > SEEN
                tints[one.layer] = [
                    (with_parts(layer.features, one.rows[mine]), color)
                    for mine, color in ((~over, KEPT), (over, ROLES["bad"]))
                    if mine.any()
                ]
        self.desk.session.tint(tints)
        above = sum(int((one.numbers > SEEN).sum()) for one in some)
        within = sum(len(one.numbers) for one in some) - above
        words = self.desk.words.catalogue
        for code, color, count in (("breaking", ROLES["bad"], above), ("within", KEPT, within)):
            title = titled("mark", code, words)
            self.key.plain.append((title, QColor(*color).name(), self._count(count)))

    def _name(self, marks: Sequence[Marks]) -> None:
        """Name the marks in the legend."""
        words = self.desk.words.catalogue
        for one in marks:
            title = titled("mark", one.name, words)
            if one.values is None:
                color = QColor(*ROLES.get(one.role, ROLES["plain"])).name()
                if all((title, color) != known[:2] for known in self.key.plain):
                    self.key.plain.append((title, color, ""))
            elif all(ramp.title != title for ramp in self.key.ramps):
                scale = scale_of(one.values, one.scale)
                low, high = (number(self.desk, x, one.unit) for x in scale)
                self.key.ramps.append(Ramp(title, low, high, name=one.name))

    # -- the legend ---------------------------------------------------------------------------

    def _area(self) -> QRectF:
        """Return where the legend stands: at the right, below what stands there already."""
        canvas = self.view.canvas
        high: float = PAD + LINE + (2 * LINE + BAR + 4) * len(self.key.ramps)
        high += LINE * len(self.key.plain) + PAD / 2
        left = canvas.width() - WIDTH - 16
        column = QRectF(left, 0, WIDTH, canvas.height())
        top = 16.0
        for plate in sorted(canvas.plates, key=lambda one: one.top()):
            if plate.intersects(column) and plate.top() <= top + high and plate.bottom() > top:
                top = plate.bottom() + 8
        return QRectF(left, top, WIDTH, high)

    def paint(self, painter: QPainter) -> None:
        """Paint which scenario is seen, and the legend."""
        self._paint_scenario(painter)
        result = self.result
        if result is None or not (self.key.ramps or self.key.plain):
            return
        theme, area = self.desk.theme, self._area()
        if area.bottom() > self.view.canvas.height() - 60:
            return
        paint_plate(painter, area, theme)
        painter.setFont(font(12, bold=True))
        painter.setPen(QColor(theme.t1))
        x, wide = area.left() + PAD, WIDTH - 2 * PAD
        row = QRectF(x, area.top() + PAD / 2, wide, LINE)
        title = painter.fontMetrics().elidedText(
            result.title, Qt.TextElideMode.ElideRight, int(wide)
        )
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(font(11))
        for ramp in self.key.ramps:
            row = self._ramp(painter, row, ramp)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for words, color, count in self.key.plain:
            row.translate(0, LINE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
            painter.drawRect(QRectF(x, row.top() + 5, 10, 10))
            painter.setPen(QColor(theme.t2))
            painter.drawText(row.adjusted(16, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
            painter.setPen(QColor(theme.t3))
            painter.drawText(row, right, count)

    def _paint_scenario(self, painter: QPainter) -> None:
        """Say which scenario is seen, on a plate at the left."""
        scenario = self.desk.session.scenery.scenario
        if scenario is None:
            return
        words = self.desk.words.catalogue
        stands = words.text("result.as_it_stands")
        text = self.desk.say("scenarios.plate", after=scenario.title, before=stands)
        painter.setFont(font(12, bold=True))
        most = self.view.canvas.width() - WIDTH - 60
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(most))
        wide = painter.fontMetrics().horizontalAdvance(shown) + 24
        left = [x for x in self.view.canvas.plates if x.left() < 40 and x.top() < 60]
        top = max((plate.bottom() + 8 for plate in left), default=16.0)
        plate = QRectF(16, top, wide, 28)
        paint_plate(painter, plate, self.desk.theme)
        painter.setPen(QColor(self.desk.theme.t1))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)

    def _ramp(self, painter: QPainter, row: QRectF, ramp: Ramp) -> QRectF:
        """Paint the ramp with its ends; return the row it ends in."""
        theme = self.desk.theme
        row = row.translated(0, LINE)
        painter.setPen(QColor(theme.t2))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, ramp.title)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(QColor(theme.t3))
        painter.drawText(row, right, ramp.count)
        row = row.translated(0, LINE - 2)
        step = row.width() / len(RAMP)
        for k, color in enumerate(ramp_of(ramp.name).tolist()):
            painter.fillRect(
                QRectF(row.left() + k * step, row.top() + 4, step, BAR), QColor(*color)
            )
        row = row.translated(0, BAR + 4)
        painter.setPen(QColor(theme.t2))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, ramp.low)
        painter.drawText(row, right, ramp.high)
        return row
