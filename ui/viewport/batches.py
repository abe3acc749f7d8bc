"""A resident tile -> few batches of arrays, ready for a vertex buffer. Pure numpy.

Plain colours are baked into vertices and merged, pictures and see-through materials stay apart,
instances are multiplied out. Positions are float32 from one float64 origin per tile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F32, F64, I32, PLAIN, U8, Instances, Lines, Material, Mesh, Points
from twin.sections import Cap
from twin.streaming import Resident
from twin.style import BARE
from twin.style import srgb as srgb
from ui.viewport.shaders import Kind
from ui.viewport.water import NAME as WATER

BATCH_TRIANGLES = 1_500_000
"""Instances are multiplied out in batches of about this many triangles."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One actor's arrays: ``cells`` i32(n, 3 | 2 | 1) index ``positions`` f32(v, 3) around ``origin``."""

    kind: Kind
    origin: F64
    positions: F32
    cells: I32
    feature: F32
    colors: U8
    material: Material = PLAIN
    uv: F32 | None = None
    normals: F32 | None = None
    spacing: float = 0.0


def batches(resident: Resident) -> tuple[Batch, ...]:
    """Return a tile's batches; triangles of equal look are merged into one."""
    origin = origin_of(resident)
    groups: dict[tuple[object, ...], list[Batch]] = {}
    found: list[Batch] = []
    for item in resident.drawables:
        if isinstance(item, Mesh):
            batch = _of_mesh(item, origin)
            groups.setdefault(_look(batch), []).append(batch)
        elif isinstance(item, Instances):
            found.extend(_of_instances(item, origin))
        elif isinstance(item, Lines):
            found.append(_of_lines(item, origin))
        else:
            found.append(_of_points(item, origin))
    merged = [_merged(group) for group in groups.values()]
    return tuple(b for b in (*merged, *found) if len(b.cells))


def _look(batch: Batch) -> tuple[object, ...]:
    """Return what must be equal for two batches of triangles to be one: colours are in the vertices."""
    material = batch.material
    return (
        id(material.image) if batch.uv is not None else 0,
        material.wrap if batch.uv is not None else "",
        material.alpha_mode == "blend",
        material.alpha_cutoff if batch.uv is not None and material.alpha_mode == "mask" else 0.0,
        material.unlit,
        material.double_sided,
        batch.normals is not None,
        material.name == WATER,
    )


def origin_of(resident: Resident) -> F64:
    """Return the float64 point the tile's float32 offsets count from."""
    middle = (resident.box[:3] + resident.box[3:]) / 2
    if np.isfinite(middle).all():
        return np.asarray(np.round(middle), np.float64)
    return np.zeros(3)


def _moved(positions: F32, origin: F64, target: F64) -> F32:
    shift = origin - target
    return (positions + shift).astype(np.float32) if shift.any() else positions


