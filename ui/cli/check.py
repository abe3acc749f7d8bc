"""The verb ``check``: the gate of a delivery, and rules for building models; it starts without Qt and VTK."""

from typing import Annotated

import numpy as np
import typer

from twin.checks.exports import EXPORTS, written
from twin.checks.exports.options import Options
from twin.checks.gate import gate, refused
from twin.checks.report import CheckReport
from twin.errors import TwinError, UsageError
from twin.exchange.check_topics import write_topics
from twin.session import Session
from ui.cli.audit import Out, put
from ui.cli.loading import (
    AsJson,
    At,
    Custodians,
    Lang,
    Mapping,
    Opening,
    Paths,
    Policy,
    Silent,
    System,
    complain,
    fresh_session,
    settle,
    source_ref,
)  # fmt: skip

FORMATS = (*EXPORTS, "bcf")
Ids = Annotated[
    list[str] | None, typer.Option("--ids", help="Rules for building models, an IDS file (repeatable).")
]  # fmt: skip
Format = Annotated[str, typer.Option("--format", help="text, json, html, csv, xlsx or bcf.")]
FailOn = Annotated[str, typer.Option("--fail-on", help="fail: exit 1 when a rule fails.")]
Gate = Annotated[
    bool, typer.Option("--gate/--no-gate", help="Check the gate of the delivery too.")
]


def check_(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    ids: Ids = None,
    form: Format = "text",
    as_json: AsJson = False,
    out: Out = None,
    fail_on: FailOn = "",
    with_gate: Gate = True,
    policy: Policy = "",
    custodians: Custodians = "",
    mapping: Mapping = "",
    crs: System = "",
    vertical: System = "",
    at: At = "",
    lang: Lang = "en",
) -> None:
    """Check a delivery: pass or fail per rule, with the objects that fail and why."""
    form = "json" if as_json else form
    if form not in FORMATS:
        raise UsageError(reason=f"--format {form!r} is none of {', '.join(FORMATS)}")
    if fail_on not in ("", "fail"):
        raise UsageError(reason=f"--fail-on {fail_on!r} is not fail")
    opening = Opening(policy, custodians, "", mapping, crs, vertical, "", lang, at)
    session = fresh_session(opening)
    try:
        reports = _reports(session, paths, ids or [], opening, with_gate=with_gate)
        moment = f"{np.datetime_as_string(session.at, unit='s')}Z"
        content = _written(reports, form, Options(moment, lang), session.settings.author)
    finally:
        session.close()
    put(content, out)
    if fail_on and any(one.status == "failed" for one in reports):
        raise typer.Exit(1)


def _reports(
    session: Session, paths: list[str], ids: list[str], opening: Opening, *, with_gate: bool
) -> list[CheckReport]:
    """Return every report: the gate of each source, then each file of rules. Raises TwinError."""
    for path in paths:
        session.open(path, source_ref(path, opening))
    settle(session)
    if any(layer.provisional for layer in session.twin.layers.values()):
        session.index()
    complain(session)
    refusals, done = list(session.errors), len(session.errors)
    if not session.twin.layers and (refusals or not with_gate):
        raise Silent(refusals[0][1]) if refusals else UsageError(reason="nothing to open")
    reports: list[CheckReport] = []
    if with_gate:
        reports += [refused(path, error) for path, error in refusals]
        reports += [gate(layer) for layer in session.twin.layers.values()]
    for rules in ids:
        if not session.checks.start(rules):
            raise UsageError(reason=f"{rules}: there is no model that these rules are for")
        settle(session)
        _raise_new(session, done)
        reports += [found.report for found in session.checks.results.values()]
    return reports


def _raise_new(session: Session, before: int) -> None:
    """Raise what went wrong since: rules that cannot be read are wrong usage, not a finding."""
    new: list[tuple[str, TwinError]] = session.errors[before:]
    if new:
        raise new[0][1]


def _written(reports: list[CheckReport], form: str, options: Options, author: str) -> bytes:
    if form == "bcf":
        return write_topics(reports, options.at, author, options.language)
    return written(reports, form, options)
