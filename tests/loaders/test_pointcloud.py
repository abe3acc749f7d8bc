"""Point clouds: every point once, where the file has it, coarse before fine, with its date and its place."""

import datetime
import struct
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.pointcloud import LOADER, building, clouds, planting, store
from loaders.pointcloud.facts import creation
from loaders.pointcloud.header import read_header
from loaders.pointcloud.ordering import Cube, sampled
from loaders.pointcloud.systems import system_of
from tests.loaders.cloud_files import NETHERLANDS, copc, town, write
from twin.errors import BrokenFile, Cancelled, NotSupported, OpenError, TooLarge
from twin.geometry import F64, Points
from twin.observations import KINDS
from twin.ports import SILENT, Content, Growth, Opened, Options
from twin.tiles import TileTree


@pytest.fixture(autouse=True)
def _fresh() -> None:
    clouds.forget()


def opened(location: str, **values: str) -> Opened:
    return LOADER.source(location, Options(values=values)).open(SILENT)


def drawn(
    location: str, options: Options | None = None
) -> tuple[TileTree, dict[int, list[Points]]]:
    """Return the whole tree, pages grown, and the points of every tile."""
    source = LOADER.source(location, options or Options())
    found = source.open(SILENT)
    tree, tokens = found.tree, list(found.tokens) or [None] * len(found.tree)
    held: dict[int, list[Points]] = {}
    tile = 0
    while tile < len(tree):
        got = source.fetch(tile, tokens[tile], SILENT) if tree.content[tile] else None
        if isinstance(got, Growth):
            tree = tree.grown(tile, got.tree)
            tokens += got.tokens
        if isinstance(got, Content):
            held[tile] = [item for item in got.drawables if isinstance(item, Points)]
        tile += 1
    return tree, held


def places(held: dict[int, list[Points]]) -> F64:
    found = [item.positions.astype(float) + item.origin for part in held.values() for item in part]
    return np.concatenate(found)


def rows_sorted(points: F64, scale: float = 0.01) -> F64:
    whole = np.round(points / scale)
    return np.asarray(whole[np.lexsort(whole.T)])


def lawful(
    tree: TileTree, held: dict[int, list[Points]], expected: F64, scale: float = 0.01
) -> None:
    """Every point stands once; boxes hold points and children; parents are coarser; children stand together."""
    assert np.array_equal(rows_sorted(places(held), scale), rows_sorted(expected, scale))
    boxes = tree.boxes()
    for tile, parts in held.items():
        at = np.concatenate([item.positions.astype(float) + item.origin for item in parts])
        assert (at >= boxes[tile, :3] - scale).all()
        assert (at <= boxes[tile, 3:] + scale).all()
    child = np.flatnonzero(tree.parent >= 0)
    up = tree.parent[child]
    assert (boxes[child, :3] >= boxes[up, :3] - scale).all()
    assert (boxes[child, 3:] <= boxes[up, 3:] + scale).all()
    assert (tree.error[child] < tree.error[up]).all()
    assert ((child >= tree.first[up]) & (child < (tree.first + tree.count)[up])).all()


def test_every_point_stands_once_in_a_small_cloud(tmp_path: Path) -> None:
    tree, held = drawn(write(tmp_path / "a.laz", 26_000))
    lawful(tree, held, town(26_000)[0])
    assert len(tree) > 4


def test_a_copc_is_read_by_its_own_tree(tmp_path: Path) -> None:
    for pages in (True, False):
        tree, held = drawn(copc(tmp_path / f"{pages}.copc.laz", 4000, pages))
        if pages:  # a page stands below the tile that fetched it, as coarse as it
            assert np.array_equal(rows_sorted(places(held)), rows_sorted(town(4000)[0]))
        else:
            lawful(tree, held, town(4000)[0])


@pytest.mark.parametrize("held_most", [0, 10**9])
def test_a_large_cloud_is_made_in_pieces_and_kept(
    tmp_path: Path, monkeypatch: Any, held_most: int
) -> None:
    monkeypatch.setattr(building, "PIECE", 4096)
    monkeypatch.setattr(building, "HELD", held_most)
    monkeypatch.setattr(store, "SMALL", 100)
    monkeypatch.setattr("loaders.pointcloud.decoding.BLOCK", 7000)
    monkeypatch.setattr("loaders.pointcloud.ordering.LEAF", 500)
    location = write(tmp_path / "a.las", 20_000)
    options = Options(cache=str(tmp_path / "cache"))
    tree, held = drawn(location, options)
    lawful(tree, held, town(20_000)[0])
    kept = sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert kept == ["points.bin", "tree.ctc"]
    clouds.forget()
    monkeypatch.setattr(store, "build", None)  # nothing is made again
    again, _ = drawn(location, options)
    assert np.array_equal(again.center, tree.center)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.las", "cache"]


