"""Tiles out of sight that stay with the graphics library: a turn of the head brings them back at once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from twin.streaming import Frame, Resident
from ui.viewport.actors import TileActors
from ui.viewport.reconcile import Key

MOST = 48
"""Tiles that are parked at once. What memory lets go is never held here."""


@dataclass
class Parking:
    """Actors of tiles that are not drawn now. ``destroy`` takes a tile's actors off the stage."""

    destroy: Callable[[TileActors], None]
    tiles: dict[Key, TileActors] = field(default_factory=dict)

    def park(self, key: Key, tile: TileActors) -> None:
        """Take a tile out of sight."""
        for part in tile.drawn:
            part.see(False)
        self.tiles[key] = tile

    def back(self, key: Key, resident: Resident) -> TileActors | None:
        """Return the actors of a tile, in sight again at full detail; None when they are not here."""
        tile = self.tiles.pop(key, None)
        if tile is not None and tile.resident is not resident:
            self.destroy(tile)
            return None
        for part in () if tile is None else (*tile.parts, *tile.caps):
            part.see(True)
        return tile

    def release(self, frame: Frame) -> None:
        """Let tiles go that memory no longer holds, and the first ones of too many."""
        held = [key for key, tile in self.tiles.items() if _kept(frame, key) is tile.resident]
        stay = set(held[-MOST:])
        for key in [key for key in self.tiles if key not in stay]:
            self.destroy(self.tiles.pop(key))

    def clear(self) -> None:
        """Let all of them go."""
        for tile in self.tiles.values():
            self.destroy(tile)
        self.tiles.clear()


def _kept(frame: Frame, key: Key) -> Resident | None:
    part = frame.layers.get(key[0])
    return None if part is None else part.kept.get(key[1])
