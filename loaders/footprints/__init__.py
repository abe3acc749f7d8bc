"""Vector files: GeoJSON, GeoPackage, Shapefile and FlatGeobuf through GDAL, and plain tables of text.

Outlines with a height become closed blocks (LoD 1), without one flat outlines (LoD 0); lines and
points are shown as such. One layer of a file is one source.
"""

import re
from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

_GEOJSON = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Feature)"')
_WIDE = re.compile(rb'"\0?F\0?e\0?a\0?t\0?u\0?r\0?e\0?C\0?o')


@dataclass(frozen=True, slots=True)
class Vector:
    """The loader of vector files."""

    format: str = "vector"
    suffixes: tuple[str, ...] = ("geojson", "gpkg", "shp", "fgb")
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        """Know a file by its first bytes and its suffix; a project is none."""
        if probe.is_folder or probe.name.endswith(".twin.gpkg"):
            return 0
        marks = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb\x03"}
        for suffix, mark in marks.items():
            if probe.name.endswith(suffix):
                return 90 if probe.head.startswith(mark) else 40
        if probe.name.endswith((".geojson", ".json")):
            if b'"CityJSON' in probe.head or b'"CityObjects"' in probe.head:
                return 0
            if _GEOJSON.search(probe.head) or _WIDE.search(probe.head):
                return 92
            return 50 if probe.name.endswith(".geojson") else 0
        return 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.footprints.source:VectorSource", location, options)


LOADER = Vector()
