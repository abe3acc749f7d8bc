import numpy as np
import pytest

from tests.twin.analyses.scenes import at, box, flat, study
from tests.twin.analyses.test_heights import gabled
from twin.analyses.cutting import Cut
from twin.analyses.profile import Profile, outline, upper_line
from twin.errors import UsageError
from twin.jobs import SILENT

LINE = (at(-20, 4, 0), at(80, 4, 0))


def test_a_line_cuts_the_ground_and_two_houses() -> None:
    city = study(
        [gabled(), box(50, 0, 1, 60, 9, 21), box(0, 90, 0, 9, 99, 9)], flat(-200, 200, 1.0)
    )
    found = Profile(LINE).run(city, SILENT)
    assert found.figures["length"] == pytest.approx(100)
    assert found.figures["azimuth"] == pytest.approx(90)
    assert found.figures["objects"] == 2
    rows = found.sheets[0].rows
    assert [row[0] for row in rows] == ["b0", "b1"]
    assert rows[1][2:] == pytest.approx((70, 80, 1, 21), abs=1e-4)
    assert rows[0][2:] == pytest.approx((20, 30, 0, 9), abs=1e-4)  # along the ridge
    ground = np.array(found.sheets[1].rows, float)
    assert ground[[0, -1]] == pytest.approx(np.array([[0, 1], [100, 1]]), abs=1e-4)


def test_across_a_gable_the_outline_is_a_house() -> None:
    found = Profile((at(5, -20, 0), at(5, 30, 0))).run(study([gabled()]), SILENT)
    shape = [row[2:] for row in found.sheets[2].rows]
    wanted = [(20, 5), (24, 9), (28, 5), (28, 0), (20, 0)]
    assert [tuple(round(x, 3) for x in point) for point in shape] == wanted
    assert "no_ground_cut" in found.notes


def test_a_courtyard_leaves_a_gap() -> None:
    ring = np.concatenate([box(0, 0, 0, 10, 9, 9), box(30, 0, 0, 40, 9, 9)])
    found = Profile(LINE).run(study([ring]), SILENT)
    assert {row[1] for row in found.sheets[2].rows} == {1, 2}


def test_a_bent_line_goes_on_in_length() -> None:
    city = study([box(50, 40, 0, 60, 50, 9)], flat(-200, 200))
    found = Profile((at(0, 0, 0), at(55, 0, 0), at(55, 100, 0))).run(city, SILENT)
    assert found.figures["length"] == pytest.approx(155)
    assert found.sheets[0].rows[0][2:4] == pytest.approx((95, 105))


@pytest.mark.parametrize(
    "points", [(), (at(0, 0, 0),), (at(0, 0, 0), at(0, 0, 9)), ((np.nan, 0, 0),) * 2]
)
def test_points_that_make_no_line_are_refused(
    points: tuple[tuple[float, float, float], ...],
) -> None:
    with pytest.raises(UsageError):
        Profile(points).run(study([]), SILENT)


def test_a_line_through_nothing_is_said() -> None:
    assert "no_bodies" in Profile(LINE).run(study([]), SILENT).notes


def test_ends_that_are_nearly_one_place_are_one() -> None:
    along = np.array([[0.0, 1.0], [0.0, 1.0 + 0.9e-6], [0.0, 1.0 + 1.8e-6], [0.5, 1.0 + 2.6e-6]])
    line = upper_line(Cut(along, np.full((4, 2), 3.0), np.arange(4, dtype=np.int32)))
    assert line[:, 1] == pytest.approx(3)


def test_walls_that_lean_by_a_hair_reach_no_farther_than_they_do() -> None:
    along = np.array([[0.0, 10.0], [0.0, 2e-4], [10.0 - 2e-4, 10.0]])
    height = np.array([[9.0, 9.0], [0.0, 9.0], [9.0, 0.0]])
    shape = outline(Cut(along, height, np.arange(3, dtype=np.int32)))[0]
    assert shape[:, 1].min() == pytest.approx(0)
    assert shape[:, 1].max() == pytest.approx(9)
    assert shape[-2:, 1] == pytest.approx(0)
