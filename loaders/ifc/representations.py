"""What the kernel takes of an element's representations: bodies, mapped items, openings, styles."""

from typing import Any

import numpy as np

from loaders.ifc.cuts import DIFFERENCE
from loaders.ifc.extents import axes, operator
from loaders.ifc.structure import by_type
from loaders.ifc.styles import Styles
from twin.geometry import F64

CURVES = (
    "Curve",
    "Curve2D",
    "Curve3D",
    "GeometricCurveSet",
    "Annotation2D",
    "Point",
    "PointCloud",
    "Text",
    "BoundingBox",
)
"""Types of representation that are no surfaces, or only stand for one."""
RIGID = 1e-9
"""Part of its length by which the axes of a matrix may differ."""


def openings_of(file: Any) -> dict[int, list[Any]]:
    """Return element -> the openings cut from it: its own and those of the wholes it belongs to."""
    below: dict[int, list[int]] = {}
    for relation in by_type(file, "IfcRelAggregates"):
        if relation[4] is not None:
            parts = below.setdefault(relation[4].id(), [])
            parts.extend(item.id() for item in relation[5] or ())
    found: dict[int, list[Any]] = {}
    for relation in by_type(file, "IfcRelVoidsElement"):
        stack = [relation[4].id()] if relation[4] is not None and relation[5] is not None else []
        seen: set[int] = set()
        while stack:
            step = stack.pop()
            if step not in seen:
                seen.add(step)
                found.setdefault(step, []).append(relation[5])
                stack.extend(below.get(step, ()))
    return found


def carrier(item: Any, styles: Styles) -> int:
    """Return the step number of the item whose style counts: of a difference that of what is cut."""
    while styles.of_item(item.id()) is None and item.is_a("IfcBooleanResult"):
        if item[0] != DIFFERENCE:
            break
        item = item[1]
    return int(item.id())


def is_seen(part: Any) -> bool:
    """Return whether a representation is one of the model, not of a plan."""
    kind = part[0].ContextType if part[0] is not None else None
    return (kind or "Model").lower() in ("model", "design")


def is_surface(part: Any) -> bool:
    """Return whether a representation holds more than curves and points."""
    return part[2] not in CURVES and any(
        not item.is_a("IfcGeometricSet") or any(e.is_a("IfcSurface") for e in item[0] or ())
        for item in part[3] or ()
    )


def mapping(item: Any) -> F64 | None:
    """Return f64(4, 4) of a mapped item; None for what is not usual."""
    source, target = item[0], item[1]
    if not target.is_a("IfcCartesianTransformationOperator3D"):
        return None
    if not source[0].is_a("IfcAxis2Placement3D"):
        return None
    return operator(target) @ axes(source[0])


def is_rigid(matrix: F64) -> bool:
    """Return whether a matrix turns and scales evenly and mirrors nothing."""
    turn = matrix[:3, :3]
    square = turn @ turn.T
    even = bool(np.abs(square - square[0, 0] * np.eye(3)).max() <= RIGID * abs(square[0, 0]))
    return even and float(np.linalg.det(turn)) > 0
