"""Orders written for calendars, letters, spreadsheets and other programs: asked where, done beside the window."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from twin.errors import NotSaved, TwinError
from twin.exchange.bcf.writing import packed
from twin.handing import pack_of
from twin.jobs import Feedback, Outcome
from twin.judging import rules_of
from twin.maintenance.exports import order_calendar, order_mail, order_table
from twin.maintenance.orders.book import Book, book_for, stamp
from twin.maintenance.orders.records import WorkOrder
from twin.topics.order_topics import as_bcf
from ui.desk import Desk
from ui.orders.raise_dialog import frozen

FORMS: Mapping[str, tuple[str, str]] = {
    "bcf": ("orders.bcf", "BCF 3.0 (*.bcf)"),
    "ics": ("orders.ics", "iCalendar (*.ics)"),
    "eml": ("orders-mail.zip", "ZIP (*.zip)"),
    "csv": ("orders.csv", "CSV (*.csv)"),
    "pack": ("orders-pack.zip", "ZIP (*.zip)"),
}
"""Format -> usual name and filter of its file."""
WRITERS: Mapping[str, Callable[[Book], bytes]] = {
    "ics": order_calendar.write,
    "csv": order_table.write,
    "eml": order_mail.write,
}


def ask_and_write(desk: Desk, parent: QWidget, form: str, orders: tuple[WorkOrder, ...]) -> None:
    """Ask for a file and write the orders into it; what comes of it is told."""
    name, filters = FORMS[form]
    path, _ = QFileDialog.getSaveFileName(parent, desk.say("orders_panel.export"), name, filters)
    if path:
        write(desk, Path(path), form, orders)


def write(desk: Desk, path: Path, form: str, orders: tuple[WorkOrder, ...]) -> None:
    """Write orders in a format, on a worker."""
    session = desk.session
    rules, language = rules_of(session.twin), desk.words.language
    book = book_for(rules, orders, session.at, language, project=session.twin.title)
    if form == "bcf":  # views need boxes and places, which belong to this thread
        topics = as_bcf(book, session.twin, session.georeference)
        content = partial(packed, topics, stamp(book.at))
    elif form == "pack":
        located = {key: session.georeference(key) for key in session.twin.layers}
        content = partial(pack_of, book, frozen(session.twin), located.get)
    else:
        content = partial(WRITERS[form], book)
    title = desk.say("orders_panel.export")
    session.jobs.submit(partial(_put, path, content), partial(_told, desk, path), title=title)


def _put(path: Path, content: Callable[[], bytes], feedback: Feedback) -> int:
    data = content()
    feedback.check()
    draft = path.with_name(f".{path.name}.draft")
    try:
        size = draft.write_bytes(data)
        draft.replace(path)  # whole or not at all
    except OSError as error:
        raise NotSaved(location=str(path), reason=error.strerror or str(error)) from error
    return size


def _told(desk: Desk, path: Path, outcome: Outcome) -> None:
    error: TwinError | None = outcome.error
    if error is None:
        desk.tell(desk.say("saved_to", path=str(path)), "info")
    else:
        desk.tell(desk.error_text(error), "error")
