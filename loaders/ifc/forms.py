"""Representation items as numpy can take them: sweeps, face sets, indexed face sets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.ifc.cuts import DIFFERENCE, INTERSECTION, UNION, Boolean, HalfSpace, available
from loaders.ifc.extents import axes
from loaders.ifc.faces import FaceSet, Polygons, triangles_of
from loaders.ifc.outlines import Units, profile_rings, ring
from loaders.ifc.statements import Ints, Statements, places
from loaders.ifc.sweeps import Raw, Sweep
from twin.geometry import F64

THINNEST = 1e-4
"""Metres below which a solid is left to the kernel, which takes it for nothing."""
UPRIGHT = 1e-9
"""An extrusion whose direction rises less than this part of its length encloses nothing."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """An indexed face set as the file has it: points f64(n, 3) and its polygons."""

    points: F64
    polygons: Polygons
    closed: bool


Form = Sweep | FaceSet | Mesh | Boolean


def read_form(item: Any, text: Statements, units: Units) -> Form | None:
    """Return an item as numpy can take it, None for any other."""
    reader = READERS.get(item.is_a())
    return reader(item, text, units) if reader else None


def meshed(meshes: Sequence[Mesh]) -> list[Raw | None]:
    """Return the triangles of indexed face sets."""
    if not meshes:
        return []
    base = np.cumsum([0, *(len(mesh.points) for mesh in meshes)])
    polygons = Polygons(
        np.concatenate([mesh.polygons.corner + base[i] for i, mesh in enumerate(meshes)]),
        np.concatenate([mesh.polygons.size for mesh in meshes]),
        np.concatenate([mesh.polygons.rings for mesh in meshes]),
        np.concatenate([mesh.polygons.owner + i for i, mesh in enumerate(meshes)]),
    )
    points = np.concatenate([mesh.points for mesh in meshes])
    closed = np.array([mesh.closed for mesh in meshes])
    return triangles_of(polygons, points, closed, np.zeros(len(meshes), np.bool_))


def _sweep(item: Any, text: Statements, units: Units) -> Sweep | None:
    rings = profile_rings(item.get_argument(0), text, units)
    if rings is None:
        return None
    frame = axes(item.get_argument(1))
    along = np.array((*item.get_argument(2).get_argument(0), 0.0)[:3])
    length, depth = float(np.linalg.norm(along)), float(item.get_argument(3))
    if length == 0 or depth * units.length < THINNEST or abs(along[2]) < UPRIGHT * length:
        return None
    x, y, z = (along * (depth / length)).tolist()
    return Sweep(rings, (x, y, z), frame)


def _faces(ids: Sequence[int], text: Statements, kinds: Sequence[bytes]) -> Ints | None:
    """Return the step numbers of the faces of some shells; None where one of them is not known."""
    found = []
    for step in ids:
        for kind in kinds:
            shells = text.lists[kind]
            at = int(places(shells.ids, np.array([step]))[0])
            if at >= 0:
                found.append(shells.values[shells.begin[at] : shells.begin[at + 1]])
                break
        else:
            return None
    return np.concatenate(found) if found else None


def _brep(item: Any, text: Statements, units: Units) -> FaceSet | None:
    faces = _faces([item.get_argument(0).id()], text, (b"CLOSEDSHELL(",))
    return None if faces is None else FaceSet(faces, closed=True)


def _surface(item: Any, text: Statements, units: Units) -> FaceSet | None:
    kinds = (b"CONNECTEDFACESET(", b"OPENSHELL(", b"CLOSEDSHELL(")
    faces = _faces([shell.id() for shell in item.get_argument(0)], text, kinds)
    return None if faces is None else FaceSet(faces, closed=False)


def _indexed(item: Any, text: Statements, units: Units) -> Mesh | None:
    """Return an IfcTriangulatedFaceSet; None where points or triangles are numbered anew."""
    if len(item) > 4 and item[4] is not None:
        return None
    points = np.array(item[0][0], np.float64)
    corner = np.array(item[3], np.int64) - 1
    if points.ndim != 2 or points.shape[1] != 3 or corner.ndim != 2 or corner.shape[1] != 3:
        return None
    if corner.min() < 0 or corner.max() >= len(points):
        return None
    n = len(corner)
    polygons = Polygons(
        corner.reshape(-1), np.full(n, 3, np.int32), np.ones(n, np.int32), np.zeros(n, np.int64)
    )
    return Mesh(points, polygons, closed=False)


def _polygonal(item: Any, text: Statements, units: Units) -> Mesh | None:
    """Return an IfcPolygonalFaceSet; None where its points are numbered anew."""
    if item[3] is not None:
        return None
    points = np.array(item[0][0], np.float64)
    rings: list[Sequence[int]] = []
    many = []
    for face in item[2]:
        inner = face[1] if face.is_a() == "IfcIndexedPolygonalFaceWithVoids" else ()
        rings += [face.get_argument(0), *inner]
        many.append(1 + len(inner))
    corner = np.array([at for ring in rings for at in ring], np.int64) - 1
    if points.ndim != 2 or points.shape[1] != 3 or not len(corner):
        return None
    if corner.min() < 0 or corner.max() >= len(points):
        return None
    size = np.array([len(ring) for ring in rings], np.int32)
    number = np.array(many, np.int32)
    return Mesh(
        points, Polygons(corner, size, number, np.zeros(len(many), np.int64)), closed=False
    )


def _boolean(item: Any, text: Statements, units: Units) -> Boolean | None:
    """Return a boolean result of solids, or of a solid and a half-space below a plane."""
    operator, first, second = item[0], item[1], item[2]
    if operator not in (DIFFERENCE, UNION, INTERSECTION) or not available():
        return None
    if not second.is_a("IfcHalfSpaceSolid"):
        return Boolean(operator, first.id(), second.id())
    space = _half_space(second, text, units)
    return Boolean(operator, first.id(), space) if space and operator != UNION else None


def _half_space(item: Any, text: Statements, units: Units) -> HalfSpace | None:
    if not item[0].is_a("IfcPlane"):
        return None
    plane = axes(item[0][0])
    normal, point = plane[:3, 2] * (1.0 if item[1] else -1.0), plane[:3, 3]
    if item.is_a() == "IfcHalfSpaceSolid":
        return HalfSpace(normal, point)
    if item.is_a() != "IfcPolygonalBoundedHalfSpace":
        return None
    boundary = ring(item[3], text, units)
    return None if boundary is None else HalfSpace(normal, point, boundary, axes(item[2]))


READERS: Mapping[str, Callable[[Any, Statements, Units], Form | None]] = {
    "IfcExtrudedAreaSolid": _sweep,
    "IfcFacetedBrep": _brep,
    "IfcShellBasedSurfaceModel": _surface,
    "IfcFaceBasedSurfaceModel": _surface,
    "IfcTriangulatedFaceSet": _indexed,
    "IfcPolygonalFaceSet": _polygonal,
    "IfcBooleanResult": _boolean,
    "IfcBooleanClippingResult": _boolean,
}
