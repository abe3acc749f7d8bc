"""A stream fetches what the view wants, keeps to its budget, and tells of a failed tile once."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.errors import BrokenFile
from twin.features import FeatureTable, texts
from twin.geometry import Mesh
from twin.jobs import Jobs
from twin.observations import Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options, Probe
from twin.records import About
from twin.session import Session
from twin.settings import Settings
from twin.streaming import Frame, compact
from twin.tiles import REPLACE, TileTree, View

SIDE = 8
BROKEN = 5
EXTERNAL = 9


def square(x: float, y: float, size: float, vertices: int = 4) -> Mesh:
    corners = np.array([[0, 0, 0], [size, 0, 0], [size, size, 0], [0, size, 0]], np.float32)
    positions = np.resize(corners, (vertices, 3))
    return Mesh(
        np.array([x, y, 0.0]), positions, np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        np.zeros(vertices, np.int32),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grid:
    """A root over SIDE x SIDE tiles of 100 m that bring their own objects; one tile is broken, one
    turns out to be more tree."""

    location: str
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        boxes = np.array(
            [[100.0 * x, 100.0 * y, 0, 100 * x + 100, 100 * y + 100, 1]
             for x in range(SIDE) for y in range(SIDE)]
        )  # fmt: skip
        tree = TileTree.flat(boxes)
        tree.content[0], tree.refine[0], tree.error[0] = True, REPLACE, 50.0
        return Opened(
            "grid",
            About("grid", crs="EPSG:28992"),
            tree,
            FeatureTable.empty(),
            Observations.empty(),
        )

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        if token == "inner":
            return content("inner", square(0, 0, 50))
        if tile == BROKEN:
            raise BrokenFile(location="5.b3dm", format="grid", reason="it ends early")
        if tile == EXTERNAL:
            inner = TileTree.single(np.array([100.0, 0, 0, 200, 100, 1]))
            return Growth(inner, ("inner",))
        x, y = divmod(tile - 1, SIDE)
        mesh = square(0, 0, 800) if tile == 0 else square(100 * x, 100 * y, 100, 8000)
        return content(f"o{tile}", mesh)


def content(key: str, mesh: Mesh) -> Content:
    box = np.concatenate([mesh.positions.min(axis=0), mesh.positions.max(axis=0)]) + np.tile(
        mesh.origin, 2
    )
    return Content((mesh,), FeatureTable.single(key, "Thing", box))


@dataclass(frozen=True, slots=True)
class Loading:
    format: str = "grid"
    suffixes: tuple[str, ...] = ("grid",)
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        return 90 if probe.suffix == "grid" else 0

    def source(self, location: str, options: Options) -> Grid:
        return Grid(location)


@pytest.fixture
def city(tmp_path: Path) -> Session:
    (tmp_path / "a.grid").write_text("x")
    made = Settings(cache_folder=str(tmp_path), memory_mb=64)
    found = Session(made, Jobs(inline=True), {"grid": Loading()})
    found.open(str(tmp_path / "a.grid"))
    found.finish()
    assert found.errors == []
    return found


def down(x: float, y: float, height: float) -> View:
    return View(
        np.array([x, y, height]), np.array([0.0, 0, -1]), np.array([0.0, 1, 0]), 45, (600, 600)
    )


def test_far_away_one_coarse_tile_is_enough(city: Session) -> None:
    frame = city.settle(down(400, 400, 6000))
    assert list(frame.layers["a"].tiles) == [0]


def test_near_the_ground_the_fine_tiles_come_and_a_broken_one_is_told_once(city: Session) -> None:
    for _ in range(3):
        frame = city.settle(down(400, 400, 1000))
    assert frame.complete
    assert len(frame.layers["a"].tiles) == SIDE * SIDE - 1
    problems = [p.code for p in city.twin.layer("a").problems]
    assert problems.count("tile.failed") == 1


def test_a_tile_that_is_more_tree_grows_the_layer(city: Session) -> None:
    before = len(city.twin.layer("a").tree)
    frame = city.settle(down(150, 50, 120))
    assert len(city.twin.layer("a").tree) == before + 1
    assert EXTERNAL not in frame.layers["a"].tiles
    assert before in frame.layers["a"].tiles


def test_objects_arrive_with_their_tiles_and_keep_their_rows(city: Session) -> None:
    city.settle(down(50, 750, 120))
    table = city.twin.layer("a").features
    first = {str(key): row for row, key in enumerate(table.id)}
    city.index()
    after = city.twin.layer("a").features
    assert len(after) == SIDE * SIDE
    assert all(str(after.id[row]) == key for key, row in first.items())
    assert not city.twin.layer("a").provisional
    assert len(city.twin.layer("a").assessment) == len(after)


def test_the_budget_holds_and_tiles_dropped_come_back_with_their_rows(city: Session) -> None:
    stream = city.screen.streams["a"]
    city.settle(down(400, 400, 1000))
    budget = 2 * 1048576
    assert stream.nbytes > 3 * budget
    rows = {tile: part.rows.copy() for tile, part in stream.resident.items()}
    for x in (50, 250, 450, 650):
        limited(city, down(x, 50, 120), 2)
        assert stream.nbytes <= budget * 1.1
    frame = limited(city, down(50, 50, 120), 2)
    for tile, part in frame.layers["a"].tiles.items():
        if tile in rows:
            assert np.array_equal(part.rows, rows[tile])


def limited(city: Session, view: View, megabytes: int) -> Frame:
    """Settle with another memory budget."""
    city.set_settings(replace(city.settings, memory_mb=megabytes))
    return city.settle(view)


def test_what_cannot_fit_is_shown_coarser_and_said(city: Session) -> None:
    whole = city.settle(down(400, 400, 1000))
    assert whole.sse_used == 16.0
    tight = limited(city, down(400, 400, 1000), 1)
    for _ in range(40):
        tight = city.frame(down(400, 400, 1000))
        city.finish()
    assert tight.sse_used > 16.0
    assert tight.layers["a"].tiles


def test_compaction_numbers_features_locally_and_keeps_the_background() -> None:
    mesh = square(0, 0, 1)
    many = Mesh(mesh.origin, mesh.positions, mesh.triangles, np.array([70, -1, 70, 9], np.int32))
    found = compact(Content((many,)))
    assert found.numbers.tolist() == [9, 70]
    assert found.drawables[0].feature.tolist() == [1, -1, 1, 0]
    assert found.triangles == 2


def test_an_empty_content_compacts_to_nothing() -> None:
    found = compact(Content((), FeatureTable.empty()))
    assert found.numbers.tolist() == []
    assert found.nbytes == 0


def test_ids_seen_in_two_tiles_are_one_row(city: Session) -> None:
    table = FeatureTable(
        texts(["a", "b", "a"]), np.zeros(3, np.uint16), ("T",), np.full(3, -1, np.int32),
        np.zeros((3, 6)),
    )  # fmt: skip
    assert dict(table.rows_by_id) == {"a": 2, "b": 1}
