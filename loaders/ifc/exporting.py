"""A copy of an IFC that says itself where it stands: one IfcMapConversion for every context.

IFC2X3 has no such entity: there the agreed property sets ePset_MapConversion and ePset_ProjectedCRS
are written (buildingSMART, User Guide for Geo-referencing in IFC, 2020). Everything else is kept.
"""

import hashlib
import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from loaders.ifc.reading import read, sound
from loaders.ifc.structure import by_type
from loaders.ifc.units import length_unit, metres
from twin.errors import NotSaved, NotSupported
from twin.georeference import Crs, parse_crs, plane_unit
from twin.ports import Feedback
from twin.records import Placement

NEAR = 0.1
"""A Scale that differs more from the ratio of the units than this is no map's: readers refuse it."""
KNOWN = {0.001: ("MILLI", "METRE"), 0.01: ("CENTI", "METRE"), 0.1: ("DECI", "METRE")}
SETS = ("ePset_MapConversion", "ePset_ProjectedCRS")


@dataclass(frozen=True)
class Georeferenced:
    """The exporter of IFC copies."""

    format: str = "ifc"
    suffix: str = "ifc"

    def write(
        self, location: str, target: str, placement: Placement, vertical: str, feedback: Feedback
    ) -> None:
        """Write a copy of the file at ``location`` that stands where the placement says.

        ``vertical`` names the datum of its heights ('' = not said). The source is only read. Raises
        OpenError, CrsError, NotSaved, NotSupported for what IFC cannot say.
        """
        if Path(target).exists() and os.path.samefile(location, target):  # noqa: PTH121  both exist
            raise NotSaved(location=target, reason="a source is never written: name another file")
        feedback.progress(0.0, "reading")
        model = read(location, feedback)
        with sound(location):
            file = import_module("ifcopenshell").file.from_string(model.file.to_string())
            _place(file, location, placement, vertical)
        feedback.progress(0.7, "writing")
        _save(file, target)


EXPORTER = Georeferenced()


@dataclass(frozen=True)
class Conversion:
    """The numbers of IfcMapConversion and what its target is called."""

    crs: Crs
    vertical: str
    unit: float
    numbers: tuple[float, float, float, float, float, float]


def _place(file: Any, location: str, placement: Placement, vertical: str) -> None:
    crs = parse_crs(placement.crs, vertical)
    scale = _unit_given(file, placement.scale)
    ratio = metres(file) / plane_unit(crs)
    if abs(scale - 1.0) > NEAR:
        what = f"a map conversion that makes the model {scale:g} times as large"
        advice = "Correct the project's unit of length in the authoring tool."
        raise NotSupported(location=location, what=what, advice=advice)
    turn = np.radians(placement.rotation)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    x, y, z = (scale * value for value in placement.anchor)
    away = np.array([cos * x - sin * y, sin * x + cos * y]) / plane_unit(crs)
    east, north = placement.easting - away[0], placement.northing - away[1]
    height = (placement.height - z) / plane_unit(crs)
    numbers = (float(east), float(north), float(height), cos, sin, scale * ratio)
    said = Conversion(crs, vertical, plane_unit(crs), numbers)
    if file.schema == "IFC2X3":
        _write_sets(file, said)
    else:
        _write_operations(file, said, location)


def _unit_given(file: Any, scale: float) -> float:
    """Return the scale left after a project without a unit got the one that the scale means."""
    known = next((size for size in KNOWN if abs(scale / size - 1.0) < 0.01), None)
    if length_unit(file) is not None or known is None:
        return scale
    prefix, name = KNOWN[known]
    unit = file.create_entity("IfcSIUnit", None, "LENGTHUNIT", prefix, name)
    project = file.by_type("IfcProject")[0]
    assigned = project.UnitsInContext
    if assigned is None:
        project.UnitsInContext = file.create_entity("IfcUnitAssignment", (unit,))
    else:
        assigned.Units = (*(assigned.Units or ()), unit)
    return scale / known


def _write_operations(file: Any, said: Conversion, location: str) -> None:
    """Replace every coordinate operation by one conversion per context, all with the same numbers."""
    old = list(by_type(file, "IfcCoordinateOperation"))
    targets = {item[1].id(): item[1] for item in old if item[1] is not None}
    for item in old:
        file.remove(item)
    for crs in targets.values():
        if not file.get_inverse(crs):
            _forget_system(file, crs)
    target = _system(file, said, location)
    for context in file.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        file.create_entity("IfcMapConversion", context, target, *said.numbers)