def _colors(count: int, material: Material, colors: U8 | None) -> U8:
    base = srgb(material.color)
    if colors is None and material == PLAIN:
        base = BARE
    if colors is None:
        return np.tile(base, (count, 1))
    mixed = colors.astype(np.uint16) * base.astype(np.uint16)
    return np.asarray((mixed + 127) // 255, np.uint8)


def _of_mesh(mesh: Mesh, origin: F64) -> Batch:
    return Batch(
        Kind.FACES,
        origin,
        _moved(mesh.positions, mesh.origin, origin),
        mesh.triangles,
        mesh.feature.astype(np.float32),
        _colors(len(mesh.positions), mesh.material, mesh.colors),
        mesh.material,
        mesh.uv if mesh.material.image is not None else None,
        mesh.normals,
    )


def _of_lines(lines: Lines, origin: F64) -> Batch:
    return Batch(
        Kind.LINES,
        origin,
        _moved(lines.positions, lines.origin, origin),
        lines.segments,
        lines.feature.astype(np.float32),
        _colors(len(lines.positions), lines.material, lines.colors),
        lines.material,
    )


def _of_points(points: Points, origin: F64) -> Batch:
    count = len(points.positions)
    return Batch(
        Kind.POINTS,
        origin,
        _moved(points.positions, points.origin, origin),
        np.arange(count, dtype=np.int32)[:, None],
        points.feature.astype(np.float32),
        _colors(count, points.material, points.colors),
        points.material,
        spacing=points.spacing,
    )


def expanded(item: Instances, origin: F64, start: int, stop: int) -> tuple[F32, I32, F32]:
    """Return positions, triangles and feature numbers of instances ``start`` to ``stop``.

    A mirroring transform turns its triangles round, so that their front stays in front.
    """
    mesh = item.mesh
    points = mesh.positions.astype(np.float64) + mesh.origin
    moves = item.transforms[start:stop]
    placed = np.einsum("kij,vj->kvi", moves[:, :3, :3], points)
    placed += (moves[:, :3, 3] - origin)[:, None, :]
    count, size = len(moves), len(points)
    offset = (np.arange(count, dtype=np.int32) * size)[:, None, None]
    cells = mesh.triangles[None, :, :] + offset
    mirrored = np.linalg.det(moves[:, :3, :3]) < 0
    cells[mirrored] = cells[mirrored][:, :, ::-1]
    cells = cells.reshape(-1, 3).astype(np.int32)
    feature = np.repeat(item.feature[start:stop].astype(np.float32), size)
    return placed.reshape(-1, 3).astype(np.float32), cells, feature


def _of_instances(item: Instances, origin: F64) -> Iterable[Batch]:
    mesh = item.mesh
    step = max(1, BATCH_TRIANGLES // max(len(mesh.triangles), 1))
    for start in range(0, len(item.transforms), step):
        stop = min(start + step, len(item.transforms))
        positions, cells, feature = expanded(item, origin, start, stop)
        count = stop - start
        colors = _colors(len(mesh.positions), mesh.material, mesh.colors)
        textured = mesh.material.image is not None and mesh.uv is not None
        yield Batch(
            Kind.FACES,
            origin,
            positions,
            cells,
            feature,
            np.tile(colors, (count, 1)),
            mesh.material,
            np.tile(mesh.uv, (count, 1)) if textured and mesh.uv is not None else None,
        )


def _merged(group: list[Batch]) -> Batch:
    if len(group) == 1:
        return group[0]
    starts = np.cumsum([0, *(len(b.positions) for b in group[:-1])])
    cells = [b.cells + np.int32(s) for b, s in zip(group, starts, strict=True)]
    normals = [b.normals for b in group if b.normals is not None]
    uv = [b.uv for b in group if b.uv is not None]
    return Batch(
        Kind.FACES,
        group[0].origin,
        np.concatenate([b.positions for b in group]),
        np.concatenate(cells).astype(np.int32),
        np.concatenate([b.feature for b in group]),
        np.concatenate([b.colors for b in group]),
        group[0].material,
        np.concatenate(uv) if uv else None,
        np.concatenate(normals) if normals else None,
    )


def biggest(batch: Batch, share: float) -> I32:
    """Return the triangles with the largest areas, ``share`` 0..1 of all: enough while moving."""
    corners = batch.positions[batch.cells]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.einsum("ij,ij->i", across, across)
    keep = max(1, round(len(area) * share))
    chosen = np.argpartition(area, len(area) - keep)[len(area) - keep :]
    return np.ascontiguousarray(batch.cells[np.sort(chosen)])


def outlines(resident: Resident) -> Batch | None:
    """Return the edges of a tile's surfaces as one batch of lines, or None when it has none.

    A mesh's own ``edges`` are used; else creases and borders of untextured objects are found.
    """
    origin = origin_of(resident)
    parts = [p for item in resident.drawables if (p := _edges_of(item, origin)) is not None]
    if not parts:
        return None
    starts = np.cumsum([0, *(len(p.positions) for p in parts[:-1])])
    return Batch(
        Kind.EDGES,
        origin,
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.cells + np.int32(s) for p, s in zip(parts, starts, strict=True)]),
        np.concatenate([p.feature for p in parts]),
        np.concatenate([p.colors for p in parts]),
    )


