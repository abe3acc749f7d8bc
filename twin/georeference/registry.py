"""The registry of coordinate systems searched by name: what PROJ's own database knows of EPSG."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pyproj.database import query_crs_info
from pyproj.enums import PJType

from twin.georeference.crs import parse_crs
from twin.georeference.places import Spot, inside

KINDS = (
    PJType.PROJECTED_CRS,
    PJType.GEOGRAPHIC_2D_CRS,
    PJType.COMPOUND_CRS,
    PJType.GEOGRAPHIC_3D_CRS,
)
"""Kinds of systems that are listed, the likely ones first."""
MOST = 30
LONGEST = 80
"""Characters of a search that are looked at."""
_WORD = re.compile(r"[^\s/,;()+:_-]+")
_OTHER = {
    "国家2000": "cgcs2000", "大地2000": "cgcs2000", "北京54": "beijing 1954", "西安80": "xian 1980", "高斯": "gauss-kruger",
    "墨卡托": "mercator", "krueger": "kruger", "krüger": "kruger", "带": "zone",
}  # fmt: skip
"""What people write -> how the registry spells it."""

Area = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Registered:
    """A system: 'EPSG:n', its name, the rank of its kind, where it is meant to be used (degrees) and what that is called."""

    code: str
    name: str
    rank: int
    area: Area | None
    area_name: str
    text: str

    def covers(self, place: Spot | None) -> bool:
        """Return whether a place lies in its area of use."""
        return place is not None and self.area is not None and inside(self.area, *place)

    @property
    def unit(self) -> str:
        """Return the unit of its axes as the registry calls it."""
        return parse_crs(self.code).unit


@lru_cache(maxsize=1)
def registry() -> tuple[Registered, ...]:
    """Return all systems that hold good. The first call takes about a second: not on the thread of a window."""
    found: dict[str, Registered] = {}
    for item in query_crs_info(auth_name="EPSG", pj_types=list(KINDS)):
        use = item.area_of_use
        area = None if use is None else (use.west, use.south, use.east, use.north)
        named = "" if use is None else (use.name or "").rstrip(".")
        text = f"{item.name} {item.code} {item.projection_method_name or ''}".casefold()
        code = f"EPSG:{item.code}"
        made = Registered(code, item.name, KINDS.index(item.type), area, named, text)
        known = found.setdefault(code, made)  # a system with several uses comes several times
        if _size(made.area) > _size(known.area):
            found[code] = made
    return tuple(found.values())


def _size(area: Area | None) -> float:
    return 0.0 if area is None else (area[2] - area[0]) % 360.0 * (area[3] - area[1])


def search(words: str, place: Spot | None = None, most: int = MOST) -> list[Registered]:
    """Return the systems whose names hold all words: those that cover the place first, then by likeness.

    Words of the area's name may begin with them too; that counts less.
    """
    text = words.casefold()[:LONGEST]
    for one, other in _OTHER.items():
        text = text.replace(one, f" {other} ")
    wanted = _WORD.findall(text)
    if not wanted:
        return []
    found = []
    for item in registry():
        missing = [word for word in wanted if word not in item.text]
        if missing and not _begun(item.area_name.casefold(), missing):
            continue
        found.append((_likeness(item, wanted, len(missing), place), item))
    found.sort(key=lambda pair: pair[0])
    return [item for _, item in found[:most]]


def _begun(area: str, words: list[str]) -> bool:
    """Return whether each word begins a word of an area's name."""
    known = _WORD.findall(area)
    return all(any(one.startswith(word) for one in known) for word in words)


def _likeness(
    item: Registered, wanted: list[str], missing: int, place: Spot | None
) -> tuple[bool, int, int, int, int, str]:
    """Return what a system is sorted by, the best first."""
    parts = set(_WORD.findall(item.text))
    halves = sum(word not in parts for word in wanted)
    return not item.covers(place), missing, halves, item.rank, len(item.name), item.code
