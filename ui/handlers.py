"""What each action does: commands to the session, moves of the camera, panels shown. No painting here."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtCore import QFile
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from twin.bundling import is_bundle
from twin.commands import COMMANDS
from twin.errors import TwinError
from twin.exchange.bcf.reading import is_bcf
from twin.style import PLAIN
from ui.annotating.handlers import mark_table
from ui.bim_handlers import bim_table
from ui.bookmark_handlers import bookmark_table
from ui.bundle_handlers import bundle_table
from ui.check_handlers import check_table
from ui.city_view import CityView
from ui.desk import Desk, count_selected
from ui.evidence.handlers import evidence_table
from ui.flythrough.handlers import flythrough_table
from ui.forms import SettingsDialog
from ui.frequency_handlers import frequency_table
from ui.layer_handlers import LayerHandlers
from ui.measuring.handlers import measuring_table
from ui.model_handlers import model_table
from ui.order_handlers import order_table
from ui.panels.cheat_sheet import CheatSheet
from ui.panels.command_palette import Choice, CommandPalette
from ui.panels.parts import copy_text
from ui.picture_handlers import picture_table
from ui.placing_handlers import PlacingHandlers
from ui.presenting.handlers import Stage, present_table
from ui.recent import Recent, forget_all, moved, remember
from ui.results.handlers import results_table
from ui.rule_handlers import rule_table
from ui.section_handlers import section_table
from ui.setting_changes import set_setting
from ui.sight.handlers import sight_table
from ui.sun_handlers import sun_table
from ui.topic_handlers import topic_table
from ui.tour import tour_table
from ui.viewport.extent import union

STANDARD = ("top", "north", "south", "east", "west", "iso")
RULES = ("policy", "custodians", "evidence")
COLORS = {x: x for x in ("freshness", "custodian", "kind", "source")} | {"own": "", "clay": PLAIN}


class Shell(Stage, Protocol):
    """What the handlers need of the window."""

    def passport_text(self) -> str:
        """Return the passport of the selected object as text."""

    def choices(self) -> list[Choice]:
        """Return what the palette offers."""

    def reset_layout(self) -> None:
        """Put the panels of the role back."""

    def next_dock(self) -> None:
        """Give the keyboard to the next dock."""

    def full(self, on: bool) -> None:
        """Fill the screen with the view, or come back."""

    def close(self) -> bool:
        """Close the window."""

    def checked(self, name: str) -> bool:
        """Return whether a held action is down."""


MakeTable = Callable[[Desk, Shell, CityView], Mapping[str, Callable[..., None]]]
SUBJECTS: Sequence[MakeTable] = (
    picture_table,
    model_table,
    check_table,
    bim_table,
    section_table,
    topic_table,
    bookmark_table,
    bundle_table,
    present_table,
    mark_table,
    order_table,
    evidence_table,
    frequency_table,
    tour_table,
    sun_table,
    flythrough_table,
    results_table,
    lambda desk, shell, view: measuring_table(desk, shell.show_panel, view),
    lambda desk, shell, view: sight_table(desk, shell.show_panel, view),
    lambda desk, shell, view: rule_table(desk, shell.show_panel, view),
)
"""What brings the functions of one more subject, by action name; each stands in a file of its own."""


class Handlers:
    """The functions behind the actions, by name."""

    def __init__(self, desk: Desk, shell: Shell, view: CityView) -> None:
        self.desk, self.shell, self.view = desk, shell, view
        self.opened: list[str] = []
        self.of_layers = LayerHandlers(desk, view, lambda: shell.show_panel("layer"))
        self.placing = PlacingHandlers(desk, view, lambda: shell.show_panel("placement"))

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        found = {**self._project_table(), **self._view_table(), **self._window_table()}
        found |= {**self.of_layers.table(), **self.placing.table()}
        for subject in SUBJECTS:
            found |= subject(self.desk, self.shell, self.view)
        for name in STANDARD:
            found[f"view.{name}"] = partial(self.view.standard, name)
        for name, column in COLORS.items():
            found[f"color.{name}"] = partial(self.color, column)
        for kind in RULES:
            found[f"rules.{kind}"] = partial(self.ask_rules, kind)
        return found

    def _project_table(self) -> dict[str, Callable[..., None]]:
        return {
            "file.demo": self.open_demo,
            "file.open": self.ask_file,
            "file.folder": self.ask_folder,
            "file.path": self.open_path,
            "file.restore": self.restore,
            "file.discard": self.discard,
            "file.relocate": self.relocate,
            "file.forget": forget_all,
            "file.close_all": self.close_all,
            "file.save_as": self.save_as,
            "file.picture": self.save_picture,
            "file.quit": self.quit,
            "edit.undo": lambda: self._moved(self.desk.session.undo(), "undone"),
            "edit.redo": lambda: self._moved(self.desk.session.redo(), "redone"),
            "edit.settings": self.settings,
        }

    def _view_table(self) -> dict[str, Callable[..., None]]:
        shell, view = self.shell, self.view
        return {
            "view.fit": self.fit,
            "view.home": view.home,
            "view.north_up": view.north,
            "view.explore": self.explore,
            "debug.hud": lambda: self.change("show_hud", shell.checked("debug.hud")),
            "debug.boxes": lambda: self.change("show_tile_boxes", shell.checked("debug.boxes")),
            "view.last": view.last,
            "view.walk": lambda: view.walk(shell.checked("view.walk")),
            "view.fly_round": self.fly_round,
            "select.clear": self.clear,
            "objects.hide": lambda: self._told("objects.hide"),
            "objects.isolate": lambda: self._told("objects.isolate"),
            "objects.show_all": lambda: self._told("objects.show_all"),
            "passport.copy": self.copy_passport,
        }

    def _window_table(self) -> dict[str, Callable[..., None]]:
        shell = self.shell
        return {
            "panel.freshness": lambda: shell.show_panel("freshness"),
            "panel.storeys": lambda: shell.show_panel("storeys"),
            "panel.differences": lambda: shell.show_panel("differences"),
            "panel.log": lambda *_: shell.show_panel("log"),
            "panel.week": lambda *_: shell.show_panel("week"),
            "panel.journal": lambda *_: shell.show_panel("journal"),
            "filter.clear": lambda: self.desk.session.set_filter(frozenset()),
            "window.full": lambda: shell.full(shell.checked("window.full")),
            "window.next": shell.next_dock,
            "window.reset": shell.reset_layout,
            "palette": self.palette,
            "theme.toggle": lambda: self.change(
                "theme", "light" if self.desk.theme.dark else "dark"
            ),
            "language.toggle": lambda: self.change(
                "language", "zh" if self.desk.words.language == "en" else "en"
            ),
            "setting": self.change,
            "help.keys": self.keys,
            "help.about": self.about,
        }

    # -- opening ------------------------------------------------------------------------------

    def open_demo(self) -> None:
        """Open the sample city."""
        try:
            self.desk.session.open_demo()
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def ask_file(self) -> None:
        """Ask for files and open them."""
        paths, _ = QFileDialog.getOpenFileNames(
            self.view.widget(), self.desk.say("action.file.open"), "", self.desk.say("file_filter")
        )
        for path in paths:
            self.open_path(path)

    def ask_folder(self) -> None:
        """Ask for a folder and open it."""
        path = QFileDialog.getExistingDirectory(
            self.view.widget(), self.desk.say("action.file.folder")
        )
        if path:
            self.open_path(path)

    def ask_rules(self, kind: str) -> None:
        """Ask for a rule file and judge by it from now on (undoable)."""
        title = self.desk.say(f"action.rules.{kind}")
        path, _ = QFileDialog.getOpenFileName(self.view.widget(), title, "", "TOML (*.toml)")
        if path:
            self.desk.run(f"rules.{kind}", path=path)

    def open_path(self, path: str) -> None:
        """Open a location; it is remembered once it stands in the twin. Rules are run instead."""
        if self.desk.session.checks.checker(path) is not None:
            self.desk.act("checks.run", path)
            return
        if is_bundle(path):
            self.desk.act("file.unbundle", path)
            return
        if not is_bcf(path):  # topics come into what is open: nothing to open again by
            self.opened.append(path)
        self.desk.session.open(path)

    def restore(self, path: Path) -> None:
        """Open work that was never saved as a project; it stays unsaved."""
        self.desk.session.open_project(path, saved=False)

    def discard(self, path: Path) -> None:
        """Put unsaved work into the recycle bin; where there is none it is deleted."""
        if not QFile(str(path)).moveToTrash():
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                told = self.desk.say("save_failed", path=path, reason=str(error))
                self.desk.tell(told, "error")
                return
        self.desk.tell(self.desk.say("start.discarded"), "info")

    def relocate(self, path: str) -> None:
        """Ask where something that was open before lies now, and open it there."""
        ask = QFileDialog.getOpenFileName if Path(path).suffix else _ask_folder
        found = ask(self.view.widget(), self.desk.say("start.relocate"), "")[0]
        if found:
            moved(path, found)
            self.open_path(found)

    def note_recent(self) -> None:
        """Remember what was opened, with its counts of now. Called when the window closes."""
        session = self.desk.session
        failed = {location for location, _ in session.errors}
        opened = next((x for x in reversed(self.opened) if x not in failed), "")
        path = str(self.desk.project_path or opened)
        if not path or not session.twin.layers:
            return
        counts: dict[str, int] = {}
        for entry in session.painting().entries:
            counts[entry.key] = entry.count
        if session.twin.color_by.column != "freshness":
            counts = {}
        title = session.twin.title or Path(path).name
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        try:
            remember(Recent(path, title, now, counts))
        except OSError as error:
            self.desk.tell(self.desk.say("save_failed", path=path, reason=str(error)), "error")

    def close_all(self) -> None:
        """Take every layer out (undoable)."""
        for key in list(self.desk.session.twin.layers):
            self.desk.run("layers.remove", layer=key)

    def save_as(self) -> None:
        """Ask where and write the project."""
        path, _ = QFileDialog.getSaveFileName(
            self.view.widget(),
            self.desk.say("action.file.save_as"),
            "city.twin.gpkg",
            "*.twin.gpkg",
        )
        if not path:
            return
        if not path.endswith(".twin.gpkg"):
            path += ".twin.gpkg"
        try:
            self.desk.session.save_as(Path(path))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=path), "info")

    def save_picture(self) -> None:
        """Ask where and write the present picture of the view."""
        path, _ = QFileDialog.getSaveFileName(
            self.view.widget(), self.desk.say("action.file.picture"), "citytwin.png", "PNG (*.png)"
        )
        if not path:
            return
        kept = self.view.picture().save(path, "PNG")
        key = "saved_to" if kept else "save_failed"
        words = self.desk.say(key, path=path, reason=self.desk.say("not_writable"))
        self.desk.tell(words, "info" if kept else "error")

    # -- looking ------------------------------------------------------------------------------

    def fit(self) -> None:
        """Fly to what is selected, or to the whole city when nothing is."""
        boxes = [
            self.desk.session.twin.layer(key).boxes(rows)
            for key, rows in self.desk.session.selected.items()
            if key in self.desk.session.twin.layers
        ]
        box = union(np.concatenate(boxes)) if boxes else None
        if box is None:
            self.view.home()
        else:
            self.view.fit(box)

    def fly_round(self) -> None:
        """Start or stop the fly-around; reduced motion has none."""
        on = self.shell.checked("view.fly_round")
        if on and self.desk.session.settings.reduced_motion:
            self.desk.tell(self.desk.say("no_motion"), "info")
            return
        self.view.fly_round(on)

    def explore(self) -> None:
        """End walking and flying round."""
        self.view.stop()

    def clear(self) -> None:
        """Esc: first end what the view is doing, then clear the selection."""
        if not self.view.stop():
            self.desk.session.select({}, "replace")

    def copy_passport(self) -> None:
        """Copy the passport as text."""
        text = self.shell.passport_text()
        if text:
            copy_text(text)
            self.desk.tell(self.desk.say("passport.copied"), "info")

    # -- the rest -----------------------------------------------------------------------------

    def _told(self, name: str) -> None:
        count = count_selected(self.desk)
        if self.desk.run(name) and name in COMMANDS:
            words = self.desk.say(f"done.{name}", count=self.desk.words.count(count))
            self.desk.tell(words, "undo")

    def _moved(self, name: str, how: str) -> None:
        if name:
            words = self.desk.words.catalogue.text(f"command.{name}")
            self.desk.tell(self.desk.say(how, what=words), "info")

    def color(self, column: str) -> None:
        """Colour by a column."""
        self.desk.run("view.color_by", column=column)

    def quit(self) -> None:
        """Close the window."""
        self.shell.close()

    def keys(self) -> None:
        """Show the sheet of keys."""
        CheatSheet(self.desk, self.view.widget().window()).exec()

    def palette(self) -> None:
        """Show the command palette."""
        CommandPalette(self.desk, self.view.widget().window(), self.shell.choices()).exec()

    def settings(self, name: str = "") -> None:
        """Show the settings, at one of them when it is named."""
        dialog = SettingsDialog(self.desk, self.view.widget().window(), self.change)
        dialog.show_setting(name)
        dialog.exec()

    def change(self, name: str, value: object) -> None:
        """Set a setting, keep it, and follow it."""
        set_setting(self.desk, name, value)

    def about(self) -> None:
        """Say what this is and whose work it carries."""
        QMessageBox.about(self.view.widget(), "CityTwin", self.desk.say("about", version="0.1.0"))


def _ask_folder(parent: QWidget, title: str, start: str) -> tuple[str, str]:
    """Ask for a folder as one asks for a file."""
    return QFileDialog.getExistingDirectory(parent, title, start), ""
