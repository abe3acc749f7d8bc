"""Commands on evidence of change: added, read from a file, dismissed, used, opened again."""

from dataclasses import replace

import numpy as np
import shapely

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import RowsTold, UsageError
from twin.georeference import parse_crs
from twin.maintenance.date_shapes import read_dates
from twin.maintenance.evidence import EVIDENCE_P
from twin.maintenance.evidence_files import (
    EvidenceRead,
    Usual,
    columns_of,
    evidence_of,
    with_columns,
)
from twin.maintenance.rule_edits import next_key
from twin.maintenance.vector_files import read_vector
from twin.observations import ASPECTS
from twin.ports import VectorTable
from twin.records import Evidence, Instant
from twin.scene import Twin


def known_ids(twin: Twin) -> frozenset[str]:
    """Return the ids of all objects of all layers."""
    return frozenset(str(key) for layer in twin.layers.values() for key in layer.features.id)


def evidence_read(
    twin: Twin, table: VectorTable, location: str, mapping: str = "", usual: Usual | None = None
) -> EvidenceRead:
    """Return the evidence of a table. ``mapping`` names columns: ``kind=art,date=datum``. Raises UsageError."""
    known = known_ids(twin)
    columns = with_columns(columns_of(table, known), pairs_of(mapping), table)
    return evidence_of(table, location, columns, usual or Usual(crs=twin.crs), known)


def pairs_of(mapping: str) -> dict[str, str]:
    """Return ``role=column`` pairs parted by commas. Raises UsageError."""
    found = {}
    for part in filter(None, (item.strip() for item in mapping.split(","))):
        role, equals, name = part.partition("=")
        if not equals:
            raise UsageError(reason=f"{part!r} is not role=column")
        found[role.strip()] = name.strip()
    return found


def evidence_edit(twin: Twin, read: EvidenceRead) -> tuple[Edit, int]:
    """Return the edit that takes in evidence, and how much of it is new.

    What is known already keeps its state and note: a person decided them.
    """
    before = twin.records["evidence"]
    edits: list[Edit] = []
    new = 0
    for record in read.records:
        known = before.get(record.id)
        new += known is None
        if known is not None and known.status != "open":
            record = replace(record, status=known.status, note=known.note)
        if known != record:
            edits.append(SetRecord("evidence", record.id, record))
    return Together(tuple(edits)), new


@command("evidence.import")
def import_evidence(  # noqa: PLR0913  the arguments of a command
    context: Context, path: str, layer: str = "", columns: str = "", kind: str = "",
    event: str = "", source: str = "", crs: str = "",
) -> Edit:  # fmt: skip
    """Take evidence from a table or vector file; ``columns`` are "date=issued,object=building_id"."""
    parse_crs(crs)
    usual = Usual(kind, event, source, crs or context.twin.crs)
    table = read_vector(path, layer)
    read = evidence_read(context.twin, table, path, columns, usual)
    if read.problems:
        context.report(path, RowsTold.of(path, read.problems))
    return evidence_edit(context.twin, read)[0]


@command("evidence.add")
def add_evidence(  # noqa: PLR0913  the arguments of a command
    context: Context, kind: str, object: str = "", polygon: str = "", crs: str = "",
    event: str = "", reported: str = "", p: str = "", aspect: str = "", source: str = "",
    note: str = "", id: str = "",
) -> Edit:  # fmt: skip
    """Add one hint that the world changed, for an object or a place (WKT; "" as crs = the project's)."""
    if not object and not polygon:
        raise UsageError(reason="evidence needs an object or a polygon")
    if polygon and shapely.from_wkt(polygon, on_invalid="ignore") is None:
        raise UsageError(reason=f"{polygon[:60]!r} is no geometry in WKT")
    if aspect and aspect not in ASPECTS:
        raise UsageError(reason=f"{aspect!r} is none of {', '.join(ASPECTS)}")
    parse_crs(crs)
    low, high = _interval("event", event)
    key = id or next_key("E", context.twin.records["evidence"], 4)
    if key in context.twin.records["evidence"]:
        raise UsageError(reason=f"there is evidence {key!r} already")
    record = Evidence(
        key, kind, object, polygon, (crs or context.twin.crs) if polygon else "", aspect, low, high,
        _interval("reported", reported)[0], _chance(p, kind), source, "open", note,
    )  # fmt: skip
    return SetRecord("evidence", key, record)


def _interval(name: str, said: str) -> tuple[Instant | None, Instant | None]:
    if not said:
        return None, None
    parsed = read_dates([said]).parsed
    if np.isnat(parsed.t_lo[0]):
        raise UsageError(reason=f"{name}: {said!r} is not a date")
    return parsed.t_lo[0], parsed.t_hi[0]


def _chance(said: str, kind: str) -> float:
    if not said:
        return EVIDENCE_P.get(kind, 0.5)
    try:
        value = float(said)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise UsageError(reason=f"p is a number between 0 and 1, not {said!r}")
    return value


def _moved(context: Context, ids: str, status: str, note: str) -> Edit:
    """Return the edit that gives evidence (ids parted by commas) another state."""
    records = context.twin.records["evidence"]
    edits: list[Edit] = []
    named = [ids] if ids in records else [item.strip() for item in ids.split(",")]
    for key in filter(None, named):
        found = records.get(key)
        if found is None:
            raise UsageError(reason=f"there is no evidence {key!r}")
        edits.append(
            SetRecord("evidence", key, replace(found, status=status, note=note or found.note))
        )
    if not edits:
        raise UsageError(reason="no evidence is named")
    return Together(tuple(edits))


@command("evidence.dismiss")
def dismiss_evidence(context: Context, id: str, note: str) -> Edit:
    """Dismiss evidence (ids parted by commas): it tells of no change; the note says why."""
    if not note.strip():
        raise UsageError(reason="a note must say why the evidence is dismissed")
    return _moved(context, id, "dismissed", note.strip())


@command("evidence.consume")
def consume_evidence(context: Context, id: str, note: str = "") -> Edit:
    """Mark evidence as used: the data show the change now."""
    return _moved(context, id, "consumed", note.strip())


@command("evidence.reopen")
def reopen_evidence(context: Context, id: str, note: str = "") -> Edit:
    """Open evidence again that was dismissed or used."""
    return _moved(context, id, "open", note.strip())
