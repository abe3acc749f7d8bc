"""Real tilesets: names and values of all metadata against an independent, slow reading in this file.

``python -m tests.loaders.test_metadata_shared DATA`` prints the whole comparison as a table.
"""

import base64
import json
import math
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
import pytest

from loaders.tiles3d.content import gather
from loaders.tiles3d.gathering import Gathering, joined
from twin.errors import NotFound, OpenError

pytestmark = pytest.mark.shared

SUFFIXES = (".b3dm", ".i3dm", ".pnts", ".cmpt", ".glb", ".gltf")
ROWS = 20
"""As many rows of each table are compared."""
MOST = 4
"""As many contents of each tileset does the test read; the table reads all."""
LARGEST = 4 << 20
"""Larger contents are left to the table."""
FORMATS = {
    "BYTE": "b", "UNSIGNED_BYTE": "B", "SHORT": "h", "UNSIGNED_SHORT": "H", "INT": "i",
    "UNSIGNED_INT": "I", "FLOAT": "f", "DOUBLE": "d", "INT8": "b", "UINT8": "B", "INT16": "h",
    "UINT16": "H", "INT32": "i", "UINT32": "I", "INT64": "q", "UINT64": "Q", "FLOAT32": "f", "FLOAT64": "d",
}  # fmt: skip
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}

Columns = dict[str, list[Any]]


class Read(NamedTuple):
    """One table of a content: how many rows, and the first values of each property."""

    rows: int
    columns: Columns


# --- the independent reading: plain json and struct, value after value ----------------------------


def tables(data: bytes, folder: Path) -> Iterator[Read]:
    """Yield the tables of a content in the order of the file."""
    kind = data[:4]
    if kind == b"cmpt":
        at = 16
        for _ in range(struct.unpack_from("<I", data, 12)[0]):
            size = struct.unpack_from("<I", data, at + 8)[0]
            yield from tables(data[at : at + size], folder)
            at += size
    elif kind in (b"b3dm", b"i3dm", b"pnts"):
        yield from batch_table(data, kind)
    elif kind == b"glTF" or data.lstrip()[:1] == b"{":
        yield from property_tables(data, folder)


def batch_table(data: bytes, kind: bytes) -> Iterator[Read]:
    lengths = struct.unpack_from("<4I", data, 12)
    if kind == b"b3dm" and max(lengths[2:]) >= 0x22000000:
        yield from old_batch_table(data, lengths)
        return
    at = 32 if kind == b"i3dm" else 28
    said = json.loads(data[at : at + lengths[0]] or b"{}")
    start = at + lengths[0] + lengths[1]
    text = data[start : start + lengths[2]].rstrip(b"\0 ")
    body = data[start + lengths[2] : start + lengths[2] + lengths[3]]
    count = said.get("BATCH_LENGTH")
    if kind == b"i3dm":
        ids = said.get("BATCH_ID")
        count = said["INSTANCES_LENGTH"]
        if ids is not None:
            feature_body = data[at + lengths[0] : start]
            form = FORMATS[ids.get("componentType", "UNSIGNED_SHORT")]
            held = struct.unpack_from(f"<{count}{form}", feature_body, ids["byteOffset"])
            count = max(held) + 1
    if count is None:
        return  # values of single points belong to no object
    yield Read(count, batch_columns(json.loads(text or b"{}"), body))


def old_batch_table(data: bytes, lengths: tuple[int, ...]) -> Iterator[Read]:
    """Yield the table behind a header of 20 or 24 bytes, before 1.0."""
    if lengths[2] >= 0x22000000:
        count, text = lengths[0], data[20 : 20 + lengths[1]]
        body = b""
    else:
        count, text = lengths[2], data[24 : 24 + lengths[0]]
        body = data[24 + lengths[0] : 24 + lengths[0] + lengths[1]]
    yield Read(count, batch_columns(json.loads(text.rstrip(b"\0 ") or b"{}"), body))


