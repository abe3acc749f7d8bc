"""A model is placed by an edit: reversible, journalled, and without making its geometry again."""

from pathlib import Path

import numpy as np
import pytest

from loaders.ifc import shapes
from tests.loaders.ifc_files import Building
from tests.loaders.test_ifc_georeference import convert, system
from tests.twin.test_session import overview, session
from twin.errors import UsageError
from twin.session import Session


def city_with_a_model(folder: Path) -> tuple[Session, str]:
    made = Building()
    made.element("IfcWall", "wall", made.body(made.box(10.0, 1.0, 3.0)), (0.0, 0.0, 0.0))
    convert(made, system(made), (85000.0, 447000.0, 2.0, 1.0, 0.0), 1.0)
    city = session(folder / "cache")
    city.open(made.write(folder))
    city.index()
    return city, next(iter(city.twin.layers))


def test_a_placement_moves_undoes_exactly_and_stands_in_the_journal(tmp_path: Path) -> None:
    city, key = city_with_a_model(tmp_path)
    city.save_as(tmp_path / "city.twin.gpkg")
    before = city.twin.layer(key)
    place = {"crs": "EPSG:28992", "easting": "85100", "northing": "447050", "rotation": "90"}
    city.run("layers.place", layer=key, **place)
    city.index()
    moved = city.twin.layer(key)
    low, high = moved.features.box[:2], moved.features.box[3:5]
    assert low == pytest.approx([85099.0, 447050.0], abs=0.01)
    assert high == pytest.approx([85100.0, 447060.0], abs=0.01)
    assert any(entry["action"] == "layer.source" for entry in city.journal())
    assert city.history.undoable == "layers.place"
    city.undo()
    city.index()
    again = city.twin.layer(key)
    assert again.source.placement is None
    assert np.array_equal(again.features.bounds, before.features.bounds, equal_nan=True)
    city.redo()
    city.run("layers.unplace", layer=key)
    city.index()
    assert city.twin.layer(key).source.placement is None


def test_moving_a_model_does_not_make_its_geometry_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, key = city_with_a_model(tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("the geometry kernel was started again")

    monkeypatch.setattr(shapes, "start", refuse)
    city.run("layers.place", layer=key, crs="EPSG:28992", easting="85100", northing="447050")
    city.index()
    assert city.twin.layer(key).features.box[0] == pytest.approx(85100.0, abs=0.01)
    assert city.settle(overview(city)).layers[key].tiles
    assert not city.errors


@pytest.mark.parametrize(
    "wrong",
    [
        {"crs": "EPSG:4326"}, {"crs": ""}, {"easting": "x"}, {"scale": "0"}, {"northing": "nan"},
        {"anchor": "1,2"},
    ],
)  # fmt: skip
def test_a_placement_that_cannot_be_is_refused(wrong: dict[str, str], tmp_path: Path) -> None:
    city, key = city_with_a_model(tmp_path)
    right = {"crs": "EPSG:28992", "easting": "85100", "northing": "447050"}
    with pytest.raises(UsageError):
        city.run("layers.place", layer=key, **{**right, **wrong})
