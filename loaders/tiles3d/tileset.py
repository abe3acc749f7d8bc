"""tileset.json to a tree of tiles: transforms and refinement inherited, volumes as oriented boxes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import orjson

from loaders._gltf.document import is_numbers
from loaders.tiles3d.dividing import Divided, divided, tiling_of
from loaders.tiles3d.metadata import entity, schema_of
from loaders.tiles3d.rules import broken_rules
from loaders.tiles3d.tokens import Implicit as Implicit
from loaders.tiles3d.tokens import Token as Token
from loaders.tiles3d.tokens import filled
from loaders.tiles3d.volumes import Volumes, gates, standing_out
from twin.errors import BrokenFile, OutsideRoot
from twin.files import Root, read_reference, resolve
from twin.geometry import F64
from twin.ports import Feedback
from twin.records import Problem
from twin.tiles import ADD, REPLACE, TileTree

MAX_TILES = 4_000_000
MAX_PROBLEMS = 1000
DRAFT = "3DTILES_metadata"
CONTENT = ("boundingVolume", "content", "contents", "extensions")
MAX_SCHEMA = 64 << 20
"""The most bytes of a metadata schema."""


@dataclass(slots=True)
class Tileset:
    """A parsed tileset.json."""

    json: dict[str, Any]
    tree: TileTree
    tokens: tuple[Token, ...]
    problems: list[Problem]
    matrix: F64
    schema: dict[str, Any]


@dataclass(slots=True)
class _Reader:
    """The state of one walk through a tileset.json."""

    root: Root
    document: str
    up: str
    trail: tuple[str, ...]
    groups: Any = None
    schema: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    volumes: Volumes = field(default_factory=Volumes)
    requests: Volumes = field(default_factory=Volumes)
    requested: list[int] = field(default_factory=list)
    inner: Volumes = field(default_factory=Volumes)
    filled: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    refine: list[int] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)

    def report(self, code: str, text: str, tile: int, **params: Any) -> None:
        """List a problem of a tile."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, text, f"{self.document}#{tile}", params))


class Above(NamedTuple):
    """What a tileset inherits: matrix f64(4, 4), the up axis of its glTF, the documents above it.

    The up axis is inherited because external tilesets in the field leave it out.
    """

    matrix: F64
    up: str = "Y"
    trail: tuple[str, ...] = ()


class _Pending(NamedTuple):
    node: dict[str, Any]
    parent: int
    matrix: F64
    refine: int
    error: float


