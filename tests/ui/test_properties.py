"""The properties of an object: sections, filter, links, keys, and what is copied."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from loaders.ifc.disciplines import DISCIPLINES
from twin.details import DETAILS, parted, properties
from twin.features import EXTRA, INHERITED, FeatureTable, encode, texts
from twin.jobs import Jobs
from twin.messages import catalogue
from twin.observations import Assessment, Observations
from twin.records import About, SourceRef
from twin.scene import Aspect, CityObject, Layer
from twin.session import Session
from twin.settings import load
from twin.tiles import TileTree
from ui.desk import Desk
from ui.panels.attribute_words import attribute_title, value_title
from ui.panels.inspector import Inspector
from ui.panels.property_items import property_items, property_lines
from ui.panels.sheet_items import Field, Heading, Item, Link, Note, Stack
from ui.theme import LIGHT
from ui.wording import Wording

pytestmark = [pytest.mark.qt, pytest.mark.usefixtures("qapp")]
URI = "https://identifier.buildingsmart.org/uri/nbs/uniclass2015/1/class/Ss_25_10"
LAYERS = [
    {"material": "Brick", "thickness": 0.1},
    {"material": "Air", "thickness": 0.05},
    {"material": "Brick", "thickness": 0.1},
]
WALL: dict[str, Any] = {
    "type": {"name": "Wall 250", "class": "IfcWallType", "id": "T1"},
    "materials": [{"kind": "layers", "name": "Cavity", "parts": LAYERS, "type": True}],
    "classifications": [
        {"system": "Uniclass", "edition": "2015", "code": "Ss_25", "title": "Walls", "uri": URI}
    ],
    "groups": [{"name": "Supply", "class": "IfcSystem", "kind": "system", "serves": ["Block A"]}],
    "relations": {"voided_by": [2], "connected": [99, "x"]},
    "documents": [{"name": "Fire plan", "revision": "C01", "location": "file:///etc/passwd"}],
    "quantities": ["Qto_Wall"],
    "units": {"Set.Depth": "cm"},
}
EXTRAS = {"Set.Rating": "R60", "Set.List": ["a", "b"], INHERITED: ["Set.Rating"]}


def layer() -> Layer:
    kind, kinds = encode(["IfcBuildingStorey", "IfcWall", "IfcOpeningElement", "IfcWall"])
    table = FeatureTable(
        texts(["S", "W", "O", "V"]), kind, kinds, np.array([-1, 0, 1, 0], np.int32),
        np.zeros((4, 6)), name=texts(["Ground", "Wall", "Hole", None]),
        columns={
            "Tag": texts([None, "138", None, None]),
            "Set.Depth": np.array([np.nan, 12.5, np.nan, 2.0]),
            "Set.External": texts([None, "true", None, None]),
            "Qto_Wall.Area": np.array([np.nan, 9.25, np.nan, np.nan]),
            EXTRA: texts([None, orjson.dumps(EXTRAS).decode(), None, None]),
            DETAILS: texts([None, orjson.dumps(WALL).decode(), None, "not json"]),
        },
        units={"Set.Depth": "m", "Qto_Wall.Area": "m²"},
    )  # fmt: skip
    return Layer(
        "a", SourceRef("memory"), "Model", About("test"), TileTree.single(np.zeros(6)), table,
        Observations.empty(), Assessment.unknown(4),
    )  # fmt: skip


@pytest.fixture
def desk() -> Iterator[Desk]:
    session = Session(load({"language": "en"}), Jobs(inline=True))
    session.twin.put_layer(layer(), Aspect.LAYERS)
    yield Desk(session, LIGHT, Wording(session.words))
    session.close()


def wall(desk: Desk, row: int = 1) -> CityObject:
    return desk.session.twin.object("a", row)


def titles(items: list[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Heading)]


def field(items: list[Item], label: str) -> Field | Link:
    return next(x for x in items if isinstance(x, Field | Link) and x.label == label)


def test_properties_say_set_unit_and_where_they_come_from() -> None:
    found = {x.key: (x.group, x.name, x.unit, x.mark) for x in properties(layer().features, 1)}
    assert found == {
        "Tag": ("", "Tag", "", "own"),
        "Set.Depth": ("Set", "Depth", "cm", "own"),
        "Set.External": ("Set", "External", "", "own"),
        "Qto_Wall.Area": ("Qto_Wall", "Area", "m²", "quantity"),
        "Set.Rating": ("Set", "Rating", "", "type"),
        "Set.List": ("Set", "List", "", "own"),
    }
    assert [x.unit for x in properties(layer().features, 3)] == ["m"]


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("height", ("", "height")),
        ("Set.Name", ("Set", "Name")),
        ("Set.No. of risers", ("Set", "No. of risers")),
        ("Rev. notes", ("", "Rev. notes")),
        ("address.street.name", ("address", "street.name")),
    ],
)
def test_a_full_name_parts_at_the_first_dot_that_no_blank_follows(
    key: str, parts: tuple[str, str]
) -> None:
    assert parted(key) == parts


def test_the_page_has_sets_materials_relations_and_documents(desk: Desk) -> None:
    items = property_items(desk, wall(desk))
    assert titles(items) == [
        "General", "Classification", "Materials", "Systems and groups", "Relations", "Documents",
        "Set", "Qto_Wall",
    ]  # fmt: skip
    assert field(items, "Type").value == "Wall 250"
    depth = field(items, "Depth")
    assert isinstance(depth, Field)
    assert (depth.whole, field(items, "External").value) == ("12.5 cm", "yes")
    assert field(items, "Rating").source == "from type"
    assert field(items, "bSDD").value == URI
    assert field(items, "Voided by") == Link(
        "Voided by", "Hole", desk.kind("IfcOpeningElement"), "a", 2
    )
    assert field(items, "Part of") == Link(
        "Part of", "Ground", desk.kind("IfcBuildingStorey"), "a", 0
    )
    assert not any(
        isinstance(x, Link) and x.label == "Parts" for x in items
    )  # the hole is said above
    assert isinstance(field(items, "Address"), Field)  # a file is never opened, only copied


def test_layers_are_drawn_as_thick_as_they_are_and_equal_ones_alike(desk: Desk) -> None:
    items = property_items(desk, wall(desk))
    (stack,) = [x for x in items if isinstance(x, Stack)]
    colours = [colour for colour, _ in stack.layers]
    assert [depth for _, depth in stack.layers] == [0.1, 0.05, 0.1]
    assert colours[0] == colours[2] != colours[1]
    note = next(x.note for x in items if isinstance(x, Heading) and x.text == "Materials")
    assert note == "250 mm"


def test_the_filter_looks_at_set_name_value_and_unit(desk: Desk) -> None:
    def labels(wanted: str) -> list[str]:
        items = property_items(desk, wall(desk), wanted)
        return [x.label for x in items if isinstance(x, Field | Link)]

    assert labels("r60") == ["Rating"]
    assert labels("m²") == ["Area"]
    assert labels("set depth") == ["Depth"]
    assert labels("brick") == ["100 mm", "100 mm"]
    assert labels("hole") == ["Voided by"]
    assert isinstance(property_items(desk, wall(desk), "nowhere")[0], Note)


def test_a_folded_section_shows_its_title_only_and_opens_for_a_filter(desk: Desk) -> None:
    whole, closed = (
        property_items(desk, wall(desk)),
        property_items(desk, wall(desk), "", {"set:Set"}),
    )
    assert titles(whole) == titles(closed)
    assert len(whole) - len(closed) == 4
    assert titles(property_items(desk, wall(desk), "r60", {"set:Set"})) == ["Set"]


def test_all_that_is_shown_is_copied_as_a_table(desk: Desk) -> None:
    lines = property_lines(desk, wall(desk), "qto")
    assert lines == ["Qto_Wall\tArea\t9.25\tm²\t"]
    assert len(property_lines(desk, wall(desk))) > 12


def test_an_object_with_plain_attributes_has_a_page_too(desk: Desk) -> None:
    items = property_items(desk, wall(desk, 3))
    assert titles(items) == ["General", "Relations", "Set"]


def test_the_keys_go_through_the_page_fold_and_follow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toString()))
    desk.session.select({"a": np.array([1], np.int32)})
    panel = Inspector(desk)
    panel.show()
    panel.show_tab("attributes")
    sheet = panel.sheet
    sheet.setFocus(Qt.FocusReason.TabFocusReason)

    def current() -> Item:
        return sheet.items[sheet._current]

    def go(label: str) -> None:
        for _ in range(len(sheet.items)):
            item = current()
            if isinstance(item, Field | Link) and item.label == label:
                return
            QTest.keyClick(sheet, Qt.Key.Key_Down)
        raise AssertionError(label)

    sheet._move(1)
    first = current()
    assert isinstance(first, Heading)
    assert first.text == "General"
    QTest.keyClick(sheet, Qt.Key.Key_Left)
    assert panel.folded == {"title"}
    QTest.keyClick(sheet, Qt.Key.Key_Left)
    assert panel.folded == {"title"}
    QTest.keyClick(sheet, Qt.Key.Key_Right)
    assert panel.folded == set()
    go("bSDD")
    assert asked == []
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert asked == [URI]
    go("Depth")
    QTest.keyClick(sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "12.5 cm"
    for _ in sheet.items:
        QTest.keyClick(sheet, Qt.Key.Key_PageUp)
    go("Voided by")
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert desk.session.selected["a"].tolist() == [2]


def test_attributes_and_disciplines_are_said_in_the_language_of_the_window() -> None:
    session = Session(load({"language": "zh"}), Jobs(inline=True))
    chinese = Desk(session, LIGHT, Wording(session.words))
    assert attribute_title(chinese, "Storey") == "楼层"
    assert attribute_title(chinese, "roof_height") == "roof_height"
    assert value_title(chinese, "Discipline", "Ventilation and climate") == "暖通空调"
    assert value_title(chinese, "Material", "Other") == "Other"
    session.close()


def test_every_discipline_has_its_words_in_both_languages() -> None:
    for language in ("en", "zh"):
        words = Wording(catalogue(language))
        for name in DISCIPLINES:
            assert words.has(f"discipline.{name.lower().replace(' ', '_')}")
