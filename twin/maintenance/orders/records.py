"""The records of work orders: what a project keeps of them."""

from dataclasses import dataclass

import numpy as np

from twin.records import Instant


@dataclass(frozen=True, slots=True)
class OrderObject:
    """One object of an order: ``uid`` is stable over deliveries (``twin.identity``).

    ``layer``, ``id`` and ``name`` are where it stood and what it was called when it was ordered.
    """

    uid: str
    layer: str = ""
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of an order's history: the state after it, when, by which party (id), and why.

    ``what``: '' = it came into that state; else what happened while in it: note, assign or attach.
    ``about`` is the party, the delivery or the evidence it was about.
    """

    state: str
    at: Instant
    by: str = ""
    note: str = ""
    what: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """An order to update one aspect ('' = all) of some objects for one reason (MAINTENANCE.md 5).

    ``number`` is for people: it counts the orders of a project. ``accountable`` (the custodian) and
    ``assignee`` are party ids, or the name found in the data where no party is known. ``policy`` is
    the rule that applied; ``warn_days`` and ``grace_days`` are its own, so that a later policy does
    not move the escalation. ``result`` is what verification found ('' = not verified); ``priority``
    is 0..100 (MAINTENANCE.md 1.4); ``revision`` counts every change, for calendars. ``base`` is the
    delivery that was the current one when it was raised: a later one may fulfil it.
    """

    id: str
    objects: tuple[OrderObject, ...] = ()
    aspect: str = ""
    reason: str = ""
    state: str = "raised"
    due: Instant | None = None
    policy: str = ""
    accountable: str = ""
    assignee: str = ""
    delivery: str = ""
    raised: Instant | None = None
    title: str = ""
    number: int = 0
    district: str = ""
    priority: float = 0.0
    evidence: tuple[str, ...] = ()
    result: str = ""
    warn_days: int = 0
    grace_days: int = 0
    reopened: int = 0
    revision: int = 0
    transitions: tuple[Transition, ...] = ()
    base: str = ""

    @property
    def changed(self) -> Instant:
        """Return when it last changed; NaT where nothing is known of its history."""
        last = self.transitions[-1].at if self.transitions else self.raised
        return np.datetime64("NaT", "ms") if last is None else last

    @property
    def uids(self) -> tuple[str, ...]:
        """Return the stable ids of its objects."""
        return tuple(item.uid for item in self.objects)

    @property
    def deliverer(self) -> str:
        """Return the party that delivered last; '' = nobody has."""
        came = [x.by for x in self.transitions if x.state == "delivered" and not x.what]
        return came[-1] if came else ""
