"""Numbered pictures z/x/y in Web Mercator (or degrees): a folder of them, or an address with {z}, {x} and {y}."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from loaders._ellipsoid import A
from loaders._pictures import pixels
from loaders.terrain.imagery.sampling import between
from loaders.terrain.layer import PICTURES, listed_folder
from twin.errors import NotCached, NotFound, NotSupported, ServerRefused
from twin.features import Bool
from twin.files import Folder, Root, Server, is_remote, read_reference, resolve
from twin.geometry import F64, U8
from twin.imagery import GCJ02
from twin.maintenance.telling import problem
from twin.ports import Feedback
from twin.records import Problem
from twin.tile_packs import ATTRIBUTION, DATUM

MOST_TILE = 16 << 20
MOST_TILES = 64
"""Tiles that one picture is made of, at most."""
MOST_CREDIT = 1000
OVERZOOM = 6
"""Levels above a missing tile at which another is looked for."""
HALF = math.pi * A
SHIFTED = ("amap.com", "autonavi.com", "is.autonavi.com", "gaode.com", "qq.com", "gtimg.com", "map.qq.com",
           "google.cn", "ditu.google.cn", "mapabc.com", "tianmap.com", "geoq.cn")  # fmt: skip
"""Hosts whose tiles are in GCJ-02: 100 to 700 m off WGS 84 in China."""
OTHER = ("baidu.com", "bdimg.com", "bdstatic.com")
"""Hosts whose tiles are in BD-09 and cut otherwise."""
CREDITS = {
    "openstreetmap.org": "© OpenStreetMap contributors", "osm.org": "© OpenStreetMap contributors",
    "arcgisonline.com": "Esri, Maxar, Earthstar Geographics and the GIS User Community",
    "tianditu.gov.cn": "天地图", "amap.com": "高德地图", "autonavi.com": "高德地图", "qq.com": "腾讯地图",
    "pdok.nl": "PDOK", "geo.admin.ch": "swisstopo", "data.geopf.fr": "IGN-F/Géoportail",
}  # fmt: skip
"""What hosts ask for where nothing else says it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How tiles are cut: the plane's corner (west, north), width of a level 0 tile, how many across; metres or degrees."""

    crs: str = "EPSG:3857"
    west: float = -HALF
    north: float = HALF
    width: float = 2 * HALF
    metres: float = 1.0
    side: int = 256


class _Span(NamedTuple):
    """Tiles of a level: the first column and row, and how many."""

    left: int
    top: int
    across: int
    down: int

    @property
    def tiles(self) -> int:
        """Return how many tiles there are."""
        return self.across * self.down


