"""CityGML 1.0, 2.0 and 3.0: one document in, table and ready tiles out."""

from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

NAMESPACE = b"http://www.opengis.net/citygml/"
PACKED = (".gml", ".citygml")
WIDE = NAMESPACE.decode().encode("utf-16-le")
"""The same in documents of two bytes a sign."""


@dataclass(frozen=True, slots=True)
class CityGml:
    """The loader of CityGML 1.0, 2.0 and 3.0."""

    format: str = "citygml"
    suffixes: tuple[str, ...] = ("gml", "citygml", "xml", "gml.gz", "gml.zip")
    version: str = "5"

    def recognise(self, probe: Probe) -> int:
        """By the namespace in the first bytes, else by name."""
        if probe.is_folder:
            return 0
        if probe.head.startswith(b"PK"):
            return 85 if any(name.lower().endswith(PACKED) for name in probe.names) else 0
        if NAMESPACE in probe.head or WIDE in probe.head or WIDE[1:] in probe.head:
            return 96
        if probe.name.endswith((".gml", ".citygml", ".gml.gz", ".citygml.gz", ".xml.gz")):
            return 35
        return 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.citygml.source:CityGmlSource", location, options)


LOADER = CityGml()
