"""Real tilesets: counts against an independent reading of their own JSON, boxes, malformed files."""

import base64
import json
import struct
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
import pytest

from loaders.tiles3d import LOADER
from tests import malformed_tiles3d
from tests.loaders import reading_implicit
from twin.errors import OpenError
from twin.geometry import point_count, triangle_count
from twin.ports import SILENT, Content, Growth, Options, Probe
from twin.records import Problem
from twin.tiles import TileTree

pytestmark = pytest.mark.shared


class Counts(NamedTuple):
    """What a whole tileset holds, over all tiles and levels."""

    tiles: int = 0
    triangles: int = 0
    points: int = 0
    features: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


def walk(location: Path) -> tuple[TileTree, dict[int, Content], list[Problem]]:
    """Return the whole tree, every content, every problem."""
    source = LOADER.source(str(location), Options())
    found = source.open(SILENT)
    tree, tokens, problems = found.tree, list(found.tokens), list(found.problems)
    contents: dict[int, Content] = {}
    tile = 0
    while tile < len(tree):
        if tree.content[tile]:
            try:
                got = found.ready.get(tile) or source.fetch(tile, tokens[tile], SILENT)
            except OpenError as error:  # a subtree that is not there
                problems.append(Problem(error.full_code, str(error)))
                got = None
            if isinstance(got, Growth):
                tree = tree.grown(tile, got.tree)
                tokens += got.tokens
                problems += got.problems
            elif got is not None:
                contents[tile] = got
                problems += got.problems
        tile += 1
    return tree, contents, problems


def ours(location: Path) -> Counts:
    tree, contents, _ = walk(location)
    drawn = [content for content in contents.values() if content.drawables]
    return Counts(
        len(tree),
        sum(triangle_count(content.drawables) for content in drawn),
        sum(point_count(content.drawables) for content in drawn),
        sum(len(content.features) for content in drawn if content.features is not None),
    )


# --- the independent reading: plain json and struct, the declared counts only ---------------------


def declared(location: Path) -> Counts:
    document = json.loads(location.read_text("utf-8-sig"))
    total = Counts()
    stack = [document["root"]]
    while stack:
        node = stack.pop()
        stack += node.get("children") or []
        total = total.plus(Counts(tiles=1))
        if reading_implicit.tiling(node):
            total = total.plus(declared_implicit(location.parent, node))
            continue
        several = (node.get("extensions") or {}).get("3DTILES_multiple_contents") or {}
        entries = [node.get("content"), *(node.get("contents") or [])]
        entries += several.get("content") or several.get("contents") or []
        for entry in entries:
            if entry:
                uri = entry.get("uri", entry.get("url"))
                total = total.plus(declared_content(location.parent, uri))
    return total


def declared_implicit(folder: Path, node: dict[str, Any]) -> Counts:
    total = Counts()
    for tile in reading_implicit.tiles(folder, node):
        total = total.plus(Counts(tiles=1))
        for uri in tile.contents:
            total = total.plus(declared_content(folder, uri))
    return total


def declared_content(folder: Path, uri: str) -> Counts:
    if uri.startswith("data:"):
        return declared_bytes(base64.b64decode(uri.partition(",")[2]), folder)
    path = folder / unquote(uri.partition("?")[0])
    if not path.is_file():
        return Counts()
    if path.suffix == ".json" and "root" in json.loads(path.read_text("utf-8-sig")):
        return declared(path)
    return declared_bytes(path.read_bytes(), path.parent)


