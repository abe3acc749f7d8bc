"""Coordinate systems by name: every spelling found in the field, split into horizontal and vertical.

PROJ never touches the network, and the bundled geoid grid is announced before its first use.
Coordinates are always (east or longitude, north or latitude, height), whatever the registry says.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pyproj import CRS, datadir
from pyproj.crs import CompoundCRS, GeographicCRS
from pyproj.database import get_codes
from pyproj.enums import PJType
from pyproj.exceptions import CRSError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from twin.errors import CrsError
from twin.messages import text
from twin.records import Problem

set_network_enabled(active=False)
datadir.append_data_dir(str(files("twin").joinpath("data", "proj")))

ELLIPSOIDAL = "ellipsoidal"
"""The vertical 'datum' of geocentric and three-dimensional geographic systems."""
LONGEST = 65536
WGS84 = "EPSG:4326"

_NAMED = {
    "nap": 5709, "dhhn92": 5783, "de_dhhn92_nh": 5783, "dhhn85": 5784, "de_dhhn85_noh": 5784, "de_dhhn12_noh": 7699, "de_snn76_nh": 5785, "dhhn2016": 7837, "de_dhhn2016_nh": 7837,
    "egm96": 5773, "egm2008": 3855, "egm08": 3855, "navd88": 5703, "evrf2007": 5621, "odn": 5701,
    "yellow sea 1985": 5737, "1985国家高程基准": 5737, "yellow sea 1956": 5736, "taf": 5720,
    "ign69": 5720, "jgd2011": 6695, "tokyo peil": 6695, "ln02": 5728, "lhn95": 5729, "rh2000": 5613,
}  # fmt: skip
_ADV_HORIZONTAL = (
    (re.compile(r"ETRS89_UTM(\d\d)$", re.I), 25800, (28, 38)),
    (re.compile(r"DE_DHDN_3GK([2-5])$", re.I), 31464, (2, 5)),
    (re.compile(r"DE_PD-83_3GK([34])$", re.I), 3393, (3, 4)),
    (re.compile(r"DE_RD-83_3GK([45])$", re.I), 3394, (4, 5)),
    (re.compile(r"DE_42-83_3GK([345])$", re.I), 2394, (3, 5)),
)
_CODE = re.compile(r"^(?:EPSG\s*:{1,2}\s*)?(\d{3,9})$", re.I)
_PAIR = re.compile(r"^EPSG:(\d+)\s*[+,]\s*(?:EPSG:)?(\d+)$", re.I)
_URN = re.compile(r"^urn:(?:x-)?ogc:def:crs:EPSG:[^:]*:(\d+)$", re.I)
_URN_LIST = re.compile(r"^urn:(?:x-)?ogc:def:crs,(.+)$", re.I)
_URN_PART = re.compile(r"crs:EPSG:[^:]*:(\d+)$", re.I)
_URL = re.compile(
    r"^https?://(?:www\.)?opengis\.net/(?:def/crs/EPSG/[^/]+/|gml/srs/epsg\.xml#)(\d+)/?$", re.I
)
_URL_LIST = re.compile(r"^https?://(?:www\.)?opengis\.net/def/crs-compound\?(.+)$", re.I)


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate system, taken apart. ``horizontal`` and ``vertical`` are 'EPSG:n' or WKT.

    ``horizontal`` '' = the source names none; ``vertical`` '' = unknown, ``ellipsoidal`` = above the
    ellipsoid. ``kind`` is projected, geographic, geocentric or ''. ``unit`` names the horizontal
    unit; ``rise`` is metres per unit of height (negative for depths); ``area`` is (west, south,
    east, north) in degrees where the system is meant to be used.
    """

    horizontal: str = ""
    vertical: str = ""
    kind: str = ""
    title: str = ""
    vertical_title: str = ""
    unit: str = ""
    rise: float = 1.0
    area: tuple[float, float, float, float] | None = None
    area_name: str = ""

    def __bool__(self) -> bool:
        """Return whether a horizontal system is known."""
        return bool(self.horizontal)


def problem(code: str, feature: str = "", **params: Any) -> Problem:
    """Return a problem whose English text comes from the catalogue."""
    return Problem(code, text(f"problem.{code}", **params), feature, params)


@lru_cache(maxsize=256)
def parse_crs(name: str, vertical: str = "") -> Crs:
    """Return the system of a name: EPSG code, OGC URL or URN (lists too), AdV URN, WKT, PROJJSON, ''.

    ``vertical`` (a code, a well-known name such as NAP, or ``ellipsoidal``) wins over what ``name``
    says of heights. Raises CrsError for anything that is not a coordinate system on Earth.
    """
    horizontal, upright = _split(name.strip()) if name.strip() else (None, "")
    upright = parse_vertical(vertical) if vertical.strip() else upright
    if horizontal is None:
        return Crs(vertical=upright, vertical_title=vertical_title(upright))
    area = horizontal.area_of_use
    axis = horizontal.axis_info[0]
    return Crs(
        horizontal=spelled(horizontal),
        vertical=upright,
        kind=_kind(horizontal),
        title=horizontal.name,
        vertical_title=vertical_title(upright),
        unit=axis.unit_name,
        rise=_rise(horizontal, upright),
        area=None if area is None else (area.west, area.south, area.east, area.north),
        area_name="" if area is None else area.name,
    )