def _edges_of(item: object, origin: F64) -> Batch | None:
    if isinstance(item, Mesh):
        edges = item.edges
        if edges is None:
            if item.material.image is not None or item.material.alpha_mode == "blend":
                return None
            edges = creases(item.positions, item.triangles, item.feature)
        if not len(edges):
            return None
        used, inverse = np.unique(edges, return_inverse=True)
        colors = _colors(
            len(used), item.material, None if item.colors is None else item.colors[used]
        )
        # no alpha: the shader leaves out the edges of what wears its own picture
        colors[:, 3] = 0 if item.material.image is not None else 255
        return Batch(
            Kind.EDGES,
            origin,
            _moved(item.positions[used], item.origin, origin),
            inverse.reshape(-1, 2).astype(np.int32),
            item.feature[used].astype(np.float32),
            colors,
        )
    return None


def creases(positions: F32, triangles: I32, feature: I32, angle: float = 25.0) -> I32:
    """Return edges i32(e, 2) where faces of one object meet at more than ``angle`` degrees, or end.

    Vertices that lie within a millimetre of each other count as one. Background (feature < 0) has none.
    """
    triangles = triangles[feature[triangles[:, 0]] >= 0]
    if not len(triangles):
        return np.zeros((0, 2), np.int32)
    corners = positions[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    sound = length > 1e-9
    triangles, normal = triangles[sound], normal[sound] / length[sound, None]
    welded = _weld(positions, feature)[triangles]
    ends = np.stack([welded, np.roll(welded, -1, axis=1)], axis=2).reshape(-1, 2)
    given = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2)
    key = ends.min(axis=1).astype(np.int64) << 32 | ends.max(axis=1)
    order = np.argsort(key)
    key, face = key[order], (order // 3)
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    count = np.diff(np.append(first, len(key)))
    pair = first[count == 2]
    bend = np.einsum("ij,ij->i", normal[face[pair]], normal[face[pair + 1]])
    sharp = pair[bend < np.cos(np.radians(angle))]
    chosen = order[np.concatenate([first[count == 1], sharp, first[count > 2]])]
    return np.asarray(given[chosen], np.int32)


def _weld(positions: F32, feature: I32) -> NDArray[np.intp]:
    """Return for each vertex a number shared by all vertices of its object at its place."""
    grid = np.round(positions * 1000).astype(np.int64)
    # odd 64-bit constants spread the bits; wrapping round is what a hash wants
    mixed = grid[:, 0] * np.int64(-7046029254386353131)
    mixed = (mixed ^ (mixed >> 29)) + grid[:, 1] * np.int64(-4417276706812531889)
    mixed = (mixed ^ (mixed >> 32)) + grid[:, 2] * np.int64(1609587929392839161)
    mixed = (mixed ^ (mixed >> 29)) + feature.astype(np.int64) * np.int64(-8796714831421723037)
    return np.asarray(np.unique(mixed, return_inverse=True)[1], np.intp)


def cap_batches(caps: Sequence[Cap], resident: Resident) -> tuple[Batch, ...]:
    """Return the faces and the outlines of a tile's cuts, each as one batch (empty ones left out)."""
    origin = origin_of(resident)
    found = []
    for kind in (Kind.CAPS, Kind.CAP_EDGES):
        parts = [_of_cap(cap.mesh, kind, origin) for cap in caps]
        if any(len(part.cells) for part in parts):
            found.append(replace(_merged(parts), kind=kind))
    return tuple(found)


def _of_cap(mesh: Mesh, kind: Kind, origin: F64) -> Batch:
    assert mesh.edges is not None
    assert mesh.colors is not None
    solid = 3 * len(mesh.triangles)  # corners of faces come first, each its own
    cells = mesh.triangles if kind is Kind.CAPS else mesh.edges - np.int32(solid)
    part = slice(0, solid) if kind is Kind.CAPS else slice(solid, None)
    return Batch(
        kind,
        origin,
        _moved(mesh.positions[part], mesh.origin, origin),
        cells,
        mesh.feature[part].astype(np.float32),
        mesh.colors[part],
    )
