"""What menus do for sight: the tool with a question in hand, the tab of profiles."""

from collections.abc import Callable, Mapping
from typing import cast

import numpy as np

from ui.city_view import CityView
from ui.desk import Desk
from ui.sight.coordinates_dialog import CoordinatesDialog
from ui.sight.options import MODES, SightOptions
from ui.viewport.tools import ViewTool


def sight_table(
    desk: Desk, show_panel: Callable[[str], None], view: CityView
) -> Mapping[str, Callable[..., None]]:
    """Return the functions by action name."""

    def ask(mode: str) -> None:
        options = next((one for one in desk.panels if isinstance(one, SightOptions)), None)
        if options is None:
            return
        if view.canvas.hand is not cast(ViewTool, options.tool):
            desk.act("tool.sight")
        options.tool.choose(mode)

    found: dict[str, Callable[..., None]] = {
        f"sight.{name}": lambda mode=name: ask(mode) for name in MODES
    }

    def coordinates() -> None:
        bounds = desk.session.twin.bounds
        here = view.pointer()
        place = (bounds[:3] + bounds[3:]) / 2 if here is None else np.asarray(here, np.float64)
        if np.isfinite(place).all():
            CoordinatesDialog(desk, view, view.widget().window(), place).show()

    found["view.coordinates"] = coordinates
    return {**found, "panel.profile": lambda: show_panel("profile")}