def declared_bytes(data: bytes, folder: Path) -> Counts:
    kind = data[:4]
    if kind == b"cmpt":
        at, total = 16, Counts()
        for _ in range(struct.unpack_from("<I", data, 12)[0]):
            size = struct.unpack_from("<I", data, at + 8)[0]
            total = total.plus(declared_bytes(data[at : at + size], folder))
            at += size
        return total
    if kind in (b"vctr", b"geom"):
        return Counts()
    if kind == b"glTF" or data.lstrip()[:1] == b"{":
        triangles, points, features = declared_gltf(data)
        return Counts(0, triangles, points, features or int(triangles + points > 0))
    lengths = struct.unpack_from("<4I", data, 12)
    at = 32 if kind == b"i3dm" else 28
    old = next((i for i in (2, 3) if kind == b"b3dm" and lengths[i] >= 0x22000000), None)
    if old is not None:  # headers of 20 and 24 bytes, before 1.0
        payload = data[20 + lengths[1] :] if old == 2 else data[24 + lengths[0] + lengths[1] :]
        return Counts(0, *declared_gltf(payload)[:2], lengths[0] if old == 2 else lengths[2])
    table = json.loads(data[at : at + lengths[0]] or b"{}")
    payload = data[at + sum(lengths) :]
    if kind == b"pnts":
        n = table["POINTS_LENGTH"]
        return Counts(0, 0, n, table.get("BATCH_LENGTH") or 1)
    if kind == b"i3dm":
        n = table["INSTANCES_LENGTH"]
        if struct.unpack_from("<I", data, 28)[0] == 0:
            payload = (folder / payload.decode().strip(" \0")).read_bytes()
        return Counts(0, declared_gltf(payload)[0] * n, 0, n)
    return Counts(0, *declared_gltf(payload)[:2], table["BATCH_LENGTH"] or 1)


