"""The verb ``diff``: two deliveries compared object by object; it starts without Qt and VTK."""

import math
from collections.abc import Sequence
from typing import Annotated

import typer

from twin.errors import UsageError
from twin.maintenance.revisions import Tolerance
from twin.maintenance.revisions.layers import layers_of
from twin.maintenance.revisions.reports import FORMATS, Compared, table_of
from twin.records import Instant
from twin.scene import LayerId
from twin.session import Session
from twin.store.packages import packaged
from twin.tables import as_xlsx
from ui.cli.audit import Out, put
from ui.cli.loading import open_more, opened, settle
from ui.cli.opening import RULES, SOURCE, Opening, opening_options

MORE = ("xlsx", "gpkg")
Old = Annotated[str, typer.Argument(help="The old delivery.")]
New = Annotated[str, typer.Argument(help="The new delivery.")]
Format = Annotated[str, typer.Option("--format", help="json, text, csv, xlsx or gpkg.")]
Key = Annotated[str, typer.Option("--key", help="The attribute that identifies objects.")]
Metres = Annotated[
    float, typer.Option("--tolerance", help="Models: metres by which places and sizes may differ.")
]
Tau = Annotated[
    float, typer.Option("--tau", help="Cities: metres that a roof or a base may rise.")
]
Iou = Annotated[
    float, typer.Option("--iou", help="Cities: overlap from which footprints are the same, 0..1.")
]
Least = Annotated[
    float, typer.Option("--min-area", help="Cities: m2 below which shapes are not judged.")
]


@opening_options(*RULES, *SOURCE, "at")
def diff_(  # noqa: PLR0913  the options of a verb
    old: Old,
    new: New,
    opening: Opening,
    form: Format = "text",
    key: Key = "",
    tau: Tau = Tolerance().tau,
    iou: Iou = Tolerance().iou,
    min_area: Least = Tolerance().least_area,
    tolerance: Metres = Tolerance().metres,
    out: Out = None,
) -> None:
    """Compare two deliveries object by object."""
    if form not in (*FORMATS, *MORE):
        raise UsageError(reason=f"--format {form!r} is none of {', '.join((*FORMATS, *MORE))}")
    limits = thresholds(tolerance, tau, iou, min_area)
    session = opened([old], opening)
    try:
        first = list(session.twin.layers)
        open_more(session, [new], opening)
        second = [name for name in session.twin.layers if name not in first]
        found = compared(session, (first, second), limits, key)
        moment, system = session.at, session.twin.crs
    finally:
        session.close()
    put(_written(found, form, (opening.lang, system), moment), out)


def _written(found: Compared, form: str, said: tuple[str, str], at: Instant) -> bytes:
    """Return a comparison as a file; ``said``: the language and the system of the twin."""
    language, system = said
    if form == "gpkg":
        return packaged(layers_of(found, system), at)
    if form == "xlsx":
        return as_xlsx([table_of(found, language)], at)
    return FORMATS[form](found, language)


def thresholds(tolerance: float, tau: float, iou: float, least: float) -> Tolerance:
    """Return from when on something differs. Raises UsageError for what makes no sense."""
    if not 0 <= tolerance <= 100:
        raise UsageError(reason="--tolerance must lie between 0 and 100 metres")
    if not 0 <= tau <= 1000:
        raise UsageError(reason="--tau must lie between 0 and 1000 metres")
    if not 0 < iou <= 1:
        raise UsageError(reason="--iou must be above 0 and at most 1")
    if not 0 <= least < math.inf:
        raise UsageError(reason="--min-area must be 0 or more square metres")
    usual = Tolerance()
    return Tolerance(tolerance, usual.share, tau, iou, min(usual.replaced, iou), least)


def compared(
    session: Session,
    sides: tuple[Sequence[LayerId], Sequence[LayerId]],
    tolerance: Tolerance,
    key: str,
) -> Compared:
    """Return the comparison of the layers of two deliveries. Raises UsageError, OpenError."""
    work = session.comparing_all(sides, tolerance, key)
    while not work.done:
        work.step()
        settle(session)
    return work.compared()
