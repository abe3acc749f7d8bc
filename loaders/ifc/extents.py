"""Rough bounds of every object before its geometry is made: placements and cheap sizes.

The tree needs boxes when the file is opened. These are never smaller than the shape for the common
solids (extrusions, mapped items, face sets, breps); the others are named, so that their geometry is
made at once.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders.ifc.structure import HOLES, Structure
from twin.geometry import F64, empty_box

log = logging.getLogger(__name__)

SKIPPED = (
    "Axis",
    "FootPrint",
    "Annotation",
    "Reference",
    "Profile",
    "CoG",
    "Clearance",
    "Lighting",
)
"""Identifiers of representations that are no bodies."""
GUESSED = (
    "IfcRevolvedAreaSolid",
    "IfcRevolvedAreaSolidTapered",
    "IfcSectionedSolidHorizontal",
    "IfcSectionedSurface",
    "IfcSurfaceCurveSweptAreaSolid",
    "IfcFixedReferenceSweptAreaSolid",
    "IfcDirectrixCurveSweptAreaSolid",
    "IfcDirectrixDerivedReferenceSweptAreaSolid",
    "IfcInclinedReferenceSweptAreaSolid",
    "IfcSectionedSpine",
    "IfcCsgSolid",
    "IfcBlock",
    "IfcSphere",
    "IfcRightCircularCone",
    "IfcRightCircularCylinder",
    "IfcRectangularPyramid",
)
"""Items whose points do not tell their size."""
Box = tuple[F64, F64]
Vector = tuple[float, float, float]
_X: Vector = (1.0, 0.0, 0.0)
_Y: Vector = (0.0, 1.0, 0.0)
_Z: Vector = (0.0, 0.0, 1.0)


def extents(sizes: "Sizes", structure: Structure, scale: float) -> tuple[F64, list[int]]:
    """Return f64(n, 6) in metres, and the rows with a shape whose size only its geometry can tell.

    ``scale`` is metres a project unit. Linear placements and curved sweeps are not guessed at.
    """
    found = np.tile(empty_box(), (len(structure.objects), 1))
    unsure: list[int] = []
    for row, item in enumerate(structure.objects):
        if item.is_a("IfcProject"):
            continue
        box = sizes.safely(item)
        if box is not None and np.isfinite(box).all():
            found[row] = np.concatenate(box) * scale
        elif item[6] is not None:
            unsure.append(row)
    return found, unsure


def enclose(bounds: F64, structure: Structure) -> F64:
    """Return bounds in which wholes enclose their parts, openings apart: those are no matter."""
    found = bounds.copy()
    for row in range(len(found) - 1, 0, -1):
        top = structure.parent[row]
        if top >= 0 and structure.kinds[row] not in HOLES:
            found[top, :3] = np.minimum(found[top, :3], found[row, :3])
            found[top, 3:] = np.maximum(found[top, 3:], found[row, 3:])
    return found


@dataclass
class Sizes:
    """Boxes in project units, each placement and each shared item looked at once."""

    file: Any
    placements: dict[int, F64] = field(default_factory=dict)
    items: dict[int, Box | None] = field(default_factory=dict)

    def safely(self, product: Any) -> Box | None:
        """Return the box of a product; None where its representation is broken (told by its tile)."""
        try:
            return self.of_product(product)
        except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            log.debug("#%s has no rough size: %s", product.id(), error)
            return None

    def of_product(self, product: Any) -> Box | None:
        """Return the box of a product in the model's frame."""
        if product[6] is None:
            return None
        boxes: list[Box | None] = []
        for representation in product[6][2] or ():
            if representation[1] not in SKIPPED:
                boxes.extend(self.of_item(item) for item in representation[3] or ())
        box = _union(boxes)
        if box is None or self.linear(product[5]):
            return None
        return _moved(box, self.placement(product[5]))

    def linear(self, placement: Any) -> bool:
        """Return whether a placement follows a curve somewhere up its chain."""
        while placement is not None:
            if not placement.is_a("IfcLocalPlacement"):
                return True
            placement = placement[0]
        return False

    def placement(self, placement: Any) -> F64:
        """Return f64(4, 4) of an IfcObjectPlacement; what is no local placement counts as its origin."""
        if placement is None:
            return np.eye(4)
        known = self.placements.get(placement.id())
        if known is None:
            local = placement.is_a("IfcLocalPlacement")
            known = self.placement(placement[0]) @ axes(placement[1]) if local else np.eye(4)
            self.placements[placement.id()] = known
        return known

    def of_item(self, item: Any) -> Box | None:
        """Return the box of a representation item in its own frame."""
        key = item.id()
        if key not in self.items:
            self.items[key] = None
            self.items[key] = self._size(item)
        return self.items[key]

    def _size(self, item: Any) -> Box | None:
        kind = item.is_a()
        if kind.startswith("IfcExtrudedAreaSolid"):
            return self._extrusion(item)
        if kind == "IfcMappedItem":
            source = item[0]
            box = _union([self.of_item(part) for part in source[1][3] or ()])
            if box is None:
                return None
            return _moved(box, operator(item[1]) @ axes(source[0]))
        if kind in ("IfcBooleanClippingResult", "IfcBooleanResult"):
            return self.of_item(item[1])
        if kind == "IfcBoundingBox":
            low = np.array(_point(item[0]))
            return low, low + np.array([item[1], item[2], item[3]], np.float64)
        if kind in GUESSED:
            return None
        return self._points(item)

    def _extrusion(self, item: Any) -> Box | None:
        area = self._profile(item[0])
        if area is None:
            return None
        along = np.array((*item[2][0], 0.0)[:3], np.float64)
        along *= item[3] / max(float(np.linalg.norm(along)), 1e-12)
        low, high = area
        box = np.minimum(low, low + along), np.maximum(high, high + along)
        return _moved(box, axes(item[1])) if item[1] is not None else box

    def _profile(self, profile: Any) -> Box | None:
        """Return the box of a profile in its plane (z = 0)."""
        if profile.is_a("IfcParameterizedProfileDef"):
            numbers = [v for v in list(profile)[3:] if isinstance(v, float)]
            if profile.is_a("IfcRectangleProfileDef"):
                half = np.array([numbers[0], numbers[1], 0.0]) / 2
            else:
                half = np.array([1.0, 1.0, 0.0]) * max(numbers, default=0.0)
            box = -half, half
            return _moved(box, axes(profile[2])) if profile[2] is not None else box
        if profile.is_a("IfcCompositeProfileDef"):
            return _union([self._profile(part) for part in profile[2]])
        return self._points(profile)

    def _points(self, item: Any) -> Box | None:
        """Return the box of all points below an item, wider by the largest radius."""
        found: list[Sequence[float]] = []
        radius = 0.0
        for part in self.file.traverse(item):
            kind = part.is_a()
            if kind == "IfcCartesianPoint":
                found.append(part.get_argument(0))
            elif kind in ("IfcCartesianPointList3D", "IfcCartesianPointList2D"):
                found.extend((*point, 0.0)[:3] for point in part[0])
            elif kind in ("IfcCircle", "IfcSweptDiskSolid", "IfcCircleHollowProfileDef"):
                radius = max(radius, float(part[1]))
            elif kind == "IfcEllipse":
                radius = max(radius, float(part[1]), float(part[2]))
        if not found:
            return None
        try:
            points = np.array(found, np.float64)
        except ValueError:
            points = np.array([(*point, 0.0, 0.0)[:3] for point in found], np.float64)
        low, high = np.zeros(3), np.zeros(3)
        width = min(3, points.shape[1])
        low[:width], high[:width] = points.min(axis=0)[:width], points.max(axis=0)[:width]
        return low - radius, high + radius


