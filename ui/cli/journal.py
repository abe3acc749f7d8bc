"""The verb ``journal``: the check of its hash chain, its export with or without names, the erasure of a person."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import orjson
import typer

from twin.errors import UsageError
from twin.messages import text
from twin.records import Party
from twin.session import instant
from twin.store import Store
from twin.store.journal_table import journal_table
from twin.store.project_file import open_project
from twin.tables import Table, as_csv, as_xlsx
from ui.cli.audit import Out, put
from ui.cli.opening import AsJson, At, Lang

ProjectFile = Annotated[Path, typer.Argument(help="A project, P.twin.gpkg.")]
Names = Annotated[bool, typer.Option("--names", help="Show persons by name, where known.")]
PartyId = Annotated[str, typer.Argument(help="The id of the person.")]

journal_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Form(StrEnum):
    """How a journal is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


FormOption = Annotated[Form, typer.Option("--format", help="text, json, csv or xlsx.")]


@journal_app.callback()
def _journal() -> None:
    """Check, export and clean the journal of a project."""


@journal_app.command("verify")
def verify(project: ProjectFile, as_json: AsJson = False, lang: Lang = "en") -> None:
    """Check the hash chain of the journal; exit 1 where it is broken."""
    store = open_project(project)
    try:
        chain = store.verify()
    finally:
        store.close()
    if as_json:
        told = {
            "entries": chain.entries,
            "head": chain.head,
            "broken_at": chain.broken_at,
            "reason": chain.reason,
        }
        print(orjson.dumps(told).decode())
    elif chain:
        facts = {"path": project, "entries": chain.entries, "head": chain.head[:16]}
        print(text("journal.whole", lang, **facts))
    else:
        facts = {"path": project, "entry": chain.broken_at, "reason": chain.reason}
        print(text("journal.broken", lang, **facts))
    if not chain:
        raise typer.Exit(1)


@journal_app.command("export")
def export(
    project: ProjectFile,
    form: FormOption = Form.TEXT,
    names: Names = False,
    out: Out = None,
    at: At = "",
    lang: Lang = "en",
) -> None:
    """Write the journal, every change a line; persons stand by id unless names are asked for."""
    store = open_project(project)
    try:
        entries = store.journal()
        table = journal_table(entries, _parties(store) if names else None, lang)
    finally:
        store.close()
    if form is Form.JSON:
        chain = [{**entry.words, "sha256": entry.sha256} for entry in entries]
        put(orjson.dumps({"entries": chain}) + b"\n", out)
    elif form is Form.XLSX:
        put(as_xlsx([table], instant(at) if at else np.datetime64("now")), out)
    else:
        put(as_csv(table) if form is Form.CSV else _lines(table), out)


@journal_app.command("erase")
def erase(project: ProjectFile, party: PartyId, lang: Lang = "en") -> None:
    """Erase the name and contact of a person for good; the chain, which knows ids only, stays whole."""
    store = open_project(project)
    try:
        found = store.erase_person(party)
    finally:
        store.close()
    if not found:
        raise UsageError(reason=f"{project}: no person has the id {party!r}")
    print(text("journal.erased", lang, path=project, party=party))


def _parties(store: Store) -> dict[str, Party]:
    return dict(store.load().records["parties"])


def _lines(table: Table) -> bytes:
    """Return a change a line: number, time, who, what, which."""
    lines = ["  ".join(str(cell) for cell in row[:5] if cell != "") for row in table.rows]
    return "".join(f"{line}\n" for line in lines).encode()
