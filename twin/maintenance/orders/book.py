"""Orders ready to be written: with the parties they name, the instant, and a reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.journal_words import plain
from twin.maintenance.orders.due import LEVELS, NONE_YET, days_late, level
from twin.maintenance.orders.parties import ids_of
from twin.maintenance.orders.records import Transition, WorkOrder
from twin.maintenance.orders.wording import order_title, reason_word, state_word
from twin.maintenance.rules import Rules
from twin.records import Instant, Party
from twin.tables import Table

COLUMNS = (
    "number", "state", "title", "reason", "aspect", "objects", "district", "due", "days_late", "level",
    "accountable", "assignee", "policy", "priority", "raised", "changed", "delivery", "result", "evidence",
    "reopened", "id", "object_uids",
)  # fmt: skip
"""The columns of an order as a row."""
_DAY = "datetime64[D]"


@dataclass(frozen=True, slots=True)
class Book:
    """Orders to be written at an instant. ``names``: persons are shown by name, else by id."""

    orders: tuple[WorkOrder, ...]
    parties: Mapping[str, Party]
    at: Instant
    language: str = "en"
    names: bool = False
    project: str = ""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> the parties that have it, for whoever is told of late orders."""

    def shown(self, party: str) -> str:
        """Return how a party is called here: organisations by name, persons by id unless asked for."""
        found = self.parties.get(party)
        if found is None or not found.name:
            return party
        return found.name if found.organisation or self.names else found.id

    def email(self, party: str) -> str:
        """Return a party's e-mail address, '' = not known."""
        found = self.parties.get(party)
        return found.email if found is not None else ""

    def title(self, order: WorkOrder) -> str:
        """Return what an order is called."""
        return order_title(order, self.language)


def book_for(
    rules: Rules, orders: Sequence[WorkOrder], at: Instant, language: str, **more: Any
) -> Book:
    """Return orders with the parties and roles of the rules; ``more`` are ``names`` and ``project``."""
    spelled = ids_of(rules)
    roles: dict[str, list[str]] = {}
    for duty in rules.responsibilities:
        roles.setdefault(duty.role, []).append(spelled.get(duty.party.casefold(), duty.party))
    parties = {party.id: party for party in rules.parties}
    kept = {role: tuple(dict.fromkeys(who)) for role, who in roles.items()}
    return Book(tuple(orders), parties, at, language, roles=kept, **more)


def stamp(at: Instant | None) -> str:
    """Return an instant as ISO 8601 in UTC to the second, '' = none."""
    if at is None or np.isnat(at):
        return ""
    return str(at.astype("datetime64[s]")) + "Z"


def level_name(order: WorkOrder, at: Instant) -> str:
    """Return who should hear of an order at an instant; '' = nobody yet."""
    found = level(order, at)
    return "" if found == NONE_YET else LEVELS[found]


def document(book: Book, order: WorkOrder) -> dict[str, Any]:
    """Return an order as ``orders list --json`` prints it."""
    found = level(order, book.at)
    return {
        "id": order.id,
        "number": order.number,
        "state": order.state,
        "title": book.title(order),
        "reason": order.reason,
        "aspect": order.aspect or None,
        "objects": [
            {"uid": x.uid, "layer": x.layer, "id": x.id, "name": x.name or None}
            for x in order.objects
        ],
        "due": stamp(order.due) or None,
        "days_late": days_late(order, book.at),
        "level": None if found == NONE_YET else f"L{found}",
        "tell": level_name(order, book.at) or None,
        "accountable": order.accountable or None,
        "assignee": order.assignee or None,
        "custodian": book.shown(order.accountable) or None,
        "district": order.district or None,
        "policy": order.policy or None,
        "priority": order.priority,
        "raised": stamp(order.raised) or None,
        "delivery": order.delivery or None,
        "result": order.result or None,
        "evidence": list(order.evidence),
        "reopened": order.reopened,
        "revision": order.revision,
        "transitions": [_line(x) for x in order.transitions],
    }


def _line(line: Transition) -> dict[str, Any]:
    return {
        "state": line.state,
        "at": stamp(line.at),
        "by": line.by or None,
        "what": line.what or None,
        "about": line.about or None,
        "note": line.note or None,
    }


def row(book: Book, order: WorkOrder) -> list[Any]:
    """Return an order as COLUMNS; dates by the day, words untranslated except the title."""
    found = level(order, book.at)
    return [
        order.number, order.state, book.title(order), order.reason, order.aspect, len(order.objects),
        order.district, day(order.due), days_late(order, book.at) or "",
        "" if found == NONE_YET else f"L{found}", book.shown(order.accountable),
        book.shown(order.assignee), order.policy, plain(order.priority), day(order.raised),
        day(order.changed), order.delivery, order.result, " ".join(order.evidence), order.reopened,
        order.id, " ".join(order.uids),
    ]  # fmt: skip


def day(at: Instant | None) -> str:
    """Return the day of an instant, '' = none."""
    return "" if at is None or np.isnat(at) else str(at.astype(_DAY))


def table(book: Book) -> Table:
    """Return the orders as a table, in the order of their numbers."""
    rows = [row(book, order) for order in sorted(book.orders, key=lambda x: (x.number, x.id))]
    return Table("orders", COLUMNS, rows)


def sentence(book: Book, order: WorkOrder) -> str:
    """Return an order as a line of text: number, state, when due, who, what."""
    due = day(order.due) or "-"
    late = days_late(order, book.at)
    if late:
        due = f"{due} (+{late} d)"
    who = book.shown(order.assignee or order.accountable) or "-"
    state = state_word(order.state, book.language)
    what = reason_word(order.reason, book.language)
    title = book.title(order)
    return "  ".join(
        (f"{order.number:>5}", state, due, who, title if order.title else title or what)
    )
