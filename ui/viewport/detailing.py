"""Which parts of the stage's tiles are drawn while the camera moves: stand-ins of few triangles for far ones."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64
from twin.tiles import View
from ui.viewport.actors import Drawn, Scene, TileActors, coarse_of
from ui.viewport.batches import biggest
from ui.viewport.detail import FULL, inside, levels
from ui.viewport.reconcile import Key

Tiles = Mapping[Key, TileActors]


@dataclass
class Detailing:
    """Chooses each tile's level of detail. ``put`` brings the actors of stand-ins on the stage."""

    put: Callable[[Drawn], None]
    drawn_triangles: int = 0
    """Triangles in view at the detail chosen last."""
    _chosen: dict[Key, float] = field(default_factory=dict)

    def forget(self, key: Key) -> None:
        """Let a tile go that leaves the stage."""
        self._chosen.pop(key, None)

    def choose(
        self, tiles: Tiles, boxes: F64, view: View, budget: float, scene: Scene | None, edges: bool
    ) -> bool:
        """Show every tile as finely as the budget of triangles allows; return whether anything changed.

        ``boxes`` f64(n, 6) are the tiles'; ``edges`` says whether whole tiles show their outlines.
        """
        chosen, counts = _levels(tiles, boxes, view, budget)
        whole = np.array([tile.triangles for tile in tiles.values()], np.int64)
        drawn = whole - counts + counts * chosen
        self.drawn_triangles = int(drawn[inside(view, boxes)].sum())
        changed = False
        for (key, tile), level in zip(tiles.items(), chosen, strict=True):
            changed |= self._show(key, tile, float(level), scene, edges)
        return changed

    def _show(
        self, key: Key, tile: TileActors, level: float, scene: Scene | None, edges: bool
    ) -> bool:
        outlined = level == FULL and (edges or tile.outlined)
        changed = tile.edges is not None and tile.edges.wanted != outlined
        if tile.edges is not None and changed:
            tile.edges.see(outlined)
        if self._chosen.get(key, FULL) == level:
            return changed
        self._chosen[key] = level
        for part in tile.thinnable:
            self._swap(part, tile, level, scene)
        return True

    def prepare(
        self, tiles: Tiles, boxes: F64, view: View, budget: float, scene: Scene | None, ms: float
    ) -> bool:
        """Build the stand-ins that a motion from here would need; return whether all are there.

        Called while the camera rests, so that the first moving picture does not pay for them.
        """
        started = time.perf_counter()
        chosen = _levels(tiles, boxes, view, budget)[0]
        for tile, level in zip(tiles.values(), chosen, strict=True):
            for part in tile.thinnable if level != FULL else ():
                if level not in part.coarse:
                    self._stand_in(part, tile, float(level), scene).see(False)
                    if (time.perf_counter() - started) * 1000 > ms:
                        return False
        return True

    def _stand_in(self, part: Drawn, tile: TileActors, level: float, scene: Scene | None) -> Drawn:
        assert scene is not None
        found = coarse_of(part, biggest(part.batch, level), tile.states, scene)
        tile.join(found)
        part.coarse[level] = found
        self.put(found)
        return found

    def _swap(self, part: Drawn, tile: TileActors, level: float, scene: Scene | None) -> None:
        part.see(level == FULL)
        if level != FULL and level not in part.coarse:
            self._stand_in(part, tile, level, scene)
        for share, stand_in in part.coarse.items():
            stand_in.see(share == level)


def _levels(tiles: Tiles, boxes: F64, view: View, budget: float) -> tuple[F64, NDArray[np.int64]]:
    """Return each tile's share f64(n), and how many of its triangles i64(n) it is a share of."""
    counts = np.array(
        [sum(len(p.batch.cells) for p in t.thinnable if not p.gone) for t in tiles.values()],
        np.int64,
    )
    return levels(view, boxes, counts, budget), counts
