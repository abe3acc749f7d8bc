"""A GeoTIFF of the ground: windows of the level that is fine enough, colours between pixels by both."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.terrain import gdal
from loaders.terrain.imagery.sampling import between
from twin.errors import BrokenFile, NotSupported
from twin.geometry import F64, U8
from twin.georeference import parse_crs, plane_unit
from twin.ports import Feedback
from twin.records import Problem

MOST_SIDE = 4096
"""Pixels of a window each way."""
_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Ortho:
    """A file with red, green and blue (or grey) bands that has a place."""

    location: str
    crs: str
    finest: float
    credit: str = ""
    extent: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    unit: float = 1.0
    problems: tuple[Problem, ...] = ()

    def colors(self, places: F64, spacing: float, feedback: Feedback) -> U8:
        """Return RGBA u8(h, w, 4) at places f64(h, w, 2). Raises OpenError."""
        feedback.check()
        with gdal.opened(self.location) as grid:
            inverse = ~grid.transform
            columns = inverse.a * places[..., 0] + inverse.b * places[..., 1] + inverse.c
            rows = inverse.d * places[..., 0] + inverse.e * places[..., 1] + inverse.f
            there = np.isfinite(columns) & np.isfinite(rows)
            there &= (columns >= 0) & (columns <= grid.width) & (rows >= 0) & (rows <= grid.height)
            if not there.any():
                return np.zeros((*places.shape[:2], 4), np.uint8)
            low = np.floor([rows[there].min(), columns[there].min()]).astype(int) - 2
            high = np.ceil([rows[there].max(), columns[there].max()]).astype(int) + 2
            low = np.maximum(low, 0)
            high = np.maximum(np.minimum(high, [grid.height, grid.width]), low + 1)
            factor = max(spacing / self.finest, float((high - low).max()) / MOST_SIDE, 1.0)
            shape = np.maximum(np.ceil((high - low) / factor).astype(int), 1)
            picture = _read(grid, ((low[0], high[0]), (low[1], high[1])), shape)
        step = (high - low) / shape
        return between(
            picture, (rows - low[0]) / step[0] - 0.5, (columns - low[1]) / step[1] - 0.5, there
        )


def _read(grid: Any, window: Any, shape: Any) -> U8:
    """Return a window as RGBA u8(h, w, 4)."""
    from rasterio.enums import ColorInterp, Resampling

    size = (int(shape[0]), int(shape[1]))
    kinds = list(grid.colorinterp)
    if kinds[0] is ColorInterp.palette:
        table = np.zeros((256, 4), np.uint8)
        for value, color in grid.colormap(1).items():
            if 0 <= value < 256:
                table[value] = color
        index = grid.read(1, window=window, out_shape=size, resampling=Resampling.nearest)
        picture = table[np.clip(index, 0, 255).astype(np.uint8)]
    else:
        colors = [n + 1 for n, kind in enumerate(kinds) if kind is not ColorInterp.alpha]
        bands = (colors * 3)[:3] if len(colors) < 3 else colors[:3]
        found = grid.read(
            bands, window=window, out_shape=(3, *size), resampling=Resampling.average
        )
        picture = np.dstack([*_bytes(found), np.full(size, 255, np.uint8)])
    mask = grid.dataset_mask(window=window, out_shape=size)
    picture[..., 3] = np.minimum(picture[..., 3], mask)
    return np.asarray(np.ascontiguousarray(picture), np.uint8)


def _bytes(bands: Any) -> U8:
    """Return values as bytes: those of 16 bits keep their high byte, unless they use fewer bits."""
    if bands.dtype == np.uint8:
        return np.asarray(bands)
    values = np.nan_to_num(bands.astype(np.float64))
    top = 255.0 if values.max() <= 255 else 4095.0 if values.max() <= 4095 else 65535.0
    return np.asarray(np.clip(values * (255.0 / top), 0, 255), np.uint8)


def opened(location: str) -> Ortho:
    """Return a GeoTIFF as imagery. Raises OpenError."""
    with gdal.opened(location) as grid:
        if grid.crs is None or grid.transform.is_identity:
            advice = (
                "It must say where it stands: a system and a transform (gdal_edit, a world file)."
            )
            raise NotSupported(location=location, what="a picture without a place", advice=advice)
        if grid.dtypes[0].startswith(("float", "complex")):
            advice = "Open it as terrain."
            raise NotSupported(
                location=location, what="a grid of heights as imagery", advice=advice
            )
        t = grid.transform
        area = abs(t.a * t.e - t.b * t.d)
        if not area or not np.isfinite(area):
            raise BrokenFile(
                location=location, format="GeoTIFF", reason="its transform has no area"
            )
        name = gdal.system_of(grid)
        corners = _corners(grid)
        extent = (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
        credit = str(grid.tags().get("TIFFTAG_COPYRIGHT", ""))
    crs = parse_crs(name)
    unit = _DEGREE if crs.kind == "geographic" else plane_unit(crs)
    finest = float(np.sqrt(area)) * unit
    return Ortho(location, crs.horizontal, finest, credit, extent, unit)


def _corners(grid: Any) -> F64:
    """Return the corners f64(4, 2) of a picture."""
    t = grid.transform
    x, y = (part.ravel() for part in np.meshgrid([0, grid.width], [0, grid.height]))
    return np.stack([t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f], axis=1)
