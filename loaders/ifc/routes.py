"""The georeference routes as they stand in the file: read, not judged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from loaders.ifc.extents import Sizes
from loaders.ifc.structure import by_type
from loaders.ifc.units import unit_metres
from twin.geometry import F64

UNIT_NAMES = {
    "metre": 1.0, "meter": 1.0, "m": 1.0, "millimetre": 0.001, "millimeter": 0.001, "mm": 0.001,
    "foot": 0.3048, "us survey foot": 1200 / 3937,
}  # fmt: skip


@dataclass(frozen=True)
class Conversion:
    """One map conversion as it stands in the file; ``unit`` metres a map unit (None = not said).

    ``crs`` is what the place is read by, ``label`` the name as written and ``wkt`` whether a WKT stands
    beside it; ``datum`` is the geodetic datum's name. ``angles``: its coordinates are latitude and
    longitude; ``measures``: the types of a rigid operation's coordinates. ``context`` is the step id of
    the context it moves.
    """

    route: str
    crs: str = ""
    vertical: str = ""
    east: float = 0.0
    north: float = 0.0
    height: float = 0.0
    axis: tuple[float, float] = (1.0, 0.0)
    scale: float | None = None
    factors: tuple[float, float, float] = (1.0, 1.0, 1.0)
    unit: float | None = None
    angles: bool = False
    measures: tuple[str, ...] = ()
    label: str = ""
    wkt: bool = False
    datum: str = ""
    context: int = 0

    @property
    def system(self) -> str:
        """Return the name of its system in the spelling that is understood."""
        return f"EPSG:{self.crs}" if self.crs.isdecimal() else self.crs

    @property
    def zero(self) -> bool:
        """Return whether it moves nothing anywhere."""
        return not any((self.east, self.north, self.height))

    def same(self, other: "Conversion") -> bool:
        """Return whether another one says the same, wherever it stands."""
        return replace(self, route="", context=0) == replace(other, route="", context=0)


@dataclass(frozen=True)
class Site:
    """Latitude and longitude in degrees, elevation in metres, ``origin`` of its placement in metres.

    ``true_north`` in degrees counter-clockwise from the model's y axis; ``north_said``: a direction
    stands in the file.
    """

    lat: float
    lon: float
    elevation: float
    true_north: float
    origin: F64
    north_said: bool = False


def operations(file: Any) -> list[Conversion]:
    """Return the coordinate operations of IFC4 and later, those of the model context first."""
    found = []
    for item in by_type(file, "IfcCoordinateOperation"):
        kind = item.is_a()
        source = item[0]
        start = replace(_target(item[1]), route=kind, context=0 if source is None else source.id())
        if kind.startswith("IfcMapConversion"):
            more = [float(v or 1.0) for v in list(item)[8:11]]
            start = replace(
                start,
                east=float(item[2] or 0.0),
                north=float(item[3] or 0.0),
                height=float(item[4] or 0.0),
                axis=_axis(item[5], item[6]),
                scale=item[7],
                factors=(more[0], more[1], more[2]) if len(more) == 3 else (1.0, 1.0, 1.0),
            )
        elif kind == "IfcRigidOperation":
            measures = tuple("" if value is None else value.is_a() for value in (item[2], item[3]))
            start = replace(
                start,
                east=_measure(item[2]),
                north=_measure(item[3]),
                height=float(item[4] or 0.0),
                measures=measures,
                angles=measures[0] == "IfcPlaneAngleMeasure",
            )
        plan = source is not None and source.is_a("IfcGeometricRepresentationContext")
        found.append((plan and source[1] == "Plan", start))
    return [conversion for _, conversion in sorted(found, key=lambda pair: pair[0])]


def bare_contexts(file: Any, found: Sequence[Conversion]) -> list[int]:
    """Return the step ids of the model's contexts (not of plans) that no operation moves."""
    moved = {conversion.context for conversion in found}
    return [
        item.id()
        for item in by_type(file, "IfcGeometricRepresentationContext")
        if item.is_a() == "IfcGeometricRepresentationContext"
        and item[1] != "Plan"
        and item.id() not in moved
    ]


