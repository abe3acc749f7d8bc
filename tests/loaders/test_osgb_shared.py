"""Real OSGB files: counts against a slow reading of their own bytes, ranges, children, the place on Earth."""

import re
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from loaders.osgb import LOADER
from loaders.osgb.objects import Thing, read
from loaders.osgb.outline import Outline
from tests.loaders.test_osgb import walk
from twin.geometry import Mesh, triangle_count
from twin.georeference import open_in
from twin.ports import SILENT, Options

pytestmark = pytest.mark.shared


class Counts(NamedTuple):
    """What one file holds."""

    geometries: int
    triangles: int
    vertices: int
    pictures: int
    ranges: tuple[float, ...]
    files: tuple[str, ...]


# --- the slow reading: patterns of bytes, no schema -----------------------------------------------

VERTICES = re.compile(rb"\x01\x01(.{4})\x10\0\0\0(.{4})", re.S)
INDICES = re.compile(rb"(?=\x01\0\0\0([\x34\x35\x36])\0\0\0\x04\0\0\0(.{4}))", re.S)
RANGES = re.compile(rb"\x01\x02\0\0\0\0\0\0\0(.{4})(.{4})\xca\xf2\x49\x71", re.S)
WIDTHS = {0x34: 1, 0x35: 2, 0x36: 4}


def slow(data: bytes) -> Counts:
    """Find primitive sets that end exactly where a vertex array begins; pictures, ranges and names."""
    ends = {}
    for found in INDICES.finditer(data):
        size = struct.unpack("<I", found[2])[0]
        ends[found.start() + 16 + size * WIDTHS[found[1][0]]] = size // 3
    triangles = vertices = geometries = 0
    for found in VERTICES.finditer(data):
        if found.start() in ends:
            geometries += 1
            triangles += ends[found.start()]
            vertices += struct.unpack("<I", found[2])[0]
    pictures = [
        at
        for at in (m.start() for m in re.finditer(rb"\xff\xd8\xff", data))
        if data[at - 8 : at - 4] == b"\1\0\0\0"
        and data[at + struct.unpack_from("<I", data, at - 4)[0] - 2 :][:2] == b"\xff\xd9"
    ]
    ranges = [struct.unpack("<f", m[1])[0] for m in RANGES.finditer(data) if m[1] == m[2]]
    files = [m[0].decode() for m in re.finditer(rb"[\w+-]+\.osgb", data)]
    return Counts(geometries, triangles, vertices, len(pictures), tuple(ranges), tuple(files))


def lods(thing: Thing | None) -> list[Thing]:
    if thing is None:
        return []
    below = [lod for child in thing.things("Children") for lod in lods(child)]
    return [thing, *below] if thing.kind == "osg::PagedLOD" else below


def ours(data: bytes) -> Counts:
    thing, reader = read(data, "a")
    assert reader.octets.at == len(data)
    assert not reader.skipped
    shapes = [t for t in reader.known.values() if t.kind == "osg::Geometry"]
    images = [t for t in reader.known.values() if t.kind == "osg::Image"]
    assert all(t.get("Encoded")[:3] == b"\xff\xd8\xff" for t in images)
    found = lods(thing)
    assert all(t.get("RangeMode") == 1 for t in found)
    return Counts(
        len(shapes),
        sum(len(p.get("Values")) // 3 for t in shapes for p in t.things("Primitives")),
        sum(len(t.get("Vertex").get("Values")) for t in shapes),
        len(images),
        tuple(t.get("Ranges")[1][0] for t in found),
        tuple(name for t in found for name in t.get("Files") if name),
    )


# --- the tests ------------------------------------------------------------------------------------


def test_every_file_holds_what_its_bytes_say(shared_data: Path) -> None:
    paths = sorted((shared_data / "osgb").rglob("*.osgb"))
    assert len(paths) >= 21
    for path in paths:
        data = path.read_bytes()
        assert ours(data) == slow(data), path.name


def test_the_block_is_whole_and_lies_in_zhongshan(shared_data: Path) -> None:
    folder = shared_data / "osgb" / "scially_Production_5"
    tree, contents, problems = walk(folder)
    expected = sum(slow(p.read_bytes()).triangles for p in folder.rglob("*.osgb"))
    assert sum(triangle_count(c.drawables) for c in contents.values()) == expected
    assert {p.code for p in problems} == {"osgb.crs_tag", "osgb.finest"}
    absent = sum(p.params["count"] for p in problems if p.code == "osgb.finest")
    files = {n for p in folder.rglob("*.osgb") for n in slow(p.read_bytes()).files}
    assert absent == len(files - {p.name for p in folder.rglob("*.osgb")}) == 27
    assert tree.leaves().size == 28
    for tile, content in contents.items():
        reach = np.abs(tree.axes[tile].astype(float)).sum(axis=0)
        for item in content.drawables:
            assert isinstance(item, Mesh)
            assert item.uv is not None
            assert item.material.image is not None
            points = item.positions.astype(float) + item.origin - tree.center[tile]
            assert (np.abs(points) <= reach + 0.01).all()
    standing = open_in(LOADER.source(str(folder), Options()), Options(), None, SILENT)
    assert standing.project is not None
    west, south, east, north = standing.project.bbox_wgs84(standing.opened.tree.boxes()[0])
    assert 113.37 < west < east < 113.39
    assert 22.50 < south < north < 22.52


def test_levels_get_finer_by_two(shared_data: Path) -> None:
    folder = shared_data / "osgb" / "scially_Production_5" / "Data" / "Tile_+000_+013"
    errors = []
    for name in ("", "_L15_0u", "_L16_0uu", "_L17_0uuu"):
        outline = Outline()
        path = folder / f"Tile_+000_+013{name}.osgb"
        errors.append(outline.of(read(path.read_bytes(), "a")[0]).error)
    assert np.allclose(np.array(errors[:-1]) / np.array(errors[1:]), 2)


def test_loose_files_open_as_one_source(shared_data: Path) -> None:
    tree, contents, problems = walk(shared_data / "osgb" / "mylove10086_loose" / "data")
    assert {p.code for p in problems} == {"osgb.finest"}
    assert len(contents) == 23
    assert (tree.parent >= -1).all()
    _, contents, problems = walk(shared_data / "osgb" / "fanvanzh" / "data" / "test" / "test.osgb")
    assert [p.code for p in problems] == ["osgb.finest"]
    assert len(contents) == 1
