"""The triangles of objects as they stand on the screen: tiles of a frame, instances multiplied out."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from twin.features import Bool
from twin.geometry import F64, I32, Drawable, Instances, Mesh, Rows
from twin.streaming import LayerFrame, Resident


def triangles_of(part: LayerFrame, rows: Rows, also: Iterable[int] = ()) -> F64:
    """Return the triangles f64(n, 3, 3) of rows of a layer in the project frame, as shown.

    What the frame draws, of a layer with levels the one that is seen, and the tiles ``also`` of those
    that memory keeps. The lift is in the heights.
    """
    tiles = [tile for number, tile in part.tiles.items() if number not in part.under]
    tiles += [part.kept[number] for number in also]
    found = [piece for tile in tiles for piece in _of_tile(tile, rows)]
    every = np.concatenate(found) if found else np.zeros((0, 3, 3))
    return np.asarray(every + np.array([0.0, 0.0, part.lift]), np.float64)


def unseen_tiles(
    part: LayerFrame, geometry: Mapping[int, Rows], parent: I32, rows: Rows
) -> frozenset[int]:
    """Return the tiles that hold rows but are not drawn, nor stands a coarser or finer one for them.

    ``geometry`` names the rows of every tile seen so far, ``parent`` the tile above each.
    """
    drawn = {number for number in part.tiles if number not in part.under}
    above = {up for number in drawn for up in _upwards(parent, number)}
    holding = [t for t, held in geometry.items() if t not in above and np.isin(rows, held).any()]
    return frozenset(t for t in holding if drawn.isdisjoint(_upwards(parent, t)))


def _upwards(parent: I32, tile: int) -> Iterator[int]:
    """Yield a tile and all above it."""
    while tile >= 0:
        yield tile
        tile = int(parent[tile])


def _of_tile(tile: Resident, rows: Rows) -> Iterator[F64]:
    wanted = np.isin(tile.rows, rows)
    if not wanted.any():
        return
    for item in tile.drawables:
        piece = _of_drawable(item, wanted)
        if len(piece):
            yield piece


def _of_drawable(item: Drawable, wanted: Bool) -> F64:
    if isinstance(item, Mesh):
        feature = item.feature[item.triangles[:, 0]] if len(item.triangles) else item.feature[:0]
        chosen = item.triangles[(feature >= 0) & wanted[np.maximum(feature, 0)]]
        return np.asarray(item.positions[chosen].astype(np.float64) + item.origin, np.float64)
    if isinstance(item, Instances):
        placed_here = (item.feature >= 0) & wanted[np.maximum(item.feature, 0)]
        corners = item.mesh.positions[item.mesh.triangles].astype(np.float64) + item.mesh.origin
        moves = item.transforms[placed_here]
        placed = np.einsum("kij,tcj->ktci", moves[:, :3, :3], corners)
        return np.asarray((placed + moves[:, None, None, :3, 3]).reshape(-1, 3, 3), np.float64)
    return np.zeros((0, 3, 3))


def box_of_triangles(triangles: F64) -> F64:
    """Return the box f64(6) of triangles; empty ones give a box that holds nothing."""
    if not len(triangles):
        return np.array([np.inf] * 3 + [-np.inf] * 3)
    flat = triangles.reshape(-1, 3)
    return np.concatenate([flat.min(axis=0), flat.max(axis=0)])
