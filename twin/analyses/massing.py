"""Massing blocks: upright prisms over a polygon, as geometry and as a table of objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from twin.errors import UsageError
from twin.features import FeatureTable, texts
from twin.geometry import F64, Rows

STOREY = 3.0
"""Metres of a storey where nobody said how many there are."""
HIGHEST = 10_000.0
CORNERS = 10_000
"""Limits of what a block can be: a slip of the pen, or a broken file."""


@dataclass(frozen=True, slots=True)
class Block:
    """A prism: ``ring`` corners (x, y) in the project frame, not closed, from ``base`` up by ``height`` m."""

    id: str
    title: str
    ring: tuple[tuple[float, float], ...]
    base: float
    height: float
    storeys: int = 0

    @property
    def area(self) -> float:
        """Return the area of its footprint, m²."""
        return float(shapely.Polygon(self.ring).area)


def checked_ring(ring: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return a ring counter-clockwise, doubled corners left out. Raises UsageError for one that is no
    simple polygon."""
    kept: list[tuple[float, float]] = []
    for x, y in ring:
        if not (np.isfinite(x) and np.isfinite(y)):
            raise UsageError(reason="a corner of the block is not a finite number")
        if not kept or (x, y) != kept[-1]:
            kept.append((float(x), float(y)))
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    if not 3 <= len(kept) <= CORNERS:
        raise UsageError(reason=f"a block needs 3 to {CORNERS} corners, this has {len(kept)}")
    shape = shapely.Polygon(kept)
    if not shape.is_valid or shape.area < 1e-6:
        raise UsageError(reason="the outline of the block crosses itself or has no area")
    return tuple(kept) if shape.exterior.is_ccw else tuple(reversed(kept))


def body_of(block: Block) -> tuple[F64, Rows]:
    """Return corners f64(v, 3) and triangles i32(t, 3), faces outwards: floor, roof, walls."""
    ring = np.asarray(block.ring, np.float64)
    n = len(ring)
    low = np.column_stack([ring, np.full(n, block.base)])
    high = low + np.array([0.0, 0.0, block.height])
    roof = _flat(ring)
    here = np.arange(n, dtype=np.int32)
    beside = np.roll(here, -1)
    walls = np.concatenate([
        np.column_stack([here, beside, beside + n]), np.column_stack([here, beside + n, here + n])
    ])  # fmt: skip
    faces = np.concatenate([roof[:, ::-1], roof + n, walls]).astype(np.int32)
    return np.concatenate([low, high]), faces


def _flat(ring: F64) -> Rows:
    """Return the triangles i32(t, 3) of a simple ring f64(n, 2) counter-clockwise, corners of the ring."""
    pieces = shapely.get_parts(shapely.constrained_delaunay_triangles(shapely.Polygon(ring)))
    number = {tuple(corner): k for k, corner in enumerate(ring.tolist())}
    found = []
    for piece in pieces:
        corners = [number[tuple(x)] for x in shapely.get_coordinates(piece)[:3].tolist()]
        found.append(corners if piece.exterior.is_ccw else corners[::-1])
    return np.array(found, np.int32).reshape(-1, 3)


def table_of(blocks: Sequence[Block]) -> FeatureTable:
    """Return the blocks as a table of buildings: height and storeys beside id, name and box."""
    n = len(blocks)
    bounds = np.empty((n, 6))
    for row, block in enumerate(blocks):
        ring = np.asarray(block.ring)
        low, high = ring.min(axis=0), ring.max(axis=0)
        bounds[row] = (*low, block.base, *high, block.base + block.height)
    return FeatureTable(
        id=texts([block.id for block in blocks]),
        kind=np.zeros(n, np.uint16),
        kinds=("Building",),
        parent=np.full(n, -1, np.int32),
        bounds=bounds,
        name=texts([block.title for block in blocks]),
        columns={
            "height": np.array([block.height for block in blocks], np.float64),
            "storeys": np.array([storeys_of(block) for block in blocks], np.int64),
        },
    )


def storeys_of(block: Block) -> int:
    """Return the storeys a block has, else as many as fit its height."""
    return block.storeys or max(1, int(block.height // STOREY))
