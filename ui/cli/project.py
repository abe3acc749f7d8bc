"""The verb ``import``: sources into a project."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from twin.errors import StoreError
from twin.opening import PROJECT
from ui.cli.loading import (
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
