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
    packed = np.ascontiguousarray(picture).view(np.uint32).reshape(-1)  # one reading for all four
    solid = bool((picture[..., 3] == 255).all())
    total = np.zeros((*rows.shape, 4), np.float32)
    for row, share in ((top, 1 - fy), (down, fy)):
        for column, part in ((left, 1 - fx), (right, fx)):
            pixel = packed[row * np.int32(wide) + column].view(np.uint8).reshape(total.shape)
            weight = share * part
            if not solid:
                weight = weight * (pixel[..., 3:] / np.float32(255))
                total[..., 3:] += weight
            total[..., :3] += pixel[..., :3] * weight
    if solid:
        total[..., 3] = 255
    else:
        total[..., :3] /= np.maximum(total[..., 3:], 1e-6)
        total[..., 3:] *= 255
    total[~there] = 0
    total += np.float32(0.5)
    return np.clip(total, 0, 255, out=total).astype(np.uint8)
