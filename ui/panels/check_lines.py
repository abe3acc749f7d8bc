"""The rules of a check as lines: each rule, below it what it asks, with the outcome over all models."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from twin.checking import ALL, Part, split
from twin.checks.report import CheckReport, Demand, Phrase, Rule
from twin.scene import LayerId
from twin.style import RESULTS
from ui.desk import Desk
from ui.panels.glyphs import paint_shares
from ui.panels.tree_view import INDENT, ROW, Index, Line, TreeModel
from ui.theme import Theme, font, glyph_pixmap

BAR = 64
WIDE = 520
"""Width from which there is room for bars beside the words."""
FILL = RESULTS["_check"]
STATES = ("failed", "passed", "none")

Checked = Sequence[tuple[LayerId, CheckReport]]


@dataclass(frozen=True, slots=True)
class Sum:
    """The outcome of a part of the rules over all models."""

    state: str
    passed: int
    failed: int

    @property
    def whole(self) -> int:
        """Return how many objects were asked."""
        return self.passed + self.failed


def summed(checked: Checked, part: Part) -> Sum:
    """Return the outcome of a part of the rules."""
    passed = failed = 0
    states: set[str] = set()
    for _, report in checked:
        good, bad = split(report, part)
        passed, failed = passed + len(good), failed + len(bad)
        states.add(_state(report, part))
    state = next((x for x in STATES if x in states), "none")
    return Sum(state, passed, failed)


def _state(report: CheckReport, part: Part) -> str:
    if part.rule < 0:
        return report.status
    rule = report.results[part.rule]
    if part.demand < 0:
        return rule.status
    return rule.demands[part.demand].status if part.demand < len(rule.demands) else "none"


class CheckModel(TreeModel):
    """The lines that are open. ``only_failed`` leaves out what passed or does not apply."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.checked: Checked = ()
        self.only_failed = False
        self.opened: set[int] = set()
        self.chosen: Part = ALL
        self.parts: list[Part] = []
        self._sums: dict[Part, Sum] = {}
        self.note_width = 0
        """Pixels of the widest outcome, so that all bars end at one place."""

    def show(self, checked: Checked) -> None:
        """Show the results of models by the same rules."""
        self.beginResetModel()
        self.checked = checked
        self._sums = {}
        self.parts = list(self._listed())
        metrics = QFontMetrics(font())
        notes = [self.note(part) for part in self.parts]
        self.note_width = max((metrics.horizontalAdvance(x) for x in notes), default=0)
        self.endResetModel()

    def _listed(self) -> Iterator[Part]:
        if not self.checked:
            return
        yield ALL
        for number, rule in enumerate(self.checked[0][1].results):
            if self.only_failed and self.sum(Part(number)).state != "failed":
                continue
            yield Part(number)
            if number in self.opened:
                for place in range(len(rule.demands)):
                    if not self.only_failed or self.sum(Part(number, place)).failed:
                        yield Part(number, place)

    def sum(self, part: Part) -> Sum:
        """Return the outcome of a part, counted once."""
        if part not in self._sums:
            self._sums[part] = summed(self.checked, part)
        return self._sums[part]

    def rule(self, part: Part) -> Rule | None:
        """Return the rule of a part, as the first model has it."""
        return self.checked[0][1].results[part.rule] if self.checked and part.rule >= 0 else None

    def demand(self, part: Part) -> Demand | None:
        """Return the requirement of a part."""
        rule = self.rule(part)
        return rule.demands[part.demand] if rule is not None and part.demand >= 0 else None

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.parts)

    def toggle(self, position: int) -> None:
        """Open or close a rule."""
        self.opened ^= {self.parts[position].rule}
        self.show(self.checked)

    def line(self, position: int) -> Line:
        """Return a line; ``icon`` is its state."""
        part = self.parts[position]
        found = self.sum(part)
        text = self.words(part)
        rule = self.rule(part)
        return Line(
            text,
            0 if part == ALL else 1 if part.demand < 0 else 2,
            part.demand < 0 and rule is not None and bool(rule.demands),
            part.rule in self.opened,
            icon=found.state,
            note=self.note(part),
            counts={"passed": found.passed, "failed": found.failed} if found.whole else None,
            selected=part == self.chosen,
            tip=f"{text}\n{self.note(part)}",
        )

    def words(self, part: Part) -> str:
        """Return the words of a line."""
        language = self.desk.words.language
        rule, demand = self.rule(part), self.demand(part)
        if demand is not None:
            return demand.words.said(language)
        return rule.said(language) if rule is not None else self.checked[0][1].said(language)

    def note(self, part: Part) -> str:
        """Return the outcome in words, with its numbers."""
        found, say, count = self.sum(part), self.desk.say, self.desk.words.count
        if part == ALL:
            return say("checks.rules", **self.totals())
        if found.state == "none":
            return say("checks.none")
        if not found.whole:
            return say(f"checks.{found.state}")
        key = "checks.failed_of" if found.failed else "checks.passed_of"
        return say(key, failed=count(found.failed), whole=count(found.whole))

    def totals(self) -> dict[str, str]:
        """Return how many rules failed, passed and do not apply."""
        rules = range(len(self.checked[0][1].results)) if self.checked else ()
        states = [self.sum(Part(number)).state for number in rules]
        return {state: self.desk.words.count(states.count(state)) for state in STATES}

    def why(self, part: Part) -> Phrase | None:
        """Return what no object can be blamed for."""
        rules = [report.results[part.rule] for _, report in self.checked if part.rule >= 0]
        return next((rule.why for rule in rules if rule.why is not None), None)


