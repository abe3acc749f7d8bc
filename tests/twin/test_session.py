"""The main job without a window: open, place, judge, colour, stream, undo."""

from pathlib import Path

import numpy as np
import pytest

from twin.errors import NotFound, UnknownFormat
from twin.jobs import Jobs
from twin.observations import STATUSES
from twin.records import Display
from twin.scene import Aspect
from twin.session import Session, instant
from twin.settings import Settings
from twin.tiles import View


def session(folder: Path) -> Session:
    return Session(Settings(cache_folder=str(folder)), Jobs(inline=True))


def overview(found: Session) -> View:
    box = found.twin.bounds
    center, reach = (box[:3] + box[3:]) / 2, np.linalg.norm(box[3:] - box[:3])
    slope = np.array([0.0, 1.0, -1.0]) / np.sqrt(2)
    return View(center - slope * reach, slope, np.array([0.0, 1, 1]) / np.sqrt(2), 45, (640, 480))


def test_the_sample_city_shows_every_status_and_counts_nothing_twice(
    tmp_path: Path, sample_models: Path
) -> None:
    city = session(tmp_path)
    city.open_manifest(sample_models / "demo.toml")
    city.index()
    assert city.errors == []
    assert city.project is not None
    assert city.project.crs == "EPSG:28992"
    counted = {entry.key: entry.count for entry in city.painting().entries}
    assert {*STATUSES, "suspect"} == {key for key, count in counted.items() if count}
    city.run("layers.show", layer="delft_tileset")
    again = {entry.key: entry.count for entry in city.painting().entries}
    assert again == counted
    assert len(city.twin.layer("delft_tileset").features) > 100


def test_the_tileset_lies_on_the_same_ground_as_the_city_it_was_made_of(
    tmp_path: Path, sample_models: Path
) -> None:
    city = session(tmp_path)
    city.open_manifest(sample_models / "demo.toml")
    city.index()
    first, second = city.twin.layer("delft"), city.twin.layer("delft_tileset")
    rows = [first.features.row_of(str(key)) for key in second.features.id]
    found = np.isfinite(second.features.bounds).all(axis=1)
    shift = np.abs(first.features.bounds[rows] - second.features.bounds)[found]
    assert np.median(shift) < 0.05
    assert shift[:, [0, 1, 3, 4]].max() < 0.5


def test_a_view_settles_complete_and_a_tile_drawn_has_rows(tmp_path: Path, tiny: Path) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny_tileset"))
    city.finish()
    frame = city.settle(overview(city))
    assert frame.complete
    assert frame.drawn == frame.wanted > 0
    layer = next(iter(city.twin.layers.values()))
    part = frame.layers[layer.id]
    assert len(part.state) == len(layer.features)
    for tile in part.tiles.values():
        for item in tile.drawables:
            assert item.feature.max(initial=-1) < len(tile.rows)
        assert tile.rows.max() < len(layer.features)


def test_a_missing_neighbour_loses_nobody_else(tmp_path: Path, tiny: Path) -> None:
    city = session(tmp_path)
    (tmp_path / "x.json").write_text("{")
    for location in (tmp_path / "no.json", tmp_path / "x.json", tiny / "delft_tiny.city.json"):
        city.open(str(location))
    city.finish()
    assert [type(error) for _, error in city.errors] == [NotFound, UnknownFormat] or {
        type(error) for _, error in city.errors
    } >= {NotFound}
    assert len(city.errors) == 2
    assert len(city.twin.layers) == 1


def test_removing_a_layer_is_undone_with_its_tiles(tmp_path: Path, tiny: Path) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    view = overview(city)
    before = city.settle(view)
    key = next(iter(city.twin.layers))
    city.run("layers.remove", layer=key)
    assert not city.frame(view).layers
    assert city.undo() == "layers.remove"
    after = city.settle(view)
    assert after.layers[key].tiles.keys() == before.layers[key].tiles.keys()


def test_hiding_filtering_and_selecting_change_states_not_tiles(
    tmp_path: Path, tiny: Path
) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    view, key = overview(city), next(iter(city.twin.layers))
    first = city.settle(view).layers[key]
    city.select({key: np.array([0, 2], np.int32)})
    second = city.frame(view).layers[key]
    assert second.version != first.version
    assert np.flatnonzero(second.state[:, 3] != first.state[:, 3]).tolist() == [0, 2]
    assert all(second.tiles[t] is first.tiles[t] for t in first.tiles)
    city.run("objects.hide")
    assert not city.passing(key)[[0, 2]].any()
    city.undo()
    assert city.passing(key).all()
    city.set_filter({"no such entry"}, isolate=True)
    assert not city.passing(key).any()
    assert city.frame(view).layers[key].version != second.version


