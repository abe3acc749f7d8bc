"""What tracks say between keyframes, and edits of keyframes and tracks: laws, and cases counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import UsageError
from twin.flythrough.editing import GAP, pasted, retimed, stretched, with_keyframe, without
from twin.flythrough.faults import RouteError
from twin.flythrough.reading import checked, parse_route, written
from twin.flythrough.records import Cue, Keyframe, Route
from twin.flythrough.state import state
from twin.flythrough.statements import (
    Statement,
    moved,
    removed,
    said_at,
    spans,
    statements,
    with_statements,
)
from twin.flythrough.templates import along, descend, orbit, tour
from twin.records import Bookmark


def key(t: float, **values: object) -> Keyframe:
    return replace(Keyframe(t, (t, 0.0, 10.0), (t, 100.0, 0.0)), **values)  # type: ignore[arg-type]


def route(*times: float, **values: object) -> Route:
    made = Route("r", "R", tuple(key(t) for t in times))
    return replace(made, **values)  # type: ignore[arg-type]


WELCOME = route(0, 10, 20, cues=(Cue(2.0, caption={"en": "Welcome"}), Cue(5.0, caption={})))
times = st.lists(st.floats(0, 30).map(lambda t: round(t, 2)), max_size=6, unique=True)
texts = st.sampled_from([{}, {"en": "a"}, {"en": "b", "zh": "乙"}])
tracks = st.lists(st.tuples(st.floats(0, 30).map(lambda t: round(t, 2)), texts), max_size=8)


def said(pairs: list[tuple[float, object]]) -> list[Statement]:
    known = dict(pairs)
    return [Statement(t, known[t]) for t in sorted(known)]


def heard(track: list[Statement] | tuple[Statement, ...], t: float) -> object:
    passed = [one for one in track if one.t <= t + 1e-9]
    return passed[-1].value if passed else {}


def test_a_caption_between_keyframes_is_shown_from_its_cue_to_its_end() -> None:
    shown = [dict(state(WELCOME, t).caption) for t in (1.9, 2.0, 4.9, 5.0, 20.0)]
    assert shown == [{}, {"en": "Welcome"}, {"en": "Welcome"}, {}, {}]


def test_cues_and_titles_stand_in_the_file() -> None:
    named = replace(WELCOME, keyframes=(replace(key(0), title="Square"), key(10), key(20)))
    again, told = parse_route(written(named))
    assert (again, told) == (named, ())


def test_the_sun_runs_evenly_between_keyframe_and_cue() -> None:
    first = key(0, sun="2026-06-21T10:00:00Z")
    made = Route("r", "R", (first, key(20)), cues=(Cue(10.0, sun="2026-06-21T14:00:00Z"),))
    assert state(made, 5.0).sun == np.datetime64("2026-06-21T12:00")


@pytest.mark.parametrize(
    "cue", ['{"caption": {}}', '{"t": -1}', '{"t": 1, "sun": "noon"}', '{"t": 1e9}', "3"]
)
def test_bad_cues_are_refused(cue: str) -> None:
    keys = '[{"t": 0, "eye": [0, 0, 1], "target": [1, 0, 0]}]'
    with pytest.raises(RouteError):
        parse_route(f'{{"keyframes": {keys}, "cues": [{cue}]}}')
    with pytest.raises(RouteError):
        parse_route(f'{{"keyframes": {keys}, "cues": 3}}')


@given(times, tracks)
def test_what_is_written_to_a_track_is_what_it_says(
    stand: list[float], pairs: list[tuple[float, object]]
) -> None:
    track = said(pairs)
    made = with_statements(route(*sorted(stand), title="x"), "caption", track)
    for t in np.arange(0, 31, 0.37):
        assert heard(statements(made, "caption"), t) == heard(track, t)
    assert with_statements(made, "caption", statements(made, "caption")) == made
    assert with_statements(made, "caption", ()).cues == ()


@given(tracks, st.floats(0, 30), st.floats(0.5, 10))
def test_a_new_statement_is_heard_and_what_was_before_stays(
    pairs: list[tuple[float, object]], t: float, lasts: float
) -> None:
    track = said(pairs)
    after = said_at(track, t, {"en": "new"}, {}, lasts)
    assert heard(after, t) == {"en": "new"}
    for at in np.linspace(0, t, 9)[:-1]:
        if at < t - 1e-3:
            assert heard(after, float(at)) == heard(track, float(at))


def test_a_bar_moves_with_its_end_and_stays_between_its_neighbours() -> None:
    track = said([(2.0, {"en": "a"}), (5.0, {}), (8.0, {"en": "b"}), (12.0, {})])
    assert moved(track, 0, 3.0, 6.0, {}, 20.0) == tuple(
        said([(3.0, {"en": "a"}), (6.0, {}), (8.0, {"en": "b"}), (12.0, {})])
    )
    far = moved(track, 0, 7.0, 11.0, {}, 20.0)
    assert [one.t for one in far] == [7.0, 8.0, 12.0]
    last = moved(track, 2, 18.0, 25.0, {}, 20.0)
    assert [span.start for span in spans(last, 20.0)] == [2.0, 18.0]


def test_bars_that_meet_still_meet_when_the_border_is_moved() -> None:
    track = said([(0.0, "own"), (10.0, "freshness"), (20.0, "own")])
    assert [one.t for one in moved(track, 1, 12.0, 20.0, "", 30.0)] == [0.0, 12.0, 20.0]
    assert [one.t for one in moved(track, 1, 10.0, 25.0, "", 30.0)] == [0.0, 10.0, 25.0]


def test_a_removed_caption_leaves_silence_a_removed_colour_what_was_before() -> None:
    track = said([(0.0, {"en": "a"}), (5.0, {"en": "b"}), (9.0, {})])
    assert heard(removed(track, 1, {}, False), 6.0) == {}
    assert heard(removed(track, 1, {}, True), 6.0) == {"en": "a"}
    assert removed(said([(3.0, {"en": "a"}), (9.0, {})]), 0, {}, False) == ()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True), st.data())
def test_keyframes_moved_in_time_stay_in_order_and_can_be_flown(
    stand: list[int], data: st.DataObject
) -> None:
    made = route(*sorted(float(t) for t in stand))
    numbers = data.draw(st.sets(st.integers(0, len(stand) - 1)))
    after = checked(retimed(made, numbers, data.draw(st.floats(-50, 50))))
    assert [k.eye for k in after.keyframes] == [k.eye for k in made.keyframes]
    copied, mine = pasted(after, after.keyframes, data.draw(st.floats(0, 60)))
    checked(copied)
    assert len(mine) == len(stand)
    assert len(copied.keyframes) == 2 * len(stand)


def test_a_keyframe_at_the_time_of_another_takes_its_camera_and_keeps_what_it_says() -> None:
    made = Route("r", "R", (key(0, color_by="kind", title="Square"), key(10)))
    after, number = with_keyframe(made, Keyframe(0.01, (5.0, 5.0, 5.0), (0.0, 0.0, 0.0)))
    assert number == 0
    assert after.keyframes[0].eye == (5.0, 5.0, 5.0)
    assert (after.keyframes[0].color_by, after.keyframes[0].title) == ("kind", "Square")
    grown, number = with_keyframe(after, key(5))
    assert (number, len(grown.keyframes)) == (1, 3)


def test_what_a_removed_keyframe_said_stays_said() -> None:
    made = Route("r", "R", (key(0), key(10, caption={"en": "here"}), key(20)))
    after = without(made, {1})
    assert len(after.keyframes) == 2
    assert dict(state(after, 12.0).caption) == {"en": "here"}


def test_a_route_is_stretched_in_proportion() -> None:
    after = stretched(WELCOME, 40.0)
    assert [k.t for k in after.keyframes] == [0, 20, 40]
    assert [cue.t for cue in after.cues] == [4, 10]
    assert GAP > 0


# -- templates ----------------------------------------------------------------------------------


def test_a_lap_stays_at_its_distance_and_looks_at_the_middle() -> None:
    box = np.array([0.0, 0, 0, 20, 10, 30])
    made = checked(orbit(box, "R", "r", 30.0))
    middle = np.array([10.0, 5, 15])
    far = [np.hypot(*(np.array(k.eye) - middle)[:2]) for k in made.keyframes]
    assert far == pytest.approx([far[0]] * len(far), abs=1e-3)
    assert made.loop
    for t in np.linspace(0, 40, 17):
        now = state(made, t)
        assert now.forward @ (middle - now.eye) / np.linalg.norm(middle - now.eye) > 0.99


def test_a_line_is_followed_at_its_height_and_walked_at_eye_level() -> None:
    line = np.array([[0.0, 0, 2], [100, 0, 2], [100, 80, 4]])
    made = checked(along(line, "R", "r", 50.0))
    assert made.keyframes[0].eye == (0.0, 0.0, 52.0)
    assert made.keyframes[-1].eye == (100.0, 80.0, 54.0)
    assert made.keyframes[-1].t == pytest.approx(180 / 25, abs=1e-3)
    walk = checked(descend(line, "R", "r"))
    assert walk.keyframes[-1].eye == (100.0, 80.0, 5.7)
    assert walk.keyframes[-1].t == pytest.approx(11 + 180 / 1.6, abs=1e-3)


def test_a_tour_rests_at_every_saved_view() -> None:
    views = [Bookmark(str(n), f"View {n}", (n, 0.0, 9.0), (n, 5.0, 0.0)) for n in range(3)]
    made = checked(tour(views, "R", "r"))
    assert [(k.title, k.hold) for k in made.keyframes] == [(f"View {n}", 2.0) for n in range(3)]


@pytest.mark.parametrize("line", [np.zeros((0, 3)), np.zeros((1, 3)), np.zeros((2, 3))])
def test_nothing_to_follow_is_said(
    line: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    for make in (along, descend):
        with pytest.raises(UsageError):
            make(line, "R", "r")
    with pytest.raises(UsageError):
        tour([], "R", "r")
    with pytest.raises(UsageError):
        orbit(np.full(6, np.nan), "R", "r")
