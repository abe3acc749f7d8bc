"""Areas and evidence drawn in another coordinate system, brought into the project's plane."""

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import CrsError
from twin.georeference.crs import parse_crs
from twin.georeference.frames import plane
from twin.maintenance.responsibility import acting
from twin.maintenance.rules import Rules
from twin.messages import text
from twin.records import Evidence, Instant, Problem, Responsibility

PIECES = 32
"""Moving bends a straight edge, so that an edge as long as the whole polygon is cut into so many."""
R = TypeVar("R", Responsibility, Evidence)


def in_project(rules: Rules, crs: str) -> tuple[Rules, tuple[Problem, ...]]:
    """Return the rules with every polygon in the project's horizontal system ``crs``, and what failed.

    A polygon without a system, or a project without one, is left as it is. A polygon that cannot be
    moved is left out and listed: an area in the wrong place would name the wrong custodian.
    """
    if not crs:
        return rules, ()
    problems: list[Problem] = []
    duties = [
        d for item in rules.responsibilities if (d := _moved(item, item.party, crs, problems))
    ]
    evidence = [e for item in rules.evidence if (e := _moved(item, item.id, crs, problems))]
    moved = replace(rules, responsibilities=tuple(duties), evidence=tuple(evidence))
    return moved, tuple(problems)


def rule_problems(rules: Rules, crs: str, now: Instant) -> tuple[Problem, ...]:
    """Return what is wrong with the rules themselves: areas nowhere, absences without a substitute."""
    return (*in_project(rules, crs)[1], *acting(rules, now)[1])


def _moved(record: R, name: str, crs: str, problems: list[Problem]) -> R | None:
    if not record.polygon or not record.crs:
        return record
    try:
        polygon = moved_polygon(record.polygon, record.crs, crs)
    except CrsError as error:
        params = {"party": name, "crs": record.crs, "reason": str(error)}
        problems.append(Problem("area.moved", text("problem.area.moved", **params), name, params))
        return None
    return record if polygon == record.polygon else replace(record, polygon=polygon, crs=crs)


@lru_cache(maxsize=4096)
def moved_polygon(polygon: str, source: str, target: str) -> str:
    """Return WKT moved from one system's plane into another's; heights are dropped. Raises CrsError."""
    before, after = parse_crs(source).horizontal, parse_crs(target).horizontal
    if before == after:
        return polygon
    transformer = plane(before, after)[0]

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    shape = shapely.force_2d(shapely.from_wkt(polygon))
    low_x, low_y, high_x, high_y = shape.bounds
    fine = shapely.segmentize(shape, max(high_x - low_x, high_y - low_y) / PIECES)
    found = shapely.transform(fine, moved)
    if not np.isfinite(found.bounds).all():
        raise CrsError(crs=source, reason="the area lies outside its reach")
    return str(found.wkt)