def declared_gltf(data: bytes) -> tuple[int, int, int]:
    """Return triangles, points and rows of the property tables in use."""
    if data[:4] == b"glTF":
        data = data[20 : 20 + struct.unpack_from("<I", data, 12)[0]]
    document = json.loads(data)
    triangles = points = 0
    rows: dict[int, int] = {}
    for node in document.get("nodes", []):
        if "mesh" not in node:
            continue
        copies = 1
        instancing = (node.get("extensions") or {}).get("EXT_mesh_gpu_instancing")
        if instancing:
            copies = document["accessors"][instancing["attributes"]["TRANSLATION"]]["count"]
            rows[-2] = copies
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            index = primitive.get("indices", primitive["attributes"]["POSITION"])
            count, mode = document["accessors"][index]["count"], primitive.get("mode", 4)
            triangles += {4: count // 3, 5: count - 2, 6: count - 2}.get(mode, 0) * copies
            points += count if mode == 0 else 0
            rows.update(declared_rows(document, primitive))
    return triangles, points, sum(rows.values())


def declared_rows(document: dict[str, Any], primitive: dict[str, Any]) -> dict[int, int]:
    extension = (primitive.get("extensions") or {}).get("EXT_mesh_features") or {}
    sets = [
        item
        for item in extension.get("featureIds", [])
        if "texture" not in item or "propertyTable" in item or item.get("featureCount") == 1
    ]
    for item in [s for s in sets if "propertyTable" in s] or sets[:1]:
        if "propertyTable" in item:
            tables = document["extensions"]["EXT_structural_metadata"]["propertyTables"]
            return {item["propertyTable"]: tables[item["propertyTable"]]["count"]}
        if "attribute" in item:
            return {-1: item["featureCount"]}
    return {}


# --- the tests ------------------------------------------------------------------------------------


def roots(data: Path) -> list[Path]:
    """Return every root of a tileset among the real data."""
    paths = sorted((data / "3dtiles").rglob("*.json"))
    return [path for path in paths if '"root"' in path.read_text("utf-8-sig", "replace")]


def test_every_tileset_holds_what_it_declares(shared_data: Path) -> None:
    paths = roots(shared_data)
    assert len(paths) > 135
    wrong = {}
    for path in paths:
        got, expected = ours(path), declared(path)
        if got != expected:
            wrong[str(path.relative_to(shared_data))] = (got, expected)
    outside = "3dtiles/cesium-specs/Cesium3DTiles/Tilesets/TilesetWithExternalResources/tileset2/tileset2.json"
    assert list(wrong) == [outside]  # opened by itself, one of its contents lies above its folder


def test_the_martian_terrain_is_whole(shared_data: Path) -> None:
    folder = shared_data / "3dtiles/NASA_3DTilesRendererJS/example/public/data"
    assert ours(folder / "tileset.json") == (293, 298357, 0, 293)
    _, contents, problems = walk(folder / "tileset-broken-root-content.json")
    assert [p.code for p in problems] == ["crs.missing", "missing.file"]
    assert sum(bool(c.drawables) for c in contents.values()) == 292
    _, contents, problems = walk(folder / "tileset-external-broken.json")
    assert [p.code for p in problems] == ["crs.missing", "missing.file"]
    assert sum(bool(c.drawables) for c in contents.values()) == 272


def test_the_streets_of_taicang_have_names(shared_data: Path) -> None:
    _, contents, problems = walk(
        shared_data / "3dtiles/Flying-Fish-1_taicang/js_3dtiles/tileset.json"
    )
    (content,) = contents.values()
    assert content.features is not None
    assert len(content.features) == 38
    assert {"name", "id"} <= set(content.features.columns)
    assert not problems


def test_contents_lie_in_their_tiles_boxes(shared_data: Path) -> None:
    for name in ("NASA_3DTilesRendererJS/example/public/data", "Flying-Fish-1_taicang/ws_3dtiles"):
        tree, contents, _ = walk(shared_data / "3dtiles" / name / "tileset.json")
        for tile, content in contents.items():
            axes = tree.axes[tile].astype(np.float64)
            half = np.linalg.norm(axes, axis=1)
            for item in content.drawables:
                assert not hasattr(item, "mesh")
                points = item.positions.astype(np.float64) + item.origin - tree.center[tile]
                assert (np.abs(points @ (axes / half[:, None]).T) <= half + 0.05).all()


def test_malformed_tilesets_and_gltf_never_crash(shared_data: Path) -> None:
    suffixes = (".json", ".gltf", ".glb", ".b3dm", ".i3dm", ".pnts", ".cmpt", ".subtree")
    opened = refused = 0
    for folder in ("CesiumGS_3d-tiles-validator", "KhronosGroup_glTF-Validator"):
        for path in sorted((shared_data / "malformed" / folder).rglob("*")):
            if path.suffix.lower() not in suffixes or not path.is_file():
                continue
            LOADER.recognise(Probe(str(path), path.read_bytes()[:8192]))
            try:
                walk(path)
                opened += 1
            except OpenError:
                refused += 1
    assert opened > 900
    assert refused > 450


def test_malformed_cases_are_bounded_and_named(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "malformed/CesiumGS_3d-tiles-validator"
    named = [
        (path.relative_to(folder).as_posix(), path) for path in malformed_tiles3d.cases(folder)
    ]
    named = [*named[::12], *malformed_tiles3d.subtree_cases(folder, tmp_path)]
    found = [malformed_tiles3d.tried(*item) for item in named]
    assert not [case for case in found if case.found in ("crash", "late")]
    subtrees = [case for case in found if case.name.startswith("subtrees/") and not case.valid]
    assert len(subtrees) > 30
    unnamed = [case.name for case in subtrees if case.found == "loaded"]
    assert unnamed == [
        "subtrees/subtreeContentAvailabilityInvalidLength.json"
    ]  # no bits, no contents


def main(data: Path) -> None:
    """Print the table of all tilesets: what an independent reading counts / what the loader holds."""
    print("tiles | triangles | points | features | extensions used | tileset (expected/found)")
    different = 0
    for path in roots(data):
        expected, found = declared(path), ours(path)
        different += expected != found
        cells = [f"{a}/{b}" for a, b in zip(expected, found, strict=True)]
        used = LOADER.source(str(path), Options()).open(SILENT).about.fields
        name = path.relative_to(data / "3dtiles")
        print(" | ".join([*cells, used.get("extensions_used", ""), str(name)]))
    print(f"{len(roots(data))} tilesets, {different} different")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