def batch_columns(table: dict[str, Any], body: bytes) -> Columns:
    found: Columns = {}
    for name, value in table.items():
        if name in ("extensions", "extras", "HIERARCHY"):
            continue
        if isinstance(value, list):
            found[name] = value[:ROWS]
            continue
        width, form = WIDTHS[value["type"]], FORMATS[value["componentType"]]
        size = struct.calcsize("<" + form) * width
        found[name] = []
        for at in range(value["byteOffset"], len(body) - size + 1, size):
            cells = struct.unpack_from(f"<{width}{form}", body, at)
            found[name].append(cells[0] if width == 1 else list(cells))
            if len(found[name]) == ROWS:
                break
    said = (table.get("extensions") or {}).get("3DTILES_batch_table_hierarchy")
    said = said or table.get("HIERARCHY")
    return {**found, **(hierarchy_columns(said, found, body) if said else {})}


def hierarchy_columns(said: dict[str, Any], own: Columns, body: bytes) -> Columns:
    """Return the attributes of each of the first instances, its own before those above it."""
    total = said["instancesLength"]
    kinds = numbers(said["classIds"], total, body)
    counts = numbers(said.get("parentCounts", [1] * total), total, body)
    parents = numbers(said.get("parentIds", []), sum(counts), body) if "parentIds" in said else []
    above: list[list[int]] = []
    at = 0
    for row in range(total):
        above.append([p for p in parents[at : at + counts[row]] if p != row])
        at += counts[row]
    place = [kinds[:row].count(kinds[row]) for row in range(total)]
    held = [batch_columns(item["instances"], body) for item in said["classes"]]
    found: Columns = {name: [] for item in held for name in item if name not in own}
    for row in range(min(total, ROWS)):
        line = [row]
        for one in line:
            line += [p for p in above[one] if p not in line]
        for name, cells in found.items():
            values = [
                held[kinds[one]][name][place[one]] for one in line if name in held[kinds[one]]
            ]
            cells.append(next((v for v in values if v is not None), None))
    return found


def numbers(value: Any, count: int, body: bytes) -> list[int]:
    if isinstance(value, list):
        return value
    form = FORMATS[value.get("componentType", "UNSIGNED_SHORT")]
    return list(struct.unpack_from(f"<{count}{form}", body, value["byteOffset"]))


class Gltf:
    """A glTF's JSON and the bytes behind its buffer views."""

    def __init__(self, data: bytes, folder: Path) -> None:
        self.folder, self.binary = folder, b""
        if data[:4] == b"glTF":
            size = struct.unpack_from("<I", data, 12)[0]
            self.binary, data = data[28 + size :], data[20 : 20 + size]
        self.json = json.loads(data)

    def file(self, uri: str) -> bytes:
        if uri.startswith("data:"):
            return base64.b64decode(unquote(uri.partition(",")[2]))
        return (self.folder / unquote(uri)).read_bytes()

    def view(self, index: Any) -> bytes:
        view = self.json["bufferViews"][index]
        uri = self.json["buffers"][view["buffer"]].get("uri")
        data = self.file(uri) if uri else self.binary
        start = view.get("byteOffset", 0)
        return data[start : start + view["byteLength"]]


def property_tables(data: bytes, folder: Path) -> Iterator[Read]:
    """Yield every property table that a set of feature numbers names."""
    gltf = Gltf(data, folder)
    extensions = gltf.json.get("extensions") or {}
    said = extensions.get("EXT_structural_metadata") or extensions.get("EXT_feature_metadata")
    if not said:
        return
    schema = said.get("schema") or json.loads(gltf.file(said["schemaUri"]))
    held = said.get("propertyTables") or said.get("featureTables") or []
    used = list(named_tables(gltf.json))
    for place, (key, table) in enumerate(
        held.items() if isinstance(held, dict) else enumerate(held)
    ):
        if place not in used and key not in used:
            continue  # no set of feature numbers names it: it says nothing of any object
        columns: Columns = {}
        rows = min(table["count"], ROWS)
        kinds = schema["classes"][table["class"]]["properties"]
        for name, kind in kinds.items():
            value = (table.get("properties") or {}).get(name)
            if value is not None:
                columns[name] = [cell(gltf, schema, kind, value, row) for row in range(rows)]
            elif kind.get("default") is not None:
                columns[name] = [kind["default"]] * rows
        yield Read(table["count"], columns)


