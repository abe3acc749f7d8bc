"""What others do: published update cycles with their sources, to look at beside an answer."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from twin.maintenance.frequency.practice import PRACTICE
from twin.maintenance.frequency.report import step_words
from ui.desk import Desk
from ui.panels.frequency_tables import SmallTable
from ui.panels.frequency_words import say
from ui.panels.parts import copy_text, label

COLUMNS = ("rule", "source", "interval")


class PracticeDialog(QDialog):
    """A table of rules as they were published; none of them is a recommendation."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(say(desk, "panel.practice"))
        self.resize(1040, 560)
        head = [say(desk, f"practice_{x}") for x in COLUMNS]
        self.table = SmallTable(desk, say(desk, "panel.practice"), head, len(PRACTICE), 2)
        self.table.show_lines([self._cells(number) for number in range(len(PRACTICE))])
        copy = QPushButton(say(desk, "panel.copy"))
        copy.clicked.connect(self.copy)
        close = QPushButton(desk.say("close"))
        close.setProperty("primary", True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(close)
        foot.addWidget(copy)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addWidget(label(say(desk, "practice_hint"), "t2", wrap=True))
        column.addWidget(self.table)
        column.addStretch(1)
        column.addLayout(foot)

    def _cells(self, number: int) -> tuple[str, str, str]:
        row = PRACTICE[number]
        return (
            say(self.desk, f"practice.{row.id}"),
            f"{row.source} ({row.read_at})",
            self._interval(row.low, row.high),
        )

    def _interval(self, low: float, high: float) -> str:
        language = self.desk.words.language
        words = [
            step_words(f"P{x:.0f}Y" if x >= 1 else f"P{12 * x:.0f}M", language)
            for x in (low, high)
        ]
        return (
            words[0]
            if words[0] == words[1]
            else say(self.desk, "practice_between", low=words[0], high=words[1])
        )

    def copy(self) -> None:
        """Copy the table."""
        copy_text("\n".join("\t".join(self._cells(n)) for n in range(len(PRACTICE))))
