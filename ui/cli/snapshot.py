"""The verb ``snapshot``: the totals of a project's audit, stored for the trend."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from twin.auditing import SNAPSHOTS, kept_as_snapshot
from twin.errors import StoreError
from twin.opening import PROJECT
from twin.session import Session
from ui.cli.loading import complain, fresh_session, opened
from ui.cli.opening import AsJson, At, Lang, Opening

ProjectFile = Annotated[Path, typer.Argument(help="A project, P.twin.gpkg.")]


def snapshot_(
    project: ProjectFile, at: At = "", as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Store the totals at a date, with the rules that applied; a second one of a day replaces the first."""
    if not str(project).lower().endswith(PROJECT):
        raise StoreError(location=str(project), reason=f"a project's name ends with {PROJECT}")
    opening = Opening(lang=lang, at=at)
    fresh_session(opening).close()  # wrong options are told before the project is touched
    session = opened([str(project)], opening)
    try:
        said = _stored(session)
    finally:
        session.close()
    complain(session)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")
        return
    words = session.words
    units = said["totals_units"]
    print(
        words.text(
            "audit.stored_again" if said["replaced"] else "audit.stored",
            day=said["day"], units=units["objects"], fresh=units["fresh"], stale=units["stale"],
            unknown=units["unknown"], count=said["snapshots"],
        )
    )  # fmt: skip


def _stored(session: Session) -> dict[str, Any]:
    if session.project_path is None:
        raise StoreError(location="", reason="no project is open")
    edit = kept_as_snapshot(session.audit())
    kept = session.twin.records[SNAPSHOTS]
    replaced = edit.day in kept
    session.do("snapshots.take", edit)
    document = edit.document or {}
    return {"day": edit.day, "replaced": replaced, "snapshots": len(kept), **document}
