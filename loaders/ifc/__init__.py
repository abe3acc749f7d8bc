"""IFC building models: IFC2X3, IFC4 and IFC4X3, plain or zipped."""

from dataclasses import dataclass

from loaders.ifc.options import OPTIONS
from twin.choices import Option
from twin.ports import Options, Probe, Source, new_source


@dataclass(frozen=True, slots=True)
class Ifc:
    """The loader."""

    format: str = "ifc"
    suffixes: tuple[str, ...] = ("ifc", "ifczip")
    version: str = "9"
    options: tuple[Option, ...] = OPTIONS

    def recognise(self, probe: Probe) -> int:
        """Know a STEP file by its first line, a packed one by its name."""
        if probe.is_folder:
            return 0
        if b"ISO-10303-21" in probe.head[:512].upper():
            named = probe.name.endswith(".ifc") or b"IFC" in probe.head.upper()
            return 95 if named else 40
        if probe.name.endswith(".ifczip"):
            return 90
        return 60 if probe.name.endswith(".ifc") else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.ifc.source:IfcSource", location, options)


LOADER = Ifc()
