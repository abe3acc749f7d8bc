"""Newer outlines beside the city of a project: opened in a session of their own, so that nothing is added."""

from dataclasses import replace

import numpy as np

from twin.errors import UsageError
from twin.maintenance.date_shapes import read_dates
from twin.maintenance.evidence_files import Columns
from twin.maintenance.evidence_newer import Newer, evidence_from
from twin.records import C_MIN, Instant
from twin.session import Session
from ui.cli.loading import Silent, complain, fresh_session, settle, source_ref
from ui.cli.opening import Opening

NO_COLUMNS = Columns()


def hints(session: Session, file: str, layer: str, event: str, crs: str) -> Newer:
    """Return what newer outlines tell of a layer of a project. Raises UsageError, OpenError."""
    sources = session.keeper.sources
    key = layer or next(iter(sources), "")
    if key not in sources:
        listed = ", ".join(sources) or "none"
        raise UsageError(reason=f"there is no layer {key!r} in the project; layers: {listed}")
    when = _event(event)
    beside = fresh_session(Opening(lang=session.settings.language))
    try:
        beside.open(sources[key].path, replace(sources[key], uid=""))
        settle(beside)
        beside.open(file, source_ref(file, Opening(crs=crs)))
        settle(beside)
        beside.index()
        complain(beside)
        if len(beside.twin.layers) != 2:
            if beside.errors:
                raise Silent(beside.errors[0][1])
            raise UsageError(reason=f"{file}: one layer is compared with one")
        first, second = beside.twin.layers
        work = beside.comparing(first, second)
        while not work.done:
            work.step()
            settle(beside)
        verdict = beside.twin.layers[second].assessment
        sure = verdict.confidence >= C_MIN  # a file's own time is no date of its outlines
        dated = np.where(sure, verdict.t_eff, np.datetime64("NaT", "ms"))
        name = file.replace("\\", "/").rpartition("/")[2]
        return evidence_from(work.compared(), beside.twin.crs, name, when, dated)
    finally:
        beside.close()


def _event(said: str) -> tuple[Instant | None, Instant | None]:
    if not said:
        return None, None
    parsed = read_dates([said]).parsed
    if np.isnat(parsed.t_lo[0]):
        raise UsageError(reason=f"--event {said!r} is not a date")
    return parsed.t_lo[0], parsed.t_hi[0]
