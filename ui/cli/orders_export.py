"""``orders export``: orders for calendars, letters, spreadsheets and other programs."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from twin.errors import NotSaved, UsageError
from twin.exchange.bcf.writing import packed
from twin.handing import pack_of
from twin.judging import rules_of
from twin.keeping import records_of
from twin.maintenance.exports import order_calendar, order_mail, order_table
from twin.maintenance.orders.book import Book, stamp
from twin.messages import text
from twin.opening import PROJECT
from twin.scene import Twin
from twin.topics.order_topics import as_bcf
from twin.topics.places import Located
from ui.cli.audit import put
from ui.cli.loading import opened
from ui.cli.opening import At, Lang, Opening
from ui.cli.orders_shared import (
    CustodianFilter,
    ProjectFile,
    StateFilter,
    book_of,
    checked,
    chosen,
    orders_app,
)


def _topics(book: Book, twin: Twin, located: Located) -> bytes:
    return packed(as_bcf(book, twin, located), stamp(book.at))


WRITERS = {"ics": order_calendar.write, "csv": order_table.write, "eml": order_mail.write}
"""Format -> writer of what needs the records alone."""
OPENING = {"bcf": _topics, "pack": pack_of}
"""Format -> writer of what needs the objects as well."""
FORMATS = (*OPENING, *WRITERS)
Format = Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")]
Out = Annotated[Path, typer.Option("--out", help="The file; for eml a .zip, or a folder.")]
Names = Annotated[bool, typer.Option("--names", help="Show persons by name.")]
Which = Annotated[str, typer.Option("--order", help="Only these: numbers or ids with commas.")]


@orders_app.command("export")
def export(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    form: Format,
    out: Out,
    state: StateFilter = "",
    custodian: CustodianFilter = "",
    which: Which = "",
    names: Names = False,
    at: At = "",
    lang: Lang = "en",
) -> None:
    """Write orders: BCF 3.0 topics, an iCalendar file, drafts of letters, a table, or an exchange pack.

    Nothing is sent.
    """
    if form not in FORMATS:
        raise UsageError(reason=f"--format {form!r} is none of {', '.join(FORMATS)}")
    checked(project)
    if form in OPENING:
        session = opened([str(project)], Opening(lang=lang, at=at))
        try:
            found = chosen(session.twin, session.rules, state, custodian, which)
            book = book_of(session.twin, session.rules, found, str(session.at), lang, names)
            book = _titled(book, project)
            content = OPENING[form](book, session.twin, session.georeference)
        finally:
            session.close()
        put(content, out)
    else:
        with records_of(project) as keeper:
            rules = rules_of(keeper.twin)
            found = chosen(keeper.twin, rules, state, custodian, which)
            book = _titled(book_of(keeper.twin, rules, found, at, lang, names), project)
        if form == "eml" and out.suffix.lower() != ".zip":
            _drafts(book, out)
        else:
            put(WRITERS[form](book), out)
    print(text("orders.cli.written", lang, orders=len(found), path=out))


def _titled(book: Book, project: Path) -> Book:
    """Return the book of a project without a title under the name of its file."""
    return book if book.project else replace(book, project=project.name[: -len(PROJECT)])


def _drafts(book: Book, out: Path) -> None:
    """Write each draft as a file of a folder, a single one as the file named. Raises NotSaved, UsageError."""
    letters = list(order_mail.letters(book))
    single = out.suffix.lower() == ".eml"
    if single and len(letters) != 1:
        reason = text("orders.cli.drafts", count=len(letters))
        raise UsageError(reason=f"{out}: {reason}")
    try:
        (out.parent if single else out).mkdir(parents=True, exist_ok=True)
        for name, data in letters:
            (out if single else out / name).write_bytes(data)
    except OSError as error:
        raise NotSaved(location=str(out), reason=error.strerror or str(error)) from error