@dataclass(frozen=True, slots=True)
class Tiles:
    """Numbered pictures: ``template`` is a reference with {z}, {x}, {y} or {-y}."""

    root: Root
    template: str
    levels: tuple[int, int] = (0, 22)
    grid: Grid = field(default_factory=Grid)
    credit: str = ""
    problems: tuple[Problem, ...] = ()
    covers: tuple[float, float, float, float] | None = None
    """Least and greatest x and y of its plane where it is known."""
    datum: str = ""
    """In which datum its pictures are known to be: '' = that of its system."""
    names: tuple[str, ...] = ()
    """Name of each level where it is not its number."""

    @property
    def crs(self) -> str:
        """Return the system of its plane."""
        return self.grid.crs

    @property
    def finest(self) -> float:
        """Return metres in a pixel of the finest level at the equator."""
        return self.grid.width * self.grid.metres / self.grid.side / 2.0 ** self.levels[1]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Return least x and y, greatest x and y of its plane."""
        grid, wide = self.grid, self.grid.width * (2 if self.grid.crs == "EPSG:4326" else 1)
        whole = (grid.west, grid.north - grid.width, grid.west + wide, grid.north)
        return self.covers or whole

    @property
    def unit(self) -> float:
        """Return metres in a unit of its plane."""
        return self.grid.metres

    def level(self, spacing: float) -> int:
        """Return the level whose pixels are about ``spacing`` metres of the plane."""
        coarse = self.grid.width * self.grid.metres / self.grid.side
        z = round(math.log2(coarse / max(spacing, 1e-9)) + 0.2)
        return min(max(z, self.levels[0]), self.levels[1])

    def colors(self, places: F64, spacing: float, feedback: Feedback) -> U8:
        """Return RGBA u8(h, w, 4) at places f64(h, w, 2). Raises OpenError, Cancelled."""
        there = np.asarray(np.isfinite(places).all(axis=-1), np.bool_)
        if not there.any():
            return np.zeros((*places.shape[:2], 4), np.uint8)
        z = self.level(spacing * self._stretch(places, there))
        x, y, span = self._cover(places, there, z)
        while span.tiles > MOST_TILES and z > self.levels[0]:
            z -= 1
            x, y, span = self._cover(places, there, z)
        if span.tiles > MOST_TILES:
            return np.zeros((*places.shape[:2], 4), np.uint8)
        side = self.grid.side
        mosaic = np.zeros((span.down * side, span.across * side, 4), np.uint8)
        for row in range(span.down):
            for column in range(span.across):
                feedback.check()
                found = self._tile(z, span.left + column, span.top + row)
                mosaic[row * side : (row + 1) * side, column * side : (column + 1) * side] = found
        return between(mosaic, (y - span.top) * side - 0.5, (x - span.left) * side - 0.5, there)

    def _cover(self, places: F64, there: Bool, z: int) -> tuple[F64, F64, "_Span"]:
        """Return columns and rows f64(h, w) of places in tiles of a level, and the tiles that hold them."""
        size = self.grid.width / 2.0**z
        x = np.where(there, (places[..., 0] - self.grid.west) / size, 0.0)
        y = np.where(there, (self.grid.north - places[..., 1]) / size, 0.0)
        left, right = (int(np.floor(f(x[there]))) for f in (np.min, np.max))
        top, bottom = (int(np.floor(f(y[there]))) for f in (np.min, np.max))
        return x, y, _Span(left, top, right - left + 1, bottom - top + 1)

    def _stretch(self, places: F64, there: Bool) -> float:
        """Return how many units of the plane a metre is here: Web Mercator grows away from the equator."""
        if self.grid.crs != "EPSG:3857":
            return 1.0
        return float(np.cosh(np.median(places[there][:, 1]) / A))

    def _tile(self, z: int, x: int, y: int) -> U8:
        """Return the pixels of a tile u8(side, side, 4): of one above it where it is missing, else see-through."""
        side = self.grid.side
        for up in range(OVERZOOM + 1):
            if z - up < self.levels[0]:
                break
            data = self.read(z - up, x >> up, y >> up)
            if data is None:
                continue
            picture = rgba(pixels(data, self.template), (side, side))
            if not up:
                return picture
            part = side >> up
            left, top = (x & ((1 << up) - 1)) * part, (y & ((1 << up) - 1)) * part
            return np.kron(
                picture[top : top + part, left : left + part],
                np.ones((1 << up, 1 << up, 1), np.uint8),
            )
        return np.zeros((side, side, 4), np.uint8)

    def read(self, z: int, x: int, y: int) -> bytes | None:
        """Return the bytes of a tile, None where there is none. Raises OpenError."""
        if not (0 <= y < 1 << z) or z < 0:
            return None
        return read_tile(self.root, self.reference(z, x, y))

    def reference(self, z: int, x: int, y: int) -> str:
        """Return the reference of a tile."""
        around = max(1, round(2 * HALF / self.grid.width) if self.grid.metres == 1.0 else 1) << z
        values = {
            "{z}": self.names[z] if z < len(self.names) else str(z), "{x}": str(x % around), "{y}": str(y),
            "{-y}": str((1 << z) - 1 - y), "{s}": "abc"[(x + y) % 3],
        }  # fmt: skip
        text = self.template
        for name, value in values.items():
            text = text.replace(name, value)
        return text


def read_tile(root: Root, reference: str) -> bytes | None:
    """Return the bytes of a tile, None where there is none. Raises OpenError."""
    try:
        return read_reference(root, resolve(root, "", reference), MOST_TILE)
    except (NotFound, NotCached):
        return None
    except ServerRefused as error:
        if int(error.params.get("status", 0)) in (400, 404, 422):
            return None  # what some servers say beyond their levels
        raise


def rgba(found: U8, size: tuple[int, int]) -> U8:
    """Return a picture as RGBA of the tile's size (rows, columns)."""
    if found.shape[:2] != size:
        rows, columns = (
            np.linspace(0, n - 1, many).round().astype(int)
            for n, many in zip(found.shape, size, strict=False)
        )
        found = found[np.ix_(rows, columns)]
    if found.shape[2] == 4:
        return found
    return np.dstack([found, np.full(size, 255, np.uint8)])


