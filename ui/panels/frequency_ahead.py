"""The next five years of a class: the chart, and the table of custodians or districts beside each other."""

import math
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from twin.jobs import Job, Outcome
from twin.maintenance.frequency import Assumption, Step
from twin.maintenance.frequency.report import money, percent, step_words
from twin.planning.outlook import GROUPINGS, PRESENT, Part, Question, outlook
from ui.desk import Desk
from ui.panels.frequency_course import CourseChart, Line
from ui.panels.frequency_curve import MISSED, OTHER, SURVEYS
from ui.panels.frequency_tables import SmallTable
from ui.panels.frequency_words import say
from ui.panels.parts import copy_text, icon_button, label, segments
from ui.saving import save_table

CHOSEN, YEARLY, NEVER = "chosen", "yearly", "never"
COLUMNS = ("group", "objects", "now", "present", "then", "spent", "saved")
"""Name, objects, fresh now, fresh on average by the present policy and by the chosen interval, money of either."""


class Ahead(QWidget):
    """What was asked last is reckoned on a job, one at a time; the class as a whole stands first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.group = GROUPINGS[0]
        self.parts: tuple[Part, ...] = ()
        self.part = 0
        self.asked: tuple[str, Assumption, Step, str] | None = None
        self.job: Job | None = None
        self._due = False
        self.chart = CourseChart(desk)
        self.hint = label("", "t3", 11, wrap=True)
        self.table = SmallTable(
            desk,
            say(desk, "ahead.title"),
            [say(desk, f"ahead.{x}") for x in COLUMNS],
            7,
            1,
            (2, 1, 5, 6),
        )
        self.table.on_choose = self._choose
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._heading())
        column.addWidget(self.chart)
        column.addWidget(self.hint)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.ways = segments(
            [(x, say(desk, f"ahead.by_{x}")) for x in GROUPINGS], self.group, self.by
        )
        for button in self.ways:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.table)

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label(say(self.desk, "ahead.title"), "t2", bold=True))
        row.addStretch(1)
        for icon, key, do in (("copy", "copy", self.copy), ("export", "save", self.save)):
            button = icon_button(self.desk, icon, say(self.desk, f"panel.{key}"))
            button.clicked.connect(do)
            row.addWidget(button)
        return row

    def ask(self, key: str, assumed: Assumption, step: Step, currency: str) -> None:
        """Look ahead for a class under an interval, as soon as nothing else is being reckoned."""
        asked = (key, assumed, step, currency)
        if self.asked is not None and self.asked[0] != key:
            self.part = 0
        self.asked, self._due = asked, True

    def by(self, group: str) -> None:
        """Tell custodians or districts apart."""
        self.group, self.part, self._due = group, 0, True

    def go_on(self) -> None:
        """Begin what is asked for; called every tick."""
        if not self._due or self.job is not None or self.asked is None:
            return
        self._due = False
        key, assumed, step, _ = self.asked
        session = self.desk.session
        scenarios = {CHOSEN: step.years, YEARLY: 1.0, NEVER: math.inf}
        question = Question(key, assumed, session.at, scenarios, self.group, CHOSEN)
        layers = tuple(session.twin.layers.values())
        work = partial(outlook, layers, session.rules, question)
        title = say(self.desk, "ahead.title")
        self.job = session.jobs.submit(work, self._came, title=title, quiet=True)

    def _came(self, outcome: Outcome) -> None:
        self.job = None
        if not isValid(self):
            return
        if outcome.error is not None:
            self.hint.setText(self.desk.error_text(outcome.error))
            return
        self.parts = outcome.value
        self.part = min(self.part, len(self.parts) - 1)
        self._show()

    def _choose(self, number: int) -> None:
        self.part = number
        self._draw()

    def _show(self) -> None:
        assert self.asked is not None
        language = self.desk.words.language
        lines = []
        for part in self.parts:
            present, chosen = part.courses[PRESENT], part.courses[CHOSEN]
            lines.append(
                (
                    self._name(part), self.desk.words.count(part.objects), percent(float(present.fresh[0])),
                    percent(present.mean_fresh), percent(chosen.mean_fresh),
                    money(float(present.spent[-1]), language), money(float(chosen.spent[-1]), language),
                )
            )  # fmt: skip
        self.table.show_lines(lines, self.part)
        self._draw()

    def _name(self, part: Part) -> str:
        if part.whole:
            return say(self.desk, "ahead.whole")
        nobody = "nobody" if self.group == GROUPINGS[0] else "not_stated"
        return part.name or self.desk.say(nobody)

    def _draw(self) -> None:
        assert self.asked is not None
        _, _, step, currency = self.asked
        part, language = self.parts[self.part], self.desk.words.language
        accent = self.desk.theme.accent
        lines = {
            NEVER: Line(say(self.desk, "ahead.line_never"), OTHER, dashed=True),
            YEARLY: Line(step_words("P1Y", language), SURVEYS, dashed=True),
            PRESENT: Line(say(self.desk, "ahead.line_present"), MISSED),
            CHOSEN: Line(step_words(step.duration, language), accent),
        }
        if step.duration == "P1Y":
            del lines[YEARLY]
        if math.isinf(step.years):
            del lines[NEVER]
        self.chart.show_courses(part.courses, lines, currency)
        self.hint.setText(
            say(
                self.desk, "ahead.hint", part=self._name(part), fresh=percent(part.courses[CHOSEN].mean_fresh),
                before=percent(part.courses[PRESENT].mean_fresh),
                spent=money(float(part.courses[CHOSEN].spent[-1]), language, currency),
                paid=money(float(part.courses[PRESENT].spent[-1]), language, currency),
            )
        )  # fmt: skip

    def lines(self) -> list[list[object]]:
        """Return the table, head first, with exact numbers."""
        found: list[list[object]] = [[say(self.desk, f"ahead.{x}") for x in COLUMNS]]
        for part in self.parts:
            present, chosen = part.courses[PRESENT], part.courses[CHOSEN]
            found.append(
                [
                    self._name(part), part.objects, round(float(present.fresh[0]), 6), round(present.mean_fresh, 6),
                    round(chosen.mean_fresh, 6), round(float(present.spent[-1]), 2), round(float(chosen.spent[-1]), 2),
                ]
            )  # fmt: skip
        return found

    def copy(self) -> None:
        """Copy the table."""
        if self.parts:
            copy_text("\n".join("\t".join(map(str, row)) for row in self.lines()))
            self.desk.tell(say(self.desk, "panel.copied", count=len(self.parts)), "info")

    def save(self) -> None:
        """Write the table as CSV or XLSX."""
        if self.parts:
            save_table(self.desk, self, say(self.desk, "ahead.title"), self.lines())
