"""Options that cut a picture open: a section saved in the project, planes by numbers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from twin.commands.sections import parse_planes, section_named
from twin.errors import UsageError
from twin.records import Section
from twin.session import Session

Named = Annotated[
    str,
    typer.Option(
        "--section", help="Cut by this saved section (id or title) and no other; '-' = none."
    ),
]
Planes = Annotated[
    list[str] | None,
    typer.Option(
        "--section-plane", help="Cut away what lies on the side of nx,ny,nz: X,Y,Z,NX,NY,NZ."
    ),
]
TYPED = "--section-plane"


def cut(session: Session, name: str, planes: Sequence[str]) -> None:
    """Let sections cut this picture; nothing is saved. Raises UsageError."""
    saved = session.twin.records["sections"]
    draft: dict[str, Section] = {}
    if name:
        found = section_named(saved.values(), name)
        if found is None and name != "-":
            known = ", ".join(section.title for section in saved.values()) or "-"
            raise UsageError(reason=f"--section {name!r} is none of: {known}")
        draft = {key: replace(section, visible=section is found) for key, section in saved.items()}
    if planes:
        draft[TYPED] = Section(TYPED, TYPED, parse_planes(";".join(planes)))
    session.sectioning.set_draft(draft)
