"""The verb ``evidence``: hints that the city changed, read from files or named, listed, dismissed, used."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import orjson
import typer

from twin.commands.evidence import evidence_edit, evidence_read, known_ids
from twin.errors import TwinError, UsageError
from twin.georeference.crs import parse_crs
from twin.jobs import Lane, Outcome
from twin.maintenance.evidence_files import EvidenceRead, Usual, missing
from twin.maintenance.vector_files import Reading
from twin.messages import catalogue, text
from twin.ports import VectorTable
from twin.records import Evidence
from twin.session import Session
from ui.cli.evidence_newer import NO_COLUMNS, hints
from ui.cli.loading import check, complain, fresh_session, settle
from ui.cli.opening import AsJson, Lang, Opening, System

ProjectFile = Annotated[Path, typer.Argument(help="A project, P.twin.gpkg.")]
File = Annotated[str, typer.Argument(help="GeoJSON, GeoPackage, Shapefile, FlatGeobuf or CSV.")]
LayerName = Annotated[str, typer.Option("--layer", help="The layer of the file.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--map", help="Which column says what: date=issued (see the manual)."),
]
Kind = Annotated[str, typer.Option(help="Kind of evidence where the file names none.")]
ObjectId = Annotated[str, typer.Option("--object", help="The object, by id.")]
Polygon = Annotated[str, typer.Option(help="The place, as WKT.")]
Event = Annotated[str, typer.Option(help="Date of the event, partial dates too.")]
Chance = Annotated[str, typer.Option("--p", help="Probability of a change, 0 to 1.")]
SourceName = Annotated[str, typer.Option("--source", help="Where it comes from.")]
Note = Annotated[str, typer.Option(help="A note; why it is dismissed.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Read and say, change nothing.")]
Ids = Annotated[list[str], typer.Argument(help="Ids of evidence.")]
NewerFile = Annotated[
    str, typer.Argument(help="The newer outlines: a vector file or another city.")
]
LayerId = Annotated[str, typer.Option("--layer", help="The layer of the project to compare with.")]
State = Annotated[str, typer.Option("--status", help="open, consumed or dismissed.")]

evidence_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@evidence_app.callback()
def _evidence() -> None:
    """Evidence of change: permits, demolitions, complaints, newer outlines, extracts of registers."""


@evidence_app.command("add")
def add(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    file: File = "",
    layer: LayerName = "",
    columns: Columns = None,
    kind: Kind = "",
    object_id: ObjectId = "",
    polygon: Polygon = "",
    event: Event = "",
    p: Chance = "",
    source: SourceName = "",
    note: Note = "",
    crs: System = "",
    dry_run: Dry = False,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Add evidence from a file, or one hint for an object or a place."""
    check(Opening(crs=crs, lang=lang))
    parse_crs(crs)
    session = _with_city(project, lang)
    try:
        if not file:
            said = {"kind": kind or "other", "object": object_id, "polygon": polygon, "crs": crs}
            more = {"event": event, "p": p, "source": source, "note": note}
            session.run("evidence.add", **said, **more)
            session.keeper.commit()
            record = list(session.twin.records["evidence"].values())[-1]
            _print([record], session, as_json, lang)
            return
        table = _table(session, file, layer)
        usual = Usual(kind, event, source, crs or session.twin.crs)
        read = evidence_read(session.twin, table, file, ",".join(columns or ()), usual)
        edit, new = evidence_edit(session.twin, read)
        if not dry_run:
            session.do("evidence.import", edit)
        _tell(session, file, read, new, dry_run, as_json)
    finally:
        session.close()


def _table(session: Session, file: str, layer: str) -> VectorTable:
    """Return a file's rows, read in a worker process. Raises OpenError, UsageError."""
    answers: list[Outcome] = []
    session.jobs.submit(
        Reading(file, layer), answers.append, Lane.PROCESS, title=file, key="tables"
    )
    settle(session)
    session.jobs.release("tables")
    if not answers:
        raise UsageError(reason=f"{file}: reading was cancelled")
    if answers[0].error is not None:
        raise answers[0].error
    table: VectorTable = answers[0].value
    return table


def _with_city(project: Path, lang: str) -> Session:
    """Return a session with a project and all objects of its sources. Raises TwinError."""
    session = fresh_session(Opening(lang=lang))
    if not project.exists():
        session.close()
        raise UsageError(reason=f"{project}: there is no such project")
    session.open(str(project))
    settle(session)
    session.index()
    complain(session)
    if session.project_path is None:
        session.close()
        raise UsageError(reason=f"{project}: this is not a project")
    return session


def _with_records(project: Path, lang: str) -> Session:
    """Return a session with the records of a project; its sources stay closed. Raises StoreError."""
    session = fresh_session(Opening(lang=lang))
    try:
        session.keeper.load(project)
    except TwinError:
        session.close()
        raise
    return session


