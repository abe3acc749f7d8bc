"""What of an IFC is drawn, by what, and why the rest is not."""

from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np
import pytest

from loaders.ifc import LOADER
from loaders.ifc.choosing import COLUMN
from tests.loaders.ifc_files import Building
from twin.geometry import Lines, Mesh, Points, box_of
from twin.ports import SILENT, Content, Opened, Options


def opened(location: str, **values: str) -> tuple[Opened, list[Content]]:
    source = LOADER.source(location, Options(values=values))
    found = source.open(SILENT)
    tiles = []
    for tile in np.flatnonzero(found.tree.content).tolist():
        content = found.ready.get(tile) or source.fetch(tile, found.tokens[tile], SILENT)
        if isinstance(content, Content):
            tiles.append(content)
    return found, tiles


def rows(tiles: list[Content], kind: type = object) -> set[int]:
    items = [item for tile in tiles for item in tile.drawables if isinstance(item, kind)]
    return {int(row) for item in items for row in np.unique(item.feature)}


def shaped(made: Building, kind: str, name: str, *items: Any) -> Any:
    """Return the definition of a product with one representation of points or curves."""
    make = made.file.create_entity
    part = make("IfcShapeRepresentation", made.context, name, kind, items)
    return make("IfcProductDefinitionShape", None, None, (part,))


def point(made: Building, *at: float) -> Any:
    return made.file.create_entity("IfcCartesianPoint", at)


def line(made: Building, *points: tuple[float, ...]) -> Any:
    return made.file.create_entity("IfcPolyline", [point(made, *at) for at in points])


def test_a_space_is_drawn_see_through_when_asked_for_and_says_why_it_is_not(
    tmp_path: Path,
) -> None:
    made = Building()
    made.element("IfcWall", "Wall", made.body(made.box(1.0, 0.2, 3.0)), (0.0, 0.0, 0.0))
    space = made.root("IfcSpace", "Room", ObjectPlacement=made.placement(0.0, 1.0, 0.0))
    space.Representation = made.body(made.box(4.0, 4.0, 3.0))
    made.relate("IfcRelAggregates", made.storeys[0], [space])
    location = made.write(tmp_path)
    found, tiles = opened(location)
    row = found.features.row_of(space.GlobalId)
    assert found.features[COLUMN][row] == "spaces are off"
    assert row not in rows(tiles)
    found, tiles = opened(location, spaces="on")
    assert found.features[COLUMN][row] is None
    looks = {
        item.material.alpha_mode: set(item.feature)
        for tile in tiles
        for item in tile.drawables
        if isinstance(item, Mesh)
    }
    assert looks["blend"] == {row}
    assert looks["opaque"] == rows(tiles) - {row}


def test_openings_can_be_shown_where_they_cut(tmp_path: Path) -> None:
    made = Building()
    wall = made.element("IfcWall", "Wall", made.body(made.box(4.0, 0.2, 3.0)), (0.0, 0.0, 0.0))
    hole = made.root("IfcOpeningElement", "Hole", ObjectPlacement=made.placement(1.0, -0.1, 1.0))
    hole.Representation = made.body(made.box(1.0, 0.4, 1.0))
    relation = made.root("IfcRelVoidsElement", "")
    relation.RelatingBuildingElement, relation.RelatedOpeningElement = wall, hole
    found, tiles = opened(made.write(tmp_path), openings="on")
    row = found.features.row_of(hole.GlobalId)
    (mesh,) = [x for t in tiles for x in t.drawables if isinstance(x, Mesh) and row in x.feature]
    assert set(mesh.feature) == {row}
    assert box_of(mesh) == pytest.approx([1, -0.1, 1, 2, 0.3, 2], abs=1e-6)


def test_an_element_that_is_only_an_axis_is_drawn_as_lines(tmp_path: Path) -> None:
    made = Building(unit="mm")
    shape = shaped(made, "Curve2D", "Axis", line(made, (0.0, 0.0), (2000.0, 500.0)))
    wall = made.element("IfcWall", "Wall", shape, (1000.0, 0.0, 3000.0))
    found, tiles = opened(made.write(tmp_path))
    row = found.features.row_of(wall.GlobalId)
    assert rows(tiles, Lines) == {row}
    assert found.features.bounds[row] == pytest.approx([1, 0, 3, 3, 0.5, 3])
    assert box_of(tiles[0].drawables[0]) == pytest.approx([1, 0, 3, 3, 0.5, 3])
    assert COLUMN in found.features.columns  # the storeys have no shape


def test_a_survey_point_is_drawn_and_a_drawing_on_paper_only_when_asked_for(
    tmp_path: Path,
) -> None:
    made = Building("IFC4X3_ADD2")
    at = point(made, 5.0, 6.0, 7.0)
    survey = made.element("IfcAnnotation", "P1", shaped(made, "Point", "", at), (100.0, 0.0, 0.0))
    both = made.file.create_entity(
        "IfcGeometricSet", (line(made, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), at)
    )
    mixed = made.element(
        "IfcAnnotation", "P2", shaped(made, "GeometricSet", "", both), (0.0, 0.0, 0.0)
    )
    flat = shaped(made, "Annotation2D", "Annotation", line(made, (0.0, 0.0), (1.0, 1.0)))
    paper = made.element("IfcAnnotation", "Dimension", flat, (0.0, 0.0, 0.0))
    location = made.write(tmp_path)
    found, tiles = opened(location)
    row = {x: found.features.row_of(x.GlobalId) for x in (survey, mixed, paper)}
    assert rows(tiles, Points) == {row[survey], row[mixed]}
    assert rows(tiles, Lines) == {row[mixed]}
    assert found.features.bounds[row[survey]] == pytest.approx([105, 6, 7, 105, 6, 7])
    assert found.features[COLUMN][row[paper]] == "annotations are off"
    _, tiles = opened(location, annotations="on")
    assert rows(tiles, Lines) == {row[mixed], row[paper]}


