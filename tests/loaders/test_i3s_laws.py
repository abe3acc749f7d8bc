"""Laws of scene layers: boxes hold, thresholds are met, atlases are cut exactly, hostile bytes are told."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders._ellipsoid import above, geocentric, geodetic
from loaders.i3s.atlas import placed
from loaders.i3s.attributes import read_column
from loaders.i3s.boxes import boxes_of, error_of
from loaders.i3s.buffers import Geometry, legacy, read_buffer
from loaders.i3s.content import read_node
from loaders.i3s.draco import attribute_notes, read_draco
from loaders.i3s.layer import layer_of
from loaders.i3s.nodes import Mesh, first_tree
from loaders.i3s.package import Package
from loaders.i3s.scenes import drawn
from loaders.i3s.systems import System, system_of
from tests.loaders import i3s_files as made
from tests.loaders.test_i3s import Walk
from twin.errors import BrokenFile, NotFound, OpenError, TwinError
from twin.files import Folder
from twin.ports import SILENT

LAYER = layer_of(Package(Folder(".")), made.layer())
finite = st.floats(-1.0, 1.0, width=32)


@given(
    st.floats(-179.0, 179.0), st.floats(-80.0, 80.0), st.floats(-100.0, 3000.0),
    st.lists(st.floats(0.5, 20_000.0), min_size=3, max_size=3),
    st.lists(finite, min_size=4, max_size=4).filter(lambda q: sum(v * v for v in q) > 0.01),
    st.lists(finite, min_size=3, max_size=3),
)  # fmt: skip
def test_a_global_box_holds_every_point_of_the_geocentric_one(
    lon: float, lat: float, height: float, half: list[float], turn: list[float], at: list[float]
) -> None:
    volume = np.array([[lon, lat, height, *half, *turn]])
    center, axes = boxes_of(volume, System("EPSG:4326", geographic=True))
    x, y, z, w = np.array(turn) / np.linalg.norm(turn)
    spin = np.array([x, y, z])
    local = np.array(at) * half
    turned = local + 2 * np.cross(spin, np.cross(spin, local) + w * local)
    point = (
        geocentric(np.radians(np.array(lon)), np.radians(np.array(lat)), np.array(height)) + turned
    )
    a, b = geodetic(point[None, :])
    degrees = np.array([np.degrees(a[0]), np.degrees(b[0]), above(point[None, :], b)[0]])
    degrees[0] += 360 * np.round((lon - degrees[0]) / 360)
    inside = np.linalg.solve(axes[0].astype(np.float64).T, degrees - center[0])
    assert np.abs(inside).max() <= 1.0 + 1e-3


@given(st.floats(1.0, 1e7), st.floats(0.1, 1e4), st.floats(1.0, 1e5))
def test_a_node_is_refined_just_when_its_sphere_covers_its_threshold(
    threshold: float, radius: float, distance: float
) -> None:
    pixels = 700.0 / distance  # pixels per metre at a distance
    area = np.pi / 4 * (2 * radius * pixels) ** 2
    if abs(area / threshold - 1) > 1e-6:
        assert (error_of(threshold, radius) * pixels > 16.0) == (area > threshold)


def test_a_node_without_a_threshold_is_always_refined() -> None:
    assert error_of(0.0, 10.0) == float("inf")


@given(st.lists(st.floats(-6.0, 6.0), min_size=6, max_size=6))
def test_an_atlas_cut_keeps_the_surface_and_stays_in_its_part(uv: list[float]) -> None:
    corners = np.array([[0, 0, 0], [4, 0, 0], [0, 3, 0]], np.float32)
    region = np.tile(np.array([[6554, 13107, 19661, 32768]], np.uint16), (3, 1))
    texture = np.array(uv, np.float32).reshape(3, 2)
    found, whole = placed(
        Geometry(corners, np.array([[0, 1, 2]], np.int32), uv=texture, region=region)
    )
    assert whole
    assert found.uv is not None
    three = found.positions[found.triangles].astype(np.float64)
    sides = np.cross(three[:, 1] - three[:, 0], three[:, 2] - three[:, 0])
    assert np.linalg.norm(sides, axis=1).sum() / 2 == pytest.approx(6.0, rel=1e-3)
    assert (found.uv >= region[0, :2] / 65535 - 1e-5).all()
    assert (found.uv <= region[0, 2:] / 65535 + 1e-5).all()


def test_an_atlas_piece_shows_what_the_repeated_part_would_show() -> None:
    corners = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0]], np.float32)
    texture = np.array([[0, 0], [2, 0], [0, 2]], np.float32)
    region = np.tile(np.array([[0, 0, 32768, 65535]], np.uint16), (3, 1))
    found, _ = placed(
        Geometry(corners, np.array([[0, 1, 2]], np.int32), uv=texture, region=region)
    )
    assert found.uv is not None
    for three in found.triangles:
        middle = found.positions[three].mean(axis=0)[:2] % 1.0
        shown = found.uv[three].mean(axis=0) / (region[0, 2:] / 65535)
        assert shown == pytest.approx(middle, abs=1e-4)


@given(st.binary(max_size=400), st.integers(0, 2**31), st.integers(0, 2**31))
def test_any_bytes_are_a_geometry_or_a_broken_file(data: bytes, v: int, f: int) -> None:
    for read in (
        lambda: read_buffer(data, legacy(LAYER), (v, f), "x"),
        lambda: attribute_notes(b"DRACO\2\2\1\1\0\x80" + data, "x"),
        lambda: read_draco(b"DRACO" + data, "x"),
    ):
        try:
            read()
        except BrokenFile:
            continue


@given(
    st.lists(
        st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        max_size=8,
    )
)
def test_texts_come_back_as_they_were_written(values: list[str | None]) -> None:
    storage = made.stored("f_1", "NAME", "String")
    assert read_column(made.strings(values), storage, LAYER, "x").tolist() == values


@given(st.binary(max_size=60), st.sampled_from(LAYER.columns))
def test_any_bytes_are_a_column_or_a_broken_file(data: bytes, storage: dict[str, Any]) -> None:
    try:
        found = read_column(data, storage, LAYER, "x")
    except BrokenFile:
        return
    assert len(found) <= len(data)


@pytest.mark.parametrize(
    ("reference", "model", "want"),
    [
        ({"wkid": 4326, "vcsWkid": 5773}, {}, ("EPSG:4326", "EPSG:5773", True)),
        ({"wkid": 102100}, {}, ("EPSG:3857", "", False)),
        ({"wkid": 28992}, {"vertCRS": "EGM96_Geoid"}, ("EPSG:28992", "EPSG:5773", False)),
        ({"wkid": 4326, "vcsWkid": 115700}, {}, ("EPSG:4326", "ellipsoidal", True)),
        ({"wkid": 4326, "latestVcsWkid": 3855}, {}, ("EPSG:4326", "EPSG:3855", True)),
        ({"wkid": 4326}, {"heightModel": "ellipsoidal"}, ("EPSG:4326", "ellipsoidal", True)),
        ({"wkid": 999999}, {}, ("ESRI:999999", "", False)),
        ({}, {}, ("", "", False)),
    ],
)
def test_a_spatial_reference_is_named_as_the_registries_do(
    reference: dict[str, Any], model: dict[str, Any], want: tuple[str, str, bool]
) -> None:
    found = system_of({"spatialReference": reference, "heightModelInfo": model})
    assert (found.crs, found.vertical, found.geographic) == want


def codes(path: Path, held: dict[str, Any]) -> list[str]:
    return sorted(problem.code for problem in Walk(made.slpk(path / "a.slpk", held)).problems)


def test_a_wrong_attribute_buffer_leaves_the_other_attributes(tmp_path: Path) -> None:
    held = made.members()
    held["nodes/5/attributes/f_1/0.bin"] = bytes([1, 0, 0, 0] * 3 + [0])
    found = Walk(made.slpk(tmp_path / "a.slpk", held))
    assert [p.code for p in found.problems] == ["i3s.attribute"]
    assert found.column("use") == ["dwelling", "office"] * 2
    assert found.ids == ["10", "11", "11", "21"]


def test_a_missing_node_page_is_told_and_the_rest_is_drawn(tmp_path: Path) -> None:
    held = made.members()
    del held["nodepages/1.json"]
    found = Walk(made.slpk(tmp_path / "a.slpk", held))
    assert [p.code for p in found.problems] == ["missing.file"]
    assert found.ids == ["10", "11"]


def test_a_node_that_is_its_own_descendant_ends_there(tmp_path: Path) -> None:
    held = made.members()
    held["nodepages/1.json"]["nodes"][0]["children"] = [0, 2]
    assert codes(tmp_path, held) == ["i3s.cycle", "i3s.cycle"]


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "a\0b", "..%2f..%2fx"])
def test_a_hostile_reference_reads_nothing_outside(tmp_path: Path, name: str) -> None:
    held = made.documents()
    child = held[f"nodes/{made.ROOT}/3dNodeIndexDocument.json"]["children"][0]
    child["id"] = name
    secret = tmp_path / "etc"
    secret.mkdir()
    found = Walk(made.folder(tmp_path / "deep" / "layer", held))
    assert found.ids == ["11", "21"]
    assert {p.code for p in found.problems} <= {"outside.root", "missing.file", "unreadable.file"}


def test_lying_counts_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    held = made.members()
    geometry = held["nodes/5/geometries/0.bin"]
    held["nodes/5/geometries/0.bin"] = b"\xff\xff\xff\x7f" + geometry[4:]
    with pytest.raises(BrokenFile, match="vertices"):
        Walk(made.slpk(tmp_path / "a.slpk", held))


@given(st.data())
def test_a_document_with_anything_in_it_opens_or_says_why(data: st.DataObject) -> None:
    odd: Any = st.one_of(
        st.none(), st.booleans(), st.integers(-3, 1 << 40), st.text(max_size=4),
        st.floats(allow_nan=False, allow_infinity=False), st.just([]), st.just({}), st.just([None, {}, 3]),
    )  # fmt: skip
    held = data.draw(st.sampled_from([made.members, made.documents, made.points]))()
    documents = [key for key, value in held.items() if not isinstance(value, bytes)]
    name = data.draw(st.sampled_from(documents))
    changed = orjson.loads(made.dumped(held[name]))
    node = changed
    for _ in range(data.draw(st.integers(0, 4))):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        below = [k for k in keys if isinstance(node[k], dict | list) and node[k]]
        if not below:
            break
        node = node[data.draw(st.sampled_from(below))]
    key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
    node[key] = data.draw(odd)
    held[name] = changed
    layer = _Memory(held)
    try:
        layer.walk()
    except OpenError:
        return
    except TwinError:
        return


class _Memory:
    """A layer in memory: the root that the loader reads is a mapping."""

    def __init__(self, held: dict[str, Any]) -> None:
        self.held = {
            key: value if isinstance(value, bytes) else made.dumped(value)
            for key, value in held.items()
        }
        self.location = "memory"

    def names(self, address: str) -> tuple[str, ...]:
        return (address,)

    def read(self, address: str, limit: int = 1 << 30) -> bytes:
        if address not in self.held:
            raise NotFound(location=address)
        return self.held[address]

    def walk(self) -> None:
        package = Package(self)
        for layer in drawn(package, package.layer(), "", []):
            grown = first_tree(layer, SILENT)
            assert np.isfinite(grown.tree.center).all()
            for token in grown.tokens:
                if isinstance(token, Mesh):
                    try:
                        read_node(token)
                    except TwinError:
                        continue
