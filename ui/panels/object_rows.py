"""The objects of all layers as a flattened tree of row numbers: numpy arrays, no item objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.features import FeatureTable
from twin.geometry import I32
from twin.observations import STATUSES, Assessment
from twin.scene import Layer
from twin.screen import existing
from twin.session import Session
from twin.shown import passes_filter

SUSPECT = "suspect"


@dataclass(frozen=True)
class Flat:
    """The visible nodes in order: ``layer`` number, ``row`` (-1 = the layer itself), ``depth``."""

    layer: NDArray[np.int32]
    row: I32
    depth: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of visible nodes."""
        return len(self.row)

    def inserted(self, at: int, rows: I32) -> "Flat":
        """Return the tree with children shown under the node at a position."""
        n = len(rows)
        layer = np.full(n, self.layer[at], np.int32)
        depth = np.full(n, self.depth[at] + 1, np.int32)
        cut = at + 1
        return Flat(
            np.concatenate([self.layer[:cut], layer, self.layer[cut:]]),
            np.concatenate([self.row[:cut], rows.astype(np.int32), self.row[cut:]]),
            np.concatenate([self.depth[:cut], depth, self.depth[cut:]]),
        )

    def end_of(self, at: int) -> int:
        """Return the position after the last node below the one at a position."""
        deeper = self.depth[at + 1 :] > self.depth[at]
        return at + 1 + (len(deeper) if deeper.all() else int(np.argmin(deeper)))

    def removed(self, low: int, high: int) -> "Flat":
        """Return the tree without the nodes low..high-1."""
        return Flat(
            np.delete(self.layer, np.s_[low:high]),
            np.delete(self.row, np.s_[low:high]),
            np.delete(self.depth, np.s_[low:high]),
        )

    def find(self, layer: int, row: int) -> int:
        """Return the position of a node, -1 when it is not visible."""
        hits = np.flatnonzero((self.layer == layer) & (self.row == row))
        return int(hits[0]) if len(hits) else -1

    @staticmethod
    def roots(layers: int) -> "Flat":
        """Return the tree with only the layers visible."""
        number = np.arange(layers, dtype=np.int32)
        return Flat(number, np.full(layers, -1, np.int32), np.zeros(layers, np.int32))

    @staticmethod
    def opened(tables: Sequence[FeatureTable], open_rows: Sequence[set[int]]) -> "Flat":
        """Return the tree of layers in which the nodes ``open_rows[layer]`` (-1 = the layer) are open.

        Costs as much as the open nodes and what is copied: nothing is looked at line by line.
        """
        pieces: list[tuple[int, I32, int]] = []
        for number, (table, wanted) in enumerate(zip(tables, open_rows, strict=True)):
            pieces.append((number, np.full(1, -1, np.int32), 0))
            if -1 in wanted:
                marks = np.array(sorted(wanted), np.int32)
                pieces += [(number, rows, depth) for rows, depth in _below(table, marks, -1, 1)]
        if not pieces:
            return Flat.roots(0)
        sizes = [len(rows) for _, rows, _ in pieces]
        return Flat(
            np.repeat(np.array([number for number, _, _ in pieces], np.int32), sizes),
            np.concatenate([rows for _, rows, _ in pieces]),
            np.repeat(np.array([depth for _, _, depth in pieces], np.int32), sizes),
        )


def _below(table: FeatureTable, marks: I32, row: int, depth: int) -> Iterator[tuple[I32, int]]:
    """Yield (rows, depth) of everything visible under a node, in order; ``marks`` are the open rows."""
    rows = table.children(row)
    begun = 0
    for place in np.flatnonzero(np.isin(rows, marks)).tolist():
        yield rows[begun : place + 1], depth
        yield from _below(table, marks, int(rows[place]), depth + 1)
        begun = place + 1
    yield rows[begun:], depth


def has_children(table: FeatureTable, row: int) -> bool:
    """Return whether anything is part of the object (row -1: whether the layer has objects)."""
    return len(table.children(row)) > 0


def status_key(assessment: Assessment, row: int) -> str:
    """Return the status to show for a row; suspect stands before the age, retired before all."""
    if row >= len(assessment):
        return "unknown"
    status = STATUSES[int(assessment.status[row])]
    return SUSPECT if bool(assessment.suspect[row]) and status != "retired" else status


def shown_status(assessment: Assessment) -> NDArray[np.uint8]:
    """Return u8(n) codes into ``(*STATUSES, 'suspect')``: what each row shows."""
    codes = assessment.status.copy()
    retired = codes == STATUSES.index("retired")
    codes[assessment.suspect & ~retired] = len(STATUSES)
    return codes


def own_units(layer: Layer) -> I32:
    """Return the maintained units of a layer that no earlier layer counts already."""
    units = layer.assessment.unit_rows()
    units = units[units < len(layer.features)]
    elsewhere = layer.counted_elsewhere
    return units if elsewhere is None else units[~elsewhere[units]]


def listed(session: Session, layer: Layer) -> NDArray[np.bool_]:
    """Return bool(n): rows that exist at the instants asked for and pass the legend's filter."""
    there = existing(layer, session.as_of, session.known_at)
    return there & passes_filter(layer, session.painting(), session.filter)


def counted(assessment: Assessment, rows: I32 | None = None) -> Mapping[str, int]:
    """Return how many maintained units (of ``rows``) have each status."""
    units = assessment.unit_rows() if rows is None else rows[assessment.unit[rows] == rows]
    tally = np.bincount(shown_status(assessment)[units], minlength=len(STATUSES) + 1)
    return dict(zip((*STATUSES, SUSPECT), (int(n) for n in tally), strict=True))