class CheckDelegate(QStyledItemDelegate):
    """Paints chevron, state glyph, words, bar and numbers of a line."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one line."""
        model = index.model()
        assert isinstance(model, CheckModel)
        line = model.line(index.row())
        box: QRect = option.rect
        state = option.state
        if line.selected:
            painter.fillRect(box, QColor(self.theme.selection))
        elif state & type(state).State_MouseOver:
            painter.fillRect(box, QColor(self.theme.hover))
        x = box.left() + 8 + INDENT * line.depth
        if line.expandable:
            name = "chevron_down" if line.expanded else "chevron_right"
            painter.drawPixmap(x, box.top() + 6, glyph_pixmap(name, self.theme.t3, 13))
        paint_state(painter, QPointF(x + 18, box.top() + 6.5), line.icon, self.theme)
        right = self._numbers(painter, box, line, model.note_width)
        painter.setFont(font(bold=line.depth == 0))
        painter.setPen(QColor(self.theme.t1))
        room = QRect(x + 38, box.top(), max(right - x - 46, 10), ROW)
        text = QFontMetrics(painter.font()).elidedText(
            line.text, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _numbers(self, painter: QPainter, box: QRect, line: Line, width: int) -> int:
        """Paint the outcome at the right; return where it begins."""
        painter.setFont(font())
        failed = line.icon == "failed"
        painter.setPen(QColor(self.theme.t1 if failed else self.theme.t2))
        right = box.right() - 10
        room = QRect(right - width, box.top(), width + 2, ROW)
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(room, side, line.note)
        right -= width + 10
        if line.counts is not None and box.width() >= WIDE:
            right -= BAR
            bar = QRectF(right, box.top() + 10, BAR, 5)
            paint_shares(painter, bar, check_parts(line.counts), self.theme)
            right -= 8
        return right


def check_parts(counts: object) -> list[tuple[str, str, float]]:
    """Return the parts of a bar: what passed first, what failed last."""
    assert isinstance(counts, dict)
    return [(*FILL[name], float(counts[name])) for name in ("passed", "failed")]


def paint_state(painter: QPainter, at: QPointF, state: str, theme: Theme) -> None:
    """Paint a result's glyph, 12 pixels: a disc with a tick, a square with a cross, a bare ring."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at)
    if state == "none":
        painter.setPen(QColor(theme.t3))
        painter.drawEllipse(QRectF(1.5, 1.5, 9, 9))
        painter.drawLine(QPointF(4, 6), QPointF(8, 6))
        painter.restore()
        return
    painter.setPen(QColor(theme.glyph_edge))
    painter.setBrush(QColor(FILL[state][0]))
    if state == "passed":
        painter.drawEllipse(QRectF(0.5, 0.5, 11, 11))
        strokes = ((3.2, 6.2, 5.2, 8.2), (5.2, 8.2, 8.8, 3.9))
    else:
        painter.drawRect(QRectF(0.5, 0.5, 11, 11))
        strokes = ((3.5, 3.5, 8.5, 8.5), (8.5, 3.5, 3.5, 8.5))
    pen = painter.pen()
    pen.setColor(QColor("#FFFFFF"))
    pen.setWidthF(1.6)
    painter.setPen(pen)
    for x1, y1, x2, y2 in strokes:
        painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))
    painter.restore()
