"""The verb ``plan bim``: which buildings should have BIM, from a table or from models; without Qt and VTK."""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import orjson
import typer

from twin.errors import UsageError
from twin.maintenance.bim.answers import Answer, Question, answer, as_document, as_text, table_of
from twin.maintenance.bim.inputs import Candidates
from twin.maintenance.bim.method import Method
from twin.maintenance.bim.method_files import pack_names, read_method, read_packs
from twin.maintenance.bim.table_file import read_table
from twin.maintenance.bim.triggers import Trigger
from twin.messages import LANGUAGES
from twin.prioritising import Prioritising
from twin.session import Session
from twin.tables import as_csv, as_xlsx
from ui.cli.audit import Out, put
from ui.cli.loading import fresh_session, opened, settle
from ui.cli.opening import RULES, SOURCE, AsJson, Opening, opening_options

FORMATS = ("text", "json", "csv", "xlsx")
Models = Annotated[list[str] | None, typer.Argument(help="Models, where there is no table.")]
TableFile = Annotated[str, typer.Option("--table", help="Candidates, a CSV file.")]
Budget = Annotated[
    int | None, typer.Option(help="Thousands of the currency; without it no limit.")
]
Least = Annotated[float | None, typer.Option("--min-score", help="Lowest score that is chosen.")]
Force = Annotated[str, typer.Option(help="Ids that must be chosen: ID,ID.")]
Pack = Annotated[str, typer.Option(help="Rules that count: names with commas (off by default).")]
Projects = Annotated[
    bool, typer.Option("--projects", help="The candidates are building projects.")
]
Weights = Annotated[str, typer.Option(help="Weights, ramps and costs, a TOML file.")]
Format = Annotated[str, typer.Option("--format", help="text, json, csv or xlsx.")]


@opening_options(*RULES, *SOURCE, "at")
def bim_(  # noqa: PLR0913  the options of a verb
    opening: Opening,
    paths: Models = None,
    table: TableFile = "",
    budget: Budget = None,
    min_score: Least = None,
    force: Force = "",
    pack: Pack = "",
    projects: Projects = False,
    weights: Weights = "",
    form: Format = "text",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Choose which buildings should have BIM: scores with their parts, and the best set for a budget."""
    if bool(paths) == bool(table):
        raise UsageError(reason="give either models or --table")
    _check(budget, min_score, form, opening.lang)
    method = read_method(weights)
    least = method.min_score if min_score is None else min_score
    rules = rules_of(pack)
    question = Question(budget, least, named(force), rules=rules, projects=projects)
    session = opened(paths, opening) if paths else fresh_session(opening)
    try:
        found = read_table(table, method) if table else candidates_of(session, method)
        moment = session.at
    finally:
        session.close()
    _tell(
        _answered(found, method, question), moment, out, opening.lang, "json" if as_json else form
    )


def named(ids: str) -> frozenset[str]:
    """Return ids that stand with commas between."""
    return frozenset(name for word in ids.split(",") if (name := word.strip()))


def _check(budget: int | None, min_score: float | None, form: str, lang: str) -> None:
    """Raise UsageError for an option that makes no sense."""
    if budget is not None and budget < 0:
        raise UsageError(reason="--budget must not be negative")
    if min_score is not None and not 0 <= min_score <= 100:
        raise UsageError(reason="--min-score must lie between 0 and 100")
    if form not in FORMATS:
        raise UsageError(reason=f"--format {form!r} is none of {', '.join(FORMATS)}")
    if lang not in LANGUAGES:
        raise UsageError(reason=f"--lang {lang!r} is none of {', '.join(LANGUAGES)}")


def _answered(found: Candidates, method: Method, question: Question) -> Answer:
    """Return the answer. Raises UsageError for a forced id that is no candidate."""
    unknown = sorted(question.forced - set(found.id.tolist()))
    if unknown:
        raise UsageError(reason=f"--force: there is no candidate {', '.join(unknown)}")
    return answer(found, method, question)


def _tell(found: Answer, moment: np.datetime64, out: Path | None, lang: str, form: str) -> None:
    for problem in found.found.problems:
        print(f"warning[{problem.code}] {problem.said(lang)}", file=sys.stderr)
    put(content_of(found, moment, lang, form), out)


def content_of(found: Answer, moment: np.datetime64, lang: str, form: str) -> bytes:
    """Return the answer in a format; ``moment`` is the time of a workbook."""
    if form == "csv":
        return as_csv(table_of(found, lang))
    if form == "xlsx":
        return as_xlsx([table_of(found, lang)], moment)
    if form == "text":
        return f"{as_text(found, lang)}\n".encode()
    return orjson.dumps(as_document(found), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def candidates_of(session: Session, method: Method) -> Candidates:
    """Return the buildings of a session's layers. Raises UsageError where there is none, or what went wrong."""
    work = Prioritising(session.twin, session.screen.streams, session.jobs, method)
    while work.known is None and work.error is None:
        work.step()
        settle(session)
    if work.error is not None:
        raise work.error
    assert work.known is not None
    if not len(work.known.found):
        raise UsageError(reason="no layer has buildings: nothing to choose from")
    return work.known.found


def rules_of(names: str) -> tuple[Trigger, ...]:
    """Return the rules of the named packs. Raises UsageError for an unknown one."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = {name.lower(): name for name in pack_names()}
    for name in wanted:
        if name.lower() not in known:
            raise UsageError(reason=f"--pack {name!r} is none of {', '.join(known.values())}")
    packs = {known[name.lower()] for name in wanted}
    return tuple(rule for rule in read_packs() if rule.pack in packs)
