"""Dates and parties: owner history, header, assessments, documents (MAINTENANCE.md 8).

Persons are personal data: only organisations are claimed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from loaders.ifc.calendar import date_text
from loaders.ifc.structure import Structure, by_type
from twin.features import Column, texts
from twin.maintenance.dates import parse_column
from twin.observations import FLAG_SENTINEL, FLAG_UNPARSED, ObservationList, Observations

CUSTODIANS = {
    "FACILITIESMANAGER": "custodian",
    "BUILDINGOPERATOR": "custodian",
    "BUILDINGOWNER": "owner",
}
"""IfcActorRole -> role; every other role stays what the field says (author, processor)."""
DATED = ("Pset_Condition.AssessmentDate", "Pset_Condition.LastAssessmentDate")
DOCUMENT = ("CreationTime", "LastRevisionTime", "ValidFrom")


def observe(file: Any, structure: Structure, columns: dict[str, Column]) -> Observations:
    """Return everything the file says about when and by whom."""
    found = ObservationList()
    _histories(found, structure)
    _header(found, file)
    for name in DATED:
        if name in columns:
            _dated(found, np.arange(len(structure.objects)), columns[name], "verified", name)
    _documents(found, file, structure)
    return found.frozen()


def _histories(found: ObservationList, structure: Structure) -> None:
    """Owner history, each distinct one read once: dates are seconds since 1970, UTC."""
    rows_of: dict[int, list[int]] = {}
    histories: dict[int, Any] = {}
    for row, item in enumerate(structure.objects):
        history = item[1]
        if history is not None:
            rows_of.setdefault(history.id(), []).append(row)
            histories.setdefault(history.id(), history)
    for index, name in ((4, "LastModifiedDate"), (7, "CreationDate")):
        rows, raw = [], []
        for key, history in histories.items():
            if history[index] is not None:
                rows.extend(rows_of[key])
                raw.extend([history[index]] * len(rows_of[key]))
        _seconds(found, rows, raw, f"OwnerHistory.{name}")
    for index, name, role in ((0, "OwningUser", "author"), (5, "LastModifyingUser", "processor")):
        for key, history in histories.items():
            _claim(found, rows_of[key], history[index], (role, f"OwnerHistory.{name}"))


def _seconds(found: ObservationList, rows: Sequence[int], raw: Sequence[Any], path: str) -> None:
    if not rows:
        return
    parsed = parse_column(list(raw), unit="s")
    labels = ("modelled", "", "object", path)
    words = texts([str(item) for item in raw])
    at = np.array(rows, np.int32)
    found.add_column(at, (parsed.t_lo, parsed.t_hi), words, labels, parsed.flags)


def _claim(found: ObservationList, rows: Sequence[int], user: Any, said: tuple[str, str]) -> None:
    """Claim the organisation of an IfcPersonAndOrganization."""
    if user is None or not user.is_a("IfcPersonAndOrganization"):
        return
    organisation = user[1]
    name = (organisation[1] or "").strip() if organisation is not None else ""
    if not name:
        return
    role = said[0]
    for actor in (*(user[2] or ()), *(organisation[3] or ()), *(user[0][6] or ())):
        role = CUSTODIANS.get(_role(actor), role)
    found.add_parties(np.array(rows, np.int32), [name] * len(rows), role, "object", said[1])


def _role(actor: Any) -> str:
    """Return the role in capitals without blanks, a user-defined one by its own name."""
    word = actor[1] if actor[0] == "USERDEFINED" else actor[0]
    return (word or "").upper().replace(" ", "").replace("_", "")


def _header(found: ObservationList, file: Any) -> None:
    """The file's own time is when it was exported: published, for the whole source, UTC by rule."""
    name = file.header.file_name
    source = np.array([-1], np.int32)
    stamp = (name.time_stamp or "").strip()
    if stamp:
        parsed = parse_column([stamp], zone_known=True)
        labels = ("published", "", "file", "FILE_NAME.time_stamp")
        found.add_column(source, (parsed.t_lo, parsed.t_hi), texts([stamp]), labels, parsed.flags)
    for organisation in dict.fromkeys((item or "").strip() for item in name.organization or ()):
        if organisation:
            found.add_parties(source, [organisation], "author", "file", "FILE_NAME.organization")


def _dated(found: ObservationList, rows: Any, column: Column, kind: str, path: str) -> None:
    parsed = parse_column(column)
    said = ~np.isnat(parsed.t_lo) | ((parsed.flags & (FLAG_SENTINEL | FLAG_UNPARSED)) != 0)
    at = np.flatnonzero(said)
    if len(at):
        words = texts([None if item is None else str(item) for item in column[at].tolist()])
        found.add_column(
            np.asarray(rows)[at].astype(np.int32),
            (parsed.t_lo[at], parsed.t_hi[at]),
            words,
            (kind, "", "object", path),
            parsed.flags[at],
        )


def _documents(found: ObservationList, file: Any, structure: Structure) -> None:
    """Dates of documents that are tied to objects: when the register knew of them."""
    for name in DOCUMENT:
        rows: list[int] = []
        raw: list[str] = []
        for relation in by_type(file, "IfcRelAssociatesDocument"):
            document = relation[5]
            if document is None or not document.is_a("IfcDocumentInformation"):
                continue
            date = date_text(getattr(document, name, None))
            here = [structure.row_of.get(item.id(), -1) for item in relation[4] or ()]
            if date:
                rows.extend(row for row in here if row >= 0)
                raw.extend(date for row in here if row >= 0)
        _dated(
            found,
            np.array(rows, np.int32),
            texts(raw),
            "registered",
            f"IfcDocumentInformation.{name}",
        )
