"""Terrain: elevation models as GeoTIFF, Esri ASCII grid and SRTM, and tiled terrain (quantized-mesh, heightmap).

An elevation model of any size is a tree of tiles that is read by windows: coarse levels come from the
file's overviews, the errors from real differences of height. Terrain knows that it is ground: heights
above ground are measured from it.
"""

import re
from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""The first bytes of TIFF and BigTIFF, little- and big-endian."""
GRIDS = (".tif", ".tiff", ".asc", ".hgt", ".vrt")
_LAYER = re.compile(rb'"format"\s*:\s*"(quantized-mesh|heightmap)')


@dataclass(frozen=True, slots=True)
class Terrain:
    """The loader."""

    format: str = "terrain"
    suffixes: tuple[str, ...] = ("tif", "tiff", "asc", "hgt", "terrain", "layer.json")
    version: str = "5"

    def recognise(self, probe: Probe) -> int:
        """Know a grid by its first bytes and its name, tiled terrain by layer.json or numbered folders."""
        if probe.is_folder:
            return _folder(probe)
        name = probe.name
        if "{x}" in probe.location and not probe.head:  # an address of numbered pictures
            return 80
        if probe.head.startswith(TIFF) or (not probe.head and name.endswith((".tif", ".tiff"))):
            return 90
        if name.endswith(".asc"):
            return 85 if probe.head[:64].lstrip()[:5].lower() == b"ncols" else 0
        if name.endswith((".hgt", ".terrain", ".terrain.gz")):
            return 70
        if name == "layer.json" or _LAYER.search(probe.head):
            return 93
        if name.endswith(".tile.json"):  # other ends of what tiled terrain may say of itself
            return 60 if b'"tilejson"' in probe.head else 0
        return 40 if name.endswith(".vrt") else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        if "{x}" in location:
            return new_source("loaders.terrain.imagery.flat:FlatSource", location, options)
        if location.lower().endswith(GRIDS):
            return new_source("loaders.terrain.raster:RasterSource", location, options)
        return new_source("loaders.terrain.tiled:TiledSource", location, options)


def _folder(probe: Probe) -> int:
    names = [name.lower() for name in probe.names]
    if "layer.json" in names:
        return 92
    levels = [name for name in names if name.isdecimal() and len(name) <= 2]
    others = [name for name in names if name not in levels and not name.endswith((".txt", ".md"))]
    return 45 if levels and not others else 0


LOADER = Terrain()
