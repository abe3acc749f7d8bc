"""The meshopt codecs against a plain encoder written for the tests, and against real files."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from loaders._gltf import accessors
from loaders._gltf.document import parse
from loaders._gltf.meshopt import decode
from loaders._gltf.meshopt_filters import color, exponential, octahedral, quaternion

CUBES = "gltf_obj/visgl_loaders.gl/meshopt/MeshoptCubeTest/glTF-Meshopt/MeshoptCubeTest.gltf"


def group(values: list[int], width: int) -> bytes:
    """Return 16 values in ``width`` bits each, those that do not fit behind them."""
    if width in (0, 8):
        return bytes(values if width else [])
    ones = (1 << width) - 1
    packed, apart, each = b"", b"", 8 // width
    for at in range(0, 16, each):
        part = values[at : at + each]
        apart += bytes(v for v in part if v >= ones)
        codes = [min(v, ones) for v in part]
        order = codes[::-1] if width == 1 else codes
        packed += bytes([sum(c << (8 - width * (i + 1)) for i, c in enumerate(order))])
    return packed + apart


def column(values: list[int], widths: tuple[int, ...]) -> bytes:
    values = values + [0] * (-len(values) % 16)
    header, body = [0] * (-(-len(values) // 64)), b""
    for number in range(len(values) // 16):
        part = values[16 * number : 16 * number + 16]
        usable = [c for c, w in enumerate(widths) if w or not any(part)]
        code = min(usable, key=lambda c: len(group(part, widths[c])))
        header[number // 4] |= code << 2 * (number % 4)
        body += group(part, widths[code])
    return bytes(header) + body


def zigzag(steps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return ((steps << 1) ^ np.where(steps >= 128, 255, 0)).astype(np.uint8)


def packed_vertices(rows: NDArray[np.uint8], controls: list[int] | None) -> bytes:
    """Return the vertex codec, version 1 where the columns have controls."""
    count, stride = rows.shape
    block = min(8192 // stride // 16 * 16, 256)
    steps = zigzag(np.diff(rows, axis=0, prepend=rows[:1]))
    made = bytes([0xA0 if controls is None else 0xA1])
    for start in range(0, count, block):
        part = steps[start : start + block]
        if controls is not None:
            used = [2 if not part[:, c].any() else controls[c] % 4 for c in range(stride)]
            used = [1 if u == 2 and part[:, c].any() else u for c, u in enumerate(used)]
            quads = [used[i : i + 4] for i in range(0, stride, 4)]
            made += bytes(sum(u << 2 * i for i, u in enumerate(quad)) for quad in quads)
        for c in range(stride):
            values = part[:, c].tolist()
            if controls is None:
                made += column(values, (0, 2, 4, 8))
            elif used[c] == 3:
                made += bytes(values)
            elif used[c] < 2:
                made += column(values, ((0, 1, 2, 4), (1, 2, 4, 8))[used[c]])
    tail: bytes = rows[0].tobytes() + (b"" if controls is None else bytes(stride // 4))
    return made + tail.rjust(32 if controls is None else 24, b"\0")


@given(
    st.integers(1, 600), st.sampled_from([4, 8, 12, 36]), st.integers(0, 3),
    st.lists(st.integers(0, 3), min_size=36, max_size=36), st.booleans(),
)  # fmt: skip
def test_vertices_come_back_as_they_were(
    count: int, stride: int, reach: int, controls: list[int], modern: bool
) -> None:
    noise = np.random.default_rng(count).integers(0, 4**reach, (count, stride)).astype(np.uint8)
    rows = np.cumsum(noise, axis=0, dtype=np.uint8)
    data = np.frombuffer(packed_vertices(rows, controls if modern else None), np.uint8)
    assert np.array_equal(decode(data, (count, stride), "ATTRIBUTES", "NONE"), rows.reshape(-1))


def varint(value: int) -> bytes:
    value, made = value & 0xFFFFFFFF, b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])


def stepped(values: list[int]) -> list[int]:
    steps = np.diff(np.array([0, *values], np.int64))
    return [int(2 * s if s >= 0 else -2 * s - 1) for s in steps]


@given(st.lists(st.integers(0, 70_000), max_size=60))
def test_runs_of_indices_come_back_as_they_were(values: list[int]) -> None:
    data = b"\xd1" + b"".join(varint(step << 1) for step in stepped(values)) + bytes(4)
    found = decode(np.frombuffer(data, np.uint8), (len(values), 4), "INDICES", "NONE")
    assert found.view("<u4").tolist() == values


@given(st.lists(st.integers(1, 70_000), max_size=60))
def test_triangles_written_out_come_back_as_they_were(values: list[int]) -> None:
    values = values[: len(values) // 3 * 3]
    steps = [varint(step) for step in stepped(values)]
    body = b"".join(b"\xff" + b"".join(steps[i : i + 3]) for i in range(0, len(steps), 3))
    data = b"\xe1" + b"\xff" * (len(values) // 3) + body + bytes(16)
    found = decode(np.frombuffer(data, np.uint8), (len(values), 4), "TRIANGLES", "NONE")
    assert found.view("<u4").tolist() == values


@given(st.integers(0, 200), st.sampled_from(["ATTRIBUTES", "TRIANGLES", "INDICES"]))
def test_noise_is_refused_and_never_a_traceback(seed: int, mode: str) -> None:
    data = np.random.default_rng(seed).integers(0, 256, 20 + seed * 3).astype(np.uint8)
    data[0] = {"ATTRIBUTES": 0xA1, "TRIANGLES": 0xE1, "INDICES": 0xD1}[mode]
    try:
        found = decode(data, (48, 4), mode, "NONE")
    except ValueError:
        return
    assert len(found) == 48 * 4


def test_filters_give_the_numbers_that_were_meant() -> None:
    up = np.array([[0, 0, 127, 5], [127, 0, 127, 0], [0, -64, 127, 0]], np.int8).view(np.uint8)
    assert octahedral(up).view(np.int8)[:2].tolist() == [[0, 0, 127, 5], [127, 0, 0, 0]]
    still = np.array([[0, 0, 0, 32764 | 3]], "<i2").view(np.uint8)
    assert quaternion(still).view("<i2").tolist() == [[0, 0, 0, 32767]]
    numbers = np.array([[3 | -1 << 24, -5 & 0xFFFFFF | 2 << 24]], "<i8").astype("<i4")
    assert exponential(numbers.view(np.uint8)).view("<f4").tolist() == [[1.5, -20.0]]
    grey = np.array([[100, 0, 0, 255]], np.uint8)
    assert color(grey).tolist() == [[100, 100, 100, 255]]


@pytest.mark.shared
def test_every_mode_and_filter_gives_the_same_cube(shared_data: Path) -> None:
    path = shared_data / CUBES
    data = path.read_bytes()
    document = parse(data, path.name, lambda uri: (path.parent / uri).read_bytes())
    cubes = {}
    for mesh in json.loads(data)["meshes"]:
        attributes = mesh["primitives"][0]["attributes"]
        if "COLOR_0" in attributes:
            corner = accessors.scalars(document, mesh["primitives"][0]["indices"])
            cubes[mesh["name"]] = [
                accessors.floats(document, attributes[name], (3, 4))[corner]
                for name in ("POSITION", "NORMAL", "COLOR_0")
            ]
    assert len(cubes) == 20
    expected = [part.reshape(12, 3, -1).mean(axis=1) for part in next(iter(cubes.values()))]
    order = np.lexsort(expected[0].round(2).T)
    for name, parts in cubes.items():
        found = [part.reshape(12, 3, -1).mean(axis=1) for part in parts]
        mine = np.lexsort(found[0].round(2).T)
        for a, b in zip(found, expected, strict=True):
            assert np.abs(a[mine] - b[order]).max() < 0.02, name
