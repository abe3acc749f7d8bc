"""``orders merge``: an exchange pack that came back from a custodian, taken in value by value."""

from typing import Annotated, Any

import orjson
import typer

from twin.edits import Together
from twin.errors import TwinError
from twin.handing import Merge, merged
from twin.journal_words import plain
from twin.maintenance.orders.packs import Difference
from twin.maintenance.orders.parties import party_id
from twin.messages import text
from twin.session import Session
from ui.cli.loading import opened
from ui.cli.opening import AsJson, At, Lang, Opening
from ui.cli.orders_shared import By, ProjectFile, checked, orders_app

Pack = Annotated[str, typer.Argument(help="The pack that came back, a .zip.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, change nothing.")]


@orders_app.command("merge")
def merge(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    pack: Pack,
    by: By,
    dry_run: DryRun = False,
    at: At = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Take in a pack that came back: values changed there alone; those changed here too are listed only."""
    session = opened([str(checked(project))], Opening(lang=lang, at=at))
    try:
        party = party_id(session.rules, by)
        found = merged(session.twin, pack, party, str(session.at))
        refused = [] if dry_run else _performed(session, found)
    finally:
        session.close()
    if as_json:
        print(orjson.dumps(_document(found, refused)).decode())
        return
    for one, reason in refused:
        print(_line(one, lang, reason))
    for one in found.conflicts:
        print(_line(one, lang, text("orders.cli.conflict", lang)))
    facts = {"taken": len(found.taken) + len(found.wishes) - len(refused),
             "conflicts": len(found.conflicts), "refused": len(refused)}  # fmt: skip
    print(text("orders.cli.would_merge" if dry_run else "orders.cli.merged", lang, **facts))


def _performed(session: Session, found: Merge) -> list[tuple[Difference, str]]:
    """Do what a pack asks for; return what was refused, with the reason."""
    if found.edits:
        session.do("attributes.set", Together(tuple(found.edits)))
    refused = []
    for one, name, words in found.wishes:
        try:
            session.run(name, **words)
        except TwinError as error:
            refused.append((one, str(error)))
    return refused


def _document(found: Merge, refused: list[tuple[Difference, str]]) -> dict[str, Any]:
    failed = [one for one, _ in refused]
    return {
        "taken": [
            _said(x) for x in (*found.taken, *(w[0] for w in found.wishes)) if x not in failed
        ],
        "conflicts": [_said(x) for x in found.conflicts],
        "refused": [{**_said(x), "reason": reason} for x, reason in refused],
    }


def _said(one: Difference) -> dict[str, Any]:
    return {"table": one.table, "id": one.key, "column": one.column, "base": plain(one.base),
            "mine": plain(one.mine), "theirs": plain(one.theirs)}  # fmt: skip


def _line(one: Difference, lang: str, reason: str) -> str:
    facts = {"table": one.table, "id": one.key, "column": one.column, "base": one.base,
             "mine": one.mine, "theirs": one.theirs, "reason": reason}  # fmt: skip
    return text("orders.cli.difference", lang, **facts)
