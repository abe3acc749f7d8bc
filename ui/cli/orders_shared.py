"""What the subcommands of ``orders`` share: options, the orders asked for, and how they answer."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from twin.commands.orders import instant_of
from twin.errors import UsageError
from twin.judging import rules_of
from twin.keeping import Keeper
from twin.maintenance.orders.book import Book, book_for, document, sentence
from twin.maintenance.orders.finding import orders_of
from twin.maintenance.orders.parties import ids_of, party_id
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import STATES
from twin.maintenance.rules import Rules
from twin.messages import text
from twin.opening import PROJECT
from twin.scene import Twin

ProjectFile = Annotated[Path, typer.Argument(help="A project, P.twin.gpkg.")]
Which = Annotated[
    str, typer.Argument(help="The order: its number or its id; several with commas.")
]
State = Annotated[str, typer.Argument(help=f"The new state: {', '.join(STATES[1:])}.")]
By = Annotated[str, typer.Option("--by", help="The party that acts: id, name or e-mail.")]
To = Annotated[str, typer.Option("--to", help="The party that gets the order.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the order's history.")]

orders_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@orders_app.callback()
def _orders() -> None:
    """Raise, list, move and export the work orders of a project."""


def checked(project: Path) -> Path:
    """Return a project's path. Raises UsageError for another file."""
    if not str(project).lower().endswith(PROJECT):
        raise UsageError(
            reason=f"{project}: orders are kept in a project; its name ends with {PROJECT}"
        )
    return project


def book_of(
    twin: Twin, rules: Rules, orders: Sequence[WorkOrder], at: str, lang: str, names: bool = False
) -> Book:
    """Return orders with what is needed to write them."""
    return book_for(rules, orders, instant_of(at), lang, names=names, project=twin.title)


def chosen(
    twin: Twin, rules: Rules, state: str = "", custodian: str = "", which: str = ""
) -> list[WorkOrder]:
    """Return the orders asked for, by number. Raises UsageError for an unknown state, order or party."""
    kept: dict[str, WorkOrder] = twin.records["orders"]
    orders = list(orders_of(kept, which)) if which else list(kept.values())
    states = [word.strip() for word in state.split(",") if word.strip()]
    for word in states:
        if word not in STATES:
            raise UsageError(reason=f"--state {word!r} is none of {', '.join(STATES)}")
    if custodian:
        found = ids_of(rules).get(custodian.casefold(), custodian)
        orders = [x for x in orders if found in (x.accountable, x.assignee)]
    return sorted(
        (x for x in orders if not states or x.state in states), key=lambda x: (x.number, x.id)
    )


StateFilter = Annotated[str, typer.Option("--state", help="Only orders in such states.")]
CustodianFilter = Annotated[str, typer.Option("--custodian", help="Only orders of this party.")]


def tell(keeper: Keeper, which: str, by: str, at: str, as_json: bool, lang: str) -> None:
    """Print orders after a change, and that whoever acted is claimed, not authenticated."""
    rules = rules_of(keeper.twin)
    orders = orders_of(keeper.twin.records["orders"], which)
    book = book_of(keeper.twin, rules, orders, at, lang)
    answer(book, orders, party_id(rules, by), as_json)


def warn_of(keeper: Keeper, delivery: str, lang: str) -> None:
    """Say on stderr that a delivery is not on record: it is believed, not checked."""
    known = {x.id for one in keeper.twin.records["datasets"].values() for x in one.deliveries}
    if delivery and delivery not in known:
        print(text("orders.cli.no_record", lang, delivery=delivery), file=sys.stderr)


def answer(book: Book, orders: Sequence[WorkOrder], party: str, as_json: bool) -> None:
    """Print orders after a change and who claims to have made it."""
    if as_json:
        print(orjson.dumps(_answer(book, orders, party)).decode())
        return
    for order in orders:
        print(sentence(book, order))
    print(text("orders.claimed", book.language, party=book.shown(party)))


def _answer(book: Book, orders: Sequence[WorkOrder], party: str) -> dict[str, Any]:
    actor = {"party": party, "authenticated": False, "note": "claimed, not authenticated"}
    told = [document(book, order) for order in orders]
    return (
        {"order": told[0], "actor": actor} if len(told) == 1 else {"orders": told, "actor": actor}
    )
