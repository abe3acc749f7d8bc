"""Point clouds in analyses: no surface, so they are left out, and that is said."""

import pytest

from tests.conftest import DATA
from twin.errors import NothingToStudy
from twin.session import Session

TOWN = str(DATA / "town.laz")


def opened(*paths: str) -> Session:
    session = Session()
    for path in paths:
        session.open(path)
    session.finish()
    return session


def test_the_points_of_a_cloud_are_no_objects() -> None:
    session = opened(TOWN)
    (key,) = session.twin.layers
    assert session.twin.layers[key].about.points
    session.index()
    kinds = session.twin.layers[key].features.get("kind")
    assert kinds is not None
    assert kinds.tolist() == [
        "PointCloud",
        "PointsGround",
        "PointsHighVegetation",
        "PointsBuilding",
    ]


def test_a_cloud_alone_has_nothing_to_be_asked() -> None:
    with pytest.raises(NothingToStudy, match="points have no surface"):
        opened(TOWN).analyse("viewshed", {"points": [[84_100.0, 447_600.0, 5.0]]})


def test_a_result_says_that_points_were_left_out() -> None:
    session = opened(TOWN, str(DATA / "slope.tif"))
    asked = {"points": [[84_100.0, 447_440.0, 30.0]], "radius": 90.0, "grid": 20.0}
    found = session.awaited(session.analyse("viewshed", asked))
    assert "points_left_out" in found.findings["notes"]
    assert [one.title for one in found.stamp.inputs] == ["slope.tif"]
