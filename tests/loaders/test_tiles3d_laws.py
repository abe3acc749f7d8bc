"""Laws of bounding volumes, and files broken at random: never a crash, never an index out of range."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from loaders._ellipsoid import east_north_up, geocentric, geodetic
from loaders.tiles3d import LOADER
from loaders.tiles3d.points import decoded_octahedron
from loaders.tiles3d.regions import region_boxes
from loaders.tiles3d.volumes import Volumes, on_earth
from tests.loaders import gltf_files as make
from twin.errors import OpenError
from twin.geometry import Instances, Lines, Mesh, Points
from twin.ports import SILENT, Content, Options

LON, LAT = st.floats(-np.pi, np.pi), st.floats(-np.pi / 2, np.pi / 2)
SIZES = st.floats(1e-6, 3.0)


def outside(points: NDArray[Any], center: NDArray[Any], axes: NDArray[Any]) -> float:
    """Return how far the points reach out of an oriented box, metres."""
    half = np.linalg.norm(axes, axis=1)
    along = np.abs((points - center) @ (axes / half[:, None]).T)
    return float((along - half).max())


def test_geocentric_coordinates_agree_with_known_points() -> None:
    # the ends of the axes, and EPSG guidance note 7-2, 4.1.1: 53°48'33.820"N 2°07'46.380"E 73.0 m
    lon, lat = (
        np.radians([0, 0, 2 + 7 / 60 + 46.38 / 3600]),
        np.radians([0, 90, 53 + 48 / 60 + 33.82 / 3600]),
    )
    found = geocentric(lon, lat, np.array([0, 0, 73.0]))
    assert np.allclose(found[0], [6378137, 0, 0])
    assert np.allclose(found[1], [0, 0, 6356752.314245], atol=1e-5)
    assert np.allclose(found[2], [3771793.968, 140253.342, 5124304.349], atol=2e-3)


@given(LON, st.floats(-1.5, 1.5), st.floats(-500, 9000))
def test_geodetic_undoes_geocentric(lon: float, lat: float, height: float) -> None:
    found = geodetic(geocentric(np.array([lon]), np.array([lat]), np.array([height])))
    apart = np.angle(np.exp(1j * (found[0] - lon)))
    assert abs(apart[0]) < 1e-9
    assert abs(found[1][0] - lat) < 1e-9


@given(LON, LAT)
def test_the_local_frame_is_a_rotation_whose_third_row_leaves_the_earth(
    lon: float, lat: float
) -> None:
    frame = east_north_up(np.array(lon), np.array(lat))
    assert np.allclose(frame @ frame.T, np.eye(3))
    assert np.isclose(np.linalg.det(frame), 1)
    low, high = (geocentric(np.array(lon), np.array(lat), np.array(h)) for h in (0.0, 100.0))
    assert np.allclose((high - low) / 100, frame[2], atol=1e-7)


@given(
    LON,
    st.floats(-1.5, 1.4),
    SIZES,
    SIZES,
    st.floats(-100, 500),
    st.floats(0, 4000),
    st.integers(0, 99),
)
def test_a_regions_box_contains_the_region(
    west: float, south: float, wide: float, tall: float, low: float, thick: float, seed: int
) -> None:
    north = min(south + tall, np.pi / 2)
    region = np.array([[west, south, west + wide, north, low, low + thick]])
    center, axes = region_boxes(region)
    t = np.random.default_rng(seed).uniform(0, 1, (200, 3))
    points = geocentric(
        west + t[:, 0] * wide, south + t[:, 1] * (north - south), low + t[:, 2] * thick
    )
    assert outside(points, center[0], axes[0]) < 1e-3 + 1e-9 * 6.4e6


def test_a_region_across_the_date_line_and_the_whole_earth_are_contained() -> None:
    regions = np.array(
        [[3.1, 0.1, -3.1, 0.2, 0, 10], [-np.pi, -np.pi / 2, np.pi, np.pi / 2, 0, 100]]
    )
    center, axes = region_boxes(regions)
    assert np.linalg.norm(axes[0]) < 1e6
    t = np.random.default_rng(1).uniform(-1, 1, (500, 2))
    earth = geocentric(t[:, 0] * np.pi, t[:, 1] * np.pi / 2, np.full(500, 50.0))
    assert outside(earth, center[1], axes[1]) < 1
    crossing = geocentric(np.pi + t[:, 0] * 0.04, 0.15 + t[:, 1] * 0.05, np.full(500, 5.0))
    assert outside(crossing, center[0], axes[0]) < 1


@given(st.lists(st.floats(-5, 5), min_size=12, max_size=12), st.integers(0, 1000))
def test_boxes_and_spheres_contain_what_they_contained_before_the_transform(
    values: list[float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.eye(4)
    matrix[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0] * rng.uniform(0.5, 3)
    matrix[:3, 3] = rng.uniform(-1e6, 1e6, 3)
    half = np.linalg.qr(rng.normal(size=(3, 3)))[0] * rng.uniform(0.1, 50, 3)[:, None]
    volumes = Volumes()
    volumes.under(np.eye(4))
    assert volumes.add({"box": [*values[:3], *half.ravel().tolist()]}, -1)
    volumes.under(matrix)
    assert volumes.add({"box": [*values[:3], *half.ravel().tolist()]}, -1)
    assert volumes.add({"sphere": [*values[:3], 7.0]}, -1)
    assert not volumes.add({"box": values[:4]}, 2)
    center, axes = volumes.boxes()
    inside = np.array(values[:3]) + rng.uniform(-1, 1, (50, 3)) @ half
    ball = rng.normal(size=(50, 3))
    ball = np.array(values[:3]) + ball / np.linalg.norm(ball, axis=1)[:, None] * 7.0
    assert outside(inside, center[0], axes[0].astype(np.float64)) < 1e-3
    for tile, points in ((1, inside), (2, ball)):
        moved = points @ matrix[:3, :3].T + matrix[:3, 3]
        assert outside(moved, center[tile], axes[tile].astype(np.float64)) < 1e-3
    assert np.array_equal(center[3], center[2])  # an unusable volume borrows its parent's


@pytest.mark.parametrize(
    ("center", "reach", "expected"),
    [
        ((3924000, 299000, 5001900), 500, True),
        ((0, 0, 0), 6.4e6, True),
        ((3.0e6, 2.5e5, 4.5e6), 2.0e6, True),
        ((0, 0, 0), 500, False),
        ((216, 32, 90), 160, False),
        ((85000, 446000, 0), 2000, False),
        ((3.39e6, 0, 0), 1000, False),
    ],
)
def test_the_earths_surface_is_told_from_local_numbers(
    center: tuple[float, float, float], reach: float, expected: bool
) -> None:
    assert on_earth(np.array(center, np.float64), np.eye(3) * reach) is expected


@given(st.floats(-1, 1), st.floats(0, 2 * np.pi))
def test_octahedral_normals_come_back(z: float, angle: float) -> None:
    flat = np.sqrt(1 - z * z)
    normal = np.array([flat * np.cos(angle), flat * np.sin(angle), z])
    pair = normal[:2] / np.abs(normal).sum()
    if z < 0:
        pair = (1 - np.abs(pair[::-1])) * np.where(pair >= 0, 1, -1)
    packed = np.rint((pair + 1) / 2 * 65535)[None]
    assert np.allclose(decoded_octahedron(packed, 65535.0)[0], normal, atol=2e-4)


def sample(kind: str) -> tuple[str, bytes]:
    if kind == "tileset":
        inner = make.tile((0, 0, 0, 9, 9, 9), "t.b3dm", transform=np.eye(4).ravel().tolist())
        outer = make.tile((0, 0, 0, 9, 9, 9), refine="ADD", children=[inner, inner])
        return "tileset.json", make.tileset(outer)
    batch = {
        "id": ["a", "b", "c"],
        "h": {"byteOffset": 0, "componentType": "FLOAT", "type": "SCALAR"},
    }
    body = np.arange(3, dtype="<f4").tobytes()
    town = make.box_town(3).glb()
    b3dm = make.legacy(b"b3dm", town, {"BATCH_LENGTH": 3}, b"", batch, body)
    places = np.arange(9, dtype="<f4").tobytes()
    i3dm = make.legacy(
        b"i3dm",
        make.box_town(1).glb(),
        {"INSTANCES_LENGTH": 3, "POSITION": {"byteOffset": 0}, "EAST_NORTH_UP": True},
        places,
        extra=b"\1\0\0\0",
    )
    described = {
        "POINTS_LENGTH": 3,
        "POSITION": {"byteOffset": 0},
        "BATCH_LENGTH": 2,
        "BATCH_ID": [0, 1, 1],
    }
    pnts = make.legacy(b"pnts", b"", described, places)
    data = {
        "b3dm": b3dm,
        "glb": town,
        "i3dm": i3dm,
        "pnts": pnts,
        "cmpt": make.cmpt([b3dm, i3dm, pnts]),
    }
    return f"t.{kind}", data[kind]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return data cut, overwritten, or with one of its numbers replaced."""
    found = bytearray(data)
    how = rng.randrange(4)
    if how == 0:
        return data[: rng.randrange(len(data))]
    if how == 1:
        for _ in range(rng.choice((1, 4, 30))):
            found[rng.randrange(len(found))] = rng.randrange(256)
    elif how == 2:
        at = rng.randrange(len(found))
        found[at : at + 8] = rng.choice((b"\xff" * 8, b"\0" * 8))
    else:
        digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
        at = rng.choice(digits)
        new = rng.choice((b"-1", b"1e300", b"null", b'"x"', b"[]", b"99999999999", b"{}"))
        found[at : at + 1] = new
    return bytes(found)


