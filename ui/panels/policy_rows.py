"""The rules in the order in which they are tried, as a table model: what each matches, asks and governs."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from twin.errors import UsageError
from twin.maintenance.policy import FIELDS, Rule, ready
from twin.maintenance.rule_checks import pairs_of
from twin.maintenance.why import Candidate
from twin.records import Policy
from ui.desk import Desk
from ui.panels.object_rows import own_units
from ui.wording import DASH

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("order", "id", "title", "match", "interval", "governs")
RIGHT = frozenset({"order", "governs"})
EVERYWHERE = QModelIndex()


class PolicyModel(QAbstractTableModel):
    """The policies best first. ``why`` are the candidates of the selected object, by policy id."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rules: tuple[Rule, ...] = ()
        self.governs: dict[str, int] = {}
        self.pairs: dict[str, str] = {}
        self.why: dict[str, Candidate] = {}

    def show(self) -> None:
        """Read policies and verdicts again."""
        session = self.desk.session
        self.beginResetModel()
        policies = tuple(session.twin.records["policies"].values())
        try:
            self.rules = ready(policies, session.rules.choices.default_duration)
        except UsageError:
            self.rules = ()
        self.pairs = pairs_of(policies)
        self.governs = self._governs()
        self.endResetModel()

    def _governs(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for layer in self.desk.session.twin.layers.values():
            verdict = layer.assessment
            if not layer.visible or len(verdict) != len(layer.features):
                continue
            rule = verdict.rule[own_units(layer)]
            tally = np.bincount(rule[rule >= 0], minlength=len(verdict.rules))
            for key, n in zip(verdict.rules, tally.tolist(), strict=False):
                found[key] = found.get(key, 0) + n
        return found

    def explain(self, why: dict[str, Candidate]) -> None:
        """Mark the rule that governs the selected object, and which fields of the others fit."""
        self.why = why
        if self.rules:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self.rules) - 1, len(COLUMNS) - 1)
            )

    def policy(self, position: int) -> Policy:
        """Return the policy of a line."""
        return self.rules[position].policy

    def position_of(self, key: str) -> int:
        """Return the line of a policy, -1 when there is none."""
        ids = [rule.policy.id for rule in self.rules]
        return ids.index(key) if key in ids else -1

    def rowCount(self, parent: Index = EVERYWHERE) -> int:
        """Return how many rules there are."""
        return 0 if parent.isValid() else len(self.rules)

    def columnCount(self, parent: Index = EVERYWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the word above a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.desk.say(f"policies.column.{COLUMNS[section]}")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell, and what a tooltip says of it."""
        name = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(index.row())
        return None

    def cell(self, position: int, name: str) -> str:
        """Return the text of a cell."""
        rule = self.rules[position]
        policy = rule.policy
        if name == "order":
            return self.desk.words.count(position + 1)
        if name == "match":
            return " · ".join(text for text, _ in self.fields(position))
        if name == "interval":
            return interval_words(self.desk, rule)
        if name == "governs":
            return self.desk.words.count(self.governs.get(policy.id, 0))
        return policy.title or DASH if name == "title" else policy.id

    def fields(self, position: int) -> list[tuple[str, bool | None]]:
        """Return (words, whether it fits the selected object; None = nothing is asked) per named field."""
        policy = self.rules[position].policy
        why = self.why.get(policy.id)
        found: list[tuple[str, bool | None]] = []
        for name in FIELDS:
            pattern = getattr(policy, name)
            if pattern == "*":
                continue
            shown = pattern
            if name == "kind":
                shown = self.desk.say("policies.join").join(
                    self.desk.kind(part.strip()) for part in pattern.split("|")
                )
            text = self.desk.say(
                "policies.field", field=self.desk.say(f"policies.{name}"), value=shown
            )
            found.append((text, None if why is None else why.fits.get(name)))
        return found or [(self.desk.say("policies.everything"), None if why is None else True)]

    def tip(self, position: int) -> str:
        """Return what a tooltip says: what is wrong, and what the selected object has to do with it."""
        policy = self.rules[position].policy
        lines = [policy.title] if policy.title else []
        if policy.id in self.pairs:
            lines.append(self.desk.say("policies.pair", other=self.pairs[policy.id]))
        why = self.why.get(policy.id)
        if why is not None:
            key = "applies" if why.won else "beaten" if why.matches else "differs"
            lines.append(self.desk.say(f"policies.{key}"))
        return "\n".join(lines)

    def texts(self) -> Iterator[list[str]]:
        """Yield head and cells of every line, for files and the clipboard."""
        yield [self.desk.say(f"policies.column.{name}") for name in COLUMNS]
        for position in range(len(self.rules)):
            yield [self.cell(position, name) for name in COLUMNS]


def interval_words(desk: Desk, rule: Rule) -> str:
    """Return how often, in words and as a duration."""
    code, duration = rule.frequency.code, rule.duration
    words = desk.say(f"frequency.{code}")
    if not rule.frequency.by_age or duration is None:
        return words
    if code == "periodic":
        return str(duration)
    return desk.say("policies.by_age", words=words, duration=duration)
