"""Models brought to where they belong by point pairs and by outlines."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from twin.aligning import STILL, Motion, about, match_pairs, placement_after
from twin.errors import UsageError
from twin.geometry import F64
from twin.georeference import Georeference, ProjectFrame, parse_crs, placed_at
from twin.outlines import fit, laid, outline

POINTS = np.array([[0.0, 0, 0], [12, 0, 0], [12, 7, 3], [0, 7, 3]])
HOUSE = shapely.Polygon([(0, 0), (18, 0), (18, 6), (9, 6), (9, 11), (0, 11)])
AT_RD = np.array([85000.0, 447000.0, 2.0])


@given(
    st.floats(-3.1, 3.1), st.floats(0.5, 2.0),
    st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(-50, 50)),
)  # fmt: skip
def test_pairs_give_back_the_motion_that_made_them(
    turn: float, scale: float, shift: tuple[float, float, float]
) -> None:
    made = Motion(turn, scale, np.array(shift))
    found = match_pairs(POINTS, made(POINTS), scaled=True)
    assert found.rms < 1e-6
    assert found.motion.turn == pytest.approx(turn, abs=1e-6)
    assert found.motion.scale == pytest.approx(scale, abs=1e-6)


def test_without_scale_the_misfit_stands_in_the_residuals() -> None:
    found = match_pairs(POINTS[:2], POINTS[:2] * 1.1)
    assert found.motion.scale == 1.0
    assert found.residuals == pytest.approx([0.6, 0.6])


def test_one_pair_only_shifts() -> None:
    found = match_pairs(POINTS[:1], POINTS[:1] + 5.0)
    assert found.motion.turn == 0.0
    assert found.motion.shift == pytest.approx([5.0, 5.0, 5.0])


def test_pairs_that_tell_nothing_are_refused() -> None:
    with pytest.raises(UsageError):
        match_pairs(POINTS[:0], POINTS[:0])
    with pytest.raises(UsageError):
        match_pairs(POINTS[[0, 0]], POINTS[[0, 1]])


@pytest.mark.parametrize("crs", ["EPSG:28992", "EPSG:32631"])
def test_a_placement_after_a_motion_stands_where_the_motion_ends(crs: str) -> None:
    project = ProjectFrame.of("EPSG:28992")
    source = parse_crs(crs)
    east, north = (85000.0, 447000.0) if crs == "EPSG:28992" else (593838.0, 5762641.0)
    frame = np.eye(4)
    frame[:3, 3] = east, north, 2.0
    now = Georeference(source, project, tuple(frame.ravel().tolist()))
    motion = about(now.move(POINTS[:1])[0], 0.4, np.array([30.0, -12.0, 1.5]))
    place = placement_after(now.move, POINTS[2], motion, project.crs, "moved")
    there = Georeference(project.parsed(), project, placed_at(place, project.parsed()))
    assert np.abs(there.move(POINTS) - motion(now.move(POINTS))).max() < 2e-3
    assert place.anchor == tuple(POINTS[2])


def test_a_still_motion_keeps_the_numbers_of_a_place() -> None:
    frame = np.eye(4)
    frame[:3, 3] = AT_RD
    now = Georeference(
        parse_crs("EPSG:28992"), ProjectFrame.of("EPSG:28992"), tuple(frame.ravel())
    )
    place = placement_after(now.move, np.zeros(3), STILL, "EPSG:28992", "same")
    assert (place.easting, place.northing, place.height) == tuple(AT_RD)
    assert place.rotation == pytest.approx(0.0, abs=1e-9)
    assert place.scale == 1.0


@pytest.mark.parametrize("degrees", [0.0, 10.0, 47.0, 123.0, 265.0])
def test_an_outline_is_laid_onto_its_footprint(degrees: float) -> None:
    made = Motion(np.radians(degrees), 1.0, np.array([85000.0, 447000.0, 0.0]))
    found = fit(HOUSE, laid(HOUSE, made))
    assert found.iou > 0.995
    assert found.rms < 0.02
    corners = np.column_stack([shapely.get_coordinates(HOUSE), np.zeros(7)])
    assert np.abs(found.motion(corners) - made(corners)).max() < 0.05


def test_a_footprint_drawn_roughly_still_holds_the_model() -> None:
    rough = HOUSE.buffer(0.3).simplify(0.2)
    made = Motion(0.7, 1.0, np.array([100.0, 50.0, 0.0]))
    found = fit(HOUSE, laid(rough, made))
    assert found.iou > 0.88  # the rough one is a tenth larger
    assert found.rms < 0.4
    assert found.motion.turn % (2 * np.pi) == pytest.approx(0.7, abs=0.02)


def boxes_of(corners: list[tuple[float, float]]) -> F64:
    """Return a roof of two triangles and an upright wall."""
    a, b, c, d = (np.array([x, y, 3.0]) for x, y in corners)
    low = a * [1, 1, 0]
    return np.array([[a, b, c], [a, c, d], [a, b, low]])


def test_an_outline_is_what_is_seen_from_above() -> None:
    whole = outline(boxes_of([(0, 0), (10, 0), (10, 5), (0, 5)]))
    assert whole.area == pytest.approx(50.0, rel=1e-3)
    with pytest.raises(UsageError):
        outline(np.zeros((0, 3, 3)))
