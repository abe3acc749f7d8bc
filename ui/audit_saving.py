"""Asks where the audit goes and writes it in any format, on a worker; what comes of it is told."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from twin.auditing import FORMATS, PutSnapshot, kept_as_snapshot, written
from twin.errors import TwinError
from twin.jobs import Feedback, Outcome
from twin.maintenance.audit import Audit
from twin.maintenance.exports.options import Options
from twin.records import Problem
from ui.desk import Desk

OFFERED = ("xlsx", "pdf", "csv", "gpkg", "json", "iso19115", "dcat", "text")
"""The formats in the order of the menu."""


def save_audit(desk: Desk, parent: QWidget, form: str) -> None:
    """Ask for a file and begin to write the audit of everything that is open."""
    export = FORMATS[form]
    title = desk.say(f"audit.{form}")
    name = f"{desk.say('audit.file')}{export.suffix}"
    filters = f"{title.rstrip('…')} (*{export.suffix})"
    path, _ = QFileDialog.getSaveFileName(parent, title, name, filters)
    if path:
        write_audit(desk, Path(path), form)


def write_audit(desk: Desk, path: Path, form: str) -> None:
    """Begin to write the audit as things are now; the window goes on meanwhile."""
    work = partial(_work, desk.session.audit_work(), form, desk.words.language, path)
    desk.session.jobs.submit(work, partial(_done, desk, path), title=desk.say("audit.making"))


def _work(
    make: Callable[[], Audit], form: str, language: str, path: Path, feedback: Feedback
) -> list[Problem]:
    told: list[Problem] = []
    content = written(make(), form, Options(language, bom=form == "csv", told=told.append))
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return told


def _done(desk: Desk, path: Path, outcome: Outcome) -> None:
    if outcome.error is not None:
        reason = desk.error_text(outcome.error) if isinstance(outcome.error, TwinError) else str(outcome.error)  # fmt: skip
        desk.tell(desk.say("save_failed", path=str(path), reason=reason), "error")
        return
    for problem in outcome.value:
        desk.tell(problem.said(desk.words.language), "caution")
    desk.tell(desk.say("saved_to", path=str(path)), "info")


def take_snapshot(desk: Desk) -> None:
    """Begin to keep the totals as they are now for the trend: one step that can be undone."""
    work = partial(_snapshot, desk.session.audit_work())
    desk.session.jobs.submit(work, partial(_kept, desk), title=desk.say("audit.making"))


def _snapshot(make: Callable[[], Audit], feedback: Feedback) -> PutSnapshot:
    return kept_as_snapshot(make())


def _kept(desk: Desk, outcome: Outcome) -> None:
    if outcome.error is not None:
        desk.tell(str(outcome.error), "error")
        return
    edit: PutSnapshot = outcome.value
    desk.session.do("snapshots.take", edit)
    desk.tell(desk.say("audit.snapshot_kept", day=edit.day), "info")
