"""OSGB oblique models: blocks of tiles as ContextCapture and its descendants write them.

A block (a folder with `Data/Tile_*/Tile_*.osgb` and `metadata.xml`), one tile's folder, a folder of
loose files or a single file, in OpenSceneGraph's binary format of any version since 2.9.9, plain or
packed. Every PagedLOD is a tile that refines by itself; finest levels that were not delivered are
normal. Coordinates come from `metadata.xml`: EPSG, WKT, `ENU:latitude,longitude`, with SRSOrigin.
"""

import re
from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

MAGICS = (b"\xa1\x0e\x91\x6cEE\xfb\x1a", b"\x6c\x91\x0e\xa1\x1a\xfbEE")
"""The first bytes of a file, written on a little- and on a big-endian machine."""
_TILE = re.compile(r"tile_.+", re.I)


@dataclass(frozen=True, slots=True)
class Osgb:
    """The loader."""

    format: str = "osgb"
    suffixes: tuple[str, ...] = ("osgb",)
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        """Know a file by its first bytes, a block by the names in its folder."""
        if not probe.is_folder:
            if probe.head.startswith(MAGICS):
                return 95
            return 60 if probe.name.endswith(".osgb") else 0
        names = [name.lower() for name in probe.names]
        if any(name.endswith(".osgb") for name in names):
            return 70
        if "tileset.json" in names:
            return 0
        tiles = sum(_TILE.fullmatch(name) is not None for name in names)
        if "metadata.xml" in names and ("data" in names or tiles):
            return 80
        return 50 if tiles and not any("." in name for name in names) else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.osgb.source:OsgbSource", location, options)


LOADER = Osgb()
