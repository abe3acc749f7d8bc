"""Elevation models: every height where the file has it, at every level as far off as the tile says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from loaders.terrain import LOADER
from loaders.terrain.pyramid import SIDE, Pyramid, Tile, judged, picked
from loaders.terrain.relief import shaded
from tests.loaders.terrain_files import hills, write
from twin.errors import BrokenFile, NotSupported, OpenError
from twin.geometry import Mesh
from twin.ground import Surface
from twin.opening import recognise
from twin.ports import SILENT, Content, Growth, Opened, Options, registered
from twin.tiles import TileTree

# rasterio multiplies its affine maps in the way that their library gives up
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

LOADERS = dict(registered("citytwin.loaders"))
CAPE = "dem/AdrianKriger/village_campus/mwe/LO19_050M_3318CD.tif"


def opened(location: str, **values: str) -> Opened:
    return LOADER.source(location, Options(values=values)).open(SILENT)


def fetched(location: str, tile: int, token: Any, **values: str) -> Content | Growth | None:
    return LOADER.source(location, Options(values=values)).fetch(tile, token, SILENT)


def meshes(content: Content | Growth | None) -> tuple[Mesh, ...]:
    assert isinstance(content, Content)
    return tuple(item for item in content.drawables if isinstance(item, Mesh))


def corners(location: str, tree: TileTree, tokens: tuple[str, ...], **values: str) -> NDArray[Any]:
    """Return the triangles of all leaves; trees that grow are followed to their end."""
    found = []
    for tile in np.flatnonzero(tree.content & (tree.count == 0)).tolist():
        got = fetched(location, tile, tokens[tile], **values)
        if isinstance(got, Growth):
            found.append(corners(location, got.tree, tuple(got.tokens), **values))
            continue
        found += [m.positions[m.triangles].astype(float) + m.origin for m in meshes(got)]
    return np.concatenate(found) if found else np.zeros((0, 3, 3))


def ground(location: str, **values: str) -> Surface:
    found = opened(location, **values)
    return Surface(corners(location, found.tree, found.tokens, **values))


def centres(rows: int, columns: int, step: float = 2.0) -> NDArray[np.float64]:
    y, x = np.mgrid[:rows, :columns]
    return np.stack([84_000 + (x + 0.5) * step, 447_500 - (y + 0.5) * step], -1).reshape(-1, 2)


def test_every_cell_has_its_height(tmp_path: Path) -> None:
    heights = hills(150, 201)
    found = ground(write(tmp_path / "a.tif", heights)).heights(centres(150, 201))
    assert np.allclose(found, heights.ravel(), atol=1e-4)


def test_between_the_cells_it_is_straight_and_beside_them_there_is_no_ground(
    tmp_path: Path,
) -> None:
    surface = ground(write(tmp_path / "a.tif", np.array([[0, 4], [2, 6]], np.int16)))
    places = np.array([[84_002.0, 447_498.0], [84_001.0, 447_498.0], [84_000.9, 447_498.0]])
    found = surface.heights(places)
    assert found[:2] == pytest.approx([3.0, 1.0])
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("nodata", "hole"),
    [(3.4028234663852886e38, 3.4028234663852886e38), (-9999, -9999), (None, np.nan), (np.nan, np.nan),
     (None, -32768), (None, 3.4e38), (-1, -1)],
)  # fmt: skip
def test_what_is_no_data_is_a_hole(tmp_path: Path, nodata: float | None, hole: float) -> None:
    heights = hills(80, 90) + 30
    heights[20:30, 40:50] = hole
    surface = ground(write(tmp_path / "a.tif", heights, nodata=nodata))
    found = surface.heights(centres(80, 90)).reshape(80, 90)
    assert np.isnan(found[20:30, 40:50]).all()
    assert np.allclose(found[:20], heights[:20], atol=1e-4)
    assert not np.isnan(found[31:]).any()


def test_scale_offset_and_unit_make_metres(tmp_path: Path) -> None:
    raw = np.round(hills(10, 12) * 100).astype(np.int16)
    path = write(tmp_path / "a.tif", raw, scales=[0.01], offsets=[5.0], units="ft")
    metres = (raw * 0.01 + 5.0) * 0.3048
    assert np.allclose(ground(path).heights(centres(10, 12)), metres.ravel(), atol=1e-4)
    assert np.allclose(
        ground(path, unit="m").heights(centres(10, 12)), metres.ravel() / 0.3048, atol=1e-3
    )


def test_heights_in_the_feet_of_a_compound_system_stay_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", hills(10, 12), crs="EPSG:2263+6360", units="US survey foot")
    found = opened(path)
    assert np.allclose(ground(path).heights(centres(10, 12)), hills(10, 12).ravel(), atol=1e-3)
    assert found.about.ground


def test_a_grid_of_any_size_grows_by_windows(tmp_path: Path) -> None:
    heights = hills(8, 2600)
    path = write(tmp_path / "a.tif", heights)
    found = opened(path)
    assert any(token.startswith("more") for token in found.tokens)
    surface = ground(path)
    assert np.allclose(surface.heights(centres(8, 2600)), heights.ravel(), atol=1e-4)


def test_coarse_levels_come_from_overviews(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", hills(40, 4200), tiled=True, blockxsize=64, blockysize=64)
    bare = opened(path)
    with rasterio.open(path, "r+") as grid:
        grid.build_overviews([2, 4, 8], rasterio.enums.Resampling.average)
    quick = opened(path)
    for one, other in zip(bare.ready.values(), quick.ready.values(), strict=True):
        assert np.allclose(meshes(one)[0].positions, meshes(other)[0].positions, atol=0.5)


@given(st.integers(2, 700), st.integers(2, 700))
def test_the_tiles_of_every_level_hold_every_cell_and_divide_those_above(
    width: int, height: int
) -> None:
    pyramid = Pyramid(width, height)
    assert pyramid.counts(pyramid.top) == (1, 1)
    todo, leaves = [Tile(pyramid.top, 0, 0)], np.zeros((height, width), int)
    while todo:
        tile = todo.pop()
        columns, rows = pyramid.spans(tile, 1)
        assert columns.first < columns.last
        assert columns.last - columns.first <= SIDE << tile.level
        below = pyramid.below(tile)
        if not below:
            leaves[rows.first : rows.last, columns.first : columns.last] += 1
        assert (
            min((pyramid.spans(one, 1)[0].first for one in below), default=columns.first)
            == columns.first
        )
        assert (
            max((pyramid.spans(one, 1)[0].last for one in below), default=columns.last)
            == columns.last
        )
        todo += below
    assert (leaves[:-1, :-1] == 1).all()


@settings(max_examples=30)
@given(st.integers(2, 300), st.integers(2, 300), st.integers(0, 5))
def test_no_cell_is_farther_off_than_its_tile_says(width: int, height: int, seed: int) -> None:
    heights = hills(height, width, seed)
    pyramid = Pyramid(width, height)
    top = Tile(pyramid.top, 0, 0)
    found = judged(pyramid, top, 0, heights)
    for tile in found.error:
        columns, rows = pyramid.spans(tile, 1 << tile.level)
        cells = np.meshgrid(columns.cells(), rows.cells())
        coarse = heights[cells[1], cells[0]]
        own = heights[rows.first : rows.last + 1, columns.first : columns.last + 1]
        assert np.array_equal(coarse, picked(own, 1 << tile.level))
        x = np.arange(columns.first, columns.last + 1)
        y = np.arange(rows.first, rows.last + 1)
        lines = np.array([np.interp(x, columns.cells(), line) for line in coarse])
        surface = np.array([np.interp(y, rows.cells(), line) for line in lines.T]).T
        assert np.abs(surface - own).max() <= found.error[tile] + 1e-3
        assert found.low[tile] == own.min()


def test_tiles_of_one_level_share_their_edges(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", hills(70, 200))
    found = opened(path)
    triangles = corners(path, found.tree, found.tokens)
    surface = Surface(triangles)
    x = np.full(400, 84_000 + (SIDE + 0.5) * 2)
    y = np.linspace(447_499, 447_500 - 139, 400)
    assert not np.isnan(surface.heights(np.stack([x, y], 1))).any()


def test_normals_point_up_whatever_way_the_rows_run(tmp_path: Path) -> None:
    south_up = rasterio.Affine(2, 0, 84_000, 0, 2, 447_000)
    for number, transform in enumerate((south_up, rasterio.Affine(1.4, 1.4, 0, 1.4, -1.4, 0))):
        path = write(tmp_path / f"{number}.tif", hills(20, 30), transform=transform)
        mesh = meshes(next(iter(opened(path).ready.values())))[0]
        p = mesh.positions[mesh.triangles].astype(float)
        up = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])[:, 2]
        assert (up[np.abs(up) > 1e-6] > 0).all()
        assert mesh.normals is not None
        assert (mesh.normals[:, 2] > 0).all()
        flat = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])[: len(up)]
        kept = np.abs(flat[:, 2]) > 1e-6
        unit = flat[kept] / np.linalg.norm(flat[kept], axis=1)[:, None]
        assert np.median((unit * mesh.normals[mesh.triangles[kept, 0]]).sum(1)) > 0.98


def test_dates_and_credits_come_from_the_tags(tmp_path: Path) -> None:
    tags = {
        "TIFFTAG_DATETIME": "2021:03:05 10:00:00",
        "TIFFTAG_COPYRIGHT": "Survey",
        "ACQUISITION_DATE": "2019",
    }
    found = opened(write(tmp_path / "a.tif", hills(10, 10), tags=tags))
    assert found.about.fields["attribution"] == "Survey"
    assert len(found.features) == 1
    assert sorted(str(x)[:10] for x in found.observations.t_lo) == ["2019-01-01", "2021-03-05"]


@pytest.mark.parametrize("name", ["a.vrt", "b.VRT"])
def test_a_file_that_names_other_files_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>")
    with pytest.raises(NotSupported, match="VRT"):
        opened(str(path))
    (tmp_path / "c.tif").write_text(path.read_text())
    with pytest.raises(BrokenFile):
        opened(str(tmp_path / "c.tif"))


def test_what_is_no_grid_of_heights_is_said(tmp_path: Path) -> None:
    wrong: dict[str, NDArray[Any]] = {
        "row": hills(1, 9), "complex": hills(4, 4).astype(np.complex64),
        "empty": np.full((9, 9), np.nan, np.float32),
    }  # fmt: skip
    for name, heights in wrong.items():
        with pytest.raises(OpenError):
            opened(write(tmp_path / f"{name}.tif", heights))
    with pytest.raises(BrokenFile, match="area"):
        opened(
            write(tmp_path / "flat.tif", hills(4, 4), transform=rasterio.Affine(0, 0, 1, 0, 0, 1))
        )
    with pytest.raises(NotSupported, match="server"):
        opened("https://example.org/a.tif")


def test_a_damaged_file_is_an_error_of_the_twin(tmp_path: Path) -> None:
    whole = Path(write(tmp_path / "a.tif", hills(60, 60), compress="deflate")).read_bytes()
    rng = np.random.default_rng(7)
    for turn in range(40):
        data = bytearray(whole[: len(whole) * (turn + 1) // 41] if turn % 2 else whole)
        for _ in range(8):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path = tmp_path / "b.tif"
        path.write_bytes(data)
        try:
            found = opened(str(path))
            corners(str(path), found.tree, found.tokens)
        except OpenError:
            continue


def test_an_ascii_grid_and_srtm_are_read_too(tmp_path: Path) -> None:
    grid = "ncols 3\nnrows 2\nxllcorner 100\nyllcorner 200\ncellsize 10\nnodata_value -1\n1 2 3\n4 5 6\n"
    (tmp_path / "a.asc").write_text(grid)
    assert ground(str(tmp_path / "a.asc")).heights(np.array([[105.0, 215.0]])) == pytest.approx(
        [1.0]
    )
    tile = np.arange(1201 * 1201, dtype=">i2").reshape(1201, 1201) % 900
    tile[0, 0] = -32768
    (tmp_path / "N52E004.hgt").write_bytes(tile.astype(">i2").tobytes())
    found = opened(str(tmp_path / "N52E004.hgt"))
    assert found.tree.boxes()[0][:2] == pytest.approx([4.0, 52.0], abs=1e-3)
    assert recognise(str(tmp_path / "N52E004.hgt"), LOADERS) is LOADERS["terrain"]


@pytest.mark.shared
def test_cape_town_stands_where_the_file_says(shared_data: Path) -> None:
    path = str(shared_data / CAPE)
    found = opened(path)
    leaves = [n for n, token in enumerate(found.tokens) if token.split("-")[1].startswith("0.")][
        ::20
    ]
    parts = [meshes(fetched(path, n, found.tokens[n]))[0] for n in leaves]
    surface = Surface(np.concatenate([m.positions[m.triangles] + m.origin for m in parts]))
    with rasterio.open(path) as grid:
        heights = grid.read(1)
        rows, columns = np.random.default_rng(0).integers(0, (1131, 641), (5000, 2)).T
        x, y = rasterio.transform.xy(grid.transform, rows, columns)
    seen = surface.heights(np.stack([x, y], 1))
    there = ~np.isnan(seen)
    assert there.sum() > 100
    assert np.allclose(seen[there], heights[rows, columns][there], atol=1e-3)


def test_relief_is_shaded_from_the_northwest_whatever_its_units() -> None:
    slopes = np.array([[0, 0, 1], [-0.3, 0.3, 1], [0.3, -0.3, 1]], np.float64)
    flat, toward, away = shaded(slopes, (1.0, 1.0))[:, 0].astype(int)
    assert flat == round(255 * 0.82)
    assert toward > flat + 30
    assert away < flat - 30
    degrees = slopes * np.array([111_320.0, 111_320.0, 1.0])
    assert shaded(degrees, (111_320.0, 1.0)).tolist() == shaded(slopes, (1.0, 1.0)).tolist()
