"""What a timeline keeps and asks: what is selected, what is dragged, and the panel that does the work."""

from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QPoint

from ui.flythrough.rows import Hit
from ui.flythrough.score import Score


class Deck(Protocol):
    """What the timeline asks of the panel around it."""

    def scrub(self, t: float) -> None:
        """Show the picture at a time."""
        ...

    def move_keys(self, numbers: frozenset[int], seconds: float) -> None:
        """Move keyframes in time."""
        ...

    def move_bar(self, track: str, key: int, start: float, end: float) -> None:
        """Let a bar begin and end elsewhere."""
        ...

    def edit(self, track: str, key: int, t: float) -> None:
        """Open the form of a keyframe or a bar; a key of -1 makes a new one at a time."""
        ...

    def act(self, what: str) -> None:
        """Do something by name: key, remove, copy, cut, paste, duplicate, play, rename."""
        ...

    def menu(self, found: Hit, t: float, at: QPoint) -> None:
        """Offer what can be done with what is under the cursor."""
        ...

    def mute(self, track: str) -> None:
        """Let a track act, or not."""
        ...


@dataclass(frozen=True, slots=True)
class Drag:
    """What is dragged: ``part`` of a Hit or ``pan``; ``shift`` seconds so far."""

    hit: Hit
    at: float
    shift: float = 0.0
    moved: bool = False


@dataclass
class Chosen:
    """What is selected: keyframes by number, bars by (track, key)."""

    keys: frozenset[int] = frozenset()
    bars: frozenset[tuple[str, int]] = frozenset()

    def clear(self) -> None:
        """Select nothing."""
        self.keys, self.bars = frozenset(), frozenset()


@dataclass
class Shown:
    """The state of the picture: score, playhead, snap, muted tracks, track with the keyboard."""

    score: Score = field(default_factory=Score)
    t: float = 0.0
    snap: float = 0.5
    muted: frozenset[str] = frozenset()
    track: str = "camera"
