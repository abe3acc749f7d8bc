"""Implicit tiling: a tile that divides itself, and a subtree's bits to the tree that they describe."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from loaders._gltf.tables import PropertyTable
from loaders.tiles3d.regions import region_boxes
from loaders.tiles3d.subdivision import Places, subdivided
from loaders.tiles3d.subtrees import Subtree, read_subtree
from loaders.tiles3d.tokens import Bool, Implicit, SubtreeTokens, Token, as_text
from loaders.tiles3d.volumes import scale_of
from twin.geometry import F32, F64, I32
from twin.ports import Growth
from twin.tiles import TileTree

MAX_TILES = 4_000_000


@dataclass(frozen=True, slots=True)
class _Rows:
    """A subtree's tiles: levels u8(n) below its root, Morton codes u32(n), relations as in a tree;
    ``at`` i64(n) is where a tile stands among the file's bits (-1 = it is in a further subtree)."""

    level: NDArray[np.uint8]
    code: NDArray[np.uint32]
    parent: I32
    first: I32
    count: I32
    at: NDArray[np.int64]
    roots: int


def grow(data: bytes, token: Token, location: str, reader: Callable[[str], bytes]) -> Growth:
    """Return the tree that a subtree file describes. Raises OpenError where nothing can be used."""
    implicit = token.implicit
    assert implicit is not None
    found = read_subtree(data, location, implicit, reader)
    rows = _rows(found, token.at[0], implicit)
    places = _places(rows, token.at, implicit.axes)
    error = (implicit.error * 0.5 ** places.level.astype(np.float64)).astype(np.float32)
    center, axes = subdivided(implicit.volume, token.matrix, implicit.axes, places)
    n = len(rows.level)
    here = np.zeros((n, len(implicit.contents)), np.bool_)
    own = rows.at >= 0
    for place, bits in enumerate(found.contents):
        here[own, place] = bits[rows.at[own]]
    content = here.any(axis=1) | ~own
    tokens = SubtreeTokens(
        _base(token, found), rows.level, rows.code, here, rows.roots,
        _table_rows(found, rows.at), _columns(found),
    )  # fmt: skip
    refine = np.full(n, implicit.refine, np.uint8)
    tree = TileTree(center, axes, error, rows.parent, rows.first, rows.count, refine, content)
    tree = _as_said(tree, found, tokens.rows[:, 0], token, places)
    return Growth(tree, tokens, tuple(found.document.problems))


def _rows(found: Subtree, level: int, implicit: Implicit) -> _Rows:
    """Return the tiles level by level in Morton order: children of a tile stand together."""
    many = 1 << implicit.axes
    start, total = 0, 0
    before: Bool = np.ones(1, np.bool_)
    codes, parents, firsts, counts, at = [], [], [], [], []
    place: I32 = np.full(1, -1, np.int32)
    for down in range(implicit.span + 1):
        size = many**down
        bits = found.children if down == implicit.span else found.tiles[start : start + size]
        bits = _allowed(found, bits, before, down and implicit.axes)
        if level + down >= implicit.levels and bits.any():
            found.report(f"there are tiles below the last of {implicit.levels} levels")
            bits = np.zeros_like(bits)
        code = np.flatnonzero(bits)
        above = code >> implicit.axes if down else code
        codes.append(code)
        parents.append(place[above])
        if down:
            number = np.bincount(above, minlength=len(before))[before]
            counts.append(number)
            firsts.append(np.where(number, total + np.cumsum(number) - number, 0))
        at.append(np.full(len(code), -1) if down == implicit.span else start + code)
        place = (np.cumsum(bits) - 1 + total).astype(np.int32)
        before, start, total = bits, start + size, total + len(code)
        if total > MAX_TILES:
            raise found.document.broken(f"more than {MAX_TILES} tiles in one subtree")
    if not len(codes[0]):
        raise found.document.broken("the root of the subtree is not there")
    leaves = np.zeros(len(codes[-1]), np.int64)
    return _Rows(
        np.repeat(np.arange(len(codes), dtype=np.uint8), [len(code) for code in codes]),
        np.concatenate(codes).astype(np.uint32),
        np.concatenate(parents).astype(np.int32),
        np.concatenate([*firsts, leaves]).astype(np.int32),
        np.concatenate([*counts, leaves]).astype(np.int32),
        np.concatenate(at).astype(np.int64),
        len(codes[-1]),
    )


def _allowed(found: Subtree, bits: Bool, above: Bool, axes: int) -> Bool:
    """Return the tiles whose parent is there too; the others are said and left out."""
    under = np.repeat(above, 1 << axes)
    stray = int(np.count_nonzero(bits & ~under))
    if stray and not bits.all():
        found.report(f"{stray} tiles have no parent and were left out")
    return bits & under


