"""What WMTS capabilities say of a tile matrix set, as levels: its system, the order of its axes, its pixels.

Two traps. The corner is told in the order of the system's axes (latitude first in EPSG:4326 and EPSG:4490, northing first
in the Gauss-Krueger zones of China), yet many servers write east first: of both readings the one that meets the place
of the layer, or the area of the system, is taken. Scales are meant for pixels of 0.28 mm, yet some servers reckon with 96 dpi: the width of the world tells.
"""

import math
import re
from typing import Any

import numpy as np

from loaders.terrain.imagery.matrices import Level
from twin.errors import CrsError
from twin.georeference.crs import WGS84, Crs, northing_first, parse_crs, plane_unit
from twin.georeference.frames import plane

PIXEL = 0.00028
"""Metres of a pixel by which scale denominators are meant (OGC 07-057r7, 6.1)."""
COARSE = 0.0254 / 96
"""Metres of a pixel of 96 dpi."""
DEGREE = math.pi * 6378137.0 / 180
WORLD = 2 * math.pi * 6378137.0
MOST_LEVELS = 40
MOST_TILE = 4096
_NUMBER = re.compile(r"(\d{4,6})$")

Box = tuple[float, float, float, float]


def all_of(node: Any, path: str) -> list[Any]:
    """Return the elements at a path of local names."""
    return list(node.xpath("/".join(f"*[local-name()='{step}']" for step in path.split("/"))))


def text_of(node: Any, path: str) -> str:
    """Return the text of the first element at a path, '' where there is none."""
    found = all_of(node, path)
    return (found[0].text or "").strip() if found else ""


def system_of(cut: Any) -> Crs | None:
    """Return the system of a matrix set; None where PROJ does not know it."""
    said = text_of(cut, "SupportedCRS")
    number = _NUMBER.search(said)
    named = "OGC:CRS84" if said.upper().endswith("CRS84") else said
    for name in (named, f"EPSG:{number[1]}" if number else ""):
        try:
            found = parse_crs(name)
        except CrsError:
            continue
        if found.kind in ("projected", "geographic"):
            return found
    return None


def unit_of(crs: Crs) -> float:
    """Return metres in a unit of a plane, as scale denominators mean it."""
    return DEGREE if crs.kind == "geographic" else plane_unit(crs)


def levels_of(cut: Any, link: Any, crs: Crs, layer: Any) -> tuple[tuple[Level, ...], Box]:
    """Return the levels of a matrix set from coarse to fine, and the box of its layer in the plane.

    Levels are left out that make no sense; () where none does.
    """
    limits = {
        text_of(x, "TileMatrix"): _limits(x)
        for x in all_of(link, "TileMatrixSetLimits/TileMatrixLimits")
    }
    read = [x for x in map(_matrix, all_of(cut, "TileMatrix")[:MOST_LEVELS]) if x is not None]
    if limits:
        read = [x._replace(limits=limits[x.name] or x.limits) for x in read if x.name in limits]
    if not read:
        return (), (0.0, 0.0, 0.0, 0.0)
    box = _box(layer, crs)
    levels = [x._replace(size=x.size * PIXEL / unit_of(crs)) for x in read]
    levels = sorted(_scaled(levels, crs), key=lambda x: -x.size)
    turned = [x._replace(west=x.north, north=x.west) for x in levels]
    both = [turned, levels] if northing_first(crs.horizontal) else [levels, turned]
    chosen = next((x for x in both if box and any(_meet(y.extent(), box) for y in x)), both[0])
    x0, y0, x1, y1 = chosen[-1].extent()
    if box and _meet((x0, y0, x1, y1), box):
        x0, y0 = max(x0, box[0]), max(y0, box[1])
        x1, y1 = min(x1, box[2]), min(y1, box[3])
    return tuple(chosen), (x0, y0, x1, y1)


def _matrix(node: Any) -> Level | None:
    """Return a matrix as it stands: ``size`` is its scale, ``west`` and ``north`` its two numbers in their order."""
    try:
        scale = float(text_of(node, "ScaleDenominator"))
        first, second = (float(x) for x in text_of(node, "TopLeftCorner").split())
        numbers = [
            int(text_of(node, x))
            for x in ("TileWidth", "TileHeight", "MatrixWidth", "MatrixHeight")
        ]
    except ValueError:
        return None
    wide, high, across, down = numbers
    name = text_of(node, "Identifier")
    sound = all(map(math.isfinite, (scale, first, second))) and scale > 0 and bool(name)
    if not sound or min(numbers) <= 0 or max(wide, high) > MOST_TILE:
        return None
    return Level(name, scale, first, second, (wide, high), (across, down))


def _limits(node: Any) -> tuple[int, int, int, int] | None:
    try:
        left, right, top, bottom = (
            int(text_of(node, x)) for x in ("MinTileCol", "MaxTileCol", "MinTileRow", "MaxTileRow")
        )
    except ValueError:
        return None
    return left, right, top, bottom


def _scaled(levels: list[Level], crs: Crs) -> list[Level]:
    """Return levels with the pixels that are meant, where the set is one of the whole world."""
    world = 360.0 if crs.kind == "geographic" else WORLD if crs.horizontal == "EPSG:3857" else 0.0
    ratios = [x.many[0] * x.tile[0] * x.size / world for x in levels] if world else []
    if any(abs(ratio * COARSE / PIXEL - 1) < 0.002 for ratio in ratios):
        return [x._replace(size=x.size * COARSE / PIXEL) for x in levels]
    return levels


def _box(layer: Any, crs: Crs) -> Box | tuple[()]:
    """Return the box in the plane of what a layer says it covers, within the area of the system; () = unknown."""
    west, south, east, north = crs.area or (-180.0, -90.0, 180.0, 90.0)
    said = _degrees(layer)
    if (
        said is not None
        and said[0] < east
        and said[2] > west
        and said[1] < north
        and said[3] > south
    ):
        west, south = max(west, said[0]), max(south, said[1])
        east, north = min(east, said[2]), min(north, said[3])
    if not (west < east and south < north):
        return ()
    x, y = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    moved = np.stack(plane(WGS84, crs.horizontal)[0].transform(x.ravel(), y.ravel()), 1)
    moved = moved[np.isfinite(moved).all(axis=1)]
    if not len(moved):
        return ()
    low, high = moved.min(axis=0).tolist(), moved.max(axis=0).tolist()
    return low[0], low[1], high[0], high[1]


def _meet(one: Box, other: Box) -> bool:
    """Return whether two boxes have something in common."""
    return all(one[k] < other[k + 2] and other[k] < one[k + 2] for k in (0, 1))


def _degrees(layer: Any) -> Box | None:
    try:
        west, south = (float(x) for x in text_of(layer, "WGS84BoundingBox/LowerCorner").split())
        east, north = (float(x) for x in text_of(layer, "WGS84BoundingBox/UpperCorner").split())
    except ValueError:
        return None
    return (
        (west, south, east, north) if all(map(math.isfinite, (west, south, east, north))) else None
    )