def _forget_system(file: Any, crs: Any) -> None:
    for text in getattr(crs, "WellKnownText", None) or ():
        file.remove(text)
    file.remove(crs)


def _system(file: Any, said: Conversion, location: str) -> Any:
    """Return a new IfcProjectedCRS; a system without a number needs IFC4X3's IfcWellKnownText."""
    numbered = said.crs.horizontal.startswith("EPSG:")
    upright = said.crs.vertical if said.crs.vertical.startswith("EPSG:") else said.vertical or None
    made = file.create_entity(
        "IfcProjectedCRS",
        said.crs.horizontal if numbered else "WKT",
        said.crs.title,
        VerticalDatum=upright or None,
        MapUnit=_map_unit(file, said),
    )
    if not numbered:
        try:
            file.create_entity("IfcWellKnownText", said.crs.horizontal, made)
        except RuntimeError as error:
            what = f"the coordinate system {said.crs.title}, which has no EPSG number, in {file.schema}"
            advice = "Choose a system with a number."
            raise NotSupported(location=location, what=what, advice=advice) from error
    return made


def _map_unit(file: Any, said: Conversion) -> Any:
    metre = file.create_entity("IfcSIUnit", None, "LENGTHUNIT", None, "METRE")
    if abs(said.unit - 1.0) < 1e-12:
        return metre
    ratio = file.create_entity("IfcLengthMeasure", said.unit)
    factor = file.create_entity("IfcMeasureWithUnit", ratio, metre)
    size = file.create_entity("IfcDimensionalExponents", 1, 0, 0, 0, 0, 0, 0)
    return file.create_entity("IfcConversionBasedUnit", size, "LENGTHUNIT", said.crs.unit, factor)


def _write_sets(file: Any, said: Conversion) -> None:
    """Write the property sets of IFC2X3 on the site, those of before removed."""
    owner = next(iter(by_type(file, "IfcSite")), None) or file.by_type("IfcProject")[0]
    for item in list(by_type(file, "IfcPropertySet")):
        if (item[2] or "").casefold() in {name.casefold() for name in SETS}:
            _forget_set(file, item)
    names = (
        "Eastings",
        "Northings",
        "OrthogonalHeight",
        "XAxisAbscissa",
        "XAxisOrdinate",
        "Scale",
    )
    kinds = ("IfcLengthMeasure",) * 3 + ("IfcReal",) * 3
    values = [
        (name, file.create_entity(kind, value))
        for name, kind, value in zip(names, kinds, said.numbers, strict=True)
    ]
    system = said.crs.horizontal
    _new_set(file, owner, SETS[0], [("TargetCRS", _label(file, system)), *values])
    words = {
        "Name": system,
        "Description": said.crs.title,
        "VerticalDatum": said.crs.vertical or said.vertical,
        "MapUnit": "METRE" if said.unit == 1.0 else said.crs.unit.upper(),
    }
    labels = [(name, _label(file, word)) for name, word in words.items() if word]
    _new_set(file, owner, SETS[1], labels)


def _label(file: Any, word: str) -> Any:
    return file.create_entity("IfcLabel", word)


def _new_set(file: Any, owner: Any, name: str, values: list[tuple[str, Any]]) -> None:
    parts = [
        file.create_entity("IfcPropertySingleValue", key, None, value) for key, value in values
    ]
    made = file.create_entity("IfcPropertySet", _guid(owner, name), owner[1], name, None, parts)
    file.create_entity(
        "IfcRelDefinesByProperties", _guid(owner, f"of {name}"), owner[1],
        RelatedObjects=[owner], RelatingPropertyDefinition=made,
    )  # fmt: skip


def _guid(owner: Any, name: str) -> str:
    """Return a GlobalId that is the same for the same file, so that equal copies are equal."""
    digest = hashlib.sha256(f"{owner[0]} {name}".encode()).hexdigest()[:32]
    return str(import_module("ifcopenshell.guid").compress(digest))


def _forget_set(file: Any, item: Any) -> None:
    for relation in by_type(file, "IfcRelDefinesByProperties"):
        if relation.RelatingPropertyDefinition == item:
            file.remove(relation)
    parts = list(item[4] or ())
    file.remove(item)
    for part in parts:
        if not file.get_inverse(part):
            file.remove(part)


def _save(file: Any, target: str) -> None:
    """Write beside the target and put it in its place: a failure leaves no half a file."""
    draft = Path(f"{target}.{os.getpid()}.tmp")
    try:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(file.to_string(), "utf-8")
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise NotSaved(location=target, reason=error.strerror or str(error)) from error
