"""Points of clouds near a line: what a profile shows of them."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from twin.analyses.soup import Soup
from twin.analyses.study import Spots
from twin.features import Bool
from twin.geometry import F64, I32, Drawable, Points, Rows

MOST = 20_000
"""Points of a profile; of more every second one is left out until it is no more than these."""


@dataclass(frozen=True)
class Corridor:
    """The strip along a polyline ``path`` f64(k, 2): up to ``half`` metres to each side of it, in plan."""

    path: F64
    half: float

    def met(self, boxes: F64) -> Bool:
        """Return bool(n): which boxes f64(n, 6) may hold places of the strip."""
        found = np.zeros(len(boxes), np.bool_)
        middle, reach = (boxes[:, :2] + boxes[:, 3:5]) / 2, (boxes[:, 3:5] - boxes[:, :2]) / 2
        for start, way, length, _ in self._legs():
            side = np.array([-way[1], way[0]])
            at, off = (middle - start) @ way, (middle - start) @ side
            wide, tall = reach @ np.abs(way), reach @ np.abs(side)
            found |= (np.abs(off) <= tall + self.half) & (at >= -wide) & (at <= length + wide)
        return found

    def along(self, places: F64) -> F64:
        """Return how far along the line places f64(n, 3) stand, f64(n), NaN beside the strip."""
        found = np.full(len(places), np.nan)
        for start, way, length, done in self._legs():
            flat = places[:, :2] - start
            at, off = flat @ way, flat @ np.array([-way[1], way[0]])
            mine = (np.abs(off) <= self.half) & (at >= 0) & (at <= length) & np.isnan(found)
            found[mine] = at[mine] + done
        return found

    def _legs(self) -> list[tuple[F64, F64, float, float]]:
        """Return start, unit way, length and distance from the start of the line of each leg."""
        legs, done = [], 0.0
        for start, end in pairwise(self.path):
            length = float(np.hypot(*(end - start)))
            if length > 0:
                legs.append((start, (end - start) / length, length, done))
            done += length
        return legs


@dataclass
class Strip(Soup):
    """The points of one layer in a corridor; it has no surfaces."""

    corridor: Corridor | None = None
    lift: float = 0.0
    found: list[tuple[F64, I32]] = field(default_factory=list)
    count: int = 0
    thinned: bool = False

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Take in a tile whose local feature numbers stand for ``rows`` i32(k)."""
        assert self.corridor is not None
        for item in drawables:
            if not isinstance(item, Points) or not len(item.positions) or not len(rows):
                continue
            places = item.positions.astype(np.float64) + item.origin
            along = self.corridor.along(places)
            near = np.flatnonzero(np.isfinite(along))
            height = places[near, 2] + self.lift
            known = rows[np.clip(item.feature[near], 0, len(rows) - 1)]
            self.found.append((np.column_stack([along[near], height]), known.astype(np.int32)))
            self.count += len(near)
        if self.count > 8 * MOST:
            self._thin()

    def spots(self, layer: int, there: Bool) -> Spots:
        """Return the points of rows that are there, from the start of the line on."""
        at = np.concatenate([np.zeros((0, 2)), *(some for some, _ in self.found)])
        row = np.concatenate([np.zeros(0, np.int32), *(some for _, some in self.found)])
        kept = np.flatnonzero(there[row])
        kept = kept[np.lexsort((at[kept, 1], at[kept, 0]))]
        step = -(-len(kept) // MOST) if len(kept) > MOST else 1
        kept = kept[::step]
        return Spots(layer, at[kept], row[kept], self.thinned or step > 1)

    def _thin(self) -> None:
        self.found = [(at[::2], row[::2]) for at, row in self.found]
        self.count = sum(len(row) for _, row in self.found)
        self.thinned = True
