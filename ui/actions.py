"""Everything a person can do, declared once: menus, shortcuts, tool bar, palette and cheat sheet follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from ui.desk import Desk
from ui.panels.command_palette import Choice

Handlers = Mapping[str, Callable[..., None]]


@dataclass(frozen=True, slots=True)
class Action:
    """An action: its words stand in the catalogue under ``window.action.<name>``.

    ``keys`` are shortcuts (the first is shown); ``needs`` says what must be there: '' (nothing),
    'city' or 'selection'; ``held`` actions stay down.
    """

    name: str
    menu: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    needs: str = ""
    held: bool = False


MENUS = (
    "file",
    "edit",
    "view",
    "from",
    "color",
    "debug",
    "select",
    "maintain",
    "analyse",
    "present",
    "window",
    "help",
)
SUBMENUS = {"from": "view", "color": "view", "debug": "view"}
"""Menus inside of others, where the first of their actions stands."""
ACTIONS = (
    Action("file.demo", "file", "city"),
    Action("file.open", "file", "file", ("Ctrl+O",)),
    Action("file.folder", "file", "folder", ("Ctrl+Shift+O",)),
    Action("file.close_all", "file", "", (), "city"),
    Action("file.save_as", "file", "save", ("Ctrl+S",), "city"),
    Action("file.bundle", "file", "export", (), "city"),
    Action("file.pack", "file", "import", (), "city"),
    Action("topics.import", "file", "import"),
    Action("topics.export", "file", "export", ()),
    Action("file.picture", "file", "export", (), "city"),
    Action("file.page", "file", "export", ("Ctrl+P",), "city"),
    Action("objects.export", "file", "export", (), "selection"),
    Action("file.quit", "file", "", ("Ctrl+Q",)),
    Action("edit.undo", "edit", "undo", ("Ctrl+Z",)),
    Action("edit.redo", "edit", "redo", ("Ctrl+Y", "Ctrl+Shift+Z")),
    Action("edit.settings", "edit", "settings", ("Ctrl+,",)),
    Action("view.fit", "view", "fit", ("F",), "city"),
    Action("view.home", "view", "home", ("Home",), "city"),
    Action("view.north_up", "view", "north", ("N",), "city"),
    Action("view.top", "from", "", ("1",), "city"),
    Action("view.south", "from", "", ("2",), "city"),
    Action("view.east", "from", "", ("3",), "city"),
    Action("view.north", "from", "", ("4",), "city"),
    Action("view.west", "from", "", ("5",), "city"),
    Action("view.iso", "from", "", ("6",), "city"),
    Action("view.last", "from", "", ("0",), "city"),
    Action("view.labels", "view", "", ("Shift+L",), "city"),
    Action("layers.page", "view", "layers", ("L",), "city"),
    Action("layers.placement", "view", "place", (), "city"),
    Action("layers.retry", "view", "again", (), "city"),
    Action("tool.measure", "view", "measure", ("M",), "city", held=True),
    Action("tool.section", "view", "section", (), "city", held=True),
    Action("sections.box", "view", "section", ("X",), "city"),
    Action("sections.plane", "view", "section", ("Shift+X",), "city"),
    Action("view.coordinates", "view", "place", ("Ctrl+G",), "city"),
    Action("tool.compare", "view", "compare", ("C",), "city", held=True),
    Action("tool.place", "view", "place", (), "city", held=True),
    Action("view.walk", "view", "walk", ("W",), "city", held=True),
    Action("panel.storeys", "view", "bim", (), "city"),
    Action("panel.sections", "view", "section", (), "city"),
    Action("panel.measurements", "view", "table", (), ""),
    Action("color.freshness", "color", "palette", (), "city"),
    Action("color.custodian", "color", "", (), "city"),
    Action("color.kind", "color", "", (), "city"),
    Action("color.source", "color", "", (), "city"),
    Action("color.own", "color", "", (), "city"),
    Action("color.clay", "color", "", (), "city"),
    Action("debug.hud", "debug", "", ("F3",), "city", held=True),
    Action("debug.boxes", "debug", "", ("Shift+F3",), "city", held=True),
    Action("select.clear", "select", "", ("Esc",)),
    Action("objects.hide", "select", "hide", ("H",), "selection"),
    Action("objects.isolate", "select", "isolate", ("Shift+H",), "selection"),
    Action("objects.show_all", "select", "shown", ("Alt+H",), "city"),
    Action("models.replace", "select", "compare", (), "city"),
    Action("passport.copy", "select", "copy", ("Ctrl+Shift+C",), "selection"),
    Action("panel.freshness", "maintain", "table", (), ""),
    Action("filter.clear", "maintain", "filter", (), "city"),
    Action("panel.week", "maintain", "date", (), ""),
    Action("panel.orders", "maintain", "order", (), ""),
    Action("orders.raise", "maintain", "add", (), "city"),
    Action("orders.merge", "maintain", "import", (), "city"),
    Action("panel.evidence", "maintain", "evidence", (), ""),
    Action("evidence.import", "maintain", "add", (), "city"),
    Action("sidecar.add", "maintain", "table", (), "city"),
    Action("sidecar.remove", "maintain", "", (), "city"),
    Action("panel.differences", "maintain", "compare", (), ""),
    Action("panel.checks", "maintain", "check", (), ""),
    Action("checks.choose", "maintain", "file", (), "city"),
    Action("checks.again", "maintain", "again", (), "city"),
    Action("panel.frequency", "maintain", "due", (), "city"),
    Action("frequency.budget", "maintain", "", (), "city"),
    Action("panel.bim", "maintain", "bim", (), "city"),
    Action("panel.topics", "maintain", "topics", (), ""),
    Action("topics.new", "maintain", "add", (), ""),
    Action("panel.journal", "maintain", "as_of"),
    Action("panel.log", "maintain", "evidence", (), ""),
    Action("panel.custodians", "maintain", "custodian", ()),
    Action("panel.policies", "maintain", "due", ()),
    Action("policies.example", "maintain", "", ()),
    Action("custodians.edit", "maintain", "", ()),
    Action("tool.areas", "maintain", "areas", (), "city", held=True),
    Action("areas.import", "maintain", "", (), "city"),
    Action("rules.policy", "maintain", "", ()),
    Action("rules.custodians", "maintain", "", ()),
    Action("rules.evidence", "maintain", "", ()),
    Action("policies.save", "maintain", "", ()),
    Action("custodians.save", "maintain", "", ()),
    Action("policies.switches", "maintain", "", ()),
    Action("tool.sun", "analyse", "sun", ("U",), "city", held=True),
    Action("panel.sun", "analyse", "sun", ("Shift+U",), "city"),
    Action("sun.off", "analyse", "", (), "city"),
    Action("sun.place", "analyse", "", (), "city"),
    Action("sun.zone", "analyse", "", (), "city"),
    Action("sun.copy", "analyse", "copy", (), "city"),
    Action("tool.sight", "analyse", "sight", ("V",), "city", held=True),
    Action("sight.profile", "analyse", "profile", (), "city"),
    Action("panel.profile", "analyse", "", (), ""),
    Action("analyse.new", "analyse", "add", ("Ctrl+R",), "city"),
    Action("panel.results", "analyse", "table", (), ""),
    Action("results.close", "analyse", "", (), "city"),
    Action("panel.scenarios", "analyse", "bim", (), ""),
    Action("scenarios.add", "analyse", "", (), "city"),
    Action("scenarios.hide", "analyse", "hide", (), "selection"),
    Action("scenarios.move", "analyse", "", (), "selection"),
    Action("scenarios.replace", "analyse", "", (), "selection"),
    Action("tool.block", "analyse", "building", (), "city", held=True),
    Action("tool.before_after", "analyse", "compare", (), "city", held=True),
    Action("bookmarks.add", "present", "bookmark", ("Ctrl+B",), "city"),
    Action("tool.annotate", "present", "annotate", ("T",), "city", held=True),
    Action("panel.annotations", "present", "topics", (), ""),
    Action("views.import", "present", "import", (), "city"),
    Action("views.export", "present", "export", (), "city"),
    Action("panel.bookmarks", "present", "bookmarks", (), ""),
    Action("present.start", "present", "display", ("F11",), "city", held=True),
    Action("present.spotlight", "present", "spotlight", (), "city", held=True),
    Action("present.laser", "present", "laser", (), "city", held=True),
    Action("present.freeze", "present", "freeze", (), "city", held=True),
    Action("present.black", "present", "black", (), "city", held=True),
    Action("present.swap", "present", "", (), "city"),
    Action("panel.notes", "present", "notes", (), ""),
    Action("panel.scenes", "present", "", (), ""),
    Action("window.full", "window", "", ("Shift+F11",), "", held=True),
    Action("tool.flythrough", "present", "flythrough", (), "city", held=True),
    Action("flythrough.play", "present", "play", ("Space",), "city"),
    Action("flythrough.key", "present", "add", ("K",), "city"),
    Action("panel.flythrough", "present", "", (), ""),
    Action("panel.route", "present", "route", (), ""),
    Action("flythrough.new", "present", "", (), "city"),
    Action("flythrough.import", "present", "import", (), "city"),
    Action("flythrough.export", "present", "export", (), "city"),
    Action("view.fly_round", "present", "fly_round", (), "city", held=True),
    Action("palette", "window", "search", ("Ctrl+K",)),
    Action("window.next", "window", "", ("F6",)),
    Action("window.reset", "window", "", ()),
    Action("theme.toggle", "window", "", ("Ctrl+Shift+L",)),
    Action("language.toggle", "window", "", ()),
    Action("help.keys", "help", "help", ("F1", "?")),
    Action("help.tour", "help", "explore", (), "city"),
    Action("help.about", "help", "", ()),
)
BREAKS = {
    "file.close_all", "topics.import", "file.picture", "file.quit", "edit.settings", "layers.page",
    "tool.measure", "view.walk", "panel.storeys", "debug.hud", "objects.hide", "passport.copy",
    "panel.differences", "panel.topics", "panel.log", "window.reset", "theme.toggle",
    "present.start", "panel.notes", "view.fly_round", "window.full", "tool.flythrough", "flythrough.new",
    "panel.scenarios", "analyse.new",
}  # fmt: skip
"""A divider stands before these."""
HIDDEN_IN_PALETTE = {"palette", "window.next", "select.clear"}


class Actions:
    """The declared actions as QActions of a window."""

    def __init__(self, desk: Desk, parent: QWidget, handlers: Handlers) -> None:
        self.desk = desk
        self.handlers = handlers
        self.by_name: dict[str, QAction] = {}
        for declared in ACTIONS:
            made = QAction(desk.say(f"action.{declared.name}"), parent)
            if declared.icon:
                made.setIcon(desk.icon(declared.icon))
            made.setShortcuts([QKeySequence(key) for key in declared.keys])
            made.setCheckable(declared.held)
            made.triggered.connect(lambda _=False, name=declared.name: self.do(name))
            parent.addAction(made)
            self.by_name[declared.name] = made

    def do(self, name: str, *arguments: object) -> None:
        """Do an action by name."""
        self.handlers[name](*arguments)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Fill a menu bar; return the menus by name."""
        menus: dict[str, QMenu] = {}
        for declared in ACTIONS:
            within = menus.get(SUBMENUS.get(declared.menu, declared.menu))
            if within is not None and declared.name in BREAKS:
                within.addSeparator()
            if declared.menu not in menus:
                above = menus[SUBMENUS[declared.menu]] if declared.menu in SUBMENUS else bar
                menus[declared.menu] = above.addMenu(self.desk.say(f"menu.{declared.menu}"))
                menus[declared.menu].setToolTipsVisible(True)
            menus[declared.menu].addAction(self.by_name[declared.name])
        return menus

    def enable(self, *, city: bool, selection: bool) -> None:
        """Grey out what has nothing to work on, and say why in the tooltip."""
        there = {"": True, "city": city, "selection": selection}
        history = self.desk.session.history
        for declared in ACTIONS:
            action = self.by_name[declared.name]
            possible = there[declared.needs]
            if declared.name == "edit.undo":
                possible = bool(history.undoable)
            elif declared.name == "edit.redo":
                possible = bool(history.redoable)
            if action.isEnabled() != possible:
                action.setEnabled(possible)
            tip = action.text() + self._keys(declared)
            action.setToolTip(
                tip if possible else self.desk.say(f"needs.{declared.needs}", what=tip)
            )

    def _keys(self, declared: Action) -> str:
        """Return the key that it has now: some are lent to the presenter."""
        now = self.by_name[declared.name].shortcuts() if declared.keys else []
        return f" ({declared.keys[0]})" if now else ""

    def choices(self) -> list[Choice]:
        """Return the actions for the palette, those that can be done now."""
        return [
            Choice(
                declared.icon or "chevron_right",
                self.by_name[declared.name].text(),
                "  ".join(declared.keys),
                self.by_name[declared.name].trigger,
            )
            for declared in ACTIONS
            if declared.name not in HIDDEN_IN_PALETTE and self.by_name[declared.name].isEnabled()
        ]
