"""Stories: scenes in order, words in two languages, and how old what is shown is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.test_bookmarks import layer, run, twin, with_views
from twin.edits import AddLayer
from twin.errors import UsageError
from twin.observations import STATUSES
from twin.presenting.currency import surveyed
from twin.presenting.records import StoryScene
from twin.presenting.stories import own_story, planned, story_of, told, words_of
from twin.scene import Twin
from ui.presenting.show import Show


def with_story(*names: str) -> Twin:
    city = with_views(*names)
    run(city, "stories.add", id="s", title="Old town")
    for name in names:
        run(city, "stories.add_scene", id="s", bookmark=name)
    return city


def ids(city: Twin) -> list[str]:
    return [x.id for x in city.records["stories"]["s"].scenes]


@given(st.integers(0, 3), st.integers(-3, 9))
def test_moving_a_scene_keeps_the_order_of_the_others(which: int, to: int) -> None:
    city = with_story(*"abcd")
    before = ids(city)
    run(city, "stories.move_scene", id="s", scene=before[which], to=str(to))
    after = ids(city)
    assert after.index(before[which]) == min(max(to, 1), 4) - 1
    assert [x for x in after if x != before[which]] == [x for x in before if x != before[which]]


def test_a_story_is_written_scene_by_scene() -> None:
    city = with_story("a", "b")
    first, second = ids(city)
    for field, value in (
        ("title_zh", "码头"),
        ("notes", "Pause."),
        ("minutes", "2.5"),
        ("bookmark", "b"),
    ):
        run(city, "stories.set_scene", id="s", scene=first, field=field, value=value)
    run(city, "stories.add_scene", id="s", bookmark="a", title="Again", at="1")
    run(city, "stories.remove_scene", id="s", scene=second)
    run(city, "stories.freshness", id="s", on="off")
    story = story_of(city)
    assert [x.title_en for x in story.scenes] == ["Again", "A"]
    assert planned(story) == 2.5
    assert not story.freshness
    assert words_of(story.scenes[1], "zh")[0] == "码头"
    run(city, "bookmarks.remove", id="b")
    assert [x.view is None for x in told(city, story)] == [False, True]  # the scene says so


def test_without_a_story_the_saved_views_are_the_scenes() -> None:
    city = with_views("b", "a")
    assert [x.bookmark for x in story_of(city).scenes] == ["b", "a"]
    assert story_of(city) == own_story(city)


def test_words_that_a_language_lacks_come_from_the_other() -> None:
    scene = StoryScene("c", "v", title_en="Quay", text_zh="四排房屋")
    assert words_of(scene, "zh") == ("Quay", "四排房屋")
    assert words_of(scene, "en") == ("Quay", "四排房屋")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("stories.add", {"id": "s", "title": "x"}),
        ("stories.add", {"id": "n", "title": ""}),
        ("stories.add_scene", {"id": "s", "bookmark": "gone"}),
        ("stories.add_scene", {"id": "gone", "bookmark": "a"}),
        ("stories.set_scene", {"id": "s", "scene": "gone", "field": "notes", "value": ""}),
        ("stories.set_scene", {"id": "s", "scene": "*", "field": "id", "value": "x"}),
        ("stories.set_scene", {"id": "s", "scene": "*", "field": "minutes", "value": "nan"}),
        ("stories.set_scene", {"id": "s", "scene": "*", "field": "minutes", "value": "-1"}),
        ("stories.set_scene", {"id": "s", "scene": "*", "field": "bookmark", "value": "gone"}),
        ("stories.move_scene", {"id": "s", "scene": "*", "to": "x"}),
        ("stories.freshness", {"id": "s", "on": "yes"}),
        ("stories.remove", {"id": "gone"}),
    ],
)
def test_what_a_story_cannot_be_is_said(name: str, arguments: dict[str, str]) -> None:
    city = with_story("a")
    before = city.records["stories"]["s"]
    said = {key: ids(city)[0] if value == "*" else value for key, value in arguments.items()}
    with pytest.raises(UsageError):
        run(city, name, **said)
    assert city.records["stories"]["s"] == before


# -- how old what is shown is ------------------------------------------------------------------


def dated(name: str, dates: list[str], **changes: Any) -> Twin:
    made, base = Twin(), layer(name, len(dates))
    verdict = replace(base.assessment, t_eff=np.array(dates, "datetime64[ms]"))
    AddLayer(replace(base, assessment=verdict, **changes)).apply(made)
    return made


def test_the_line_says_years_and_the_share_without_a_date() -> None:
    city = dated("a", ["2021-03-01", "2024-12-31", "NaT", "2022-01-01"])
    found = surveyed(city)
    assert found is not None
    assert (found.first, found.last, found.unknown, found.total) == (2021, 2024, 1, 4)
    assert found.buildings
    assert found.share == 0.25


def test_what_is_hidden_retired_or_counted_elsewhere_is_not_counted() -> None:
    status = np.full(4, STATUSES.index("fresh"), np.uint8)
    status[1] = STATUSES.index("retired")
    hidden, elsewhere = (
        np.array([True, False, False, False]),
        np.array([False, False, True, False]),
    )
    city = dated("a", ["2001-01-01", "2002-01-01", "2003-01-01", "2024-01-01"], hidden=hidden)
    only = city.layers["a"]
    verdict = replace(only.assessment, status=status)
    city.layers["a"] = replace(only, assessment=verdict, counted_elsewhere=elsewhere)
    found = surveyed(city)
    assert found is not None
    assert (found.first, found.last, found.total, found.status) == (2024, 2024, 1, "fresh")


def test_nothing_shown_says_nothing() -> None:
    assert surveyed(Twin()) is None
    assert surveyed(dated("a", ["2001-01-01"], visible=False)) is None


# -- how a presentation stands -----------------------------------------------------------------


@given(st.lists(st.integers(-3, 3), max_size=12))
def test_steps_never_leave_the_story(steps: list[int]) -> None:
    city = with_story("a", "b", "c")
    show = Show()
    show.begin(told(city, story_of(city)), 0.0)
    for by in steps:
        show.step(by)
        assert -1 <= show.number < 3
    kept = show.scene
    run(city, "stories.move_scene", id="s", scene=ids(city)[0], to="3")
    show.renew(told(city, story_of(city)))
    assert show.scene == kept or kept is None  # the scene that is shown stays, wherever it stands


def test_a_bookmark_beside_the_story_does_not_lose_the_place() -> None:
    city = twin()
    show = Show()
    show.begin(told(city, story_of(city)), 10.0)
    assert (show.step(1), show.scene, show.elapsed(70.0)) == (None, None, 60.0)
    show.grow(100)
    assert show.radius < 1