def test_a_still_session_gives_the_very_same_states(tmp_path: Path, tiny: Path) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    view, key = overview(city), next(iter(city.twin.layers))
    one, two = city.settle(view).layers[key], city.frame(view).layers[key]
    assert one.state is two.state
    assert one.version == two.version


def test_observers_hear_of_arrivals_once_they_can_be_read(tmp_path: Path, tiny: Path) -> None:
    city = session(tmp_path)
    seen: list[tuple[Aspect, int]] = []
    city.twin.changed.connect(lambda c: seen.append((c.aspect, len(city.twin.layers))))
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    assert (Aspect.LAYERS, 1) in seen
    assert (Aspect.ASSESSMENT, 1) in seen


def test_an_instant_is_read_as_utc() -> None:
    assert instant("2026-11-23") == np.datetime64("2026-11-23T00:00:00.000")
    with pytest.raises(Exception, match="not a date"):
        instant("soon")


def test_as_of_the_past_hides_what_was_not_there_yet(tmp_path: Path, sample_models: Path) -> None:
    city = session(tmp_path)
    city.open(str(sample_models / "kiosk.city.json"))
    city.finish()
    key = next(iter(city.twin.layers))
    assert city.twin.layer(key).features.valid_to is not None or (
        city.twin.layer(key).features.terminated is not None
    )


def test_a_project_comes_back_as_it_was_left(tmp_path: Path, tiny: Path) -> None:
    path = tmp_path / "city.twin.gpkg"
    city = session(tmp_path)
    city.keeper.create(path)
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    key = next(iter(city.twin.layers))
    column = next(
        name for name, values in city.twin.layer(key).features.columns.items()
        if values.dtype.kind == "T"
    )  # fmt: skip
    city.select({key: np.array([1], np.int32)})
    city.run("objects.hide")
    first = str(city.twin.layer(key).features.id[0])
    city.run("attributes.set", layer=key, id=first, column=column, value="corrected")
    city.run("view.color_by", column="kind")
    city.run("layers.display", layer=key, opacity="0.5", height_offset="-3.5", max_error="4")
    city.close()
    again = session(tmp_path)
    again.open(str(path))
    again.finish()
    assert again.errors == []
    layer = again.twin.layer(key)
    assert layer.features[column][0] == "corrected"
    assert layer.hidden is not None
    assert layer.hidden[1]
    assert again.twin.color_by.column == "kind"
    assert layer.display == Display(max_error=4.0, opacity=0.5, height_offset=-3.5)
    assert layer.source.sha256
    assert again.project_path == path
    actions = [entry["action"] for entry in again.journal()]
    assert actions == ["project.create", "layer.add", "cells.set", "layer.display"]
    store = again.keeper.store
    assert store is not None
    assert store.verify()
    again.close()


def test_a_missing_source_stays_in_the_project(tmp_path: Path, tiny: Path) -> None:
    source, path = tmp_path / "a.city.json", tmp_path / "p.twin.gpkg"
    source.write_bytes((tiny / "delft_tiny.city.json").read_bytes())
    city = session(tmp_path)
    city.keeper.create(path)
    city.open(str(source))
    city.finish()
    city.close()
    source.rename(tmp_path / "b.city.json")
    away = session(tmp_path)
    away.open(str(path))
    away.finish()
    assert [type(error) for _, error in away.errors] == [NotFound]
    away.close()
    (tmp_path / "b.city.json").rename(source)
    back = session(tmp_path)
    back.open(str(path))
    back.finish()
    assert len(back.twin.layers) == 1
    back.close()


def test_a_project_that_is_none_is_said_and_loses_nothing(tmp_path: Path, tiny: Path) -> None:
    city = session(tmp_path)
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    (tmp_path / "x.twin.gpkg").write_bytes(b"not a database at all" * 100)
    city.open(str(tmp_path / "x.twin.gpkg"))
    assert next(error.code for _, error in city.errors).startswith("store")
    assert len(city.twin.layers) == 1