def test_a_grid_is_drawn_by_its_axes_when_asked_for(tmp_path: Path) -> None:
    made = Building()
    make = made.file.create_entity
    axes = [
        make("IfcGridAxis", tag, line(made, *ends), True)
        for tag, ends in (("A", ((0.0, 0.0), (0.0, 9.0))), ("1", ((0.0, 0.0), (6.0, 0.0))))
    ]
    grid = made.root("IfcGrid", "Grid", ObjectPlacement=made.placement(1.0, 1.0, 0.0))
    grid.UAxes, grid.VAxes = (axes[0],), (axes[1],)
    made.relate("IfcRelContainedInSpatialStructure", made.storeys[0], [grid])
    location = made.write(tmp_path)
    assert not rows(opened(location)[1])
    found, tiles = opened(location, grids="on")
    row = found.features.row_of(grid.GlobalId)
    assert rows(tiles, Lines) == {row}
    assert found.features.bounds[row] == pytest.approx([1, 1, 0, 7, 10, 0])


def test_an_alignment_is_drawn_once_and_its_segments_are_parts_of_it(tmp_path: Path) -> None:
    made = Building("IFC4X3_ADD2")
    make = made.file.create_entity
    curve = line(made, (452000.0, 4539000.0, 2.0), (452100.0, 4539000.0, 3.0))
    axis = make("IfcShapeRepresentation", made.context, "Axis", "Curve3D", (curve,))
    road = made.root("IfcAlignment", "Road")
    road.Representation = make("IfcProductDefinitionShape", None, None, (axis,))
    part = made.root("IfcAlignmentSegment", "1")
    part.Representation = shaped(made, "Segment", "Axis", line(made, (0.0, 0.0), (100.0, 1.0)))
    made.relate("IfcRelNests", road, [part])
    made.relate("IfcRelAggregates", made.project, [road])
    found, tiles = opened(made.write(tmp_path))
    row = found.features.row_of(road.GlobalId)
    assert rows(tiles) == {row}
    (drawn,) = tiles[0].drawables
    assert box_of(drawn) == pytest.approx([452000, 4539000, 2, 452100, 4539000, 3], abs=1e-3)
    assert isinstance(drawn, Lines)
    assert np.abs(drawn.positions).max() <= 51.0
    told = found.features[COLUMN][found.features.row_of(part.GlobalId)]
    assert told == "part of its alignment's curve"


def test_a_referent_without_a_shape_is_a_point_where_it_stands(tmp_path: Path) -> None:
    made = Building("IFC4X3_ADD2")
    mark = made.root("IfcReferent", "km 1", ObjectPlacement=made.placement(10.0, 20.0, 3.0))
    made.relate("IfcRelNests", made.site, [mark])
    found, tiles = opened(made.write(tmp_path))
    row = found.features.row_of(mark.GlobalId)
    assert rows(tiles, Points) == {row}
    assert found.features.bounds[row] == pytest.approx([10, 20, 3, 10, 20, 3])


def test_an_element_without_a_shape_is_told_and_an_assembly_of_parts_is_not(
    tmp_path: Path,
) -> None:
    made = Building()
    bare = made.element("IfcPump", "Pump", None, (0.0, 0.0, 0.0))
    stair = made.element("IfcStair", "Stair", None, (0.0, 0.0, 0.0))
    flight = made.element(
        "IfcStairFlight", "F", made.body(made.box(1.0, 1.0, 1.0)), (0.0, 0.0, 0.0)
    )
    made.relate("IfcRelAggregates", stair, [flight])
    box = shaped(
        made,
        "BoundingBox",
        "Box",
        made.file.create_entity("IfcBoundingBox", made.origin, 1.0, 1.0, 1.0),
    )
    boxed = made.element("IfcPump", "Boxed", box, (0.0, 0.0, 0.0))
    found, _ = opened(made.write(tmp_path))
    said = {p.params["reason"]: p for p in found.problems if p.code == "ifc.no_shape"}
    assert set(said) == {"no representation", "only Box (BoundingBox)"}
    assert said["no representation"].params["objects"] == bare.GlobalId
    assert said["only Box (BoundingBox)"].params["objects"] == boxed.GlobalId
    told = found.features[COLUMN]
    assert told[found.features.row_of(stair.GlobalId)] == "no representation, but parts"


def test_the_encoding_of_raw_texts_can_be_said(tmp_path: Path) -> None:
    made = Building()
    path = Path(made.write(tmp_path))
    path.write_bytes(
        path.read_bytes().replace(b"'Site'", b"'" + "部署".encode("shift_jis") + b"'")
    )
    found, _ = opened(str(path), encoding="Shift_JIS")
    assert found.features.name is not None
    assert found.features.name[0] == "部署"
    assert ifcopenshell.open(str(path)).by_type("IfcSite")[0][2] != "部署"