def _measure(value: Any) -> float:
    return float(value[0]) if value is not None else 0.0


def _target(crs: Any) -> Conversion:
    """Return a conversion that only knows its coordinate reference system; a WKT beats the name."""
    if crs is None:
        return Conversion("")
    label = (crs[0] or "").strip()
    known = getattr(crs, "WellKnownText", None)
    text = (known[0][0] or "").strip() if known else ""
    unit = getattr(crs, "MapUnit", None)
    return Conversion(
        "",
        text or label,
        (getattr(crs, "VerticalDatum", None) or "").strip(),
        unit=None if unit is None else unit_metres(unit),
        label=label,
        wkt=bool(text),
        datum=(getattr(crs, "GeodeticDatum", None) or "").strip(),
    )


def _axis(abscissa: Any, ordinate: Any) -> tuple[float, float]:
    x, y = float(abscissa or 0.0), float(ordinate or 0.0)
    length = math.hypot(x, y)
    return (x / length, y / length) if length > 0 else (1.0, 0.0)


def psets(file: Any) -> list[Conversion]:
    """Return the conversion that stands in property sets (the way of IFC2X3)."""
    sets: dict[str, dict[str, Any]] = {}
    for item in by_type(file, "IfcPropertySet"):
        name = (item[2] or "").casefold()
        if name in ("epset_mapconversion", "epset_projectedcrs"):
            values = sets.setdefault(name, {})
            for part in item[4] or ():
                if part.is_a("IfcPropertySingleValue") and part[2] is not None:
                    values.setdefault(part[0], part[2][0])
    move = sets.get("epset_mapconversion", {})
    crs = sets.get("epset_projectedcrs", {})
    if not move and not crs:
        return []
    scale = move.get("Scale")
    name = str(crs.get("Name", move.get("TargetCRS", ""))).strip()
    return [
        Conversion(
            "ePset_MapConversion",
            name,
            str(crs.get("VerticalDatum", "")).strip(),
            east=_number(move.get("Eastings")),
            north=_number(move.get("Northings")),
            height=_number(move.get("OrthogonalHeight")),
            axis=_axis(_number(move.get("XAxisAbscissa")), _number(move.get("XAxisOrdinate"))),
            scale=None if scale is None else _number(scale),
            unit=UNIT_NAMES.get(str(crs.get("MapUnit", "")).strip().casefold()),
            label=name,
            datum=str(crs.get("GeodeticDatum", "")).strip(),
        )
    ]


def _number(value: Any) -> float:
    try:
        return float(value or 0.0)
    except (TypeError, ValueError):
        return 0.0


def site(file: Any, unit: float) -> Site | None:
    """Return latitude and longitude of the first site that has them."""
    for item in by_type(file, "IfcSite"):
        lat, lon = _degrees(item[9]), _degrees(item[10])
        if lat is None or lon is None:
            continue
        origin = Sizes(file).placement(item[5])[:3, 3] * unit
        height = float(item[11] or 0.0) * unit
        north = _true_north(file)
        return Site(lat, lon, height, north or 0.0, origin, north is not None)
    return None


def _degrees(angle: Any) -> float | None:
    """Return degrees of an IfcCompoundPlaneAngleMeasure (degrees, minutes, seconds, millionths)."""
    if not angle:
        return None
    parts = [*angle, 0, 0, 0][:4]
    sign = -1.0 if any(part < 0 for part in parts) else 1.0
    degrees, minutes, seconds, millionths = (abs(part) for part in parts)
    return float(sign * (degrees + minutes / 60 + (seconds + millionths / 1e6) / 3600))


def _true_north(file: Any) -> float | None:
    """Return the angle from the model's y axis to true north, degrees counter-clockwise."""
    for item in by_type(file, "IfcGeometricRepresentationContext"):
        if item.is_a() == "IfcGeometricRepresentationContext" and item[5] is not None:
            x, y = (*item[5][0], 0.0)[:2]
            return math.degrees(math.atan2(-x, y)) if x or y else None
    return None
