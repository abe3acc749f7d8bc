"""Areas, zones and evidence drawn in another coordinate system, brought into the project's plane and mended."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from operator import is_
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import CrsError
from twin.georeference.crs import parse_crs
from twin.georeference.frames import plane
from twin.maintenance.rules import Rules, Zone
from twin.messages import text
from twin.records import Evidence, Problem, Responsibility

PIECES = 32
"""Moving bends a straight edge, so that an edge as long as the whole polygon is cut into so many."""
R = TypeVar("R", Responsibility, Evidence, Zone)


def in_project(rules: Rules, crs: str) -> tuple[Rules, tuple[Problem, ...]]:
    """Return the rules with every polygon in the project's horizontal system ``crs``, and what failed.

    A polygon without a system, or a project without one, stays where it is. A polygon that cannot be
    moved is left out and listed: an area in the wrong place would name the wrong custodian. One that
    crosses itself is mended (what it encloses by the even-odd rule) and listed.
    """
    problems: list[Problem] = []
    duties = _all(rules.responsibilities, lambda d: d.party, crs, problems)
    evidence = _all(rules.evidence, lambda e: e.id, crs, problems)
    zones = _all(rules.zones, lambda z: z.name, crs, problems)
    if duties is rules.responsibilities and evidence is rules.evidence and zones is rules.zones:
        return rules, tuple(problems)
    moved = replace(rules, responsibilities=duties, evidence=evidence, zones=zones)
    return moved, tuple(problems)


def _all(
    records: tuple[R, ...], name: Callable[[R], str], crs: str, problems: list[Problem]
) -> tuple[R, ...]:
    found = tuple(d for item in records if (d := _moved(item, name(item), crs, problems)))
    return records if len(found) == len(records) and all(map(is_, found, records)) else found


def _moved(record: R, name: str, crs: str, problems: list[Problem]) -> R | None:
    if not record.polygon:
        return record
    said, fault = mended(record.polygon)
    if fault:
        params = {"party": name, "reason": fault}
        problems.append(
            Problem("area.mended", text("problem.area.mended", **params), name, params)
        )
    if not record.crs or not crs:
        return record if said == record.polygon else replace(record, polygon=said)
    try:
        polygon = moved_polygon(said, record.crs, crs)
    except CrsError as error:
        params = {"party": name, "crs": record.crs, "reason": str(error)}
        problems.append(Problem("area.moved", text("problem.area.moved", **params), name, params))
        return None
    return record if polygon == record.polygon else replace(record, polygon=polygon, crs=crs)


@lru_cache(maxsize=1 << 17)
def mended(polygon: str) -> tuple[str, str]:
    """Return WKT of a sound area and what was wrong with the one given ('' = nothing)."""
    shape = shapely.from_wkt(polygon)
    if shapely.is_valid(shape):
        return polygon, ""
    whole = shapely.make_valid(shape)
    kept = [part for part in shapely.get_parts(whole) if part.geom_type.endswith("Polygon")]
    return str(shapely.union_all(kept).wkt), str(shapely.is_valid_reason(shape))


@lru_cache(maxsize=1 << 17)
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
    reach = max(high_x - low_x, high_y - low_y)
    fine = shapely.segmentize(shape, reach / PIECES) if reach > 0 else shape  # a point has no edge
    found = shapely.transform(fine, moved)
    if not np.isfinite(found.bounds).all():
        raise CrsError(crs=source, reason="the area lies outside its reach")
    return str(found.wkt)


def moved_shapes(shapes: NDArray[Any], source: str, target: str) -> NDArray[Any]:
    """Return geometries moved from one system's plane into another's; '' = stays. Raises CrsError."""
    flat: NDArray[Any] = np.asarray(shapely.force_2d(shapes), object)
    if not source or not target:
        return flat
    before, after = parse_crs(source).horizontal, parse_crs(target).horizontal
    if before == after:
        return flat
    transformer = plane(before, after)[0]

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    found: NDArray[Any] = shapely.transform(flat, moved)
    reach = shapely.bounds(found)
    lost = ~np.isfinite(reach).all(axis=1) & ~shapely.is_missing(found) & ~shapely.is_empty(found)
    found[lost] = None
    return found