def test_cancelling_leaves_nothing_behind(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(store, "SMALL", 100)
    monkeypatch.setattr("loaders.pointcloud.decoding.BLOCK", 1000)
    location = write(tmp_path / "a.las", 5000)

    class Late:
        calls = 0

        def progress(self, done: float, what: str = "") -> None: ...

        def check(self) -> None:
            Late.calls += 1
            if Late.calls > 3:
                raise Cancelled(what="a")

    with pytest.raises(Cancelled):
        LOADER.source(location, Options(cache=str(tmp_path / "cache"))).open(Late())
    assert not list((tmp_path / "cache").iterdir())


def test_points_in_one_place_fill_several_tiles(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(planting, "MOST_TILE", 1000)
    places_ = town(200)[0]
    same = np.repeat(places_[:1], 6000, axis=0)
    every = np.concatenate([places_, same])
    location = write(tmp_path / "a.las", points=(every, np.ones(len(every), np.uint8)))
    tree, held = drawn(location)
    lawful(tree, held, np.round(every, 2))
    assert max(sum(len(item.positions) for item in part) for part in held.values()) <= 2000


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(0, 3))
def test_levels_cut_anywhere_are_those_of_the_whole(
    n: int, seed: int, cut: int, spread: int
) -> None:
    chance = np.random.default_rng(seed)
    codes = np.sort(chance.integers(0, 1 << (63 - 12 * spread), n, dtype=np.uint64))
    whole = sampled(codes, -1)
    at = min(cut, n)
    first, before = sampled(codes[:at], -1), int(codes[at - 1])
    assert np.array_equal(np.concatenate([first, sampled(codes[at:], before)]), whole)


def test_a_level_holds_one_point_a_cell() -> None:
    header = read_header(str(Path(__file__).parent.parent / "data" / "town.laz"))
    cube = Cube.around(np.array([0.0, 0, 0, 100, 100, 100]), np.ones(3))
    codes = np.sort(np.random.default_rng(1).integers(0, 1 << 63, 50_000, dtype=np.uint64))
    level = sampled(codes, -1)
    assert header.count == 900
    assert cube.spacing(1) == pytest.approx(100 / 256)
    for step in range(4):
        coarse = codes[level <= step] >> np.uint64(63 - 3 * (7 + step))
        assert len(np.unique(coarse)) == len(coarse)
        assert set(codes >> np.uint64(63 - 3 * (7 + step))) == set(coarse)


@pytest.mark.parametrize("form", range(11))
def test_every_point_format_says_the_same(tmp_path: Path, form: int) -> None:
    suffix = "las" if form in (4, 5, 9, 10) else "laz"
    location = write(tmp_path / f"a.{suffix}", 300, form=form)
    found = opened(location)
    lawful(*drawn(location), laspy.read(location).xyz)
    kinds = [found.features.kinds[code] for code in found.features.kind]
    assert kinds == ["PointCloud", "PointsGround", "PointsHighVegetation", "PointsBuilding"]
    assert found.features["points"][0] == found.features["points"][1:].sum() == 300


@pytest.mark.parametrize("wide", [True, False])
def test_eight_bits_in_sixteen_are_the_same_colours(tmp_path: Path, wide: bool) -> None:
    _, held = drawn(write(tmp_path / "a.laz", 300, wide=wide))
    shown = [p.colors for part in held.values() for p in part if p.colors is not None]
    colors = {tuple(row) for part in shown for row in part.tolist()}
    assert colors == {(40, 20, 2, 255), (100, 50, 5, 255), (120, 60, 6, 255)}


@pytest.mark.parametrize("mode", ["height", "intensity", "classification", "returns"])
def test_points_without_colours_are_coloured_by_what_they_have(tmp_path: Path, mode: str) -> None:
    location = write(tmp_path / "a.laz", 300, form=6)
    found = opened(location, color=mode)
    assert found.about.options[0].name == "color"
    points = [p for c in found.ready.values() for p in c.drawables if isinstance(p, Points)]
    assert points
    assert all(p.colors is not None and len(p.colors) == len(p.positions) for p in points)


def test_wide_clouds_lose_nothing_of_their_scale(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    every = np.asarray(chance.integers(-(10**9), 10**9, (500, 3)) * 0.001, np.float64)
    location = write(
        tmp_path / "a.las", points=(every, np.ones(500, np.uint8)), scale=0.001, offset=(0.0, 0, 0)
    )
    _, held = drawn(location)
    assert np.array_equal(rows_sorted(places(held), 0.001), rows_sorted(every, 0.001))


def test_capture_is_told_by_gps_time_and_the_file_by_its_day(tmp_path: Path) -> None:
    times = 3.0e8 + np.linspace(0, 3600, 300)
    said = opened(
        write(tmp_path / "a.laz", 300, times=times, made=datetime.date(2024, 2, 29))
    ).observations
    assert [KINDS[code] for code in said.kind] == ["captured", "file"]
    assert (
        str(said.t_lo[0]) == "2021-03-17T07:06:22.000"
    )  # 15046.296 days after 1980-01-06, 18 leap seconds
    assert str(said.t_lo[1])[:10] == "2024-02-29"
    week = opened(
        write(tmp_path / "b.laz", 300)
    ).observations  # seconds of a week: no date follows
    assert "captured" not in [KINDS[code] for code in week.kind]


def test_a_day_that_is_none_leaves_the_year(tmp_path: Path) -> None:
    location = Path(write(tmp_path / "a.las", 10, form=0))
    data = bytearray(location.read_bytes())
    for day, year, said in (
        (0, 2022, "2022"),
        (1, 1, ""),
        (60, 2020, "2020-02-29"),
        (400, 2020, "2020"),
    ):
        struct.pack_into("<HH", data, 90, day, year)
        location.write_bytes(data)
        assert creation(read_header(str(location))) == said


def test_the_system_is_that_of_the_file(tmp_path: Path) -> None:
    found = system_of(read_header(write(tmp_path / "a.laz", 10, wkt=NETHERLANDS)))
    assert found.route == "WKT"
    assert not system_of(read_header(write(tmp_path / "b.laz", 10))).crs


def _keys(*listed: tuple[int, int]) -> bytes:
    return struct.pack("<4H", 1, 1, 0, len(listed)) + b"".join(
        struct.pack("<4H", key, 0, 1, value) for key, value in listed
    )


@pytest.mark.parametrize(
    ("keys", "crs", "vertical", "rise"),
    [
        (_keys((1024, 1), (3072, 28992), (4096, 5709)), "EPSG:28992", "EPSG:5709", 1.0),
        (_keys((1024, 1), (3072, 32617), (4099, 9002)), "EPSG:32617", "", 0.3048),
        (_keys((1024, 2), (2048, 4326)), "EPSG:4326", "", 1.0),
        (_keys((1024, 1), (3076, 32632)), "", "", 1.0),
    ],
)
def test_geotiff_keys_name_a_system(
    tmp_path: Path, keys: bytes, crs: str, vertical: str, rise: float
) -> None:
    cloud = laspy.read(write(tmp_path / "a.las", 10, form=1))
    cloud.vlrs.append(laspy.VLR("LASF_Projection", 34735, "", keys))
    cloud.write(str(tmp_path / "b.las"))
    found = system_of(read_header(str(tmp_path / "b.las")))
    assert (found.crs, found.vertical, found.rise) == (crs, vertical, rise)


def changed(path: Path, at: int, form: str, *values: Any) -> str:
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, at, *values)
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    ("at", "form", "values", "error"),
    [
        (0, "<4s", (b"PLAS",), BrokenFile),
        (24, "<BB", (2, 0), NotSupported),
        (96, "<I", (2**31,), BrokenFile),
        (104, "<B", (99 & 0x3F,), NotSupported),
        (105, "<H", (3,), BrokenFile),
        (131, "<d", (0.0,), BrokenFile),
        (131, "<d", (float("nan"),), BrokenFile),
        (155, "<d", (float("inf"),), BrokenFile),
        (247, "<Q", (2**60,), BrokenFile),
    ],
)
def test_headers_that_cannot_be_true_are_refused(
    tmp_path: Path, at: int, form: str, values: tuple[Any, ...], error: type[OpenError]
) -> None:
    plain = Path(write(tmp_path / "a.las", 50))
    with pytest.raises(error) as raised:
        opened(changed(plain, at, form, *values))
    assert str(plain) in str(raised.value)


def test_records_that_cannot_be_there_are_told_and_cost_nothing(tmp_path: Path) -> None:
    plain = Path(write(tmp_path / "a.las", 50))
    found = opened(changed(plain, 100, "<I", 2**32 - 1))
    assert [item.code for item in found.problems] == ["pointcloud.records"]


@pytest.mark.parametrize("count", [1, 8, 40, 300])
def test_a_hierarchy_that_lies_is_refused(tmp_path: Path, count: int) -> None:
    path = Path(copc(tmp_path / "a.copc.laz", 2000, pages=False))
    info = 375 + 54
    with pytest.raises(OpenError):
        opened(changed(path, info + 40, "<Q", 2**40 + count))


def test_a_node_larger_than_memory_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(clouds, "MOST_CHUNK", 100)
    with pytest.raises(TooLarge):
        opened(copc(tmp_path / "a.copc.laz", 2000, pages=False))
