"""The Hamburg pair end to end: two files of CityGML through ``diff``, every published figure (MAINTENANCE.md 7)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ui.cli.test_diff import diff
from twin.geometry import Drawable, Mesh, Rows
from twin.scene import LayerId
from twin.session import Session
from twin.surveying import owners, survey
from ui.cli.loading import opened, settle
from ui.cli.opening import Opening

pytestmark = [pytest.mark.shared]
Capture = pytest.CaptureFixture[str]


def paths(shared_data: Path) -> tuple[Path, Path]:
    folder = shared_data / "citygml/tum-gis_citymodel-compare/hamburg"
    return folder / "2016/LoD2_576_5950_1_HH.xml", folder / "2022/LoD2_576_5950_1_HH.xml"


def figures(shared_data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (shared_data.parent / "spec/hamburg_pair_expected.json").read_text()
    )
    return found


def fitting(found: dict[str, Any], *buckets: str) -> list[str]:
    return sorted(
        line["old_keys"][0]
        for line in found["objects"]
        if line["old"] and {line["bucket"], *line["also"]} & set(buckets)
    )


def test_every_published_figure_of_the_pair_comes_out(shared_data: Path, capsys: Capture) -> None:
    wanted, (old, new) = figures(shared_data), paths(shared_data)
    found = diff(old, new, capsys)
    lines = {line["old_keys"][0]: line for line in found["objects"] if line["old"]}
    assert [found["compared"][side] for side in ("old", "new")] == wanted["n"]
    assert found["matched_by"] == {"externalReference": wanted["common_alkis"]}
    assert found["keys_made_anew"]
    assert found["vertical_shift"] == pytest.approx(wanted["median_shift"], abs=5e-5)
    assert found["vertical_datum"] == {"old": "EPSG:5783", "new": "EPSG:7837"}
    full = [line for line in found["objects"] if (line["iou"] or 0) >= 0.9999]
    assert len(full) == wanted["iou_ge_0.9999"]
    for key, detail in wanted["details"].items():
        line = lines[key]
        assert line["iou"] == pytest.approx(detail["iou"], abs=6e-5)
        assert line["d_roof"] == pytest.approx(detail["d_roof"], abs=6e-4)
        assert line["d_base"] == pytest.approx(detail["d_base"], abs=6e-4)
        if line["bucket"] != "split":
            assert line["area"] == pytest.approx(detail["area"], abs=6e-3)
    split = next(line for line in found["objects"] if line["bucket"] == "split")
    assert split["old_keys"] == [wanted["split"][0]["old"]]
    assert sorted(split["new_keys"]) == sorted([*split["old_keys"], wanted["split"][0]["new"]])
    assert split["contained"] == pytest.approx([1.0, 1.0], abs=1e-3)
    assert not [line for line in found["objects"] if line["bucket"] in ("new", "removed")]


@pytest.mark.parametrize("tau", ["1.2", "1.0", "0.5", "0.3"])
def test_each_threshold_tells_the_published_roofs_bases_and_footprints(
    tau: str, shared_data: Path, capsys: Capture
) -> None:
    wanted = figures(shared_data)["changed"][tau]
    found = diff(*paths(shared_data), capsys, "--tau", tau)
    assert fitting(found, "roof_changed") == wanted["roof"]
    assert fitting(found, "base_changed") == wanted["base"]
    assert fitting(found, "footprint_modified", "replaced") == wanted["footprint"]


class Corners:
    """Gathers the corners of every row in whole millimetres, in plan and in space."""

    def __init__(self) -> None:
        self.found: dict[int, set[tuple[int, ...]]] = {}

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        for item in drawables:
            if isinstance(item, Mesh):
                points = np.round((item.positions + item.origin) * 1000).astype(int)
                for row, point in zip(rows[item.feature].tolist(), points.tolist(), strict=True):
                    self.found.setdefault(row, set()).add(tuple(point))


def corners(session: Session, name: LayerId) -> dict[str, set[tuple[int, ...]]]:
    """Return the corners of every building by its key."""
    layer, into = session.twin.layer(name), Corners()
    work = survey(session.screen.streams[name], layer, into, owners(layer, elements=False))
    while not work.done:
        work.step()
        settle(session)
    keys = layer.features["externalReference"]
    return {str(keys[row]): points for row, points in into.found.items()}


def test_no_id_recurs_and_a_hash_of_the_geometry_would_tell_all_apart(shared_data: Path) -> None:
    wanted = figures(shared_data)
    session = opened([str(path) for path in paths(shared_data)], Opening())
    try:
        ids = [set(map(str, layer.features.id)) for layer in session.twin.layers.values()]
        old, new = (corners(session, name) for name in session.twin.layers)
    finally:
        session.close()
    assert len(ids[0] & ids[1]) == wanted["common_gmlid"]
    same = wanted["identical_vertex_sets_1mm"]
    assert sum(points == new[key] for key, points in old.items()) == same["xyz"]
    flat = [{key: {x[:2] for x in some} for key, some in side.items()} for side in (old, new)]
    assert sum(points == flat[1][key] for key, points in flat[0].items()) == same["xy"]


def test_parts_are_coloured_as_the_whole_they_belong_to(shared_data: Path) -> None:
    session = opened([str(path) for path in paths(shared_data)], Opening())
    try:
        first, second = session.twin.layers
        session.compare(first, second)
        while session.comparison is not None and not session.comparison.told:
            settle(session)
        for name in (first, second):
            layer = session.twin.layer(name)
            assert None not in layer.features["_change"].tolist()
        titles = session.comparison.compared().titles if session.comparison else ()
        assert titles == ("LoD2_576_5950_1_HH (2016)", "LoD2_576_5950_1_HH (2022)")
    finally:
        session.close()
