"""meshopt's filters: what stands between the decoded bytes and the numbers that an accessor reads."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geometry import U8


def _words(rows: U8, kinds: dict[int, str]) -> NDArray[Any]:
    """Return rows as four numbers each; the stride says which."""
    kind = kinds.get(rows.shape[1])
    if kind is None:
        raise ValueError(f"a filter on a stride of {rows.shape[1]}")
    return rows.view(np.dtype(kind)).copy()


def _rounded(values: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    """Return floats rounded half away from zero."""
    return np.asarray(np.trunc(values + np.copysign(0.5, values)).astype(np.int64), kind)


def octahedral(rows: U8) -> U8:
    """Return unit vectors of folded ones: x and y stay, z is what the third number leaves of 1."""
    words = _words(rows, {4: "<i1", 8: "<i2"})
    x, y, one = words[:, :3].astype(np.float32).T
    z = one - np.abs(x) - np.abs(y)
    fold = np.minimum(z, 0.0)
    x, y = x + np.where(x >= 0, fold, -fold), y + np.where(y >= 0, fold, -fold)
    length = np.sqrt(x * x + y * y + z * z)
    scale = np.float32(np.iinfo(words.dtype).max) / np.where(length > 0, length, 1.0)
    words[:, :3] = _rounded(np.stack([x, y, z], axis=1) * scale[:, None], words.dtype)
    return words.view(np.uint8)


def quaternion(rows: U8) -> U8:
    """Return unit quaternions of their three smaller parts; the last number says which is missing."""
    words = _words(rows, {8: "<i2"})
    scale = (words[:, 3] | 3).astype(np.float32) * np.float32(np.sqrt(2.0))
    three = words[:, :3].astype(np.float32) / scale[:, None]
    largest = np.sqrt(np.maximum(1.0 - np.einsum("ij,ij->i", three, three), 0.0))
    parts = _rounded(np.column_stack([largest, three]) * np.float32(32767.0), words.dtype)
    place = (words[:, 3:] + np.arange(4)) & 3
    np.put_along_axis(words, place.astype(np.int64), parts, axis=1)
    return words.view(np.uint8)


def exponential(rows: U8) -> U8:
    """Return floats of a mantissa of 24 bits and an exponent of 8."""
    words = rows.view("<i4")
    with np.errstate(over="ignore"):
        found = np.ldexp((words << 8 >> 8).astype(np.float32), words >> 24)
    return np.asarray(found, "<f4").view(np.uint8)


def color(rows: U8) -> U8:
    """Return red, green, blue, alpha of luma and two chromas; alpha's highest bit is the scale."""
    words = _words(rows, {4: "<u1", 8: "<u2"})
    signed = words.view({1: "<i1", 2: "<i2"}[words.itemsize])
    y, alpha = words[:, 0].astype(np.int32), words[:, 3].astype(np.int32)
    orange, green = signed[:, 1].astype(np.int32), signed[:, 2].astype(np.int32)
    scale = alpha.copy()
    for shift in (1, 2, 4, 8):
        scale |= scale >> shift
    alpha = alpha << 1 & scale | alpha & 1
    every = np.stack([y + orange - green, y + green, y - orange - green, alpha], axis=1)
    top = np.float32(np.iinfo(words.dtype).max)
    found = every.astype(np.float32) * (top / np.maximum(scale, 1))[:, None] + 0.5
    return np.clip(found, 0, top).astype(words.dtype).view(np.uint8)


FILTERS: dict[str, Callable[[U8], U8]] = {
    "OCTAHEDRAL": octahedral, "QUATERNION": quaternion, "EXPONENTIAL": exponential, "COLOR": color,
}  # fmt: skip
