"""Who answers, and why: the ladder of one object, or how the decisions of a cell of the board fell."""

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from twin.maintenance.why import Claim, Rung
from ui.desk import Desk
from ui.panels.parts import label

MOST = 8
"""Claims of one rung that are listed; there can be hundreds."""


class WhyPage(QScrollArea):
    """Lines of words, made anew for every question."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setObjectName("panel")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(desk.say("board.why"))
        self.words: list[str] = []
        self._begin("")

    def _begin(self, title: str) -> QVBoxLayout:
        page = QWidget()
        page.setObjectName("panel")
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(3)
        self.words = []
        if title:
            self._say(column, title, "t1", bold=True)
        self.setWidget(page)
        return column

    def _say(self, column: QVBoxLayout, text: str, tone: str, *, bold: bool = False) -> None:
        self.words.append(text)
        column.addWidget(label(text, tone, 12 if tone != "t3" else 11, bold=bold, wrap=True))

    def hint(self, text: str) -> None:
        """Say what can be asked."""
        column = self._begin("")
        self._say(column, text, "t3")
        column.addStretch(1)

    def show_cell(self, title: str, fallen: list[tuple[int, str, int]]) -> None:
        """Say how the decisions of many units fell: rung, custodian, how many."""
        column = self._begin(title)
        for rung, custodian, count in fallen[: 3 * MOST]:
            row = QHBoxLayout()
            name = custodian or self.desk.say("nobody")
            text = self.desk.say("board.fell", custodian=name, rung=self.desk.say(f"rung.{rung}"))
            self.words.append(text)
            row.addWidget(label(text, "t2" if custodian else "stale", wrap=True), 1)
            row.addWidget(label(self.desk.words.count(count), "t1"), 0, Qt.AlignmentFlag.AlignTop)
            column.addLayout(row)
        self._say(column, self.desk.say("board.one_hint"), "t3")
        column.addStretch(1)

    def show_object(self, title: str, rungs: tuple[Rung, ...]) -> None:
        """Say what each rung yields for one object, and which decides."""
        column = self._begin(title)
        decided = False
        for rung in rungs:
            name = self.desk.say(f"rung.{rung.number}")
            if rung.won:
                self._say(column, self.desk.say("board.decides", rung=name), "accent", bold=True)
            else:
                self._say(column, name, "t2" if rung.claims else "t3")
            for claim in rung.claims[:MOST]:
                first = claim is rung.claims[0] and rung.won
                self._say(column, f"    {self._claim(claim)}", "t1" if first else "t2")
            if not rung.claims:
                self._say(column, f"    {self.desk.say('board.yields_nobody')}", "t3")
            for mark in ("conflict", "straddle"):
                if getattr(rung, mark):
                    self._say(column, f"    {self.desk.say(f'board.said.{mark}')}", "stale")
            decided |= rung.won
        if not decided:
            self._say(column, self.desk.say("board.orphan"), "stale", bold=True)
        column.addStretch(1)

    def _claim(self, claim: Claim) -> str:
        parts = [claim.party]
        if not math.isnan(claim.share):
            parts.append(self.desk.words.percent(claim.share, 1.0, 0))
        if claim.priority:
            parts.append(self.desk.say("board.priority", number=claim.priority))
        if claim.via:
            parts.append(claim.via)
        if claim.contact:
            parts.append(self.desk.say("board.contact"))
        return " · ".join(parts)


def link(text: str) -> QToolButton:
    """Return a button that looks like a link."""
    made = QToolButton()
    made.setProperty("kind", "link")
    made.setText(text)
    return made
