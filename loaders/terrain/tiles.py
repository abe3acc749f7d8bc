"""The tiles of all layers of a location: where each is read, which there are, how they are numbered."""

import math
from dataclasses import dataclass

from loaders._pictures import pixels
from loaders.terrain.grids import GEODETIC, MERCATOR, Numbering, Place
from loaders.terrain.layer import Layer, ranges_of, within
from loaders.terrain.quantized import Relief, read_colors, read_heightmap, read_mesh
from twin.errors import NotFound, OpenError
from twin.files import Root, read_reference, resolve

MOST_TILE = 64 << 20
"""The most bytes of one tile."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """The layers of a location, the own first, and where they lie."""

    root: Root
    layers: tuple[Layer, ...]
    encoding: str = ""

    @property
    def numbering(self) -> Numbering:
        """Return how the tiles are numbered."""
        return self.layers[0].numbering

    def read(self, place: Place) -> Relief:
        """Return a tile from the first layer that has it. Raises OpenError."""
        missing: OpenError | None = None
        for layer in self.layers:
            if layer.has(place) is False:
                continue
            try:
                address = resolve(self.root, layer.document, layer.reference(place))
                data = read_reference(self.root, address, MOST_TILE)
            except NotFound as error:
                missing = missing or error
                continue
            return decoded(data, f"{self.root.location}/{address}", layer.kind, self.encoding)
        raise missing or NotFound(location=f"{self.root.location}/{place.z}/{place.x}/{place.y}")

    def has(self, place: Place, known: Place | None, relief: Relief | None = None) -> bool:
        """Return whether a tile is there: by the layers, by metadata in tiles, else by asking for it."""
        if not self.numbering.valid(place):
            return False
        said = [layer.has(place) for layer in self.layers]
        if any(said):
            return True
        if all(one is False for one in said):
            return False
        if known is not None:
            told = self._told(place, known, relief)
            if told is not None:
                return told
        try:
            self.read(place)
        except NotFound:
            return False
        except OpenError:
            return True  # it is there and broken: that is told when it is wanted
        return True

    def _told(self, place: Place, known: Place, relief: Relief | None) -> bool | None:
        metadata = (relief or self.read(known)).metadata
        levels = metadata.get("available")
        at = place.z - known.z - 1
        if not isinstance(levels, list) or not 0 <= at < len(levels):
            return None
        return within(ranges_of(levels[at], self.numbering, place.z), place)

    def below(self, place: Place) -> bool:
        """Return whether the layers know of a tile here or anywhere below."""
        return any(layer.below(place) for layer in self.layers)


def decoded(data: bytes, location: str, kind: str, encoding: str) -> Relief:
    """Return a tile of a kind: mesh, heightmap or picture. Raises BrokenFile."""
    if kind == "mesh":
        return read_mesh(data, location)
    if kind == "heightmap":
        return read_heightmap(data, location)
    return read_colors(pixels(data, location), encoding)


def error_of(numbering: Numbering, place: Place, relief: Relief) -> float:
    """Return the error of a tile, metres: what it says, else what its level is taken for."""
    said = relief.metadata.get("geometricerror")
    if isinstance(said, int | float) and math.isfinite(said) and said >= 0:
        return float(said)
    return numbering.error(place.z)


def kind_of(data: bytes) -> str:
    """Return what a tile is that nothing describes: heightmap by its length, else mesh."""
    posts = 65 * 65 * 2
    return "heightmap" if len(data) in (posts + 1, posts + 2, posts + 1 + 65536) else "mesh"


def likely(relief: Relief, named: tuple[int, int, int]) -> Numbering:
    """Return the numbering by which a tile lies where its header says; geodetic from the south when unsure.

    Writers that set no centre are known by the radius: it is that of a tile twice as wide, or its diagonal.
    """
    ways = [Numbering(p, s) for p in (GEODETIC, MERCATOR) for s in (True, False)]
    ways = [way for way in ways if way.valid(way.named(*named))]
    if not ways:
        return Numbering()
    lonlat = _centre(relief)
    for way in ways:
        west, south, east, north = way.rectangle(way.named(*named))
        if lonlat is not None and west <= lonlat[0] <= east and south <= lonlat[1] <= north:
            return way
    if not (math.isfinite(relief.radius) and relief.radius > 0):
        return ways[0]
    return min(
        ways, key=lambda way: abs(math.log(way.half_diagonal(way.named(*named)) / relief.radius))
    )


def centred(relief: Relief, numbering: Numbering) -> Place | None:
    """Return the tile whose middle is the centre that a header names; None = there is none."""
    lonlat = _centre(relief)
    if lonlat is None:
        return None
    for z in range(25):
        step = 180.0 / (1 << z)
        x, y = (lonlat[0] + 180.0) / step - 0.5, (lonlat[1] + 90.0) / step - 0.5
        near = abs(x - round(x)) < 0.02 and abs(y - round(y)) < 0.02
        place = Place(z, round(x), round(y))
        if near and numbering.projection == GEODETIC and numbering.valid(place):
            return place
    return None


def _centre(relief: Relief) -> tuple[float, float] | None:
    x, y, z = relief.center
    if not all(map(math.isfinite, relief.center)) or math.hypot(x, y, z) < 1e6:
        return None
    flat = math.hypot(x, y)
    lat = math.degrees(math.atan2(z, flat * (1 - 0.00669437999014)))
    return math.degrees(math.atan2(y, x)), lat
