"""Before a policy takes an interval: what changes in it, and how the counts of the city would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from twin.jobs import Outcome
from twin.maintenance.rules import Rules
from twin.maintenance.what_if import SHOWN, Difference
from twin.previewing import Preview, preview_work
from twin.records import Policy
from ui.desk import Desk
from ui.panels.frequency_tables import SmallTable
from ui.panels.frequency_words import say
from ui.panels.glyphs import status_icon
from ui.panels.parts import label, line
from ui.wording import DASH, MINUS

FEW = 2
"""Policies up to which each change has lines of its own."""


class UseDialog(QDialog):
    """Lines of what changes, a table of statuses now and then, and the button that does it.

    ``rules`` are those that would hold; ``on_use`` is called when a person agrees.
    """

    def __init__(
        self, desk: Desk, parent: QWidget, changes: Sequence[Sequence[str]], rules: Rules
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.on_use: Callable[[], None] = lambda: None
        self.setWindowTitle(say(desk, "use.title"))
        self.setMinimumWidth(440)
        self.shown: Preview | None = None
        head = [say(desk, f"use.{x}") for x in ("status", "now", "then", "change")]
        self.table = SmallTable(desk, say(desk, "use.counts"), head, most=len(SHOWN))
        self.table.setIconSize(QSize(12, 12))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        self._tell(column, changes)
        self.note = label(say(desk, "use.reckoning"), "t2", 11, wrap=True)
        column.addWidget(self.table)
        column.addWidget(self.note)
        column.addStretch(1)
        column.addWidget(line())
        column.addLayout(self._foot())
        session = desk.session
        asked = session.at, session.as_of, session.known_at
        work = preview_work(session.intake, rules, asked)
        session.jobs.submit(work, self._came, title=say(desk, "use.title"))
        self.use.setFocus()

    def _tell(self, column: QVBoxLayout, changes: Sequence[Sequence[str]]) -> None:
        """Say what changes: (policy, interval now, interval then) each; many of them in a table."""
        if len(changes) <= FEW:
            for policy, before, after in changes:
                column.addWidget(label(policy, bold=True, wrap=True))
                column.addWidget(label(f"{before} → {after}" if before else after, wrap=True))
            return
        head = [say(self.desk, f"use.{x}") for x in ("policy", "before", "after")]
        table = SmallTable(self.desk, say(self.desk, "use.title"), head, most=8)
        table.show_lines(changes)
        column.addWidget(table)
        self.setMinimumWidth(560)

    def _foot(self) -> QHBoxLayout:
        self.use = QPushButton(say(self.desk, "use.use"))
        self.use.setProperty("primary", True)
        self.use.clicked.connect(self._agreed)
        close = QPushButton(self.desk.say("cancel"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self.use)
        foot.addWidget(close)
        foot.addStretch(1)
        return foot

    def _agreed(self) -> None:
        self.on_use()
        self.accept()

    def _came(self, outcome: Outcome) -> None:
        if not isValid(self):
            return
        if outcome.error is not None:
            self.note.setText(self.desk.error_text(outcome.error))
            return
        self.shown = outcome.value
        self._show(outcome.value.total)
        self.note.setText(say(self.desk, "use.undo"))

    def _show(self, total: Difference) -> None:
        words = self.desk.words
        lines, keys = [], []
        for key, before, after in zip(
            SHOWN, total.before.tolist(), total.after.tolist(), strict=True
        ):
            if before or after:
                keys.append(key)
                change = _signed(after - before, words.count)
                lines.append((words.status(key), words.count(before), words.count(after), change))
        self.table.show_lines(lines)
        for row, key in enumerate(keys):
            self.table.cell(row, 0).setIcon(status_icon(key, self.desk.theme))


def _signed(number: int, count: Callable[[float], str]) -> str:
    if not number:
        return DASH
    return ("+" if number > 0 else MINUS) + count(abs(number))


def changed_rules(rules: Rules, policies: Mapping[str, Policy]) -> Rules:
    """Return rules with policies in the place of those of the same ids; new ones are added."""
    kept = {policy.id: policy for policy in rules.policies} | dict(policies)
    return replace(rules, policies=tuple(kept.values()))
