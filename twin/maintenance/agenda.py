"""What needs doing this week, in one look: late orders, what waits for a person, what has nobody (MAINTENANCE.md 5, 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from twin.features import Bool
from twin.geometry import Rows
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.observations import STATUSES
from twin.records import Instant
from twin.scene import Layer, LayerId

WEEK = np.timedelta64(7, "D").astype("m8[ms]")
MATTERS = (
    "late", "due_week", "to_verify", "to_close", "unaccepted", "stale", "suspect", "unknown",
    "nobody", "conflict",
)  # fmt: skip
"""Orders that are late, due within a week, delivered, verified, raised or assigned without work begun; units that
are stale, suspect or without a date and in no open order; units of nobody, and of several custodians."""
OF_ORDERS = frozenset(MATTERS[:5])
_RETIRED = STATUSES.index("retired")


@dataclass(frozen=True)
class Matter:
    """One line: what it is about (a code of MATTERS), how many, and which orders or rows."""

    code: str
    count: int
    orders: tuple[str, ...] = ()
    rows: Mapping[LayerId, Rows] = field(default_factory=dict)


@dataclass(frozen=True)
class Agenda:
    """``counts`` of maintained units by status key (suspect beside the sum); the matters that are not empty."""

    units: int
    counts: Mapping[str, int]
    matters: tuple[Matter, ...]


def agenda(layers: Sequence[Layer], orders: Mapping[str, WorkOrder], at: Instant) -> Agenda:
    """Return what needs doing at an instant. Units that another layer counts, and retired ones, are left out."""
    left = [order for order in orders.values() if is_open(order)]
    found = [Matter(code, len(ids), orders=ids) for code, ids in _of_orders(left, at).items()]
    units = {layer.id: _units(layer) for layer in layers}
    ordered = _ordered(layers, left)
    rows: dict[str, dict[LayerId, Rows]] = {code: {} for code in MATTERS if code not in OF_ORDERS}
    counts = dict.fromkeys((*STATUSES, "suspect"), 0)
    for layer in layers:
        own = units[layer.id]
        for code, mask in _of_units(layer, ordered[layer.id]).items():
            hits = own[mask[own]]
            if len(hits):
                rows[code][layer.id] = hits
        status = layer.assessment.status[own]
        for name, number in zip(
            STATUSES, np.bincount(status, minlength=len(STATUSES)).tolist(), strict=True
        ):
            counts[name] += number
        counts["suspect"] += int(layer.assessment.suspect[own].sum())
    found += [Matter(code, sum(map(len, some.values())), rows=some) for code, some in rows.items()]
    whole = sum(map(len, units.values()))
    return Agenda(whole, counts, tuple(matter for matter in found if matter.count))


def _of_orders(left: Sequence[WorkOrder], at: Instant) -> dict[str, tuple[str, ...]]:
    """Return the ids of open orders by matter; the earliest due first."""
    due = [(_due(order), order) for order in left]
    due.sort(key=lambda pair: (pair[0], pair[1].number))
    working = [
        (when, order) for when, order in due if order.state not in ("delivered", "verified")
    ]
    return {
        "late": tuple(order.id for when, order in working if when < at),
        "due_week": tuple(order.id for when, order in working if at <= when < at + WEEK),
        "to_verify": tuple(order.id for _, order in due if order.state == "delivered"),
        "to_close": tuple(order.id for _, order in due if order.state == "verified"),
        "unaccepted": tuple(
            order.id for _, order in due if order.state in ("raised", "assigned", "reopened")
        ),
    }


def _due(order: WorkOrder) -> Instant:
    none = order.due is None or np.isnat(order.due)
    return np.datetime64("9999-12-31", "ms") if none or order.due is None else order.due


def _units(layer: Layer) -> Rows:
    """Return the maintained units that this layer counts and that still exist."""
    rows = layer.assessment.unit_rows()
    kept = layer.assessment.status[rows] != _RETIRED
    if layer.counted_elsewhere is not None:
        kept &= ~layer.counted_elsewhere[rows]
    units: Rows = rows[kept].astype(np.int32)
    return units


def _of_units(layer: Layer, ordered: Bool) -> dict[str, Bool]:
    """Return bool(n) by matter."""
    verdict = layer.assessment
    status = verdict.status
    free = ~ordered
    return {
        "stale": free & (status == STATUSES.index("stale")) & ~verdict.suspect,
        "suspect": free & verdict.suspect,
        "unknown": free & (status == STATUSES.index("unknown")) & ~verdict.suspect,
        "nobody": verdict.rung == 0,
        "conflict": verdict.conflict,
    }


def _ordered(layers: Sequence[Layer], left: Sequence[WorkOrder]) -> dict[LayerId, Bool]:
    """Return bool(n) per layer: rows that an open order names, by layer and id."""
    named: dict[LayerId, set[str]] = {}
    for order in left:
        for item in order.objects:
            named.setdefault(item.layer, set()).add(item.id)
    found = {}
    for layer in layers:
        marked = np.zeros(len(layer.features), np.bool_)
        keys = named.get(layer.id)
        if keys:
            known = layer.features.rows_by_id
            marked[[known[key] for key in keys if key in known]] = True
        found[layer.id] = marked
    return found
