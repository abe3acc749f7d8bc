"""What the keys and buttons of a presentation do."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from PySide6.QtGui import QAction

from ui.city_view import CityView
from ui.desk import Desk
from ui.presenting.presentation import Presentation

TOGGLES = ("laser", "spotlight", "freeze", "black")
KEPT = "presentation"
"""The name under which a view keeps its presentation."""


class Stage(Protocol):
    """What presenting needs of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""

    def turn_role(self, role: str) -> None:
        """Turn to another workspace."""

    def action(self, name: str) -> QAction:
        """Return a declared action."""


class PresentHandlers:
    """The functions behind the actions of presenting."""

    def __init__(self, desk: Desk, stage: Stage, view: CityView) -> None:
        self.desk, self.stage, self.view = desk, stage, view
        self.presentation = self._kept()

    def _kept(self) -> Presentation:
        """Return the presentation of the view: it goes on when the window is built anew."""
        kept = self.view.canvas.kept.get(KEPT)
        if isinstance(kept, Presentation):
            kept.leave_window(self.desk, self.follow)
            return kept
        made = Presentation(self.desk, self.view, self.follow)
        self.view.canvas.kept[KEPT] = made
        return made

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        deeds = {f"present.{name}": partial(self._do, name) for name in TOGGLES}
        return {
            **deeds,
            "present.start": self.toggle,
            "present.next": partial(self._do, "next"),
            "present.previous": partial(self._do, "previous"),
            "present.jump": self.presentation.jump,
            "present.end": self.presentation.end,
            "present.swap": partial(self._do, "swap"),
            "present.resume": self.presentation.come_back,
            "present.keys": self.presentation.take_keys,
            "panel.notes": lambda: self.stage.show_panel("notes"),
            "panel.scenes": lambda: self.stage.show_panel("scenes"),
        }

    def toggle(self) -> None:
        """Begin to present, or end."""
        if self.desk.show.running:
            self.presentation.end()
            return
        self.stage.turn_role("presenter")
        self.stage.show_panel("notes")
        self.presentation.start()

    def _do(self, name: str) -> None:
        if self.desk.show.running:
            self.presentation.do(name)
        else:
            self.follow()

    def follow(self) -> None:
        """Let the held actions say how it stands."""
        show = self.desk.show
        held = {
            "start": show.running, "laser": show.laser, "spotlight": show.spotlight,
            "freeze": show.frozen, "black": show.black,
        }  # fmt: skip
        for name, on in held.items():
            self.stage.action(f"present.{name}").setChecked(on)


def present_table(desk: Desk, stage: Stage, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of presenting by action name."""
    return PresentHandlers(desk, stage, view).table()
