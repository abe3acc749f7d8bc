"""Saved views: what makes the picture comes back as it was, and nothing else is touched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.commands import Context, make
from twin.commands.views import in_order
from twin.edits import AddLayer, SetColorBy, SetHidden, SetRecord, SetVisible
from twin.errors import UsageError
from twin.features import FeatureTable, texts
from twin.jobs import Jobs
from twin.observations import Assessment, Observations
from twin.presenting.looks import SECTION, Look, look_names, shown, taken
from twin.records import About, Bookmark, Section, SectionPlane, SourceRef
from twin.scene import Layer, Twin
from twin.session import Session
from twin.settings import Settings
from twin.shown import Filter
from twin.store import open_project
from twin.style import ColorBy
from twin.tiles import TileTree

DAY = np.datetime64("2024-05-01", "ms")
UP = SectionPlane((0.0, 0.0, 3.0), (0.0, 0.0, 1.0))


def layer(name: str, n: int = 6) -> Layer:
    table = FeatureTable(
        texts([f"{name}{i}" for i in range(n)]),
        np.zeros(n, np.uint16), ("Building",), np.full(n, -1, np.int32), np.zeros((n, 6)),
    )  # fmt: skip
    tree = TileTree.single(np.array([0.0, 0, 0, 1, 1, 1]))
    return Layer(
        name, SourceRef(f"{name}.json"), name.title(), About("cityjson"), tree, table,
        Observations.empty(), Assessment.unknown(n),
    )  # fmt: skip


def twin() -> Twin:
    made = Twin()
    for name in ("a", "b"):
        AddLayer(layer(name)).apply(made)
    return made


def seen_of(city: Twin) -> tuple[object, ...]:
    """Return everything of the twin that makes the picture."""
    hidden = {
        key: set(np.flatnonzero(x.hidden).tolist()) if x.hidden is not None else set()
        for key, x in city.layers.items()
    }
    sections = {x.planes for x in city.records["sections"].values() if x.visible}
    return {k: x.visible for k, x in city.layers.items()}, hidden, city.color_by, sections


states = st.fixed_dictionaries(
    {
        "visible": st.tuples(st.booleans(), st.booleans()),
        "hidden": st.tuples(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5))),
        "color": st.sampled_from(["freshness", "", "kind"]),
        "cut": st.booleans(),
    }
)


def bring(city: Twin, state: dict[str, Any]) -> None:
    for key, on, rows in zip("ab", state["visible"], state["hidden"], strict=True):
        SetVisible(key, on).apply(city)
        flags = np.isin(np.arange(6), sorted(rows))
        SetHidden(key, np.arange(6, dtype=np.int32), flags).apply(city)
    SetColorBy(ColorBy(state["color"])).apply(city)
    section = Section("s", "Level", (UP,), visible=state["cut"])
    SetRecord("sections", "s", section).apply(city)


@settings(max_examples=40, deadline=None)
@given(states, states)
def test_a_view_comes_back_whatever_was_changed_since_and_undo_undoes(
    then: dict[str, Any], now: dict[str, Any]
) -> None:
    city = twin()
    bring(city, then)
    wanted, kept = (
        seen_of(city),
        Bookmark("v", "V", (0, 0, 9), (0, 0, 0), settings=taken(city, Look())),
    )
    bring(city, now)
    before = seen_of(city)
    change = shown(city, Look(), kept)
    inverse = change.edit.apply(city)
    assert seen_of(city) == wanted
    assert not change.edit.journal  # looking is no change worth the journal
    assert not shown(city, Look(), kept).edit.edits  # once there, there is nothing to do
    inverse.apply(city)
    assert seen_of(city) == before


def test_what_the_session_shows_comes_back(tmp_path: Path) -> None:
    city = twin()
    then = Look(
        Filter(frozenset({"stale"}), isolate=True), DAY, DAY, None, DAY,
        {"a": np.array([1, 4], np.int32)}, replace(Settings(), background="plain"), {"b": 3.0},
    )  # fmt: skip
    kept = Bookmark("v", "V", (0, 0, 9), (0, 0, 0), settings=taken(city, then))
    found = shown(city, Look(at=DAY + 1, settings=Settings(language="zh")), kept).look
    assert found.filter == then.filter
    assert (found.at, found.as_of, found.known_at, found.sun) == (DAY, DAY, None, DAY)
    assert found.selected["a"].tolist() == [1, 4]
    assert found.exploded == {"b": 3.0}
    assert (found.settings.background, found.settings.language) == ("plain", "zh")
    assert "navigation" not in look_names()  # habits are no part of a picture


def test_a_section_that_was_changed_since_is_left_alone_and_the_view_still_cuts_as_it_did() -> (
    None
):
    city = twin()
    SetRecord("sections", "s", Section("s", "Level", (UP,))).apply(city)
    kept = Bookmark("v", "V", (0, 0, 9), (0, 0, 0), settings=taken(city, Look()))
    moved = Section("s", "Level", (SectionPlane((0.0, 0.0, 9.0), (0.0, 0.0, 1.0)),))
    SetRecord("sections", "s", moved).apply(city)
    shown(city, Look(), kept).edit.apply(city)
    sections = city.records["sections"]
    assert sections["s"].planes == moved.planes
    assert not sections["s"].visible
    assert sections[SECTION].planes == (UP,)


def test_a_view_of_what_is_not_open_says_so() -> None:
    city = twin()
    kept = Bookmark("v", "V", (0, 0, 9), (0, 0, 0), settings=taken(city, Look()))
    city.drop_layer("b")
    change = shown(city, Look(), kept)
    assert change.missing == ("B",)
    assert not change.edit.edits


def test_a_view_without_settings_leaves_everything_as_it_is() -> None:
    city = twin()
    bring(city, {"visible": (True, False), "hidden": ({1}, set()), "color": "kind", "cut": True})
    before, look = seen_of(city), Look(Filter(frozenset({"x"})), DAY)
    change = shown(city, look, Bookmark("v", "V", (0, 0, 9), (0, 0, 0)))
    change.edit.apply(city)
    assert seen_of(city) == before
    assert change.look == look


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "ids", "all_but", "planes", "id"]), x, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(taken(twin(), Look()))), json, max_size=8))
def test_damaged_settings_break_nothing(said: dict[str, Any]) -> None:
    city = twin()
    change = shown(city, Look(), Bookmark("v", "V", (0, 0, 9), (0, 0, 0), settings=said))
    change.edit.apply(city)
    assert set(city.layers) == {"a", "b"}


# -- commands ---------------------------------------------------------------------------------


def run(city: Twin, name: str, **arguments: str) -> None:
    make(name, Context(city), arguments).apply(city)


def with_views(*names: str) -> Twin:
    city = twin()
    for name in names:
        run(city, "bookmarks.add", id=name, title=name.upper(), eye="1,2,3", target="0,0,0")
    return city


@given(st.permutations("abcd"), st.integers(0, 3), st.integers(-2, 9))
def test_moving_keeps_the_order_of_the_others(names: list[str], which: int, to: int) -> None:
    city = with_views(*names)
    run(city, "bookmarks.move", id=names[which], to=str(to))
    found = [x.id for x in in_order(city)]
    assert found.index(names[which]) == min(max(to, 1), 4) - 1
    assert [x for x in found if x != names[which]] == [x for x in names if x != names[which]]


def test_views_are_named_saved_anew_and_removed() -> None:
    city = with_views("a", "b", "c")
    run(city, "bookmarks.rename", id="a", title=" Market ")
    run(city, "bookmarks.update", id="a", eye="5,5,5", fov="60", settings='{"color_by": "kind"}')
    view = city.records["bookmarks"]["a"]
    assert (view.title, view.eye, view.target, view.fov) == ("Market", (5, 5, 5), (0, 0, 0), 60)
    run(city, "bookmarks.show", id="a")
    assert city.color_by.column == "kind"
    run(city, "bookmarks.remove", id="a, c")
    assert [x.id for x in in_order(city)] == ["b"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("bookmarks.add", {"id": "a", "title": "x", "eye": "1,2,3", "target": "0,0,0"}),
        ("bookmarks.add", {"id": "n", "title": " ", "eye": "1,2,3", "target": "0,0,0"}),
        ("bookmarks.add", {"id": "n", "title": "x", "eye": "1,2", "target": "0,0,0"}),
        ("bookmarks.add", {"id": "n", "title": "x", "eye": "1,2,nan", "target": "0,0,0"}),
        ("bookmarks.add", {"id": "n", "title": "x", "eye": "0,0,0", "target": "0,0,0"}),
        (
            "bookmarks.add",
            {"id": "n", "title": "x", "eye": "1,2,3", "target": "0,0,0", "fov": "0"},
        ),
        ("bookmarks.update", {"id": "a", "settings": "["}),
        ("bookmarks.update", {"id": "a", "settings": "[" * 100_000}),
        ("bookmarks.update", {"id": "a", "settings": "[]"}),
        ("bookmarks.move", {"id": "a", "to": "first"}),
        ("bookmarks.rename", {"id": "gone", "title": "x"}),
        ("bookmarks.remove", {"id": "a,gone"}),
        ("bookmarks.show", {"id": "gone"}),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    name: str, arguments: dict[str, str]
) -> None:
    city = with_views("a")
    before = dict(city.records["bookmarks"])
    with pytest.raises(UsageError):
        run(city, name, **arguments)
    assert city.records["bookmarks"] == before


def test_the_picture_and_the_place_are_kept_in_the_project(tmp_path: Path) -> None:
    session = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    session.keeper.create(tmp_path / "p.twin.gpkg")
    view = Bookmark("v", "V", (1, 2, 3), (0, 0, 0), place=3.0, picture=b"\xff\xd8\xff\0jpeg")
    session.do("bookmarks.add", SetRecord("bookmarks", "v", view))
    session.close()
    project = open_project(tmp_path / "p.twin.gpkg")
    assert project.load().records["bookmarks"]["v"] == view
    words = project.journal()[-1].words
    assert words["after"]["picture"] == "8 bytes"  # the journal holds no pictures
    project.close()
