"""Names of the format: what is an object, a surface, a geometry. Compared without namespace, which
differs between versions."""

import re
from functools import lru_cache

XLINK = "{http://www.w3.org/1999/xlink}href"
GML = "http://www.opengis.net/gml"
IDS = (f"{{{GML}}}id", f"{{{GML}/3.2}}id")
CITYGML = "http://www.opengis.net/citygml/"
PLATEAU = "geospatial.jp"
"""Part of the namespaces of the Japanese extensions: their files follow PLATEAU's rules for dates."""
MEMBERS = ("cityObjectMember", "featureMember")
VERSIONS = ("versionMember", "versionTransitionMember")
KNOWN = (
    CITYGML, "http://www.opengis.net/gml", "http://www.w3.org/", "urn:oasis:names:tc:ciq:",
    "http://www.ascc.net/xml/schematron",
)  # fmt: skip
"""Beginnings of namespaces that are no extension."""

POLYGONS = frozenset(("Polygon", "Triangle", "Rectangle", "PolygonPatch"))
CURVES = frozenset(("LineString", "Curve", "Ring", "LineStringSegment", "LinearRing"))
NESTED = frozenset(
    [
        "BuildingPart",
        "BuildingInstallation",
        "IntBuildingInstallation",
        "Room",
        "BuildingFurniture",
        "BuildingRoom",
        "Storey",
        "BuildingUnit",
        "BuildingConstructiveElement",
        "BridgePart",
        "BridgeInstallation",
        "IntBridgeInstallation",
        "BridgeConstructionElement",
        "BridgeConstructiveElement",
        "BridgeRoom",
        "BridgeFurniture",
        "TunnelPart",
        "TunnelInstallation",
        "IntTunnelInstallation",
        "TunnelConstructiveElement",
        "TunnelFurniture",
        "HollowSpace",
        "TINRelief",
        "MassPointRelief",
        "BreaklineRelief",
        "RasterRelief",
        "Section",
        "Intersection",
        "TrafficSpace",
        "AuxiliaryTrafficSpace",
        "ClearanceSpace",
        "Hole",
        "Building",
        "Bridge",
        "Tunnel",
        "Road",
        "Railway",
        "Square",
        "Track",
        "Waterway",
        "TransportationComplex",
        "OtherConstruction",
        "ReliefFeature",
    ]
)
"""Objects that stand within others, as their parts."""
AREAS = frozenset(
    ("TrafficArea", "AuxiliaryTrafficArea", "Window", "Door", "Marking", "HoleSurface")
)
RELIEF = {
    "tin": "surface",
    "reliefPoints": "point",
    "ridgeOrValleyLines": "line",
    "breaklines": "line",
}
"""Geometry of terrain, whose level of detail stands beside it."""
_LOD = re.compile(r"^lod_?(\d)_?([A-Za-z]\w*)$")
NOT_DRAWN = ("TerrainIntersection", "TerrainIntersectionCurve")


@lru_cache(maxsize=4096)
def local(tag: object) -> str:
    """Return an element's name without its namespace; '' for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def space(tag: str) -> str:
    """Return the namespace of an element's name."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


@lru_cache(maxsize=4096)
def level_of(name: str) -> str:
    """Return the level of detail that a geometry's property names, '' for other properties."""
    found = _LOD.match(name)
    return found[1] if found and found[2] not in NOT_DRAWN else ""


@lru_cache(maxsize=4096)
def is_geometry(name: str) -> bool:
    """Return whether a property holds geometry, drawn or not."""
    return name in RELIEF or _LOD.match(name) is not None


@lru_cache(maxsize=4096)
def is_surface(name: str) -> bool:
    """Return whether an element is a thematic surface or what fills an opening in one."""
    return name in AREAS or (
        name.endswith("Surface") and not name.startswith(("Multi", "Composite"))
    )


@lru_cache(maxsize=4096)
def is_extension(namespace: str) -> bool:
    """Return whether a namespace is none of CityGML's own."""
    return bool(namespace) and not namespace.startswith(KNOWN)
