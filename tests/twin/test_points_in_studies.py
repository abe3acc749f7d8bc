"""Point clouds in analyses: no surface, so they are left out, and that is said."""

from itertools import pairwise

import laspy
import numpy as np
import pytest

from tests.conftest import DATA
from tests.loaders import cloud_files
from twin.analyses.drawings import as_dxf, as_svg, drawing_of
from twin.errors import NothingToStudy
from twin.geometry import F64
from twin.jobs import Lane
from twin.scene import LayerId
from twin.session import Session

TOWN = str(DATA / "town.laz")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A terrain, a small cloud and a COPC beside each other: a session starts one worker."""
    found = Session()
    copc = cloud_files.copc(tmp_path_factory.mktemp("copc") / "octree.copc.laz", 4000)
    for path in (TOWN, copc, str(DATA / "slope.tif")):
        found.open(path)
    found.finish()
    return found


def test_the_points_of_a_cloud_are_no_objects(session: Session) -> None:
    layer = session.twin.layers[LayerId("town")]
    assert layer.about.points
    session.index()
    kinds = layer.features.get("kind")
    assert kinds is not None
    assert kinds.tolist() == [
        "PointCloud",
        "PointsGround",
        "PointsHighVegetation",
        "PointsBuilding",
    ]


def test_a_cloud_alone_has_nothing_to_be_asked(session: Session) -> None:
    with pytest.raises(NothingToStudy, match="points have no surface"):
        session.analyse("viewshed", {"points": [[84_100.0, 447_600.0, 5.0]]}, layers=["town"])


def test_a_result_says_that_points_were_left_out(session: Session) -> None:
    asked = {"points": [[84_100.0, 447_440.0, 30.0]], "radius": 90.0, "grid": 20.0}
    inquiry = session.analyse("viewshed", asked)
    inquiry.lane = Lane.THREAD  # no process for so little
    found = session.awaited(inquiry)
    assert "points_left_out" in found.findings["notes"]
    assert [one.title for one in found.stamp.inputs] == ["slope.tif"]


LINE = np.array(
    [[84_010.0, 447_510.0, 0.0], [84_150.0, 447_600.0, 0.0], [84_160.0, 447_690.0, 0.0]]
)
WIDTH = 12.0


def near(places: F64) -> F64:
    """Distance and height of the points beside the line, each leg by itself; those of the first leg first."""
    found, done, left = [], 0.0, np.ones(len(places), np.bool_)
    for start, end in pairwise(LINE[:, :2]):
        way = (end - start) / np.linalg.norm(end - start)
        to = places[:, :2] - start
        along = to @ way
        off = np.linalg.norm(to - along[:, None] * way, axis=1)
        mine = left & (off <= WIDTH / 2) & (along >= 0) & (along <= np.linalg.norm(end - start))
        left &= ~mine
        found.append(np.column_stack([along[mine] + done, places[mine, 2]]))
        done += float(np.linalg.norm(end - start))
    every = np.concatenate(found)
    return every[np.lexsort(every.T[::-1])]


@pytest.mark.parametrize("layer", ["town", "octree"])
def test_a_profile_shows_the_points_beside_its_line(session: Session, layer: str) -> None:
    asked = {"points": LINE.tolist(), "width": WIDTH}
    found = session.awaited(session.analyse("profile", asked, layers=[layer]))
    drawing = drawing_of(found.answer(session.tables(found)))
    path = session.twin.layers[LayerId(layer)].source.path
    wanted = near(
        np.round(cloud_files.town(4000)[0], 2) if layer == "octree" else laspy.read(path).xyz
    )
    assert len(wanted) > 50
    assert np.abs(drawing.points[np.lexsort(drawing.points.T[::-1])] - wanted).max() < 0.002
    assert found.stamp.used == 1
    assert "<circle" in as_svg(drawing, "a", "m")
    assert as_dxf(drawing).count("POINTS") == len(wanted)


def test_points_of_hidden_classes_are_in_no_profile(session: Session) -> None:
    tree = "PointsHighVegetation"
    session.run("objects.hide", layer="town", column="kind", op="eq", value=tree)
    asked = {"points": LINE.tolist(), "width": 20.0}
    found = session.awaited(session.analyse("profile", asked, layers=["town"]))
    sheets = found.answer(session.tables(found)).sheets
    sheet = next(one for one in sheets if one.name == "points")
    assert {row[0] for row in sheet.rows} == {"PointsGround", "PointsBuilding"}
