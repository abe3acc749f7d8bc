"""What is shown against what should be shown: ``plan`` is pure, tiles are compared by identity."""

from collections.abc import Mapping
from dataclasses import dataclass

from twin.scene import LayerId
from twin.streaming import Frame, Resident

Key = tuple[LayerId, int]
"""A tile on the screen: layer and tile number."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the screen for one key: the very tile, and the state version painted."""

    resident: Resident
    version: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the stage has: tiles and triangles on it, tiles and outlines still to be built."""

    tiles: int
    triangles: int
    pending: int
    edges_pending: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference: tiles to build, to take away (now or once their successors stand), to repaint."""

    add: tuple[Key, ...]
    drop: tuple[Key, ...]
    linger: tuple[Key, ...]
    paint: tuple[Key, ...]

    @property
    def empty(self) -> bool:
        """Return whether the screen shows the frame already."""
        return not (self.add or self.drop or self.linger or self.paint)


def plan(shown: Mapping[Key, Shown], frame: Frame) -> Plan:
    """Return how the screen differs from the frame.

    Tiles are added in order of layer and number, whatever the order they arrived in: equal frames
    make equal pictures. A tile of a layer that still waits for new tiles lingers, so that a refinement never opens a
    hole; a tile whose layer is gone is dropped at once.
    """
    wanted = {
        (layer, number): (tile, part.version)
        for layer, part in frame.layers.items()
        for number, tile in part.tiles.items()
    }
    add = tuple(
        sorted(
            key
            for key, (tile, _) in wanted.items()
            if key not in shown or shown[key].resident is not tile
        )
    )
    waiting = {layer for layer, _ in add}
    gone = [key for key in shown if key not in wanted]
    linger = tuple(key for key in gone if key[0] in waiting)
    drop = tuple(key for key in gone if key[0] not in waiting)
    fresh = set(add)
    paint = tuple(
        key
        for key, (_, version) in wanted.items()
        if key not in fresh and shown[key].version != version
    )
    return Plan(add, drop, linger, paint)


def beneath(frame: Frame, key: Key) -> bool:
    """Return whether a tile on the screen lies beneath the others, or lingers."""
    part = frame.layers[key[0]]
    return key[1] in part.under or key[1] not in part.tiles
