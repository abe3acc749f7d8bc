"""One tile's contents: fetched, told apart (tileset, glTF, b3dm...), gathered into one answer."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from loaders._gltf.document import Document
from loaders.tiles3d import tileset
from loaders.tiles3d.content import gather
from loaders.tiles3d.gathering import Gathering
from loaders.tiles3d.implicit import grow
from loaders.tiles3d.legacy import magic_of
from loaders.tiles3d.objects import observations_of, table_of
from loaders.tiles3d.tileset import Tileset, Token
from twin.errors import BrokenFile, NotSupported, OpenError
from twin.files import Root, read_reference, resolve
from twin.ports import Content, Feedback, Growth
from twin.records import FieldMapping, Problem
from twin.tiles import ADD, TileTree

MAX_CONTENT = 2 << 30
"""The most bytes of one content."""
MAX_TRAIL = 64
"""The deepest chain of external tilesets."""
GEOJSON = ("FeatureCollection", "Feature")


def single(root: Root, token: Token, mapping: FieldMapping | None) -> Content:
    """Return one content by itself. Raises OpenError where nothing of it can be used."""
    address = token.contents[0]
    found = _gathering(root, token, address, mapping)
    gather(found, memoryview(_bytes(root, address)), _reader(root, token, address))
    return _content(found, token, mapping)


def fetch(
    root: Root, token: Token, mapping: FieldMapping | None, feedback: Feedback
) -> Content | Growth | None:
    """Return a tile's contents together; trees among them become a growth.

    A content that cannot be used is a problem; its neighbours in the tile stay. The only content of
    a tile is the tile: raises OpenError, so that it counts as failed and can be asked for again.
    """
    if token.implicit is not None:
        return _subtree(root, token)
    found = _gathering(root, token, "", mapping)
    trees: list[Tileset] = []
    drawn: list[str] = []
    for address in token.contents:
        feedback.check()
        found.address = short(address)
        found.location = f"{root.location}/{found.address}"
        try:
            data = _bytes(root, address)
            grown = _external(root, token, address, data, feedback)
            if grown is not None:
                trees.append(grown)
                continue
            drawn.append(address)
            if not trees:
                gather(found, memoryview(data), _reader(root, token, address))
        except OpenError as error:
            if len(token.contents) == 1:
                raise
            found.failed(error)
    if trees:
        return _growth(token, trees, drawn, tuple(found.problems))
    return _content(found, token, mapping)


def _subtree(root: Root, token: Token) -> Growth:
    """Return the tree that the subtree of a token describes. Raises OpenError."""
    (address,) = token.contents
    read = _reader(root, token, address)
    return grow(_bytes(root, address), token, f"{root.location}/{short(address)}", read)


def _gathering(root: Root, token: Token, address: str, mapping: FieldMapping | None) -> Gathering:
    name = short(address)
    wanted = "" if mapping is None else mapping.feature_ids
    return Gathering(token.matrix, token.up, f"{root.location}/{name}", name, wanted)


def _content(found: Gathering, token: Token, mapping: FieldMapping | None) -> Content:
    features = table_of(found, token.metadata)
    observations = observations_of(features.columns, token.metadata, mapping)
    drawables, problems = tuple(found.drawables), tuple(found.problems)
    return Content(drawables, features, observations, problems, tuple(found.credits))


def _bytes(root: Root, address: str) -> bytes:
    if address[:5].lower() == "data:":
        return Document({}, b"", root.location, lambda _: b"").reference(address)
    return read_reference(root, address, MAX_CONTENT)


def _reader(root: Root, token: Token, address: str) -> Callable[[str], bytes]:
    inside = token.document if address[:5].lower() == "data:" else address

    def read(reference: str) -> bytes:
        return read_reference(root, resolve(root, inside, reference), MAX_CONTENT)

    return read


def _external(
    root: Root, token: Token, address: str, data: bytes, feedback: Feedback
) -> Tileset | None:
    """Return the external tileset in a content, None where it is none. Raises OpenError."""
    if magic_of(data) or data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        return None
    where = f"{root.location}/{short(address)}"
    json = tileset.load_any(data, where)
    if json.get("type") in GEOJSON:
        raise NotSupported(
            location=where, what="GeoJSON as a tile's content", advice="Open it by itself."
        )
    if not tileset.is_tileset(json):
        return None
    if address in token.trail or len(token.trail) > MAX_TRAIL:
        raise BrokenFile(
            location=where, format="3D Tiles", reason="a tileset that contains itself"
        )
    above = tileset.Above(token.matrix, token.up, token.trail)
    return tileset.parse(json, root, address, above, feedback)


def _growth(
    token: Token, trees: list[Tileset], drawn: list[str], problems: tuple[Problem, ...]
) -> Growth:
    """Return the growth of one or several external tilesets, and what is drawn beside them."""
    if len(trees) == 1 and not drawn:
        only = trees[0]
        return Growth(only.tree, only.tokens, (*problems, *only.problems))
    boxes = np.concatenate([tree.tree.boxes()[:1] for tree in trees])
    top = TileTree.single(np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)]))
    count = len(trees)
    base = replace(
        top,
        center=np.repeat(top.center, 1 + count, axis=0),
        axes=np.repeat(top.axes, 1 + count, axis=0),
        error=np.full(1 + count, np.inf, np.float32),
        parent=np.array([-1] + [0] * count, np.int32),
        first=np.array([1] + [0] * count, np.int32),
        count=np.array([count] + [0] * count, np.int32),
        refine=np.full(1 + count, ADD, np.uint8),
        content=np.array([bool(drawn)] + [False] * count, np.bool_),
    )
    tokens: list[Token] = [token._replace(contents=tuple(drawn))]
    tokens += [token._replace(contents=())] * count
    for place, tree in enumerate(trees):
        base = base.grown(1 + place, tree.tree)
        tokens += tree.tokens
    every = [problem for tree in trees for problem in tree.problems]
    return Growth(base, tuple(tokens), (*problems, *every))


def short(address: str) -> str:
    """Return an address for messages and ids; a data URI is not repeated."""
    return address if address[:5].lower() != "data:" else "data:"