def parse_vertical(name: str) -> str:
    """Return 'EPSG:n', WKT or ``ellipsoidal`` for a vertical datum's name, '' for ''.

    Raises CrsError when it names no vertical system.
    """
    plain = name.strip()
    if not plain or plain.lower() in ("unknown", ELLIPSOIDAL, "ellipsoid"):
        return ELLIPSOIDAL if plain.lower() in (ELLIPSOIDAL, "ellipsoid") else ""
    known = _NAMED.get(plain.lower().removesuffix(" height"))
    crs = system(f"EPSG:{known}" if known else _address(plain))
    if crs.is_compound:
        crs = crs.sub_crs_list[1]
    if not crs.is_vertical:
        if len(crs.axis_info) == 3:
            return ELLIPSOIDAL
        raise CrsError(crs=plain, reason="it has no heights")
    return spelled(crs)


def vertical_title(vertical: str) -> str:
    """Return the readable name of a vertical datum; '' for an unknown one."""
    if vertical in ("", ELLIPSOIDAL):
        return vertical
    return system(vertical).name.removesuffix(" height")


@lru_cache(maxsize=256)
def system(name: str) -> CRS:
    """Return PROJ's system. Raises CrsError."""
    if len(name) > LONGEST:
        raise CrsError(crs=name[:40], reason=f"its definition is longer than {LONGEST} characters")
    if re.search(r"\+?(init|nadgrids|geoidgrids|grids)\s*=", name, re.I):
        raise CrsError(crs=name[:80], reason="a definition may not name files")
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        reason = str(error).rpartition("(Internal Proj Error: ")[2].rstrip(")")
        raise CrsError(crs=name[:80], reason=reason[:200]) from error


def spelled(crs: CRS) -> str:
    """Return 'EPSG:n' when the registry holds this very system under its number, else WKT.

    Files carry wrong numbers on changed definitions (a false northing of 90 m under EPSG:4547 was
    seen): the definition wins over the number.
    """
    tag = crs.to_json_dict().get("id") or {}
    if tag.get("authority") in ("EPSG", "OGC"):
        name = f"{tag['authority']}:{tag['code']}"
        if _same(crs, name):
            return name
    return crs.to_wkt()


def definition(name: str) -> tuple[str, str, int, str]:
    """Return a horizontal system as files of the OGC say it: title, authority, number, WKT 1.

    The authority is '' and the number 0 for one that no registry holds. Raises CrsError.
    """
    plain = parse_crs(name).horizontal
    crs = system(plain)
    authority, _, number = plain.partition(":")
    try:
        text = crs.to_wkt("WKT1_GDAL")
    except CRSError:  # what WKT 1 cannot say
        text = crs.to_wkt()
    if not number.isdigit():
        authority, number = "", "0"
    return crs.name, authority, int(number), text


def mistagged(name: str) -> tuple[str, str] | None:
    """Return (number with its name, what differs) where a definition carries another system's number.

    Only numbers that place points are compared. None for a plain code, a right number or no number.
    Raises CrsError for what is no coordinate system.
    """
    crs = system(_address(name.strip()))
    tag = crs.to_json_dict().get("id") or {}
    if tag.get("authority") != "EPSG" or spelled(crs).startswith("EPSG:"):
        return None
    try:
        meant = CRS.from_epsg(tag["code"])
    except CRSError:
        return f"EPSG:{tag['code']}", f"EPSG:{tag['code']} does not exist"
    here, there = _definition(crs), _definition(meant)
    differing = [
        f"{key} {here.get(key, 0.0):.12g} ({there.get(key, 0.0):.12g})"
        for key in dict.fromkeys((*there, *here))
        if abs(here.get(key, 0.0) - there.get(key, 0.0))
        > 1e-9 * max(1.0, abs(there.get(key, 0.0)))
    ]
    return (f"EPSG:{tag['code']} {meant.name}", ", ".join(differing)) if differing else None


def _definition(crs: CRS) -> dict[str, float]:
    """Return the numbers of a definition by their names: the projection's and the ellipsoid's."""
    found: dict[str, float] = {}
    if crs.coordinate_operation is not None:
        for item in crs.coordinate_operation.params:
            factor = 1.0 if item.unit_name == "degree" else float(item.unit_conversion_factor)
            found[item.name.lower()] = float(item.value) * factor
    if crs.ellipsoid is not None:
        found["semi-major axis"] = crs.ellipsoid.semi_major_metre
        found["inverse flattening"] = crs.ellipsoid.inverse_flattening
    if crs.axis_info:
        found["unit"] = crs.axis_info[0].unit_conversion_factor
    return found


