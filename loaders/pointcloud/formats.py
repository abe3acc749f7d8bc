"""From the bytes of points to columns: the point formats 0 to 10 of LAS, packed side by side.

Source: ASPRS LAS Specification 1.4 R16, tables 7 to 22.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.header import Header
from twin.geometry import F64

POINT = np.dtype(
    {
        "names": ["at", "color", "intensity", "kind", "returns"],
        "formats": ["(3,)<i4", "(3,)<u2", "<u2", "u1", "u1"], "offsets": [0, 12, 18, 20, 21], "itemsize": 24,
    }
)  # fmt: skip
"""A point as it is kept: its integers, colour 16 bits a channel, intensity, class, return number.

24 bytes are three words: numpy moves those twenty times as fast as records of odd sizes."""
TIMED = frozenset({1, 3, 4, 5, 6, 7, 8, 9, 10})
COLORED = frozenset({2, 3, 5, 7, 8, 10})
_COLOR = {2: 20, 3: 28, 5: 28, 7: 30, 8: 30, 10: 30}
_TIME = {1: 20, 3: 20, 4: 20, 5: 20}

Points = NDArray[Any]
"""Points of dtype POINT (n)."""


def layout(header: Header) -> np.dtype[Any]:
    """Return the dtype of the points as they stand in the file: only what is used of them."""
    new = header.form >= 6
    fields: dict[str, tuple[str, int]] = {
        "at": ("(3,)<i4", 0), "intensity": ("<u2", 12), "returns": ("u1", 14),
        "kind": ("u1", 16 if new else 15),
    }  # fmt: skip
    if header.form in COLORED:
        fields["color"] = ("(3,)<u2", _COLOR[header.form])
    if header.form in TIMED:
        fields["time"] = ("<f8", 22 if new else _TIME[header.form])
    return np.dtype(
        {
            "names": list(fields), "formats": [kind for kind, _ in fields.values()],
            "offsets": [at for _, at in fields.values()], "itemsize": header.width,
        }
    )  # fmt: skip


def taken(raw: NDArray[np.uint8], header: Header) -> tuple[Points, F64]:
    """Return points POINT(n) of the bytes of a file u8(n * width), and their GPS times f64(n or 0)."""
    held = raw.view(layout(header))
    found = np.zeros(len(held), POINT)
    found["at"] = held["at"]
    found["intensity"] = held["intensity"]
    found["kind"] = held["kind"] if header.form >= 6 else held["kind"] & 31
    found["returns"] = held["returns"] & (15 if header.form >= 6 else 7)
    if header.form in COLORED:
        found["color"] = held["color"]
    times = held["time"] if header.form in TIMED else np.zeros(0)
    return found, np.asarray(times, np.float64)


def places(points: Points, header: Header) -> F64:
    """Return the places f64(n, 3) of points in the file's coordinates, exactly."""
    return np.asarray(points["at"] * header.scale + header.offset, np.float64)


def joined(parts: Sequence[Points]) -> Points:
    """Return points as one; numpy would lose the places of the columns."""
    words = [np.ascontiguousarray(part).view(np.uint64) for part in parts]
    return np.concatenate(words or [np.zeros(0, np.uint64)]).view(POINT)
