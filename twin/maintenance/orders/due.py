"""Until when, and who hears of it when it is late (MAINTENANCE.md 2, escalation). Days count in UTC."""

from collections.abc import Sequence

import numpy as np

from twin.errors import UsageError
from twin.maintenance.intervals import add, read_frequency
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.records import Instant, Policy

LEVELS = ("custodian", "reminder", "supervisor", "owner", "steering")
"""Who hears at L0..L4; the reminder goes to the custodian again."""
ACCEPT_DAYS = 5
"""Working days within which an assignment should be taken up; after that one level up."""
USUAL_DAYS = 183
"""Days for an order whose objects have no due date and whose policy no interval: six months, the yardstick of
Ordnance Survey's category A (MAINTENANCE.md 3); a design decision."""
NONE_YET = -1
"""The level before L0: nobody need hear of it."""
_DAY = np.timedelta64(86_400_000, "ms")


def due_of(due: Instant | None, policy: Policy | None, now: Instant) -> Instant:
    """Return the object's own due date; without one, now + the policy's interval, else now + USUAL_DAYS."""
    if due is not None and not np.isnat(due):
        return _exact(due)
    if policy is not None:
        try:
            duration = read_frequency(policy.frequency, policy.duration)[1]
        except UsageError:  # an impossible policy is told of where policies are
            duration = None
        if duration is not None:
            return _exact(add(np.array([now], "datetime64[ms]"), duration)[0])
    return _exact(now) + USUAL_DAYS * _DAY


def _exact(at: Instant) -> Instant:
    found: Instant = at.astype("datetime64[ms]")
    return found


def escalation(due: Instant, warn_days: int, grace_days: int) -> tuple[Instant, ...]:
    """Return when L0..L4 begin: due - w, due, due + g, due + 2g, due + 4g."""
    days = (-warn_days, 0, grace_days, 2 * grace_days, 4 * grace_days)
    return tuple(_exact(due) + n * _DAY for n in days)


def level(order: WorkOrder, now: Instant, holidays: Sequence[str] = ()) -> int:
    """Return who should hear of an order now: NONE_YET..4. An order that is done: NONE_YET.

    An assignment that nobody took up for more than ACCEPT_DAYS working days (Monday to Friday
    without ``holidays``, ISO dates) counts one level more.
    """
    if not is_open(order):
        return NONE_YET
    found = NONE_YET
    if order.due is not None and not np.isnat(order.due):
        begins = escalation(order.due, order.warn_days, order.grace_days)
        found = max([n for n, at in enumerate(begins) if at <= now], default=NONE_YET)
    return min(found + waiting(order, now, holidays), len(LEVELS) - 1)


def waiting(order: WorkOrder, now: Instant, holidays: Sequence[str] = ()) -> bool:
    """Return whether an assignment waits longer than ACCEPT_DAYS working days to be taken up.

    The clock starts when the order first became assigned (again after it was reopened): giving it
    to another party does not start it anew.
    """
    if order.state != "assigned":
        return False
    start: Instant | None = None
    for line in order.transitions:
        if line.what:
            continue
        if line.state != "assigned":
            start = None
        elif start is None:
            start = line.at
    if start is None or np.isnat(start):
        return False
    first, last = start.astype("datetime64[D]"), now.astype("datetime64[D]")
    off = np.array(holidays, "datetime64[D]")
    return int(np.busday_count(first, last, holidays=off)) > ACCEPT_DAYS


def days_late(order: WorkOrder, now: Instant) -> int:
    """Return whole days since the due date of an open order; 0 = not late."""
    if not is_open(order) or order.due is None or np.isnat(order.due) or now <= order.due:
        return 0
    return int((now - order.due) // _DAY)
