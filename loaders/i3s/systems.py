"""A layer's spatial reference: its names in EPSG's or Esri's registry, its heights and their unit."""

import re
from dataclasses import dataclass
from typing import Any

from twin.errors import CrsError
from twin.georeference.crs import ELLIPSOIDAL, parse_crs, parse_vertical

WEB_MERCATOR = (102100, 102113, 3785, 900913)
ESRI = 37000
"""Esri's own numbers begin here; EPSG's end before (except its 7-digit ones, which no layer uses)."""
METRES = {
    "meter": 1.0, "metre": 1.0, "us-foot": 1200 / 3937, "foot": 0.3048, "clarke-foot": 0.3047972654,
    "clarke-yard": 0.9143917962, "us-inch": 100 / 3937, "us-yard": 3600 / 3937, "us-mile": 6336000 / 3937,
    "millimeter": 0.001, "decimeter": 0.1, "centimeter": 0.01, "kilometer": 1000.0,
    "sears-foot": 0.3047994715386762, "sears-yard": 0.9143984146160287, "gold-coast-foot": 0.3047997101815088,
    "indian-yard": 0.9143985307444408, "indian-1937-yard": 0.91439523,
}  # fmt: skip
_URL = re.compile(r"/EPSG/[^/]*/(\d+)/?$", re.I)


@dataclass(frozen=True, slots=True)
class System:
    """A layer's coordinates: ``crs`` and ``vertical`` as ``About`` wants them.

    ``geographic``: x and y are degrees. ``rise``: what a stored height is multiplied by to be in the
    unit that the core expects with this system; ``metre``: metres per horizontal unit of a projected
    system (1 for a geographic one: its boxes are in metres).
    """

    crs: str = ""
    vertical: str = ""
    geographic: bool = False
    rise: float = 1.0
    metre: float = 1.0


def system_of(layer: dict[str, Any]) -> System:
    """Return the system a layer names; an unknown one keeps its name: the core says that it is."""
    crs = _horizontal(layer)
    vertical = _vertical(layer)
    try:
        known = parse_crs(crs, vertical)
        metre = parse_crs(crs).rise if known.kind == "projected" else 1.0
    except CrsError:
        return System(crs, vertical)
    model = _dict(layer.get("heightModelInfo"))
    unit = METRES.get(str(model.get("heightUnit", "")).lower())
    rise = 1.0 if unit is None or not crs else unit / known.rise
    return System(crs, vertical, known.kind == "geographic", rise, metre)


def _horizontal(layer: dict[str, Any]) -> str:
    reference = _dict(layer.get("spatialReference"))
    for key in ("latestWkid", "wkid"):
        code = reference.get(key)
        if isinstance(code, int) and not isinstance(code, bool) and code > 0:
            return _spelled(code)
    wkt = reference.get("wkt")
    if isinstance(wkt, str) and wkt.strip():
        return wkt.partition(",VERTCS[")[0]
    store = _dict(layer.get("store"))
    for key in ("vertexCRS", "indexCRS"):
        found = _URL.search(str(store.get(key, "")))
        if found:
            return _spelled(int(found[1]))
    return ""


def _spelled(code: int) -> str:
    if code in WEB_MERCATOR:
        return "EPSG:3857"
    return f"ESRI:{code}" if code >= ESRI else f"EPSG:{code}"


def _vertical(layer: dict[str, Any]) -> str:
    """Return the datum of the heights: by number, by WKT, by the height model's name; '' = unknown."""
    reference, model = _dict(layer.get("spatialReference")), _dict(layer.get("heightModelInfo"))
    own = ""
    for key in ("latestVcsWkid", "vcsWkid"):
        code = reference.get(key)
        if isinstance(code, int) and not isinstance(code, bool) and code > 0:
            found = _known(_spelled(code))
            if "ellipsoidal height" in found:  # Esri numbers these too: 115700
                return ELLIPSOIDAL
            if found.startswith("EPSG:"):
                return found
            own = own or found
    if model.get("heightModel") == "ellipsoidal":
        return ELLIPSOIDAL
    wkt = str(reference.get("wkt", "")).partition(",VERTCS[")[2]
    if wkt:
        return ELLIPSOIDAL if ",DATUM[" in wkt else _known("VERTCS[" + wkt)
    name = str(model.get("vertCRS", ""))
    plain = name.replace("_", " ").strip()
    for spelling in (name, plain, re.sub(r"\s+(geoid|height)$", "", plain, flags=re.I)):
        found = _known(spelling)
        if found:
            return found
    return own


def _known(name: str) -> str:
    try:
        return parse_vertical(name)
    except CrsError:
        return ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
