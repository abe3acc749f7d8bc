"""A tile's surface to a mesh in degrees and metres: normals, walls, and quarters of a coarser tile."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loaders._ellipsoid import east_north_up
from loaders.terrain.grids import Numbering, Place
from loaders.terrain.quantized import MASK, Relief
from loaders.terrain.relief import MATERIAL, Vertices, closed
from twin.geometry import F64, I32, U8, Material, Mesh

DEGREE = 111_320.0
"""Metres in a degree of latitude, about."""
WATER = Material("water", (0.16, 0.27, 0.33, 1.0), double_sided=True)


class Piece(NamedTuple):
    """Vertices of a tile: columns u, v, height, water f64(n, 4), geocentric normals f64(n, 3) or None, triangles."""

    values: F64
    normals: F64 | None
    triangles: I32


def piece_of(relief: Relief) -> Piece:
    """Return the whole tile as a piece."""
    wet = np.zeros(len(relief.u)) if relief.water is None else _wet(relief, relief.water)
    return Piece(
        np.stack([relief.u, relief.v, relief.heights, wet], axis=1),
        relief.normals,
        relief.triangles,
    )


def _wet(relief: Relief, water: U8) -> F64:
    """Return 0 to 1 at each vertex: how much water the mask shows there."""
    column = np.clip((relief.u * MASK).astype(int), 0, MASK - 1)
    row = np.clip(((1 - relief.v) * MASK).astype(int), 0, MASK - 1)
    return np.asarray(water[row, column] / 255.0, np.float64)


def quarter(piece: Piece, place: Place, ancestor: Place) -> Piece:
    """Return what of an ancestor's piece lies in a tile, cut at its edges; u and v count in the tile."""
    side = float(1 << (place.z - ancestor.z))
    west = (place.x - ancestor.x * side) / side
    south = (place.y - ancestor.y * side) / side
    for axis, low in ((0, west), (1, south)):
        piece = _clipped(piece, axis, low, 1.0)
        piece = _clipped(piece, axis, low + 1 / side, -1.0)
    values = piece.values.copy()
    values[:, 0] = (values[:, 0] - west) * side
    values[:, 1] = (values[:, 1] - south) * side
    return piece._replace(values=values)


def _clipped(piece: Piece, axis: int, at: float, sign: float) -> Piece:
    """Return the triangles on one side of a line; those across it are cut (Sutherland and Hodgman, 1974)."""
    off = sign * (piece.values[:, axis] - at)
    off[np.abs(off) < 1e-9] = 0.0
    inside = off[piece.triangles] >= 0
    count = inside.sum(axis=1)
    values, normals, triangles = [piece.values], [piece.normals], [piece.triangles[count == 3]]
    total = len(piece.values)
    for kept in (1, 2):
        rows = np.flatnonzero(count == kept)
        if not len(rows):
            continue
        odd = inside[rows] if kept == 1 else ~inside[rows]  # the corner that is alone on its side
        turn = odd.argmax(axis=1)
        corner = np.take_along_axis(piece.triangles[rows], (turn[:, None] + np.arange(3)) % 3, 1)
        alone, left, right = corner.T
        ends = []
        for other in (left, right):
            share = (off[alone] / (off[alone] - off[other]))[:, None]
            values.append(piece.values[alone] * (1 - share) + piece.values[other] * share)
            if piece.normals is not None:
                normals.append(piece.normals[alone] * (1 - share) + piece.normals[other] * share)
            ends.append(np.arange(total, total + len(rows)))
            total += len(rows)
        one, two = ends
        if kept == 1:
            triangles.append(np.stack([alone, one, two], 1))
        else:
            triangles += [np.stack([one, left, right], 1), np.stack([one, right, two], 1)]
    joined = (
        None if piece.normals is None else np.concatenate([n for n in normals if n is not None])
    )
    return Piece(np.concatenate(values), joined, np.concatenate(triangles).astype(np.int32))


def drawn(piece: Piece, place: Place, numbering: Numbering, skirt: float) -> tuple[Mesh, ...]:
    """Return a piece as meshes in degrees and metres: land, and water where a mask shows it."""
    if not len(piece.triangles):
        return ()
    west, _, east, _ = numbering.rectangle(place)
    lon = west + piece.values[:, 0] * (east - west)
    lat = numbering.latitudes(place, piece.values[:, 1])
    points = np.stack([lon, lat, piece.values[:, 2]], axis=1)
    scale = np.array([DEGREE * max(np.cos(np.radians(lat.mean())), 0.01), DEGREE, 1.0])
    triangles = _upward(points, piece.triangles)
    if not len(triangles):
        return ()
    if piece.normals is not None:
        turned = np.einsum(
            "nij,nj->ni", east_north_up(np.radians(lon), np.radians(lat)), piece.normals
        )
    else:
        turned = _smooth(points * scale, triangles)
    turned[:, 2] = np.maximum(turned[:, 2], 0.02)
    leaning = turned * scale
    leaning /= np.linalg.norm(leaning, axis=1, keepdims=True)
    # degrees across and along differ: walls lean as if they were alike, which only tints them
    whole = Vertices(points, leaning.astype(np.float32), triangles)
    wet = piece.values[triangles, 3].mean(axis=1) > 0.5
    units = (float(scale[1]), 1.0)
    if not wet.any():
        return (closed(whole, _ring(piece.values, triangles), skirt, units),)
    parts = []
    for chosen, material in ((~wet, MATERIAL), (wet, WATER)):
        if chosen.any():
            part = whole._replace(triangles=triangles[chosen])
            mesh = closed(part, _ring(piece.values, triangles[chosen]), skirt, units)
            parts.append(_in(mesh, material))
    return tuple(parts)


def _in(mesh: Mesh, material: Material) -> Mesh:
    return replace(mesh, material=material)


def _upward(points: F64, triangles: I32) -> I32:
    """Return the triangles that have an area in the plan, all counter-clockwise seen from above."""
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    found = np.where((area < 0)[:, None], triangles[:, ::-1], triangles)
    return np.ascontiguousarray(found[area != 0], np.int32)


def _smooth(points: F64, triangles: I32) -> F64:
    """Return the mean of the normals of a vertex's triangles, by area."""
    corner = points[triangles]
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    found = np.zeros((len(points), 3))
    for k in range(3):
        np.add.at(found, triangles[:, k], face)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.where(length > 0, found / np.maximum(length, 1e-300), [0.0, 0.0, 1.0]))


def _ring(values: F64, triangles: I32) -> tuple[I32, I32]:
    """Return the edges of triangles that lie on the tile's edges, the surface on their left."""
    starts = triangles.ravel()
    ends = triangles[:, [1, 2, 0]].ravel()
    kept: NDArray[np.bool_] = np.zeros(len(starts), np.bool_)
    for axis in (0, 1):
        for edge in (0.0, 1.0):
            on = np.abs(values[:, axis] - edge) < 1e-9
            kept |= on[starts] & on[ends]
    return starts[kept].astype(np.int32), ends[kept].astype(np.int32)
