"""The verb ``import``: sources into a project."""

from pathlib import Path
from typing import Annotated

import typer

from twin.errors import StoreError
from twin.messages import text
from twin.opening import PROJECT
from twin.records import Delivery
from twin.session import Session
from ui.cli.delivering import deliver, record
from ui.cli.loading import Silent, complain, fresh_session, settle, source_ref
from ui.cli.opening import RULES, SOURCE, Opening, Paths, opening_options

Project = Annotated[Path, typer.Option("--project", help="The project, P.twin.gpkg.")]
Dataset = Annotated[str, typer.Option("--dataset", help="The dataset this is a new delivery of.")]


@opening_options(*RULES, *SOURCE, "at")
def import_(
    paths: Paths,
    project: Project,
    opening: Opening,
    dataset: Dataset = "",
) -> None:
    """Add sources to a project (made where there is none); the sources are only read.

    With ``--dataset`` they are a new delivery of it: it takes the place of the one before, which stays on
    record. ``--at`` is when it was received.
    """
    if not str(project).lower().endswith(PROJECT):
        raise StoreError(location=str(project), reason=f"a project's name ends with {PROJECT}")
    session = fresh_session(opening)
    try:
        if project.exists():
            session.open(str(project))
            settle(session)
        before = len(session.twin.layers)
        came = _took_in(session, project, paths, dataset, opening)
        added = len(session.twin.layers) - before
        if added <= 0 and came is None and session.errors:
            raise Silent(session.errors[0][1])
    finally:
        session.close()
    if came is not None:
        facts = {"path": project, "delivery": came.id, "objects": came.objects}
        print(text("orders.cli.delivered", opening.lang, **facts))
    print(f"{project}: {added} sources added, {before + added} in all")


def _took_in(
    session: Session, project: Path, paths: Paths, dataset: str, opening: Opening
) -> Delivery | None:
    """Open sources in the project, made where there is none; return the delivery they are, if one."""
    if dataset:
        deliver(session, paths, dataset, opening)
    for path in () if dataset else paths:
        session.open(path, source_ref(path, opening))
    settle(session)
    complain(session)
    if session.project_path is None and session.twin.layers:
        session.save_as(project)
    settle(session)
    return record(session, paths, dataset, session.at) if dataset else None
