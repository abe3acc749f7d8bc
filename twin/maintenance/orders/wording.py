"""Orders in a reader's words."""

from twin.maintenance.orders.records import WorkOrder
from twin.messages import Catalogue, catalogue


def state_word(state: str, language: str = "en") -> str:
    """Return a state's word."""
    return catalogue(language).text(f"orders.state.{state}")


def reason_word(reason: str, language: str = "en") -> str:
    """Return a reason's word; one that the catalogue lacks stands as it is."""
    words = catalogue(language)
    key = f"orders.reason.{reason}"
    return words.text(key) if words.has(key) else reason


def order_title(order: WorkOrder, language: str = "en") -> str:
    """Return what an order is called: its own title, else aspect or reason and what it is about."""
    if order.title:
        return order.title
    words = catalogue(language)
    aspect = f"orders.aspect.{order.aspect}"
    what = words.text(aspect) if order.aspect and words.has(aspect) else ""
    what = what or reason_word(order.reason, language)
    return words.text("orders.title", what=what, about=_about(order, words))


def _about(order: WorkOrder, words: Catalogue) -> str:
    if len(order.objects) == 1:
        return order.objects[0].name or order.objects[0].id
    count = words.text("orders.count", count=len(order.objects))
    if order.district:
        return words.text("orders.in_district", count=count, district=order.district)
    return count
