"""The source of vector files: one layer becomes a table and a tree of tiles; outlines stand up as blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from loaders._dividing import OBJECTS, divided
from loaders.footprints import gdal
from loaders.footprints.blocks import Parts, bounds_of, drawn, parts_of, weight_of
from loaders.footprints.heights import AUTO, NONE, STOREY, Heights, Wanted, candidates, heights
from loaders.footprints.objects import observed, table_of
from loaders.footprints.shapes import AREAS
from twin.choices import Option
from twin.geometry import F64, box_of, empty_box
from twin.maintenance.telling import Told
from twin.ports import Content, Feedback, Lane, Opened, Options, VectorTable
from twin.records import About
from twin.tiles import TileTree


@dataclass(frozen=True, slots=True)
class VectorSource:
    """One layer of one file: ``open`` reads it all; ``fetch`` reads it again for a tile let go of."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Read the layer. Raises OpenError, Cancelled."""
        feedback.progress(0.0, "read")
        known = gdal.layers(self.location)
        asked = self.options.values.get("layer", "")
        read = gdal.read(self.location, asked if asked in [name for name, _ in known] else "")
        feedback.progress(0.5, "geometry")
        told = Told()
        said = self._heights(read, told)
        parts = parts_of(_shapes(read))
        height = np.where(_areal(parts, len(read)), said.height, np.nan)
        if self.options.lod == "0":
            height = np.full(len(read), np.nan)
        elif not np.isfinite(height).any() and _areal(parts, len(read)).any():
            told.file("vector.flat", layer=read.layer)
        feedback.check()
        bounds = bounds_of(parts, len(read), said.base, height)
        contents, boxes = _tiles(parts, bounds, (said.base, height), feedback)
        features = table_of(read, said, bounds, np.isfinite(height), told)
        if not len(read):
            told.file("vector.no_objects", layer=read.layer)
        changed = gdal.last_change(self.location, read.layer)
        said_of = observed(features.columns, self.location, changed, told)
        first = 0 if len(contents) == 1 else 1
        return Opened(
            title=Path(self.location).name,
            about=_about(read, said, gdal.usual(known), self.options),
            tree=TileTree.flat(boxes),
            features=features,
            observations=said_of,
            problems=(*read.problems, *told.problems()),
            ready={first + at: content for at, content in enumerate(contents)},
        )

    def _heights(self, read: VectorTable, told: Told) -> Heights:
        values = self.options.values
        mapped = self.options.fields.height if self.options.fields is not None else ""
        wanted = Wanted(
            values.get("height", mapped or AUTO),
            values.get("base", NONE),
            values.get("height_unit", AUTO),
        )
        return heights(read.columns, len(read), wanted, read.keys, told)

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


def _shapes(read: VectorTable) -> Any:
    return np.full(len(read), None, object) if read.geometry is None else read.geometry


def _areal(parts: Parts, count: int) -> Any:
    """Return bool(count): the row has an area."""
    found = np.zeros(count, np.bool_)
    found[parts.of(AREAS).row] = True
    return found


def _tiles(
    parts: Parts, bounds: F64, levels: tuple[F64, F64], feedback: Feedback
) -> tuple[list[Content], F64]:
    """Return the contents of all tiles and their boxes f64(n, 6)."""
    base, height = levels
    rows = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    center = (bounds[rows, :2] + bounds[rows, 3:5]) / 2
    weight = weight_of(parts, len(bounds))[rows]
    order = np.argsort(parts.row, kind="stable")
    parts = Parts(parts.shape[order], parts.row[order])
    contents: list[Content] = []
    boxes: list[F64] = []
    for group in divided(center, weight, OBJECTS):
        feedback.check()
        feedback.progress(0.5 + 0.4 * len(contents) / max(len(rows) // OBJECTS, len(contents) + 1))
        mine = np.sort(rows[group])
        low = np.searchsorted(parts.row, mine, "left")
        size = np.searchsorted(parts.row, mine, "right") - low
        at = np.repeat(low - np.cumsum(size) + size, size) + np.arange(int(size.sum()))
        drawables = drawn(Parts(parts.shape[at], parts.row[at]), base, height)
        box = empty_box()
        for item in drawables:
            own = box_of(item)
            box = np.concatenate([np.minimum(box[:3], own[:3]), np.maximum(box[3:], own[3:])])
        contents.append(Content(drawables))
        boxes.append(box)
    return contents, np.array(boxes).reshape(-1, 6)


def _about(read: VectorTable, said: Heights, usual: str, options: Options) -> About:
    """Return what the file says of itself, and what may be decided: layer, heights, base."""
    facts = {"layer": read.layer, "rows": str(len(read))}
    if len(read.layers) > 1:
        facts["layers"] = ", ".join(read.layers)
    if said.field:
        facts["height"] = f"{said.field} x {STOREY:g} m" if said.by_storeys else said.field
    usable = candidates(read.columns)
    offered = []
    if len(read.layers) > 1:
        others = tuple(name for name in read.layers if name != usual)
        offered.append(Option("layer", (usual, *others)))
    if usable:
        offered.append(Option("height", (AUTO, NONE, *usable)))
        offered.append(Option("height_unit", (AUTO, "metres", "storeys")))
        offered.append(Option("base", (NONE, *usable)))
    lods = ("0", "1") if np.isfinite(said.height).any() else ("0",)
    return About("vector", "", read.crs, options.vertical, lods, facts, options=tuple(offered))
