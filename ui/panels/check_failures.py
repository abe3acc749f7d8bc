"""The objects that fail a part of the rules, as a table model: which, of what class, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt

from twin.checking import Part
from twin.checks.exports.json import failures
from twin.checks.report import Checked as Thing
from twin.checks.report import CheckReport, Phrase
from twin.scene import LayerId
from ui.desk import Desk
from ui.panels.check_lines import Checked
from ui.panels.tree_view import Index

COLUMNS = ("object", "class", "reason")


@dataclass(frozen=True, slots=True)
class Failure:
    """One object that fails, with all its reasons; ``rows`` are those of the table that show it: its own,
    those of the objects of a type, none."""

    layer: LayerId
    thing: Thing
    reasons: tuple[Phrase, ...]
    rows: tuple[int, ...] = ()


class FailureModel(QAbstractTableModel):
    """The failures of the chosen part that hold the searched words."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.every: list[Failure] = []
        self.found: list[Failure] = []
        self.wanted = ""

    def show(self, checked: Checked, part: Part) -> None:
        """Show the failures of a part of the rules."""
        self.every = [one for key, report in checked for one in self._of(key, report, part)]
        self.filter(self.wanted)

    def _of(self, key: LayerId, report: CheckReport, part: Part) -> Iterator[Failure]:
        layer = self.desk.session.twin.layers.get(key)
        known = {} if layer is None else layer.features.rows_by_id
        for thing, reasons in _blamed(report, part).items():
            ids = (thing.id, *thing.shown)
            rows = tuple(known[one] for one in ids if one in known)
            yield Failure(key, thing, tuple(reasons), rows)

    def filter(self, text: str) -> None:
        """Keep what holds all words."""
        self.beginResetModel()
        self.wanted = text
        words = text.lower().split()
        self.found = [x for x in self.every if all(w in self._text(x) for w in words)]
        self.endResetModel()

    def _text(self, one: Failure) -> str:
        cells = (one.thing.id, one.thing.kind, *(self.value(one, name) for name in COLUMNS))
        return " ".join(cells).lower()

    def value(self, one: Failure, name: str) -> str:
        """Return the words of a cell."""
        if name == "object":
            return one.thing.name or one.thing.id
        if name == "class":
            return self.desk.kind(one.thing.kind)
        language = self.desk.words.language
        return "; ".join(dict.fromkeys(why.said(language) for why in one.reasons))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.found)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's head."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.desk.say(f"checks.{COLUMNS[section]}")
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell; the tooltip has the id too."""
        one, name = self.found[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            unseen = "" if one.rows else f"\n{self.desk.say('checks.unseen')}"
            return f"{self.value(one, name)}\n{one.thing.id}{unseen}"
        return self.value(one, name) if role == Qt.ItemDataRole.DisplayRole else None


def _blamed(report: CheckReport, part: Part) -> dict[Thing, list[Phrase]]:
    found: dict[Thing, list[Phrase]] = {}
    rules = report.results if part.rule < 0 else report.results[part.rule : part.rule + 1]
    for rule in rules:
        demands = rule.demands if part.demand < 0 else rule.demands[part.demand : part.demand + 1]
        for demand in demands:
            for thing, why in failures(demand, report):
                found.setdefault(thing, []).append(why)
        if rule.usage == "prohibited" and rule.why is not None and part.demand < 0:
            for number in rule.failed:
                found.setdefault(report.objects[number], []).append(rule.why)
    return found
