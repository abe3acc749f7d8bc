"""What goes into the tile cache comes out the same; what is broken is as if it were absent."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin import cache
from twin.features import FeatureTable, texts
from twin.geometry import Image, Material, Mesh
from twin.observations import Observations
from twin.ports import Content, Opened
from twin.records import About, Problem
from twin.tiles import Gates, TileTree


def content() -> Content:
    image = Image("wall", encoded=b"\xff\xd8jpeg")
    mesh = Mesh(
        np.array([85000.0, 446000.0, 1.5]),
        np.arange(9, dtype=np.float32).reshape(3, 3),
        np.array([[0, 1, 2]], np.int32),
        np.zeros(3, np.int32),
        Material("m", image=image, color=(0.1, 0.2, 0.3, 1.0)),
    )
    table = FeatureTable(
        texts(["a", "ü建筑"]), np.zeros(2, np.uint16), ("Building",), np.array([-1, 0], np.int32),
        np.zeros((2, 6)), name=texts([None, "x"]),
        columns={"h": np.array([1.5, np.nan]), "t": np.array(["2020-01-01", "NaT"], "M8[ms]")},
    )  # fmt: skip
    return Content((mesh,), table, Observations.empty(), (Problem("p", "q", "r", {"n": 1}),))


def test_a_content_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "1.ctc"
    cache.save(path, content())
    found = cache.load(path)
    assert isinstance(found, Content)
    before, after = content().drawables[0], found.drawables[0]
    assert isinstance(before, Mesh)
    assert isinstance(after, Mesh)
    assert np.array_equal(before.positions, after.positions)
    assert after.origin.dtype == np.float64
    assert after.material.image is not None
    assert after.material.image.encoded == b"\xff\xd8jpeg"
    assert after.material.color == (0.1, 0.2, 0.3, 1.0)
    assert found.features is not None
    assert found.features.id.tolist() == ["a", "ü建筑"]
    assert found.features.name is not None
    assert found.features.name.tolist() == [None, "x"]
    assert np.isnat(found.features.columns["t"][1])
    assert found.problems == content().problems


def test_an_opened_source_comes_back(tmp_path: Path) -> None:
    tree = TileTree.flat(np.array([[0.0, 0, 0, 1, 1, 1], [2, 2, 0, 3, 3, 1]]))
    gates = Gates(np.ones(1, np.int32), np.ones((1, 3)), np.ones((1, 3, 3), np.float32),
                  np.ones(1, np.bool_))  # fmt: skip
    tree = replace(tree, gates=gates)
    opened = Opened("t", About("cityjson", fields={"a": "b"}), tree, FeatureTable.empty(),
                    Observations.empty(), frame=np.eye(4))  # fmt: skip
    cache.save(tmp_path / "o.ctc", opened)
    found = cache.load(tmp_path / "o.ctc")
    assert isinstance(found, Opened)
    assert len(found.tree) == 3
    assert np.array_equal(found.tree.gates.axes, gates.axes)
    assert found.about.fields == {"a": "b"}
    assert found.frame is not None


@given(st.lists(st.one_of(st.none(), st.text()), max_size=20))
def test_texts_come_back(values: list[str | None]) -> None:
    import tempfile

    clean = [v if v is None else v.encode("utf-8", "replace").decode() for v in values]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.ctc"
        cache.save(path, (texts(clean),))
        found = cache.load(path)
        assert found is not None
        assert found[0].tolist() == clean


@pytest.mark.parametrize("cut", [0, 3, 11, 40, 200, 900])
def test_a_cut_file_is_as_if_absent(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "1.ctc"
    cache.save(path, content())
    path.write_bytes(path.read_bytes()[:cut])
    assert cache.load(path) is None


def test_a_mutated_file_never_raises(tmp_path: Path) -> None:
    path = tmp_path / "1.ctc"
    cache.save(path, content())
    sound, rng = path.read_bytes(), np.random.default_rng(7)
    for _ in range(300):
        broken = bytearray(sound)
        for place in rng.integers(0, min(len(sound), 1500), 3):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(broken)
        cache.load(path)


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    import os

    for name, age in (("old", 100), ("new", 10)):
        cache.save(tmp_path / name / "1.ctc", content())
        os.utime(tmp_path / name / "1.ctc", (1e9 - age, 1e9 - age))
    cache.save(tmp_path / "now" / "1.ctc", content())
    size = (tmp_path / "new" / "1.ctc").stat().st_size * 2
    cache.trim(tmp_path, size)
    assert not (tmp_path / "old" / "1.ctc").exists()
    assert (tmp_path / "new" / "1.ctc").exists()
    cache.trim(tmp_path, 0)
    assert not (tmp_path / "new" / "1.ctc").exists()
    assert (tmp_path / "now" / "1.ctc").exists()


def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    first = cache.fingerprint(str(path))
    path.write_bytes(b"two!")
    assert cache.fingerprint(str(path)) != first