def _places(rows: _Rows, at: tuple[int, int, int, int], axes: int) -> Places:
    """Return level and place of every tile, counted from the implicit root."""
    own = np.zeros((3, len(rows.code)), np.int64)
    code = rows.code.astype(np.int64)
    for bit in range(int(rows.level[-1]) * axes):
        own[bit % axes] |= (code >> bit & 1) << (bit // axes)
    down = rows.level.astype(np.int64)
    return Places(at[0] + down, *((root << down) + own[i] for i, root in enumerate(at[1:])))


def _base(token: Token, found: Subtree) -> Token:
    """Return the token that a subtree's tiles share: what the subtree says of itself is in it."""
    said = ((str(k), as_text(v)) for k, v in found.said.items() if v is not None)
    return token._replace(metadata=(*token.metadata, *said))


def _table_rows(found: Subtree, at: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return i32(n, tables): each tile's row in the tables of tiles and of each content."""
    tables = (found.tile_table, *found.content_tables)
    if not any(tables):
        return np.full((len(at), 1), -1, np.int32)
    rows = np.full((len(at), len(tables)), -1, np.int32)
    own = at >= 0
    bits = (found.tiles, *found.contents)
    for place, (table, there) in enumerate(zip(tables, bits, strict=False)):
        if table is not None:
            number = np.cumsum(there) - 1
            rows[own, place] = np.where(there, number, -1)[at[own]]
    return rows


def _columns(found: Subtree) -> tuple[dict[str, Any], ...]:
    tables = (found.tile_table, *found.content_tables)
    return tuple({} if table is None else table.columns for table in tables)


def _as_said(
    tree: TileTree, found: Subtree, row: NDArray[np.int32], token: Token, places: Places
) -> TileTree:
    """Return the tree with the errors and volumes that the tiles' metadata names itself.

    The semantics are those of the 3D Metadata Semantic Reference.
    """
    implicit, table = token.implicit, found.tile_table
    assert implicit is not None
    if table is None:
        return tree
    named = _semantics(implicit.schema, table)
    said = np.flatnonzero(row >= 0)
    read = {key: _numbers(values, row[said]) for key, values in named.items()}
    if "TILE_GEOMETRIC_ERROR" in read:
        error = tree.error.copy()
        error[said] = read["TILE_GEOMETRIC_ERROR"][:, 0] * scale_of(token.matrix)
        tree = replace(tree, error=error)
    low, high = read.get("TILE_MINIMUM_HEIGHT"), read.get("TILE_MAXIMUM_HEIGHT")
    center, axes = tree.center.copy(), tree.axes.copy()
    if low is not None or high is not None:
        heights = tuple(None if v is None else v[:, 0] for v in (low, high))
        center[said], axes[said] = subdivided(
            implicit.volume, token.matrix, implicit.axes, places.only(said), heights
        )
    _volumes_said(read, said, token.matrix, (center, axes))
    return replace(tree, center=center, axes=axes)


def _volumes_said(
    read: dict[str, F64], said: NDArray[np.intp], matrix: F64, into: tuple[F64, F32]
) -> None:
    center, axes = into
    linear, box = matrix[:3, :3], read.get("TILE_BOUNDING_BOX")
    if box is not None and box.shape[1] == 12:
        center[said] = box[:, :3] @ linear.T + matrix[:3, 3]
        axes[said] = box[:, 3:].reshape(-1, 3, 3) @ linear.T
    region = read.get("TILE_BOUNDING_REGION")
    if region is not None and region.shape[1] == 6:
        center[said], axes[said] = region_boxes(region)
    ball = read.get("TILE_BOUNDING_SPHERE")
    if ball is not None and ball.shape[1] == 4:
        center[said] = ball[:, :3] @ linear.T + matrix[:3, 3]
        axes[said] = ball[:, 3, None, None] * scale_of(matrix) * np.eye(3)


def _semantics(schema: dict[str, Any], table: PropertyTable) -> dict[str, Any]:
    """Return the columns of a table whose meaning for the tile itself the schema names."""
    classes = schema.get("classes")
    held = classes.get(table.kind) if isinstance(classes, dict) else None
    kinds = held.get("properties") if isinstance(held, dict) else None
    found = {}
    for name, values in table.columns.items():
        kind = kinds.get(name) if isinstance(kinds, dict) else None
        semantic = kind.get("semantic") if isinstance(kind, dict) else None
        if isinstance(semantic, str) and semantic.startswith("TILE_"):
            found[semantic] = values
    return {k: v for k, v in found.items() if k in NUMERIC}


NUMERIC = (
    "TILE_GEOMETRIC_ERROR", "TILE_MINIMUM_HEIGHT", "TILE_MAXIMUM_HEIGHT", "TILE_BOUNDING_BOX",
    "TILE_BOUNDING_REGION", "TILE_BOUNDING_SPHERE",
)  # fmt: skip


def _numbers(values: NDArray[Any], rows: NDArray[np.int32]) -> F64:
    """Return f64(n, width) of a column of numbers or of arrays of numbers as JSON text."""
    picked = values[rows]
    if picked.dtype.kind in "iuf":
        return picked.astype(np.float64)[:, None]
    return np.array([orjson.loads(text) for text in picked.tolist()], np.float64)
