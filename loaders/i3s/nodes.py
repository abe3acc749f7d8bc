"""Nodes to tiles: node pages (1.7 and later) and node documents (1.6), a bounded number at a time.

What is not read yet hangs under its parent as one tile without a picture; fetching it brings the
next pages or documents as a growth.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders.i3s.boxes import boxes_of, error_of, is_place, threshold_of, volume_of
from loaders.i3s.layer import Layer, dict_of
from loaders.i3s.package import NODE
from twin.errors import BrokenFile, OpenError
from twin.ports import Feedback, Growth
from twin.records import Problem
from twin.tiles import REPLACE, TileTree

PAGES = 8
"""Node pages read at once; a page holds 64 nodes as a rule."""
DOCUMENTS = 64
"""Node documents read at once, fewer from a server."""
MOST_CHILDREN = 1 << 16
DEEPEST = 64

Key = int | str


@dataclass(frozen=True, slots=True)
class Mesh:
    """What a tile's token says of its node: ``center`` of its positions, and where its parts lie.

    ``definition`` and ``material`` number the layer's lists (-1: a node document of 1.6 says it);
    the resources are the folders below ``nodes``; counts are 0 where a buffer's header has them.
    """

    layer: Layer
    key: str
    center: tuple[float, float, float]
    definition: int = -1
    geometry: int = -1
    vertices: int = 0
    features: int = 0
    material: int = -1
    texture: int = -1
    attribute: int = -1


@dataclass(frozen=True, slots=True)
class More:
    """A tile's token that stands for nodes not read yet: children of the last node in ``trail``."""

    layer: Layer
    keys: tuple[Key, ...]
    trail: tuple[Key, ...]
    box: tuple[float, ...]


Token = Mesh | More


