"""Models where nobody expects them: far from their origin, far from each other, without units, empty."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.loaders.ifc_files import Building
from tests.loaders.test_ifc_drawn import opened
from twin.geometry import F64, Mesh, box_of
from twin.ports import Content

AWAY = 6_000_000.0
TREMBLE = 1e-3
"""Metres by which a corner may be off."""


def corners(tiles: list[Content], row: int, middle: F64) -> F64:
    """Return the corners of a row as a screen computes them: float32 around the middle of its tile."""
    found = []
    for tile in tiles:
        boxes = np.array([box_of(item) for item in tile.drawables])
        origin = np.round((boxes[:, :3].min(axis=0) + boxes[:, 3:].max(axis=0)) / 2)
        for item in tile.drawables:
            assert isinstance(item, Mesh)
            shown = (item.positions + (item.origin - origin)).astype(np.float32)
            found.append(shown[item.feature == row].astype(np.float64) + origin)
    return np.concatenate(found) - middle


def walls(made: Building, *places: tuple[float, float, float]) -> list[Any]:
    return [
        made.element("IfcWall", f"W{n}", made.body(made.box(4.1, 0.3, 3.7)), at)
        for n, at in enumerate(places)
    ]


@pytest.mark.parametrize("away", [(AWAY, 0.0, 0.0), (1e7, -1e7, 0.0)])
def test_one_element_far_away_does_not_make_its_neighbours_tremble(
    away: tuple[float, float, float], tmp_path: Path
) -> None:
    made = Building()
    items = walls(made, (0.0, 0.0, 0.0), (10.0, 0.0, 0.0), away)
    found, tiles = opened(made.write(tmp_path))
    for item, at in zip(items, ((0, 0, 0), (10, 0, 0), away), strict=True):
        row = found.features.row_of(item.GlobalId)
        seen = corners(tiles, row, np.array(at, np.float64))
        assert np.abs(seen.min(axis=0)).max() < TREMBLE
        assert np.abs(seen.max(axis=0) - [4.1, 0.3, 3.7]).max() < TREMBLE


def test_a_model_in_coordinates_of_ten_thousand_kilometres_is_drawn_exactly(
    tmp_path: Path,
) -> None:
    made = Building()
    at = (1e7, 1e7, 100.0)
    (wall,) = walls(made, at)
    found, tiles = opened(made.write(tmp_path))
    row = found.features.row_of(wall.GlobalId)
    seen = corners(tiles, row, np.array(at))
    assert np.abs(seen.max(axis=0) - [4.1, 0.3, 3.7]).max() < TREMBLE
    assert found.features.bounds[row] == pytest.approx(
        [1e7, 1e7, 100, 1e7 + 4.1, 1e7 + 0.3, 103.7]
    )


def test_points_of_ten_thousand_kilometres_inside_a_shape_are_drawn_exactly(
    tmp_path: Path,
) -> None:
    made = Building()
    make = made.file.create_entity
    square = [(1e7 + x, 1e7 + y, 5.0) for x, y in ((0, 0), (1.5, 0), (1.5, 1.25), (0, 1.25))]
    points = make("IfcCartesianPointList3D", square)
    faces = make("IfcTriangulatedFaceSet", points, None, None, ((1, 2, 3), (1, 3, 4)))
    shape = made.body(faces, kind="Tessellation")
    slab = made.element("IfcSlab", "Far", shape, (0.0, 0.0, 0.0))
    found, tiles = opened(made.write(tmp_path))
    seen = corners(tiles, found.features.row_of(slab.GlobalId), np.array([1e7, 1e7, 5.0]))
    assert np.abs(seen.max(axis=0) - [1.5, 1.25, 0]).max() < TREMBLE


def test_a_model_without_units_counts_in_metres_and_is_drawn(tmp_path: Path) -> None:
    made = Building()
    made.project.UnitsInContext = None
    shape = made.body(made.box(4000.0, 200.0, 3000.0))
    wall = made.element("IfcWall", "Big", shape, (0.0, 0.0, 0.0))
    found, tiles = opened(made.write(tmp_path))
    row = found.features.row_of(wall.GlobalId)
    assert found.features.bounds[row] == pytest.approx([0, 0, 0, 4000, 200, 3000])
    assert box_of(tiles[0].drawables[0]) == pytest.approx([0, 0, 0, 4000, 200, 3000])


def test_a_model_without_geometry_is_a_table(tmp_path: Path) -> None:
    made = Building()
    made.element("IfcPump", "Pump", None, (0.0, 0.0, 0.0))
    found, tiles = opened(made.write(tmp_path))
    assert len(found.features) == 5
    assert not [item for tile in tiles for item in tile.drawables]
    assert [p.code for p in found.problems if p.code == "ifc.no_shape"]
