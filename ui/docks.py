"""The docks of the window: which panels they hold, under which tabs, and at which side they stand."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from ui.desk import Desk, Panel
from ui.evidence.panel import EvidencePanel
from ui.flythrough.panel import FlythroughPanel
from ui.flythrough.plan import RoutePanel
from ui.orders.page import OrderPage
from ui.orders.panel import OrdersPanel
from ui.panels.annotations import AnnotationsPanel
from ui.panels.bim import BimPanel
from ui.panels.bookmarks import BookmarksPanel
from ui.panels.checks import ChecksPanel
from ui.panels.custodian_board import CustodianBoard
from ui.panels.differences import DifferencesPanel
from ui.panels.frequency import FrequencyPanel
from ui.panels.freshness import FreshnessPanel
from ui.panels.inspector import TABS, Inspector
from ui.panels.journal import JournalPanel
from ui.panels.layer_page import LayerPage
from ui.panels.layers import LayersPanel
from ui.panels.log import LogPanel
from ui.panels.measurements import MeasurementsPanel
from ui.panels.notes import NotesPanel
from ui.panels.objects import ObjectsPanel
from ui.panels.parts import icon_button
from ui.panels.placement_page import PlacementPage
from ui.panels.policies import PoliciesPanel
from ui.panels.scenes import ScenesPanel
from ui.panels.sections import SectionsPanel
from ui.panels.storeys import StoreysPanel
from ui.panels.sun_hours import SunPanel
from ui.panels.tab_dock import TabDock
from ui.panels.topics import TopicsPanel
from ui.panels.week import WeekPanel
from ui.results.lists import StudyPanel
from ui.results.page import ResultPage
from ui.sight.profile_panel import ProfilePanel

MakePanel = Callable[[Desk], Panel]
LEFT: Mapping[str, MakePanel] = {
    "storeys": StoreysPanel,
    "sections": SectionsPanel,
    "route": RoutePanel,
    "bookmarks": BookmarksPanel,
    "annotations": AnnotationsPanel,
}
RIGHT: Mapping[str, MakePanel] = {
    "week": WeekPanel,
    "order": OrderPage,
    "placement": PlacementPage,
    "frequency": FrequencyPanel,
    "bim": BimPanel,
    "notes": NotesPanel,
    "scenes": ScenesPanel,
    "sun": SunPanel,
    "result": ResultPage,
}
BOTTOM: Mapping[str, MakePanel] = {
    "flythrough": FlythroughPanel,
    "orders": OrdersPanel,
    "measurements": MeasurementsPanel,
    "profile": ProfilePanel,
    "differences": DifferencesPanel,
    "checks": ChecksPanel,
    "topics": TopicsPanel,
    "evidence": EvidencePanel,
    "custodians": CustodianBoard,
    "policies": PoliciesPanel,
    "journal": JournalPanel,
}
"""Further tabs of the docks of layers, object and tables: key -> maker, words under ``tab.<key>``.

A panel below may have ``tools() -> list[QWidget]`` for the title bar and ``on_count`` for its tab.
"""

LEAST = 214
"""Logical pixels of height to which the dock of the layers grows when another tab of it is turned to."""
ASKED = frozenset({"placement", "order", "bim", "notes", "scenes", "sun", "result"})
"""Tabs that stand there once they were asked for."""


def _more(dock: TabDock, desk: Desk, makers: Mapping[str, MakePanel]) -> dict[str, list[QWidget]]:
    """Add further tabs to a dock; return the tools that each brings to the title bar."""
    tools: dict[str, list[QWidget]] = {}
    for key, make in makers.items():
        panel = make(desk)
        title = desk.say(f"tab.{key}")
        dock.add(key, title, panel)
        if hasattr(panel, "on_count"):
            panel.on_count = partial(_counted, dock, desk, key)
        if hasattr(panel, "on_title"):
            panel.on_title = partial(dock.rename, key)
        brought = getattr(panel, "tools", None)
        tools[key] = brought() if brought is not None else []
    return tools


def _counted(dock: TabDock, desk: Desk, key: str, count: int) -> None:
    """Show a tab's count after its words; none where there is nothing."""
    dock.count(key, desk.words.count(count) if count else "")


