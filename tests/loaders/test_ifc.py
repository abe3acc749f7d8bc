"""The IFC loader: rows, properties, geometry, dates, and files that cannot be read."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from loaders.ifc import LOADER, reading
from loaders.ifc.redoing import redo
from loaders.ifc.structure import arrange
from tests.conftest import DATA
from tests.loaders.ifc_files import Building
from twin.errors import BrokenFile, NotFound, NotSupported, OpenError, OutsideRoot, TooLarge
from twin.geometry import Instances, Mesh, box_of, triangle_count
from twin.observations import FLAG_SENTINEL, KINDS, ROLES
from twin.ports import SILENT, Content, Opened, Options, Probe

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")


def opened(location: str) -> Opened:
    return LOADER.source(location, Options()).open(SILENT)


def contents(location: str, found: Opened) -> list[Content]:
    source = LOADER.source(location, Options())
    tiles = []
    for tile in np.flatnonzero(found.tree.content).tolist():
        content = found.ready.get(tile) or source.fetch(tile, found.tokens[tile], SILENT)
        if isinstance(content, Content):
            tiles.append(content)
    return tiles


def rows_drawn(tiles: list[Content]) -> set[int]:
    return {int(r) for tile in tiles for item in tile.drawables for r in np.unique(item.feature)}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_object_is_a_row_under_its_whole(schema: str, tmp_path: Path) -> None:
    made = Building(schema)
    wall = made.element("IfcWall", "Wall", made.body(made.box(4.0, 0.2, 3.0)), (1.0, 2.0, 0.0), 1)
    location = made.write(tmp_path)
    table = opened(location).features
    assert [str(kind) for kind in table["kind"]] == [
        "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcBuildingStorey", "IfcWall",
    ]  # fmt: skip
    assert str(table.id[4]) == wall.GlobalId
    assert table.name is not None
    assert str(table.name[table.parent[4]]) == "High"
    assert str(table["Storey"][4]) == "High"
    assert table.bounds[4] == pytest.approx([1, 2, 0, 5, 2.2, 3])
    assert table.bounds[0] == pytest.approx(table.bounds[4])


def test_millimetres_become_metres(tmp_path: Path) -> None:
    made = Building(unit="mm")
    shape = made.body(made.box(4000.0, 2000.0, 300.0))
    slab = made.element("IfcSlab", "Slab", shape, (1000.0, 0.0, 0.0))
    location = made.write(tmp_path)
    found = opened(location)
    row = found.features.row_of(slab.GlobalId)
    (tile,) = contents(location, found)
    assert box_of(tile.drawables[0]) == pytest.approx([1, 0, 0, 5, 2, 0.3], abs=1e-6)
    assert found.features.bounds[row] == pytest.approx([1, 0, 0, 5, 2, 0.3], abs=1e-6)


def test_an_opening_is_cut_and_stands_in_the_table_undrawn(tmp_path: Path) -> None:
    made = Building()
    wall = made.element("IfcWall", "Wall", made.body(made.box(4.0, 0.2, 3.0)), (0.0, 0.0, 0.0))
    hole = made.root("IfcOpeningElement", "Hole", ObjectPlacement=made.placement(1.0, -0.1, 1.0))
    hole.Representation = made.body(made.box(1.0, 0.4, 1.0))
    relation = made.root("IfcRelVoidsElement", "")
    relation.RelatingBuildingElement, relation.RelatedOpeningElement = wall, hole
    location = made.write(tmp_path)
    found = opened(location)
    tiles = contents(location, found)
    row, cut = found.features.row_of(wall.GlobalId), found.features.row_of(hole.GlobalId)
    assert found.features.parent[cut] == row
    assert rows_drawn(tiles) == {row}
    assert triangle_count(tiles[0].drawables) > 12


def test_a_wall_that_its_opening_swallows_is_told(tmp_path: Path) -> None:
    made = Building()
    wall = made.element("IfcWall", "Wall", made.body(made.box(1.0, 0.2, 1.0)), (0.0, 0.0, 0.0))
    hole = made.root("IfcOpeningElement", "Hole", ObjectPlacement=made.placement(0.0, 0.0, 0.0))
    hole.Representation = made.body(made.box(1.0, 1.0, 1.0))
    relation = made.root("IfcRelVoidsElement", "")
    relation.RelatingBuildingElement, relation.RelatedOpeningElement = wall, hole
    location = made.write(tmp_path)
    (tile,) = contents(location, opened(location))
    assert [(p.code, p.feature) for p in tile.problems] == [("ifc.all_cut", wall.GlobalId)]


def test_an_element_without_triangles_is_told_with_the_reason(tmp_path: Path) -> None:
    made = Building()
    flat = made.element("IfcSlab", "Flat", made.body(made.box(1.0, 1.0, 0.0)), (0.0, 0.0, 0.0))
    made.element("IfcSlab", "Slab", made.body(made.box(1.0, 1.0, 1.0)), (0.0, 0.0, 0.0))
    location = made.write(tmp_path)
    (tile,) = contents(location, opened(location))
    (problem,) = tile.problems
    assert (problem.code, problem.feature) == ("ifc.no_geometry", flat.GlobalId)
    assert "SweptSolid" in problem.text


def test_repeated_geometry_stays_instanced(tmp_path: Path) -> None:
    made = Building()
    make = made.file.create_entity
    frame = make("IfcAxis2Placement3D", made.origin)
    part = make(
        "IfcShapeRepresentation", made.context, "Body", "SweptSolid", (made.box(1.0, 1.0, 1.0),)
    )
    source = make("IfcRepresentationMap", frame, part)
    target = make("IfcCartesianTransformationOperator3D", None, None, made.origin, 1.0, None)
    for number in range(12):
        item = make("IfcMappedItem", source, target)
        shape = made.body(item, kind="MappedRepresentation")
        made.element("IfcFurniture", f"Chair {number}", shape, (3.0 * number, 0.0, 0.0))
    location = made.write(tmp_path)
    found = opened(location)
    tiles = contents(location, found)
    (chairs,) = [item for tile in tiles for item in tile.drawables if isinstance(item, Instances)]
    assert len(chairs.transforms) == 12
    assert len(chairs.mesh.triangles) == 12
    for transform, row in zip(chairs.transforms, chairs.feature, strict=True):
        assert found.features.bounds[row][0] == pytest.approx(transform[0, 3])


def test_materials_are_split_and_glass_is_blended(tmp_path: Path) -> None:
    made = Building()
    frame, glass = made.box(1.0, 0.1, 1.0), made.box(0.8, 0.05, 0.8)
    made.style(frame, (1.0, 0.0, 0.0), 0.0)
    made.style(glass, (0.5, 0.5, 1.0), 0.7)
    made.element("IfcWindow", "Window", made.body(frame, glass), (0.0, 0.0, 0.0))
    location = made.write(tmp_path)
    (tile,) = contents(location, opened(location))
    looks = {mesh.material.alpha_mode: mesh for mesh in tile.drawables if isinstance(mesh, Mesh)}
    assert looks["opaque"].material.color == pytest.approx((1.0, 0.0, 0.0, 1.0))
    assert looks["blend"].material.color == pytest.approx((0.214041, 0.214041, 1.0, 0.3), abs=1e-4)
    assert len(looks["opaque"].triangles) == len(looks["blend"].triangles) == 12


def test_a_worker_that_did_not_open_the_file_fetches_the_same(tmp_path: Path) -> None:
    made = Building()
    for number in range(30):
        size = 1.0 + 0.1 * number
        made.element(
            "IfcBeam", "Beam", made.body(made.box(size, 1.0, 1.0)), (4.0 * number, 0.0, 0.0)
        )
    location = made.write(tmp_path)
    found = opened(location)
    assert len(found.tree) > 2
    source = LOADER.source(location, Options())
    for tile in range(len(found.tree) - 1, 0, -1):
        first = source.fetch(tile, found.tokens[tile], SILENT)
        reading.forget()
        again = source.fetch(tile, found.tokens[tile], SILENT)
        assert isinstance(first, Content)
        assert isinstance(again, Content)
        assert rows_drawn([first]) == rows_drawn([again])
        assert triangle_count(first.drawables) == triangle_count(again.drawables)


def test_properties_of_the_type_are_inherited_and_marked(tmp_path: Path) -> None:
    made = Building()
    walls = [
        made.element("IfcWall", "W", made.body(made.box(1.0, 1.0, 1.0)), (2.0 * i, 0.0, 0.0))
        for i in range(3)
    ]
    kind = made.root("IfcWallType", "Brick 200")
    kind.PredefinedType = "STANDARD"
    kind.HasPropertySets = [
        made.properties("Pset_WallCommon", {"FireRating": "R60", "IsExternal": False})
    ]
    relation = made.root("IfcRelDefinesByType", "")
    relation.RelatedObjects, relation.RelatingType = walls, kind
    made.describe(walls, "Pset_WallCommon", {"IsExternal": True, "ThermalTransmittance": 0.25})
    made.describe([walls[0]], "Rare", {"Note": "once"})
    table = opened(made.write(tmp_path)).features
    row = table.row_of(walls[0].GlobalId)
    assert table["Pset_WallCommon.FireRating"][row] == "R60"
    assert table["Pset_WallCommon.IsExternal"][row] == "true"
    assert table["Pset_WallCommon.ThermalTransmittance"][row] == 0.25
    assert np.isnan(table["Pset_WallCommon.ThermalTransmittance"][0])
    assert table["Type"][row] == "Brick 200"
    extra = json.loads(str(table["_extra"][row]))
    assert extra == {"Rare.Note": "once", "(type)": ["Pset_WallCommon.FireRating"]}


def test_a_global_id_used_twice_is_told_and_told_apart(tmp_path: Path) -> None:
    made = Building()
    first = made.element("IfcWall", "A", made.body(made.box(1.0, 1.0, 1.0)), (0.0, 0.0, 0.0))
    second = made.element("IfcWall", "B", made.body(made.box(1.0, 1.0, 1.0)), (2.0, 0.0, 0.0))
    second.GlobalId = first.GlobalId
    found = opened(made.write(tmp_path))
    assert len(set(found.features.id.tolist())) == len(found.features)
    assert [p.code for p in found.problems] == ["ifc.id_duplicate"]


def test_an_element_that_hangs_nowhere_is_shown_under_the_project(tmp_path: Path) -> None:
    made = Building()
    shape = made.body(made.box(1.0, 1.0, 1.0))
    lone = made.root(
        "IfcWall", "Lone", ObjectPlacement=made.placement(0, 0, 0), Representation=shape
    )
    found = opened(made.write(tmp_path))
    assert found.features.parent[found.features.row_of(lone.GlobalId)] == -1
    assert [p.code for p in found.problems] == ["ifc.no_place"]


def test_a_circle_of_wholes_ends(tmp_path: Path) -> None:
    made = Building()
    one, two = made.root("IfcElementAssembly", "1"), made.root("IfcElementAssembly", "2")
    made.relate("IfcRelAggregates", one, [two])
    made.relate("IfcRelAggregates", two, [one])
    structure = arrange(made.file)
    assert len(structure.objects) == 6
    assert structure.parent[structure.row_of[one.id()]] == -1


def test_owner_history_says_when_and_which_office_but_no_person(tmp_path: Path) -> None:
    found = opened(Building().write(tmp_path)).observations
    dated = found.row == 2
    path = [found.paths[code] for code in found.path[dated]]
    assert path == ["OwnerHistory.LastModifiedDate", "OwnerHistory.CreationDate"]
    assert str(found.t_lo[dated][0]) == "2014-12-19T09:47:02.000"
    assert found.flags[dated][1] & FLAG_SENTINEL
    assert {KINDS[code] for code in found.kind[dated]} == {"modelled"}
    assert found.parties == ("Drawing Office",)
    assert {ROLES[code] for code in found.party_role} == {"author", "processor"}


def test_a_facility_manager_is_a_custodian(tmp_path: Path) -> None:
    made = Building()
    role = made.file.create_entity("IfcActorRole", "FACILITIESMANAGER")
    made.history.OwningUser.TheOrganization.Roles = [role]
    found = opened(made.write(tmp_path)).observations
    assert ROLES.index("custodian") in found.party_role.tolist()


def test_an_assessment_is_a_verification(tmp_path: Path) -> None:
    made = Building()
    made.describe([made.building], "Pset_Condition", {"AssessmentDate": "2025-03-01"})
    found = opened(made.write(tmp_path)).observations
    verified = found.kind == KINDS.index("verified")
    assert found.row[verified].tolist() == [1]
    assert str(found.t_lo[verified][0])[:10] == "2025-03-01"


def test_the_header_time_is_when_it_was_published(tmp_path: Path) -> None:
    made = Building()
    made.file.header.file_name.time_stamp = "2023-05-10T10:00:00"
    found = opened(made.write(tmp_path)).observations
    whole = found.row == -1
    assert [KINDS[code] for code in found.kind[whole]] == ["published"]
    assert str(found.t_lo[whole][0]) == "2023-05-10T10:00:00.000"
    assert not found.flags[whole].any()


def test_a_zipped_model_is_the_same_model(tmp_path: Path) -> None:
    plain = DATA / "simple_wall.ifc"
    packed = tmp_path / "wall.ifczip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "inner/wall.ifc")
    assert LOADER.recognise(Probe(str(packed), packed.read_bytes()[:64])) > 50
    first, second = opened(str(plain)), opened(str(packed))
    assert first.features.id.tolist() == second.features.id.tolist()
    assert first.title == second.title


def zip_of(folder: Path, name: str, data: bytes) -> str:
    path = folder / "case.ifczip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return str(path)


def test_zip_bombs_and_members_outside_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        opened(zip_of(tmp_path, "a.ifc", b"\0" * (64 << 20)))
    with pytest.raises(OutsideRoot):
        opened(zip_of(tmp_path, "../a.ifc", b"ISO-10303-21;"))
    with pytest.raises(NotSupported, match="ifcXML"):
        opened(zip_of(tmp_path, "a.ifcxml", b"<xml/>"))
    with pytest.raises(BrokenFile):
        opened(zip_of(tmp_path, "a.txt", b"nothing"))


@pytest.mark.parametrize("schema", ["IFC4X3_RC3", "IFC4X2", "IFC5"])
def test_a_schema_that_cannot_be_read_is_named(schema: str, tmp_path: Path) -> None:
    text = Path(Building().write(tmp_path)).read_text("utf-8").replace("IFC4'", f"{schema}'")
    path = tmp_path / "other.ifc"
    path.write_text(text, "utf-8")
    with pytest.raises(NotSupported, match=schema):
        opened(str(path))


def test_half_a_file_and_other_files_are_broken(tmp_path: Path) -> None:
    data = (DATA / "simple_wall.ifc").read_bytes()
    path = tmp_path / "half.ifc"
    for wrong in (data[: len(data) // 2], b"", b"hello", b"ISO-10303-21;END-ISO-10303-21;"):
        path.write_bytes(wrong)
        with pytest.raises(OpenError):
            opened(str(path))
    with pytest.raises(NotFound):
        opened(str(tmp_path / "none.ifc"))


def test_an_attribute_of_the_wrong_type_breaks_the_file_and_not_the_program(
    tmp_path: Path,
) -> None:
    lines = (DATA / "simple_wall.ifc").read_text("utf-8").splitlines()
    path = tmp_path / "ill.ifc"
    for number, line in enumerate(lines):
        if "IFCRELAGGREGATES" in line:
            ill = line.replace("(#", "(1,#")
            path.write_text("\n".join([*lines[:number], ill, *lines[number + 1 :]]), "utf-8")
            with pytest.raises(BrokenFile):
                opened(str(path))


def test_furniture_whose_opening_lies_beside_it_is_drawn_whole(tmp_path: Path) -> None:
    made = Building()
    shape = made.body(made.box(1.0, 1.0, 1.0))
    chest = made.element("IfcFurniture", "Chest", shape, (0.0, 0.0, 0.0))
    for at in (1.0, 5.0):
        hole = made.root("IfcOpeningElement", "Hole", ObjectPlacement=made.placement(at, 0.0, 0.0))
        hole.Representation = made.body(made.box(1.0, 1.0, 1.0))
        relation = made.root("IfcRelVoidsElement", "")
        relation.RelatingBuildingElement, relation.RelatedOpeningElement = chest, hole
    location = made.write(tmp_path)
    found = opened(location)
    model = reading.read(location, SILENT)
    again, geometries, problems = redo(model, [chest.id()], SILENT)
    assert found.features.bounds[found.features.row_of(chest.GlobalId)] == pytest.approx(
        [0, 0, 0, 1, 1, 1]
    )
    assert [len(geometries[shape.geometry].triangles) for shape in again] == [12]
    assert not problems


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    made = Building()
    location = made.write(tmp_path)
    assert len(opened(location).features) == 4
    made.element("IfcWall", "New", made.body(made.box(1.0, 1.0, 1.0)), (0.0, 0.0, 0.0))
    made.write(tmp_path)
    assert len(opened(location).features) == 5
