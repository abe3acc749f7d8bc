"""The verb ``plan``: how often to survey; which buildings should have BIM. It starts without Qt and VTK."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import typer
from typer.core import TyperCommand

from twin.errors import UsageError
from twin.maintenance.frequency import Case, advise, share_out
from twin.maintenance.frequency.class_table import budget_document, budget_text, read_classes
from twin.maintenance.frequency.report import as_text, document
from twin.messages import LANGUAGES
from ui.cli.opening import RULES, SOURCE, AsJson, Opening, opening_options
from ui.cli.plan_bim import bim_
from ui.cli.plan_history import Asked, Costs, from_history, history_document, history_text

plan_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@plan_app.callback()
def plan_() -> None:
    """Plan: how often to survey, and which buildings should have BIM."""


plan_app.command("bim")(bim_)


class Words(TyperCommand):
    """A command whose ``--history`` takes all words up to the next option, once a path was named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write ``--history A B`` as ``--history A --history B``."""
        return list(super().parse_args(ctx, spread(args)))


def spread(words: Sequence[str]) -> list[str]:
    """Return words with every value of ``--history`` named: those up to the next option are all its own.

    Where no path stands before it, one word follows, and the rest are paths.
    """
    found: list[str] = []
    path, taking, before = False, 0, ""
    for word in words:
        if word.startswith("--"):
            taking = 0
            found.append(word)
        elif before == "--history" or (taking and path):
            taking += 1
            found += [word] if taking == 1 else ["--history", word]
        else:
            path = path or not before.startswith("--") or "=" in before or before == "--json"
            found.append(word)
        before = word
    return found


Paths = Annotated[list[str] | None, typer.Argument(help="The current delivery.")]
Rate = Annotated[float | None, typer.Option(help="Changes per object and year.")]
Objects = Annotated[int | None, typer.Option(help="Objects of the class.")]
Stale = Annotated[
    float | None, typer.Option(help="Money that an object out of date costs a year.")
]
Survey = Annotated[float | None, typer.Option(help="Money for one survey of the whole class.")]
Worst = Annotated[
    float | None,
    typer.Option("--max-out-of-date", help="Share 0..1 out of date before a survey, at most."),
]
History = Annotated[
    list[str] | None, typer.Option(help="Older deliveries: the rate is estimated from them.")
]
Dates = Annotated[
    str, typer.Option(help="Dates of the deliveries, oldest first, where the files name none.")
]
Key = Annotated[str, typer.Option(help="The attribute that identifies objects.")]
TableFile = Annotated[
    str,
    typer.Option(
        "--table", help="Classes, a CSV file: class, rate, objects, stale_cost, survey_cost."
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(help="Money for surveys a year, shared out over the classes of --table."),
]
Currency = Annotated[str, typer.Option(help="What the money is called in the text.")]


@plan_app.command("frequency", cls=Words)
@opening_options(*RULES, *SOURCE)
def frequency_(  # noqa: PLR0913  the options of a verb
    opening: Opening,
    paths: Paths = None,
    rate: Rate = None,
    objects: Objects = None,
    stale_cost: Stale = None,
    survey_cost: Survey = None,
    max_out_of_date: Worst = None,
    history: History = None,
    dates: Dates = "",
    key: Key = "",
    table: TableFile = "",
    budget: Budget = None,
    currency: Currency = "",
    as_json: AsJson = False,
) -> None:
    """Recommend how often to survey a class: the interval that costs least, and what others cost."""
    if opening.lang not in LANGUAGES:
        raise UsageError(reason=f"--lang {opening.lang!r} is none of {', '.join(LANGUAGES)}")
    if table or budget is not None:
        _share_out(table, budget, opening.lang, currency, as_json=as_json)
        return
    if paths or history:
        asked = Asked(paths or [], history or [], dates, key)
        found = from_history(asked, Costs(rate, stale_cost, survey_cost, max_out_of_date), opening)
        put(history_document(found), history_text(found, opening.lang, currency), as_json=as_json)
        return
    advice = advise(_case(rate, objects, stale_cost, survey_cost), max_out_of_date)
    put(document(advice), as_text(advice, opening.lang, currency), as_json=as_json)


def _share_out(
    table: str, budget: float | None, lang: str, currency: str, *, as_json: bool
) -> None:
    """Share one budget out over the classes of a table. Raises UsageError, OpenError, PlanInput."""
    if not table or budget is None:
        raise UsageError(reason="--table and --budget go together")
    rows = read_classes(table)
    shared = share_out([row.case for row in rows], budget)
    words = budget_text(rows, shared, lang, currency)
    put(budget_document(rows, shared, budget), words, as_json=as_json)


def _case(
    rate: float | None, objects: int | None, stale: float | None, survey: float | None
) -> Case:
    """Return the class that the options describe. Raises UsageError, PlanInput."""
    named = {"--rate": rate, "--objects": objects, "--stale-cost": stale, "--survey-cost": survey}
    missing = [name for name, value in named.items() if value is None]
    if missing:
        reason = f"{', '.join(missing)} is missing (or name a delivery and --history for the rate)"
        raise UsageError(reason=reason)
    return Case(rate or 0.0, objects or 0, stale or 0.0, survey or 0.0)


def put(found: Any, words: str, *, as_json: bool) -> None:
    """Print a document or its words on stdout, as UTF-8."""
    content = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.flush()
    sys.stdout.buffer.write(content if as_json else words.encode())
    sys.stdout.buffer.flush()
