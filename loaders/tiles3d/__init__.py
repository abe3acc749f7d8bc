"""3D Tiles 1.0 and 1.1, explicit and implicit: b3dm, i3dm, pnts, cmpt, glTF, external tilesets."""

from dataclasses import dataclass

from loaders.tiles3d.legacy import magic_of
from twin.ports import Options, Probe, Source, new_source

MAGICS = ("b3dm", "i3dm", "pnts", "cmpt")


@dataclass(frozen=True, slots=True)
class Tiles3D:
    """The loader."""

    format: str = "tiles3d"
    suffixes: tuple[str, ...] = (
        "json", "b3dm", "i3dm", "pnts", "cmpt", "glb", "gltf", "3tz", "3dtiles", "zip",
    )  # fmt: skip
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        """By magic for contents; a tileset by its name or by what its JSON starts with."""
        if probe.is_folder:
            return 90 if "tileset.json" in probe.names else 0
        kind = magic_of(probe.head)
        if kind in MAGICS:
            return 95
        if kind == "glTF":
            return 60
        name = probe.name
        if name.endswith((".3tz", ".3dtiles")):
            return 90
        if name.endswith(".zip"):
            return 50 if "tileset.json" in probe.names else 0
        text = probe.head[:4096]
        if b'"CityJSON' in text or b'"type"' in text[:64]:
            return 0
        if name.endswith(".gltf"):
            return 60
        if name == "tileset.json":
            return 90
        if name.endswith(".json"):
            tiles = b'"asset"' in text and (b'"root"' in text or b'"geometricError"' in text)
            return 80 if tiles else 20 if name.startswith("tileset") else 0
        return 50 if name.rpartition(".")[2] in (*MAGICS, "glb") else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.tiles3d.source:Tiles3DSource", location, options)


LOADER = Tiles3D()