def sound(content: Content) -> None:
    rows = len(content.features) if content.features is not None else 0
    for item in content.drawables:
        assert item.feature.size == 0 or -1 <= item.feature.min() <= item.feature.max() < rows
        shape = item.mesh if isinstance(item, Instances) else item
        assert isinstance(shape, Mesh | Points | Lines)
        assert np.isfinite(shape.origin).all()
        if isinstance(shape, Mesh) and shape.triangles.size:
            assert 0 <= shape.triangles.min() <= shape.triangles.max() < len(shape.positions)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("kind", ["tileset", "b3dm", "glb", "i3dm", "pnts", "cmpt"])
def test_a_damaged_file_is_an_open_error_or_a_list_of_problems(
    tmp_path: Path, kind: str, seed: int
) -> None:
    name, data = sample(kind)
    (tmp_path / "t.b3dm").write_bytes(sample("b3dm")[1])
    (tmp_path / name).write_bytes(mutated(data, random.Random(f"{kind}{seed}")))
    source = LOADER.source(str(tmp_path / name), Options())
    try:
        found = source.open(SILENT)
        for tile in np.flatnonzero(found.tree.content).tolist():
            content = found.ready.get(tile) or source.fetch(tile, found.tokens[tile], SILENT)
            if isinstance(content, Content):
                sound(content)
    except OpenError:
        return
    assert np.isfinite(found.tree.center).all()
