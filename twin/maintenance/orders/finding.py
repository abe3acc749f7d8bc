"""Orders by what people call them: number, id, or the beginning of an id."""

from collections.abc import Mapping

from twin.errors import UsageError
from twin.maintenance.orders.records import WorkOrder
from twin.messages import text

LEAST = 4
"""Letters of an id that may stand for the whole."""


def orders_of(orders: Mapping[str, WorkOrder], said: str) -> tuple[WorkOrder, ...]:
    """Return the orders that a list with commas names, each once. Raises UsageError."""
    words = [word.strip() for word in said.split(",") if word.strip()]
    if not words:
        raise UsageError(reason=text("orders.refused.which"))
    numbers: dict[int, list[WorkOrder]] = {}
    for order in orders.values():
        numbers.setdefault(order.number, []).append(order)
    found = {order.id: order for order in (_one(orders, numbers, word) for word in words)}
    return tuple(found.values())


def order_of(orders: Mapping[str, WorkOrder], said: str) -> WorkOrder:
    """Return one order. Raises UsageError where none or several are meant."""
    found = orders_of(orders, said)
    if len(found) > 1:
        raise UsageError(reason=text("orders.refused.several", order=said))
    return found[0]


def _one(
    orders: Mapping[str, WorkOrder], numbers: Mapping[int, list[WorkOrder]], said: str
) -> WorkOrder:
    if said in orders:
        return orders[said]
    word = said.removeprefix("#")
    hits = numbers.get(int(word), []) if word.isascii() and word.isdigit() else []
    if not hits and len(said) >= LEAST:
        hits = [order for key, order in orders.items() if key.startswith(said.lower())]
    if len(hits) > 1:
        raise UsageError(reason=text("orders.refused.several", order=said))
    if not hits:
        raise UsageError(reason=text("orders.refused.no_order", order=said))
    return hits[0]