def axes(placement: Any) -> F64:
    """Return f64(4, 4) of an IfcAxis2Placement2D/3D; the identity for anything else."""
    matrix = np.eye(4)
    if placement is None or not placement.is_a("IfcPlacement"):
        return matrix
    location = placement.get_argument(0)
    if location is not None and location.is_a("IfcCartesianPoint"):
        matrix[:3, 3] = _point(location)
    if placement.is_a("IfcAxis2Placement3D"):
        up, along = placement.get_argument(1), placement.get_argument(2)
        if up is not None or along is not None:
            matrix[:3, :3] = _frame(_direction(up, _Z), _direction(along, _X))
    elif placement.is_a("IfcAxis2Placement2D") and placement.get_argument(1) is not None:
        x, y, _ = _direction(placement.get_argument(1), _X)
        matrix[:2, :2] = ((x, -y), (y, x))
    return matrix


def operator(target: Any) -> F64:
    """Return f64(4, 4) of an IfcCartesianTransformationOperator3D, unequal scales included."""
    matrix = np.eye(4)
    matrix[:3, 3] = _point(target[2])
    first = float(target[3] or 1.0)
    if not target.is_a("IfcCartesianTransformationOperator3D"):
        matrix[:3, :3] *= first
        return matrix
    if target[0] is not None or target[1] is not None or target[4] is not None:
        turned = np.array(_frame(_direction(target[4], _Z), _direction(target[0], _X)))
        if target[1] is not None and turned[:, 1] @ np.array(_direction(target[1], _Y)) < 0:
            turned[:, 1] *= -1
        matrix[:3, :3] = turned
    scales = [first, first, first]
    if target.is_a("IfcCartesianTransformationOperator3DnonUniform"):
        scales[1], scales[2] = float(target[5] or first), float(target[6] or first)
    matrix[:3, :3] *= np.array(scales)
    return matrix


def _point(point: Any) -> Vector:
    x, y, z = (*point.get_argument(0), 0.0, 0.0)[:3]
    return x, y, z


def _direction(direction: Any, default: Vector) -> Vector:
    """Return a unit vector; plain floats, because numpy costs 20 times more on three numbers."""
    if direction is None:
        return default
    x, y, z = (*direction.get_argument(0), 0.0)[:3]
    length = math.sqrt(x * x + y * y + z * z)
    return (x / length, y / length, z / length) if length > 0 else default


def _frame(up: Vector, along: Vector) -> tuple[Vector, Vector, Vector]:
    """Return the rows of the matrix whose columns are x, y, z, from the z axis and a hint for x."""
    u, v, w = up
    a, b, c = along
    part = u * a + v * b + w * c
    x, y, z = a - u * part, b - v * part, c - w * part
    length = math.sqrt(x * x + y * y + z * z)
    if length < 1e-9:
        return _frame(up, _Y if abs(v) < 0.9 else _X)
    x, y, z = x / length, y / length, z / length
    return (x, v * z - w * y, u), (y, w * x - u * z, v), (z, u * y - v * x, w)


def _moved(box: Box, matrix: F64) -> Box:
    """Return the box around a moved box."""
    turn = matrix[:3, :3]
    middle = turn @ ((box[0] + box[1]) / 2) + matrix[:3, 3]
    half = np.abs(turn) @ ((box[1] - box[0]) / 2)
    return middle - half, middle + half


def _union(boxes: Sequence[Box | None]) -> Box | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    low, high = known[0]
    for other in known[1:]:
        low, high = np.minimum(low, other[0]), np.maximum(high, other[1])
    return low, high
