"""Where the coordinates of a LAS file stand: its WKT, else its GeoTIFF keys.

Sources: ASPRS LAS 1.4 R16, section 3; OGC GeoTIFF 1.1, annexes B and C.
"""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loaders.pointcloud.header import Header
from twin.errors import CrsError
from twin.georeference import parse_crs, parse_vertical

PROJECTION = "LASF_Projection"
WKT, KEYS, DOUBLES, ASCII = 2112, 34735, 34736, 34737
_OWN = 32767
"""A code of GeoTIFF: defined by the keys that follow."""
_FEET = {9002: 0.3048, 9003: 1200 / 3937, 9001: 1.0}
_UNITS = {9001: "m", 9002: "ft", 9003: "us-ft"}
_NESTED = re.compile(r",\s*VERT_?CS\[", re.I)

Key = float | str
_Made = Callable[[Mapping[int, Key]], str]


@dataclass(frozen=True, slots=True)
class System:
    """A file's system: ``crs`` and ``vertical`` as ``About`` has them, '' = not said.

    ``rise``: heights are to be multiplied by it, because their unit differs from the plane's and no
    vertical system says so; ``route`` names the record that said it.
    """

    crs: str = ""
    vertical: str = ""
    rise: float = 1.0
    route: str = ""


def system_of(header: Header) -> System:
    """Return the system that a file names; the WKT goes before the keys where the header says so."""
    ways = [_of_keys, _of_wkt] if not header.flags & 16 else [_of_wkt, _of_keys]
    told = System()
    for way in ways:
        found = way(header)
        if found.crs and _sound(found.crs):
            return found
        told = told if told.crs else found
    return told


def _sound(crs: str) -> bool:
    try:
        return bool(parse_crs(crs))
    except CrsError:
        return False


def _of_wkt(header: Header) -> System:
    for user in (PROJECTION, "liblas"):
        raw = header.read(header.record(user, WKT))
        text = raw.partition(b"\0")[0].decode("utf-8", "replace").strip().strip("'\"")
        if text:
            return _parted(text)
    return System()


def _parted(text: str) -> System:
    """Return the system of a WKT; heights that a program wrote inside of the plane system are taken out."""
    nested = _NESTED.search(text)
    if nested is None or text[:6].upper() == "COMPD_" or _sound(text):
        return System(text, route="WKT")
    inner = text[nested.start() + 1 :].rstrip().removesuffix("]")
    try:
        vertical = parse_vertical(inner)
    except CrsError:
        vertical = ""
    return System(text[: nested.start()] + "]", vertical, route="WKT")


def _of_keys(header: Header) -> System:
    keys = geo_keys(header)
    crs = _plane(keys)
    vertical = _vertical(keys)
    rise = 1.0
    if crs and not vertical and 4099 in keys:
        plane = _FEET.get(int(_number(keys, 3076, 9001)), 1.0)
        rise = _FEET.get(int(_number(keys, 4099, 9001)), plane) / plane
    return System(crs, vertical, rise, "GeoTIFF" if crs or vertical else "")


def geo_keys(header: Header) -> dict[int, Key]:
    """Return the GeoTIFF keys with their values; those that lead nowhere are left out."""
    listed = header.read(header.record(PROJECTION, KEYS))
    doubles = header.read(header.record(PROJECTION, DOUBLES))
    text = header.read(header.record(PROJECTION, ASCII)).decode("latin-1")
    found: dict[int, Key] = {}
    for at in range(8, len(listed) - 7, 8):
        key, place, count, value = struct.unpack_from("<4H", listed, at)
        if place == 0 and key:
            found[key] = float(value)
        elif place == DOUBLES and value * 8 + 8 <= len(doubles):
            found[key] = float(struct.unpack_from("<d", doubles, value * 8)[0])
        elif place == ASCII:
            found[key] = text[value : value + count].rstrip("|\0")
    return found


def _number(keys: Mapping[int, Key], key: int, usual: float) -> float:
    value = keys.get(key, usual)
    return float(value) if isinstance(value, int | float) else usual


def _plane(keys: Mapping[int, Key]) -> str:
    projected, geographic = int(_number(keys, 3072, 0)), int(_number(keys, 2048, 0))
    model = int(_number(keys, 1024, 0))
    if 1024 <= projected < _OWN:
        return f"EPSG:{projected}"
    if projected == _OWN:
        return _defined(keys)
    if 1024 <= geographic < _OWN and model != 1:
        return f"EPSG:{geographic}"
    return ""


def _vertical(keys: Mapping[int, Key]) -> str:
    """Return the vertical system; codes 5000 to 5099 of old files are ellipsoids (GeoTIFF 1.0, 6.3.4.1)."""
    code = int(_number(keys, 4096, 0))
    if 5000 < code < 5100:
        return "ellipsoidal"
    if not 1024 <= code < _OWN:
        return ""
    try:
        return parse_vertical(f"EPSG:{code}")
    except CrsError:
        return ""


def _lambert(keys: Mapping[int, Key]) -> str:
    return _said(keys, "lcc", lat_1=3078, lat_2=3079, lon_0=3084, lat_0=3085, x_0=3086, y_0=3087)


def _transverse(keys: Mapping[int, Key]) -> str:
    return _said(keys, "tmerc", lat_0=3081, lon_0=3080, k=3092, x_0=3082, y_0=3083)


def _albers(keys: Mapping[int, Key]) -> str:
    return _said(keys, "aea", lat_1=3078, lat_2=3079, lat_0=3081, lon_0=3080, x_0=3082, y_0=3083)


_WAYS: Mapping[int, _Made] = {1: _transverse, 8: _lambert, 11: _albers}
"""Methods of projection that files define by their parameters (GeoTIFF 1.1, ProjMethodGeoKey)."""


def _defined(keys: Mapping[int, Key]) -> str:
    """Return a system that the keys define by its parameters, '' for a method not known here."""
    way = _WAYS.get(int(_number(keys, 3075, 0)))
    unit = _UNITS.get(int(_number(keys, 3076, 9001)))
    if way is None or unit is None:
        return ""
    axis, flat = _number(keys, 2057, 0), _number(keys, 2059, 0)
    geographic = int(_number(keys, 2048, _OWN))
    if axis > flat > 0:
        figure = f"+a={axis!r} +rf={flat!r}"
    elif flat > axis > 0:  # written the other way round by some
        figure = f"+a={flat!r} +rf={axis!r}"
    else:
        figure = {4326: "+datum=WGS84", 4269: "+datum=NAD83"}.get(geographic, "+ellps=GRS80")
    return f"{way(keys)} {figure} +units={unit} +no_defs +type=crs"


def _said(keys: Mapping[int, Key], name: str, **places: int) -> str:
    """Return the start of a PROJ text. False eastings count in the system's unit there, in metres here."""
    factor = _FEET.get(int(_number(keys, 3076, 9001)), 1.0)
    words = [f"+proj={name}"]
    for word, key in places.items():
        value = _number(keys, key, 1.0 if word == "k" else 0.0)
        words.append(f"+{word}={value * factor if word in ('x_0', 'y_0') else value!r}")
    return " ".join(words)
