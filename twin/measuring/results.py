"""What was measured, as a record: its kind, its values by name, what to bear in mind, its text and CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from twin.errors import UsageError
from twin.geometry import F64
from twin.georeference import MATTERS, grid_scale, vertical_title
from twin.measuring.lines import angle_at, area_of, length_of
from twin.records import Measurement

KINDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "distance": (2, 0), "height": (2, 2), "angle": (3, 3), "faces": (2, 2), "area": (3, 0),
        "face": (1, 1), "clearance": (2, 2), "volume": (1, 1), "point": (1, 1),
    }
)  # fmt: skip
"""Kind -> how many points it takes at least and at most (0 = as many as one likes)."""
OF_POINTS = ("distance", "height", "angle", "area", "point")
"""Kinds whose values follow from their points alone."""
IN_PLAN = ("distance", "area", "face", "clearance", "volume")
"""Kinds whose values the scale of the grid changes."""
HEADLINE: Mapping[str, str] = MappingProxyType(
    {
        "distance": "length", "height": "rise", "angle": "angle", "faces": "angle", "area": "area",
        "face": "area", "clearance": "length", "volume": "volume", "point": "z",
    }
)  # fmt: skip
"""Kind -> the name of the value that answers the question."""
DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "length": "length", "plan": "length", "rise": "length", "dx": "length", "dy": "length",
        "dz": "length", "slope": "angle", "z_from": "length", "z_to": "length", "angle": "angle",
        "area": "area", "plan_area": "area", "perimeter": "length", "bent": "length",
        "volume": "volume", "surface": "area", "x": "length", "y": "length", "z": "length",
        "lon": "degree", "lat": "degree", "scale": "ratio", "lift": "length",
        "above_ground": "length",
    }
)  # fmt: skip
"""Value -> what it is: length, area, volume, angle (degrees), degree (of the Earth) or ratio."""
UNITS = ("m", "mm", "ft")
FOOT = 0.3048
"""The international foot, metres exactly."""
_FACTORS: Mapping[str, Mapping[str, tuple[float, str, int]]] = MappingProxyType(
    {
        "m": {"length": (1.0, "m", 3), "area": (1.0, "m²", 3), "volume": (1.0, "m³", 3)},
        "mm": {"length": (1e3, "mm", 0), "area": (1.0, "m²", 3), "volume": (1.0, "m³", 3)},
        "ft": {
            "length": (1 / FOOT, "ft", 3),
            "area": (FOOT**-2, "ft²", 2),
            "volume": (FOOT**-3, "ft³", 2),
        },
    }
)
_FIXED: Mapping[str, tuple[float, str, int]] = MappingProxyType(
    {"angle": (1.0, "°", 2), "degree": (1.0, "°", 7), "ratio": (1.0, "", 7)}
)
BENT = 0.005
"""A polygon whose corners lie farther from one plane, metres, is said not to be flat."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as people read it: the number in its unit, the unit and how many decimals tell something."""

    number: float
    unit: str
    decimals: int


def shown(name: str, value: float, unit: str = "m") -> Shown:
    """Return a value in the unit of lengths that is wished (m, mm or ft); areas of mm stay in m²."""
    dimension = DIMENSIONS[name]
    factor, sign, decimals = _FIXED.get(dimension) or _FACTORS[unit][dimension]
    return Shown(value * factor, sign, decimals)


def values_of(kind: str, points: F64) -> dict[str, float]:
    """Return the values of points f64(n, 3) in the project frame. What has no meaning is left out.

    Raises UsageError for a kind that points alone do not answer, or too few or too many of them.
    """
    if kind not in OF_POINTS:
        raise UsageError(reason=f"{kind!r} is none of {', '.join(OF_POINTS)}")
    least, most = KINDS[kind]
    if not (least <= len(points) and (not most or len(points) <= most)):
        wanted = f"{least} points" if most == least else f"{least} points or more"
        raise UsageError(reason=f"{kind} takes {wanted}, not {len(points)}")
    if not np.isfinite(points).all():
        raise UsageError(reason="a point must be three finite numbers")
    return _sound(_MEASURES[kind](points))


def line_values(points: F64) -> dict[str, float]:
    """Return length, plan, rise, dx, dy, dz and slope of a polyline f64(n, 3)."""
    found = length_of(points)
    return _sound(
        {
            "length": found.space, "plan": found.plan, "rise": found.rise, "dx": found.step[0],
            "dy": found.step[1], "dz": found.step[2], "slope": found.slope,
        }
    )  # fmt: skip


