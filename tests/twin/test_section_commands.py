"""Sections by name: added, moved, hidden, undone, kept in the project and its journal."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twin.errors import UsageError
from twin.features import texts
from twin.jobs import Jobs
from twin.records import Section
from twin.scene import Aspect
from twin.sections import equations, is_box
from twin.session import Session
from twin.settings import Settings


def session(folder: Path, *paths: Path) -> Session:
    city = Session(Settings(cache_folder=str(folder)), Jobs(inline=True))
    for path in paths:
        city.open(str(path))
    city.finish()
    return city


@pytest.fixture
def city(tmp_path: Path, tiny: Path) -> Session:
    return session(tmp_path, tiny / "delft_tiny.city.json")


def only(city: Session) -> Section:
    (found,) = city.twin.records["sections"].values()
    assert isinstance(found, Section)
    return found


def test_a_plane_is_added_by_numbers_and_undone(city: Session) -> None:
    city.run("sections.add", title="A-A", planes="1,2,3,0,0,2")
    assert only(city).planes[0].normal == (0.0, 0.0, 1.0)
    assert only(city).title == "A-A"
    city.undo()
    assert city.twin.records["sections"] == {}
    city.redo()
    assert equations([only(city)]).tolist() == [[0, 0, 1, 3]]


def test_a_box_goes_round_everything_and_round_what_is_selected(city: Session) -> None:
    city.run("sections.box_around", title="All", what="all", margin="0")
    assert is_box(only(city))
    layer = next(iter(city.twin.layers.values()))
    rows = np.flatnonzero(np.isfinite(layer.features.bounds).all(axis=1))[:1].astype(np.int32)
    city.select({layer.id: rows})
    city.run("sections.box_around", title="One", id="one")
    box = layer.boxes(rows)[0]
    points = np.array([plane.point for plane in city.twin.records["sections"]["one"].planes])
    assert points[5][2] == pytest.approx(box[5] + 0.5)
    assert points[0][0] == pytest.approx(box[0] - 0.5)


def test_a_level_section_stands_at_its_height_over_the_middle(city: Session) -> None:
    city.run("sections.at", title="3 m", height="3")
    plane = only(city).planes[0]
    assert plane.point[2] == 3.0
    assert plane.normal == (0.0, 0.0, 1.0)


def test_sections_move_turn_round_hide_and_get_names(city: Session) -> None:
    city.run("sections.add", title="A", planes="0,0,5,0,0,1", id="a")
    city.run("sections.move", id="a", distance="-1.5")
    city.run("sections.flip", id="a")
    city.run("sections.rename", id="A", title=" B ")
    city.run("sections.hide")
    found = city.twin.records["sections"]["a"]
    assert found.planes[0].point == (0.0, 0.0, 3.5)
    assert found.planes[0].normal == (0.0, 0.0, -1.0)
    assert (found.title, found.visible) == ("B", False)
    city.run("sections.show", id="a")
    city.run("sections.set", id="a", box="0,0,0,1,2,3", turned="30")
    assert is_box(city.twin.records["sections"]["a"])
    city.run("sections.remove", id="a")
    assert city.twin.records["sections"] == {}
    for _ in range(8):
        city.undo()
    assert city.twin.records["sections"] == {}


def test_ids_are_found_for_sections_that_bring_none(city: Session) -> None:
    for title in "AB":
        city.run("sections.add", title=title, planes="0,0,1,0,0,1")
    city.run("sections.remove", id="section-1")
    city.run("sections.add", title="C", planes="0,0,1,0,0,1")
    assert set(city.twin.records["sections"]) == {"section-1", "section-2"}


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("add", {"title": " ", "planes": "0,0,0,0,0,1"}, "empty"),
        ("add", {"title": "A"}, "planes or by a box"),
        ("add", {"title": "A", "planes": "0,0,0,0,0,0"}, "without length"),
        ("add", {"title": "A", "planes": "0,0,0,1"}, "6 numbers"),
        ("add", {"title": "A", "planes": "0,0,nan,0,0,1"}, "finite"),
        ("add", {"title": "A", "planes": "0,0,0,0,0,1;" * 65}, "65 planes"),
        ("add", {"title": "A", "box": "0,0,0,0,1,1"}, "no inside"),
        ("add", {"title": "A", "planes": "0,0,0,0,0,1", "id": "a"}, "already"),
        ("box_around", {"title": "A"}, "nothing is selected"),
        ("box_around", {"title": "A", "what": "this"}, "neither"),
        ("box_around", {"title": "A", "what": "all", "margin": "-1e6"}, "leaves nothing"),
        ("at", {"title": "A", "height": "high"}, "not a number"),
        ("at", {"title": "A", "storey": "Attic"}, "no storey 'Attic'"),
        ("set", {"id": "b", "planes": "0,0,0,0,0,1"}, "no section 'b'"),
        ("flip", {"id": "box"}, "6 planes"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_its_reason(
    city: Session, name: str, arguments: dict[str, str], reason: str
) -> None:
    city.run("sections.add", title="A", planes="0,0,5,0,0,1", id="a")
    city.run("sections.add", title="Box", box="0,0,0,1,1,1", id="box")
    with pytest.raises(UsageError, match=reason):
        city.run(f"sections.{name}", **arguments)


def test_sections_are_kept_in_the_project_and_its_journal(tmp_path: Path) -> None:
    city = session(tmp_path)
    city.keeper.create(tmp_path / "p.twin.gpkg")
    city.run("sections.add", title="Box", box="0,0,0,1,2,3", id="box")
    city.run("sections.hide", id="box")
    kept = only(city)
    actions = [entry["action"] for entry in city.journal()]
    city.close()
    assert "sections.set" in actions
    again = session(tmp_path)
    again.open(str(tmp_path / "p.twin.gpkg"))
    assert only(again) == kept
    assert not only(again).visible
    again.close()


def test_a_storey_is_cut_above_where_most_of_its_walls_begin(city: Session) -> None:
    layer = next(iter(city.twin.layers.values()))
    table, count = layer.features, len(layer.features)
    heights = np.tile(np.array([0.0, 0, 0, 1, 1, 1]), (count, 1))
    heights[:, 2] = np.arange(count)
    kinds = ("IfcSlab", "IfcWallStandardCase")
    table = replace(
        table.with_column("Storey", texts(["Ground"] + ["First"] * (count - 1))),
        kinds=kinds,
        kind=(np.arange(count) >= count - 3).astype(np.uint16),
        bounds=heights,
    )
    city.twin.put_layer(replace(layer, features=table), Aspect.FEATURES)
    city.run("sections.at", title="Plan", storey="First", height="1.2", id="first")
    assert city.twin.records["sections"]["first"].planes[0].point[2] == count - 2 + 1.2
    city.run("sections.at", title="Plan", storey="Ground", id="ground")
    assert city.twin.records["sections"]["ground"].planes[0].point[2] == 1.2
