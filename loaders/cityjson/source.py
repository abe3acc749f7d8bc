"""The source of CityJSON: one document becomes a table and a tree of ready tiles."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from loaders.cityjson.gathering import City, Gathering
from loaders.cityjson.levels import rank
from loaders.cityjson.metadata import about, observe_objects, observe_source
from loaders.cityjson.reading import SMALL, Document, give_back, opened, problem
from loaders.cityjson.rows import ancestry, enclosing
from loaders.cityjson.soup import Soup, joined
from loaders.cityjson.tiling import own_bounds, tiled
from twin.features import Column, FeatureTable, encode, texts
from twin.geometry import I32
from twin.maintenance.fields import lifespans
from twin.observations import ObservationList
from twin.ports import Content, Feedback, Lane, Opened, Options
from twin.records import Problem
from twin.tiles import TileTree


@dataclass(frozen=True, slots=True)
class CityJsonSource:
    """One file: ``open`` reads it all; ``fetch`` reads it again for a tile that was let go of."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Read the whole file. Raises OpenError, Cancelled."""
        with _without_collection():
            answer = self._opened(feedback)
            answer = replace(answer, problems=_afresh(answer.problems))
            if _stamp(self.location)[0] > SMALL:
                give_back()
            return answer

    def _opened(self, feedback: Feedback) -> Opened:
        feedback.progress(0.0, "read")
        document = opened(self.location)
        feedback.progress(0.3, "geometry")
        paint = self.options.values.get("color") == "surface"
        city = Gathering(document, self.options.lod, paint, feedback).run()
        feedback.progress(0.8, "tiles")
        return _answer(document, city, self.options.lod)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Return a tile's content. The first call reads the file again and keeps it for the next."""
        key = (self.location, _stamp(self.location), self.options.lod, str(self.options.values))
        if key not in _KEPT:
            _KEPT.clear()
            _KEPT[key] = self.open(feedback).ready
        return _KEPT[key].get(tile)


_KEPT: dict[tuple[Any, ...], Mapping[int, Content]] = {}
"""The contents of the file last fetched from; can be rebuilt at any time."""


def _stamp(location: str) -> tuple[int, int]:
    try:
        stat = Path(location).stat()
    except OSError:
        return (0, 0)
    return (stat.st_size, stat.st_mtime_ns)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause garbage collection: millions of small lists make it 3.5 times slower, and none is circular."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _afresh(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems as new objects: the old ones lie scattered where the parsed city was,
    and each holds a megabyte of it."""
    return tuple(
        Problem(p.code, p.text[:1] + p.text[1:], p.feature[:1] + p.feature[1:], dict(p.params))
        for p in problems
    )


def _answer(document: Document, city: City, lod: str) -> Opened:
    order, parent = city.objects.hierarchy()
    soup = _ordered(city, order)
    rows = len(order)
    bounds = own_bounds(city, soup, rows)
    if not lod:
        soup = _without_footprints(soup, city, order, parent)
    name = PurePosixPath(document.location.replace("\\", "/")).name
    tiles = tiled(city, soup, rows, bounds)
    lods = tuple(sorted(filter(None, city.all_lods), key=rank))
    said, missing = about(document, name, lods)
    observations = ObservationList()
    columns = city.objects.columns.finished(order, document.cuts)
    observe_objects(columns, observations)
    observe_source(document, observations)
    columns.update(_surfaces(city, soup, rows))
    table = _table(city, order, parent, enclosing(bounds, parent), columns)
    problems = (
        *missing, *document.problems, *city.objects.problems, *city.looks.problems,
        *_emptiness(document, city),
    )  # fmt: skip
    tree = TileTree.flat(tiles.boxes)
    first = 0 if len(tiles.contents) == 1 else 1
    ready = {first + at: content for at, content in enumerate(tiles.contents)}
    title = document.header.get("metadata")
    named = title.get("title") if isinstance(title, dict) else None
    return Opened(str(named or name), said, tree, table, observations.frozen(), problems, ready)


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


def _emptiness(document: Document, city: City) -> tuple[Any, ...]:
    if city.objects.ids:
        return ()
    return (problem("cityjson.empty", "", location=document.location),)
