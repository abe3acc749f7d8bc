import numpy as np
import pytest

from tests.twin.analyses.scenes import ORIGIN, at, box, flat, study
from tests.twin.analyses.test_rays import brute
from twin.analyses.eyes import eyes_of, places_of
from twin.analyses.grounding import Ground, drop, roofed
from twin.analyses.landmark import LandmarkView
from twin.analyses.rays import Caster
from twin.analyses.sight import Point
from twin.analyses.viewshed import Viewshed
from twin.errors import UsageError
from twin.jobs import SILENT


def test_one_box_shows_two_of_its_sides_to_a_level_eye() -> None:
    city = study([box(20, 20, 0, 30, 30, 10)], flat(-200, 200))
    found = Viewshed((at(0, 0, 0),), eye_height=5, radius=100, spacing=0.5, grid=2).run(
        city, SILENT
    )
    row = found.sheets[0].rows[0]
    assert row[0] == "b0"
    assert row[3] == pytest.approx(100 * 2 / 6, abs=1.5)
    assert row[4] == pytest.approx(200, abs=8)
    assert found.values[0].layer == "city"
    assert found.figures["objects_seen"] == 1


def test_the_shadow_of_a_wall_on_the_ground_is_not_seen() -> None:
    # an eye at 5 m behind a wall of 10 m at 20 m: all ground beyond is hidden, to both sides of it open
    city = study([box(20, -500, 0, 21, 500, 10)], flat(-200, 200))
    found = Viewshed((at(0, 0, 0),), eye_height=5, radius=50, grid=1).run(city, SILENT)
    ground = next(mark for mark in found.marks if mark.name == "ground")
    x = ground.places.mean(axis=1)[:, 0] - ORIGIN[0]
    assert ground.values is not None
    assert (ground.values[x < 19] == 100).all()
    assert (ground.values[x > 22] == 0).all()


def test_a_viewshed_is_that_of_a_brute_force() -> None:
    rng = np.random.default_rng(11)
    city = study(
        [box(x, y, 0, x + 8, y + 8, h) for x, y, h in rng.uniform(5, 60, (9, 3))], flat(-90, 90)
    )
    found = Viewshed((at(0, 0, 0),), radius=70, spacing=4, grid=3).run(city, SILENT)
    ground = next(mark for mark in found.marks if mark.name == "ground")
    eye = np.array(at(0, 0, 1.6))
    places = ground.places.reshape(-1, 6, 3)[:, [0, 2]].mean(axis=1) - [0, 0, 0.15]
    way = places - eye
    length = np.linalg.norm(way, axis=1)
    first = brute(city.bodies.corners(), np.tile(eye, (len(way), 1)), way / length[:, None])
    assert ground.values is not None
    assert ((ground.values[::2] > 0) == (first > length - 0.02)).mean() > 0.998


def test_rays_stay_within_their_number_and_that_is_said() -> None:
    city = study([box(20, 20, 0, 30, 30, 10)], flat(-200, 200))
    found = Viewshed((at(0, 0, 0),), radius=150, rays=2_000).run(city, SILENT)
    assert found.figures["rays"] <= 2_000
    assert "coarser" in found.notes


def test_without_terrain_the_ground_is_that_of_the_buildings() -> None:
    city = study([box(20, 20, 7, 30, 30, 17)])
    found = Viewshed((at(0, 0, 7),), radius=40, grid=4).run(city, SILENT)
    assert "ground_bases" in found.notes
    ground = next(mark for mark in found.marks if mark.name == "ground")
    assert ground.places[:, :, 2] == pytest.approx(7.15)


def test_nothing_at_all_is_said() -> None:
    found = Viewshed((at(0, 0, 0),)).run(study([]), SILENT)
    assert {"no_bodies", "ground_none"} <= set(found.notes)


def test_eyes_of_a_path_and_of_an_area() -> None:
    ground = Ground(study([], flat(-200, 200, 3.0)))
    path = eyes_of(places_of((at(0, 0, 0), at(30, 0, 0), at(30, 40, 0))), "path", 10, ground)
    assert len(path) == 8
    assert (path[:, 2] == 3).all()
    square = (at(0, 0, 0), at(40, 0, 0), at(40, 20, 0), at(0, 20, 0))
    assert len(eyes_of(places_of(square), "area", 10, ground)) == 8


@pytest.mark.parametrize(
    ("points", "shape"),
    [
        ((), "points"), ((at(0, 0, 0),), "path"), ((at(0, 0, 0), at(0, 0, 9)), "path"),
        ((at(0, 0, 0), at(1, 1, 0), at(2, 2, 0)), "area"), ((at(0, 0, 0),), "circle"),
        ((at(0, 0, 0), at(9, 9, 0), at(9, 0, 0), at(0, 9, 0)), "area"), (((1, 2, float("inf")),), "points"),
        (((1, 2, float("nan")),), "points"),
    ],
)  # fmt: skip
def test_places_that_make_no_eyes_are_refused(points: tuple[Point, ...], shape: str) -> None:
    with pytest.raises(UsageError):
        Viewshed(points, shape).run(study([]), SILENT)


def test_a_wall_hides_the_lower_half_of_a_landmark() -> None:
    # from afar and level with its middle, a wall half way up to it hides what is below that line
    city = study([box(1000, -5, 0, 1010, 5, 40), box(500, -90, 0, 501, 90, 20)])
    found = LandmarkView((at(0, 0, 0),), "city", "b0", eye_height=20, spacing=0.5).run(
        city, SILENT
    )
    assert found.figures["share_seen"] == pytest.approx(0.5, abs=0.02)
    assert found.sheets[1].rows[0][0] == "b1"
    assert found.sheets[1].rows[0][1] == pytest.approx(50, abs=2)


def test_a_landmark_that_is_gone_is_said() -> None:
    city = study([box(10, 0, 0, 20, 10, 40)])
    for layer, key in (("gone", "b0"), ("city", "gone")):
        with pytest.raises(UsageError):
            LandmarkView((at(0, 0, 0),), layer, key).run(city, SILENT)


def test_heights_of_the_ground_are_those_of_its_triangles() -> None:
    slope = np.array([[[0, 0, 0], [100, 0, 10], [0, 100, 20]]], np.float64)
    city = study([], slope)
    corners = city.bodies.corners()
    places = ORIGIN[:2] + np.array([[10.0, 10], [50, 20], [90, 90]])
    found = drop(Caster(city.bodies), corners, places)
    assert found[:2] == pytest.approx([3.0, 9.0], abs=1e-5)
    assert np.isnan(found[2])


def test_a_place_is_inside_a_box_only_there() -> None:
    city = study([box(0, 0, 0, 10, 10, 10), box(20, 0, 0, 30, 10, 10)])
    assert roofed(city, np.array(at(25, 5, 5))) == (0, 1)
    assert roofed(city, np.array(at(15, 5, 5))) is None
    assert roofed(city, np.array(at(5, 5, 11))) is None
    assert roofed(city, np.array(at(5, 5, -1))) is None
