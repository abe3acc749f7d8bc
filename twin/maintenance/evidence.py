"""Hints that the world changed after the data were made: the flag *suspect* (MAINTENANCE.md 1.4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.features import Bool, FeatureTable, Times
from twin.geometry import F64, Rows
from twin.maintenance.dates import parse_column
from twin.maintenance.fields import evidence_columns
from twin.maintenance.hierarchy import descendants_marked, nearest_with
from twin.observations import ASPECTS
from twin.records import Evidence, Instant

EVIDENCE_P: Mapping[str, float] = {
    "lidar_diff": 0.71,
    "image_change": 0.85,
    "permit_completed": 0.95,
    "permit_issued": 0.60,
    "as_built": 0.99,
    "complaint": 0.30,
    "construction": 0.95,
    "renovation": 0.95,
    "demolition": 0.95,
}
"""Default probability that the object changed, by kind of evidence; a design decision, editable."""
THRESHOLD = 0.5
TOUCHED = 0.3
"""Share of a footprint that an area of evidence must cover, as when deliveries are matched (section 7)."""

Interval = tuple[Times, Times]
"""Half-open (t_lo, t_hi) per row of the date that counts, NaT = none."""


@dataclass(frozen=True)
class Suspicion:
    """``suspect`` bool(n); ``undecided`` bool(n): evidence and date overlap, the order is not known.

    ``p`` f64(n): 1 - prod(1 - p_e) over the open evidence that is later than the date.
    """

    suspect: Bool
    undecided: Bool
    p: NDArray[np.float64]


class _Tally:
    def __init__(self, n: int) -> None:
        self.stays = np.ones(n)
        self.single = np.zeros(n, np.bool_)
        self.undecided = np.zeros(n, np.bool_)

    def add(self, rows: Rows, later: Bool, overlap: Bool, p: float) -> None:
        counted = rows[later | overlap]
        self.stays[counted] *= 1 - p
        self.single[counted] |= p >= THRESHOLD
        self.undecided[rows[overlap & (p > 0)]] = True

    def result(self) -> Suspicion:
        p = 1 - self.stays
        suspect = self.single | (p >= THRESHOLD - 1e-12)
        return Suspicion(suspect, self.undecided & suspect, p)


def suspicion(
    features: FeatureTable,
    dated: Callable[[int], Interval],
    evidence: Sequence[Evidence],
    now: np.datetime64,
    boxes: Callable[[], F64],
) -> Suspicion:
    """Return which rows changed, probably, after the date that counts for the aspect touched.

    ``dated(aspect)`` gives the interval per row for an aspect code (-1 = the object's own date);
    ``boxes()`` gives f64(n, 4) plan rectangles (NaN = none). Evidence comes from records and from columns
    such as the year of construction; it touches an object, its unit above and everything below.
    """
    tally = _Tally(len(features))
    for kind, low, high in _from_columns(features, now):
        t_lo, t_hi = dated(-1)
        rows = np.flatnonzero(~np.isnat(low) & ~np.isnat(t_lo)).astype(np.int32)
        overlap = (low[rows] < t_hi[rows]) & (t_lo[rows] < high[rows])
        tally.add(rows, low[rows] > t_lo[rows], overlap, EVIDENCE_P[kind])
    open_ones = [item for item in evidence if item.status == "open"]
    for item, touched in zip(open_ones, _touched(features, open_ones, boxes), strict=True):
        if item.event_lo is None:
            continue
        t_lo, t_hi = _dates_for(item, dated)
        rows = np.flatnonzero(touched & ~np.isnat(t_lo)).astype(np.int32)
        begin: Instant = item.event_lo
        end: Instant = item.event_hi if item.event_hi is not None else begin + 1
        overlap = (begin < t_hi[rows]) & (t_lo[rows] < end)
        tally.add(rows, begin > t_lo[rows], overlap, item.p_change)
    return tally.result()


def _dates_for(item: Evidence, dated: Callable[[int], Interval]) -> Interval:
    """Return the dates of the aspect an evidence touches; without one there, the object's own."""
    own = dated(-1)
    if not item.aspect:
        return own
    low, high = dated(ASPECTS.index(item.aspect))
    none = np.isnat(low)
    return np.where(none, own[0], low), np.where(none, own[1], high)


def _from_columns(features: FeatureTable, now: np.datetime64) -> list[tuple[str, Times, Times]]:
    """Return (kind, lo, hi) per evidence column, filled from the nearest ancestor; plans are left out."""
    found = []
    for name, kind in evidence_columns(features.columns).items():
        parsed = parse_column(features.columns[name])
        source = nearest_with(features.parent, ~np.isnat(parsed.t_lo) & (parsed.t_lo <= now))
        at = np.maximum(source, 0)
        none = source < 0
        nat = np.datetime64("NaT", "ms")
        found.append(
            (kind, np.where(none, nat, parsed.t_lo[at]), np.where(none, nat, parsed.t_hi[at]))
        )
    return found


def _touched(
    features: FeatureTable, evidence: Sequence[Evidence], boxes: Callable[[], F64]
) -> list[Bool]:
    named = {item.object_id for item in evidence if item.object_id}
    rows = {key: np.flatnonzero(features.id == key) for key in named} if len(named) <= 20 else None
    found = []
    for item in evidence:
        marked = np.zeros(len(features), np.bool_)
        if item.object_id and rows is not None:
            marked[rows[item.object_id]] = True
        elif item.object_id and item.object_id in features.rows_by_id:
            marked[features.rows_by_id[item.object_id]] = True
        if item.polygon:
            marked |= overlapping(boxes(), shapely.from_wkt(item.polygon))
        if marked.any():
            marked = descendants_marked(features.parent, marked)
            marked[features.top[marked]] = True
        found.append(marked)
    return found


def overlapping(boxes: F64, shape: BaseGeometry) -> Bool:
    """Return bool(n): plan rectangles f64(n, 4) of which a shape covers at least TOUCHED.

    A rectangle stands for the footprint, and that of a long road covers its whole quarter: the share
    of the rectangle tells the objects that are meant from those that merely pass by.
    """
    low_x, low_y, high_x, high_y = shape.bounds
    near: Bool = (
        (boxes[:, 0] < high_x)
        & (boxes[:, 2] > low_x)
        & (boxes[:, 1] < high_y)
        & (boxes[:, 3] > low_y)
    )
    rows = np.flatnonzero(near)
    if len(rows):
        shapely.prepare(shape)
        rectangles = shapely.box(*boxes[rows].T)
        shared = shapely.area(shapely.intersection(rectangles, shape))
        near[rows] = shared >= TOUCHED * shapely.area(rectangles)
    return near