def _height(points: F64) -> dict[str, float]:
    plan = float(np.hypot(*(points[1] - points[0])[:2]))
    z_from, z_to = points[:, 2]
    return {"rise": z_to - z_from, "plan": plan, "z_from": z_from, "z_to": z_to}


def _angle(points: F64) -> dict[str, float]:
    return {"angle": angle_at(points[1], points[0], points[2])}


def _area(points: F64) -> dict[str, float]:
    found = area_of(points)
    return {
        "area": found.space,
        "plan_area": found.plan,
        "perimeter": found.perimeter,
        "bent": found.bent,
    }


def _point(points: F64) -> dict[str, float]:
    return dict(zip("xyz", points[0], strict=True))


_MEASURES = {
    "distance": line_values,
    "height": _height,
    "angle": _angle,
    "area": _area,
    "point": _point,
}


def _sound(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def with_place(measured: Measurement, more: Iterable[str] = ()) -> Measurement:
    """Return a measurement with the scale of its grid and the notes that follow from values and place.

    ``more`` are codes known to whoever measured. Raises CrsError for a system that is none.
    """
    notes = list(more)
    values = dict(measured.values)
    points = np.asarray(measured.points, np.float64)
    if not measured.crs:
        notes.append("no_crs")
    else:
        scale = grid_scale(measured.crs, points.mean(axis=0))
        if scale is not None and abs(scale - 1.0) > MATTERS and measured.kind in IN_PLAN:
            values["scale"] = scale
            notes.append("scale")
    if measured.kind in ("height", "point") and not measured.vertical:
        notes.append("no_datum")
    if values.get("bent", 0.0) > BENT:
        notes.append("bent")
    return replace(measured, values=values, notes=tuple(dict.fromkeys(notes)))


def with_lift(measured: Measurement, lift: float) -> Measurement:
    """Return a measurement of heights with the offset, metres, by which what it touches is shown higher
    than its source says; other kinds and no offset leave it as it is."""
    if not lift or measured.kind not in ("height", "point"):
        return measured
    values = {**measured.values, "lift": lift}
    return replace(measured, values=values, notes=(*measured.notes, "lifted"))


def datum_title(vertical: str) -> str:
    """Return the name of the heights' datum as people know it; '' for an unknown one."""
    return vertical_title(vertical)


COLUMNS = (
    "id", "title", "kind", "length_m", "plan_m", "rise_m", "dx_m", "dy_m", "dz_m", "slope_deg",
    "angle_deg", "area_m2", "plan_area_m2", "perimeter_m", "volume_m3", "surface_m2", "z_from_m",
    "z_to_m", "lift_m", "x", "y", "z", "lon", "lat", "scale", "bent_m", "objects", "points", "crs",
    "vertical", "notes",
)  # fmt: skip
_SUFFIX = {"length": "_m", "area": "_m2", "volume": "_m3", "angle": "_deg"}
_BARE = ("x", "y", "z", "lon", "lat", "scale")


def table_of(measured: Sequence[Measurement]) -> list[dict[str, str]]:
    """Return measurements as rows of text, SI units, point as decimal sign, by ``COLUMNS``."""
    return [_row(one) for one in measured]


def _row(one: Measurement) -> dict[str, str]:
    found = dict.fromkeys(COLUMNS, "")
    found |= {"id": one.id, "title": one.title, "kind": one.kind}
    for name, value in one.values.items():
        bare = name in _BARE
        key = name if bare else name + _SUFFIX[DIMENSIONS[name]]
        found[key] = f"{value:.9f}" if name in ("lon", "lat", "scale") else f"{value:.4f}"
    found["objects"] = "; ".join(item.name or item.id for item in one.objects)
    found["points"] = "; ".join(" ".join(f"{x:.4f}" for x in point) for point in one.points)
    found["crs"], found["vertical"] = one.crs, datum_title(one.vertical)
    found["notes"] = " ".join(one.notes)
    return found


def csv_of(measured: Sequence[Measurement]) -> str:
    """Return measurements as CSV (RFC 4180). A text that a spreadsheet would run is quoted by a mark."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(
        {
            key: f"'{value}"
            if key in ("title", "objects") and value[:1] in ("=", "+", "-", "@", "\t", "\r")
            else value
            for key, value in row.items()
        }
        for row in table_of(measured)
    )
    return out.getvalue()
