"""Sections on the stage: which planes cut which tile, and the actors of the faces they leave.

A tile that no plane goes through keeps the shader it has; one that is cut away whole is not drawn at all.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twin.geometry import F64
from twin.sections import Cap, crossing, gone
from twin.streaming import Frame
from ui.viewport.actors import Drawn, Scene, TileActors, actor_of
from ui.viewport.batches import cap_batches
from ui.viewport.reconcile import Key


@dataclass
class Cutting:
    """Keeps the tiles of a stage cut as the frame says. ``put`` and ``drop`` bring actors on and off."""

    put: Callable[[Drawn], None]
    drop: Callable[[Drawn], None]
    waiting: int = 0
    """Tiles whose faces of cuts are not on the stage yet."""
    _active: bool = False

    def apply(
        self,
        frame: Frame,
        tiles: Mapping[Key, TileActors],
        boxes: F64,
        scene: Scene | None,
        milliseconds: float,
    ) -> bool:
        """Cut tiles, whose boxes are f64(n, 6), by the frame's planes; return whether anything changed.

        Faces are built for about so many milliseconds; ``waiting`` says how many tiles lack theirs.
        """
        self.waiting = 0
        if not len(frame.planes) and not self._active:
            return False
        self._active, changed = bool(len(frame.planes)), False
        crossed, away = crossing(boxes, frame.planes), gone(boxes, frame.planes)
        for tile, through, whole in zip(tiles.values(), crossed, away, strict=True):
            changed |= tile.cut(frame.planes[through & (not whole)], bool(whole))
        started, built = time.perf_counter(), 0
        for key, tile in tiles.items():
            wanted = frame.caps.get(key, ())
            if wanted is tile.capped or not (wanted or tile.capped):
                continue
            if built and (time.perf_counter() - started) * 1000 > milliseconds:
                self.waiting += 1
                continue
            self._cap(tile, wanted, scene)
            built += 1
        return changed or built > 0

    def _cap(self, tile: TileActors, wanted: tuple[Cap, ...], scene: Scene | None) -> None:
        for part in tile.caps:
            self.drop(part)
        tile.caps, tile.capped = [], wanted
        for batch in cap_batches(wanted, tile.resident):
            assert scene is not None
            made = actor_of(batch, tile.states, scene)
            tile.join(made)
            tile.caps.append(made)
            self.put(made)
        if tile.sunk != 1.0:  # new actors take the place of the others with the next look
            tile.sunk = 0.0
