"""The verbs ``import`` and ``journal``: sources into a project, and the check of its hash chain."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import orjson
import typer

from twin.errors import StoreError
from twin.opening import PROJECT
from twin.store.project_file import open_project
from ui.cli.loading import (
    AsJson,
    Choices,
    Custodians,
    Lang,
    Lod,
    Mapping,
    Opening,
    Paths,
    Policy,
    Silent,
    System,
    complain,
    fresh_session,
    settle,
    source_ref,
)  # fmt: skip

Project = Annotated[Path, typer.Option("--project", help="The project, P.twin.gpkg.")]
Dataset = Annotated[str, typer.Option("--dataset", help="The dataset this is a new delivery of.")]
ProjectFile = Annotated[Path, typer.Argument(help="A project, P.twin.gpkg.")]

journal_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def import_(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    project: Project,
    dataset: Dataset = "",
    policy: Policy = "",
    custodians: Custodians = "",
    mapping: Mapping = "",
    crs: System = "",
    vertical: System = "",
    lod: Lod = "",
    option: Choices = None,
    lang: Lang = "en",
) -> None:
    """Add sources to a project (made where there is none); the sources are only read."""
    if not str(project).lower().endswith(PROJECT):
        raise StoreError(location=str(project), reason=f"a project's name ends with {PROJECT}")
    opening = Opening(
        policy, custodians, "", mapping, crs, vertical, lod, lang, options=option or ()
    )
    session = fresh_session(opening)
    try:
        if project.exists():
            session.open(str(project))
            settle(session)
        before = len(session.twin.layers)
        for path in paths:
            session.open(path, replace(source_ref(path, opening), dataset=dataset))
        settle(session)
        complain(session)
        added = len(session.twin.layers) - before
        if added <= 0 and session.errors:
            raise Silent(session.errors[0][1])
        if session.project_path is None:
            session.save_as(project)
        settle(session)
    finally:
        session.close()
    print(f"{project}: {added} sources added, {before + added} in all")


@journal_app.callback()
def _journal() -> None:
    """Check the journal of a project."""


@journal_app.command("verify")
def verify(project: ProjectFile, as_json: AsJson = False) -> None:
    """Check the hash chain of the journal; exit 1 where it is broken."""
    store = open_project(project)
    try:
        chain = store.verify()
    finally:
        store.close()
    if as_json:
        told = {
            "entries": chain.entries,
            "head": chain.head,
            "broken_at": chain.broken_at,
            "reason": chain.reason,
        }
        print(orjson.dumps(told).decode())
    elif chain:
        print(f"{project}: {chain.entries} entries, unbroken, head {chain.head[:16]}")
    else:
        print(f"{project}: broken at entry {chain.broken_at}: {chain.reason}")
    if not chain:
        raise typer.Exit(1)
