"""Areas of responsibility: shares of a footprint, never its centroid (MAINTENANCE.md 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.features import Bool, FeatureTable
from twin.geometry import F64, I32, Rows
from twin.maintenance.dates import as_texts
from twin.maintenance.hierarchy import nearest_with
from twin.records import Responsibility

HALF = 0.5
_NONE = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Placing:
    """Where rows lie. ``duty`` i32(n) index of the winning responsibility, -1 = none (orphan).

    ``share`` f64(n) of the footprint it covers; ``conflict``: two parties of equal priority cover at
    least half each; ``straddle``: nobody covers half.
    """

    duty: I32
    share: NDArray[np.float64]
    conflict: Bool
    straddle: Bool


def plan_boxes(features: FeatureTable, unit: Rows) -> F64:
    """Return f64(n, 4) min xy, max xy of each row's unit, taken together with all its parts; NaN = none."""
    boxes = np.asarray(features.bounds, np.float64)[:, [0, 1, 3, 4]]
    known = np.isfinite(boxes).all(axis=1)
    boxes[~known] = (np.inf, np.inf, -np.inf, -np.inf)
    rest = np.flatnonzero(known & (unit != np.arange(len(unit))))
    if len(rest):
        own = boxes.copy()
        for axis, better in ((0, np.minimum), (1, np.minimum), (2, np.maximum), (3, np.maximum)):
            better.at(own[:, axis], unit[rest], boxes[rest, axis])
        boxes = own[unit]
    boxes[~np.isfinite(boxes).all(axis=1)] = np.nan
    return boxes


def place(
    features: FeatureTable,
    duties: Sequence[Responsibility],
    allowed: Sequence[Bool],
    rows: Rows,
    footprints: NDArray[np.object_],
) -> Placing:
    """Return the area that answers for each of ``rows``, whose footprints are shapely areas.

    ``allowed[k]`` bool(n) tells which rows of the table the k-th duty's filters admit. Winner = the
    greatest by (priority, share, -polygon area, party id); a key prefix counts as full cover.
    """
    shares = np.zeros((len(duties), len(rows)))
    sizes = np.zeros(len(duties))
    for k, duty in enumerate(duties):
        if duty.polygon:
            shape = shapely.from_wkt(duty.polygon)
            sizes[k] = shape.area
            shares[k] = _shares(footprints, shape)
        else:
            shares[k] = _by_key(features, duty.target)[rows]
            sizes[k] = np.inf
        shares[k][~allowed[k][rows]] = 0.0
    return _winners(duties, shares, sizes)


def _shares(footprints: NDArray[np.object_], shape: BaseGeometry) -> NDArray[np.float64]:
    """Return area(footprint within shape) / area(footprint); footprints wholly inside are not cut."""
    found = np.zeros(len(footprints))
    near = shapely.STRtree(footprints).query(shape, predicate="intersects")
    if not len(near):
        return found
    shapely.prepare(shape)
    inside = shapely.contains_properly(shape, footprints[near])
    found[near[inside]] = 1.0
    cut = near[~inside]
    whole = shapely.area(footprints[cut])
    parts = shapely.area(shapely.intersection(footprints[cut], shape))
    found[cut] = np.where(whole > 0, parts / np.where(whole > 0, whole, 1), 0.0)
    return found


def _by_key(features: FeatureTable, target: str) -> NDArray[np.float64]:
    """Return 1.0 where a column begins with a prefix (``Gemeindeschluessel=02``), inherited downwards."""
    column, _, prefix = target.partition("=")
    values = features.get(column.strip())
    if values is None or not prefix:
        return np.zeros(len(features))
    texts = np.array([item or "" for item in as_texts(values).tolist()], np.dtypes.StringDType())
    source = nearest_with(features.parent, texts != "")
    fits = np.strings.startswith(texts, prefix.strip())
    return np.where(source >= 0, fits[np.maximum(source, 0)], False).astype(np.float64)


def _winners(
    duties: Sequence[Responsibility], shares: NDArray[np.float64], sizes: NDArray[np.float64]
) -> Placing:
    count, n = shares.shape
    order = sorted(range(count), key=lambda k: (duties[k].party, -sizes[k]), reverse=False)
    best, best_share = np.full(n, -1, np.int32), np.zeros(n)
    best_priority, best_size = np.full(n, _NONE, np.int64), np.full(n, np.inf)
    for k in order:
        share, priority = np.round(shares[k], 9), duties[k].priority
        better = share > best_share
        tie = share == best_share
        level = priority == best_priority
        wins = (priority > best_priority) | (level & (better | (tie & (sizes[k] <= best_size))))
        wins &= share > 0
        best = np.where(wins, np.int32(k), best)
        best_share = np.where(wins, share, best_share)
        best_priority = np.where(wins, priority, best_priority)
        best_size = np.where(wins, sizes[k], best_size)
    conflict = _conflicts(duties, shares, best_priority)
    straddle = (best >= 0) & (best_share < HALF)
    return Placing(best, best_share, conflict, straddle)


def _conflicts(
    duties: Sequence[Responsibility], shares: NDArray[np.float64], priority: NDArray[np.int64]
) -> Bool:
    """Return where at least two parties of the winning priority cover half of the footprint each."""
    halves = np.zeros(shares.shape[1], np.int32)
    for party in {duty.party for duty in duties}:
        mine = np.zeros(shares.shape[1], np.bool_)
        for k, duty in enumerate(duties):
            if duty.party == party:
                mine |= (shares[k] >= HALF - 1e-9) & (priority == duty.priority)
        halves += mine
    return halves >= 2
