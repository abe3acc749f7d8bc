"""What is done with sections by name: box, plane, taken in hand, flown to."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from twin.records import Section
from twin.sections import extent_of, is_box, middle_of
from ui.city_view import CityView
from ui.desk import Desk
from ui.section_tool import SectionTool
from ui.viewport.camera import fit, pose_of, roomy


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def section_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of sections by action name."""
    return SectionHandlers(desk, shell.show_panel, view).table()


SLANT = np.array([0.25, -0.45, 0.5])
"""How far a flight to a plane looks at it aslant: a face seen straight on hides what it cuts."""


class SectionHandlers:
    """The functions behind the actions of sections."""

    def __init__(self, desk: Desk, show: Callable[[str], None], view: CityView) -> None:
        self.desk, self.show, self.view = desk, show, view

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "sections.box": lambda: self.tool().box(),
            "sections.plane": lambda: self.tool().plane(),
            "sections.take": self.take,
            "sections.fly": self.fly,
            "panel.sections": lambda: self.show("sections"),
        }

    def tool(self) -> SectionTool:
        """Return the tool, in hand."""
        hand = self.view.canvas.hand
        if not isinstance(hand, SectionTool):
            self.desk.act("tool.section")
            hand = self.view.canvas.hand
        assert isinstance(hand, SectionTool)
        return hand

    def take(self, key: str) -> None:
        """Take a section in hand."""
        section = self._known(key)
        if section is not None:
            if not section.visible:
                self.desk.run("sections.show", id=key)
            tool = self.tool()
            tool.waiting = ""
            tool.take(key)

    def fly(self, key: str) -> None:
        """Fly to where the cut is seen: from the side that is cut away."""
        section = self._known(key)
        if section is None:
            return
        canvas = self.view.canvas
        if is_box(section):
            corners = extent_of(section).corners
            box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
            self.view.fit(box)
            return
        normal = np.array(section.planes[0].normal)
        bounds, point = self.desk.session.twin.bounds, middle_of(section)
        if not np.isfinite(bounds).all():
            return
        back = normal + SLANT * (1.0 - abs(normal[2]))
        pose = pose_of(point + back, point, canvas.navigator.pose.fov_y, canvas.navigator.pose.yaw)
        canvas.go(fit(pose, roomy(bounds), canvas.view.size, covered=canvas.covered))

    def _known(self, key: str) -> Section | None:
        found = self.desk.session.twin.records["sections"].get(key)
        return found if isinstance(found, Section) else None
