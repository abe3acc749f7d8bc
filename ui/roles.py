"""The layouts of the three roles: as designed, as a person left them, and without a city none at all."""

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QMainWindow

from twin.session import Session
from twin.settings import settings_file
from ui.panels.tab_dock import TabDock

VERSION = 3
WIDE = 1600
STAGE: tuple[tuple[str, ...], ...] = (
    ("route", "bookmarks", "annotations", "layers"), (), ("notes", "scenes"), ("flythrough", "log")
)  # fmt: skip
"""Tabs of the four docks while one presents; a dock without any keeps its own."""

DRAWINGS = frozenset({"profile"})
"""Tabs below that a planner's layout shows; without one the view has the height."""


class Layouts:
    """Keeps the window's geometry and each role's docks in the user's folder."""

    def __init__(self, window: QMainWindow, session: Session) -> None:
        self.window = window
        self.session = session
        self.role = session.settings.workspace
        self.city = False
        path = settings_file().with_name("window.ini")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.kept = QSettings(str(path), QSettings.Format.IniFormat)

    def restore_geometry(self) -> None:
        """Put the window where it was."""
        found = self.kept.value("geometry")
        if isinstance(found, QByteArray):
            self.window.restoreGeometry(found)

    def keep(self) -> None:
        """Remember geometry and, while a city is shown, the docks of the role."""
        self.kept.setValue("geometry", self.window.saveGeometry())
        if self.city:
            self.kept.setValue(self._key(), self.window.saveState(VERSION))
        self.kept.sync()

    def _key(self) -> str:
        """Return the key of the role's layout: a small window has one of its own."""
        role = "stage" if self.role == "presenter" else self.role
        return f"role/{role}/{'wide' if self.window.width() >= WIDE else 'small'}"

    def turn(self, role: str, docks: list[TabDock]) -> None:
        """Leave one role for another."""
        self.keep()
        self.role = role
        self.show(docks)

    def show(self, docks: list[TabDock]) -> None:
        """Show the docks of the role."""
        if not self.city:
            for dock in docks:
                dock.hide()
            return
        self._prepare(docks)
        found = self.kept.value(self._key())
        if not (isinstance(found, QByteArray) and self.window.restoreState(found, VERSION)):
            self.design(docks)

    def reset(self, docks: list[TabDock]) -> None:
        """Forget what a person arranged in this role."""
        self.kept.remove(self._key())
        self._prepare(docks)
        self.design(docks)

    def design(self, docks: list[TabDock]) -> None:
        """Stand as drawn for a large screen, with less on a small one: 292 left, 367 right, 297 below; for a
        planner 264, 359 and 235, with the drawing below where there is one."""
        if self.role == "presenter":
            self._stage(docks)
            return
        layers, objects, right, bottom = docks
        wide = self.window.width() >= WIDE
        area = Qt.DockWidgetArea
        for dock, where in (
            (layers, area.LeftDockWidgetArea), (objects, area.LeftDockWidgetArea),
            (right, area.RightDockWidgetArea), (bottom, area.BottomDockWidgetArea),
        ):  # fmt: skip
            dock.setFloating(False)
            self.window.addDockWidget(where, dock)
            dock.show()
        plans = self.role == "planner"
        if plans:
            bottom.setVisible(bottom.shown in DRAWINGS)
            objects.turn("study")
            if "result" in right.keys and "result" not in right.unasked:
                right.turn("result")
            elif right.shown == "week":  # what is to be done this week is the custodian's
                right.turn("passport")
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        sides, below = ([264, 359], 235) if plans else ([292, 367], 297)
        self.window.resizeDocks([layers, right], sides if wide else [248, 320], across)
        self.window.resizeDocks([bottom], [below if wide else 226], down)
        self.window.resizeDocks([layers, objects], [230, 440] if wide else [150, 240], down)

    def _prepare(self, docks: list[TabDock]) -> None:
        """Offer the tabs of the role; while one presents, the dock below is as wide as the window."""
        presents = self.role == "presenter"
        area, corner = Qt.DockWidgetArea, Qt.Corner.BottomRightCorner
        below = area.BottomDockWidgetArea if presents else area.RightDockWidgetArea
        self.window.setCorner(corner, below)
        self._place_objects(docks)
        for dock, tabs in zip(docks, STAGE, strict=True):
            first = next((key for key in tabs if key in dock.keys), "")
            if presents and first and dock.shown not in tabs:
                dock.turn(first)
            elif not presents and dock.shown in dock.usual:
                dock.turn(next(key for key in dock.keys if key not in dock.usual))
            dock.narrow(frozenset(tabs) if presents else frozenset())

    def _place_objects(self, docks: list[TabDock]) -> None:
        """Stand the objects beside the layers for a planner, so that scenarios and results have a dock; else below."""
        layers, objects = docks[:2]
        beside = self.role == "planner"
        if beside == ("objects" in layers.keys):
            return
        source, target, place = (objects, layers, 1) if beside else (layers, objects, 0)
        target.put("objects", place, source.take("objects"))
        if not beside:
            objects.turn("objects")

    def _stage(self, docks: list[TabDock]) -> None:
        """Stand as drawn for a presenter: the audience's picture, route and bookmarks, notes; the timeline below
        where there is a route: without one the picture has the height."""
        layers, objects, right, bottom = docks
        wide, area = self.window.width() >= WIDE, Qt.DockWidgetArea
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        for dock, where in (
            (objects, area.LeftDockWidgetArea), (layers, area.RightDockWidgetArea),
            (right, area.RightDockWidgetArea), (bottom, area.BottomDockWidgetArea),
        ):  # fmt: skip
            dock.setFloating(False)
            self.window.addDockWidget(where, dock)
        self.window.splitDockWidget(layers, right, across)
        objects.hide()
        layers.show()
        right.show()
        bottom.setVisible(bottom.shown in STAGE[3] and bool(self.session.twin.records["routes"]))
        self.window.resizeDocks([layers, right], [340, 367] if wide else [230, 300], across)
        self.window.resizeDocks([bottom], [385 if wide else 292], down)
