"""Coordinates as people write them: read what is typed or pasted, write a place in a system's notations."""

import re
from dataclasses import dataclass

import numpy as np

from twin.errors import UsageError
from twin.geometry import F64
from twin.georeference.crs import parse_crs
from twin.georeference.frames import ProjectFrame, local_zone

_NUMBER = r"[-+\u2212]?\d+(?:[.,]\d+)?"
_DMS = re.compile(
    rf"([NSEWO])?\s*({_NUMBER})\s*°\s*(?:({_NUMBER})\s*['′’]\s*)?(?:({_NUMBER})\s*(?:[\"″”]|''))?\s*([NSEWO])?",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?:EPSG:|SRID=)(\d{3,6})\s*;?", re.IGNORECASE)
LONGEST = 200
"""Characters that are read at most."""
SIGNS = {"N": 1, "E": 1, "O": 1, "S": -1, "W": -1}
LON = "EWO"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: longitude or easting, latitude or northing, height (NaN = none was given).

    ``crs`` is the system that the text names, '' = none; ``degrees`` whether it is on the globe.
    """

    x: float
    y: float
    z: float
    degrees: bool
    crs: str = ""


def read_coordinates(text: str) -> Typed:
    """Return the place of a text: ``52.0116, 4.3571`` (latitude first), ``52°0'41.8"N 4°21'25.6"E``,
    ``84731 447512 0.9``, ``geo:52.01,4.36``, ``POINT(84731 447512)``, with ``EPSG:n`` before it if wished.

    Two numbers that can be latitude and longitude are taken for them. Raises UsageError.
    """
    plain = text.strip()[:LONGEST]
    code = _CODE.search(plain)
    crs = f"EPSG:{code[1]}" if code else ""
    rest = _CODE.sub("", plain).strip()
    if "°" in rest:
        return _globe(_degrees(rest), crs)
    point = re.search(r"POINT\s*Z?\s*\(([^)]*)\)", rest, re.IGNORECASE)
    geo = rest.lower().startswith("geo:")
    numbers = _numbers(point[1] if point else rest[4:].split(";")[0] if geo else rest)
    if len(numbers) not in (2, 3):
        raise UsageError(reason="write two or three numbers: a place, and its height if known")
    x, y = numbers[:2]
    z = numbers[2] if len(numbers) == 3 else float("nan")
    if crs or point:
        kind = parse_crs(crs).kind if crs else ""
        return Typed(x, y, z, kind == "geographic", crs)
    if geo or (abs(x) <= 90 and abs(y) <= 180):
        return _globe((y, x, z), crs)
    return Typed(x, y, z, False)


def _globe(place: tuple[float, float, float], crs: str) -> Typed:
    lon, lat, z = place
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise UsageError(reason=f"latitude {lat}, longitude {lon} is not a place on Earth")
    return Typed(lon, lat, z, True, crs)


def _numbers(text: str) -> list[float]:
    """Return the numbers of a text; a comma is a decimal sign where points or blanks part the numbers."""
    parts = [part for part in re.split(r"[;\s]+", text.strip()) if part]
    if "." in text or len(parts) < 2 or any(part.count(",") > 1 for part in parts):
        parts = [part for part in re.split(r"[;,\s]+", text.strip()) if part]
    found = []
    for part in parts:
        bare = re.sub(r"^[NEXYZH]=?:?", "", part.strip(","), flags=re.IGNORECASE)
        try:
            found.append(float(bare.replace(",", ".").replace("\u2212", "-")))
        except ValueError:
            raise UsageError(reason=f"{part[:40]!r} is not a number") from None
    if not np.isfinite(found).all():
        raise UsageError(reason="coordinates must be finite numbers")
    return found


def _degrees(text: str) -> tuple[float, float, float]:
    """Return longitude, latitude and no height of degrees, minutes and seconds."""
    found = []
    for before, whole, minutes, seconds, after in _DMS.findall(text):
        letter = (before or after).upper()
        parts = [
            float((part or "0").replace(",", ".").replace("\u2212", "-"))
            for part in (whole, minutes, seconds)
        ]
        if not 0 <= parts[1] < 60 or not 0 <= parts[2] < 60:
            raise UsageError(reason="minutes and seconds must be less than 60")
        value = abs(parts[0]) + parts[1] / 60 + parts[2] / 3600
        sign = SIGNS.get(letter, 1) * (-1 if whole[:1] in "-\u2212" else 1)
        found.append((letter, sign * value))
    if len(found) != 2:
        raise UsageError(reason="write latitude and longitude, each with its degrees")
    (first, a), (_, b) = found
    return (a, b, float("nan")) if first and first in LON else (b, a, float("nan"))


def placed(typed: Typed, project: ProjectFrame) -> F64:
    """Return the place f64(3) in the project frame; without a height z is NaN. Raises CrsError, UsageError."""
    z = 0.0 if np.isnan(typed.z) else typed.z
    point = np.array([[typed.x, typed.y, z]])
    if typed.crs and not typed.degrees:
        found = project.from_lonlat(ProjectFrame.of(typed.crs).lonlat(point))
    elif typed.degrees:
        found = project.from_lonlat(point)
    else:
        found = point
    if not np.isfinite(found).all():
        raise UsageError(reason="the place lies outside of the project's coordinate system")
    place = np.asarray(found[0], np.float64)
    place[2] = np.nan if np.isnan(typed.z) else place[2]
    return place


def notations(place: F64, project: ProjectFrame, more: str = "") -> dict[str, str]:
    """Return a place f64(3) of the project written in several ways, by code: ``project``, ``degrees``,
    ``dms``, ``geo``, ``utm``, ``wkt`` and, for a system ``more``, ``other``. Raises CrsError."""
    lon, lat, high = project.lonlat(place[None])[0].tolist()
    found = {
        "project": f"{place[0]:.3f} {place[1]:.3f} {place[2]:.3f}",
        "degrees": f"{lat:.7f}, {lon:.7f}",
        "dms": f"{_dms(lat, 'NS')} {_dms(lon, 'EW')}",
        "geo": f"geo:{lat:.7f},{lon:.7f},{high:.2f}",
        "wkt": f"POINT Z({place[0]:.3f} {place[1]:.3f} {place[2]:.3f})",
    }
    zone = local_zone(lon, lat)
    for code, crs in (("utm", zone), ("other", more)):
        if crs:
            found[code] = f"{crs} {_in(crs, lon, lat)}"
    return found


def _in(crs: str, lon: float, lat: float) -> str:
    x, y, _ = ProjectFrame.of(crs).from_lonlat(np.array([[lon, lat, 0.0]]))[0].tolist()
    places = 7 if parse_crs(crs).kind == "geographic" else 3
    return f"{x:.{places}f} {y:.{places}f}"


def _dms(value: float, letters: str) -> str:
    hundredths = round(abs(value) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return f"{degrees}°{minutes:02d}'{seconds / 100:05.2f}\"{letters[value < 0]}"
