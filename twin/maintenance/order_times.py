"""Work orders as the audit counts them: their instants as columns, and the open ones beside their objects."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from twin.maintenance.kpis import OrderTimes
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import DONE
from twin.records import Evidence, Instant

DateOf = Callable[[str, str], Instant]
"""(layer, stable uid) -> the object's effective date, NaT = none."""
_NAT = np.datetime64("NaT", "ms")


def order_times(
    orders: Sequence[WorkOrder], evidence: Mapping[str, Evidence], date_of: DateOf
) -> OrderTimes:
    """Return the instants of orders. The data were renewed when the object's date is past the event."""
    events = [_event(order, evidence) for order in orders]
    renewed = [
        _renewed(order, event, date_of) for order, event in zip(orders, events, strict=True)
    ]

    def times(values: Iterable[Instant | None]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        return np.array([_NAT if value is None else value for value in values], "datetime64[ms]")

    return OrderTimes(
        raised=times(order.raised for order in orders),
        due=times(order.due for order in orders),
        closed=times(_closed(order) for order in orders),
        event=times(events),
        renewed=times(renewed),
        done=np.array([order.state == "closed" for order in orders], np.bool_),
        open=np.array([order.state not in DONE for order in orders], np.bool_),
        reopened=np.array([order.reopened > 0 for order in orders], np.bool_),
    )


def _closed(order: WorkOrder) -> Instant | None:
    if order.state != "closed":
        return None
    came = [line.at for line in order.transitions if line.state == "closed" and not line.what]
    return came[-1] if came else None


def _event(order: WorkOrder, evidence: Mapping[str, Evidence]) -> Instant | None:
    known = [evidence[key].event_lo for key in order.evidence if key in evidence]
    return min((x for x in known if x is not None and not np.isnat(x)), default=None)


def _renewed(order: WorkOrder, event: Instant | None, date_of: DateOf) -> Instant | None:
    """Return the earliest date of the order's objects, where all of them are past the event."""
    if event is None or order.state != "closed":
        return None
    dates = [date_of(item.layer, item.uid) for item in order.objects]
    if not dates or any(np.isnat(date) or date < event for date in dates):
        return None
    return min(dates)


def open_orders(orders: Iterable[WorkOrder]) -> dict[str, dict[str, str]]:
    """Return layer -> stable uid of an object -> the numbers of its open orders, by number."""
    found: dict[str, dict[str, str]] = {}
    for order in sorted(orders, key=lambda item: (item.number, item.id)):
        if order.state in DONE:
            continue
        word = str(order.number) if order.number else order.id
        for item in order.objects:
            mine = found.setdefault(item.layer, {})
            mine[item.uid] = f"{mine[item.uid]} {word}" if item.uid in mine else word
    return found
