"""Elements that the first kernel delivers without triangles: why, and how they are asked for again.

Seen in real files: walls of exactly their window's size (nothing is left), cabinets whose opening
lies beside them (the kernel's cut fails, the uncut shape is right and cheap), and broken breps (only
OpenCASCADE makes something of them, ten times slower).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from loaders.ifc import shapes
from loaders.ifc.reading import Model
from loaders.ifc.shapes import Geometry, Shape
from loaders.ifc.structure import HOLES, Structure
from twin.geometry import F64
from twin.messages import text
from twin.ports import Feedback
from twin.records import Problem

SLACK = 1e-3
"""Metres by which boxes may touch or differ."""
Redone = tuple[list[Shape], dict[str, Geometry], tuple[Problem, ...]]


def redo(model: Model, bare: Sequence[int], feedback: Feedback) -> Redone:
    """Return shapes, their geometries, and a problem for each element that stays without a shape."""
    structure, bounds = model.kept["structure"], model.kept.get("bounds")
    groups: dict[str, list[int]] = {"cut": [], "beside": [], "broken": []}
    for step in bare:
        row = structure.row_of[step]
        groups["broken" if bounds is None else _why(structure, bounds, row)].append(step)
    problems = [lacking("all_cut", model.file.by_id(step)) for step in groups["cut"]]
    plain = shapes.start(model.file, groups["beside"], cuts=False)
    found = plain.take(groups["beside"], feedback)
    last = [*groups["broken"], *shapes.bare(groups["beside"], found, plain.geometries)]
    second = shapes.start(model.file, last, shapes.SECOND)
    more = second.take(last, feedback)
    lost = shapes.bare(last, more, second.geometries)
    problems += [lacking("no_geometry", model.file.by_id(step)) for step in lost]
    return [*found, *more], {**plain.geometries, **second.geometries}, tuple(problems)


def _why(structure: Structure, bounds: F64, row: int) -> str:
    """Return 'cut' (an opening is as large as the element), 'beside' (none touches it), or 'broken'."""
    holes, own = bounds[_openings(structure, row)], bounds[row]
    if not len(holes):
        return "broken"
    inside = (holes[:, :3] <= own[:3] + SLACK) & (holes[:, 3:] >= own[3:] - SLACK)
    if inside.all(axis=1).any():
        return "cut"
    apart = (holes[:, :3] >= own[3:] - SLACK) | (holes[:, 3:] <= own[:3] + SLACK)
    whole = int(structure.parent[row])
    alone = whole < 0 or not len(_openings(structure, whole))
    return "beside" if alone and apart.any(axis=1).all() else "broken"


def _openings(structure: Structure, row: int) -> list[int]:
    parts = np.flatnonzero(structure.parent == row).tolist()
    return [part for part in parts if structure.kinds[part] in HOLES]


def lacking(code: str, item: Any) -> Problem:
    """Return the problem of an element that got no shape."""
    types = sorted({str(part[2]) for part in item[6][2] or ()})
    reason = f"representation ({', '.join(types) or 'empty'})"
    params = {"kind": item.is_a(), "reason": reason, "step": item.id()}
    words = text(f"problem.ifc.{code}", **params)
    return Problem(f"ifc.{code}", words, item[0] or f"#{item.id()}", params)
