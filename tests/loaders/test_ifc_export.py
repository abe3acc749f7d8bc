"""A copy written on demand stands by itself where the project's override put the model."""

from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np
import pytest

from loaders.ifc import LOADER
from loaders.ifc.exporting import EXPORTER
from tests.loaders.ifc_files import Building
from twin.errors import NotSaved, NotSupported
from twin.georeference import ProjectFrame, open_in
from twin.ports import SILENT, Opened, Options
from twin.records import Placement

DELFT = Placement("typed", "EPSG:28992", 85000.25, 447000.5, 3.5, 33.0, 0.9999, (2.0, -1.0, 0.5))


def made_in(schema: str, unit: str, before: bool) -> Building:
    made = Building(schema, unit)
    size = {"m": 10.0, "mm": 10000.0}[unit]
    shape = made.body(made.box(size, size / 10, size / 3))
    made.element("IfcWall", "wall", shape, (size, 2 * size, 0.0))
    if before and schema == "IFC2X3":
        made.describe([made.site], "ePSet_ProjectedCRS", {"Name": "EPSG:32631"})
        made.describe([made.site], "ePSet_MapConversion", {"Eastings": 1.0, "Northings": 2.0})
    elif before:
        crs = made.file.create_entity("IfcProjectedCRS", "EPSG:32631")
        made.file.create_entity("IfcMapConversion", made.context, crs, 1.0, 2.0, 3.0)
    return made


def standing(path: str, placement: Placement | None, frame: ProjectFrame) -> Opened:
    options = Options(placement=placement)
    return open_in(LOADER.source(path, options), options, frame, SILENT).opened


def apart(one: Opened, other: Opened) -> float:
    """Return the largest difference between the boxes of the same objects, metres."""
    found, wanted = one.features.bounds, other.features.bounds
    known = np.isfinite(wanted)
    assert known.any()
    return float(np.abs(found[known] - wanted[known]).max())


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("unit", ["m", "mm"])
@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
def test_a_copy_stands_where_the_override_put_the_model(
    schema: str, unit: str, before: bool, tmp_path: Path
) -> None:
    source = made_in(schema, unit, before).write(tmp_path)
    target = str(tmp_path / "copy.ifc")
    EXPORTER.write(source, target, DELFT, "EPSG:5709", SILENT)
    frame = ProjectFrame.of("EPSG:28992", "EPSG:5709")
    wanted = standing(source, DELFT, frame)
    found = standing(target, None, frame)
    assert (found.about.crs, found.about.vertical) == ("EPSG:28992", "EPSG:5709")
    assert apart(found, wanted) < 1e-3
    assert not {p.code for p in found.problems if p.code.startswith(("ifc.", "crs."))}


def test_a_copy_in_feet_counts_in_feet(tmp_path: Path) -> None:
    source = made_in("IFC4", "m", False).write(tmp_path)
    there = Placement("typed", "EPSG:2240", 2230000.0, 1370000.0, 10.0, 12.0)
    target = str(tmp_path / "copy.ifc")
    EXPORTER.write(source, target, there, "", SILENT)
    frame = ProjectFrame.of("EPSG:32616")
    wanted = standing(source, there, frame)
    found = standing(target, None, frame)
    assert apart(found, wanted) < 1e-3
    boxes = found.features.bounds[np.isfinite(found.features.bounds).all(axis=1)]
    sizes = boxes[:, 3:] - boxes[:, :3]
    assert sizes.max() == pytest.approx(10.0, abs=0.5)


def entities(path: str) -> dict[str, int]:
    file: Any = ifcopenshell.open(path)
    kinds: dict[str, int] = {}
    for item in file:
        kinds[item.is_a()] = kinds.get(item.is_a(), 0) + 1
    return kinds


def test_everything_else_of_the_file_is_kept(tmp_path: Path) -> None:
    made = made_in("IFC4", "mm", True)
    source = made.write(tmp_path)
    before = Path(source).read_bytes()
    target = str(tmp_path / "copy.ifc")
    EXPORTER.write(source, target, DELFT, "", SILENT)
    assert Path(source).read_bytes() == before
    there = entities(target)
    new = {"IfcSIUnit": 1}
    assert there == {k: n + new.get(k, 0) for k, n in entities(source).items()}
    lines = {line for line in before.decode().splitlines() if line.startswith("#")}
    moved = ("IFCMAPCONVERSION", "IFCPROJECTEDCRS")
    kept = {line for line in lines if not any(word in line for word in moved)}
    assert kept <= set(Path(target).read_text().splitlines())


def test_a_model_without_units_gets_the_unit_that_its_scale_means(tmp_path: Path) -> None:
    made = made_in("IFC4", "mm", False)
    made.project.UnitsInContext = None
    source = made.write(tmp_path)
    target = str(tmp_path / "copy.ifc")
    place = Placement("typed", "EPSG:28992", 85000.0, 447000.0, 0.0, 0.0, 0.001)
    EXPORTER.write(source, target, place, "", SILENT)
    frame = ProjectFrame.of("EPSG:28992")
    wanted = standing(source, place, frame)
    found = standing(target, None, frame)
    assert apart(found, wanted) < 1.1e-3  # boxes have a margin of a millimetre


def test_what_no_map_conversion_can_say_is_refused(tmp_path: Path) -> None:
    source = made_in("IFC4", "m", False).write(tmp_path)
    doubled = Placement("typed", "EPSG:28992", 0.0, 0.0, 0.0, scale=2.0)
    with pytest.raises(NotSupported):
        EXPORTER.write(source, str(tmp_path / "copy.ifc"), doubled, "", SILENT)
    with pytest.raises(NotSaved):
        EXPORTER.write(source, source, DELFT, "", SILENT)