def named_tables(document: dict[str, Any]) -> Iterator[Any]:
    """Yield the number or the name of the table of each mesh's or node's first set that has one."""
    holders = [p for mesh in document.get("meshes", []) for p in mesh["primitives"]]
    for holder in [*holders, *document.get("nodes", [])]:
        extensions = holder.get("extensions") or {}
        instancing = (extensions.get("EXT_mesh_gpu_instancing") or {}).get("extensions") or {}
        for name, said in [*extensions.items(), *instancing.items()]:
            if name not in ("EXT_mesh_features", "EXT_instance_features", "EXT_feature_metadata"):
                continue
            sets = [x for key in said if key.startswith("featureId") for x in said[key]]
            tables = said.get("propertyTables", [])
            with_table = [x.get("propertyTable", x.get("featureTable")) for x in sets]
            yield from [x for x in [*with_table, *tables] if x is not None][:1]


def cell(gltf: Gltf, schema: Any, kind: dict[str, Any], value: dict[str, Any], row: int) -> Any:
    """Return one value of one property."""
    kind = dict(kind)
    if kind["type"] == "ARRAY":  # the draft of 2021
        kind.update(array=True, type=kind["componentType"], count=kind.get("componentCount"))
    if kind["type"] in FORMATS:
        kind.update(type="SCALAR", componentType=kind["type"])
    first, last = row, row + 1
    if kind.get("array"):
        if kind.get("count"):
            first, last = row * kind["count"], (row + 1) * kind["count"]
        else:
            at = value.get("arrayOffsets", value.get("arrayOffsetBufferView"))
            first, last = offsets(gltf, at, value, "arrayOffsetType", row)
    found = [element(gltf, schema, kind, value, place) for place in range(first, last)]
    result = found if kind.get("array") else found[0]
    if kind.get("noData") is not None and raw_equal(result, kind["noData"]):
        return kind.get("default")
    for name, act in (("scale", lambda a, b: a * b), ("offset", lambda a, b: a + b)):
        by = value.get(name, kind.get(name))
        if by is not None:
            result = applied(result, by, act)
    return result


def raw_equal(found: Any, said: Any) -> bool:
    return bool(found == said)


def applied(found: Any, by: Any, act: Any) -> Any:
    if not isinstance(found, list):
        return act(found, by)
    return [
        applied(x, by[place] if isinstance(by, list) else by, act) for place, x in enumerate(found)
    ]


def offsets(gltf: Gltf, view: Any, value: dict[str, Any], key: str, at: int) -> tuple[int, int]:
    form = FORMATS[value.get(key, value.get("offsetType", "UINT32"))]
    size = struct.calcsize("<" + form)
    first, last = struct.unpack_from(f"<2{form}", gltf.view(view), at * size)
    return int(first), int(last)


