"""What IFC objects are made of, belong to and are related to: details, grouping columns, units."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.ifc import LOADER
from loaders.ifc.disciplines import discipline
from loaders.ifc.relations import BOTH_WAYS, TO_NAMED
from loaders.ifc.unit_names import UnitNames, symbol
from tests.loaders.ifc_files import Building
from twin import cache
from twin.details import RELATION_KINDS, Details, details, is_bsdd, is_web
from twin.features import FeatureTable
from twin.ports import SILENT, Options

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")


def opened(made: Building, folder: Path) -> FeatureTable:
    return LOADER.source(made.write(folder), Options()).open(SILENT).features


def wall(made: Building, name: str = "Wall", x: float = 0.0) -> Any:
    return made.element("IfcWall", name, made.body(made.box(1.0, 0.2, 3.0)), (x, 0.0, 0.0))


def tie(made: Building, kind: str, items: list[Any], thing: Any) -> None:
    relation = made.root(kind, "")
    relation.RelatedObjects = items
    relation[5] = thing


def of(table: FeatureTable, item: Any) -> Details:
    return details(table, table.row_of(item.GlobalId))


def layered(made: Building, *layers: tuple[str, float]) -> Any:
    make = made.file.create_entity
    parts = [make("IfcMaterialLayer", make("IfcMaterial", name), depth) for name, depth in layers]
    return make("IfcMaterialLayerSet", parts, "Cavity wall")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_layer_set_gives_its_materials_and_thicknesses_in_metres(
    schema: str, tmp_path: Path
) -> None:
    made = Building(schema, unit="mm")
    item = wall(made)
    whole = layered(made, ("Brick", 100.0), ("Air", 50.0))
    usage = made.file.create_entity("IfcMaterialLayerSetUsage", whole, "AXIS2", "POSITIVE", 0.0)
    tie(made, "IfcRelAssociatesMaterial", [item], usage)
    table = opened(made, tmp_path)
    (found,) = of(table, item).entries("materials")
    assert (found["kind"], found["name"]) == ("layers", "Cavity wall")
    assert [(p["material"], p["thickness"]) for p in found["parts"]] == [
        ("Brick", 0.1),
        ("Air", 0.05),
    ]
    assert table["Material"][table.row_of(item.GlobalId)] == "Brick | Air"


def test_profiles_constituents_and_lists_of_materials_are_read(tmp_path: Path) -> None:
    made = Building()
    make = made.file.create_entity
    steel, oak = make("IfcMaterial", "Steel"), make("IfcMaterial", "Oak")
    shape = make("IfcRectangleProfileDef", "AREA", "HEA200", None, 0.2, 0.2)
    profiles = make(
        "IfcMaterialProfileSet",
        "Beam",
        None,
        [make("IfcMaterialProfile", None, None, steel, shape)],
    )
    parts = [make("IfcMaterialConstituent", "Frame", None, oak, 0.4)]
    sets = [
        make("IfcMaterialProfileSetUsage", profiles),
        make("IfcMaterialConstituentSet", "Window", None, parts),
        make("IfcMaterialList", [steel, oak]),
        steel,
    ]
    items = [wall(made, f"W{k}", 2.0 * k) for k in range(len(sets))]
    for item, thing in zip(items, sets, strict=True):
        tie(made, "IfcRelAssociatesMaterial", [item], thing)
    table = opened(made, tmp_path)
    found = [of(table, item).entries("materials")[0] for item in items]
    assert [x["kind"] for x in found] == ["profiles", "constituents", "list", "material"]
    assert found[0]["parts"] == [{"material": "Steel", "profile": "HEA200"}]
    assert found[1]["parts"] == [{"material": "Oak", "fraction": 0.4, "name": "Frame"}]
    assert [x["material"] for x in found[2]["parts"]] == ["Steel", "Oak"]


def test_the_material_of_a_type_holds_until_the_object_has_its_own(tmp_path: Path) -> None:
    made = Building()
    plain, own = wall(made, "A"), wall(made, "B", 3.0)
    kind = made.root("IfcWallType", "Wall 200")
    kind.PredefinedType = "STANDARD"
    relation = made.root("IfcRelDefinesByType", "")
    relation.RelatedObjects, relation.RelatingType = [plain, own], kind
    make = made.file.create_entity
    tie(made, "IfcRelAssociatesMaterial", [kind], make("IfcMaterial", "Brick"))
    tie(made, "IfcRelAssociatesMaterial", [own], make("IfcMaterial", "Concrete"))
    table = opened(made, tmp_path)
    (inherited,) = of(table, plain).entries("materials")
    (said,) = of(table, own).entries("materials")
    assert (inherited["name"], inherited["type"]) == ("Brick", True)
    assert (said["name"], "type" in said) == ("Concrete", False)
    assert of(table, plain).mapping("type") == {
        "name": "Wall 200", "class": "IfcWallType", "id": kind.GlobalId,
    }  # fmt: skip


def test_a_classification_gives_system_edition_code_title_and_address(tmp_path: Path) -> None:
    made = Building()
    item = wall(made)
    make = made.file.create_entity
    system = make("IfcClassification", "CSI", "2015", None, "Uniclass 2015")
    above = make("IfcClassificationReference", None, "Ss_25", "Walls", system)
    uri = "https://identifier.buildingsmart.org/uri/nbs/uniclass2015/1/class/Ss_25_10"
    below = make("IfcClassificationReference", uri, "Ss_25_10", "Framed walls", above)
    chinese = make("IfcClassification", None, None, None, "GB/T 51269")
    other = make("IfcClassificationReference", None, "30-02", "墙体", chinese)
    for thing in (below, other):
        tie(made, "IfcRelAssociatesClassification", [item], thing)
    table = opened(made, tmp_path)
    first, second = of(table, item).entries("classifications")
    assert first == {
        "system": "Uniclass 2015", "edition": "2015", "code": "Ss_25_10",
        "title": "Framed walls", "uri": uri,
    }  # fmt: skip
    assert second == {"system": "GB/T 51269", "code": "30-02", "title": "墙体"}
    column = table["Classification"][table.row_of(item.GlobalId)]
    assert column == "Uniclass 2015: Ss_25_10 Framed walls | GB/T 51269: 30-02 墙体"
    assert is_bsdd(uri)
    assert not is_bsdd("https://example.org/identifier.buildingsmart.org")
    assert [is_web(x) for x in (uri, "file:///etc/passwd", "javascript:x", "")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_an_older_classification_names_its_system_too(tmp_path: Path) -> None:
    made = Building("IFC2X3")
    item = wall(made)
    make = made.file.create_entity
    system = make("IfcClassification", "http://omniclass.org", "2012", None, "OmniClass")
    thing = make("IfcClassificationReference", None, "21-02 20", "Walls", system)
    tie(made, "IfcRelAssociatesClassification", [item], thing)
    (found,) = of(opened(made, tmp_path), item).entries("classifications")
    assert found == {
        "system": "OmniClass", "edition": "2012", "code": "21-02 20", "title": "Walls",
        "uri": "http://omniclass.org",
    }  # fmt: skip


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4"])
def test_a_document_is_found_through_its_reference(schema: str, tmp_path: Path) -> None:
    made = Building(schema)
    item = wall(made)
    make = made.file.create_entity
    firm = make("IfcOrganization", Name="Estates")
    whole = make("IfcDocumentInformation")
    whole[0], whole[1] = "D-7", "Fire plan"
    whole.Revision, whole.DocumentOwner, whole.Status = "C01", firm, "FINAL"
    reference = make("IfcDocumentReference", "https://example.org/d7.pdf", "7.2", "Sheet 2")
    if schema == "IFC2X3":
        whole.DocumentReferences = [reference]
        day = make("IfcCalendarDate", 5, 3, 2021)
        time = make("IfcLocalTime", 12)
        whole.LastRevisionTime = make("IfcDateAndTime", day, time)
    else:
        reference.ReferencedDocument = whole
        whole.LastRevisionTime = "2021-03-05"
    tie(made, "IfcRelAssociatesDocument", [item], reference)
    (found,) = of(opened(made, tmp_path), item).entries("documents")
    assert found == {
        "name": "Sheet 2", "id": "7.2", "location": "https://example.org/d7.pdf",
        "revision": "C01", "owner": "Estates", "status": "FINAL", "revised": "2021-03-05",
    }  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
def test_systems_and_zones_are_columns_and_say_what_they_serve(
    schema: str, tmp_path: Path
) -> None:
    made = Building(schema)
    first, second = wall(made, "A"), wall(made, "B", 3.0)
    system, zone, group = (
        made.root(kind, name)
        for kind, name in (("IfcSystem", "Supply"), ("IfcZone", "Flat 3"), ("IfcGroup", "Lot"))
    )
    for items, target in (([first, second], system), ([first], zone), ([first, system], group)):
        relation = made.root("IfcRelAssignsToGroup", "")
        relation.RelatedObjects, relation.RelatingGroup = items, target
    serves = made.root("IfcRelServicesBuildings", "")
    serves.RelatingSystem, serves.RelatedBuildings = system, [made.building]
    table = opened(made, tmp_path)
    rows = [table.row_of(item.GlobalId) for item in (first, second)]
    assert table["System"][rows].tolist() == ["Supply", "Supply"]
    assert table["Group"][rows].tolist() == ["Flat 3 | Lot", None]
    entry = of(table, second).entries("groups")[0]
    assert (entry["kind"], entry["class"]) == ("system", "IfcSystem")
    assert (entry["serves"], entry["within"]) == (["Building"], ["Lot"])


def test_relations_are_seen_from_both_sides(tmp_path: Path) -> None:
    made = Building()
    first, second = wall(made, "A"), wall(made, "B", 3.0)
    door = made.element("IfcDoor", "Door", None, (0.0, 0.0, 0.0))
    hole = made.root("IfcOpeningElement", "Hole", ObjectPlacement=made.placement(0.0, 0.0, 0.0))
    space = made.root("IfcSpace", "Room")
    made.relate("IfcRelAggregates", made.storeys[0], [space])
    for kind, whole, part in (
        ("IfcRelVoidsElement", first, hole),
        ("IfcRelFillsElement", hole, door),
        ("IfcRelSpaceBoundary", space, first),
        ("IfcRelSpaceBoundary", space, first),
    ):
        relation = made.root(kind, "")
        relation[4], relation[5] = whole, part
    path = made.root("IfcRelConnectsPathElements", "")
    path.RelatingElement, path.RelatedElement = first, second
    table = opened(made, tmp_path)
    row = {item.Name: table.row_of(item.GlobalId) for item in (first, second, door, hole, space)}
    assert of(table, first).mapping("relations") == {
        "voided_by": [row["Hole"]], "connected": [row["B"]], "bounds": [row["Room"]],
    }  # fmt: skip
    assert of(table, second).mapping("relations") == {"connected": [row["A"]]}
    assert of(table, door).mapping("relations") == {"fills": [row["Hole"]]}
    assert of(table, hole).mapping("relations") == {
        "voids": [row["A"]], "filled_by": [row["Door"]],
    }  # fmt: skip
    assert of(table, space).mapping("relations") == {"bounded_by": [row["A"]]}


def test_elements_are_connected_where_their_ports_are(tmp_path: Path) -> None:
    made = Building()
    pipes = [made.element("IfcPipeSegment", name, None, (0.0, 0.0, 0.0)) for name in "AB"]
    ports = [made.root("IfcDistributionPort", f"port {name}") for name in "AB"]
    for pipe, port in zip(pipes, ports, strict=True):
        made.relate("IfcRelNests", pipe, [port])
    made.relate("IfcRelConnectsPorts", ports[0], ports[1])
    table = opened(made, tmp_path)
    assert of(table, pipes[0]).mapping("relations") == {
        "ports": [table.row_of(ports[0].GlobalId)],
        "connected": [table.row_of(pipes[1].GlobalId)],
    }


def test_an_assignment_to_an_actor_names_the_organisation_and_never_the_person(
    tmp_path: Path,
) -> None:
    made = Building()
    items = [wall(made, "A"), wall(made, "B", 3.0)]
    make = made.file.create_entity
    people = [make("IfcOrganization", Name="Estates"), make("IfcPerson", FamilyName="Secret")]
    for item, person in zip(items, people, strict=True):
        relation = made.root("IfcRelAssignsToActor", "")
        relation.RelatedObjects = [item]
        relation.RelatingActor = made.root("IfcActor", "Actor")
        relation.RelatingActor.TheActor = person
    table = opened(made, tmp_path)
    assert of(table, items[0]).mapping("named") == {"acted_on_by": ["Estates"]}
    assert "Secret" not in str(
        table.columns["_details"].tolist() if "_details" in table.columns else ""
    )


def test_presentation_layers_come_from_representations_and_their_items(tmp_path: Path) -> None:
    made = Building()
    first, second = wall(made, "A"), wall(made, "B", 3.0)
    make = made.file.create_entity
    make("IfcPresentationLayerAssignment", "A-WALL", None, [first.Representation[2][0]])
    make("IfcPresentationLayerAssignment", "A-ITEM", None, [second.Representation[2][0][3][0]])
    table = opened(made, tmp_path)
    rows = [table.row_of(item.GlobalId) for item in (first, second)]
    assert table["Layer"][rows].tolist() == ["A-WALL", "A-ITEM"]


def test_every_kind_of_property_is_read_with_its_unit(tmp_path: Path) -> None:
    made = Building(unit="mm")
    item = wall(made)
    make = made.file.create_entity

    def length(value: float) -> Any:
        return make("IfcLengthMeasure", value)

    def label(value: str) -> Any:
        return make("IfcLabel", value)

    inch = make("IfcSIUnit", None, "LENGTHUNIT", "CENTI", "METRE")
    values = made.root("IfcPropertySet", "Set")
    values.HasProperties = [
        make("IfcPropertySingleValue", "Own", None, length(3.0), inch),
        make("IfcPropertySingleValue", "Length", None, length(3.0), None),
        make("IfcPropertyBoundedValue", "Range", None, length(9.0), length(2.0), None, length(4.0)),
        make("IfcPropertyBoundedValue", "Least", None, None, length(2.0)),
        make("IfcPropertyListValue", "List", None, [label("a"), label("b")]),
        make("IfcPropertyEnumeratedValue", "Enum", None, [label("NEW")]),
        make("IfcPropertyTableValue", "Table", None, [label("x"), label("y")], [length(1.0), length(2.5)]),
        make("IfcPropertyReferenceValue", "Ref", None, None, make("IfcMaterial", "Brick")),
    ]  # fmt: skip
    tie(made, "IfcRelDefinesByProperties", [item], values)
    table = opened(made, tmp_path)
    extra = json.loads(str(table["_extra"][table.row_of(item.GlobalId)]))
    assert extra == {
        "Set.Own": 3.0, "Set.Length": 3.0, "Set.Range": "4 (2 – 9)", "Set.Least": "≥ 2",
        "Set.List": ["a", "b"], "Set.Enum": "NEW", "Set.Table": ["x: 1", "y: 2.5"],
        "Set.Ref": "Brick",
    }  # fmt: skip
    units = {name: unit for name, unit in table.units.items() if name.startswith("Set.")}
    assert units == {
        "Set.Own": "cm", "Set.Length": "mm", "Set.Range": "mm", "Set.Least": "mm", "Set.Table": "mm",
    }  # fmt: skip


def test_an_object_whose_unit_differs_says_so_itself(tmp_path: Path) -> None:
    made = Building()
    items = [wall(made, "A"), wall(made, "B", 3.0)]
    make = made.file.create_entity
    centi = make("IfcSIUnit", None, "LENGTHUNIT", "CENTI", "METRE")
    for item, unit in zip(items, (None, centi), strict=True):
        values = made.root("IfcPropertySet", "Set")
        one = make("IfcPropertySingleValue", "Depth", None, make("IfcLengthMeasure", 2.0), unit)
        values.HasProperties = [one]
        tie(made, "IfcRelDefinesByProperties", [item], values)
    table = opened(made, tmp_path)
    assert table.units["Set.Depth"] == "m"
    assert of(table, items[0]).mapping("units") == {}
    assert of(table, items[1]).mapping("units") == {"Set.Depth": "cm"}


def test_quantity_sets_and_predefined_sets_are_read_and_told_apart(tmp_path: Path) -> None:
    made = Building(unit="mm")
    item = wall(made)
    make = made.file.create_entity
    made.project.UnitsInContext.Units = (
        *made.project.UnitsInContext.Units, make("IfcSIUnit", None, "AREAUNIT", None, "SQUARE_METRE"),
    )  # fmt: skip
    sizes = made.root("IfcElementQuantity", "Qto_WallBaseQuantities")
    sizes.Quantities = [make("IfcQuantityArea", "NetSideArea", None, None, 12.5)]
    lining = made.root("IfcDoorLiningProperties", "")
    lining.LiningDepth = 90.0
    for thing in (sizes, lining):
        tie(made, "IfcRelDefinesByProperties", [item], thing)
    table = opened(made, tmp_path)
    assert of(table, item).quantities == {"Qto_WallBaseQuantities"}
    assert table.units["Qto_WallBaseQuantities.NetSideArea"] == "m²"
    assert table.units["IfcDoorLiningProperties.LiningDepth"] == "mm"


def test_units_are_written_as_people_write_them() -> None:
    made = Building()
    make = made.file.create_entity

    def si(name: str, prefix: str | None = None) -> Any:
        return make("IfcSIUnit", None, "LENGTHUNIT", prefix, name)

    def derived(kind: str, *parts: tuple[Any, int]) -> Any:
        elements = [make("IfcDerivedUnitElement", unit, power) for unit, power in parts]
        return make("IfcDerivedUnit", elements, kind)

    watts = derived(
        "THERMALTRANSMITTANCEUNIT", (si("WATT"), 1), (si("SQUARE_METRE"), -1), (si("KELVIN"), -1)
    )
    base = derived(
        "THERMALTRANSMITTANCEUNIT", (si("GRAM", "KILO"), 1), (si("KELVIN"), -1), (si("SECOND"), -3)
    )
    odd = derived(
        "THERMALTRANSMITTANCEUNIT", (si("GRAM"), 1), (si("KELVIN"), -1), (si("SECOND"), -3)
    )
    flow = derived("VOLUMETRICFLOWRATEUNIT", (si("CUBIC_METRE"), 1), (si("SECOND"), -1))
    inertia = derived("MOMENTOFINERTIAUNIT", (si("METRE", "MILLI"), 4))
    degree = make("IfcConversionBasedUnit", None, "PLANEANGLEUNIT", "DEGREE")
    found = [
        symbol(x) for x in (watts, base, odd, flow, inertia, degree, si("SQUARE_METRE", "MILLI"))
    ]
    assert found == ["W/(m²·K)", "W/(m²·K)", "g/(K·s³)", "m³/s", "mm⁴", "°", "mm²"]


def test_a_measure_takes_the_unit_that_the_project_assigns() -> None:
    made = Building(unit="mm")
    make = made.file.create_entity
    units = made.project.UnitsInContext
    units.Units = (*units.Units, make("IfcMonetaryUnit", "EUR"))
    names = UnitNames.of(made.file)
    measures = (
        "IfcPositiveLengthMeasure",
        "IfcNonNegativeLengthMeasure",
        "IfcMonetaryMeasure",
        "IfcAreaMeasure",
        "IfcReal",
    )
    assert [names.measure(x) for x in measures] == ["mm", "mm", "EUR", "", ""]


@pytest.mark.parametrize(
    ("kind", "type_kind", "found"),
    [
        ("IfcWallStandardCase", "", "Architecture"),
        ("IfcRailing", "", "Architecture"),
        ("IfcRailway", "", "Infrastructure"),
        ("IfcSpaceHeater", "", "Ventilation and climate"),
        ("IfcFlowSegment", "IfcPipeSegmentType", "Plumbing"),
        ("IfcFlowSegment", "IfcDuctSegmentType", "Ventilation and climate"),
        ("IfcFlowSegment", "", "Building services"),
        ("IfcBuildingStorey", "", None),
        ("IfcOpeningElement", "", None),
    ],
)
def test_a_discipline_follows_from_the_class(kind: str, type_kind: str, found: str | None) -> None:
    assert discipline(kind, type_kind) == found


def test_details_and_units_pass_through_the_cache(tmp_path: Path) -> None:
    made = Building()
    item = wall(made)
    tie(made, "IfcRelAssociatesMaterial", [item], layered(made, ("砖", 0.1)))
    made.describe([item], "Set", {"Depth": 1.0})
    table = opened(made, tmp_path)
    cache.save(tmp_path / "table.ctc", table)
    again = cache.load(tmp_path / "table.ctc")
    assert isinstance(again, FeatureTable)
    assert of(again, item).entries("materials")[0]["parts"][0]["material"] == "砖"
    assert again.units == table.units


def test_details_that_are_no_json_object_read_as_none() -> None:
    table = FeatureTable.single("a", "Thing")
    for text in ("{", "[1]", '"x"', ""):
        broken = table.with_column("_details", np.array([text], np.dtypes.StringDType()))
        found = details(broken, 0)
        assert not found.entries("materials")
        assert not found.mapping("type")
        assert not found.quantities


def test_every_kind_of_relation_is_documented() -> None:
    used = {kind for *_, forth, back in BOTH_WAYS for kind in (forth, back)}
    assert used | {kind for _, kind in TO_NAMED} <= set(RELATION_KINDS)


def test_a_relation_that_is_ill_typed_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    made = Building()
    items = [wall(made, "A"), wall(made, "B", 3.0)]
    brick = made.file.create_entity("IfcMaterial", "Brick")
    for item in items:
        tie(made, "IfcRelAssociatesMaterial", [item], brick)
        made.describe([item], "Set", {"Depth": 1.0})
    location = Path(made.write(tmp_path))
    lines = location.read_text("utf-8").splitlines()
    for kind in ("IFCRELASSOCIATESMATERIAL", "IFCRELDEFINESBYPROPERTIES"):
        at = next(k for k, line in enumerate(lines) if kind in line)
        lines[at] = (
            lines[at].rpartition("#")[0] + "7);"
        )  # a number where a material or a set must be
    location.write_text("\n".join(lines), "utf-8")
    found = LOADER.source(str(location), Options()).open(SILENT)
    rows = [found.features.row_of(item.GlobalId) for item in items]
    assert found.features["Material"][rows].tolist() == [None, "Brick"]
    told = {
        p.params["kind"]: p.params["count"]
        for p in found.problems
        if p.code == "ifc.relation_unread"
    }
    assert told == {"IfcRelAssociatesMaterial": 1, "IfcRelDefinesByProperties": 1}
