"""Hints that the world changed after the data were made: the flag *suspect* (MAINTENANCE.md 1.4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable, Times
from twin.geometry import F64, I32, Rows
from twin.maintenance.dates import parse_column
from twin.maintenance.fields import evidence_columns
from twin.maintenance.footings import Footings, footprints
from twin.maintenance.hierarchy import DEPTH, nearest_with
from twin.observations import ASPECTS
from twin.records import Evidence

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
    "newer_footprint": 0.85,
    "dsm_diff": 0.71,
    "register_change": 0.95,
    "osm_edit": 0.50,
}
"""Default probability that the object changed, by kind of evidence; a design decision, editable.

A newer outline that differs is taken as an image that shows a change, a difference of surface models as
one of point clouds, a change in a register as a completed permit; an edit of OSM is as likely a correction.
"""
THRESHOLD = 0.5
TOUCHED = 0.3
"""Share of a footprint that an area of evidence must cover, as when deliveries are matched (section 7)."""

FEW = 20
"""Names up to which the ids are compared one name at a time."""

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

    def add(self, rows: Rows, later: Bool, overlap: Bool, p: F64) -> None:
        """Take in hints: each on a row, whether it is later than the date there or meets it, and its p."""
        counted = later | overlap
        np.multiply.at(self.stays, rows[counted], 1 - p[counted])
        self.single[rows[counted & (p >= THRESHOLD)]] = True
        self.undecided[rows[overlap & (p > 0)]] = True

    def result(self) -> Suspicion:
        p = 1 - self.stays
        suspect = self.single | (p >= THRESHOLD - 1e-12)
        return Suspicion(suspect, self.undecided & suspect, p)


def suspicion(
    footings: Footings,
    dated: Callable[[int], Interval],
    evidence: Sequence[Evidence],
    now: np.datetime64,
) -> Suspicion:
    """Return which rows changed, probably, after the date that counts for the aspect touched.

    ``dated(aspect)`` gives the interval per row for an aspect code (-1 = the object's own date).
    Evidence comes from records and from columns such as the year of construction; it touches an
    object, its unit above and everything below. An area touches the units of which it covers TOUCHED.
    """
    features = footings.features
    tally = _Tally(len(features))
    for kind, low, high in _from_columns(features, now):
        t_lo, t_hi = dated(-1)
        rows = np.flatnonzero(~np.isnat(low) & ~np.isnat(t_lo)).astype(np.int32)
        overlap = (low[rows] < t_hi[rows]) & (t_lo[rows] < high[rows])
        chance = np.full(len(rows), EVIDENCE_P[kind])
        tally.add(rows, low[rows] > t_lo[rows], overlap, chance)
    items = [one for one in evidence if one.status == "open" and one.event_lo is not None]
    if items:
        _hints(tally, items, *touched(footings, items), dated)
    return tally.result()


def _hints(
    tally: _Tally,
    items: Sequence[Evidence],
    number: Rows,
    rows: Rows,
    dated: Callable[[int], Interval],
) -> None:
    """Take in recorded evidence: item ``number[k]`` touches row ``rows[k]``."""
    t_lo, t_hi = _dates_at(items, number, rows, dated)
    begins = np.array([item.event_lo for item in items], "datetime64[ms]")
    ends = np.array([item.event_hi for item in items], "datetime64[ms]")
    ends = np.where(np.isnat(ends), begins + 1, ends)
    known = ~np.isnat(t_lo)
    number, rows, t_lo, t_hi = number[known], rows[known], t_lo[known], t_hi[known]
    begin, end = begins[number], ends[number]
    chance = np.array([item.p_change for item in items], np.float64)[number]
    tally.add(rows, begin > t_lo, (begin < t_hi) & (t_lo < end), chance)


def _dates_at(
    items: Sequence[Evidence], number: Rows, rows: Rows, dated: Callable[[int], Interval]
) -> Interval:
    """Return the dates of the aspect each evidence touches; without one there, the object's own."""
    low, high = (times[rows] for times in dated(-1))
    aspects = [ASPECTS.index(item.aspect) if item.aspect else -1 for item in items]
    code = np.array(aspects, np.int16)[number]
    for aspect in sorted({*aspects} - {-1}):
        at = np.flatnonzero(code == aspect)
        own = tuple(times[rows[at]] for times in dated(aspect))
        none = np.isnat(own[0])
        low[at] = np.where(none, low[at], own[0])
        high[at] = np.where(none, high[at], own[1])
    return low, high


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


def touched(footings: Footings, items: Sequence[Evidence]) -> tuple[Rows, Rows]:
    """Return pairs (number of the item, row) of everything that evidence touches, each once."""
    features = footings.features
    named = _named(features, [item.object_id for item in items])
    shapes = np.array([shapely.from_wkt(item.polygon or "POLYGON EMPTY") for item in items])
    found = footings.shares(shapes)
    enough = found.share >= TOUCHED - 1e-9
    item, thing = _met(footings, shapes)
    item = np.concatenate([found.area[enough], item])
    number, rows = _of_units(footings, item, np.concatenate([found.thing[enough], thing]))
    number, rows = np.concatenate([named[0], number]), np.concatenate([named[1], rows])
    number, rows = _with_descendants(features, number, rows)
    number = np.concatenate([number, number])
    rows = np.concatenate([rows, features.top[rows]])
    keys = np.unique(number.astype(np.int64) * max(len(features), 1) + rows)
    number, rows = np.divmod(keys, max(len(features), 1))
    return number.astype(np.int32), rows.astype(np.int32)


def _met(footings: Footings, shapes: NDArray[np.object_]) -> tuple[I32, I32]:
    """Return pairs (item, thing) for hints without an area (a point, a line) that meet a footprint."""
    plain = np.flatnonzero((shapely.get_dimensions(shapes) < 2) & ~shapely.is_empty(shapes))
    if not len(plain):
        none = np.zeros(0, np.int32)
        return none, none
    near = footings.near(shapes[plain])
    things = footprints(footings.boxes[footings.units[near]])
    thing, item = shapely.STRtree(shapes[plain]).query(things, predicate="intersects")
    return plain[item].astype(np.int32), near[thing]


def _named(features: FeatureTable, names: Sequence[str]) -> tuple[Rows, Rows]:
    """Return (place of the name, row) of the names that are there."""
    wanted = [(k, name) for k, name in enumerate(names) if name]
    if len({name for _, name in wanted}) > FEW:
        known = features.rows_by_id
        hits = [(k, known[name]) for k, name in wanted if name in known]
    else:
        hits = [(k, int(row)) for k, name in wanted for row in np.flatnonzero(features.id == name)]
    pairs = np.array(hits, np.int32).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _of_units(footings: Footings, number: I32, thing: I32) -> tuple[Rows, Rows]:
    """Return the pairs with all rows of each unit in the unit's place."""
    if len(footings.units) == len(footings.unit):
        return number, footings.units[thing]
    order = np.argsort(footings.place, kind="stable").astype(np.int32)
    first = np.searchsorted(footings.place[order], np.arange(len(footings.units) + 1))
    return _spread(number, order, first[thing], first[thing + 1])


def _with_descendants(features: FeatureTable, number: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Return the pairs, and those with everything below each row."""
    if not (features.parent >= 0).any():
        return number, rows
    order, parents = features.by_parent
    first = np.searchsorted(parents, np.arange(len(features) + 1))
    levels = [(number, rows)]
    for _ in range(DEPTH):
        number, rows = _spread(number, order, first[rows], first[rows + 1])
        if not len(rows):
            break
        levels.append((number, rows))
    return np.concatenate([x for x, _ in levels]), np.concatenate([x for _, x in levels])


def _spread(
    number: Rows, order: Rows, low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[Rows, Rows]:
    """Return each number with every entry of ``order[low:high]`` beside it."""
    counts = high - low
    ends = np.cumsum(counts)
    steps = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return np.repeat(number, counts), order[np.repeat(low, counts) + steps]
