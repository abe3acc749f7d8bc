"""What of a model is drawn: as bodies, as curves and points, or not at all, and then why.

Spaces, openings, grids and 2D annotations are hidden unless the options say otherwise; ports and
structural analysis models have no picture. What has no body is drawn by its axis, outline or points:
alignments of roads and railways, referents, survey points.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.ifc.extents import SKIPPED
from loaders.ifc.options import OFF, ON, SWITCHES
from loaders.ifc.structure import Structure, of_types
from twin.features import texts
from twin.messages import text
from twin.records import Problem

GHOSTS = ("spaces", "openings")
NEVER = ("IfcPort", "IfcStructuralActivity", "IfcStructuralItem")
SEGMENT = "IfcAlignmentSegment"
NO_BODY = (
    "Curve",
    "Curve2D",
    "Curve3D",
    "GeometricCurveSet",
    "Point",
    "PointCloud",
    "Annotation2D",
    "Text",
    "BoundingBox",
    "Segment",
)
"""Representation types without a surface: a segment of an alignment, a survey point."""
FLAT = ("Annotation2D", "Curve2D", "Text")
"""Representation types of drawings on paper."""
NO_PICTURE = ("CoG", "Clearance", "Lighting", "Profile", "Reference", "Box")
NO_LINES = ("Text", "BoundingBox")
ORDER = ("Axis", "FootPrint", "Annotation")
"""Which representation without a surface is shown last: any other identifier comes before these."""
COLUMN = "Not drawn"
"""The column that says why an object has no picture; those with one say nothing."""


@dataclass(frozen=True)
class Chosen:
    """Step ids to draw as bodies and as curves, in file order; step id -> why it is not drawn.

    ``ghosts`` are drawn see-through: step id -> the option that shows it.
    """

    bodies: tuple[int, ...]
    curves: tuple[int, ...]
    reasons: Mapping[int, str]
    ghosts: Mapping[int, str]


def choose(file: Any, values: Mapping[str, str], doubted: Collection[int] = ()) -> Chosen:
    """Return what is drawn under some options; ``doubted`` products are not."""
    hidden, ghosts = _switched(file, values)
    hidden |= dict.fromkeys(doubted, "built on a number that is none")
    bodies: list[int] = []
    curves: list[int] = []
    reasons: dict[int, str] = {}
    for item in file.by_type("IfcProduct"):
        step = item.id()
        reason = hidden.get(step)
        if reason is not None:
            reasons[step] = reason
        elif has_body(item[6]):
            bodies.append(step)
        elif outline(item) is not None or is_marker(item) or _has_axes(item):
            curves.append(step)
        else:
            reasons[step] = _lacking(item[6])
    return Chosen(tuple(sorted(bodies)), tuple(sorted(curves)), reasons, ghosts)


def _switched(file: Any, values: Mapping[str, str]) -> tuple[dict[int, str], dict[int, str]]:
    """Return step id -> why its class is hidden, and step id -> the option that shows a ghost."""
    hidden = dict.fromkeys(of_types(file, NEVER), "class without a picture")
    hidden |= dict.fromkeys(of_types(file, (SEGMENT,)), "part of its alignment's curve")
    ghosts: dict[int, str] = {}
    for name, kinds in SWITCHES.items():
        found = of_types(file, kinds)
        if values.get(name, OFF) != ON:
            shut = {k for k in found if name != "annotations" or _on_paper(file.by_id(k))}
            hidden |= dict.fromkeys(shut, f"{name} are off")
        elif name in GHOSTS:
            ghosts |= dict.fromkeys(found, name)
    return hidden, ghosts


def has_body(shape: Any) -> bool:
    """Return whether a product's definition holds more than axes, outlines and points."""
    return shape is not None and any(
        part[1] not in SKIPPED and part[2] not in NO_BODY and part[3] and _is_solid(part)
        for part in shape[2] or ()
    )


def _is_solid(part: Any) -> bool:
    """Return whether a representation is more than a set of curves and points."""
    return part[2] != "GeometricSet" or any(
        not item.is_a("IfcGeometricSet")
        or any(element.is_a("IfcSurface") for element in item[0] or ())
        for item in part[3]
    )


def outline(item: Any) -> Any:
    """Return the representation that shows a product without a body; None where there is none."""
    shape = item[6]
    found = [
        part
        for part in (shape[2] or () if shape is not None else ())
        if part[3] and part[1] not in NO_PICTURE and part[2] not in NO_LINES
    ]
    ranks = {name: rank for rank, name in enumerate(ORDER, start=1)}
    return min(found, key=lambda part: ranks.get(part[1], 0), default=None)


def is_marker(item: Any) -> bool:
    """Return whether a product without a shape marks a place by standing there: a referent."""
    return bool(item.is_a("IfcReferent")) and item[6] is None and item[5] is not None


def _has_axes(item: Any) -> bool:
    return bool(item.is_a("IfcGrid")) and item[6] is None


def _on_paper(item: Any) -> bool:
    """Return whether an annotation belongs to a drawing; survey points and contours do not."""
    parts = item[6][2] or () if item[6] is not None else ()
    plan = [part for part in parts if part[0] is not None and part[0][1] == "Plan"]
    return bool(parts) and all(part[2] in FLAT or part in plan for part in parts)


def _lacking(shape: Any) -> str:
    if shape is None or not shape[2]:
        return "no representation"
    if not any(part[3] for part in shape[2]):
        return "its representations are empty"
    kinds = sorted({f"{part[1] or '-'} ({part[2] or '-'})" for part in shape[2]})
    return f"only {', '.join(kinds)}"


def undrawn(chosen: Chosen, structure: Structure) -> tuple[dict[str, Any], list[Problem]]:
    """Return the column that says why, and a problem for each class that should have had a shape.

    A whole whose parts are drawn, and what stands in space as a mere container, needs none.
    """
    wholes = set(structure.parent.tolist())
    said: list[str | None] = [None] * len(structure.objects)
    lost: dict[tuple[str, str], list[int]] = {}
    for step, reason in chosen.reasons.items():
        row = structure.row_of.get(step)
        if row is None:
            continue
        bare = reason.startswith(("no ", "its ", "only "))
        said[row] = f"{reason}, but parts" if bare and row in wholes else reason
        if bare and row not in wholes and structure.objects[row].is_a("IfcElement"):
            lost.setdefault((structure.kinds[row], reason), []).append(row)
    problems = [_problem(kind, reason, rows, structure) for (kind, reason), rows in lost.items()]
    return ({COLUMN: texts(said)} if any(said) else {}), problems


def _problem(kind: str, reason: str, rows: Sequence[int], structure: Structure) -> Problem:
    shown = ", ".join(structure.ids[row] for row in rows[:3])
    params = {"kind": kind, "count": len(rows), "reason": reason, "objects": shown}
    return Problem("ifc.no_shape", text("problem.ifc.no_shape", **params), "", params)