def opened(location: str) -> Tiles:
    """Return numbered tiles as imagery: an address or path with {z}, {x} and {y}, or a folder. Raises OpenError."""
    text = location.strip()
    if "{x}" not in text:
        return _folder(text)
    if not ("{z}" in text and re.search(r"\{-?y\}", text)):
        advice = "Write the address with {z}, {x} and {y} (or {-y})."
        raise NotSupported(location=location, what="an address without its numbers", advice=advice)
    if is_remote(text):
        host = _host(text)
        root: Root = Server(text.partition("{")[0].rpartition("/")[0] + "/")
        if "{s}" in text:
            text = text.replace("{s}", "a")
            root = Server(text.partition("{")[0].rpartition("/")[0] + "/")
        return Tiles(
            root, text, credit=_credit(host), problems=shifted(host), datum=datum_on(host)
        )
    base = text.partition("{")[0].rpartition("/")[0]
    return Tiles(Folder(base or "/"), text[len(base) :].lstrip("/"), levels=_levels(base))


def _levels(base: str) -> tuple[int, int]:
    """Return the coarsest and finest level of a folder with a folder a level."""
    try:
        found = [
            int(x.name)
            for x in Path(base or ".").iterdir()
            if x.name.isdecimal() and len(x.name) < 3
        ]
    except OSError:
        found = []
    return (min(found), max(found)) if found else (0, 22)


def _folder(location: str) -> Tiles:
    if is_remote(location) or not Path(location).is_dir():
        advice = "Imagery is a GeoTIFF, a folder z/x/y, an address with {z}, {x} and {y}, or WMTS capabilities."
        raise NotSupported(location=location, what="this as imagery", advice=advice)
    ending, tiles = listed_folder(Path(location))
    if ending not in PICTURES:
        raise NotSupported(location=location, what="this as imagery", advice="Open it as terrain.")
    z = max(tiles)
    size, places = 2 * HALF / 2.0**z, np.array(tiles[z], np.float64)
    west, north = places.min(axis=0)
    east, south = places.max(axis=0) + 1
    box = (west * size - HALF, HALF - south * size, east * size - HALF, HALF - north * size)
    template = f"{{z}}/{{x}}/{{y}}{ending}"
    covers: Any = tuple(map(float, box))
    datum = datum_at(location)
    return Tiles(
        Folder(location), template, (min(tiles), z), credit=_line(location, ATTRIBUTION), covers=covers,
        problems=_told(datum, Path(location).name), datum=datum,
    )  # fmt: skip


def _line(folder: str, name: str) -> str:
    """Return the first line of a file that a pack of tiles carries; '' where it has none."""
    try:
        with (Path(folder) / name).open("rb") as stream:
            words = stream.read(MOST_CREDIT).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return words[0].strip() if words else ""


def _of(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def _credit(host: str) -> str:
    return next((text for name, text in CREDITS.items() if _of(host, (name,))), host)


def shifted(host: str) -> tuple[Problem, ...]:
    """Return the warning that a host's tiles are shifted in China."""
    return _told(datum_on(host), host)


def datum_on(host: str) -> str:
    """Return the datum of the tiles of a host: gcj02, bd09, '' = WGS 84 as far as is known."""
    if _of(host, SHIFTED):
        return GCJ02
    return "bd09" if _of(host, OTHER) else ""


def datum_at(location: str) -> str:
    """Return the datum of the tiles at an address or in a folder, as far as is known."""
    if is_remote(location):
        return datum_on(_host(location))
    return _line(location, DATUM) if Path(location).is_dir() else ""


def _told(datum: str, place: str) -> tuple[Problem, ...]:
    known = {GCJ02: "imagery.gcj02", "bd09": "imagery.bd09"}
    return (problem(known[datum], host=place),) if datum in known else ()


def _host(address: str) -> str:
    try:
        return (urlsplit(address.replace("{s}", "a")).hostname or "").lower()
    except ValueError:
        return ""
