"""An elevation model as a source: opening judges its coarse levels, fetching reads one window.

Runs in a worker process: the library is C code and the file is not trusted. What a worker read last it
keeps, because the tiles of a block come one after the other.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from loaders.terrain import gdal
from loaders.terrain.branches import GROW, branch, planted, skirt_of, tiles_of
from loaders.terrain.facts import about_of, observed, table_of
from loaders.terrain.heights import Counted, read, scale_of
from loaders.terrain.imagery import flat
from loaders.terrain.pyramid import Judged, Pyramid, Tile, judged, picked, piece
from loaders.terrain.relief import Grid, mesh, slopes
from twin.errors import BrokenFile, CrsError, NotSupported
from twin.geometry import F32
from twin.georeference import parse_crs
from twin.maintenance.telling import Told
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options

READY = 3
"""Levels from the top whose tiles opening brings along."""
MOST_KEPT = 6
"""Blocks that a worker remembers: 4 to 17 MB each."""
MANY = 4096 * 4096
"""Cells from which a grid without overviews opens slowly."""
_DEGREE = 111_320.0
"""Metres in a degree of latitude, about."""


@dataclass(frozen=True, slots=True)
class Block:
    """What a window of samples says: heights f32(n, m) of the finest level, the errors of the tiles."""

    pyramid: Pyramid
    place: Grid
    samples: F32
    found: Judged
    finest: int


@dataclass(frozen=True, slots=True)
class RasterSource:
    """One band of one file. Keeps nothing but what can be read again."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Return the tiles of the coarse levels, all levels of a small grid. Raises OpenError."""
        feedback.progress(0.0, "read")
        if self._is_picture():
            return flat.opened(self.location, self.options, feedback)
        told, counted = Told(), Counted()
        with gdal.opened(self.location) as grid:
            self._usable(grid)
            top = Tile(Pyramid(grid.width, grid.height).top, 0, 0)
            if grid.width * grid.height > MANY and not grid.overviews(self._band(grid)):
                told.file("terrain.no_overviews")
            held = self._read(grid, top, counted)
            about = about_of(grid, self._band(grid), held.place, self.options)
            tags = {**grid.tags(), **grid.tags(self._band(grid))}
        feedback.check()
        if math.isnan(held.found.low[top]):
            reason = "it holds no height at all"
            raise BrokenFile(location=self.location, format="GeoTIFF", reason=reason)
        _say(told, counted, held.place, about.crs)
        tree, tokens = planted(branch(held.pyramid, top, held.found, held.place, first=True))
        ready = {
            tile: _content(held, token)
            for tile, token in enumerate(tokens)
            if token
            and not token.startswith(GROW)
            and tiles_of(token)[1].level > top.level - READY
        }
        features = table_of(Path(self.location).stem, about, tree, held.samples)
        return Opened(
            title=Path(self.location).name, about=about, tree=tree, features=features,
            observations=observed(tags), problems=told.problems(), ready=ready, tokens=tokens,
        )  # fmt: skip

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return the mesh of a tile, or the tiles of the block below it. Raises OpenError."""
        if not isinstance(token, str) or not token:
            return None
        feedback.check()
        if token.startswith(flat.FLAT):
            return flat.fetched(self.location, self.options, token, feedback)
        try:
            if token.startswith(GROW):
                block = Tile.of(token.partition("-")[2])
                return _grown(self._block(block), block)
            block = tiles_of(token)[0]
        except ValueError as error:
            raise BrokenFile(location=self.location, format="tile", reason=token) from error
        return _content(self._block(block), token)

    def _usable(self, grid: Any) -> None:
        """Refuse what is no grid of heights. Raises BrokenFile, NotSupported."""
        if any(name.startswith("complex") for name in grid.dtypes):
            advice = "Heights are plain numbers."
            raise NotSupported(
                location=self.location, what="a grid of complex numbers", advice=advice
            )
        if grid.width < 2 or grid.height < 2:
            reason = f"{grid.width} x {grid.height} cells make no surface"
            raise BrokenFile(location=self.location, format="GeoTIFF", reason=reason)
        if grid.gcps[0] and grid.transform.is_identity:
            advice = "Warp it to a coordinate system first (gdalwarp)."
            raise NotSupported(
                location=self.location, what="a grid placed by control points", advice=advice
            )

    def _is_picture(self) -> bool:
        """Return whether the file holds colours: three bands or more of bytes, or a table of colours."""
        with gdal.opened(self.location) as grid:
            kinds = [kind.name for kind in grid.colorinterp]
            colored = grid.count >= 3 and grid.dtypes[0] == "uint8"
            return bool(kinds[0] == "palette" or colored)

    def _band(self, grid: Any) -> int:
        said = self.options.values.get("band", "1")
        return min(int(said), grid.count) if said.isdecimal() and int(said) else 1

    def _place(self, grid: Any) -> Grid:
        """Return where the grid stands. Raises BrokenFile where it has no area."""
        t = grid.transform
        affine = (t.a, t.b, t.c + (t.a + t.b) / 2, t.d, t.e, t.f + (t.d + t.e) / 2)
        if not np.isfinite(affine).all() or not t.a * t.e - t.b * t.d:
            reason = "its transform has no area"
            raise BrokenFile(location=self.location, format="GeoTIFF", reason=reason)
        name = self.options.crs or gdal.system_of(grid)
        try:
            crs = parse_crs(name, self.options.vertical)
        except CrsError:
            return Grid(affine)
        return Grid(affine, (_DEGREE if crs.kind == "geographic" else 1.0, abs(crs.rise)))

    def _block(self, block: Tile) -> Block:
        """Return a block, read now or remembered."""
        key = self._key(block)
        if key in _KEPT:
            return _KEPT[key]
        with gdal.opened(self.location) as grid:
            self._usable(grid)
            return self._read(grid, block, Counted())

    def _key(self, block: Tile) -> tuple[Any, ...]:
        stat = Path(self.location).stat()
        return (self.location, stat.st_size, stat.st_mtime_ns, block, str(self.options))

    def _read(self, grid: Any, block: Tile, counted: Counted) -> Block:
        """Read and judge a block, and remember it."""
        pyramid, place = Pyramid(grid.width, grid.height), self._place(grid)
        finest = pyramid.finest(block)
        band = self._band(grid)
        scale = scale_of(grid, band, self.options.values.get("unit", "auto"), place.units[1])
        samples = read(grid, band, pyramid.spans(block, 1 << finest), scale, counted)
        made = Block(pyramid, place, samples, judged(pyramid, block, finest, samples), finest)
        while len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[self._key(block)] = made
        return made


def _content(held: Block, token: str) -> Content:
    """Return the mesh of a tile of a block."""
    block, tile = tiles_of(token)
    part = piece(held.pyramid, block, tile, held.finest)
    heights = picked(held.samples[part], 1 << (tile.level - held.finest))
    columns, rows = held.pyramid.spans(tile, 1 << tile.level)
    cells = columns.cells(), rows.cells()
    skirt = skirt_of(held.found, block, tile)
    made = mesh(held.place, cells, heights, slopes(held.place, cells, heights), skirt)
    return Content(() if made is None else (made,))


def _grown(held: Block, block: Tile) -> Growth:
    tree, tokens = planted(branch(held.pyramid, block, held.found, held.place, first=False))
    return Growth(tree, tokens)


def _say(told: Told, counted: Counted, place: Grid, crs: str) -> None:
    """Tell what was left out and what nobody said."""
    if counted.marks:
        told.file("terrain.marks", count=counted.marks)
    if counted.beyond:
        told.file("terrain.beyond", count=counted.beyond)
    if not crs and place.affine[:5] == (1.0, 0.0, 0.5, 0.0, 1.0):
        told.file("terrain.no_place")


_KEPT: dict[tuple[Any, ...], Block] = {}
"""The blocks last read, oldest first; can be read again at any time."""


def forget() -> None:
    """Let go of the blocks that were read."""
    _KEPT.clear()
