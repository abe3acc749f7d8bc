"""What stands beside the layers in a frame: a scenario's blocks and moves, the marks of a result."""

from pathlib import Path

import numpy as np
import pytest

from twin.analyses.findings import Marks
from twin.analyses.scenarios import BUILT
from twin.geometry import box_of
from twin.jobs import Jobs
from twin.scenery import RAMP, RESULT, classes
from twin.session import Session
from twin.settings import Settings
from twin.streaming import VISIBLE
from ui.viewport.camera import standard

SAMPLES = Path(__file__).resolve().parents[2] / "sample_models"


def test_values_fall_into_classes_from_low_to_high() -> None:
    numbers = np.array([0.0, 0.99, 1.0, -5.0, 9.0, np.nan])
    assert classes(numbers, (0.0, 1.0)).tolist() == [0, 6, 6, 0, 6, -1]
    assert classes(np.array([3.0]), (3.0, 3.0)).tolist() == [0]
    assert len(RAMP) == 7


def test_a_scenario_is_in_the_frame_and_leaves_it_with_undo() -> None:
    session = Session(Settings(), Jobs(inline=True))
    session.open(str(SAMPLES / "delft.city.json"))
    session.finish()
    view = standard("iso", session.twin.bounds, (320, 200)).view((320, 200))
    before = session.settle(view)
    x, y = session.twin.bounds[:2].tolist()
    rows = np.array([0, 1], np.int32)
    session.run("scenarios.add", title="A", id="A")
    session.run("scenarios.block", ring=f"{x},{y};{x + 9},{y};{x + 9},{y + 9}", height="30")
    session.select({"delft": rows})
    session.run("scenarios.hide")
    after = session.settle(view)
    assert not (after.layers["delft"].state[rows, 3] & VISIBLE).any()
    tops = [box_of(item)[5] for t in after.layers[BUILT].tiles.values() for item in t.drawables]
    assert max(tops) == pytest.approx(30.0)
    there = {"delft": session.passing("delft")}
    stands = session.scenery.as_it_stands(after, there).layers["delft"]
    assert (stands.state[rows, 3] & VISIBLE).all()
    assert session.settle(view).layers[BUILT] is after.layers[BUILT]
    session.run("scenarios.show")
    again = session.settle(view)
    assert BUILT not in again.layers
    assert np.array_equal(
        again.layers["delft"].state[:, 3] & VISIBLE, before.layers["delft"].state[:, 3] & VISIBLE
    )
    session.close()


def test_marks_stand_in_the_frame_and_places_without_numbers_are_left_out() -> None:
    session = Session(Settings(), Jobs(inline=True))
    places = np.zeros((3, 1, 3))
    places[1] = np.nan
    lines = np.zeros((2, 2, 3))
    session.scenery.marks = (
        Marks("p", "points", places, np.array([1.0, 2.0, 3.0])), Marks("l", "lines", lines, role="bad"),
        Marks("a", "areas", np.zeros((0, 3, 3))),
    )  # fmt: skip
    view = standard("top", np.array([0.0, 0, 0, 9, 9, 9]), (64, 64)).view((64, 64))
    part = session.settle(view).layers[RESULT]
    counts = [len(t.drawables[0].positions) for t in part.tiles.values()]  # type: ignore[union-attr]
    assert counts == [2, 4]
    session.close()


def test_surfaces_that_hide_the_city_are_seen_through_and_the_rest_is_whole() -> None:
    session = Session(Settings(), Jobs(inline=True))
    session.scenery.show((
        Marks("limit", "areas", np.ones((1, 3, 3))), Marks("breaking", "points", np.ones((1, 1, 3))),
    ))  # fmt: skip
    view = standard("top", np.array([0.0, 0, 0, 9, 9, 9]), (64, 64)).view((64, 64))
    layers = session.settle(view).layers
    told = {key: (part.opacity, len(part.tiles)) for key, part in layers.items()}
    assert told == {RESULT: (1.0, 1), f"{RESULT}:0.5": (0.5, 1)}
    session.scenery.show(())
    assert not session.settle(view).layers
    session.close()
