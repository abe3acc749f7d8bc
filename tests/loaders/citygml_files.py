"""Small CityGML documents for tests."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from loaders.citygml import LOADER
from twin.ports import SILENT, Opened, Options

OUTER = (
    'xmlns="http://www.opengis.net/citygml/2.0" xmlns:bldg="http://www.opengis.net/citygml/building/2.0" '
    'xmlns:gen="http://www.opengis.net/citygml/generics/2.0" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:veg="http://www.opengis.net/citygml/vegetation/2.0" '
    'xmlns:uro="https://www.geospatial.jp/iur/uro/2.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
SQUARE = "0 0 0 4 0 0 4 3 0 0 3 0 0 0 0"
OpenText = Callable[..., Opened]


def model(*members: str, srs: str = "", head: str = "") -> str:
    """Return a document of members, its envelope naming a system."""
    envelope = f'<gml:boundedBy><gml:Envelope srsName="{srs}"/></gml:boundedBy>' if srs else ""
    inside = "".join(f"<cityObjectMember>{member}</cityObjectMember>" for member in members)
    return f"<?xml version='1.0'?>{head}<CityModel {OUTER}>{envelope}{inside}</CityModel>"


def building(inside: str, key: str = "b") -> str:
    """Return a building."""
    return f'<bldg:Building gml:id="{key}">{inside}</bldg:Building>'


def polygon(text: str = SQUARE, key: str = "", holes: Sequence[str] = (), more: str = "") -> str:
    """Return a polygon of a posList and of holes."""
    own = f' gml:id="{key}"' if key else ""
    inner = "".join(f"<gml:interior>{_ring(hole)}</gml:interior>" for hole in holes)
    return (
        f"<gml:Polygon{own}{more}><gml:exterior>{_ring(text)}</gml:exterior>{inner}</gml:Polygon>"
    )


def _ring(text: str) -> str:
    return f"<gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing>"


def surfaces(*members: str, level: int = 2) -> str:
    """Return a MultiSurface property; a member that begins with '#' is a link."""
    inside = "".join(
        f'<gml:surfaceMember xlink:href="{item}"/>'
        if item.startswith("#")
        else f"<gml:surfaceMember>{item}</gml:surfaceMember>"
        for item in members
    )
    return f"<bldg:lod{level}MultiSurface><gml:MultiSurface>{inside}</gml:MultiSurface></bldg:lod{level}MultiSurface>"


def opened(path: Path, **options: Any) -> Opened:
    """Return what the loader makes of a file."""
    return LOADER.source(str(path), Options(**options)).open(SILENT)
