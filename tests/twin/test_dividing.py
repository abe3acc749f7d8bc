"""Terrain divided for its pictures: the same surface in pieces, told as one tile to all who count."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio import Affine

from tests.loaders.terrain_files import hills, write
from twin import draping
from twin.dividing import DEEPEST, OVERLAP, Part, cut, divided, plan_of, quarters
from twin.geometry import F64, Mesh
from twin.ground import Surface
from twin.jobs import Jobs
from twin.records import SourceRef
from twin.session import Session
from twin.streaming import Frame
from twin.tiles import SAME, TileTree, View

DOWN = np.array([0.0, 0, -1]), np.array([0.0, 1, 0])


def surface(seed: int, side: int = 9) -> Mesh:
    """Return a bumpy grid of 100 m with an origin far away, its rows turned a little, and a wall."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(-50, 50, side), np.linspace(-50, 50, side))
    points = np.stack([x + 0.1 * y, y - 0.1 * x, rng.uniform(0, 30, x.shape)], -1).reshape(-1, 3)
    number = np.arange(side * side).reshape(side, side)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    faces = np.stack([np.stack([a, b, c], -1), np.stack([b, d, c], -1)], 2).reshape(-1, 3)
    wall = points[number[0]] - np.array([0, 0, 20.0])
    low = side * side + np.arange(side)
    walls = np.stack([number[0, :-1], low[:-1], number[0, 1:]], 1)
    return Mesh(
        np.array([84_000.0, 447_000, 3]), np.concatenate([points, wall]).astype(np.float32),
        np.concatenate([faces, walls]).astype(np.int32), np.full(side * side + side, -1, np.int32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (side * side + side, 1)),
    )  # fmt: skip


def triangles(item: Mesh) -> F64:
    return item.positions[item.triangles].astype(np.float64) + item.origin


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_pieces_are_the_surface_itself(seed: int, depth: int) -> None:
    whole = surface(seed)
    low, high = plan_of([whole])
    rng = np.random.default_rng(seed)
    spots = rng.uniform(low, high, (40, 2))
    known = Surface(triangles(whole)).heights(spots)
    found = np.full(len(spots), np.nan)
    for digits in np.ndindex(*(4,) * depth):
        part = Part("t", "".join(map(str, digits)))
        least, most = part.within(low, high)
        inside = ((spots >= least) & (spots <= most)).all(axis=1)
        if not inside.any():
            continue
        pieces = cut([whole], part, low, high)
        reach = OVERLAP * (most - least) + 1e-4
        for piece in pieces:
            at = triangles(piece)[..., :2]
            assert (at >= least - reach).all()
            assert (at <= most + reach).all()
            found[inside] = np.fmax(
                found[inside], Surface(triangles(piece)).heights(spots[inside])
            )
    assert np.isnan(found).tolist() == np.isnan(known).tolist()
    assert (
        np.nanmax(np.abs(found - known), initial=0.0) < 2e-3
    )  # steps of float32 at 50 m, slopes to 3


def test_areas_of_quarters_sum_to_the_tile_with_its_walls() -> None:
    whole = surface(4)

    def area(item: Mesh) -> float:
        a, b, c = np.moveaxis(triangles(item), 1, 0)
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)

    low, high = plan_of([whole])
    parts = [cut([whole], Part("t", digit), low, high) for digit in "0123"]
    total = sum(area(item) for items in parts for item in items)
    assert total == pytest.approx(area(whole), rel=6 * OVERLAP)


def test_tokens_come_back_and_pieces_lie_within_each_other() -> None:
    for part in (Part("0.1.2-0.3.4"), Part("draw-3.1.2--", "031", True), Part("7", "2")):
        assert Part.of(part.token) == part
    assert Part.of("0.1.2-0.3.4") is None
    assert Part.of(7) is None
    low, high = Part("t", "31").within(np.zeros(2), np.full(2, 8.0))
    assert (low.tolist(), high.tolist()) == ([6.0, 4.0], [8.0, 6.0])


def test_whoever_counts_sees_the_tile_once() -> None:
    tree = TileTree.flat(np.array([[0.0, 0, 0, 50, 50, 9], [50.0, 0, 0, 90, 50, 9]]))
    found, tokens = divided(tree, ("", "a", "b"), np.array([0.0, 8, 0]))
    assert tokens == ("", "a", "b", "a~+")
    assert found.refine[1] == SAME
    assert found.leaves().tolist() == tree.leaves().tolist()
    assert found.repeating().tolist() == [False, False, False, True]
    grown = quarters(Part("a", "", True), [surface(1)], lambda boxes: np.ones(len(boxes)))
    assert grown.tokens[1:5] == ("a~0", "a~1", "a~2", "a~3")
    assert grown.tokens[5:] == ("a~0+", "a~1+", "a~2+", "a~3+")
    whole = found.grown(3, grown.tree)
    assert whole.leaves().tolist() == [1, 2]
    assert whole.repeating()[3:].all()
    last = quarters(
        Part("a", "0" * DEEPEST, True), [surface(1)], lambda boxes: np.ones(len(boxes))
    )
    assert all(not str(token).endswith("+") for token in last.tokens)


def fine(path: Path, metres: float) -> str:
    """Write a checkered picture over the first 120 m of a grid of 30 m cells."""
    side = round(120 / metres)
    rows, columns = np.mgrid[:side, :side]
    checks = (((rows // 4 + columns // 4) % 2) * 255).astype(np.uint8)
    place = Affine(metres, 0, 84_480, 0, -metres, 447_020)
    return write(path, np.stack([checks] * 3), transform=place)


def shown(session: Session, height: float) -> Frame:
    eye = np.array([84_540.0, 446_960.0, 30 + height])
    return session.settle(View(eye, *DOWN, 50.0, (320, 240)))


def test_a_fine_picture_is_seen_sharp_on_coarse_terrain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draping, "LARGEST", 128)
    grid = write(
        tmp_path / "dem.tif", hills(33, 33), transform=Affine(30, 0, 84_000, 0, -30, 447_500)
    )
    session = Session(jobs=Jobs(inline=True))
    session.open(grid, SourceRef(grid, drape=fine(tmp_path / "fine.tif", 0.5)))
    session.finish()
    (key,) = session.twin.layers
    spots = np.random.default_rng(1).uniform((84_500, 446_920), (84_580, 447_000), (50, 2))
    stream = session.screen.streams[key]
    leaves = stream.tree.leaves().tolist()
    shown(session, 2000.0)
    before = session.ground(spots)
    frame = shown(session, 40.0)
    pictures = [
        item.material.image.pixels
        for tile in frame.layers[key].tiles.values()
        for item in tile.drawables
        if isinstance(item, Mesh) and item.material.image is not None
    ]
    sharp = [p for p in pictures if p is not None and p.max() > 200]
    assert sharp
    assert any((np.abs(np.diff(p[..., 0].astype(int), axis=1)) > 120).any() for p in sharp)
    assert np.nanmax(np.abs(session.ground(spots) - before)) < 1e-3
    assert stream.tree.leaves().tolist() == leaves
    assert not len(stream.uncounted())
    assert len(stream.tree) > len(leaves) + 4
    session.close()
