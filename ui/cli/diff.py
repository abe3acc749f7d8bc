"""The verb ``diff``: two deliveries compared object by object; it starts without Qt and VTK."""

from typing import Annotated

import typer

from twin.errors import UsageError
from twin.maintenance.revisions import Tolerance
from twin.maintenance.revisions.reports import FORMATS, Compared, table_of
from twin.session import Session
from twin.tables import as_xlsx
from ui.cli.audit import Out, put
from ui.cli.loading import (
    At,
    Choices,
    Custodians,
    Lang,
    Lod,
    Mapping,
    Opening,
    Policy,
    System,
    opened,
    settle,
)

Old = Annotated[str, typer.Argument(help="The old delivery.")]
New = Annotated[str, typer.Argument(help="The new delivery.")]
Format = Annotated[str, typer.Option("--format", help="json, text, csv or xlsx.")]
Key = Annotated[str, typer.Option("--key", help="The attribute that identifies objects.")]
Metres = Annotated[
    float, typer.Option("--tolerance", help="Metres by which places and sizes may differ.")
]


def diff_(  # noqa: PLR0913  the options of a verb
    old: Old,
    new: New,
    form: Format = "text",
    key: Key = "",
    tolerance: Metres = Tolerance().metres,
    out: Out = None,
    policy: Policy = "",
    custodians: Custodians = "",
    mapping: Mapping = "",
    crs: System = "",
    vertical: System = "",
    lod: Lod = "",
    option: Choices = None,
    lang: Lang = "en",
    at: At = "",
) -> None:
    """Compare two deliveries object by object."""
    if form not in (*FORMATS, "xlsx"):
        raise UsageError(reason=f"--format {form!r} is none of {', '.join((*FORMATS, 'xlsx'))}")
    if not 0 <= tolerance <= 100:
        raise UsageError(reason="--tolerance must lie between 0 and 100 metres")
    opening = Opening(
        policy, custodians, "", mapping, crs, vertical, lod, lang, options=option or ()
    )
    session = opened([old, new], opening)
    try:
        found = compared(session, Tolerance(tolerance), key)
        moment = session.at
    finally:
        session.close()
    put(
        as_xlsx([table_of(found, lang)], moment) if form == "xlsx" else FORMATS[form](found, lang),
        out,
    )


def compared(session: Session, tolerance: Tolerance, key: str) -> Compared:
    """Return the comparison of the first two layers of a session. Raises UsageError, OpenError."""
    if len(session.twin.layers) != 2:
        count = len(session.twin.layers)
        raise UsageError(reason=f"a comparison needs one layer on either side, {count} opened")
    first, second = session.twin.layers
    work = session.comparing(first, second, tolerance, key)
    while not work.done:
        work.step()
        settle(session)
    return work.compared()
