"""Every CityGML set of the field, compared with an independent plain reading."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from loaders.citygml import LOADER
from loaders.citygml.systems import DEGREE
from tests.conftest import REPO
from tests.loaders.citygml_files import opened
from tests.loaders.reading_citygml import read
from twin.geometry import F64, Mesh
from twin.opening import probe
from twin.ports import Opened

pytestmark = pytest.mark.shared
BENT = 0.02
"""Real surfaces are bent: their triangles are up to so much larger than the rings' own area."""


def _files() -> list[Path]:
    data = Path(os.environ.get("CITYTWIN_SHARED", REPO.parent / "shared")) / "data"
    folders = (data / "citygml", data / "malformed" / "CWBudde_go-citygml")
    found = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
    return [
        p for p in found if p.suffix in (".gml", ".xml") and LOADER.recognise(probe(str(p))) > 90
    ]


def drawn(found: Opened, stretch: tuple[float, float]) -> F64:
    """Return the area of the triangles of each row."""
    areas = np.zeros(len(found.features))
    for content in found.ready.values():
        for mesh in content.drawables:
            assert isinstance(mesh, Mesh)
            corner = mesh.positions.astype(np.float64)[mesh.triangles] * [*stretch, 1.0]
            cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
            each = np.linalg.norm(cross, axis=1) / 2
            np.add.at(areas, mesh.feature[mesh.triangles[:, 0]], each)
    return areas


@pytest.mark.parametrize("path", _files(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_objects_and_their_areas_are_those_of_a_plain_reading(path: Path) -> None:
    found = opened(path)
    table = found.features
    degrees = found.about.crs in ("EPSG:6668", "EPSG:4326") and bool(np.isfinite(table.box).all())
    middle = np.radians((table.box[1] + table.box[4]) / 2) if degrees else 0.0
    stretch = (DEGREE * float(np.cos(middle)), DEGREE) if degrees else (1.0, 1.0)
    plain = read(path, stretch, degrees and "EPSG:4979" not in found.about.fields["srsName"])
    assert Counter(table["kind"].tolist()) == plain.kinds
    assert set(filter(None, plain.ids)) <= set(table.id.tolist())
    areas = drawn(found, stretch)
    for row, (key, level) in enumerate(zip(table.id.tolist(), table["lod"].tolist(), strict=True)):
        expected = plain.areas.get(key, {})
        assert level == max(expected, default=level), key
        if level in expected:
            assert areas[row] == pytest.approx(expected[level], rel=BENT, abs=0.05), key


@pytest.mark.parametrize(
    ("year", "kinds", "vertical"),
    [("2016", {"Building": 46, "BuildingPart": 72}, "EPSG:5783"), ("2022", {"Building": 47, "BuildingPart": 71}, "EPSG:7837")],
)  # fmt: skip
def test_hamburg_has_its_buildings_keys_dates_and_datum(
    shared_data: Path, year: str, kinds: dict[str, int], vertical: str
) -> None:
    folder = shared_data / "citygml/tum-gis_citymodel-compare/hamburg" / year
    found = opened(folder / "LoD2_576_5950_1_HH.xml")
    table = found.features
    assert Counter(table["kind"].tolist()) == kinds
    assert (found.about.crs, found.about.vertical) == ("EPSG:25832", vertical)
    keys = table.columns["externalReference"][table.parent < 0]
    assert len(set(keys.tolist())) == kinds["Building"]
    assert all(key.startswith("DEHHALKA") for key in keys)
    assert found.problems == ()
    assert table.created is not None
    assert len(np.unique(table.created)) == 1  # one batch: the rules demote it
    assert ("Grundrissaktualitaet" in table.columns) == (year == "2022")


def test_yokosuka_speaks_japanese_and_dates_its_buildings(shared_data: Path) -> None:
    folder = shared_data / "citygml/MIERUNE_plateau/nusamai-plateau/tests/data/yokosuka-shi/udx"
    found = opened(folder / "bldg/52397519_bldg_6697_op.gml")
    assert found.features.name is not None
    assert found.features.name[0] == "横須賀美術館"
    assert found.features.columns["uro:buildingID"][0] == "14201-bldg-110968"
    pictures = {
        mesh.material.image.key
        for mesh in found.ready[0].drawables
        if isinstance(mesh, Mesh) and mesh.material.image is not None
    }
    assert len(pictures) == 3
    row = found.observations.row == 0
    assert str(found.observations.t_lo[row][0])[:4] == "2016"


def test_versions_say_what_replaced_what(shared_data: Path) -> None:
    folder = shared_data / "citygml/ogc_CityGML3_examples/Versioning/Basic examples"
    table = opened(folder / "historicalSuccession_CityGML_3.0_LOD2_Versioning.gml").features
    rows = table.parent < 0
    said = {
        str(table.columns["identifier"][row]): str(table.columns["transaction"][row])
        for row in np.flatnonzero(rows)
    }
    assert said == {"BU_69381AL47": "delete", "BU_69381AL49": "replace", "BU_69381AL50": "insert"}
    assert table.columns["version"][rows].tolist() == ["v1.0", "v1.0", "v2.0", "v2.0"]
    assert "BU_69381AL49_2015-01-01" in table.columns["replaced by"].tolist()
    assert table.created is not None
    assert table.terminated is not None
    ends = [str(t)[:10] for t in table.terminated[rows]]
    assert ends == ["2015-01-01", "2015-01-01", "NaT", "NaT"]
