"""A city read -> the answer of a loader: rows in order, tiles, table, counts of surfaces."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders._city.city import City
from loaders._city.hierarchy import ancestry, enclosing
from loaders._city.levels import rank
from loaders._city.soup import Soup, joined
from loaders._city.tiling import Tiles, own_bounds, tiled
from twin.features import Column, FeatureTable, encode, texts
from twin.geometry import F64, I32
from twin.maintenance.fields import lifespans
from twin.observations import ObservationList
from twin.ports import Opened
from twin.records import About
from twin.tiles import TileTree


@dataclass(frozen=True, slots=True)
class Drawn:
    """A city divided into tiles: ``order`` and ``parent`` i32(n) as ``Rows.hierarchy`` gives them,
    ``bounds`` f64(n, 6) of what each object draws itself, and the levels of detail there are."""

    order: I32
    parent: I32
    bounds: F64
    tiles: Tiles
    soup: Soup
    lods: tuple[str, ...]


def divided_city(city: City, lod: str) -> Drawn:
    """Put the rows in order and everything drawn into tiles. ``lod``: the level wished for, '' = the finest."""
    order, parent = city.objects.hierarchy()
    soup = _ordered(city, order)
    bounds = own_bounds(city, soup, len(order))
    if not lod:
        soup = _without_footprints(soup, city, order, parent)
    tiles = tiled(city, soup, len(order), bounds)
    lods = tuple(sorted(filter(None, city.all_lods), key=rank))
    return Drawn(order, parent, bounds, tiles, soup, lods)


def opened_city(
    city: City, drawn: Drawn, columns: dict[str, Column], about: About, title: str
) -> Opened:
    """Return the answer with table and tiles, no observations, and the problems of objects and looks.

    ``columns`` are the objects' attributes in their final order; counts of surfaces are added.
    """
    columns.update(_surfaces(city, drawn.soup, len(drawn.order)))
    bounds = enclosing(drawn.bounds, drawn.parent)
    table = _table(city, drawn.order, drawn.parent, bounds, columns)
    contents = drawn.tiles.contents
    first = 0 if len(contents) == 1 else 1
    ready = {first + at: content for at, content in enumerate(contents)}
    problems = (*city.objects.problems, *city.looks.problems)
    none = ObservationList().frozen()
    tree = TileTree.flat(drawn.tiles.boxes)
    return Opened(title, about, tree, table, none, problems, ready)


def _ordered(city: City, order: I32) -> Soup:
    """Return all triangles as one soup; every row number, here and in ``city``, is final."""
    soup = joined(city.soups)
    city.soups.clear()
    move = np.empty_like(order)
    move[order] = np.arange(len(order), dtype=np.int32)
    for loose in (city.points, city.lines):
        loose.row[:] = [move[row] for row in loose.row]
    for places in city.placed.values():
        places[:] = [(int(move[row]), matrix) for row, matrix in places]
    soup.row[:] = move[soup.row]
    soup.face_row[:] = move[soup.face_row]
    return soup


def _without_footprints(soup: Soup, city: City, order: I32, parent: I32) -> Soup:
    """Leave out a parent's LoD0 footprint where its parts are drawn in a higher level (3DBAG)."""
    level = np.array([rank(lod) for lod in city.lods] or [0.0])[order]
    finest = level.copy()
    _, depth = ancestry(parent)
    for deep in range(int(depth.max(initial=0)), 0, -1):
        rows = np.flatnonzero(depth == deep)
        np.maximum.at(finest, parent[rows], finest[rows])
    flat = (level >= 0) & (level < 1) & (finest >= 1)
    if not flat.any():
        return soup
    keep, edges = ~flat[soup.face_row[soup.face]], ~flat[soup.face_row[soup.edge_face]]
    return Soup(
        soup.vertex, soup.row, soup.look, soup.uv, soup.triangles[keep], soup.face[keep], soup.edges[edges],
        soup.edge_face[edges], soup.face_row, soup.face_look, soup.face_kind, soup.face_area,
    )  # fmt: skip


def _surfaces(city: City, soup: Soup, rows: int) -> dict[str, Column]:
    """Return, per kind of semantic surface, how many an object has and their area in square metres."""
    found: dict[str, Column] = {}
    for name, code in city.kinds.items():
        mine = soup.face_kind == code
        if not mine.any():
            continue
        count = np.bincount(soup.face_row[mine], minlength=rows)
        area = np.bincount(soup.face_row[mine], weights=soup.face_area[mine], minlength=rows)
        found[f"{name} count"] = count.astype(np.int32)
        found[f"{name} area"] = np.where(count > 0, area, np.nan).astype(np.float32)
    return found


def _table(
    city: City, order: I32, parent: I32, bounds: Any, columns: dict[str, Column]
) -> FeatureTable:
    objects = city.objects
    kinds, names = encode([objects.kinds[row] for row in order])
    lod, lods = encode([city.lods[row] for row in order])
    named = any(name is not None for name in objects.names)
    times = lifespans(columns)
    return FeatureTable(
        id=texts([objects.ids[row] for row in order]),
        kind=kinds,
        kinds=names,
        parent=parent,
        bounds=bounds,
        name=texts([objects.names[row] for row in order]) if named else None,
        lod=lod,
        lods=lods,
        columns=columns,
        valid_from=times.get("valid_from"),
        valid_to=times.get("valid_to"),
        created=times.get("created"),
        terminated=times.get("terminated"),
    )
