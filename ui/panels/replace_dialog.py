"""A model against the city object it would replace: outlines, heights, storeys, and the button that does it."""

import math
from collections.abc import Callable

import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from twin.agreement import Agreement
from twin.replacing import Thing, neighbours, replaced
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import label, line, mark
from ui.theme import font
from ui.wording import DASH

GOOD = 0.7
"""Overlap of outlines (intersection over union) from which the two are plainly one building."""
POOR = 0.3


class Plan(QWidget):
    """Both outlines from above, north up, with a scale."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.found: Agreement | None = None
        self.setFixedSize(300, 230)
        self.setAccessibleName(desk.say("replace.plan"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plan."""
        painter, theme = QPainter(self), self.desk.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.raised))
        if self.found is None:
            painter.setPen(QColor(theme.t2))
            words = self.desk.say("replace.measuring")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        else:
            self._outlines(painter, self.found)
        painter.end()

    def _outlines(self, painter: QPainter, found: Agreement) -> None:
        theme, shapes = self.desk.theme, (found.city.outline, found.model.outline)
        low_x, low_y, high_x, high_y = shapely.total_bounds(
            [shape for shape in shapes if not shape.is_empty]
        )
        if math.isnan(low_x):
            return
        step = min(
            (self.width() - 32) / max(high_x - low_x, 1e-3),
            (self.height() - 52) / max(high_y - low_y, 1e-3),
        )
        left = self.width() / 2 - (low_x + high_x) / 2 * step
        top = (self.height() - 20) / 2 + (low_y + high_y) / 2 * step
        for shape, ink, filled in zip(shapes, (theme.t2, theme.accent), (30, 90), strict=True):
            fill = QColor(ink)
            fill.setAlpha(filled)
            painter.setBrush(fill)
            painter.setPen(QPen(QColor(ink), 2))
            _polygons(painter, shape, lambda x, y: QPointF(left + x * step, top - y * step))
        _scale(painter, QRectF(self.rect()), step, theme.t1)


def _polygons(
    painter: QPainter, shape: BaseGeometry, spot: Callable[[float, float], QPointF]
) -> None:
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring).tolist()
            painter.drawPolygon(QPolygonF([spot(x, y) for x, y in corners]))


def _scale(painter: QPainter, area: QRectF, step: float, ink: str) -> None:
    """Paint a bar of a round length."""
    wanted = 80 / step
    power = 10 ** math.floor(math.log10(wanted))
    metres = max(m * power for m in (1, 2, 5) if m * power <= wanted)
    left, y = 16.0, area.height() - 14
    painter.setPen(QPen(QColor(ink), 2))
    painter.drawLine(QPointF(left, y), QPointF(left + metres * step, y))
    painter.setFont(font(11))
    painter.drawText(QPointF(left + metres * step + 8, y + 4), f"{metres:g} m")


