"""Shapes to drawables: repeated geometry as Instances, singles merged to one Mesh a material."""

from collections.abc import Mapping, Sequence

import numpy as np

from loaders.ifc.shapes import Geometry, Shape
from twin.geometry import F64, I32, Drawable, Instances, Material, Mesh

LEAST_SAVED = 100
"""Triangles that instancing must save: below, one more draw call costs more than the copies."""
PLAIN = Material("", (0.55, 0.55, 0.55, 1.0))


def drawables(
    shapes: Sequence[Shape], geometries: Mapping[str, Geometry], row_of: Mapping[int, int]
) -> tuple[Drawable, ...]:
    """Return the drawables of a tile; feature numbers are rows of the table."""
    users: dict[str, list[Shape]] = {}
    for shape in shapes:
        if len(geometries[shape.geometry].triangles):
            users.setdefault(shape.geometry, []).append(shape)
    singles: list[Shape] = []
    found: list[Drawable] = []
    for key, group in users.items():
        geometry = geometries[key]
        if (len(group) - 1) * len(geometry.triangles) >= LEAST_SAVED:
            found.extend(_instances(geometry, group, row_of))
        else:
            singles.extend(group)
    return (*_merged(singles, geometries, row_of), *found)


def boxes(
    shapes: Sequence[Shape], geometries: Mapping[str, Geometry], row_of: Mapping[int, int]
) -> dict[int, F64]:
    """Return row -> exact bounds f64(6) of the shapes, model metres."""
    found: dict[int, F64] = {}
    for shape in shapes:
        points = geometries[shape.geometry].positions
        if not len(points):
            continue
        placed = points @ shape.matrix[:3, :3].T + shape.matrix[:3, 3]
        low, high = placed.min(axis=0), placed.max(axis=0)
        row = row_of[shape.step]
        if row in found:
            low, high = np.minimum(low, found[row][:3]), np.maximum(high, found[row][3:])
        found[row] = np.concatenate([low, high])
    return found


def _instances(
    geometry: Geometry, group: Sequence[Shape], row_of: Mapping[int, int]
) -> list[Drawable]:
    transforms = np.stack([shape.matrix for shape in group])
    rows = np.array([row_of[shape.step] for shape in group], np.int32)
    none = np.zeros(len(geometry.positions), np.int32)
    table = geometry.materials
    return [
        Instances(mesh, transforms, rows)
        for mesh in _split(
            geometry.positions, geometry.triangles, none, (geometry.material, table)
        )
    ]


def _merged(
    singles: Sequence[Shape], geometries: Mapping[str, Geometry], row_of: Mapping[int, int]
) -> list[Mesh]:
    """Return one mesh per material over all singles."""
    if not singles:
        return []
    table: dict[Material, int] = {}
    points, triangles, material, feature = [], [], [], []
    base = 0
    for shape in singles:
        geometry = geometries[shape.geometry]
        codes = np.array([table.setdefault(m, len(table)) for m in geometry.materials] + [-1])
        placed = geometry.positions @ shape.matrix[:3, :3].T + shape.matrix[:3, 3]
        points.append(placed)
        triangles.append(geometry.triangles + base)
        material.append(codes[geometry.material])
        feature.append(np.full(len(placed), row_of[shape.step], np.int32))
        base += len(placed)
    return _split(
        np.concatenate(points),
        np.concatenate(triangles),
        np.concatenate(feature),
        (np.concatenate(material), tuple(table)),
    )


def _split(
    points: F64, triangles: I32, feature: I32, look: tuple[I32, Sequence[Material]]
) -> list[Mesh]:
    """Return one mesh per material that has triangles; float32 offsets from the middle."""
    material, table = look
    meshes = []
    for code in np.unique(material):
        part = triangles[material == code]
        used, corners = np.unique(part, return_inverse=True)
        own = points[used]
        origin = (own.min(axis=0) + own.max(axis=0)) / 2
        meshes.append(
            Mesh(
                origin,
                (own - origin).astype(np.float32),
                corners.reshape(-1, 3).astype(np.int32),
                feature[used],
                table[code] if 0 <= code < len(table) else PLAIN,
            )
        )
    return meshes
