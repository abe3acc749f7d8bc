"""Pictures in tile matrices of any coordinate system: national grids, zones, levels that do not halve (OGC 17-083r4).

Each level has its own corner, its own tiles and its own metres a pixel. A tile that is not there is filled from the
coarser levels.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from loaders._pictures import pixels
from loaders.terrain.imagery.sampling import between
from loaders.terrain.imagery.tiles import MOST_TILES, OVERZOOM, read_tile, rgba
from twin.features import Bool
from twin.files import Root
from twin.geometry import F64, U8
from twin.ports import Feedback
from twin.records import Problem

FINE = 1.25
"""A level is fine enough when its pixels are at most this many times as large as is asked for."""


class Level(NamedTuple):
    """One matrix: ``size`` units of the plane in a pixel, the plane's ``west`` and ``north`` at its corner, pixels of a
    tile, tiles across and down, and the first and last column and row that are there (both included)."""

    name: str
    size: float
    west: float
    north: float
    tile: tuple[int, int] = (256, 256)
    many: tuple[int, int] = (1, 1)
    limits: tuple[int, int, int, int] = (0, 1 << 40, 0, 1 << 40)

    def extent(self) -> tuple[float, float, float, float]:
        """Return least and greatest x and y of the matrix."""
        wide, high = (n * t * self.size for n, t in zip(self.many, self.tile, strict=True))
        return self.west, self.north - high, self.west + wide, self.north

    def has(self, column: int, row: int) -> bool:
        """Return whether there may be a tile."""
        left, right, top, bottom = self.limits
        there = 0 <= column < self.many[0] and 0 <= row < self.many[1]
        return there and left <= column <= right and top <= row <= bottom


@dataclass(frozen=True, slots=True)
class Matrices:
    """Pictures in the plane of ``crs``: ``cuts`` are its levels from coarse to fine, ``template`` with {z}, {x} and {y}."""

    root: Root
    template: str
    crs: str
    unit: float
    cuts: tuple[Level, ...]
    extent: tuple[float, float, float, float]
    credit: str = ""
    problems: tuple[Problem, ...] = ()
    datum: str = ""

    @property
    def finest(self) -> float:
        """Return metres in a pixel of the finest level."""
        return self.cuts[-1].size * self.unit

    def level(self, spacing: float) -> int:
        """Return the coarsest level that is fine enough for pixels ``spacing`` metres apart."""
        fine = [n for n, x in enumerate(self.cuts) if x.size * self.unit <= FINE * spacing]
        return fine[0] if fine else len(self.cuts) - 1

    def colors(self, places: F64, spacing: float, feedback: Feedback) -> U8:
        """Return RGBA u8(h, w, 4) at places f64(h, w, 2). Raises OpenError, Cancelled."""
        found = np.zeros((*places.shape[:2], 4), np.uint8)
        left = np.asarray(np.isfinite(places).all(axis=-1), np.bool_)
        first = self.level(spacing)
        for n in range(first, max(first - OVERZOOM, 0) - 1, -1):
            x0, y0, x1, y1 = self.cuts[n].extent()
            there = left & (places[..., 0] >= x0) & (places[..., 0] <= x1)
            there &= (places[..., 1] >= y0) & (places[..., 1] <= y1)
            if not there.any():
                break
            seen, bare = self._sampled(n, places, there, feedback)
            found[there] = seen[there]
            left = there & bare
        return found

    def _sampled(self, n: int, places: F64, there: Bool, feedback: Feedback) -> tuple[U8, Bool]:
        """Return a level's colours u8(h, w, 4), and bool(h, w): its tile is not there."""
        level = self.cuts[n]
        wide, high = level.tile
        x = np.where(there, (places[..., 0] - level.west) / (level.size * wide), 0.0)
        y = np.where(there, (level.north - places[..., 1]) / (level.size * high), 0.0)
        left, top = (int(np.floor(f[there].min())) for f in (x, y))
        across, down = (int(np.floor(f[there].max())) - at + 1 for f, at in ((x, left), (y, top)))
        if (
            across * down > MOST_TILES
        ):  # so large a picture of so fine a level: a coarser one will do
            return np.zeros((*places.shape[:2], 4), np.uint8), there
        mosaic = np.zeros((down * high, across * wide, 4), np.uint8)
        lacking = np.zeros((down, across), np.bool_)
        for row in range(down):
            for column in range(across):
                feedback.check()
                data = self.read(n, left + column, top + row)
                if data is None:
                    lacking[row, column] = True
                    continue
                picture = rgba(pixels(data, self.template), (high, wide))
                mosaic[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = (
                    picture
                )
        rows = np.clip(np.floor(y).astype(int) - top, 0, down - 1)
        columns = np.clip(np.floor(x).astype(int) - left, 0, across - 1)
        bare = there & lacking[rows, columns]
        seen = between(mosaic, (y - top) * high - 0.5, (x - left) * wide - 0.5, there)
        return seen, np.asarray(bare, np.bool_)

    def read(self, n: int, column: int, row: int) -> bytes | None:
        """Return the bytes of a tile, None where there is none. Raises OpenError."""
        level = self.cuts[n]
        if not level.has(column, row):
            return None
        text = self.template
        for name, value in (("{z}", level.name), ("{x}", str(column)), ("{y}", str(row))):
            text = text.replace(name, value)
        return read_tile(self.root, text)