class AgreementView(Panel):
    """Plan and table of one pair; follows the session's measurement."""

    watches = frozenset({Aspect.RESULTS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.plan = Plan(desk)
        self.words = label("", "t1", wrap=True)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(18)
        self.grid.setVerticalSpacing(6)
        column = QVBoxLayout()
        column.addWidget(self.words)
        column.addSpacing(6)
        column.addLayout(self.grid)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 12, 20, 12)
        row.setSpacing(18)
        row.addWidget(self.plan)
        row.addLayout(column, 1)
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show what was measured."""
        work = self.desk.session.agreement
        found = None if work is None else work.agreement
        self.plan.found = found
        self.plan.update()
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if found is None:
            error = None if work is None else work.error
            self.words.setText("" if error is None else self.desk.error_text(error))
            return
        key = "good" if found.iou >= GOOD else "fair" if found.iou >= POOR else "poor"
        share = self.desk.words.percent(found.iou, 1.0, 0)
        self.words.setText(self.desk.say(f"replace.{key}", share=share))
        self._fill(found)

    def _fill(self, found: Agreement) -> None:
        heads = ("", "replace.model", "replace.city", "replace.difference")
        for column, name in enumerate(heads):
            self._cell(0, column, self.desk.say(name) if name else "", "t3")
        lines = (
            ("area", found.model.area, found.city.area, "m²"),
            ("base", found.model.base, found.city.base, "m"),
            ("top", found.model.top, found.city.top, "m"),
            ("height", found.model.height, found.city.height, "m"),
        )
        for number, (name, model, city, unit) in enumerate(lines, 1):
            self._cell(number, 0, self.desk.say(f"replace.{name}"), "t2")
            for column, value in enumerate((model, city, model - city), 1):
                self._cell(number, column, self._number(value, unit, signed=column == 3), "t1")
        storeys = (found.model.storeys, found.city.storeys)
        project = self.desk.session.project
        system = self.desk.say("status_bar.no_datum")
        if project is not None and project.vertical:
            system = project.title
        self.words.setText(
            f"{self.words.text()} {self.desk.say('replace.heights', system=system)}"
        )
        self._cell(5, 0, self.desk.say("replace.storeys"), "t2")
        for column, count in enumerate(storeys, 1):
            self._cell(5, column, DASH if count is None else str(count), "t1")

    def _number(self, value: float, unit: str, *, signed: bool) -> str:
        if math.isnan(value):
            return DASH
        sign = "+" if signed and value > 0 else ""
        return f"{sign}{self.desk.words.metres(value, 2)} {unit}"

    def _cell(self, row: int, column: int, text: str, tone: str) -> None:
        made = label(text, tone)
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        self.grid.addWidget(made, row, column, side)


class ReplaceDialog(QDialog):
    """Chooses the city object, shows how well it fits, replaces it or shows it again."""

    def __init__(self, desk: Desk, parent: QWidget, model: Thing) -> None:
        super().__init__(parent)
        self.desk, self.model = desk, model
        twin = desk.session.twin
        self.setWindowTitle(desk.say("replace.title"))
        gone = replaced(twin, model)
        self.things = [*gone, *[x for x in neighbours(twin, model) if x not in gone]]
        self.choice = QComboBox()
        self.choice.setAccessibleName(desk.say("replace.city"))
        mark(desk, "chevron_down", self.choice)
        for thing in self.things:
            found = twin.object(thing.layer, thing.row)
            self.choice.addItem(
                f"{desk.title(found)} · {desk.kind(found.kind)} · {found.layer.title}"
            )
        self.choice.currentIndexChanged.connect(self._measure)
        head = QHBoxLayout()
        head.setContentsMargins(20, 16, 20, 0)
        head.addWidget(label(desk.title(twin.object(model.layer, model.row)), bold=True))
        head.addWidget(label("→", "t2"))
        head.addWidget(self.choice, 1)
        self.view = AgreementView(desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.view)
        kept = label(desk.say("replace.kept"), "t3", 11, wrap=True)
        kept.setContentsMargins(20, 0, 20, 10)
        column.addWidget(kept)
        column.addWidget(line())
        column.addLayout(self._foot(bool(gone)))
        self.setMinimumWidth(720)
        self.finished.connect(lambda _: desk.panels.remove(self.view))
        self._measure(0)

    def _foot(self, gone: bool) -> QHBoxLayout:
        say = self.desk.say
        self.go = QPushButton(say("replace.restore" if gone else "replace.do"))
        self.go.setProperty("primary", True)
        self.go.setEnabled(bool(self.things))
        self.go.clicked.connect(self._restore if gone else self._replace)
        cancel = QPushButton(say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(self.go)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    def _measure(self, number: int) -> None:
        if 0 <= number < len(self.things):
            self.desk.session.agree(self.model, self.things[number])
            self.view.refresh(self.view.watches)

    def _ids(self, thing: Thing) -> str:
        return str(self.desk.session.twin.layer(thing.layer).features.id[thing.row])

    def _replace(self) -> None:
        city = self.things[self.choice.currentIndex()]
        done = self.desk.run(
            "objects.replace", layer=city.layer, id=self._ids(city), by=self.model.layer,
            by_id=self._ids(self.model),
        )  # fmt: skip
        if done:
            self.desk.tell(self.desk.say("replace.done"), "undo")
            self.accept()

    def _restore(self) -> None:
        if self.desk.run("objects.restore", layer=self.model.layer, id=self._ids(self.model)):
            self.desk.tell(self.desk.say("replace.restored"), "undo")
            self.accept()
