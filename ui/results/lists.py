"""The lists of scenarios and of results, one over the other: what is seen, what was found, what no longer holds."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.results import Result
from twin.analyses.scenarios import Scenario, ScenarioEdit
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, label, line, offer
from ui.panels.tree_view import ROW, Line, TreeModel, TreeView
from ui.results.words import clock, icon_of, reasons, scenario_title
from ui.wording import MINUS

ICON_OF_EDIT = {"hide": "hidden", "replace": "compare", "move": "place", "block": "building"}


class ScenarioModel(TreeModel):
    """As it stands, then a line a scenario; the seen one shows its edits below it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.lines: list[tuple[Scenario | None, ScenarioEdit | None]] = []
        self.open: set[str] = set()

    def rebuild(self) -> None:
        """Read the twin again."""
        self.beginResetModel()
        self.lines = [(None, None)]
        for scenario in self.desk.session.twin.records["scenarios"].values():
            self.lines.append((scenario, None))
            if scenario.id in self.open:
                self.lines += [(scenario, edit) for edit in scenario.edits]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def line(self, position: int) -> Line:
        """Return what is painted."""
        scenario, edit = self.lines[position]
        seen = self.desk.session.twin.scenario
        if scenario is None:
            note = self.desk.say("scenarios.base")
            title = scenario_title(self.desk, "")
            return Line(title, icon="city", note=note, selected=seen == "", eye=False)
        if edit is not None:
            return Line(
                edit_title(self.desk, edit), depth=1, icon=ICON_OF_EDIT[edit.kind],
                note=edit_note(self.desk, edit), eye=False, tail=True,
            )  # fmt: skip
        come, go = scenario.balance
        note = f"+{come} {MINUS}{go}" if come or go else self.desk.say("scenarios.unchanged")
        return Line(
            scenario.title, icon="bim", note=note, selected=scenario.id == seen, eye=False,
            expandable=bool(scenario.edits), expanded=scenario.id in self.open,
        )  # fmt: skip

    def toggle(self, position: int) -> None:
        """Show or hide the edits of a scenario."""
        scenario, edit = self.lines[position]
        if scenario is not None and edit is None:
            self.open ^= {scenario.id}
            self.rebuild()


def edit_title(desk: Desk, edit: ScenarioEdit) -> str:
    """Return an edit in words."""
    if edit.kind == "block":
        return edit.title or desk.say("scenarios.a_block", id=edit.id)
    return desk.say(f"scenarios.edit_{edit.kind}", count=desk.words.count(len(edit.objects)))


def edit_note(desk: Desk, edit: ScenarioEdit) -> str:
    """Return the measure of an edit: height, way."""
    if edit.kind == "block":
        return f"{desk.words.metres(edit.height, 1)} m"
    if edit.kind == "move":
        x, y, z = edit.shift
        return f"{desk.words.metres((x * x + y * y + z * z) ** 0.5, 1)} m"
    return ""


def head(desk: Desk, title: str, tools: list[QToolButton]) -> QWidget:
    """Return the head of a list: its title and its buttons."""
    made = QWidget()
    made.setFixedHeight(30)
    row = QHBoxLayout(made)
    row.setContentsMargins(12, 0, 8, 0)
    row.addWidget(label(title, bold=True), 1)
    for tool in tools:
        row.addWidget(tool)
    return made