def load_any(data: bytes, location: str) -> dict[str, Any]:
    """Return the JSON object in a document. Raises BrokenFile."""
    try:
        found = orjson.loads(data.strip().removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise _broken(location, f"JSON: {error}") from error
    if not isinstance(found, dict):
        raise _broken(location, "its JSON is not an object")
    return found


def is_tileset(json: Any) -> bool:
    """Return whether parsed JSON looks like a tileset and not like a glTF."""
    return isinstance(json, dict) and isinstance(json.get("root"), dict)


def parse(
    json: dict[str, Any], root: Root, document: str, above: Above, feedback: Feedback
) -> Tileset:
    """Return the tree of a tileset that hangs under ``above``. Raises BrokenFile, Cancelled."""
    location = f"{root.location}/{document}"
    asset = json.get("asset")
    up = asset.get("gltfUpAxis") if isinstance(asset, dict) else None
    up = up.upper() if isinstance(up, str) and up.upper() in ("X", "Y", "Z") else above.up
    reader = _Reader(root, document, up, (*above.trail, document), _groups(json))
    reader.schema = schema_of(json, partial(_beside, root, document), reader.problems)
    if not isinstance(asset, dict) or not isinstance(asset.get("version"), str):
        reader.report("tiles3d.asset", "the asset has no version", 0)
    top = json.get("geometricError")
    error = float(top) if top is not None and is_numbers([top], 1) and top >= 0 else np.inf
    queue = deque([_Pending(json["root"], -1, above.matrix, REPLACE, error)])
    while queue:
        if len(reader.parent) + len(queue) > MAX_TILES:
            raise _broken(location, f"more than {MAX_TILES} tiles")
        if len(reader.parent) % 4096 == 0:
            feedback.check()
        _visit(reader, queue)
    tree, matrix = _tree(reader), reader.tokens[0].matrix
    rules = broken_rules(json, tree, document)
    out = standing_out(tree, reader.volumes, reader.inner, reader.filled)
    if len(out):
        text = f"{len(out)} contents have a volume that stands out of their tile's"
        reader.report("tiles3d.content_outside", text, int(out[0]), count=len(out))
    problems = [*reader.problems, *rules]
    return Tileset(json, tree, tuple(reader.tokens), problems, matrix, reader.schema)


def _visit(reader: _Reader, queue: deque[_Pending]) -> None:
    node, parent, above, inherited, error_above = queue.popleft()
    tile = len(reader.parent)
    matrix = _matrix(reader, node, above, tile)
    refine = _refine(reader, node, inherited, tile)
    scale = reader.volumes.under(matrix)
    if not reader.volumes.add(node.get("boundingVolume"), parent):
        reader.report("tiles3d.volume", "a tile has no usable bounding volume", tile)
    if "viewerRequestVolume" in node:
        _request(reader, node["viewerRequestVolume"], matrix, tile)
    children = list(_children(reader, node, tile))
    contents = tuple(_contents(reader, node, tile))
    if children and any(_is_json(uri) for uri in contents):
        extra = {k: node[k] for k in CONTENT if k in node}
        children.append({**extra, "geometricError": 0})
        contents, refine = (), ADD
    error = _error(reader, node, tile, (error_above, scale, bool(children)))
    implicit, contents = _implicit(reader, node, tile, (contents, error, refine))
    if implicit is not None:
        children = []
    elif contents:
        _content_volumes(reader, node, matrix, tile)
    reader.parent.append(parent)
    reader.first.append(tile + 1 + len(queue) if children else 0)
    reader.count.append(len(children))
    reader.error.append(error)
    reader.refine.append(refine)
    metadata = _metadata(reader, node)
    token = Token(reader.document, contents, matrix, reader.up, reader.trail, metadata, implicit)
    reader.tokens.append(token)
    queue.extend(_Pending(child, tile, matrix, refine, error) for child in children)


def _request(reader: _Reader, volume: Any, matrix: F64, tile: int) -> None:
    """Add the volume from which alone a tile is seen."""
    reader.requests.under(matrix)
    if reader.requests.add(volume, -1):
        reader.requested.append(tile)
        return
    text = "a viewerRequestVolume is none and was left out"
    reader.report("tiles3d.request_volume", text, tile)
    reader.requests.drop()


def _content_volumes(reader: _Reader, node: dict[str, Any], matrix: F64, tile: int) -> None:
    """Note the volumes of a tile's contents: they are checked; what is seen is told by the tile's own."""
    for content in _held(node):
        if not isinstance(content, dict) or "boundingVolume" not in content:
            continue
        reader.inner.under(matrix)
        if reader.inner.add(content["boundingVolume"], -1):
            reader.filled.append(tile)
            continue
        reader.inner.drop()
        text = "the volume of a content is none and was left out"
        reader.report("tiles3d.content_volume", text, tile)


def _implicit(
    reader: _Reader, node: dict[str, Any], tile: int, known: tuple[tuple[str, ...], float, int]
) -> tuple[Implicit | None, tuple[str, ...]]:
    """Return how a tile divides itself (None: it does not) and its contents: then its first subtree."""
    contents, error, refine = known
    tiling = tiling_of(node)
    if tiling is None:
        return None, contents
    groups = tuple(tuple(_grouped(reader, content)) for content in _held(node))
    above = Divided(contents, groups, error, refine, reader.schema)
    try:
        found = divided(node, tiling, above, partial(resolve, reader.root, reader.document))
    except (ValueError, OutsideRoot) as reason:
        reader.report("tiles3d.implicit", f"the tile stays empty: {reason}", tile)
        return None, ()
    return found, (filled(found.subtrees, (0, 0, 0, 0)),)


def _tree(reader: _Reader) -> TileTree:
    center, axes = reader.volumes.boxes()
    return TileTree(
        center,
        axes,
        np.array(reader.error, np.float32),
        np.array(reader.parent, np.int32),
        np.array(reader.first, np.int32),
        np.array(reader.count, np.int32),
        np.array(reader.refine, np.uint8),
        np.array([bool(token.contents) for token in reader.tokens], np.bool_),
        gates(reader.requests, reader.requested),
    )


def _matrix(reader: _Reader, node: dict[str, Any], above: F64, tile: int) -> F64:
    own = node.get("transform")
    if own is None:
        return above
    if not is_numbers(own, 16):
        reader.report("tiles3d.transform", "a transform is not 16 numbers and was left out", tile)
        return above
    return above @ np.array(own, np.float64).reshape(4, 4).T


def _refine(reader: _Reader, node: dict[str, Any], inherited: int, tile: int) -> int:
    found = node.get("refine")
    if found is None:
        return inherited
    word = found.upper() if isinstance(found, str) else ""
    if word not in ("ADD", "REPLACE"):
        reader.report("tiles3d.refine", f"refine is {found!r}, neither ADD nor REPLACE", tile)
        return inherited
    return ADD if word == "ADD" else REPLACE


def _error(
    reader: _Reader, node: dict[str, Any], tile: int, around: tuple[float, float, bool]
) -> float:
    """Return the geometric error in the tileset's metres; a missing one is the parent's, 0 at a leaf."""
    above, scale, has_children = around
    found = node.get("geometricError")
    if is_numbers([found], 1) and found is not None and found >= 0:
        return float(found) * scale
    reader.report("tiles3d.geometric_error", "a tile has no usable geometricError", tile)
    return above if has_children else 0.0


def _children(reader: _Reader, node: dict[str, Any], tile: int) -> Iterator[dict[str, Any]]:
    found = node.get("children")
    if found is None:
        return
    if not isinstance(found, list):
        reader.report("tiles3d.children", "children is not a list", tile)
        return
    for child in found:
        if isinstance(child, dict):
            yield child
        else:
            reader.report("tiles3d.children", "a child is not a tile", tile)


def _contents(reader: _Reader, node: dict[str, Any], tile: int) -> Iterator[str]:
    """Yield the addresses of a tile's contents; data URIs pass as they are."""
    for content in _held(node):
        uri = content.get("uri", content.get("url")) if isinstance(content, dict) else None
        if not isinstance(uri, str) or not uri:
            reader.report("tiles3d.content", "a content has no address", tile)
        elif uri[:5].lower() == "data:":
            yield uri
        else:
            try:
                yield resolve(reader.root, reader.document, uri)
            except OutsideRoot as error:
                reader.report(error.code, str(error), tile, **error.params)


def _held(node: dict[str, Any]) -> list[Any]:
    """Return what stands where contents stand."""
    if "contents" not in node and "extensions" not in node:
        content = node.get("content")
        return [] if content is None else [content]
    found = [node.get("content"), *_list(node.get("contents"))]
    multiple = _extensions(node).get("3DTILES_multiple_contents")
    if isinstance(multiple, dict):
        found += _list(multiple.get("contents", multiple.get("content")))
    return [content for content in found if content is not None]


def _metadata(reader: _Reader, node: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the properties of a tile; those of its only content and that content's group beat them."""
    found = dict(entity(reader.schema, _said(node)))
    held = [content for content in _held(node) if isinstance(content, dict)]
    if len(held) == 1:
        found.update(_grouped(reader, held[0]))
        found.update(entity(reader.schema, _said(held[0])))
    return tuple(found.items())


def _grouped(reader: _Reader, content: Any) -> Iterator[tuple[str, str]]:
    """Yield what is said of the group that a content belongs to: a number, or (2021) a name."""
    if not isinstance(content, dict):
        return
    old = _extensions(content).get(DRAFT)
    group = old.get("group") if isinstance(old, dict) else content.get("group")
    groups = reader.groups
    if isinstance(groups, dict) and isinstance(group, str):
        yield from entity(reader.schema, groups.get(group))
    elif isinstance(groups, list) and type(group) is int and 0 <= group < len(groups):
        yield from entity(reader.schema, groups[group])


def _groups(json: dict[str, Any]) -> Any:
    old = _extensions(json).get(DRAFT)
    return json.get("groups", old.get("groups") if isinstance(old, dict) else None)


def _said(holder: dict[str, Any]) -> Any:
    """Return the metadata of a tile or content, None without any."""
    if "metadata" not in holder and "extensions" not in holder:
        return None
    return holder.get("metadata", _extensions(holder).get(DRAFT))


def _beside(root: Root, document: str, uri: str) -> bytes:
    return read_reference(root, resolve(root, document, uri), MAX_SCHEMA)


def _extensions(node: dict[str, Any]) -> dict[str, Any]:
    found = node.get("extensions")
    return found if isinstance(found, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_json(address: str) -> bool:
    return address.partition("?")[0].lower().endswith(".json")


def _broken(location: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format="3D Tiles", reason=reason)
