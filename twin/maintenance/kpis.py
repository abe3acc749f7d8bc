"""The figures by which upkeep is judged: of the units as they stand, and of the work orders (MAINTENANCE.md 6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, Times
from twin.geometry import F64
from twin.maintenance.breakdowns import FEW, Group, Units

OPEN = ("raised", "assigned", "in_progress", "delivered", "verified", "rejected", "reopened")
"""States of orders that are not done."""
LAG_DAYS = 183
"""Within how many days after completion built development is surveyed (OS MasterMap, category A)."""
_DAY = 86_400_000


@dataclass(frozen=True)
class OrderTimes:
    """Work orders as parallel columns: instants datetime64[ms] (NaT = not yet, unknown).

    ``done`` bool: closed (cancelled ones are not); ``open`` bool; ``reopened`` bool: at least once.
    ``event`` is when the world changed, ``renewed`` the effective date of the data since.
    """

    raised: Times
    due: Times
    closed: Times
    event: Times
    renewed: Times
    done: Bool
    open: Bool
    reopened: Bool

    @staticmethod
    def none() -> "OrderTimes":
        """Return no orders."""
        no, never = np.zeros(0, np.bool_), np.zeros(0, "datetime64[ms]")
        return OrderTimes(never, never, never, never, never, no, no, no)


def unit_kpis(units: Units, all_units: Group, persons: Collection[str]) -> dict[str, Any]:
    """Return the figures of the units as they stand; shares 0..1 of the units that are not retired.

    ``single_person``: the share whose custodian is one single person (``persons``: display names).
    ``priority_p90`` is the priority that a tenth of the units exceeds.
    """
    counts = all_units.counts
    n = counts["objects"] - counts["retired"]
    counted = units.counted
    codes, names = units.groups["custodian"]
    alone = np.array([*(name in persons for name in names), False], np.bool_)[codes]
    pressing = units.priority[counted & np.isfinite(units.priority)]
    figures: dict[str, Any] = {
        "units": n,
        "fresh_share": _share(counts["fresh"], n),
        "stale_share": _share(counts["stale"], n),
        "unknown_share": _share(counts["unknown"], n),
        "suspect": counts["suspect"],
        "median_age_days": all_units.median_age,
        "p90_age_days": all_units.p90_age,
        "expected_stale": round(all_units.expected, 3),
        "expected_stale_share": _share(
            all_units.expected, int((counted & (units.age >= 0)).sum())
        ),
        "priority_p90": round(float(np.quantile(pressing, 0.9)), 2) if len(pressing) else None,
        "orphan_rate": _share(int((counted & (codes < 0)).sum()), n),
        "conflict_rate": _share(int((counted & units.conflict).sum()), n),
        "contact_only_rate": _share(int((counted & units.contact_only).sum()), n),
        "single_person": _share(int((counted & alone).sum()), n),
        "ohsome_class": all_units.ohsome,
    }
    return {**figures, "few": n < FEW}


def order_kpis(orders: OrderTimes) -> dict[str, Any]:
    """Return the figures of the orders; None where there is nothing to divide by.

    ``on_time_rate`` = closed by due / closed with a due date; ``mttu_days`` = median(closed - raised);
    ``evidence_lag_days`` = median(effective date of the new data - event), ``evidence_lag_share`` of
    those within LAG_DAYS; ``reopen_rate`` = closed or reopened ones that were reopened.
    """
    done, dated = orders.done, orders.done & ~np.isnat(orders.due)
    took = _days(orders.closed - orders.raised)[done]
    lag = _days(orders.renewed - orders.event)
    lag = lag[np.isfinite(lag)]
    ever = done | orders.reopened
    return {
        "backlog": int(orders.open.sum()),
        "closed": int(done.sum()),
        "on_time_rate": _share(int((dated & (orders.closed <= orders.due)).sum()), int(dated.sum())),
        "mttu_days": _median(took),
        "evidence_lag_days": _median(lag),
        "evidence_lag_share": _share(int((lag <= LAG_DAYS).sum()), len(lag)),
        "reopen_rate": _share(int((orders.reopened & ever).sum()), int(ever.sum())),
        "few_closed": int(done.sum()) < FEW,
    }  # fmt: skip


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _days(spans: NDArray[np.timedelta64]) -> F64:
    found = spans.astype("timedelta64[ms]").astype(np.int64) / _DAY
    return np.where(np.isnat(spans), np.nan, found)


def _median(values: F64) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(np.median(known)), 2) if len(known) else None


def persons_of(parties: Sequence[Any]) -> frozenset[str]:
    """Return the display names of the parties that are single persons."""
    return frozenset(party.name or party.id for party in parties if not party.organisation)


Figures = Mapping[str, Any]
"""Key figures by name; None = nothing to divide by."""