def _tell(
    session: Session, file: str, read: EvidenceRead, new: int, dry_run: bool, as_json: bool
) -> None:
    lang = session.settings.language
    everything = session.twin.records["evidence"].values()
    counts = {
        "count": len(read.records), "new": new, "known": len(read.records) - new,
        "open": sum(item.status == "open" for item in everything),
    }  # fmt: skip
    gone = {name: read.counts.get(name, 0) for name in ("no_place", "unknown_object", "no_date")}
    if as_json:
        print(
            orjson.dumps(
                {
                    "file": file, "dry_run": dry_run, **counts, **gone,
                    "repeated": read.counts.get("repeated", 0), "columns": asdict(read.columns),
                    "problems": [
                        {"code": x.code, "text": x.said(lang), "row": x.feature}
                        for x in read.problems
                    ],
                }
            ).decode()
        )  # fmt: skip
        return
    for problem in read.problems:
        print(f"{problem.code}: {problem.said(lang)}", file=sys.stderr)
    named = ", ".join(f"{role}={name}" for role, name in asdict(read.columns).items() if name)
    print(text("evidence_said.added", lang, file=file, **counts))
    if any(gone.values()):
        print(text("evidence_said.missing", lang, count=sum(gone.values()), **gone))
    print(text("evidence_said.columns", lang, columns=named or "-"))
    if dry_run:
        print(text("evidence_said.dry", lang))


@evidence_app.command("list")
def list_(
    project: ProjectFile,
    status: State = "",
    kind: Kind = "",
    object_id: ObjectId = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """List evidence, and why some of it marks nothing."""
    session = _with_city(project, lang)
    try:
        chosen = [
            item
            for item in session.twin.records["evidence"].values()
            if status in ("", item.status)
            and kind in ("", item.kind)
            and object_id in ("", item.object_id)
        ]
        _print(chosen, session, as_json, lang)
    finally:
        session.close()


def _print(chosen: Sequence[Evidence], session: Session, as_json: bool, lang: str) -> None:
    known = known_ids(session.twin)
    if as_json:
        print(orjson.dumps({"evidence": [_document(item, known) for item in chosen]}).decode())
        return
    for item in chosen:
        print(text("evidence_said.one", lang, **_line(item, known, lang)))
    if not chosen:
        print(text("evidence_said.none", lang))


def _document(item: Evidence, known: frozenset[str]) -> Mapping[str, Any]:
    times = ("event_lo", "event_hi", "reported")
    plain = {k: v for k, v in asdict(item).items() if k not in times}
    said = {name: _instant(getattr(item, name)) for name in times}
    return {**plain, **said, "missing": list(missing(item, known))}


def _instant(at: np.datetime64 | None) -> str | None:
    return None if at is None or np.isnat(at) else f"{np.datetime_as_string(at, 's')}Z"


def _line(item: Evidence, known: frozenset[str], lang: str) -> Mapping[str, str]:
    gone = missing(item, known)
    where = item.object_id or text("evidence_said.place", lang)
    if "no_place" in gone:
        where = text("evidence_said.nowhere", lang)
    elif "unknown_object" in gone:
        where = f"{item.object_id} ({text('evidence_said.unknown', lang)})"
    event = "" if item.event_lo is None else str(item.event_lo.astype("datetime64[D]"))
    words = catalogue(lang)
    kind = f"evidence.{item.kind}"
    return {
        "id": item.id, "kind": words.text(kind) if words.has(kind) else item.kind, "where": where,
        "status": words.text(f"window.evidence_panel.{item.status}"),
        "p": f"{item.p_change:g}", "event": event or text("evidence_said.undated", lang),
    }  # fmt: skip


@evidence_app.command("dismiss")
def dismiss(
    project: ProjectFile, ids: Ids, note: Note = "", as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Dismiss evidence that tells of no change; the note says why."""
    _move(project, "evidence.dismiss", ids, note, as_json, lang)


@evidence_app.command("consume")
def consume(
    project: ProjectFile, ids: Ids, note: Note = "", as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Mark evidence as used: the data show the change now."""
    _move(project, "evidence.consume", ids, note, as_json, lang)


@evidence_app.command("reopen")
def reopen(
    project: ProjectFile, ids: Ids, note: Note = "", as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Open evidence again."""
    _move(project, "evidence.reopen", ids, note, as_json, lang)


@evidence_app.command("newer")
def newer(  # noqa: PLR0913  the options of a verb
    project: ProjectFile,
    file: NewerFile,
    layer: LayerId = "",
    event: Event = "",
    crs: System = "",
    dry_run: Dry = False,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Compare newer outlines with the city; what changed, is gone or new becomes evidence."""
    check(Opening(crs=crs, lang=lang))
    session = _with_records(project, lang)
    try:
        found = hints(session, file, layer, event, crs)
        edit, new = evidence_edit(session.twin, EvidenceRead(found.records, NO_COLUMNS))
        if not dry_run:
            session.do("evidence.import", edit)
        count = len(found.records)
        facts = {"count": count, "new": new, "known": count - new, "beyond": found.beyond}
        if as_json:
            told = {"file": file, "dry_run": dry_run, **facts, "buckets": dict(found.counts)}
            print(orjson.dumps(told).decode())
            return
        buckets = ", ".join(f"{name} {n}" for name, n in found.counts.items()) or "-"
        print(text("evidence_said.newer", lang, file=file, buckets=buckets, **facts))
    finally:
        session.close()


def _move(
    project: Path, name: str, ids: Sequence[str], note: str, as_json: bool, lang: str
) -> None:
    session = _with_records(project, lang)
    try:
        records = session.twin.records["evidence"]
        gone = [key for key in ids if key not in records]
        if gone:
            raise UsageError(reason=f"{project}: there is no evidence {', '.join(gone)}")
        for key in ids:
            session.run(name, id=key, note=note)
        moved = [records[key] for key in ids]
        if as_json:
            told = [{"id": item.id, "status": item.status, "note": item.note} for item in moved]
            print(orjson.dumps({"evidence": told}).decode())
        else:
            print(text("evidence_said.done", lang, count=len(ids), status=moved[0].status))
    finally:
        session.close()
