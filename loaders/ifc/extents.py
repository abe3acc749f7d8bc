"""Rough bounds of every object before its geometry is made: placements and cheap sizes.

The tree needs boxes when the file is opened, the exact ones come with the tiles. These are never
smaller than the shape for the common solids (extrusions, mapped items, face sets, breps).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders.ifc.structure import Structure
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
"""Representations that are no bodies."""
Box = tuple[F64, F64]
_CORNERS = np.array([[(i >> k) & 1 for k in range(3)] for i in range(8)])


def extents(file: Any, structure: Structure, scale: float) -> F64:
    """Return f64(n, 6) in metres; ``scale`` is metres a project unit. Wholes enclose their parts."""
    sizes = Sizes(file)
    found = np.tile(empty_box(), (len(structure.objects), 1))
    for row, item in enumerate(structure.objects):
        if row == 0 or item.is_a("IfcProject"):
            continue
        box = sizes.safely(item)
        if box is not None:
            found[row] = np.concatenate(box) * scale
    parents = structure.parent
    for row in range(len(found) - 1, 0, -1):
        top = parents[row]
        if top >= 0:
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
        return None if box is None else _moved(box, self.placement(product[5]))

    def placement(self, placement: Any) -> F64:
        """Return f64(4, 4) of an IfcObjectPlacement; what is no local placement counts as its origin."""
        if placement is None:
            return np.eye(4)
        known = self.placements.get(placement.id())
        if known is None:
            own = _find(placement, "IfcLocalPlacement", 1)
            if placement.is_a("IfcLinearPlacement"):
                own = placement[2]
            known = self.placement(_above(placement)) @ axes(own)
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
            low = _point(item[0])
            return low, low + np.array([item[1], item[2], item[3]], np.float64)
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
                found.append((*part[0], 0.0, 0.0)[:3])
            elif kind in ("IfcCartesianPointList3D", "IfcCartesianPointList2D"):
                found.extend((*point, 0.0)[:3] for point in part[0])
            elif kind in ("IfcCircle", "IfcSweptDiskSolid", "IfcCircleHollowProfileDef"):
                radius = max(radius, float(part[1]))
            elif kind == "IfcEllipse":
                radius = max(radius, float(part[1]), float(part[2]))
        if not found:
            return None
        points = np.array(found, np.float64)
        return points.min(axis=0) - radius, points.max(axis=0) + radius


def axes(placement: Any) -> F64:
    """Return f64(4, 4) of an IfcAxis2Placement2D/3D; the identity for anything else."""
    matrix = np.eye(4)
    if placement is None or not placement.is_a("IfcPlacement"):
        return matrix
    if placement[0].is_a("IfcCartesianPoint"):
        matrix[:3, 3] = _point(placement[0])
    if placement.is_a("IfcAxis2Placement3D"):
        if placement[1] is None and placement[2] is None:
            return matrix
        up = _direction(placement[1], (0.0, 0.0, 1.0))
        matrix[:3, :3] = _frame(up, _direction(placement[2], (1.0, 0.0, 0.0)))
    elif placement.is_a("IfcAxis2Placement2D") and placement[1] is not None:
        x, y = _direction(placement[1], (1.0, 0.0, 0.0))[:2]
        matrix[:2, :2] = [[x, -y], [y, x]]
    return matrix


def operator(target: Any) -> F64:
    """Return f64(4, 4) of an IfcCartesianTransformationOperator3D, unequal scales included."""
    matrix = np.eye(4)
    matrix[:3, 3] = _point(target[2])
    first = float(target[3] or 1.0)
    if not target.is_a("IfcCartesianTransformationOperator3D"):
        matrix[:3, :3] *= first
        return matrix
    up = _direction(target[4], (0.0, 0.0, 1.0))
    turned = _frame(up, _direction(target[0], (1.0, 0.0, 0.0)))
    second = target[1]
    if second is not None and turned[:, 1] @ _direction(second, (0.0, 1.0, 0.0)) < 0:
        turned[:, 1] *= -1
    scales = [first, first, first]
    if target.is_a("IfcCartesianTransformationOperator3DnonUniform"):
        scales[1], scales[2] = float(target[5] or first), float(target[6] or first)
    matrix[:3, :3] = turned * np.array(scales)
    return matrix


def _above(placement: Any) -> Any:
    """Return what a placement is relative to."""
    if placement.is_a("IfcGridPlacement"):
        return None
    return placement[0]


def _find(placement: Any, kind: str, index: int) -> Any:
    return placement[index] if placement.is_a(kind) else None


def _point(point: Any) -> F64:
    return np.array((*point[0], 0.0, 0.0)[:3], np.float64)


def _direction(direction: Any, default: Sequence[float]) -> F64:
    ratios = default if direction is None else (*direction[0], 0.0)[:3]
    vector = np.array(ratios, np.float64)
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else np.array(default, np.float64)


def _frame(up: F64, along: F64) -> F64:
    """Return f64(3, 3) whose columns are x, y, z from the z axis and a hint for x."""
    x = along - up * float(along @ up)
    length = float(np.linalg.norm(x))
    if length < 1e-9:
        x = np.cross([0.0, 1.0, 0.0] if abs(up[1]) < 0.9 else [1.0, 0.0, 0.0], up)
        length = float(np.linalg.norm(x))
    x = x / length
    return np.stack([x, np.cross(up, x), up], axis=1)


def _moved(box: Box, matrix: F64) -> Box:
    corners = np.where(_CORNERS == 0, box[0], box[1]) @ matrix[:3, :3].T + matrix[:3, 3]
    return corners.min(axis=0), corners.max(axis=0)


def _union(boxes: Sequence[Box | None]) -> Box | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    low, high = known[0]
    for other in known[1:]:
        low, high = np.minimum(low, other[0]), np.maximum(high, other[1])
    return low, high
