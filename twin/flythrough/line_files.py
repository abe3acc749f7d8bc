"""Lines of files as ways to fly along: GeoJSON, GeoPackage, Shapefile, FlatGeobuf and KML, placed in the project frame.

Of several lines that join the whole is taken, else the longest. Heights that a file does not give are those of
the ground.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.errors import BrokenFile, CrsError, NotFound, NotReadable, TooLarge, UsageError
from twin.exchange.xml import parsed
from twin.flythrough.faults import fault
from twin.flythrough.records import Route
from twin.flythrough.templates import along
from twin.geometry import F64
from twin.georeference import Georeference, ProjectFrame, parse_crs
from twin.maintenance.vector_files import read_vector
from twin.ports import SILENT, Feedback, VectorTable
from twin.presenting.frames import AS_IS, ELLIPSOID, SEA, earth_of
from twin.scene import Twin

ENDINGS = ("geojson", "json", "kml", "gpkg", "shp", "fgb")
NAMES = ("name", "title", "naam", "label", "名称", "名字")
MOST_BYTES = 64 << 20
MOST_POINTS = 200
"""Points of the way at most: each becomes a keyframe."""
FINE, APART = 1.0, 5.0
"""Metres that a way may be off its line, and between two of its points."""
FAR = 2_000.0
"""Metres from the city, and no less than its own length, beyond which a line belongs elsewhere."""
BESIDE = 9
"""Objects round a place whose bases tell the height of the ground."""
DEGREES = ("EPSG:4326", "EPSG:4979", "OGC:CRS84")
Ground = Callable[[F64], F64]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``points`` f64(n, 3) in ``crs``, NaN where no height is given; heights above ELLIPSOID, SEA or AS_IS.

    ``count`` is how many lines the file has.
    """

    name: str
    points: F64
    crs: str
    heights: str = AS_IS
    count: int = 1


@dataclass(frozen=True, slots=True)
class LineReading:
    """The work of a worker process that reads the line of a file."""

    location: str

    def __call__(self, feedback: Feedback) -> Line:
        """Read. Raises OpenError, RouteError, Cancelled."""
        return read_line(self.location, feedback)


def read_line(location: str, feedback: Feedback = SILENT) -> Line:
    """Return the line of a file. Raises OpenError, RouteError where it has none or names no system."""
    if location.lower().endswith(".kml"):
        return _kml(location)
    table = read_vector(location, "", feedback)
    for layer in ("", *table.layers):
        read = table if layer in ("", table.layer) else read_vector(location, layer, feedback)
        found = _of(read, location)
        if found is not None:
            if not found.crs:
                raise fault(location, "line_no_crs")
            return found
    raise fault(location, "line_none")


def _of(table: VectorTable, location: str) -> Line | None:
    """Return the line of a layer, None where it has no lines."""
    shapes = np.array([] if table.geometry is None else table.geometry, dtype=object)
    kinds = shapely.get_type_id(shapes)
    rows = np.flatnonzero(np.isin(kinds, (1, 2, 5)))  # line, ring, several lines
    column = next((c for x in NAMES for c in table.columns if c.lower() == x), "")
    names = [str(table.columns[column][row] or "") if column else "" for row in rows.tolist()]
    found = _chosen(shapes[rows], names)
    if found is None:
        return None
    name, points = found
    heights = ELLIPSOID if table.crs in DEGREES else AS_IS
    count = int(shapely.get_num_geometries(shapes[rows]).sum())
    return Line(name or Path(location).stem, points, table.crs, heights, count)


def _chosen(shapes: Any, names: Sequence[str]) -> tuple[str, F64] | None:
    """Return name and points of all lines where they join, else of the longest; a street is what has one name."""
    named: dict[str, list[Any]] = {}
    for number, shape in enumerate(shapes):
        own = [part for part in shapely.get_parts(shape) if not part.is_empty]
        named.setdefault(names[number] or f"\0{number}", []).extend(own)
    found = [(name, part) for name, parts in named.items() for part in _joined(parts)]
    if not found:
        return None
    whole = _joined([part for _, part in found])
    if len(whole) == 1:
        name, best = (found[0][0] if len(named) == 1 else ""), whole[0]
    else:
        name, best = max(found, key=lambda one: float(one[1].length))
    return ("" if name.startswith("\0") else name), _points(best)


def _joined(parts: Sequence[Any]) -> list[Any]:
    """Return lines, those that meet end to end as one."""
    whole = shapely.line_merge(shapely.multilinestrings(parts))
    return [part for part in shapely.get_parts(whole) if not part.is_empty] or list(parts)


def _points(shape: Any) -> F64:
    found: F64 = shapely.get_coordinates(shape, include_z=True)
    return found


# -- KML --------------------------------------------------------------------------------------


def _kml(location: str) -> Line:
    path = Path(location)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLarge(location=location, what="the file", size=size, limit=MOST_BYTES)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    root, _ = parsed(data, location, "KML")
    lines: list[tuple[str, F64, bool]] = []
    for mark in (x for x in root.iter() if _local(x) == "Placemark"):
        for shape in (x for x in mark.iter() if _local(x) in ("LineString", "LinearRing")):
            absolute = _text(shape, "altitudeMode") == "absolute"
            points = _coordinates(_text(shape, "coordinates"), location)
            lines.append((_text(mark, "name"), points, absolute))
    if not lines:
        raise fault(location, "line_none")
    name, points, absolute = max(lines, key=lambda one: _reach(one[1]))
    if not absolute:
        points[:, 2] = np.nan  # above a ground that only Google knows
    return Line(name or path.stem, points, DEGREES[0], SEA if absolute else AS_IS, len(lines))


