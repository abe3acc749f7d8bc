"""A plain reading of CityGML with lxml's whole tree, independent of the loader: objects, and areas by level."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

PARTS = frozenset(
    [
        "BuildingPart",
        "BuildingInstallation",
        "Room",
        "BuildingFurniture",
        "BuildingRoom",
        "Storey",
        "BuildingUnit",
        "TINRelief",
        "BridgePart",
        "TunnelPart",
    ]
)
LOD = re.compile(r"lod(\d)")
HREF = "{http://www.w3.org/1999/xlink}href"
Point = tuple[float, ...]


@dataclass
class Plain:
    """``kinds`` counts objects; ``ids`` in file order ('' = none); ``areas`` by id and level."""

    kinds: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)
    areas: dict[str, dict[str, float]] = field(default_factory=dict)


def name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def key(element: Any) -> str:
    return next((v for k, v in element.attrib.items() if k.endswith("}id")), "")


def read(path: Path, stretch: tuple[float, float] = (1.0, 1.0), swapped: bool = False) -> Plain:
    """Read a file; areas are of coordinates stretched by metres per unit (after swapping)."""
    root = etree.parse(str(path)).getroot()
    found = Plain()
    named = {key(e): e for e in root.iter() if isinstance(e.tag, str) and key(e)}
    members = [m for m in root if name(m) == "cityObjectMember"]
    objects = [
        o for m in members for e in m if name(e) for o in e.iter() if o is e or name(o) in PARTS
    ]
    known = set(objects)
    for item in objects:
        found.kinds[name(item)] += 1
        found.ids.append(key(item))
        polygons: dict[str, set[Any]] = {}
        for element in item.iter():
            if not isinstance(element.tag, str) or owner(element, known) is not item:
                continue
            level = level_of(element)
            if name(element) in ("Polygon", "Triangle") and level:
                polygons.setdefault(level, set()).add(element)
            elif element.get(HREF) and level:
                target = named.get(str(element.get(HREF))[1:])
                inside = target.iter() if target is not None else ()
                more = [p for p in inside if name(p) in ("Polygon", "Triangle")]
                polygons.setdefault(level, set()).update(more)
        found.areas[key(item)] = {
            level: sum(area(p, stretch, swapped) for p in each) for level, each in polygons.items()
        }
    return found


def owner(element: Any, objects: set[Any]) -> Any:
    while element is not None and element not in objects:
        element = element.getparent()
    return element


def level_of(element: Any) -> str:
    while element is not None:
        found = LOD.match(name(element))
        if found and "Terrain" not in name(element):
            return found[1]
        if name(element) == "tin":
            return str(next(e.text for e in element.getparent() if name(e) == "lod"))
        element = element.getparent()
    return ""


def area(polygon: Any, stretch: tuple[float, float], swapped: bool) -> float:
    """Return the outer ring's area less the holes', by the cross products of their corners."""
    total = 0.0
    for side in polygon:
        if name(side) in ("exterior", "interior"):
            sign = 1 if name(side) == "exterior" else -1
            total += sign * ring_area(points(side, stretch, swapped))
    return total


def points(side: Any, stretch: tuple[float, float], swapped: bool) -> list[Point]:
    words = " ".join(e.text or "" for e in side.iter() if name(e) in ("pos", "posList")).split()
    if len(words) % 3:
        return []
    flat = [float(word) for word in words]
    found = [(flat[i], flat[i + 1], flat[i + 2]) for i in range(0, len(flat), 3)]
    turned = [(y, x, z) if swapped else (x, y, z) for x, y, z in found]
    return [(x * stretch[0], y * stretch[1], z) for x, y, z in turned]


def ring_area(ring: list[Point]) -> float:
    if not ring:
        return 0.0
    ox, oy, oz = ring[0]
    local = [(x - ox, y - oy, z - oz) for x, y, z in ring]
    sums = [0.0, 0.0, 0.0]
    for (x, y, z), (u, v, w) in zip(local, [*local[1:], local[0]], strict=True):
        sums[0] += y * w - z * v
        sums[1] += z * u - x * w
        sums[2] += x * v - y * u
    return math.hypot(*sums) / 2
