"""Tracks of routes by command: said, taken back, undone; what is wrong is refused and changes nothing."""

import json

import pytest

from twin.errors import UsageError
from twin.flythrough.state import state
from twin.session import Session
from twin.settings import Settings


@pytest.fixture
def session() -> Session:
    made = Session(Settings())
    made.run("routes.add", title="Tour", eye="0,0,10", target="0,100,0", id="r")
    made.run("routes.keyframe_add", id="r", t="10", eye="50,0,10", target="50,100,0")
    return made


def test_a_caption_is_said_for_some_seconds_taken_back_and_undone(session: Session) -> None:
    text = json.dumps({"en": "Hello", "zh": "你好"})
    session.run("routes.track", id="Tour", track="caption", t="2", value=text, lasts="3")
    routes = session.twin.records["routes"]
    said = [dict(state(routes["r"], t).caption) for t in (1.0, 2.0, 4.9, 5.1)]
    assert said == [{}, {"en": "Hello", "zh": "你好"}, {"en": "Hello", "zh": "你好"}, {}]
    session.run("routes.track_remove", id="r", track="caption", t="2")
    assert dict(state(routes["r"], 3.0).caption) == {}
    session.undo()
    session.undo()
    assert routes["r"].cues == ()


def test_what_goes_on_is_not_ended(session: Session) -> None:
    session.run("routes.track", id="r", track="color_by", t="1", value="kind")
    session.run("routes.track", id="r", track="layers", t="0", value='{"bim": false}')
    session.run("routes.track", id="r", track="highlight", t="4", value='["a"]')
    route = session.twin.records["routes"]["r"]
    now = state(route, 9.0)
    assert (now.color_by, now.layers, now.highlight) == ("kind", {"bim": False}, ("a",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "x"}, {"track": "weather"}, {"t": "-1"}, {"t": "nan"}, {"lasts": "soon"},
        {"value": "hello"}, {"value": "[1]"}, {"value": '{"en": 3}'}, {"track": "sun", "value": "noon"},
        {"track": "highlight", "value": "{}"}, {"track": "layers", "value": '{"a": "yes"}'},
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(session: Session, wrong: dict[str, str]) -> None:
    said = {"id": "r", "track": "caption", "t": "1", "value": '{"en": "x"}', **wrong}
    before = session.twin.records["routes"]["r"]
    with pytest.raises(UsageError):
        session.run("routes.track", **said)
    with pytest.raises(UsageError):
        session.run("routes.track_remove", id="r", track="caption", t="7")
    assert session.twin.records["routes"]["r"] == before