class ScenariosPanel(Panel):
    """The list of scenarios; a click sees one."""

    watches = frozenset({Aspect.SCENARIOS, Aspect.PROJECT})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = ScenarioModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("scenarios.title"))
        self.view.on_click = self._click
        self.view.on_double = self._double
        self.view.on_menu = self._offer
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        self.refresh(self.watches)

    def tools(self) -> list[QWidget]:
        """Return what stands in the title bar: draw a block, begin a scenario."""
        desk = self.desk
        add = icon_button(desk, "add", desk.say("action.scenarios.add"))
        add.clicked.connect(lambda: desk.act("scenarios.add"))
        block = icon_button(desk, "building", desk.say("action.tool.block"))
        block.clicked.connect(lambda: desk.act("tool.block"))
        return [block, add]

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again; the seen scenario is open."""
        seen = self.desk.session.twin.scenario
        if seen:
            self.model.open.add(seen)
        self.model.rebuild()

    def _click(self, position: int, _held: object) -> None:
        scenario, edit = self.model.lines[position]
        if edit is None:
            key = "" if scenario is None else scenario.id
            if key != self.desk.session.twin.scenario:
                self.desk.run("scenarios.show", id=key)
        else:
            self.desk.act("scenarios.choose", edit)

    def _double(self, position: int) -> None:
        scenario, edit = self.model.lines[position]
        if edit is not None and scenario is not None:
            self.desk.act("scenarios.fly", edit)
        elif scenario is not None:
            self._rename(scenario)

    def _offer(self, position: int, point: QPoint) -> None:
        self.menu_of(position).exec(point)

    def menu_of(self, position: int) -> QMenu:
        """Return what can be done with a line."""
        menu, say, run = QMenu(self), self.desk.say, self.desk.run
        scenario, edit = self.model.lines[position]
        if scenario is None:
            offer(menu, say("action.scenarios.add"), lambda: self.desk.act("scenarios.add"))
        elif edit is not None:
            offer(menu, say("scenarios.fly"), partial(self.desk.act, "scenarios.fly", edit))
            if edit.kind == "block":
                offer(menu, say("scenarios.height"), partial(self._height, scenario, edit))
                offer(menu, say("scenarios.rename"), partial(self._name_edit, scenario, edit))
            drop = partial(run, "scenarios.drop", edit=edit.id, id=scenario.id)
            offer(menu, say("scenarios.drop"), drop)
        else:
            offer(menu, say("scenarios.rename"), partial(self._rename, scenario))
            offer(menu, say("scenarios.copy"), partial(self._copy, scenario))
            against = partial(self.desk.act, "scenarios.compare", scenario.id)
            offer(menu, say("scenarios.compare"), against)
            offer(menu, say("scenarios.remove"), partial(self._remove, scenario))
        return menu

    def _ask(self, key: str, text: str) -> str:
        asked = self.desk.say(key)
        answer, sure = QInputDialog.getText(self, asked, asked, text=text)
        return answer.strip() if sure else ""

    def _rename(self, scenario: Scenario) -> None:
        title = self._ask("scenarios.rename", scenario.title)
        if title:
            self.desk.run("scenarios.rename", id=scenario.id, title=title)

    def _copy(self, scenario: Scenario) -> None:
        title = self.desk.say("scenarios.copied", title=scenario.title)
        self.desk.run("scenarios.copy", id=scenario.id, title=title)

    def _remove(self, scenario: Scenario) -> None:
        if self.desk.run("scenarios.remove", id=scenario.id):
            self.desk.tell(self.desk.say("scenarios.removed", title=scenario.title), "undo")

    def _height(self, scenario: Scenario, edit: ScenarioEdit) -> None:
        text = self._ask("scenarios.height", f"{edit.height:g}")
        if text:
            self.desk.run(
                "scenarios.change", edit=edit.id, what="height", value=text, id=scenario.id
            )

    def _name_edit(self, scenario: Scenario, edit: ScenarioEdit) -> None:
        title = self._ask("scenarios.rename", edit.title)
        if title:
            self.desk.run(
                "scenarios.change", edit=edit.id, what="title", value=title, id=scenario.id
            )


class ResultModel(TreeModel):
    """A line a result, the newest first; one that no longer holds says so."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.results: list[Result] = []
        self.amber: set[str] = set()

    def rebuild(self) -> None:
        """Read the session again."""
        self.beginResetModel()
        session = self.desk.session
        found = list(session.results().values())
        found.sort(key=lambda one: str(one.stamp.made), reverse=True)
        self.results = found
        self.amber = {one.id for one in found if session.changed_inputs(one)}
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of results."""
        return 0 if parent is not None and parent.isValid() else len(self.results)

    def line(self, position: int) -> Line:
        """Return what is painted for a result."""
        one = self.results[position]
        amber = one.id in self.amber
        note = self.desk.say("results.rerun") if amber else clock(one)
        icon = "evidence" if amber else icon_of(one.analysis)
        selected = one.id == self.desk.result
        return Line(
            one.title, icon=icon, note=note, selected=selected, eye=False, tail=True, caution=amber
        )

    def toggle(self, position: int) -> None:
        """Nothing opens."""


class ResultsPanel(Panel):
    """The list of results; below it why one no longer holds."""

    watches = frozenset(
        {Aspect.RESULTS, Aspect.LAYERS, Aspect.FEATURES, Aspect.VISIBILITY, Aspect.SCENARIOS,
         Aspect.DISPLAY, Aspect.PROJECT}
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.on_count: Callable[[int], None] = lambda count: None
        self.model = ResultModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("results.title"))
        self.view.on_click = lambda position, _held: self._act("results.open", position)
        self.view.on_double = lambda position: self._act("results.open", position)
        self.view.on_menu = self._offer
        self.view.setMinimumHeight(ROW)
        add = icon_button(desk, "add", desk.say("action.analyse.new"))
        add.clicked.connect(lambda: desk.act("analyse.new"))
        self.empty = label(desk.say("results.none"), "t3", wrap=True)
        self.empty.setContentsMargins(12, 4, 12, 8)
        self.note, self.why = self._make_note()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head(desk, desk.say("results.title"), [add]))
        column.addWidget(self.empty)
        column.addWidget(self.view, 1)
        column.addWidget(self.note)
        self.rest = QWidget()
        column.addWidget(self.rest, 1)
        self.files = -1
        self.refresh(self.watches)

    def _make_note(self) -> tuple[QWidget, QLabel]:
        holder = QWidget()
        around = QVBoxLayout(holder)
        around.setContentsMargins(10, 4, 10, 10)
        note = QFrame()
        note.setObjectName("note")
        note.setProperty("kind", "caution")
        around.addWidget(note)
        why = label("", "t2", wrap=True)
        again = QToolButton()
        again.setProperty("kind", "link")
        again.setText(self.desk.say("results.again"))
        again.clicked.connect(self._again)
        inside = QVBoxLayout(note)
        inside.setContentsMargins(10, 8, 10, 6)
        inside.addWidget(why)
        inside.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)
        return holder, why

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the session again."""
        self.model.rebuild()
        there = bool(self.model.results)
        for part, seen in ((self.view, there), (self.empty, not there), (self.rest, not there)):
            part.setVisible(seen)
        amber = self._amber()
        self.note.setVisible(amber is not None)
        if amber is not None:
            told = reasons(self.desk, self.desk.session.changed_inputs(amber))
            text = self.desk.say("results.amber", title=amber.title, why=told)
            self.why.setText(text)
            self._keep_note_whole()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the note whole: the list gives way."""
        super().resizeEvent(event)
        self._keep_note_whole()

    def _keep_note_whole(self) -> None:
        """Give the note the height that its words take at this width."""
        wide = self.width() - 42
        high = max(self.why.heightForWidth(wide), 0) if wide > 0 else 0
        if high != self.why.minimumHeight():
            self.why.setMinimumHeight(high)

    def pass_time(self, now: float) -> None:
        """Look again when a file was read by a worker."""
        news = self.desk.session.standing.files.news
        if news != self.files:
            self.files = news
            self.refresh(self.watches)

    def _amber(self) -> Result | None:
        """Return the result whose note is shown: the open one, else the first that no longer holds."""
        found = [one for one in self.model.results if one.id in self.model.amber]
        return next(
            (one for one in found if one.id == self.desk.result), found[0] if found else None
        )

    def _again(self) -> None:
        amber = self._amber()
        if amber is not None:
            self.desk.act("results.again", amber.id)

    def _act(self, name: str, position: int) -> None:
        self.desk.act(name, self.model.results[position].id)

    def _offer(self, position: int, point: QPoint) -> None:
        self.menu_of(position).exec(point)

    def menu_of(self, position: int) -> QMenu:
        """Return what can be done with a result."""
        menu, say = QMenu(self), self.desk.say
        one = self.model.results[position]
        for name in ("open", "again", "export"):
            offer(menu, say(f"results.{name}"), partial(self.desk.act, f"results.{name}", one.id))
        if one.id not in self.desk.session.twin.records["results"]:
            offer(menu, say("results.keep"), partial(self.desk.act, "results.keep", one.id))
        else:
            offer(menu, say("results.rename"), partial(self._rename, one))
        offer(menu, say("results.remove"), partial(self.desk.act, "results.remove", one.id))
        return menu

    def _rename(self, one: Result) -> None:
        asked = self.desk.say("results.rename")
        title, sure = QInputDialog.getText(self, asked, asked, text=one.title)
        if sure and title.strip():
            self.desk.run("results.rename", id=one.id, title=title)


class StudyPanel(QWidget):
    """Scenarios over results, as a planner's left dock has them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.scenarios, self.results = ScenariosPanel(desk), ResultsPanel(desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.scenarios, 1)
        column.addWidget(line())
        column.addWidget(self.results, 1)

    def tools(self) -> list[QWidget]:
        """Return what stands in the title bar."""
        return self.scenarios.tools()
