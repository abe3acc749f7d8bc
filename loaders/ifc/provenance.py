"""Dates and parties: owner history, header, assessments, documents (MAINTENANCE.md 8).

Persons are personal data: only organisations are claimed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.ifc.associations import document_owners, information, organisation
from loaders.ifc.calendar import date_text
from loaders.ifc.states import State
from loaders.ifc.structure import UNITS, Structure, by_type
from loaders.ifc.unread import Unread
from twin.features import Bool, Column, texts
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


@dataclass(frozen=True)
class Drafts:
    """What is shared or in progress by ISO 19650: rows, and the source as a whole."""

    rows: Bool
    whole: bool


def drafts(structure: Structure, known: Sequence[State]) -> Drafts:
    """Return which rows are drafts; the source is one where its building or site is."""
    rows = np.array([state.is_draft for state in known], np.bool_)
    tops = [row for row, kind in enumerate(structure.kinds) if kind in (*UNITS, "IfcSite")]
    return Drafts(rows, bool(rows[tops].any()))


def observe(
    file: Any,
    structure: Structure,
    columns: dict[str, Column],
    unpublished: Drafts,
    unread: Unread,
) -> Observations:
    """Return everything the file says about when and by whom.

    The times of drafts are told as those of a file, which never make anything fresh.
    """
    found = ObservationList()
    _histories(found, structure, unpublished.rows)
    _header(found, file, unpublished.whole)
    for name in DATED:
        if name in columns:
            labels = ("verified", "object", name)
            _dated(found, np.arange(len(structure.objects)), columns[name], labels)
    _documents(found, file, structure, unread)
    _actors(found, file, structure, unread)
    return found.frozen()


def _histories(found: ObservationList, structure: Structure, unpublished: Bool) -> None:
    """Owner history, each distinct one read once: dates are seconds since 1970, UTC."""
    rows_of: dict[int, list[int]] = {}
    histories: dict[int, Any] = {}
    for row, item in enumerate(structure.objects):
        history = item[1]
        if history is not None:
            rows_of.setdefault(history.id(), []).append(row)
            histories.setdefault(history.id(), history)
    for index, name in ((4, "LastModifiedDate"), (7, "CreationDate")):
        said = {key: x[index] for key, x in histories.items() if x[index] is not None}
        for kind, draft in (("modelled", False), ("file", True)):
            rows, raw = [], []
            for key, seconds in said.items():
                mine = [row for row in rows_of[key] if bool(unpublished[row]) is draft]
                rows.extend(mine)
                raw.extend([seconds] * len(mine))
            _seconds(found, rows, raw, (kind, f"OwnerHistory.{name}"))
    for index, name, role in ((0, "OwningUser", "author"), (5, "LastModifyingUser", "processor")):
        for key, history in histories.items():
            _claim(found, rows_of[key], history[index], (role, f"OwnerHistory.{name}"))


def _seconds(
    found: ObservationList, rows: Sequence[int], raw: Sequence[Any], said: tuple[str, str]
) -> None:
    if not rows:
        return
    parsed = parse_column(list(raw), unit="s")
    labels = (said[0], "", "object", said[1])
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


def _header(found: ObservationList, file: Any, draft: bool) -> None:
    """The file's own time is when it was exported: published, for the whole source, UTC by rule.

    Its author is a person and not claimed.
    """
    name = file.header.file_name
    source = np.array([-1], np.int32)
    stamp = (name.time_stamp or "").strip()
    if stamp:
        parsed = parse_column([stamp], zone_known=True)
        kind = "file" if draft else "published"
        labels = (kind, "", "file", "FILE_NAME.time_stamp")
        found.add_column(source, (parsed.t_lo, parsed.t_hi), texts([stamp]), labels, parsed.flags)
    for firm in dict.fromkeys((item or "").strip() for item in name.organization or ()):
        if firm:
            found.add_parties(source, [firm], "author", "file", "FILE_NAME.organization")


def _dated(found: ObservationList, rows: Any, column: Column, said: tuple[str, str, str]) -> None:
    """Add the dates of a column of texts; ``said`` = kind, level, field path."""
    kind, level, path = said
    parsed = parse_column(column)
    dated = ~np.isnat(parsed.t_lo) | ((parsed.flags & (FLAG_SENTINEL | FLAG_UNPARSED)) != 0)
    at = np.flatnonzero(dated)
    if len(at):
        words = texts([None if item is None else str(item) for item in column[at].tolist()])
        found.add_column(
            np.asarray(rows)[at].astype(np.int32),
            (parsed.t_lo[at], parsed.t_hi[at]),
            words,
            (kind, "", level, path),
            parsed.flags[at],
        )


def _documents(found: ObservationList, file: Any, structure: Structure, unread: Unread) -> None:
    """Dates and owners of documents tied to objects or to the project: when the register knew of them.

    Those of a type are about the product that it stands for and say nothing of an object.
    """
    owners = document_owners(file, unread)
    tied: list[tuple[Any, list[int]]] = []
    for relation in by_type(file, "IfcRelAssociatesDocument"):
        with unread.reading(relation):
            document = None if relation[5] is None else information(relation[5], owners)
            if document is not None:
                tied.append((document, _rows(structure, relation[4])))
    for name in DOCUMENT:
        path = f"IfcDocumentInformation.{name}"
        for level in ("object", "file"):
            dates = [
                (row, date_text(getattr(document, name, None)))
                for document, rows in tied
                for row in rows
                if (row < 0) is (level == "file")
            ]
            said = [(row, date) for row, date in dates if date]
            at = np.array([row for row, _ in said], np.int32)
            _dated(found, at, texts([date for _, date in said]), ("registered", level, path))
    for document, rows in tied:
        owner = organisation(document[8])
        if owner and rows:
            level = "file" if rows[0] < 0 else "object"
            path = "IfcDocumentInformation.DocumentOwner"
            at = np.array(rows, np.int32)
            found.add_parties(at, [owner] * len(rows), "pointOfContact", level, path)


def _rows(structure: Structure, items: Any) -> list[int]:
    """Return the rows of objects; -1 for the project, which the whole source stands for."""
    found = [
        -1 if item.is_a("IfcProject") else structure.row_of.get(item.id(), -2)
        for item in items or ()
    ]
    return sorted({row for row in found if row > -2})


def _actors(found: ObservationList, file: Any, structure: Structure, unread: Unread) -> None:
    """Organisations that objects are assigned to, in the role that they act in there."""
    for relation in by_type(file, "IfcRelAssignsToActor"):
        with unread.reading(relation):
            _act(found, structure, relation)


def _act(found: ObservationList, structure: Structure, relation: Any) -> None:
    actor = relation[6]
    name = None if actor is None else organisation(actor[5])
    rows = _rows(structure, relation[4])
    if not name or not rows:
        return
    acting = [relation[7]] if relation[7] is not None else list(_roles(actor[5]))
    roles = (CUSTODIANS[_role(x)] for x in acting if _role(x) in CUSTODIANS)
    level = "file" if rows[0] < 0 else "object"
    at = np.array(rows, np.int32)
    role = next(roles, "other")
    found.add_parties(at, [name] * len(rows), role, level, "IfcRelAssignsToActor.RelatingActor")


def _roles(actor: Any) -> Iterator[Any]:
    """Yield the roles of an organisation or of somebody in one."""
    if actor.is_a("IfcOrganization"):
        yield from actor[3] or ()
    elif actor.is_a("IfcPersonAndOrganization"):
        yield from actor[2] or ()
        yield from (actor[1][3] or ()) if actor[1] is not None else ()