def _reach(points: F64) -> float:
    """Return how long a line in degrees is, roughly and for comparing only."""
    scale = np.array([np.cos(np.radians(points[0, 1])), 1.0])
    return float(np.linalg.norm(np.diff(points[:, :2], axis=0) * scale, axis=1).sum())


def _coordinates(text: str, location: str) -> F64:
    rows = []
    for part in text.split():
        try:
            said = [float(x) for x in part.split(",")]
        except ValueError as error:
            raise BrokenFile(
                location=location, format="KML", reason=f"{part[:40]} is no place"
            ) from error
        if len(said) < 2:
            raise BrokenFile(location=location, format="KML", reason=f"{part[:40]} is no place")
        rows.append([said[0], said[1], said[2] if len(said) > 2 else np.nan])
    return np.array(rows, np.float64).reshape(-1, 3) if rows else np.full((1, 3), np.nan)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: Any, name: str) -> str:
    found = next((x for x in element if _local(x) == name), None)
    return "" if found is None or found.text is None else str(found.text).strip()


# -- into the city ----------------------------------------------------------------------------


def route_along(
    line: Line, location: str, twin: Twin, project: ProjectFrame | None, ground: Ground
) -> Route:
    """Return a flight along a line through a city, in the project frame. Raises RouteError.

    ``ground`` returns heights f64(n) at places f64(n, 2), NaN where they are not known.
    """
    if len(line.points) < 2:
        raise fault(location, "line_point")
    points = _in_frame(line, location, project)
    _near(points, location, twin.bounds)
    points = _thinned(points)
    low = ~np.isfinite(points[:, 2])
    if low.any():
        points[low, 2] = _floor(points[low, :2], twin, ground)
    try:
        made = along(points, line.name[:120], "")
    except UsageError as error:
        raise fault(location, "line_point") from error
    system = (project.crs, project.vertical) if project is not None else ("", "")
    return replace(made, crs=system[0], vertical=system[1])


def _in_frame(line: Line, location: str, project: ProjectFrame | None) -> F64:
    points = np.array(line.points, np.float64)
    if project is None:
        return points
    flat = ~np.isfinite(points[:, 2])
    points[flat, 2] = 0.0
    try:
        if line.heights != AS_IS:
            found = earth_of(project, line.heights).into(points)
        else:
            source = parse_crs(parse_crs(line.crs).horizontal, project.vertical)
            found = Georeference(source, project).move(points)
    except (UsageError, CrsError) as error:
        raise fault(location, "line_nowhere", crs=line.crs[:60]) from error
    if not np.isfinite(found).all():
        raise fault(location, "line_nowhere", crs=line.crs[:60])
    found[flat, 2] = np.nan
    return np.asarray(found, np.float64)


def _near(points: F64, location: str, box: F64) -> None:
    """Raise RouteError for a line that does not come near a city with bounds f64(6)."""
    if not np.isfinite(points[:, :2]).all():
        raise fault(location, "line_nowhere", crs="-")
    if not np.isfinite(box).all():
        return
    beyond = np.maximum(np.maximum(box[:2] - points[:, :2], points[:, :2] - box[3:5]), 0.0)
    off = float(np.linalg.norm(beyond, axis=1).min())
    if off > max(FAR, float(np.linalg.norm(box[3:5] - box[:2]))):
        raise fault(location, "line_far", kilometres=f"{off / 1000:.0f}")


def _floor(places: F64, twin: Twin, ground: Ground) -> F64:
    """Return the height of the ground at places f64(n, 2): of terrain, else of the objects round about."""
    found = np.array(ground(places), np.float64)
    boxes = [layer.features.bounds for layer in twin.layers.values() if layer.visible]
    known = np.concatenate(boxes) if boxes else np.zeros((0, 6))
    known = known[np.isfinite(known).all(axis=1)]
    if not len(known):
        return np.nan_to_num(found)
    middle = (known[:, :2] + known[:, 3:5]) / 2
    for row in np.flatnonzero(~np.isfinite(found)).tolist():
        off = np.linalg.norm(middle - places[row], axis=1)
        nearest = np.argpartition(off, min(BESIDE, len(off)) - 1)[:BESIDE]
        found[row] = float(np.median(known[nearest, 2]))
    return found


def _thinned(points: F64) -> F64:
    """Return a line with no more points than its shape needs, and than a route may have."""
    fine, found = FINE, points
    while True:
        shape = shapely.simplify(shapely.linestrings(points), fine, preserve_topology=False)
        found = shapely.get_coordinates(shape, include_z=True)
        kept = [0]
        for number in range(1, len(found)):
            if np.linalg.norm(found[number, :2] - found[kept[-1], :2]) >= APART:
                kept.append(number)
        if kept[-1] != len(found) - 1:
            kept = [*kept[: -1 if len(kept) > 1 else None], len(found) - 1]
        if len(kept) <= MOST_POINTS:
            return np.asarray(found[kept], np.float64)
        fine *= 2.0