def test_unsaved_work_lies_in_the_autosave_folder_until_it_is_saved(
    tmp_path: Path, tiny: Path
) -> None:
    city = session(tmp_path)
    city.keeper.folder = tmp_path / "autosave"
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    assert not city.keeper.saved
    assert len(list((tmp_path / "autosave").glob("*.gpkg"))) == 1
    city.save_as(tmp_path / "mine.twin.gpkg")
    assert city.project_path == tmp_path / "mine.twin.gpkg"
    assert list((tmp_path / "autosave").glob("*.gpkg")) == []
    city.run("layers.rename", layer=next(iter(city.twin.layers)), title="New title")
    city.close()
    again = session(tmp_path)
    again.open(str(tmp_path / "mine.twin.gpkg"))
    again.finish()
    assert [layer.title for layer in again.twin.layers.values()] == ["New title"]
    again.close()


def test_two_representations_of_an_object_have_one_verdict(
    tmp_path: Path, sample_models: Path
) -> None:
    city = session(tmp_path)
    city.open_manifest(sample_models / "demo.toml")
    city.index()
    first, second = city.twin.layer("delft"), city.twin.layer("delft_tileset")
    rows = [first.features.row_of(str(key)) for key in second.features.id]
    assert np.array_equal(first.assessment.status[rows], second.assessment.status)
    assert np.array_equal(first.assessment.suspect[rows], second.assessment.suspect)
    one = [first.assessment.custodians[i] for i in first.assessment.custodian[rows]]
    two = [second.assessment.custodians[i] for i in second.assessment.custodian]
    assert one == two
    assert second.features.kinds != ("Feature",)


def test_rule_files_are_chosen_by_command_and_undone(tmp_path: Path, sample_models: Path) -> None:
    city = session(tmp_path)
    city.open(str(sample_models / "delft.city.json"))
    city.finish()
    before = city.twin.layer("delft").assessment.status
    city.run("rules.policy", path=str(sample_models / "policy.toml"))
    city.run("rules.custodians", path=str(sample_models / "custodians.toml"))
    city.finish()
    after = city.twin.layer("delft").assessment
    assert len(set(after.status.tolist())) > len(set(before.tolist()))
    assert (after.custodian >= 0).all()
    city.undo()
    city.undo()
    city.finish()
    assert np.array_equal(city.twin.layer("delft").assessment.status, before)
    with pytest.raises(NotFound):
        city.run("rules.policy", path=str(tmp_path / "none.toml"))


def test_the_settings_name_the_rules_to_start_with(tmp_path: Path, sample_models: Path) -> None:
    policy = str(sample_models / "policy.toml")
    made = Settings(
        cache_folder=str(tmp_path), default_policy=policy, default_custodians="no.toml"
    )
    city = Session(made, Jobs(inline=True))
    assert city.rules.policies
    assert [type(error) for _, error in city.errors] == [NotFound]


def test_times_without_an_offset_are_read_in_the_zone_of_the_settings(
    tmp_path: Path, sample_models: Path
) -> None:
    seen = []
    for zone in ("UTC", "Asia/Shanghai"):
        made = Settings(cache_folder=str(tmp_path), time_zone=zone)
        city = Session(made, Jobs(inline=True))
        city.open(str(sample_models / "delft.city.json"))
        city.finish()
        seen.append(city.twin.layer("delft").assessment.t_eff)
    shift = (seen[0] - seen[1]).astype("timedelta64[h]").astype(int)
    assert set(shift[:50].tolist()) == {8}


def test_a_view_is_saved_and_comes_back_with_the_project(tmp_path: Path) -> None:
    city = session(tmp_path)
    city.keeper.create(tmp_path / "p.twin.gpkg")
    city.run("bookmarks.add", id="b1", title="Market", eye="1,2,3", target="0,0,0")
    city.close()
    again = session(tmp_path)
    again.open(str(tmp_path / "p.twin.gpkg"))
    assert again.twin.records["bookmarks"]["b1"].eye == (1.0, 2.0, 3.0)
    again.close()


def test_layers_stand_in_the_order_in_which_they_were_asked_for(tmp_path: Path) -> None:
    """Whatever comes first from the workers: what is old and what is new must not depend on it."""
    data = Path(__file__).resolve().parents[1] / "data"
    names = ["delft_tiny.city.json", "simple_wall.ifc", "delft_tiny_tileset"]
    for asked in (names, names[::-1]):
        city = Session(Settings(cache_folder=str(tmp_path)))
        for name in asked:
            city.open(str(data / name))
        assert city.finish(60.0)
        found = [Path(layer.source.path) for layer in city.twin.layers.values()]
        city.close()
        assert [next(n for n in names if n in str(path)) for path in found] == asked
