"""Esri's I3S scene layers 1.6 to 1.9: packages (SLPK), folders as a REST service has them, servers."""

from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

LAYER_FILES = ("3dscenelayer.json", "3dscenelayer.json.gz")


@dataclass(frozen=True, slots=True)
class I3S:
    """The loader."""

    format: str = "i3s"
    suffixes: tuple[str, ...] = ("slpk",)
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        """By the suffix, by the names in a folder, by the address, by a layer's own JSON."""
        if probe.is_folder:
            return _folder(probe)
        address = probe.location.lower()
        if address.startswith(("http://", "https://")):
            package = probe.name.partition("?")[0].endswith(".slpk")
            return 95 if package else 90 if "/sceneserver" in address else 0
        if probe.name.endswith(".slpk"):
            return 95
        if probe.name in LAYER_FILES:
            return 95
        text = probe.head[:8192]
        return 85 if b'"layerType"' in text and b'"spatialReference"' in text else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.i3s.source:I3SSource", location, options)


def _folder(probe: Probe) -> int:
    names = {name.lower() for name in probe.names}
    if names.intersection(LAYER_FILES):
        return 95
    if "sceneserver" in names or (probe.name == "sceneserver" and "layers" in names):
        return 85
    return 80 if names & {"nodepages", "nodes"} and "tileset.json" not in names else 0


LOADER = I3S()
