"""What a person may decide about an IFC: which hidden classes to show, and what raw texts are written in."""

from collections.abc import Mapping

from twin.choices import Option

ON, OFF = "on", "off"
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "spaces": ("IfcSpace", "IfcSpatialZone", "IfcExternalSpatialElement", "IfcVirtualElement"),
    "openings": ("IfcOpeningElement", "IfcVoidingFeature"),
    "annotations": ("IfcAnnotation",),
    "grids": ("IfcGrid",),
}
"""Option -> the classes (with their subclasses) that it shows."""
AUTO = "auto"
ENCODINGS = ("UTF-8", "GB18030", "Big5", "Shift_JIS", "EUC-KR", "Windows-1251", "Windows-1252")
OPTIONS = (
    *(Option(name, (OFF, ON)) for name in SWITCHES),
    Option("encoding", (AUTO, *ENCODINGS)),
)
