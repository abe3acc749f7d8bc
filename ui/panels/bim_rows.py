"""The ranked buildings as a table: tick, name, bar of parts with whiskers, score, cost. Virtual: no widget a row."""

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from twin.maintenance.bim.answers import Answer
from twin.maintenance.bim.method import PARTS
from ui.bim_question import BimQuestion
from ui.desk import Desk
from ui.panels.glyphs import paint_swatch
from ui.theme import Theme, font
from ui.wording import DASH

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("tick", "building", "parts", "score", "cost")
RIGHT = ("score", "cost")
RANKED, COLLECT = "ranked", "collect"
PART_COLORS = ("#1F5F8B", "#4C97C6", "#8CC3DC", "#C9A227", "#8A5A1C", "#8A949E")
"""The parts of a score, in the order of ``PARTS``: a set of their own, apart from the states of freshness."""
BOX = 14
MANY = 200
"""Lines that are looked at for how wide a score is."""


class BimModel(QAbstractTableModel):
    """Rows by falling score; ``mode`` ranked leaves out those whose data must be collected first, collect shows them."""

    def __init__(self, question: BimQuestion) -> None:
        super().__init__()
        self.question, self.desk = question, question.desk
        self.found: Answer | None = None
        self.mode = self.wanted = RANKED
        self.intervals = False
        """Whether scores are intervals, which need more room."""
        self.rows: list[int] = []
        self.chosen: frozenset[int] = frozenset()
        self.stands: dict[int, str] = {}

    def show(self, found: Answer | None, stands: dict[int, str], mode: str | None = None) -> None:
        """Show another answer; ``stands`` row -> must or never, where a person said so."""
        self.beginResetModel()
        self.found, self.stands = found, stands
        self.wanted = self.wanted if mode is None else mode
        self.mode = self.wanted
        self.rows, self.chosen = [], frozenset()
        if found is not None:
            self.chosen = frozenset(found.choice.chosen.rows)
            ranking = found.scores.ranking()
            aside = np.isin(ranking, found.choice.collect)
            if aside.all():  # nothing is ranked: what is missing is the answer
                self.mode = COLLECT
            self.rows = ranking[aside if self.mode == COLLECT else ~aside].tolist()
            wide = (found.scores.high - found.scores.low)[self.rows[:MANY]] > 0.05
            self.intervals = bool(wide.any())
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of buildings."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's head."""
        name = COLUMNS[section] if orientation == Qt.Orientation.Horizontal else ""
        if role == Qt.ItemDataRole.TextAlignmentRole and name in RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or name in ("", "tick"):
            return None
        if name == "cost":
            return self.unit
        return self.desk.say(f"bim.{name}")

    @property
    def unit(self) -> str:
        """Return the unit of costs: thousands of the currency."""
        return f"k{self.found.method.currency}" if self.found is not None else "k"

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell."""
        roles = Qt.ItemDataRole
        name = COLUMNS[index.column()]
        if role == roles.CheckStateRole and name == "tick":
            chosen = self.rows[index.row()] in self.chosen
            return Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        if role in (roles.DisplayRole, roles.AccessibleTextRole):
            return self.cell(index.row(), name)
        if role == roles.ToolTipRole:
            return self.told(index.row())
        return None

    def cell(self, line: int, name: str) -> str:
        """Return the words of a cell."""
        found, row = self.found, self.rows[line]
        if found is None or name == "tick":
            return ""
        if name == "building":  # all are buildings: the class is not said in every line
            return self.question.name(row)
        if name == "cost":
            cost = found.found["cost"][row]
            return self.desk.words.count(np.ceil(cost)) if np.isfinite(cost) else DASH
        low, high = float(found.scores.low[row]), float(found.scores.high[row])
        return f"{low:.1f}" if high - low < 0.05 else f"{low:.1f}{DASH}{high:.1f}"

    def told(self, line: int) -> str:
        """Return everything about a building: parts, what is missing, rules with their sources."""
        found, row = self.found, self.rows[line]
        if found is None:
            return ""
        words = self.desk.words.catalogue
        lines = [self.question.title(row)]
        for place, part in enumerate(PARTS):
            points = found.scores.points[row, place]
            value = f"{points:.1f}" if np.isfinite(points) else "?"
            most = 100 * found.scores.weights[place]
            lines.append(f"{words.text(f'bim.part.{part}')}: {value} / {most:.0f}")
        if found.guessed[row]:
            lines.append(self.desk.say("bim.cost_by_rule"))
        for rule in found.rules.of(row):
            force = words.text(f"bim.force.{rule.force}")
            lines.append(f"{rule.pack}, {force}: {rule.source}")
        if found.rules.of(row):
            lines.append(words.text("bim.check_circular"))
        return "\n".join(lines)


class BimCells(QStyledItemDelegate):
    """Paints the cells of the ranked buildings."""

    def __init__(self, desk: Desk, model: BimModel) -> None:
        super().__init__()
        self.desk, self.model = desk, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        found = self.model.found
        if found is None:
            return
        theme, box = self.desk.theme, QRect(option.rect)
        row = self.model.rows[index.row()]
        chosen = row in self.model.chosen
        state = option.state
        if chosen:
            painter.fillRect(box, QColor(theme.selection))
        elif state & type(state).State_MouseOver:
            painter.fillRect(box, QColor(theme.hover))
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if state & type(state).State_Selected:
            self._frame(painter, box, index.column())
        name = COLUMNS[index.column()]
        if name == "tick":
            self._tick(painter, box, row, chosen=chosen)
        elif name == "parts":
            paint_bar(painter, box.adjusted(6, 0, -6, 0), found, row, theme)
        else:
            self._text(painter, box.adjusted(6, 0, -8, 0), index, row, chosen=chosen)

    def _frame(self, painter: QPainter, box: QRect, column: int) -> None:
        """Paint the lines round the selected row."""
        painter.setPen(QPen(QColor(self.desk.theme.accent), 1))
        painter.drawLine(box.topLeft(), box.topRight())
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if column == 0:
            painter.fillRect(
                QRect(box.left(), box.top(), 3, box.height()), QColor(self.desk.theme.accent)
            )

    def _tick(self, painter: QPainter, box: QRect, row: int, *, chosen: bool) -> None:
        theme, stand = self.desk.theme, self.model.stands.get(row, "")
        square = QRectF(box.left() + 10.5, box.center().y() - BOX / 2 + 0.5, BOX, BOX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent if chosen or stand else theme.line2), 1))
        painter.setBrush(QColor(theme.accent if chosen else theme.input))
        painter.drawRoundedRect(square, 3, 3)
        x, y = square.left(), square.top()
        if chosen:
            painter.setPen(QPen(QColor(theme.on_accent), 1.8))
            painter.drawPolyline(
                [QPointF(x + 3, y + 7.2), QPointF(x + 6, y + 10.2), QPointF(x + 11, y + 4)]
            )
        elif stand == "never":
            painter.setPen(QPen(QColor(theme.t2), 1.4))
            painter.drawLine(QPointF(x + 4, y + 4), QPointF(x + 10, y + 10))
            painter.drawLine(QPointF(x + 10, y + 4), QPointF(x + 4, y + 10))
        painter.restore()

    def _text(
        self, painter: QPainter, room: QRect, index: Index, row: int, *, chosen: bool
    ) -> None:
        found, theme = self.model.found, self.desk.theme
        assert found is not None
        name = COLUMNS[index.column()]
        faint = found.scores.high[row] < found.question.min_score and not chosen
        guessed = name == "cost" and bool(found.guessed[row])
        painter.setFont(font(bold=chosen and name == "building"))
        painter.setPen(QColor(theme.t3 if faint or guessed else theme.t1))
        text = self.model.cell(index.row(), name)
        if name in RIGHT:
            painter.drawText(
                room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text
            )
            return
        said = self._said(row)
        metrics = painter.fontMetrics()
        wide = metrics.horizontalAdvance(said) + 8 if said else 0
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room.width() - wide, 24))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        if said:
            painter.setFont(font(11))
            painter.setPen(QColor(theme.t3))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(room, right, said)

    def _said(self, row: int) -> str:
        """Return why a building stands where it does, where the score does not decide."""
        found = self.model.found
        stand = self.model.stands.get(row, "")
        if stand:
            return self.desk.say(f"bim.stand_{stand}")
        if found is not None and found.rules.must[row]:
            return next(rule.pack for rule in found.rules.of(row) if rule.force == "must")
        return ""


def paint_bar(painter: QPainter, room: QRect, found: Answer, row: int, theme: Theme) -> None:
    """Paint the parts of a score side by side, what is not known hatched, the lowest score dashed, whiskers."""
    left, wide, middle = float(room.left()), float(room.width()), room.center().y() + 0.5
    scale = wide / 100.0
    low, high = float(found.scores.low[row]), float(found.scores.high[row])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setOpacity(0.45 if high < found.question.min_score and not found.forced[row] else 1.0)
    x = left
    for points, color in zip(found.scores.points[row], PART_COLORS, strict=True):
        if np.isfinite(points) and points > 0:
            painter.fillRect(QRectF(x, middle - 4, points * scale, 8), QColor(color))
            x += points * scale
    if high - low > 0.05:
        paint_swatch(
            painter, QRectF(x, middle - 3.5, (high - low) * scale, 7), theme.raised, "hatch", theme
        )
    painter.setOpacity(1.0)
    dashed = QPen(QColor(theme.t1), 1, Qt.PenStyle.CustomDashLine)
    dashed.setDashPattern([2, 2])
    painter.setPen(dashed)
    at = round(left + found.question.min_score * scale) + 0.5
    painter.drawLine(QPointF(at, room.top() + 4), QPointF(at, room.bottom() - 4))
    if found.trust is not None:
        painter.setPen(QPen(QColor(theme.t1), 1))
        ends = [left + float(x[row]) * scale for x in (found.trust.low, found.trust.high)]
        painter.drawLine(QPointF(ends[0], middle), QPointF(ends[1], middle))
        for end in ends:
            painter.drawLine(QPointF(end, middle - 3), QPointF(end, middle + 3))
    painter.restore()
