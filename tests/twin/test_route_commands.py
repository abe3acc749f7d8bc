"""Routes by command: begun, imported, edited keyframe by keyframe, undone, kept in the project."""

from pathlib import Path

import pytest

from tests.twin.flythrough.routes import key, route
from twin.errors import TwinError, UsageError
from twin.flythrough.reading import write_route, written
from twin.flythrough.records import Route
from twin.jobs import Jobs
from twin.scene import Aspect
from twin.session import Session
from twin.settings import Settings


@pytest.fixture
def city(tmp_path: Path) -> Session:
    return Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))


def only(city: Session) -> Route:
    (found,) = city.twin.records["routes"].values()
    assert isinstance(found, Route)
    return found


def times(city: Session) -> list[float]:
    return [key.t for key in only(city).keyframes]


def test_keyframes_are_added_moved_retimed_and_removed_with_undo(city: Session) -> None:
    seen = []
    city.twin.changed.connect(lambda change: seen.append(change.aspect))
    city.run("routes.add", title="Tour", eye="0,0,10", target="0,9,0")
    assert seen == [Aspect.ROUTES]
    name = only(city).id
    city.run("routes.keyframe_add", id=name, t="4", eye="50,0,20", target="0,9,0", fov="60")
    city.run("routes.keyframe_add", id="Tour", t="2", eye="25,0,15", target="0,9,0")
    assert times(city) == [0, 2, 4]
    city.run("routes.keyframe_move", id=name, t="2", eye="26,0,15")
    assert only(city).keyframes[1].eye == (26, 0, 15)
    city.run("routes.keyframe_retime", id=name, t="2", to="9")
    assert times(city) == [0, 4, 9]
    city.run("routes.keyframe_remove", id=name, t="4")
    assert times(city) == [0, 9]
    city.run("routes.set", id=name, loop="yes", constant_speed="yes")
    assert only(city).loop
    for _ in range(6):
        city.undo()
    assert times(city) == [0]
    city.redo()
    assert times(city) == [0, 4]


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("routes.keyframe_remove", {"t": "0"}),
        ("routes.keyframe_remove", {"t": "3"}),
        ("routes.keyframe_add", {"t": "nan", "eye": "0,0,1", "target": "0,9,0"}),
        ("routes.keyframe_add", {"t": "1", "eye": "0,0,1", "target": "0,0,1"}),
        ("routes.set", {}),
        ("routes.set", {"loop": "perhaps"}),
        ("routes.rename", {"title": " "}),
        ("routes.replace", {"text": "{}"}),
    ],
)
def test_what_makes_no_route_is_refused_and_changes_nothing(
    city: Session, command: str, arguments: dict[str, str]
) -> None:
    city.run("routes.add", id="r", title="Tour", eye="0,0,10", target="0,9,0")
    before = only(city)
    with pytest.raises(TwinError):
        city.run(command, id="r", **arguments)
    assert only(city) is before


def test_a_route_is_imported_twice_under_two_names_and_replaced(
    city: Session, tmp_path: Path
) -> None:
    made = route(key(0, (0.0, 0.0, 5.0)), key(3, (9.0, 0.0, 5.0)))
    write_route(made, tmp_path / "tour.json")
    city.run("routes.import", path=str(tmp_path / "tour.json"))
    city.run("routes.import", path=str(tmp_path / "tour.json"))
    assert list(city.twin.records["routes"]) == ["r", "r-2"]
    with pytest.raises(UsageError):
        city.run("routes.import", path=str(tmp_path / "tour.json"), id="r")
    other = route(key(0, (0.0, 0.0, 7.0)))
    city.run("routes.replace", id="r-2", text=written(other).decode())
    assert len(city.twin.records["routes"]["r-2"].keyframes) == 1


def test_routes_come_back_with_the_project(city: Session, tmp_path: Path) -> None:
    city.keeper.create(tmp_path / "p.twin.gpkg")
    city.run("routes.add", id="r", title="Tour", eye="1,2,3", target="0,9,0")
    city.run("routes.keyframe_add", id="r", t="4", eye="50,0,20", target="0,9,0")
    before = only(city)
    assert city.keeper.journal()[-1].words["object"] == "r"
    city.close()
    again = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    again.open(str(tmp_path / "p.twin.gpkg"))
    assert only(again) == before
    again.close()
