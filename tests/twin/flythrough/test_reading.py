"""Route files: what comes out goes in, what is unknown is kept, what is wrong is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.flythrough.routes import routes
from twin.errors import NotFound, TwinError
from twin.flythrough.faults import RouteError
from twin.flythrough.placing import in_frame
from twin.flythrough.reading import parse_route, read_route, write_route, written
from twin.flythrough.records import NONE, Route
from twin.flythrough.state import state
from twin.georeference import ProjectFrame
from twin.messages import catalogue

FULL: dict[str, Any] = {
    "version": 1,
    "id": "a",
    "title": "A",
    "crs": "EPSG:28992",
    "loop": False,
    "note": {"mine": 1},
    "keyframes": [
        {
            "t": 0.0, "eye": [84000, 447000, 100], "target": [84100, 447100, 0], "fov": 45, "roll": 0,
            "ease": "smooth", "sun": "2025-06-21T09:00:00Z", "as_of": "2021", "known_at": None,
            "color_by": "freshness", "layers": {"bim": True}, "section": "name", "highlight": ["uid"],
            "caption": {"en": "Hello", "zh": "你好"}, "mood": "calm",
        },
        {"t": 4, "eye": [84200, 447000, 80], "target": [84100, 447100, 0], "caption": None,
         "sun": "2025-06-21T11:00:00Z", "layers": {"bim": False}},
    ],
}  # fmt: skip


def text(**changes: Any) -> str:
    return json.dumps({**FULL, **changes})


def frames(*changes: dict[str, Any]) -> str:
    keys = [dict(key) for key in FULL["keyframes"]]
    for key, change in zip(keys, changes, strict=False):
        key.update(change)
    return text(keyframes=keys)


def test_a_file_as_the_contract_has_it_is_read_and_written_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(text(), "utf-8")
    route, told = read_route(tmp_path / "r.json")
    assert {(x.params["key"], x.params["keyframe"]) for x in told} == {("note", 0), ("mood", 1)}
    write_route(route, tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text("utf-8"))
    assert again["keyframes"][0] == FULL["keyframes"][0]
    assert again["keyframes"][1].items() >= FULL["keyframes"][1].items()
    assert again["note"] == {"mine": 1}
    assert read_route(tmp_path / "again.json")[0] == route


@given(routes(eases=("smooth", "linear", "hold")))
@settings(max_examples=15)
def test_written_and_read_a_route_is_the_same(route: Route) -> None:
    assert parse_route(written(route)) == (route, ())


WRONG = [
    ("json", "{"),
    ("no_route", "[]"),
    ("no_route", "{}"),
    ("empty", text(keyframes=[])),
    ("no_keyframe", text(keyframes=[1])),
    ("missing", text(keyframes=[{"t": 0, "eye": [0, 0, 0]}])),
    ("not_number", frames({"t": "0"})),
    ("not_number", frames({"fov": True})),
    ("no_number", frames({"t": float("nan")})),
    ("not_finite", frames({}, {"t": 1}).replace('"t": 1', '"t": 1e999')),
    ("not_point", frames({"eye": [0, 0]})),
    ("not_point", frames({"eye": [0, None, 0]})),
    ("not_text", frames({"ease": 3})),
    ("not_flag", text(loop="yes")),
    ("not_layers", frames({"layers": {"a": 1}})),
    ("not_names", frames({"highlight": "a"})),
    ("not_caption", frames({"caption": "a"})),
    ("time", frames({"t": -1})),
    ("time", frames({"hold": -1})),
    ("far", frames({"eye": [1e12, 0, 0]})),
    ("no_direction", frames({"target": [84000, 447000, 100]})),
    ("fov", frames({"fov": 180})),
    ("ease", frames({"ease": "bouncy"})),
    ("instant", frames({"sun": "noon"})),
    ("equal_times", frames({}, {"t": 0})),
    ("unordered", frames({"t": 9})),
    ("hold_too_long", frames({"hold": 4})),
    ("crs", text(crs="EPSG:999999")),
]


@pytest.mark.parametrize(("code", "said"), WRONG)
def test_what_cannot_be_flown_is_refused_with_its_reason(code: str, said: str) -> None:
    with pytest.raises(RouteError) as caught:
        parse_route(said, "r.json")
    assert caught.value.full_code == f"route.{code}" or (code, caught.value.full_code) == (
        "not_finite", "route.json",
    )  # fmt: skip
    assert str(caught.value).startswith("r.json: ")
    for language in ("en", "zh"):
        shown = catalogue(language).text(f"error.{caught.value.full_code}", **caught.value.params)
        assert "r.json" in shown
        assert "<" not in shown


@given(st.integers(0, len(text())), st.integers(0, 255))
@settings(max_examples=30)
def test_a_damaged_file_gives_a_route_or_a_clear_error(cut: int, byte: int) -> None:
    data = text().encode()
    for damaged in (data[:cut], data[:cut] + bytes([byte]) + data[cut + 1 :]):
        try:
            parse_route(damaged)
        except TwinError as error:
            assert isinstance(error, RouteError)  # noqa: PT017


def test_a_missing_file_is_said() -> None:
    with pytest.raises(NotFound):
        read_route(Path("nowhere.json"))


def test_steps_hold_until_another_keyframe_speaks_of_them() -> None:
    route, _ = parse_route(text())
    first, later, last = (state(route, t) for t in (0.0, 3.999, 4.0))
    assert first.caption == later.caption == {"en": "Hello", "zh": "你好"}
    assert last.caption == {}
    assert (first.color_by, last.color_by) == ("freshness", "freshness")
    assert (first.layers, last.layers) == ({"bim": True}, {"bim": False})
    assert first.section == last.section == "name"
    assert last.highlight == ("uid",)
    assert str(first.as_of) == "2021-01-01T00:00:00.000"
    assert first.known_at is None
    assert route.keyframes[0].known_at == NONE


def test_the_sun_runs_evenly_from_keyframe_to_keyframe() -> None:
    route, _ = parse_route(text())
    assert str(state(route, 2.0).sun) == "2025-06-21T10:00:00.000"
    assert str(state(route, 99.0).sun) == "2025-06-21T11:00:00.000"


def test_a_route_comes_into_the_frame_of_the_project() -> None:
    route, _ = parse_route(text())
    project = ProjectFrame.of("EPSG:25831", "EPSG:5709")
    moved, told = in_frame(route, project)
    assert told == ()
    assert moved.crs == "EPSG:25831"
    eye = moved.keyframes[0].eye
    # RD 84000, 447000 -> ETRS89 / UTM 31N (RDNAPTRANS within a metre)
    assert eye[0] == pytest.approx(593_300, abs=700)
    assert eye[1] == pytest.approx(5_762_900, abs=700)
    assert eye[2] == pytest.approx(100.0)  # heights without a datum are the project's
    back, _ = in_frame(moved, ProjectFrame.of("EPSG:28992", "EPSG:5709"))
    assert back.keyframes[0].eye[:2] == pytest.approx((84000, 447000), abs=0.01)


def test_a_route_without_a_system_and_a_city_without_one_are_warned_about() -> None:
    route, _ = parse_route(text())
    assert [x.code for x in in_frame(route, None)[1]] == ["route.city_without_crs"]
    plain, _ = parse_route(text(crs=""))
    project = ProjectFrame.of("EPSG:28992")
    assert [x.code for x in in_frame(plain, project)[1]] == ["route.no_crs"]
