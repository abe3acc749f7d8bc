"""The verb ``check``: the gate of a delivery, and rules for building models; it starts without Qt and VTK."""

from functools import partial
from typing import Annotated

import numpy as np
import typer

from twin.checking import camera_of
from twin.checks.exports import EXPORTS, written
from twin.checks.exports.options import Options
from twin.checks.gate import gate, refused
from twin.checks.report import CheckReport
from twin.errors import TwinError, UsageError
from twin.exchange.bcf.writing import packed
from twin.exchange.check_topics import Camera, Told, bundle
from twin.scene import LayerId
from twin.session import Session
from ui.cli.audit import Out, put
from ui.cli.loading import Silent, complain, fresh_session, settle, source_ref
from ui.cli.opening import RULES, AsJson, Opening, Paths, opening_options

Reports = list[tuple[LayerId, CheckReport]]
"""The layer ('' = it did not open) and what was found."""
FORMATS = (*EXPORTS, "bcf")
Ids = Annotated[
    list[str] | None, typer.Option("--ids", help="Rules for building models, an IDS file (repeatable).")
]  # fmt: skip
Format = Annotated[str, typer.Option("--format", help="text, json, html, csv, xlsx or bcf.")]
FailOn = Annotated[str, typer.Option("--fail-on", help="fail: exit 1 when a rule fails.")]
Gate = Annotated[
    bool, typer.Option("--gate/--no-gate", help="Check the gate of the delivery too.")
]


@opening_options(*RULES, "mapping", "crs", "vertical", "at")
def check_(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    opening: Opening,
    ids: Ids = None,
    form: Format = "text",
    as_json: AsJson = False,
    out: Out = None,
    fail_on: FailOn = "",
    with_gate: Gate = True,
) -> None:
    """Check a delivery: pass or fail per rule, with the objects that fail and why."""
    form = "json" if as_json else form
    if form not in FORMATS:
        raise UsageError(reason=f"--format {form!r} is none of {', '.join(FORMATS)}")
    if fail_on not in ("", "fail"):
        raise UsageError(reason=f"--fail-on {fail_on!r} is not fail")
    session = fresh_session(opening)
    try:
        reports = _reports(session, paths, ids or [], opening, with_gate=with_gate)
        moment = f"{np.datetime_as_string(session.at, unit='s')}Z"
        content = _written(session, reports, form, Options(moment, opening.lang))
    finally:
        session.close()
    put(content, out)
    if fail_on and any(one.status == "failed" for _, one in reports):
        raise typer.Exit(1)


def _reports(
    session: Session, paths: list[str], ids: list[str], opening: Opening, *, with_gate: bool
) -> Reports:
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
    reports: Reports = []
    if with_gate:
        reports += [("", refused(path, error)) for path, error in refusals]
        reports += [(key, gate(layer)) for key, layer in session.twin.layers.items()]
    for rules in ids:
        if not session.checks.start(rules):
            raise UsageError(reason=f"{rules}: there is no model that these rules are for")
        settle(session)
        _raise_new(session, done)
        reports += [(key, found.report) for key, found in session.checks.results.items()]
    return reports


def _raise_new(session: Session, before: int) -> None:
    """Raise what went wrong since: rules that cannot be read are wrong usage, not a finding."""
    new: list[tuple[str, TwinError]] = session.errors[before:]
    if new:
        raise new[0][1]


def _written(session: Session, reports: Reports, form: str, options: Options) -> bytes:
    if form != "bcf":
        return written([one for _, one in reports], form, options)
    told = Told(options.at, session.settings.author, options.language)
    checked = ((one, _camera(session, key)) for key, one in reports)
    return packed(bundle(checked, told), options.at)


def _camera(session: Session, key: LayerId) -> Camera:
    if not key:
        return lambda ids: None
    return partial(camera_of, session.twin, key, session.georeference)
