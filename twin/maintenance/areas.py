"""Areas of responsibility: shares of a footprint, never its centroid (MAINTENANCE.md 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable
from twin.geometry import F64, I32, Rows
from twin.maintenance.dates import as_texts
from twin.maintenance.footings import Footings, Shares
from twin.maintenance.hierarchy import nearest_with
from twin.records import Responsibility

HALF = 0.5


@dataclass(frozen=True)
class Placing:
    """Where units lie (as in ``Footings.units``). ``duty`` i32(u) index of the winning responsibility,
    -1 = none (orphan).

    ``share`` f64(u) of the footprint it covers; ``conflict``: two parties of equal priority cover at
    least half each; ``straddle``: nobody covers half.
    """

    duty: I32
    share: NDArray[np.float64]
    conflict: Bool
    straddle: Bool


def place(
    footings: Footings, duties: Sequence[Responsibility], allowed: Sequence[Bool]
) -> Placing:
    """Return the area that answers for each maintained unit.

    ``allowed[k]`` bool(n) tells which rows of the table the k-th duty's filters admit. Winner = the
    greatest by (priority, share, -polygon area, party id); a key prefix counts as full cover.
    """
    shapes = np.array([shapely.from_wkt(duty.polygon or "POLYGON EMPTY") for duty in duties])
    sizes = np.where([bool(duty.polygon) for duty in duties], shapely.area(shapes), np.inf)
    found = footings.shares(shapes)
    covers = [found, *_by_keys(footings, duties)]
    area = np.concatenate([one.area for one in covers])
    thing = np.concatenate([one.thing for one in covers])
    share = np.round(np.concatenate([one.share for one in covers]), 9)
    kept = share > 0
    for k, rows in enumerate(allowed):
        if not rows.all():
            mine = np.flatnonzero(area == k)
            kept[mine] &= rows[footings.units[thing[mine]]]
    return _winners(
        duties, Shares(area[kept], thing[kept], share[kept]), sizes, len(footings.units)
    )


def _by_keys(footings: Footings, duties: Sequence[Responsibility]) -> list[Shares]:
    """Return full cover where a column begins with a duty's prefix (``Gemeindeschluessel=02``)."""
    found = []
    for k, duty in enumerate(duties):
        if not duty.polygon and "=" in duty.target:
            at = np.flatnonzero(_by_key(footings.features, duty.target)[footings.units])
            found.append(
                Shares(np.full(len(at), k, np.int32), at.astype(np.int32), np.ones(len(at)))
            )
    return found


def _by_key(features: FeatureTable, target: str) -> Bool:
    """Return where a column begins with a prefix, inherited downwards."""
    column, _, prefix = target.partition("=")
    values = features.get(column.strip())
    if values is None or not prefix:
        return np.zeros(len(features), np.bool_)
    texts = np.array([item or "" for item in as_texts(values).tolist()], np.dtypes.StringDType())
    source = nearest_with(features.parent, texts != "")
    fits = np.strings.startswith(texts, prefix.strip())
    return np.asarray(np.where(source >= 0, fits[np.maximum(source, 0)], False), np.bool_)


def _winners(duties: Sequence[Responsibility], covers: Shares, sizes: F64, count: int) -> Placing:
    duty, share = np.full(count, -1, np.int32), np.zeros(count)
    conflict = np.zeros(count, np.bool_)
    if not len(covers.area):
        return Placing(duty, share, conflict, conflict.copy())
    names = sorted({one.party for one in duties})
    party = np.array([names.index(one.party) for one in duties], np.int32)
    priority = np.array([one.priority for one in duties], np.int64)
    best = _greatest(covers, priority, sizes, party)
    area, thing = covers.area[best], covers.thing[best]
    duty[thing], share[thing] = area, covers.share[best]
    level = np.zeros(count, np.int64)
    level[thing] = priority[area]
    half = (covers.share >= HALF - 1e-9) & (priority[covers.area] == level[covers.thing])
    half &= np.bincount(covers.thing)[covers.thing] > 1
    pairs = np.unique(covers.thing[half].astype(np.int64) * len(names) + party[covers.area[half]])
    conflict = np.bincount(pairs // len(names), minlength=count) >= 2
    return Placing(duty, share, conflict, (duty >= 0) & (share < HALF))


def _greatest(covers: Shares, priority: NDArray[np.int64], sizes: F64, party: I32) -> Rows:
    """Return per covered thing the place of the cover that wins; contested things alone are sorted."""
    counts = np.bincount(covers.thing)
    alone = counts[covers.thing] == 1
    rest = np.flatnonzero(~alone)
    area, thing = covers.area[rest], covers.thing[rest]
    order = np.lexsort((party[area], -sizes[area], covers.share[rest], priority[area], thing))
    last = np.append(thing[order][1:] != thing[order][:-1], True) if len(rest) else order > 0
    return np.concatenate([np.flatnonzero(alone), rest[order[last]]]).astype(np.int32)
