"""Orders as tasks of a calendar: iCalendar VTODO (RFC 5545). A calendar that reads them again updates them.

Status as MAINTENANCE.md 5: NEEDS-ACTION, IN-PROCESS, COMPLETED, CANCELLED. UID is the order's id,
SEQUENCE its revision, DTSTAMP the instant of the export: equal orders give equal bytes.
"""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from twin.maintenance.orders.book import Book
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.wording import reason_word, state_word
from twin.messages import text
from twin.records import Instant

PRODUCT = "-//CityTwin//Work orders//EN"
STATUS = {
    "raised": "NEEDS-ACTION",
    "assigned": "NEEDS-ACTION",
    "reopened": "NEEDS-ACTION",
    "in_progress": "IN-PROCESS",
    "rejected": "IN-PROCESS",
    "delivered": "IN-PROCESS",
    "verified": "COMPLETED",
    "closed": "COMPLETED",
    "cancelled": "CANCELLED",
}
"""State -> STATUS of a VTODO."""
PERCENT = {"delivered": 90, "verified": 100, "closed": 100}
SHOWN_OBJECTS = 20
"""Objects named in a description; more are counted."""


def write(book: Book) -> bytes:
    """Return one calendar with a task an order, CRLF line ends, lines folded at 75 octets."""
    library: Any = import_module("icalendar")  # a tenth of a second that no start need wait for
    calendar = library.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for order in sorted(book.orders, key=lambda x: (x.number, x.id)):
        calendar.add_component(_task(library, book, order))
    content: bytes = calendar.to_ical()
    return content


def _task(library: Any, book: Book, order: WorkOrder) -> Any:
    task = library.Todo()
    task.add("uid", f"{order.id}@citytwin")
    task.add("dtstamp", moment(book.at))
    task.add("sequence", order.revision)
    words = text("orders.task", book.language, number=order.number, title=book.title(order))
    task.add("summary", words)
    task.add("description", description(book, order))
    task.add("status", STATUS[order.state])
    if order.raised is not None:
        task.add("created", moment(order.raised))
    if order.transitions:
        task.add("last-modified", moment(order.changed))
    if order.due is not None:
        task.add("due", moment(order.due))
    if order.state in PERCENT:
        task.add("percent-complete", PERCENT[order.state])
    if STATUS[order.state] == "COMPLETED" and order.transitions:
        task.add("completed", moment(order.changed))
    task.add("priority", 9 - min(int(order.priority / 12.5), 8))  # 1 the most urgent, 9 the least
    if order.reason:
        task.add("categories", [reason_word(order.reason, book.language)])
    _people(library, task, book, order)
    if order.due is not None and STATUS[order.state] in ("NEEDS-ACTION", "IN-PROCESS"):
        task.add_component(_alarm(library, order, words))
    return task


def _people(library: Any, task: Any, book: Book, order: WorkOrder) -> None:
    """Name who answers and who works; a party without an address stands in the description only."""
    lead = book.email(order.accountable)
    if lead:
        task.add("organizer", _address(library, lead, book.shown(order.accountable)))
    works = book.email(order.assignee)
    if works:
        attendee = _address(library, works, book.shown(order.assignee))
        attendee.params["role"] = library.vText("REQ-PARTICIPANT")
        task.add("attendee", attendee, encode=0)


def _address(library: Any, email: str, name: str) -> Any:
    address = library.vCalAddress(f"mailto:{email}")
    address.params["cn"] = library.vText(name)
    return address


def _alarm(library: Any, order: WorkOrder, words: str) -> Any:
    """Return a reminder as long before the due date as the policy warns."""
    alarm = library.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", timedelta(days=-order.warn_days), parameters={"RELATED": "END"})
    return alarm


def description(book: Book, order: WorkOrder) -> str:
    """Return what an order is about, in words: state, reason, who, which objects."""
    say = book.language
    lines = [
        text("orders.said.state", say, value=state_word(order.state, say)),
        text("orders.said.reason", say, value=reason_word(order.reason, say)),
        text("orders.said.accountable", say, value=book.shown(order.accountable) or "-"),
        text("orders.said.assignee", say, value=book.shown(order.assignee) or "-"),
    ]
    if order.policy:
        lines.append(text("orders.said.policy", say, value=order.policy))
    if order.evidence:
        lines.append(text("orders.said.evidence", say, value=", ".join(order.evidence)))
    names = [x.name or x.id or x.uid for x in order.objects[:SHOWN_OBJECTS]]
    more = len(order.objects) - len(names)
    if more > 0:
        names.append(text("orders.said.more", say, count=more))
    lines.append(text("orders.said.objects", say, value=", ".join(names)))
    return "\n".join(lines)


def moment(at: Instant) -> datetime:
    """Return an instant as Python has it, UTC, whole seconds."""
    return datetime.fromtimestamp(int(at.astype("datetime64[s]").astype("int64")), UTC)
