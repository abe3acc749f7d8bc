"""Colours between pixels."""

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64, U8


def between(picture: U8, rows: F64, columns: F64, there: NDArray[np.bool_]) -> U8:
    """Return the colours u8(h, w, 4) at rows and columns f64(h, w), counted to pixels' centres, by straight lines.

    ``there`` says where there is a picture at all. A see-through neighbour lends no colour.
    """
    high, wide = picture.shape[:2]
    y = np.clip(np.where(there, rows, 0.0), 0, high - 1)
    x = np.clip(np.where(there, columns, 0.0), 0, wide - 1)
    top, left = np.floor(y).astype(np.int32), np.floor(x).astype(np.int32)
    down, right = np.minimum(top + 1, high - 1), np.minimum(left + 1, wide - 1)
    fy, fx = (y - top).astype(np.float32)[..., None], (x - left).astype(np.float32)[..., None]
    total = np.zeros((*rows.shape, 4), np.float32)
    for row, share in ((top, 1 - fy), (down, fy)):
        for column, part in ((left, 1 - fx), (right, fx)):
            pixel = picture[row, column].astype(np.float32)
            weight = share * part * pixel[..., 3:] / 255
            total[..., :3] += pixel[..., :3] * weight
            total[..., 3:] += weight
    solid = total[..., 3:]
    found = np.concatenate([total[..., :3] / np.maximum(solid, 1e-6), solid * 255], axis=-1)
    found[~there] = 0
    return np.clip(found + 0.5, 0, 255).astype(np.uint8)