@lru_cache(maxsize=64)
def geographic_of(horizontal: str) -> str:
    """Return the two-dimensional geographic system a system stands on (same datum)."""
    crs = system(horizontal)
    base = crs.geodetic_crs or crs
    if base.is_geocentric or len(base.axis_info) == 3:
        base = GeographicCRS(
            name=base.name, datum=base.datum or base.to_json_dict()["datum_ensemble"]
        )
    return spelled(base)


@lru_cache(maxsize=64)
def compound(horizontal: str, vertical: str) -> str:
    """Return the WKT of a horizontal system with named heights."""
    parts = [system(horizontal), system(vertical)]
    return str(
        CompoundCRS(name=" + ".join(part.name for part in parts), components=parts).to_wkt()
    )


def _same(crs: CRS, name: str) -> bool:
    try:
        return bool(crs.equals(CRS.from_user_input(name), ignore_axis_order=True))
    except CRSError:
        return False


def _kind(crs: CRS) -> str:
    if crs.is_geocentric:
        return "geocentric"
    return "projected" if crs.is_projected else "geographic"


def _rise(horizontal: CRS, vertical: str) -> float:
    """Metres per unit of height: the datum's own unit, else the unit of the plane coordinates."""
    if vertical not in ("", ELLIPSOIDAL):
        axis = system(vertical).axis_info[0]
        factor = float(axis.unit_conversion_factor)
        return -factor if axis.direction.lower() == "down" else factor
    if horizontal.is_projected:
        return float(horizontal.axis_info[0].unit_conversion_factor)
    return 1.0


def is_datum(name: str) -> bool:
    """Return whether the registry knows a geodetic datum by its number, or a system on one by name."""
    try:
        return bool(system(_address(name.strip())).geodetic_crs)
    except CrsError:
        pass
    code = _CODE.match(name.strip())
    return code is not None and code[1] in _datums()


@lru_cache(maxsize=1)
def _datums() -> frozenset[str]:
    kinds = (PJType.GEODETIC_REFERENCE_FRAME, PJType.DATUM_ENSEMBLE)
    return frozenset(
        code for kind in kinds for code in get_codes("EPSG", kind, allow_deprecated=True)
    )


def northing_first(horizontal: str) -> bool:
    """Return whether the registry lists north (or latitude) as the first axis of a system. Raises CrsError."""
    return bool(system(horizontal).axis_info[0].direction.lower() == "north")


def plane_unit(crs: Crs) -> float:
    """Return metres in a horizontal unit of a projected system; 1 for all others."""
    if crs.kind != "projected":
        return 1.0
    return float(system(crs.horizontal).axis_info[0].unit_conversion_factor)


def _split(name: str) -> tuple[CRS, str]:
    """Return the horizontal part and the vertical datum of a name."""
    crs = system(_address(name))
    vertical = ""
    if crs.is_compound:
        vertical = spelled(crs.sub_crs_list[1])
        crs = crs.sub_crs_list[0]
    if not (crs.is_geocentric or crs.is_geographic or crs.is_projected):
        raise CrsError(crs=name[:80], reason=f"it is a {crs.type_name}, not a place on Earth")
    if crs.is_geocentric:
        return crs, ELLIPSOIDAL
    if len(crs.axis_info) == 3:
        return crs.to_2d(), ELLIPSOIDAL
    return crs, vertical


def _address(name: str) -> str:
    """Return a name that PROJ understands for the spellings found in the field."""
    for pattern in (_CODE, _URN, _URL):
        if found := pattern.match(name):
            return f"EPSG:{int(found[1])}"
    if found := _PAIR.match(name):
        return compound(f"EPSG:{found[1]}", f"EPSG:{found[2]}")
    if found := _URN_LIST.match(name):
        return _listed(name, [_URN_PART.match(part.strip()) for part in found[1].split(",")])
    if found := _URL_LIST.match(name):
        parts = [part.partition("=")[2] for part in found[1].split("&")]
        return _listed(name, [_URL.match(part) for part in parts])
    if name.lower().startswith("urn:adv:crs:"):
        return _adv(name)
    return "OGC:CRS84" if name.upper() == "CRS84" else name


def _listed(name: str, parts: list[re.Match[str] | None]) -> str:
    codes = [f"EPSG:{part[1]}" for part in parts if part is not None]
    if len(codes) != len(parts) or len(codes) not in (1, 2):
        raise CrsError(
            crs=name[:80], reason="the list is not a horizontal and a vertical EPSG code"
        )
    return codes[0] if len(codes) == 1 else compound(codes[0], codes[1])


def _adv(name: str) -> str:
    """Return the system of a German surveying authorities' URN (urn:adv:crs:ETRS89_UTM32*DE_...)."""
    plane, _, height = name[len("urn:adv:crs:") :].partition("*")
    for pattern, first, (low, high) in _ADV_HORIZONTAL:
        found = pattern.match(plane)
        if found and low <= int(found[1]) <= high:
            code = f"EPSG:{first + int(found[1])}"
            known = _NAMED.get(height.lower())
            return compound(code, f"EPSG:{known}") if known else code
    raise CrsError(crs=name[:80], reason="this AdV name is not known here")