@dataclass(slots=True)
class Book:
    """Nodes by key, from pages or documents; reads no more than ``left`` of them."""

    layer: Layer
    left: int
    pages: dict[int, list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def get(self, key: Key, must: bool = False) -> dict[str, Any] | None:
        """Return a node; None where reading it is left for later. Raises OpenError."""
        if isinstance(key, str):
            if self.left <= 0 and not must:
                return None
            self.left -= 1
            return self.layer.package.json(f"nodes/{key}", NODE)
        number, place = divmod(key, self.layer.per_page)
        if number not in self.pages:
            if self.left <= 0 and not must:
                return None
            self.left -= 1
            self.pages[number] = self._page(number)
        page = self.pages[number]
        if place >= len(page) or not isinstance(page[place], dict):
            where = self.layer.package.where(f"nodepages/{number}")
            raise BrokenFile(location=where, format="I3S", reason=f"there is no node {key}")
        return dict_of(page[place])

    def _page(self, number: int) -> list[Any]:
        address = f"nodepages/{number}"
        found = self.layer.package.json(address).get("nodes")
        if not isinstance(found, list):
            where = self.layer.package.where(address)
            raise BrokenFile(location=where, format="I3S", reason="a node page without nodes")
        return found

    def report(self, code: str, text: str, key: Key, **params: Any) -> None:
        """List a problem of a node."""
        name = f"{self.layer.prefix}nodes/{key}"
        self.problems.append(Problem(code, text, name, params))


@dataclass(slots=True)
class _Rows:
    """A tree while it grows, a list a column."""

    volumes: list[list[float]] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    content: list[bool] = field(default_factory=list)
    tokens: list[Token | None] = field(default_factory=list)

    def add(self, volume: list[float], error: float, parent: int, token: Token | None) -> None:
        self.volumes.append(volume)
        self.error.append(error)
        self.parent.append(parent)
        self.first.append(0)
        self.count.append(0)
        self.content.append(token is not None)
        self.tokens.append(token)


@dataclass(slots=True)
class _Pending:
    key: Key
    node: dict[str, Any] | None
    parent: int
    trail: tuple[Key, ...]
    volume: list[float]
    keys: tuple[Key, ...] = ()


def first_tree(layer: Layer, feedback: Feedback) -> Growth:
    """Return the tree from the layer's root, as far as one reading goes. Raises OpenError."""
    if layer.per_page:
        root = dict_of(layer.doc.get("nodePages")).get("rootIndex", 0)
        key: Key = root if isinstance(root, int) and root >= 0 else 0
    else:
        key = "root"
    book = _book(layer)
    node = book.get(key, must=True)
    assert node is not None
    volume = volume_of(node)
    box = [0.0] * 10 if volume is None else volume[0]
    return _grown(book, [_Pending(key, node, -1, (), box)], feedback)


def more_tree(token: More, feedback: Feedback) -> Growth:
    """Return the tree of nodes that were left for later, under a tile that holds them."""
    book = _book(token.layer)
    top = _Pending("", None, -1, token.trail, list(token.box), token.keys)
    return _grown(book, [top], feedback)


def _book(layer: Layer) -> Book:
    most = PAGES if layer.per_page else DOCUMENTS
    return Book(layer, most // 4 if layer.package.served else most)


def _grown(book: Book, start: list[_Pending], feedback: Feedback) -> Growth:
    rows = _Rows()
    queue = deque(start)
    while queue:
        feedback.check()
        item = queue.popleft()
        tile = len(rows.parent)
        if item.node is None and item.parent >= 0:  # for later
            token = More(book.layer, item.keys, item.trail, tuple(item.volume))
            rows.add(item.volume, 0.0, item.parent, token)
            continue
        if item.node is None:
            rows.add(item.volume, float("inf"), item.parent, None)
            children = _children(book, item.keys, item, tile)
        else:
            children = _visit(book, rows, item, tile)
        rows.first[tile] = tile + 1 + len(queue) if children else 0
        rows.count[tile] = len(children)
        queue.extend(children)
    return Growth(_tree(rows, book.layer), tuple(rows.tokens), tuple(book.problems))


def _visit(book: Book, rows: _Rows, item: _Pending, tile: int) -> list[_Pending]:
    node = item.node
    assert node is not None
    found = volume_of(node)
    if found is None:
        book.report("i3s.volume", "a node has no usable bounding volume", item.key)
    volume, radius = found or (item.volume, 0.0)
    token = _mesh(book, node, item.key, volume)
    keys = tuple(_keys(node, paged=isinstance(item.key, int)))
    error = error_of(threshold_of(node, book.layer.metric), radius, book.layer.system.metre)
    if not keys and not np.isfinite(error):
        error = 0.0
    rows.add(volume, error, item.parent, token)
    inside = _Pending(item.key, node, item.parent, (*item.trail, item.key), volume)
    return _children(book, keys, inside, tile)


def _children(book: Book, keys: Iterable[Key], above: _Pending, tile: int) -> list[_Pending]:
    """Return the children that can be read now, and one entry for all the others."""
    now: list[_Pending] = []
    later: list[Key] = []
    trail = above.trail
    for key in dict.fromkeys(keys):
        if key in trail or len(trail) >= DEEPEST:
            book.report("i3s.cycle", "a node is its own descendant", key)
            continue
        try:
            node = book.get(key, must=above.node is None and not now)
        except OpenError as error:
            book.problems.append(
                Problem(error.full_code, str(error), f"nodes/{key}", dict(error.params))
            )
            continue
        if node is None:
            later.append(key)
        elif _other_parent(node, trail):
            book.report("i3s.cycle", "a node has another parent", key)
        else:
            now.append(_Pending(key, node, tile, trail, above.volume))
    if later:
        now.append(_Pending("", None, tile, trail, above.volume, tuple(later)))
    return now


def _other_parent(node: dict[str, Any], trail: tuple[Key, ...]) -> bool:
    parent = node.get("parentIndex")
    return isinstance(parent, int) and bool(trail) and parent >= 0 and parent != trail[-1]


def _keys(node: dict[str, Any], paged: bool) -> Iterable[Key]:
    """Yield the children of a node: indices in pages, ids in documents."""
    found = node.get("children")
    for child in found[:MOST_CHILDREN] if isinstance(found, list) else ():
        if paged:
            if isinstance(child, int) and not isinstance(child, bool) and child >= 0:
                yield child
        elif isinstance(child, dict) and child.get("id") is not None:
            yield str(child["id"])


def _mesh(book: Book, node: dict[str, Any], key: Key, volume: list[float]) -> Mesh | None:
    """Return the token of a node with something to draw."""
    sphere, x = node.get("mbs"), volume[:3]
    if isinstance(key, str):
        if not (node.get("geometryData") or node.get("featureData")):
            return None
        if is_place(sphere, 4):
            x = [float(v) for v in sphere[:3]]
        return Mesh(book.layer, key, (x[0], x[1], x[2]))
    mesh = dict_of(node.get("mesh"))
    geometry, material = dict_of(mesh.get("geometry")), dict_of(mesh.get("material"))
    resource = _number(geometry, "resource")
    if resource < 0:
        return None
    return Mesh(
        book.layer,
        str(resource),
        (x[0], x[1], x[2]),
        _number(geometry, "definition"),
        resource,
        max(_number(geometry, "vertexCount"), 0),
        max(_number(geometry, "featureCount"), 0),
        _number(material, "definition"),
        _number(material, "resource"),
        _number(dict_of(mesh.get("attribute")), "resource"),
    )


def _number(holder: dict[str, Any], name: str) -> int:
    found = holder.get(name, -1)
    return found if isinstance(found, int) and not isinstance(found, bool) else -1


def _tree(rows: _Rows, layer: Layer) -> TileTree:
    center, axes = boxes_of(np.array(rows.volumes, np.float64).reshape(-1, 10), layer.system)
    return TileTree(
        center,
        axes,
        np.array(rows.error, np.float32),
        np.array(rows.parent, np.int32),
        np.array(rows.first, np.int32),
        np.array(rows.count, np.int32),
        np.full(len(rows.parent), REPLACE, np.uint8),
        np.array(rows.content, np.bool_),
    )
