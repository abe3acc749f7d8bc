"""Objects of several layers by the value of a column: class, type, system, material, storey and so on."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from twin.details import SEVERAL
from twin.edits import Edit, SetHidden, Together
from twin.features import Bool, FeatureTable
from twin.geometry import Rows
from twin.scene import Layer, LayerId

BY_HEIGHT = ("Storey",)
"""Columns whose groups stand in the order of their heights, not of their names."""
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Group:
    """Rows of layers that share a value; None gathers what has none in a layer that has the column."""

    value: str | None
    rows: Mapping[LayerId, Rows]

    @property
    def count(self) -> int:
        """Return the number of objects."""
        return sum(len(rows) for rows in self.rows.values())


def grouped(
    layers: Iterable[Layer], column: str, masks: Mapping[LayerId, Bool] | None = None
) -> list[Group]:
    """Return the groups of a column, those without a value last; of masked rows where masks are given.

    An object with several values stands in each of their groups. Rows that another layer counts are
    left out, and so are layers without the column.
    """
    found: dict[str | None, dict[LayerId, Rows]] = {}
    lowest: dict[str | None, float] = {}
    for layer in layers:
        wanted = np.ones(len(layer.features), np.bool_)
        if layer.counted_elsewhere is not None:
            wanted &= ~layer.counted_elsewhere
        if masks is not None:
            wanted &= masks[layer.id]
        for value, rows in _parts(layer.features, column).items():
            kept = rows[wanted[rows]]
            if len(kept):
                found.setdefault(value, {})[layer.id] = kept
                if column in BY_HEIGHT:
                    low = _lowest(layer, kept)
                    lowest[value] = min(low, lowest.get(value, np.inf))
    groups = [Group(value, rows) for value, rows in found.items()]
    return sorted(
        groups, key=lambda x: (x.value is None, lowest.get(x.value, 0), natural(x.value))
    )


def _lowest(layer: Layer, rows: Rows) -> float:
    heights = layer.features.bounds[rows, 2]
    known = heights[np.isfinite(heights)]
    return float(np.median(known)) if len(known) else np.inf


def _parts(table: FeatureTable, column: str) -> dict[str | None, Rows]:
    """Return value -> rows of one table; nothing where it lacks the column."""
    if column == "kind":
        order = np.argsort(table.kind, kind="stable").astype(np.int32)
        cuts = np.searchsorted(table.kind[order], np.arange(1, len(table.kinds)))
        return dict(zip(table.kinds, np.split(order, cuts), strict=True)) if len(table) else {}
    values = table.get(column)
    if values is None or values.dtype.kind != "T":
        return {}
    found: dict[str | None, list[int]] = {}
    for row, text in enumerate(values.tolist()):
        for value in dict.fromkeys(text.split(SEVERAL)) if text else (None,):
            found.setdefault(value, []).append(row)
    return {value: np.array(rows, np.int32) for value, rows in found.items()}


def natural(text: str | None) -> list[tuple[int, str]]:
    """Return a key that sorts ``Level 10`` behind ``Level 2``."""
    parts = _DIGITS.split((text or "").casefold())
    return [(int(x), "") if x.isdigit() and x.isascii() else (0, x) for x in parts]


def is_shown(layers: Mapping[LayerId, Layer], group: Group) -> bool:
    """Return whether any object of a group is shown."""
    for key, rows in group.rows.items():
        layer = layers[key]
        if layer.visible and (layer.hidden is None or not layer.hidden[rows].all()):
            return True
    return False


def hidden(group: Group, hide: bool) -> Edit:
    """Return the one edit that hides or shows a group: its own objects, whatever hangs below them."""
    return Together(tuple(SetHidden(key, rows, hide) for key, rows in group.rows.items()))


def isolated(layers: Mapping[LayerId, Layer], group: Group) -> Edit:
    """Return the one edit that shows a group and hides all else."""
    edits = []
    for key, layer in layers.items():
        mask = np.ones(len(layer.features), np.bool_)
        mask[group.rows.get(key, np.zeros(0, np.int32))] = False
        edits.append(SetHidden(key, np.arange(len(mask), dtype=np.int32), mask))
    return Together(tuple(edits))
