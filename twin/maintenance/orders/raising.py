"""Orders raised from rows: grouped, given to whoever answers, never twice for the same thing (MAINTENANCE.md 5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

import numpy as np

from twin.maintenance.orders.due import due_of
from twin.maintenance.orders.records import OrderObject, Transition, WorkOrder
from twin.maintenance.orders.states import attached, is_open
from twin.records import Instant, Policy

MOST_OBJECTS = 1000
"""Objects of one order; a larger group makes several."""
ORDERS = UUID("0a3f6f0e-6d0b-5c8e-8f1c-6d1f7a54b2c9")
"""Namespace of the ids of orders."""
GROUPS = ("custodian", "district", "deadline")
"""What bulk orders may be grouped by; the deadline counts by the month."""

Subject = tuple[str, str, str]
"""(object uid, aspect, reason): at most one order about it is open."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One maintained unit that wants an order. ``accountable`` and ``assignee`` are party ids or names found
    in the data ('' = nobody); ``due`` None = its policy says; ``base`` the current delivery of its dataset."""

    thing: OrderObject
    reason: str
    aspect: str = ""
    accountable: str = ""
    assignee: str = ""
    district: str = ""
    due: Instant | None = None
    policy: str = ""
    priority: float = 0.0
    warn_days: int = 0
    grace_days: int = 0
    evidence: tuple[str, ...] = ()
    base: str = ""

    @property
    def subject(self) -> Subject:
        """Return what an order about it would be about."""
        return self.thing.uid, self.aspect, self.reason


@dataclass(frozen=True, slots=True)
class Wish:
    """How orders are raised: when, by which party ('' = nobody said), and grouped by which of GROUPS.

    ``title``, ``due`` and ``assignee`` hold for all of them where they are given.
    """

    at: Instant
    by: str = ""
    title: str = ""
    due: Instant | None = None
    assignee: str = ""
    note: str = ""
    group: tuple[str, ...] = GROUPS
    policies: Mapping[str, Policy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raised:
    """``new`` orders; ``grown`` open ones that got evidence; ``covered`` candidates had an open order already."""

    new: tuple[WorkOrder, ...]
    grown: tuple[WorkOrder, ...] = ()
    covered: int = 0


def subjects(orders: Iterable[WorkOrder]) -> dict[Subject, str]:
    """Return what open orders are about -> the order's id."""
    return {
        (thing.uid, order.aspect, order.reason): order.id
        for order in orders
        if is_open(order)
        for thing in order.objects
    }


def raise_orders(
    candidates: Iterable[Candidate], orders: Mapping[str, WorkOrder], wish: Wish
) -> Raised:
    """Return the orders for candidates that no open order is about; to the others goes their evidence."""
    known = subjects(orders.values())
    grown: dict[str, WorkOrder] = {}
    groups: dict[tuple[object, ...], list[Candidate]] = {}
    covered = 0
    for one in candidates:
        holder = known.get(one.subject)
        if holder is None:
            known[one.subject] = ""
            groups.setdefault(_group(one, wish), []).append(one)
            continue
        covered += 1
        if holder:
            before = grown.get(holder, orders[holder])
            after = before
            for piece in one.evidence:
                after = attached(after, piece, wish.by, wish.at)
            if after is not before:
                grown[holder] = after
    number = max((order.number for order in orders.values()), default=0)
    new = []
    for group in groups.values():
        for start in range(0, len(group), MOST_OBJECTS):
            number += 1
            new.append(_order(group[start : start + MOST_OBJECTS], number, wish))
    return Raised(tuple(new), tuple(grown.values()), covered)


def _group(one: Candidate, wish: Wish) -> tuple[object, ...]:
    always = (one.thing.layer, one.reason, one.aspect, one.policy)
    if not wish.group:
        return (*always, one.thing.uid)
    by = wish.group
    due = due_of(wish.due or one.due, wish.policies.get(one.policy), wish.at)
    return (
        *always,
        one.accountable if "custodian" in by else "",
        one.assignee if "custodian" in by else "",
        one.district if "district" in by else "",
        str(due.astype("datetime64[M]")) if "deadline" in by else "",
    )


def _order(group: Sequence[Candidate], number: int, wish: Wish) -> WorkOrder:
    """Return one order; the earliest due date of its objects is its own, and the highest priority."""
    policy = wish.policies.get(group[0].policy)
    due = [due_of(wish.due or one.due, policy, wish.at) for one in group]
    first = group[int(np.argmin(np.array(due)))]
    at = str(wish.at.astype("datetime64[ms]"))
    name = f"{number}:{at}:{first.thing.uid}:{first.aspect}:{first.reason}"
    order = WorkOrder(
        str(uuid5(ORDERS, name)), tuple(one.thing for one in group), first.aspect, first.reason,
        "raised", min(due), first.policy, first.accountable,
        wish.assignee or first.assignee or first.accountable,
        raised=wish.at, title=wish.title, number=number, district=first.district,
        priority=max(one.priority for one in group),
        evidence=tuple(dict.fromkeys(x for one in group for x in one.evidence)),
        warn_days=first.warn_days, grace_days=first.grace_days, base=first.base,
    )  # fmt: skip
    return replace(order, transitions=(Transition("raised", wish.at, wish.by, wish.note.strip()),))
