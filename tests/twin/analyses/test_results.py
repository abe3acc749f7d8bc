"""Results: documents that come back, stamps, fingerprints that change exactly when inputs do."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.analyses.studies import study_of
from twin.analyses.comparison import change_of
from twin.analyses.documents import as_document, from_document, packed, unpacked
from twin.analyses.findings import Findings, Marks, Sheet, Values
from twin.analyses.fingerprints import packed_ids, unpacked_ids
from twin.analyses.heights import Heights
from twin.analyses.registry import class_of, made, names
from twin.analyses.results import Result
from twin.errors import NothingToStudy, StudyTooLarge, UsageError
from twin.jobs import SILENT, Jobs
from twin.scene import Aspect
from twin.session import Session
from twin.settings import Settings

SAMPLES = Path(__file__).resolve().parents[3] / "sample_models"
ROW = [(0.0, 0, 0, 10, 8, 6), (20.0, 0, 0, 30, 8, 9)]


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=12), max_size=20))
def test_packed_ids_come_back(ids: list[str]) -> None:
    assert unpacked_ids(packed_ids(ids)) == ids


@given(st.lists(st.tuples(*[st.floats(-1e7, 1e7)] * 3), min_size=1, max_size=5))
def test_places_are_written_plainly_or_in_json(places: list[tuple[float, float, float]]) -> None:
    plain = ";".join(",".join(map(repr, one)) for one in places)
    assert made("profile", {"points": plain}) == made("profile", {"points": json.dumps(places)})
    assert made("profile", {"points": plain}) == made("profile", {"points": places})
    eye = ",".join(map(repr, places[0]))
    assert made("line_of_sight", {"eye": eye}) == made("line_of_sight", {"eye": places[0]})


PICKED = {
    "point": "5,6,7", "points": "5,6,7", "path": "5,6,7;9,6,7", "area": "0,0,0;9,0,0;9,9,0",
    "plan": "0,0;9,0;9,9",
}  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_the_reach_of_every_analysis_is_a_finite_box_or_the_whole_city(name: str) -> None:
    settings = {
        one.name: PICKED[one.metadata["pick"]]
        for one in fields(class_of(name))
        if one.metadata.get("pick") in PICKED
    }
    if "target" in settings:
        settings["target"] = "50,6,7"
    reach = made(name, settings).reach()
    if reach is not None:
        assert reach.shape == (6,)
        assert np.isfinite(reach).all()
        assert (reach[:3] <= reach[3:]).all()


@pytest.mark.parametrize("wrong", ["1,2;x", "1;;2,", "a", "[1, 2", "1,2,3;4,5,6"])
def test_what_is_no_place_says_how_places_are_written(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"eye: .* is no place; write x,y,z"):
        made("line_of_sight", {"eye": wrong})


@given(st.binary(max_size=60))
def test_damaged_ids_are_refused(noise: bytes) -> None:
    with suppress(UsageError):
        unpacked_ids(noise.decode("latin-1"))


def test_findings_come_back_from_their_document() -> None:
    study = study_of(ROW)
    tables = {"city": study.layers[0].features}
    rows = np.array([1, 0], np.int32)
    lines = Marks(
        "axis",
        "lines",
        np.arange(12.0).reshape(2, 2, 3),
        np.array([1.0, np.nan]),
        (0, 1),
        "h",
        "bad",
    )
    sheet = Sheet(
        "t", ("a", "b"), ("", "m"), (("x", 1.5), (None, 2.0)), (("city", "b1"), ("city", "b0"))
    )
    found = Findings(
        {"n": 2.0, "none": float("inf")}, {"n": "m"}, (sheet,), (lines,),
        (Values("city", "v", rows, np.array([2.5, -1.0]), "h"),), {}, ("note",),
    )  # fmt: skip
    back = from_document(as_document(found, tables), tables)
    assert (back.figures, back.units, back.notes) == (found.figures, found.units, found.notes)
    assert back.sheets == found.sheets
    assert np.array_equal(back.marks[0].places, lines.places)
    assert np.array_equal(back.marks[0].values, lines.values, equal_nan=True)  # type: ignore[arg-type]
    assert back.values[0].rows.tolist() == [1, 0]
    assert from_document(as_document(found, tables), {}).values[0].rows.tolist() == []


@pytest.mark.parametrize(
    "damage",
    [{"shape": [10**12]}, {"shape": [5]}, {"shape": [-2, -1]}, {"data": "%"}, {"type": "x"}],
)
def test_a_damaged_array_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        unpacked({**packed(np.arange(2.0)), **damage})


def test_before_and_after_stand_side_by_side() -> None:
    before = Heights().run(study_of(ROW), SILENT)
    after = Heights().run(study_of([(0.0, 0, 0, 10, 8, 7), *ROW[1:]]), SILENT)
    found = change_of(before, after)
    assert found.figures["highest:change"] == 0
    row = dict(zip(found.sheets[0].columns, found.sheets[0].rows[0], strict=True))
    assert (row["above:before"], row["above"], row["above:change"]) == (6.0, 7.0, 1.0)
    assert found.values[-1].name == "above:change"


@pytest.mark.parametrize(
    "settings",
    [{"nope": "1"}, {"lowest": "x"}, {"lowest": "nan"}, {"lowest": "-1"}, {"lowest": "1e9"}],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        made("heights", settings)


# -- from a session ---------------------------------------------------------------------------------


@pytest.fixture
def city() -> Iterator[Session]:
    session = Session(Settings(), Jobs(inline=True))
    session.open(str(SAMPLES / "delft.city.json"))
    session.finish()
    yield session
    session.close()


def asked(session: Session, **settings: Any) -> Result:
    return session.awaited(session.analyse("heights", settings))


def test_a_result_is_stamped_and_rests_on_what_it_says(city: Session) -> None:
    result = asked(city, kind="Building")
    stamp = result.stamp
    assert (
        stamp.used
        == stamp.inputs[0].objects
        == len(result.answer(city.tables(result)).values[0].rows)
    )
    assert stamp.inputs[0].tiles == 1
    assert len(stamp.inputs[0].sha256) == 64
    assert stamp.crs == "EPSG:28992"
    assert city.changed_inputs(result) == ()
    assert asked(city, kind="Building").stamp.fingerprint == stamp.fingerprint
    assert asked(city, kind="Bridge").stamp.fingerprint != stamp.fingerprint


STEPS = [
    ("objects.hide", {}, "hidden"),
    ("attributes.set", {"layer": "delft", "column": "bgt_status", "value": "other"}, "attributes"),
    ("layers.display", {"layer": "delft", "height_offset": "5"}, "source"),
    ("layers.remove", {"layer": "delft"}, "gone"),
]


@pytest.mark.parametrize(("name", "arguments", "what"), STEPS)
def test_amber_comes_with_a_change_of_inputs_and_goes_with_its_undo(
    city: Session, name: str, arguments: dict[str, str], what: str
) -> None:
    result = asked(city, kind="Building")
    table = city.twin.layer("delft").features
    rows = np.array([table.rows_by_id[key] for key in result.stamp.inputs[0].named[:2]], np.int32)
    city.select({"delft": rows})
    named = {"id": str(table.id[rows[0]])} if name == "attributes.set" else {}
    city.run(name, **arguments, **named)
    assert [x.what for x in city.changed_inputs(result)] == [what]
    city.undo()
    assert city.changed_inputs(result) == ()


def test_the_stamp_counts_what_was_touched_and_names_it(city: Session) -> None:
    result = asked(city, kind="Building")
    layer = city.twin.layer("delft")
    table = layer.features
    rows = np.array([table.rows_by_id[key] for key in result.stamp.inputs[0].named[:3]], np.int32)
    bounds = table.bounds.copy()
    bounds[rows[:2]] += 1.0
    moved = replace(layer, features=replace(table, bounds=bounds))
    city.twin.put_layer(moved, Aspect.FEATURES)
    (one,) = city.changed_inputs(result)
    assert (one.what, one.kinds) == ("moved", (("Building", 2),))
    ids = table.id.copy()
    ids[rows] = ["x", "y", "z"]
    city.twin.put_layer(replace(layer, features=replace(table, id=ids)), Aspect.FEATURES)
    assert [(x.what, x.count) for x in city.changed_inputs(result)] == [("missing", 3)]


def test_newer_data_on_disk_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.city.json"
    path.write_bytes((SAMPLES / "kiosk.city.json").read_bytes())
    session = Session(Settings(), Jobs(inline=True))
    session.open(str(path))
    session.finish()
    result = asked(session)
    path.write_bytes(path.read_bytes() + b"\n")
    session.standing.touch()
    session.changed_inputs(result)
    session.finish()
    session.drain()
    assert [x.what for x in session.changed_inputs(result)] == ["data"]
    session.close()


def test_what_is_no_input_turns_nothing_amber(city: Session) -> None:
    result = asked(city)
    city.run("view.color_by", column="kind")
    city.run("bookmarks.add", id="v", title="V", eye="0,0,9", target="0,0,0")
    city.run("scenarios.add", title="B")
    city.set_instants(np.datetime64("2030-01-01", "ms"))
    city.finish()
    city.drain()
    assert city.changed_inputs(result) == ()


def test_a_scenario_is_an_input(city: Session) -> None:
    low = city.twin.layer("delft").bounds
    x, y = float(low[0]), float(low[1])
    city.run("scenarios.add", title="A", id="A")
    ring = f"{x},{y};{x + 10},{y};{x + 10},{y + 10};{x},{y + 10}"
    city.run("scenarios.block", ring=ring, height="200")
    result = city.awaited(city.analyse("heights", against=""))
    figures = result.answer(city.tables(result)).figures
    assert figures["highest"] == pytest.approx(200.0, abs=0.01)
    assert figures["objects:change"] == 1
    assert result.scenario == "A"
    city.run("scenarios.change", edit="E1", what="height", value="20")
    assert [(x.what, x.title) for x in city.changed_inputs(result)] == [("step_block_other", "E1")]
    city.undo()
    assert city.changed_inputs(result) == ()
    key = str(city.twin.layer("delft").features.id[0])
    city.run("scenarios.move", layer="delft", objects=key, shift="3,0,0")
    city.run("scenarios.drop", edit="E1")
    told = [(x.what, x.count) for x in city.changed_inputs(result)]
    assert told == [("step_move_new", 1), ("step_block_gone", 0)]


def test_hidden_objects_are_left_out_and_the_camera_changes_nothing(city: Session) -> None:
    whole = asked(city, kind="Building")
    key = whole.stamp.inputs[0].named[0]
    table = city.twin.layer("delft").features
    city.select({"delft": np.array([table.rows_by_id[key]], np.int32)})
    city.run("objects.hide")
    assert asked(city, kind="Building").stamp.used == whole.stamp.used - 1


def test_a_result_is_kept_and_comes_back_with_the_project(city: Session, tmp_path: Path) -> None:
    result = asked(city, kind="Building")
    city.run("results.keep", id=result.id, title="Kept")
    city.save_as(tmp_path / "a.twin.gpkg")
    city.close()
    again = Session(Settings(), Jobs(inline=True))
    again.open(str(tmp_path / "a.twin.gpkg"))
    again.finish()
    kept = again.results()[result.id]
    assert kept == replace(result, title="Kept")
    assert again.changed_inputs(kept) == ()
    assert again.awaited(again.run_again(kept.id)).stamp.fingerprint == kept.stamp.fingerprint
    again.close()


def test_nothing_visible_and_too_much_are_said(city: Session) -> None:
    with pytest.raises(UsageError):
        city.analyse("nope")
    city.set_settings(replace(city.settings, analysis_mb=0))
    with pytest.raises(StudyTooLarge):
        asked(city)
    city.run("layers.hide", layer="delft")
    with pytest.raises(NothingToStudy):
        city.analyse("heights")


def test_a_cancelled_analysis_leaves_nothing_behind(city: Session) -> None:
    inquiry = city.analyse("heights")
    inquiry.step()
    city.cancel(inquiry.number)
    city.finish()
    city.drain()
    assert inquiry.cancelled
    assert (city.answers, city.inquiries) == ({}, [])
    assert asked(city).stamp.used > 0