def element(gltf: Gltf, schema: Any, kind: dict[str, Any], value: dict[str, Any], at: int) -> Any:
    data = gltf.view(value.get("values", value.get("bufferView")))
    if kind["type"] == "STRING":
        view = value.get("stringOffsets", value.get("stringOffsetBufferView"))
        first, last = offsets(gltf, view, value, "stringOffsetType", at)
        return data[first:last].decode()
    if kind["type"] == "BOOLEAN":
        return bool(data[at // 8] >> (at % 8) & 1)
    if kind["type"] == "ENUM":
        enum = schema["enums"][kind["enumType"]]
        form = FORMATS[enum.get("valueType", "UINT16")]
        (code,) = struct.unpack_from("<" + form, data, at * struct.calcsize("<" + form))
        return {item["value"]: item["name"] for item in enum["values"]}.get(code, str(code))
    width, form = WIDTHS[kind["type"]], FORMATS[kind["componentType"]]
    size = struct.calcsize("<" + form)
    cells = list(struct.unpack_from(f"<{width}{form}", data, at * size * width))
    if kind.get("normalized"):
        top = 2 ** (8 * size - (form in "bhiq")) - 1
        cells = [max(v / top, -1.0) for v in cells]
    return cells[0] if width == 1 else cells


# --- the comparison -------------------------------------------------------------------------------


class Compared(NamedTuple):
    """What was compared in one folder of contents."""

    contents: int = 0
    features: int = 0
    expected: int = 0
    found: int = 0
    values: int = 0
    differences: tuple[str, ...] = ()

    def plus(self, other: "Compared") -> "Compared":
        return Compared(
            self.contents + other.contents, self.features + other.features,
            self.expected + other.expected, self.found + other.found,
            self.values + other.values, self.differences + other.differences,
        )  # fmt: skip


def compared(path: Path) -> Compared:
    """Compare one content: every table it holds with the block of rows that the loader made of it."""
    data = path.read_bytes()
    into = Gathering(np.eye(4), "Y", str(path), path.name)

    def read(reference: str) -> bytes:
        beside = path.parent / unquote(reference)
        if not beside.is_file():
            raise NotFound(location=reference)
        return beside.read_bytes()

    try:
        gather(into, memoryview(data), read)
    except OpenError:
        return Compared()
    blocks = [block for block in into.blocks if block.columns]
    expected = [table for table in tables(data, path.parent) if table.columns and table.rows]
    wrong: list[str] = []
    if len(blocks) != len(expected):
        wrong.append(f"{path.name}: {len(blocks)} tables for {len(expected)}")
    names = values = 0
    for block, table in zip(blocks, expected, strict=False):
        if block.count != table.rows:
            wrong.append(f"{path.name}: {block.count} rows for {table.rows}")
        gone = set(table.columns) ^ set(block.columns)
        wrong += [f"{path.name}: {name} stands on one side only" for name in sorted(gone)]
        columns = joined([block], block.count)
        for name in table.columns.keys() & columns.keys():
            names += 1
            for row, value in enumerate(table.columns[name][: block.count]):
                values += 1
                got = columns[name][row : row + 1].tolist()[0]
                if not same(got, value):
                    wrong.append(f"{path.name}: {name}[{row}] is {got!r}, not {value!r}")
                    break
    return Compared(
        1, sum(b.count for b in blocks), sum(len(t.columns) for t in expected), names, values,
        tuple(wrong),
    )  # fmt: skip


def same(got: Any, value: Any) -> bool:
    """Return whether a cell says what the file says; nested values stand as JSON in a cell."""
    if value is None:
        return got is None or (isinstance(got, float) and math.isnan(got))
    if isinstance(got, str) and not isinstance(value, str):
        try:
            got = json.loads(got)
        except ValueError:
            return bool(got == str(value))
    if isinstance(value, list | tuple):
        if not isinstance(got, list) or len(got) != len(value):
            return False
        return all(same(x, y) for x, y in zip(got, value, strict=True))
    if isinstance(value, float) or isinstance(got, float):
        return math.isclose(float(got), float(value), rel_tol=1e-6, abs_tol=1e-12)
    return bool(got == value)


def folders(data: Path) -> dict[str, list[Path]]:
    """Return the contents of each tileset: of each folder that holds a tileset, and those below it."""
    found: dict[str, list[Path]] = {}
    homes = {p.parent for p in (data / "3dtiles").rglob("*.json") if b'"root"' in p.read_bytes()}
    for path in sorted((data / "3dtiles").rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            home = next((p for p in path.parents if p in homes), path.parent)
            found.setdefault(str(home.relative_to(data / "3dtiles")), []).append(path)
    return found


def total(paths: list[Path]) -> Compared:
    found = Compared()
    for path in paths:
        found = found.plus(compared(path))
    return found


def test_every_property_of_every_tileset_is_what_the_file_says(shared_data: Path) -> None:
    whole = Compared()
    for paths in folders(shared_data).values():
        small = [path for path in paths if path.stat().st_size <= LARGEST]
        step = max(len(small) // MOST, 1)
        whole = whole.plus(total(small[::step][:MOST]))
    assert whole.differences == ()
    assert whole.expected == whole.found
    assert whole.found > 300


def main(data: Path) -> None:
    """Print the comparison of all contents, a line a tileset."""
    whole = Compared()
    print(
        f"{'contents':>8} {'features':>9} {'expected':>8} {'found':>6} {'values':>8} {'wrong':>5}"
    )
    for name, paths in folders(data).items():
        found = total(paths)
        whole = whole.plus(found)
        print_line(found, name)
        for text in found.differences[:5]:
            print(f"{'':>10} {text}")
    print_line(whole, "all")


def print_line(found: Compared, name: str) -> None:
    counts = f"{found.contents:8} {found.features:9} {found.expected:8} {found.found:6}"
    print(f"{counts} {found.values:8} {len(found.differences):5} {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
