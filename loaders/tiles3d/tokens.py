"""What travels with a tile to ``fetch``: addresses and matrix; for a subtree's tiles made on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

import numpy as np
import orjson
from numpy.typing import NDArray

from twin.features import Column
from twin.geometry import F64

Bool = NDArray[np.bool_]
Said = tuple[tuple[str, str], ...]
"""Metadata as (name, text)."""


@dataclass(frozen=True, slots=True)
class Implicit:
    """How a tile divides itself (3D Tiles 1.1, "Implicit Tiling").

    ``axes`` 2 (quadtree) or 3 (octree) are halved a level; a subtree spans ``span`` levels of
    ``levels`` in all. ``subtrees`` and ``contents`` are addresses with ``{level} {x} {y} {z}`` in
    them, ``groups`` what is said of each content's group. ``volume`` is the root's volume as it
    stands in the tileset, ``error`` its geometric error in the tileset's metres.
    """

    axes: int
    span: int
    levels: int
    subtrees: str
    contents: tuple[str, ...]
    groups: tuple[Said, ...]
    volume: dict[str, Any]
    error: float
    refine: int
    schema: dict[str, Any]


class Token(NamedTuple):
    """What ``fetch`` needs of a tile: its contents, matrix f64(4, 4) to the tileset's frame, up axis.

    ``document`` is the address of the tileset.json it stands in, ``trail`` those above it;
    ``metadata`` the tile's own properties as (name, text). With ``implicit`` the only content is
    the subtree whose root stands at the level and place ``at`` (level, x, y, z).
    """

    document: str
    contents: tuple[str, ...]
    matrix: F64
    up: str
    trail: tuple[str, ...]
    metadata: Said = ()
    implicit: Implicit | None = None
    at: tuple[int, int, int, int] = (0, 0, 0, 0)


def filled(template: str, at: tuple[int, int, int, int]) -> str:
    """Return the address of a tile or subtree: the template's variables replaced."""
    for name, value in zip(("{level}", "{x}", "{y}", "{z}"), at, strict=True):
        template = template.replace(name, str(value))
    return template


@dataclass(frozen=True, slots=True)
class SubtreeTokens(Sequence[Token]):
    """The tokens of a subtree's tiles. A subtree may have a million tiles: none is made unasked.

    Tile i stands ``level`` u8(n) levels below the subtree's root at the Morton code ``code``
    u32(n); ``available`` bool(n, contents); the last ``roots`` tiles are those of further subtrees.
    ``rows`` i32(n, 1 + contents) are the rows of what ``tables`` say of the tile and its contents
    (-1 = nothing).
    """

    subtree: Token
    level: NDArray[np.uint8]
    code: NDArray[np.uint32]
    available: Bool
    roots: int
    rows: NDArray[np.int32]
    tables: tuple[dict[str, Column], ...] = ()

    def __len__(self) -> int:
        """Return the number of tiles."""
        return len(self.level)

    @overload
    def __getitem__(self, tile: int) -> Token: ...
    @overload
    def __getitem__(self, tile: slice) -> tuple[Token, ...]: ...
    def __getitem__(self, tile: int | slice) -> Token | tuple[Token, ...]:
        """Return the token of a tile."""
        if isinstance(tile, slice):
            return tuple(self[i] for i in range(*tile.indices(len(self))))
        tile = range(len(self))[tile]
        implicit = self.subtree.implicit
        assert implicit is not None
        at = self._place(tile, implicit.axes)
        if tile >= len(self) - self.roots:
            return self.subtree._replace(contents=(filled(implicit.subtrees, at),), at=at)
        here = np.flatnonzero(self.available[tile]).tolist()
        return self.subtree._replace(
            contents=tuple(filled(implicit.contents[i], at) for i in here),
            metadata=self._said(tile, here, implicit),
            implicit=None,
            at=at,
        )

    def _place(self, tile: int, axes: int) -> tuple[int, int, int, int]:
        level, x, y, z = self.subtree.at
        down, code = int(self.level[tile]), int(self.code[tile])
        own = [0, 0, 0]
        for bit in range(down * axes):
            own[bit % axes] |= (code >> bit & 1) << (bit // axes)
        return level + down, (x << down) + own[0], (y << down) + own[1], (z << down) + own[2]

    def _said(self, tile: int, here: list[int], implicit: Implicit) -> Said:
        """Return what is said of the tile; of its only content and that content's group beats it."""
        found = dict(self.subtree.metadata)
        found.update(self._row(tile, 0))
        if len(here) == 1:
            found.update(implicit.groups[here[0]])
            found.update(self._row(tile, 1 + here[0]))
        return tuple(found.items())

    def _row(self, tile: int, table: int) -> Said:
        row = int(self.rows[tile, table]) if table < self.rows.shape[1] else -1
        if row < 0:
            return ()
        cells = (
            (name, column[row : row + 1].tolist()[0])
            for name, column in self.tables[table].items()
        )
        return tuple(
            (name, as_text(cell)) for name, cell in cells if cell is not None and cell == cell
        )


def as_text(value: Any) -> str:
    """Return a JSON value as the text shown to people."""
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested deeper than anybody reads
        return "..."
