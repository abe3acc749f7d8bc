"""What is done with analyses, results and scenarios by name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog

from twin.analyses.scenarios import ScenarioEdit
from twin.errors import NotSaved, TwinError
from twin.geometry import F64
from twin.result_files import Around, written
from ui.city_view import CityView
from ui.desk import Desk
from ui.results.ask_dialog import AskDialog
from ui.results.block_tool import BlockTool
from ui.results.pick_tool import Picked, PickTool
from ui.results.picture import write_picture
from ui.results.shown import ShownResult
from ui.results.stamp_note import rows_named

FILTERS = "XLSX (*.xlsx);;CSV (*.csv);;GeoPackage (*.gpkg);;JSON (*.json);;GeoJSON (*.geojson);;PNG (*.png)"


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def results_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions by action name."""
    return ResultHandlers(desk, shell.show_panel, view).table()


class ResultHandlers:
    """The functions behind the actions of results and scenarios."""

    def __init__(self, desk: Desk, show: Callable[[str], None], view: CityView) -> None:
        self.desk, self.show, self.view = desk, show, view
        self.shown = ShownResult(desk, view)
        self.asking: AskDialog | None = None
        self.picking: PickTool | None = None
        self.known: dict[str, int] = {key: id(x) for key, x in desk.session.results().items()}
        desk.session.answered = self._came

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return the functions by action name."""
        return {
            "analyse.new": self.ask,
            "panel.results": lambda: self.show("study"),
            "panel.scenarios": lambda: self.show("study"),
            "results.open": self.open,
            "results.again": self.again,
            "results.export": self.export,
            "results.keep": self.keep,
            "results.remove": self.remove,
            "results.close": self.close,
            "scenarios.add": self.add,
            "scenarios.hide": self.hide,
            "scenarios.move": self.move,
            "scenarios.replace": self.replace,
            "scenarios.choose": self.choose,
            "scenarios.fly": self.fly,
            "scenarios.compare": self.compare,
        }

    # -- results ------------------------------------------------------------------------------

    def ask(self, name: str = "") -> None:
        """Ask for an analysis and begin it."""
        if self.asking is not None:  # it waits for something to be picked in the view
            self.asking.close()
        if self.picking is not None:
            self.picking.stop()
        dialog = AskDialog(self.desk, self.view.widget().window(), name, self.pick)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.begin(*dialog.asked))
        dialog.finished.connect(lambda _: self._asked())
        self.asking = dialog
        dialog.open()

    def _asked(self) -> None:
        self.asking = None

    def pick(self, kind: str, done: Picked) -> None:
        """Let places be picked in the view."""
        self.picking = PickTool(self.desk, self.view, kind, done)
        self.picking.start()

    def begin(
        self, name: str, settings: Mapping[str, Any], scenario: str, against: str | None
    ) -> None:
        """Begin an analysis; what cannot be asked is told."""
        try:
            self.desk.session.analyse(name, settings, scenario, against=against)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def _came(self, key: str) -> None:
        """Open a result that has just come."""
        self.open(key)
        self.show("study")

    def open(self, key: str) -> None:
        """Show a result: its page, and in the view."""
        result = self.desk.session.results().get(key)
        if result is None:
            return
        self.desk.result = key
        try:
            findings = result.answer(self.desk.session.tables(result))
        except ValueError:
            findings = None
        self.shown.show(result, findings)
        self.desk.session.tell_results()
        self.show("result")
        if result.analysis == "profile":
            self.show("profile")

    def close(self) -> None:
        """Show no result."""
        self.desk.result = ""
        self.shown.show(None)
        self.desk.session.tell_results()

    def again(self, key: str) -> None:
        """Run the analysis of a result again."""
        try:
            self.desk.session.run_again(key)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
        self.desk.session.tell_results()

    def keep(self, key: str) -> None:
        """Keep a result in the project."""
        if self.desk.run("results.keep", id=key):
            self.desk.session.forget_answer(key)
            self.desk.tell(self.desk.say("results.kept"), "undo")

    def remove(self, key: str) -> None:
        """Remove a result, kept or not."""
        session = self.desk.session
        if key == self.desk.result:
            self.close()
        if key in session.twin.records["results"]:
            if self.desk.run("results.remove", id=key):
                self.desk.tell(self.desk.say("results.removed"), "undo")
        else:
            session.forget_answer(key)

    def export(self, key: str) -> None:
        """Ask for a file and write the result with its stamp."""
        result = self.desk.session.results().get(key)
        if result is None:
            return
        title = self.desk.say("results.export_title")
        name = "".join(x if x.isalnum() or x in " -_" else "_" for x in result.title)
        parent = self.view.widget().window()
        path, _ = QFileDialog.getSaveFileName(parent, title, f"{name}.xlsx", FILTERS)
        if path:
            self.write(key, Path(path))

    def write(self, key: str, path: Path) -> None:
        """Write a result to a file by the ending of its name; what comes of it is told."""
        session = self.desk.session
        result = session.results()[key]
        around = Around(session.tables(result), session.settings.language, bom=True)
        form = path.suffix.lower().lstrip(".")
        try:
            if form == "png":
                write_picture(path, self.view.picture(), result, around.words)
            else:
                _put(path, written(result, form, around))
        except (TwinError, ValueError) as error:
            told = self.desk.error_text(error) if isinstance(error, TwinError) else str(error)
            self.desk.tell(told, "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=str(path)), "info")

    # -- scenarios ----------------------------------------------------------------------------

    def add(self) -> None:
        """Begin a scenario."""
        number = len(self.desk.session.twin.records["scenarios"]) + 1
        asked = self.desk.say("action.scenarios.add")
        usual = self.desk.say("scenarios.usual", letter=chr(ord("A") + (number - 1) % 26))
        title, sure = QInputDialog.getText(self.view.widget().window(), asked, asked, text=usual)
        if sure and title.strip() and self.desk.run("scenarios.add", title=title):
            self.show("study")

    def hide(self) -> None:
        """Take the selected objects away in the scenario that is seen; begin one where none is."""
        self._begun()
        if self.desk.run("scenarios.hide"):
            self.desk.session.select({}, "replace")
            self.desk.tell(self.desk.say("scenarios.hidden"), "undo")

    def _begun(self) -> None:
        """Begin a scenario where none is seen."""
        twin = self.desk.session.twin
        if not twin.scenario:
            letter = chr(ord("A") + len(twin.records["scenarios"]) % 26)
            self.desk.run("scenarios.add", title=self.desk.say("scenarios.usual", letter=letter))

    def move(self) -> None:
        """Ask by how much the selected objects are moved and turned in the scenario."""
        asked = self.desk.say("action.scenarios.move")
        words = self.desk.say("scenarios.move_by")
        parent = self.view.widget().window()
        text, sure = QInputDialog.getText(parent, asked, words, text="0, 0, 0; 0")
        if sure:
            self.move_by(text)

    def move_by(self, text: str) -> None:
        """Move the selected objects by "dx, dy, dz; degrees"."""
        shift, _, turn = text.replace("；", ";").replace("，", ",").partition(";")
        self._begun()
        if self.desk.run("scenarios.move", shift=shift.strip(), turn=turn.strip() or "0"):
            self.desk.tell(self.desk.say("scenarios.moved"), "undo")

    def replace(self) -> None:
        """Ask which layer stands in the place of the selected objects in the scenario."""
        session = self.desk.session
        layers = {
            x.title: key for key, x in session.twin.layers.items() if key not in session.selected
        }
        asked = self.desk.say("action.scenarios.replace")
        if not layers:
            self.desk.tell(self.desk.say("scenarios.no_layer"), "info")
            return
        parent = self.view.widget().window()
        words = self.desk.say("scenarios.replace_by")
        title, sure = QInputDialog.getItem(parent, asked, words, list(layers), 0, False)
        if sure:
            self._begun()
            if self.desk.run("scenarios.replace", source=layers[title]):
                self.desk.tell(self.desk.say("scenarios.replaced"), "undo")

    def choose(self, edit: ScenarioEdit) -> None:
        """Select the objects of an edit; of a block, show its handles."""
        if edit.kind == "block":
            if not isinstance(self.view.canvas.hand, BlockTool):
                self.desk.act("tool.block")
            hand = self.view.canvas.hand
            if isinstance(hand, BlockTool):
                hand.hold(edit.id)
            return
        rows = rows_named(self.desk, [(edit.layer, x) for x in edit.objects])
        if rows:
            self.desk.choose(rows)

    def fly(self, edit: ScenarioEdit) -> None:
        """Fly to what an edit changes."""
        box = self._box(edit)
        if box is not None:
            self.view.fit(box)

    def _box(self, edit: ScenarioEdit) -> F64 | None:
        if edit.kind == "block":
            ring = np.asarray(edit.ring)
            low, high = ring.min(axis=0), ring.max(axis=0)
            return np.array([*low, edit.base, *high, edit.base + edit.height])
        rows = rows_named(self.desk, [(edit.layer, x) for x in edit.objects])
        if not rows:
            return None
        boxes = self.desk.session.twin.layer(edit.layer).boxes(rows[edit.layer])
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        if not len(boxes):
            return None
        return np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])

    def compare(self, key: str) -> None:
        """See a scenario beside the city as it stands."""
        self.desk.run("scenarios.show", id=key)
        self.desk.act("tool.before_after")


def _put(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise NotSaved(location=str(path), reason=error.strerror or str(error)) from error
