"""What is known of every tile of a layer, an array a fact, and the tokens that fetch them."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geometry import Rows
from twin.tiles import Bool

I64 = NDArray[np.int64]
FIRST_GUESS = 1 << 18
"""Bytes that a tile is thought to take while none of its layer was seen."""


class Ledger:
    """Facts by tile number. Arrays have room to grow; nothing here costs more than what is asked.

    ``here``: in memory; ``counted``: its content was seen; ``nbytes``: what it takes in memory (0:
    never seen); ``used``: the last tick it was useful at; ``triangles``, ``points`` it holds.
    """

    def __init__(self, size: int) -> None:
        """Know nothing of ``size`` tiles."""
        self.here: Bool = np.zeros(size, np.bool_)
        self.counted: Bool = np.zeros(size, np.bool_)
        self.nbytes: I64 = np.zeros(size, np.int64)
        self.used: I64 = np.zeros(size, np.int64)
        self.triangles: I64 = np.zeros(size, np.int64)
        self.points: I64 = np.zeros(size, np.int64)
        self._seen = self._total = 0

    def fit(self, size: int) -> None:
        """Make room for ``size`` tiles and as many again."""
        if size <= len(self.here):
            return
        for name in ("here", "counted", "nbytes", "used", "triangles", "points"):
            rows = getattr(self, name)
            wide = np.zeros(2 * size, rows.dtype)
            wide[: len(rows)] = rows
            setattr(self, name, wide)

    def count(self, tile: int, triangles: int, points: int) -> None:
        """Note what a tile holds."""
        self.counted[tile] = True
        self.triangles[tile], self.points[tile] = triangles, points

    def weigh(self, tile: int, nbytes: int) -> None:
        """Note what a tile takes in memory."""
        if not self.nbytes[tile]:
            self._seen += 1
        self._total += max(nbytes, 1) - int(self.nbytes[tile])
        self.nbytes[tile] = max(nbytes, 1)

    def expected(self, tiles: Rows) -> NDArray[np.float64]:
        """Return the bytes f64(k) of tiles; the mean of the layer where one was never seen."""
        mean = self._total / self._seen if self._seen else FIRST_GUESS
        known = self.nbytes[tiles].astype(np.float64)
        return np.where(known > 0, known, mean)


class Tokens:
    """The tokens of a growing tree: runs as they came, never copied one by one."""

    def __init__(self, first: Sequence[Any]) -> None:
        """Begin with the tokens of the tiles 0 to n; () = the tile numbers suffice."""
        self._starts, self._runs = [0], [first]

    def add(self, start: int, run: Sequence[Any]) -> None:
        """Add the tokens of the tiles from ``start`` on."""
        self._starts.append(start)
        self._runs.append(run)

    def __getitem__(self, tile: int) -> Any:
        """Return a tile's token; None where it has none."""
        place = bisect_right(self._starts, tile) - 1
        run, at = self._runs[place], tile - self._starts[place]
        return run[at] if at < len(run) else None
