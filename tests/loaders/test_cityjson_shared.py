"""Every CityJSON set of the field, compared with an independent plain reading."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from loaders.cityjson import LOADER, reading
from tests.conftest import REPO
from tests.loaders.reading_cityjson import read
from twin.errors import OpenError
from twin.geometry import F64, Instances, Mesh
from twin.ports import SILENT, Opened, Options

pytestmark = pytest.mark.shared
NOT_CITIES = ("case.json", "invariants.json", "acquisition.json", "profile.json", "cases.json")
NONPLANAR = 0.05
"""Real quads are bent: their two triangles are up to so much larger than the ring's Newell area."""
REFUSED = {
    "HistoricalCityJSON.ext.json", "generic.ext.json", "MetaDataBag3d.json", "MetaDataRotterdam.json",
    "CityObjectInstallationRotterdam.json", "CityObjectRotterdam.json", "metadata.json",
    "no_cityjson_obj.city.jsonl", "cityjsonfeature_minimal.city.jsonl", "cjfeat1.json",
    "invalid_missing_type.json", "invalid_cityjsonfeature_root_id_unresolved.city.jsonl", "o4.json",
}  # fmt: skip
"""No cities: extensions, fragments, features without their header, version 0.9."""


def _files() -> list[Path]:
    data = Path(os.environ.get("CITYTWIN_SHARED", REPO.parent / "shared")) / "data"
    folders = (data / "cityjson", data / "malformed" / "cityjson_cjval")
    found = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
    wanted = [p for p in found if p.suffix in (".json", ".jsonl") or p.name.endswith(".json.zip")]
    return [p for p in wanted if p.name not in NOT_CITIES]


def areas(opened: Opened) -> F64:
    """Return the area of the triangles of each row."""
    found = np.zeros(len(opened.features))
    for content in opened.ready.values():
        for item in content.drawables:
            if isinstance(item, Mesh):
                np.add.at(found, item.feature[item.triangles[:, 0]], _area(item.positions, item))
            elif isinstance(item, Instances):
                for matrix, row in zip(item.transforms, item.feature, strict=True):
                    moved = (item.mesh.origin + item.mesh.positions) @ matrix[:3, :3].T
                    found[row] += _area(moved, item.mesh).sum()
    return found


def _area(positions: NDArray[Any], mesh: Mesh) -> F64:
    corner = positions.astype(np.float64)[mesh.triangles]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    return np.asarray(np.linalg.norm(cross, axis=1) / 2, np.float64)


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.name)
def test_objects_kinds_and_areas_are_those_of_a_plain_reading(
    path: Path, shared_data: Path
) -> None:
    source = LOADER.source(str(path), Options())
    if path.name in REFUSED:
        with pytest.raises(OpenError):
            source.open(SILENT)
        return
    opened = source.open(SILENT)
    plain = read(path)
    table = opened.features
    assert len(table) == plain.objects
    assert Counter(table["kind"].tolist()) == plain.kinds
    assert len(set(table.id.tolist())) == len(table)
    if "duplicate" in "".join(problem.code for problem in opened.problems):
        return
    expected = np.array([plain.area.get(key, 0.0) for key in table.id.tolist()])
    found = areas(opened)
    told = {p.feature for p in opened.problems if p.code in ("cityjson.torn", "cityjson.vertex")}
    sound = np.array([key not in told for key in table.id.tolist()], np.bool_)
    loss = np.maximum(expected, 0.01) * 1e-3
    assert (found[sound] >= (expected - loss)[sound]).all()
    real = len(table) > 100
    excess = expected * NONPLANAR if real else np.maximum(expected, 0.01)
    assert (found[sound] <= (expected + excess + loss)[sound]).all()


def test_the_district_of_delft_is_dated_and_has_its_custodian(shared_data: Path) -> None:
    path = shared_data / "cityjson" / "cityjson_cjio" / "delft.json"
    opened = LOADER.source(str(path), Options()).open(SILENT)
    observed = opened.observations
    dated = {observed.paths[code] for code in observed.path[observed.row >= 0]}
    assert {"attributes.creationdate", "attributes.tijdstipregistratie"} <= dated
    assert {observed.parties[code] for code in observed.party} >= {"G0503"}
    assert opened.features.created is not None
    assert np.isnat(opened.features.created).sum() == 1  # its creationdate is empty
    assert len(opened.features) == 570
    assert opened.about.crs == "EPSG:7415"


@pytest.mark.parametrize(
    "name",
    ["cityjson_cjio/delft.json", "safesoftware_fme-CityJSON/geometry_template_lod3.json",
     "dtcc-core/tests/data/cityjson/DenHaag_01.city.json.zip", "cityjson_cjio/multi_lod.json"],
)  # fmt: skip
def test_numbers_read_from_the_text_give_the_same_city(
    name: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shared_data / "cityjson" / name
    found = []
    for small in (0, 2**40):
        monkeypatch.setattr(reading, "SMALL", small)
        found.append(LOADER.source(str(path), Options()).open(SILENT))
    one, two = found
    assert one.problems == two.problems
    assert one.features.id.tolist() == two.features.id.tolist()
    assert np.array_equal(one.features.bounds, two.features.bounds)
    assert areas(one) == pytest.approx(areas(two))


def test_the_pictures_of_textured_buildings_are_read(shared_data: Path) -> None:
    folder = shared_data / "cityjson" / "safesoftware_fme-CityJSON" / "textures_building"
    path = folder / "msurface_buildings_semsrf_attributes.json"
    opened = LOADER.source(str(path), Options()).open(SILENT)
    pictures = [
        item.material.image
        for content in opened.ready.values()
        for item in content.drawables
        if isinstance(item, Mesh) and item.material.image is not None
    ]
    assert pictures
    assert all(p.encoded is not None and p.encoded[:2] == b"\xff\xd8" for p in pictures)
