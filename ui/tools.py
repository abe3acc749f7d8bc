"""The tools of the view by name: which there are, which is in hand, and what they offer in the tool bar."""

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ui.annotating.tool import AnnotateTool
from ui.areas.tool import AreaTool
from ui.city_view import CityView
from ui.compare_tool import CompareTool
from ui.desk import Desk
from ui.flythrough.tool import FlythroughTool
from ui.measuring.tool import MeasureTool
from ui.place_tool import PlaceTool
from ui.results.block_tool import BlockTool
from ui.results.compare import BeforeAfterTool
from ui.section_tool import SectionTool
from ui.sight.tool import SightTool
from ui.sun_tool import SunTool
from ui.viewport.tools import ViewTool


class Tool(ViewTool, Protocol):
    """A tool that stands in the tool bar; its words are ``tool.<name>`` and ``tool.<name>_tip``."""

    def options(self) -> QWidget | None:
        """Return what stands beside the tools while this one is in hand. Made once."""
        ...

    def start(self) -> None:
        """Begin: the tool was taken in hand."""
        ...


MakeTool = Callable[[Desk, CityView], Tool]
TOOLS: Mapping[str, tuple[str, MakeTool]] = {
    "measure": ("measure", MeasureTool),
    "section": ("section", SectionTool),
    "sun": ("sun", SunTool),
    "sight": ("sight", SightTool),
    "compare": ("compare", CompareTool),
    "flythrough": ("flythrough", FlythroughTool),
    "place": ("place", PlaceTool),
    "areas": ("areas", AreaTool),
    "annotate": ("annotate", AnnotateTool),
    "block": ("building", BlockTool),
    "before_after": ("compare", BeforeAfterTool),
}
"""Name -> (icon, maker), in the order of the tool bar; each has an action ``tool.<name>``."""
RARE = frozenset({"annotate", "areas", "block", "before_after"})
"""Tools that give way in the tool bar like ways to move; menus and panels have them too."""
OF_ROLE: Mapping[str, frozenset[str]] = {
    "planner": frozenset({"measure", "section", "sun", "sight", "compare", "flythrough"}),
    "custodian": frozenset({"measure", "section", "compare", "place", "areas"}),
    "presenter": frozenset({"measure", "section", "sun", "compare", "flythrough"}),
}
"""The tools that each workspace has in its tool bar; menus, keys and the palette have all of them."""


class Toolbox:
    """The tools of one window. At most one is in hand; none in hand is Explore."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.view = view
        self.tools: dict[str, Tool] = {name: make(desk, view) for name, (_, make) in TOOLS.items()}
        self.name = ""
        self.changed: Callable[[], None] = lambda: None
        view.put_tool_back = self.put_back

    def table(self) -> dict[str, Callable[..., None]]:
        """Return action name -> function: taking a tool that is in hand puts it back."""
        return {f"tool.{name}": lambda n=name: self.toggle(n) for name in self.tools}

    def toggle(self, name: str) -> None:
        """Take a tool in hand, or put it back when it is the one in hand."""
        if self.name == name:
            self.put_back()
        else:
            self.take(name)

    def take(self, name: str) -> None:
        """Take a tool in hand; the one before is put back, walking and flying end."""
        self.view.stop()
        self.name = name
        self.view.take_tool(self.tools[name])
        self.tools[name].start()
        self.changed()

    def put_back(self) -> bool:
        """Put the tool in hand back; return whether there was one."""
        if not self.name:
            return False
        tool, self.name = self.tools[self.name], ""
        self.view.take_tool(None)
        tool.stop()
        self.changed()
        return True
