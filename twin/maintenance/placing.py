"""Areas and evidence drawn in another coordinate system, brought into the project's plane."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import CrsError
from twin.georeference.crs import parse_crs
from twin.georeference.frames import plane
from twin.maintenance.rules import Rules
from twin.messages import text
from twin.records import Evidence, Problem, Responsibility

PIECES = 32
"""A straight edge is bent by moving it, so that each is cut into about so many of a polygon's extent."""


def in_project(rules: Rules, crs: str) -> tuple[Rules, tuple[Problem, ...]]:
    """Return the rules with every polygon in the project's horizontal system ``crs``, and what failed.

    A polygon without a system, or a project without one, is left as it is. A polygon that cannot be
    moved is left out and listed: an area in the wrong place would name the wrong custodian.
    """
    if not crs:
        return rules, ()
    problems: list[Problem] = []
    target = parse_crs(crs).horizontal
    duties = [
        d for item in rules.responsibilities if (d := _moved(item, item.party, target, problems))
    ]
    evidence = [e for item in rules.evidence if (e := _moved(item, item.id, target, problems))]
    return replace(rules, responsibilities=tuple(duties), evidence=tuple(evidence)), tuple(
        problems
    )


R = TypeVar("R", Responsibility, Evidence)


def _moved(record: R, name: str, target: str, problems: list[Problem]) -> R | None:
    if not record.polygon or not record.crs:
        return record
    try:
        source = parse_crs(record.crs).horizontal
        if source == target:
            return record
        move = plane(source, target)[0]
    except CrsError as error:
        params = {"party": name, "crs": record.crs, "reason": str(error)}
        problems.append(Problem("area.moved", text("problem.area.moved", **params), name, params))
        return None

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move.transform(points[:, 0], points[:, 1]))

    shape = shapely.force_2d(shapely.from_wkt(record.polygon))
    low_x, low_y, high_x, high_y = shape.bounds
    fine = shapely.segmentize(shape, max(high_x - low_x, high_y - low_y) / PIECES)
    return replace(record, polygon=str(shapely.transform(fine, moved).wkt), crs=target)
