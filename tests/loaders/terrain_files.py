"""Small elevation models made from numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import Affine

PLACE = Affine(2.0, 0, 84_000, 0, -2.0, 447_500)


def hills(rows: int, columns: int, seed: int = 1) -> NDArray[np.float32]:
    """Return smooth heights of -2 to 40 metres with a little noise."""
    y, x = np.mgrid[:rows, :columns] / 20.0
    noise = np.random.default_rng(seed).normal(0, 0.1, (rows, columns))
    found = 20 + 12 * np.sin(x) * np.cos(y / 2) + 8 * np.sin(x / 5) + noise
    return np.asarray(found, np.float32)


def write(path: Path, heights: NDArray[Any], **more: Any) -> str:
    """Write heights as a GeoTIFF; ``tags`` are its tags, ``units`` those of its band."""
    tags, units = more.pop("tags", {}), more.pop("units", "")
    scales, offsets = more.pop("scales", None), more.pop("offsets", None)
    said = {"crs": "EPSG:28992", "transform": PLACE, "nodata": None, **more}
    bands = heights if heights.ndim == 3 else heights[None]
    with rasterio.open(
        path, "w", driver=said.pop("driver", "GTiff"), width=bands.shape[2], height=bands.shape[1],
        count=len(bands), dtype=bands.dtype, **said,
    ) as grid:  # fmt: skip
        grid.write(bands)
        grid.update_tags(**tags)
        if units:
            grid.units = [units] * len(bands)
        if scales is not None:
            grid.scales, grid.offsets = scales, offsets
    return str(path)


def sample(path: Path) -> None:
    """Write the sample of the conformance tests: a slope with a hole and a date."""
    heights = np.round(hills(70, 100) * 10)
    heights[10:14, 20:26] = -9999
    tags = {"TIFFTAG_DATETIME": "2021:03:05 10:00:00", "TIFFTAG_COPYRIGHT": "Made from numbers"}
    write(
        path, heights.astype(np.int16), nodata=-9999, scales=[0.1], offsets=[0.0], tags=tags,
        compress="deflate", blockysize=16,
    )  # fmt: skip


if __name__ == "__main__":
    sample(Path(__file__).parent.parent / "data" / "slope.tif")