def _bring(dock: TabDock, own: Mapping[str, list[QWidget]]) -> None:
    """Stand the tools of every tab in the title bar."""
    for key, tools in own.items():
        dock.bring(key, tools)


def layers_dock(desk: Desk, window: QMainWindow) -> TabDock:
    """Return the dock of the layers, with a button to open more."""
    made = TabDock(desk, "layers", desk.say("layers.title"), window)
    made.add("layers", desk.say("layers.title"), LayersPanel(desk))
    more = _more(made, desk, LEFT)
    made.hide_tab("route")
    add = icon_button(desk, "add", desk.say("action.file.open"))
    add.clicked.connect(lambda: desk.act("file.open"))
    _bring(made, {"layers": [add], **more})
    made.least = LEAST
    return made


def objects_dock(desk: Desk, window: QMainWindow, objects: ObjectsPanel) -> TabDock:
    """Return the dock of the objects, with what they are grouped by."""
    made = TabDock(desk, "objects", desk.say("objects.title"), window)
    made.add("objects", desk.say("objects.title"), objects)
    study = StudyPanel(desk)
    made.add("study", desk.say("tab.study"), study)
    _bring(made, {"objects": [objects.grouping], "study": study.tools()})
    return made


def inspector_dock(
    desk: Desk, window: QMainWindow, inspector: Inspector, layer: LayerPage
) -> TabDock:
    """Return the right dock: three tabs about the object, one about the layer."""
    made = TabDock(desk, "inspector", desk.say("inspector.title"), window)
    for name in TABS:
        made.add(name, desk.say(f"inspector.{name}"), inspector if name == TABS[0] else None)
    made.add("layer", desk.say("layer_page.title"), layer)
    for key in _more(made, desk, RIGHT):
        if key in ASKED:
            made.hide_tab(key)
    made.put("result", 0, made.take("result"))
    made.turn(TABS[0])

    def turned(name: str) -> None:
        if name in TABS:
            inspector.show_tab(name)

    made.on_turn = turned
    return made


def bottom_dock(
    desk: Desk, window: QMainWindow, freshness: FreshnessPanel, log: LogPanel
) -> TabDock:
    """Return the bottom dock: each tab brings its tools to the title bar, and its count."""
    made = TabDock(desk, "bottom", desk.say("tables.title"), window)
    made.add("freshness", desk.say("freshness.title"), freshness)
    made.add("log", desk.say("log.title"), log)
    own = {"freshness": freshness.tools(), "log": log.tools(), **_more(made, desk, BOTTOM)}
    _bring(made, own)
    freshness.on_count = lambda n: made.count("freshness", desk.words.count(n))
    return made


def stand(window: QMainWindow, docks: list[TabDock]) -> None:
    """Put layers and objects at the left, the inspector at the right, the tables below."""
    area = Qt.DockWidgetArea
    sides = (
        area.LeftDockWidgetArea, area.LeftDockWidgetArea, area.RightDockWidgetArea,
        area.BottomDockWidgetArea,
    )  # fmt: skip
    for dock, side in zip(docks, sides, strict=True):
        window.addDockWidget(side, dock)
    window.setCorner(Qt.Corner.BottomRightCorner, area.RightDockWidgetArea)
    window.setCorner(Qt.Corner.BottomLeftCorner, area.BottomDockWidgetArea)


def focus_next(stops: Sequence[QWidget]) -> None:
    """Give the keyboard to the stop after the one that has it; the first of them is the view."""
    focus = QApplication.focusWidget()
    here = next(
        (i for i, w in enumerate(stops) if focus and (w is focus or w.isAncestorOf(focus))), -1
    )
    after = stops[(here + 1) % len(stops)]
    inside = [
        w
        for w in after.findChildren(QWidget)
        if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    (inside[0] if inside and after is not stops[0] else after).setFocus(
        Qt.FocusReason.ShortcutFocusReason
    )
