"""The page of one result: the answer in words, key numbers, tables, the trust stamp; run again, export, keep."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.findings import Findings
from twin.analyses.results import Result
from twin.analyses.wording import titled
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, invitation, label, line
from ui.results.stamp_note import StampNote, rows_named
from ui.results.table import SheetTable
from ui.results.words import figure_rows, headline, reasons, subtitle


class ResultPage(Panel):
    """Shows the result ``desk.result``."""

    watches = frozenset(
        {Aspect.RESULTS, Aspect.LAYERS, Aspect.FEATURES, Aspect.VISIBILITY, Aspect.SCENARIOS,
         Aspect.DISPLAY, Aspect.PROJECT}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.on_title: Callable[[str], None] = lambda words: None
        self.stamp = StampNote(desk)
        self.amber, self.why = self._make_amber()
        self.body = QVBoxLayout()
        self.shown: tuple[object, ...] = ()
        self.tables: list[SheetTable] = []
        self.empty = invitation(desk, desk.say("results.empty"), "analyse.new")
        self.page = QWidget()
        self.stack = QStackedLayout(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.page)
        column = QVBoxLayout(self.page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scroll(), 1)
        column.addWidget(line())
        column.addLayout(self._foot())
        self.refresh(self.watches)

    def _scroll(self) -> QScrollArea:
        inside = QWidget()
        inside.setObjectName("panel")
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(14, 14, 14, 14)
        self.body.setSpacing(8)
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        return scroll

    def _foot(self) -> QHBoxLayout:
        say = self.desk.say
        self.again = QPushButton(say("results.again"))
        self.again.setProperty("primary", True)
        self.again.clicked.connect(lambda: self.desk.act("results.again", self.desk.result))
        self.export = QPushButton(say("results.export"))
        self.export.clicked.connect(lambda: self.desk.act("results.export", self.desk.result))
        self.keep = QPushButton(say("results.keep"))
        self.keep.clicked.connect(lambda: self.desk.act("results.keep", self.desk.result))
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.setSpacing(8)
        for button in (self.again, self.export, self.keep):
            foot.addWidget(button)
        foot.addStretch(1)
        return foot

    def _make_amber(self) -> tuple[QFrame, QWidget]:
        note = QFrame()
        note.setObjectName("note")
        note.setProperty("kind", "caution")
        why = label("", "t1", wrap=True)
        again = QToolButton()
        again.setProperty("kind", "link")
        again.setText(self.desk.say("results.again"))
        again.clicked.connect(lambda: self.desk.act("results.again", self.desk.result))
        column = QVBoxLayout(note)
        column.setContentsMargins(12, 8, 12, 6)
        column.addWidget(why)
        column.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)
        return note, why

    # -- showing ------------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the result again; its parts are built anew only when it is another one."""
        session = self.desk.session
        result = session.results().get(self.desk.result)
        self.stack.setCurrentWidget(self.empty if result is None else self.page)
        if result is None:
            self.shown = ()
            return
        kept = result.id in session.twin.records["results"]
        shown = (id(result), self.desk.words.language, self.desk.theme.name)
        if shown != self.shown:
            self.shown = shown
            self._build(result)
        changed = session.changed_inputs(result)
        self.amber.setVisible(bool(changed))
        self.why.setText(reasons(self.desk, changed))  # type: ignore[attr-defined]
        self.keep.setVisible(not kept)
        running = any(one.question.key == result.id for one in session.inquiries)
        self.again.setEnabled(not running)

    def _build(self, result: Result) -> None:
        while self.body.count():
            item = self.body.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None and widget not in (self.stamp, self.amber):
                widget.deleteLater()
        self.tables = []
        self.on_title(self.desk.words.catalogue.text(f"analysis.{result.analysis}"))
        try:
            findings = result.answer(self.desk.session.tables(result))
        except ValueError as error:
            self.body.addWidget(label(str(error), "stale", wrap=True))
            return
        self.body.addWidget(
            label(headline(self.desk, result, findings), pixels=17, bold=True, wrap=True)
        )
        self.body.addWidget(label(subtitle(self.desk, result), "t2", wrap=True))
        self.body.addWidget(self.amber)
        self.body.addWidget(self._figures(findings))
        for sheet in (sheet for sheet in findings.sheets if sheet.rows):
            self.body.addWidget(
                self._sheet_head(titled("sheet", sheet.name, self.desk.words.catalogue))
            )
            table = SheetTable(self.desk, sheet)
            table.on_choose = self._choose
            table.on_fly = lambda: self.desk.act("view.fit")
            self.tables.append(table)
            self.body.addWidget(table)
        for code in findings.notes:
            words = titled("note", code, self.desk.words.catalogue)
            self.body.addWidget(label(words, "t3", 11, wrap=True))
        self.stamp.show_result(result)
        self.body.addWidget(self.stamp)
        self.body.addStretch(1)

    def _figures(self, findings: Findings) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (title, value) in enumerate(figure_rows(self.desk, findings)):
            grid.addWidget(label(title, "t2"), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = label(value, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, row, 1)
        return made

    def _sheet_head(self, title: str) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 8, 0, 0)
        row.addWidget(label(title, bold=True), 1)
        number = len(self.tables)
        copy = icon_button(self.desk, "copy", self.desk.say("results.copy"))
        copy.clicked.connect(lambda: self.tables[number].copy())
        row.addWidget(copy)
        return made

    def _choose(self, objects: list[tuple[str, str]]) -> None:
        rows = rows_named(self.desk, objects)
        if rows:
            self.desk.choose(rows)
