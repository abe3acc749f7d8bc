"""The verb ``orders``: work orders of a project raised, listed, moved, written for others. It starts without Qt."""

from typing import Annotated

import orjson
import typer

from twin.commands import Context, make
from twin.commands.orders import issued, planned
from twin.judging import rules_of
from twin.keeping import records_of
from twin.maintenance.orders.book import Book, document, sentence
from twin.maintenance.orders.choosing import WANTED
from twin.maintenance.orders.raising import GROUPS, Raised
from twin.messages import text
from ui.cli import orders_export as orders_export
from ui.cli import orders_merge as orders_merge
from ui.cli import orders_proposals as orders_proposals
from ui.cli.loading import opened
from ui.cli.opening import AsJson, At, Custodians, EvidenceFile, Lang, Opening, Policy
from ui.cli.orders_shared import (
    By,
    CustodianFilter,
    ProjectFile,
    Reason,
    State,
    StateFilter,
    To,
    Which,
    book_of,
    checked,
    chosen,
    orders_app,
    tell,
    warn_of,
)  # fmt: skip


@orders_app.command("issue")
def issue(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    at: At = "",
    status: Annotated[
        str, typer.Option("--status", help=f"For units that are so: {', '.join(WANTED)}.")
    ] = "stale,suspect",
    group: Annotated[
        str, typer.Option("--group", help=f"Grouped by: {', '.join(GROUPS)}; '' = one each.")
    ] = ",".join(GROUPS),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be raised, change nothing.")
    ] = False,
    by: By = "",
    to: To = "",
    due: Annotated[str, typer.Option("--due", help="Due date of all of them.")] = "",
    policy: Policy = "",
    custodians: Custodians = "",
    evidence: EvidenceFile = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Raise orders for what is stale or suspect; what has an open order keeps it and gets its evidence."""
    opening = Opening(policy, custodians, evidence, lang=lang, at=at)
    session = opened([str(checked(project))], opening)
    try:
        wanted = {"statuses": status, "group": group, "by": by, "at": str(session.at), "due": due,
                  "assignee": to}  # fmt: skip
        found, wish = planned(Context(session.twin), wanted)
        if not dry_run and (found.new or found.grown):
            session.do("orders.issue", issued(found, wish.by))
        book = book_of(
            session.twin, session.rules, (*found.new, *found.grown), str(session.at), lang
        )
    finally:
        session.close()
    _tell_raised(found, book, as_json, dry_run=dry_run)


def _tell_raised(found: Raised, book: Book, as_json: bool, *, dry_run: bool) -> None:
    if as_json:
        told = {
            "at": str(book.at.astype("datetime64[s]")) + "Z",
            "dry_run": dry_run,
            "raised": [document(book, order) for order in found.new],
            "evidence_attached": [order.id for order in found.grown],
            "already_open": found.covered,
        }
        print(orjson.dumps(told).decode())
        return
    for order in found.new:
        print(sentence(book, order))
    key = "orders.cli.would_raise" if dry_run else "orders.cli.raised"
    objects = sum(len(order.objects) for order in found.new)
    facts = {"orders": len(found.new), "objects": objects, "covered": found.covered}
    print(text(key, book.language, **facts))


@orders_app.command("list")
def list_(
    project: ProjectFile,
    state: StateFilter = "",
    custodian: CustodianFilter = "",
    at: At = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """List the orders of a project."""
    with records_of(checked(project)) as keeper:
        rules = rules_of(keeper.twin)
        found = chosen(keeper.twin, rules, state, custodian)
        book = book_of(keeper.twin, rules, found, at, lang)
    if as_json:
        print(orjson.dumps({"orders": [document(book, order) for order in found]}).decode())
        return
    for order in found:
        print(sentence(book, order))
    print(text("orders.cli.listed", lang, orders=len(found)))


@orders_app.command("move")
def move(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    order: Which,
    state: State,
    by: By,
    to: To = "",
    delivery: Annotated[
        str, typer.Option("--delivery", help="The delivery that fulfils it.")
    ] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="Evidence for it, by id.")] = "",
    reason: Reason = "",
    at: At = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Bring orders into another state; what the state machine forbids changes nothing (exit 2)."""
    result = ""
    if state == "verified":
        result = f"evidence {evidence}" if evidence else "checked" if reason else ""
    with records_of(checked(project)) as keeper:
        if evidence:
            attach = {"order": order, "evidence": evidence, "by": by, "at": at}
            make("orders.attach", Context(keeper.twin), attach)
        wanted = {"order": order, "state": state, "by": by, "to": to, "delivery": delivery,
                  "result": result, "reason": reason, "at": at}  # fmt: skip
        keeper.do(make("orders.move", Context(keeper.twin), wanted))
        warn_of(keeper, delivery, lang)
        if evidence:
            keeper.do(make("orders.attach", Context(keeper.twin), attach))
        tell(keeper, order, by, at, as_json, lang)


@orders_app.command("assign")
def assign(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    order: Which,
    to: To,
    by: By,
    reason: Reason = "",
    at: At = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Give orders to another party; their state and due date stand."""
    with records_of(checked(project)) as keeper:
        words = {"order": order, "to": to, "by": by, "note": reason, "at": at}
        keeper.do(make("orders.assign", Context(keeper.twin), words))
        tell(keeper, order, by, at, as_json, lang)


@orders_app.command("note")
def note(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    order: Which,
    words: Annotated[str, typer.Argument(help="The remark.")],
    by: By,
    at: At = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Add a remark to the history of orders."""
    with records_of(checked(project)) as keeper:
        said = {"order": order, "note": words, "by": by, "at": at}
        keeper.do(make("orders.note", Context(keeper.twin), said))
        tell(keeper, order, by, at, as_json, lang)
