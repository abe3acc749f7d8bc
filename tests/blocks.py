"""Cities of boxes: made from numbers, as sides of a comparison."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.features import FeatureTable, encode, texts
from twin.geometry import Mesh
from twin.maintenance.revisions import Side, Sums

Box = tuple[float, ...]
"""Least x, y, z and greatest x, y, z, metres."""
CORNERS = np.array([[x, y, z] for x in (0, 3) for y in (1, 4) for z in (2, 5)])
FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6],
     [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]], np.int32,
)  # fmt: skip


def block(box: Box, feature: int) -> Mesh:
    """Return a box as a closed mesh."""
    at = np.array(box, np.float64)
    origin = np.array([at[0], at[1], at[2]])
    points = at[CORNERS] - origin
    return Mesh(origin, points.astype(np.float32), FACES, np.full(8, feature, np.int32))


def blocks(ids: Sequence[str]) -> list[tuple[str, Box]]:
    """Return a row of houses of 10 x 8 m, 6 m high, two metres apart."""
    return [(key, (12.0 * i, 0, 0, 12.0 * i + 10, 8, 6)) for i, key in enumerate(ids)]


def city(
    parts: Sequence[tuple[str, Box]], datum: str, *, named: bool = True, **columns: Sequence[Any]
) -> Side:
    """Return a side with the boxes; not ``named``: its ids are new ones that say nothing."""
    boxes = np.array([box for _, box in parts], np.float64).reshape(-1, 6)
    prefix = "" if named else f"x{sum(sum(box) for _, box in parts):.0f}.{len(parts)}-"
    kind, kinds = encode(["Building"] * len(parts))
    table = FeatureTable(
        texts([prefix + key for key, _ in parts]), kind, kinds, np.full(len(parts), -1, np.int32),
        boxes, columns={name: texts(list(values)) for name, values in columns.items()},
    )  # fmt: skip
    rows = np.arange(len(parts), dtype=np.int32)
    sums = Sums(boxes, plans=True)
    sums.add(tuple(block(box, i) for i, (_, box) in enumerate(parts)), rows)
    return Side(table, rows, sums.shapes(), "", datum)
