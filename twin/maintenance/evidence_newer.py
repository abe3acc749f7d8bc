"""Newer outlines of a city as evidence: what a comparison by place found becomes hints on objects.

Heights are left out: outlines often have none. What the newer layer does not reach says nothing
(MAINTENANCE.md 5: absent, coverage does not contain it -> no conclusion).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.features import Times
from twin.maintenance.evidence import EVIDENCE_P
from twin.maintenance.revisions.records import Pair
from twin.maintenance.revisions.reports import Compared
from twin.records import Evidence, Instant

KIND = "newer_footprint"
SAID: Mapping[str, str] = {
    "removed": "existence", "new": "existence", "replaced": "footprint", "split": "footprint",
    "merged": "footprint", "footprint_modified": "footprint",
}  # fmt: skip
"""Buckets that outlines can tell of -> the aspect that they touch."""
REACH = 20.0
"""Metres by which the newer outlines are taken to reach beyond themselves."""


@dataclass(frozen=True, slots=True)
class Newer:
    """Hints from newer outlines, counts by bucket, and how many old objects lie out of their reach."""

    records: tuple[Evidence, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    beyond: int = 0


def evidence_from(
    found: Compared, crs: str, source: str, event: tuple[Instant | None, Instant | None],
    dated: Times | None = None,
) -> Newer:  # fmt: skip
    """Return a hint for every object that the newer outlines show changed, gone or new.

    ``event`` is when the outlines were made, where their objects (``dated`` datetime64(n), NaT = not known)
    do not say it.
    """
    revision = found.revision
    shapes = revision.shapes
    if shapes[0] is None or shapes[1] is None or shapes[0].footprint is None:
        return Newer(())
    old, new = shapes[0].footprint, shapes[1].footprint
    assert new is not None
    reach = _reach(new)
    records: list[Evidence] = []
    counts: Counter[str] = Counter()
    beyond = 0
    for pair in revision.pairs:
        aspect = SAID.get(pair.bucket)
        if aspect is None:
            continue
        if not pair.new and not shapely.intersects(reach, old[pair.old[0]]):
            beyond += 1
            continue
        low, high = _when(pair, event, dated)
        place = "" if pair.old else _wkt(new[list(pair.new)])
        ids, others = found.ids(pair)
        for key in ids or [""]:
            name = f"{source}#{pair.bucket}#{key or others[0]}"
            records.append(
                Evidence(
                    name, KIND, key, place, crs if place else "", aspect, low, high, None,
                    EVIDENCE_P[KIND], source, note=_note(pair, others),
                )
            )  # fmt: skip
            counts[pair.bucket] += 1
    return Newer(tuple(records), dict(counts), beyond)


def _wkt(shapes: NDArray[np.object_]) -> str:
    return str(shapely.to_wkt(shapely.union_all(shapes), rounding_precision=2))


def _reach(new: NDArray[np.object_]) -> Any:
    """Return the ground about which the newer outlines say anything."""
    there = new[~shapely.is_empty(new) & ~shapely.is_missing(new)]
    return shapely.buffer(
        shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(there))), REACH
    )


def _when(
    pair: Pair, event: tuple[Instant | None, Instant | None], dated: Times | None
) -> tuple[Instant | None, Instant | None]:
    times = [] if dated is None else [dated[row] for row in pair.new if not np.isnat(dated[row])]
    if times:
        return max(times), max(times) + np.timedelta64(1, "D")
    if event[0] is None and dated is not None and not np.isnat(dated).all():
        latest = np.nanmax(dated)
        return latest, latest + np.timedelta64(1, "D")
    return event


def _note(pair: Pair, others: list[str]) -> str:
    parts = [pair.bucket]
    if np.isfinite(pair.iou):
        parts.append(f"IoU {pair.iou:.3f}")
    if np.isfinite(pair.area).all():
        parts.append(f"{pair.area[0]:.1f} -> {pair.area[1]:.1f} m2")
    if others:
        parts.append(", ".join(others[:4]))
    return "; ".join(parts)
