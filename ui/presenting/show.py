"""How a presentation stands: which scene, what the audience is spared, how long it has gone on. No widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from twin.presenting.stories import Told

SMALLEST, LARGEST = 0.06, 0.45
"""Radius of the spotlight as a share of the picture's height, least and most."""


@dataclass
class Show:
    """A story being told. ``number`` is the scene, -1 while none is; ``pointer`` lies in 0..1 of the picture."""

    running: bool = False
    display: int = 0
    """The number of the audience's display, 1 the first; 0 = a window of its own, -1 = it is missing."""
    pixels: tuple[int, int] = (0, 0)
    story: str = ""
    """The id of the story that is told ('' = the first, else the saved views)."""
    scenes: Sequence[Told] = ()
    freshness: bool = True
    planned: float = 0.0
    began: float = 0.0
    number: int = -1
    black: bool = False
    frozen: bool = False
    laser: bool = False
    spotlight: bool = False
    radius: float = 0.16
    pointer: tuple[float, float] | None = None
    caption: Mapping[str, str] = field(default_factory=dict)
    """What a route that is flown says by language; it stands in for the scene's words."""
    aside: bool = False
    """Whether a bookmark is shown that is not the scene's: no caption belongs to it."""

    @property
    def scene(self) -> Told | None:
        """Return the scene that is told; None before the first and beside them."""
        return self.scenes[self.number] if 0 <= self.number < len(self.scenes) else None

    @property
    def following(self) -> Told | None:
        """Return the scene to come; None after the last."""
        after = self.number + 1
        return self.scenes[after] if 0 <= after < len(self.scenes) else None

    @property
    def status(self) -> str:
        """Return '' (live), 'black' or 'frozen': what the presenter has to know of the audience's picture."""
        return "black" if self.black else "frozen" if self.frozen else ""

    def begin(self, scenes: Sequence[Told], now: float) -> None:
        """Start with nothing told yet."""
        self.scenes, self.began, self.number = scenes, now, -1
        self.black = self.frozen = self.laser = self.spotlight = self.aside = False
        self.pointer, self.running = None, True

    def finish(self) -> None:
        """Show nothing any more."""
        self.black = self.frozen = self.laser = self.spotlight = self.running = False

    def step(self, by: int) -> Told | None:
        """Go on (or back) by scenes; return the scene when it is another one."""
        to = min(max(self.number + by, 0), len(self.scenes) - 1)
        if to == self.number and not self.aside:
            return None
        self.number, self.aside, self.black = to, False, False
        return self.scene

    def grow(self, by: float) -> None:
        """Make the spotlight larger or smaller."""
        self.radius = min(max(self.radius * by, SMALLEST), LARGEST)

    def elapsed(self, now: float) -> float:
        """Return seconds since it began."""
        return max(now - self.began, 0.0)

    def renew(self, scenes: Sequence[Told]) -> None:
        """Tell the story as it is now: the scene that is shown stays, wherever it stands today."""
        key = None if self.scene is None else self.scene.scene.id
        self.scenes = scenes
        found = next((n for n, x in enumerate(scenes) if x.scene.id == key), None)
        self.number = min(self.number, len(scenes) - 1) if found is None else found
