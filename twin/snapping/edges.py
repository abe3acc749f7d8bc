"""The real edges near a pixel: those of one triangle, and those where two planes meet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64, cross
from twin.measuring.welding import weld
from twin.snapping.gathering import Near, Owner
from twin.snapping.sight import Cuts
from twin.tiles import View

SAME = 4e-4
"""Corners nearer than half of this, metres, are one."""
SMOOTH = float(np.cos(np.radians(1.0)))
"""Two triangles whose planes differ by less than a degree make no edge."""
NEAREST = 0.01
"""Depth, metres, before which an edge is cut off."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges as ends f64(m, 2, 3) with the number of their object i64(m)."""

    ends: F64
    owner: Owner

    def only(self, chosen: Bool | NDArray[np.intp]) -> "Edges":
        """Return some of them."""
        return Edges(self.ends[chosen], self.owner[chosen])


def pixels(view: View, places: F64) -> tuple[F64, F64]:
    """Return device pixels x, y f64(..., 2) and depth f64(...) of places f64(..., 3)."""
    shift = places - view.eye
    depth = shift @ view.forward
    half = view.size[1] / 2 / np.tan(np.radians(view.fov_y) / 2)
    safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
    x = view.size[0] / 2 + shift @ view.right / safe * half
    y = view.size[1] / 2 - shift @ cross(view.right, view.forward) / safe * half
    return np.stack([x, y], axis=-1), depth


def away(view: View, places: F64, at: tuple[float, float]) -> F64:
    """Return how many pixels places f64(n, 3) are from a pixel; inf behind the eye."""
    spots, depth = pixels(view, places)
    return np.where(depth > 0, np.hypot(spots[:, 0] - at[0], spots[:, 1] - at[1]), np.inf)


def nearest_places(view: View, ends: F64, at: tuple[float, float]) -> tuple[F64, F64]:
    """Return the place f64(m, 3) of each edge f64(m, 2, 3) that is seen nearest to a pixel, and how many
    pixels from it f64(m); inf for edges behind the eye."""
    depth = (ends - view.eye) @ view.forward
    behind = (depth < NEAREST).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = (NEAREST - depth[:, 0]) / (depth[:, 1] - depth[:, 0])
    begin = np.where(depth[:, 0] < NEAREST, cut, 0.0)
    end = np.where(depth[:, 1] < NEAREST, cut, 1.0)
    way = ends[:, 1] - ends[:, 0]
    begin, end = np.where(behind, 0.0, begin), np.where(behind, 1.0, end)
    a, b = ends[:, 0] + way * begin[:, None], ends[:, 0] + way * end[:, None]
    (start, near), (stop, far) = pixels(view, a), pixels(view, b)
    along = stop - start
    share = ((np.array(at) - start) * along).sum(axis=1) / np.maximum(
        (along**2).sum(axis=1), 1e-12
    )
    share = np.clip(share, 0.0, 1.0)
    # equal steps on the screen are no equal steps in space
    share = share * near / np.where(behind, 1.0, far + share * (near - far))
    found = a + (b - a) * share[:, None]
    return found, np.where(behind, np.inf, away(view, found, at))


def real_edges(near: Near, view: View, at: tuple[float, float], radius: float) -> Edges:
    """Return the edges of triangles within ``radius`` pixels that are no inner edges of a flat face."""
    corners = near.parts
    ends = corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2, 3)
    close = np.flatnonzero(nearest_places(view, ends, at)[1] <= radius)
    if not len(close):
        return Edges(ends[:0], near.owner[:0])
    ends, of = ends[close], close // 3
    third = corners.reshape(-1, 3)[3 * of + (close + 2) % 3]
    label = weld(ends.reshape(-1, 3), SAME).reshape(-1, 2)
    label = np.sort(label, axis=1)
    key = np.column_stack([near.owner[of], label])
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    real = ~_flat(ends[first], third, group.ravel()) & (label[first, 0] != label[first, 1])
    return Edges(ends[first], near.owner[of[first]]).only(real)


def _flat(ends: F64, third: F64, group: NDArray[np.intp]) -> Bool:
    """Return which edges f64(m, 2, 3) lie inside of a flat face: ``third`` f64(n, 3) are the corners of
    their triangles across, ``group`` i(n) which edge each is across of.

    Seen along the edge, triangles stand on both sides and all on one line.
    """
    way = ends[:, 1] - ends[:, 0]
    way /= np.maximum(np.linalg.norm(way, axis=1), 1e-12)[:, None]
    out = third - ends[group, 0]
    out -= way[group] * np.einsum("ij,ij->i", out, way[group])[:, None]
    out /= np.maximum(np.linalg.norm(out, axis=1), 1e-12)[:, None]
    lead = np.zeros_like(way)
    lead[group] = out
    turn = np.einsum("ij,ij->i", out, lead[group])
    straight = np.ones(len(ends), np.bool_)
    np.logical_and.at(straight, group, np.abs(turn) >= SMOOTH)
    both = np.zeros(len(ends), np.bool_)
    np.logical_or.at(both, group, turn < 0)
    return straight & both


def cut_edges(near: Near, cuts: Cuts) -> Edges:
    """Return the lines in which planes cut triangles."""
    found = []
    for plane in range(len(cuts)):
        height = cuts.heights(near.parts)[:, :, plane]
        crossed = (height.min(axis=1) < 0) & (height.max(axis=1) > 0)
        parts, high = near.parts[crossed], height[crossed]
        if not len(parts):
            continue
        after, next_high = np.roll(parts, -1, axis=1), np.roll(high, -1, axis=1)
        through = (high < 0) != (next_high < 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(through, high / (high - next_high), 0.0)
        spots = parts + (after - parts) * share[:, :, None]
        two = np.argsort(~through, axis=1, kind="stable")[:, :2]
        ends = np.take_along_axis(spots, two[:, :, None], axis=1)
        found.append(Edges(ends, near.owner[crossed]))
    if not found:
        return Edges(np.zeros((0, 2, 3)), np.zeros(0, np.int64))
    return Edges(np.concatenate([x.ends for x in found]), np.concatenate([x.owner for x in found]))


def cut_corners(edges: Edges, cuts: Cuts) -> Edges:
    """Return where planes cut edges: both ends of each are that place."""
    found, owner = [], []
    for plane in range(len(cuts)):
        high = cuts.heights(edges.ends)[:, :, plane]
        crossed = (high.min(axis=1) < 0) & (high.max(axis=1) > 0)
        ends, height = edges.ends[crossed], high[crossed]
        share = height[:, 0] / (height[:, 0] - height[:, 1]) if len(ends) else height[:, 0]
        spot = ends[:, 0] + (ends[:, 1] - ends[:, 0]) * share[:, None]
        found.append(np.stack([spot, spot], axis=1))
        owner.append(edges.owner[crossed])
    if not found:
        return Edges(np.zeros((0, 2, 3)), np.zeros(0, np.int64))
    return Edges(np.concatenate(found), np.concatenate(owner))
