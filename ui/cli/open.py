"""The verb ``open``: the window."""

import gc
from typing import Annotated

import typer

from twin.settings import load

Locations = Annotated[list[str] | None, typer.Argument(help="Files, folders, a project.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="A setting, name=value.")]


def open_(paths: Locations = None, set_: Set = None) -> None:
    """Open the window with files, folders or a project."""
    gc.disable()  # nothing is garbage yet, and then the window collects on its own thread
    from ui.app import run

    pairs = [item.partition("=") for item in set_ or []]
    settings = load({name: value for name, _, value in pairs})
    raise typer.Exit(run(paths or [], settings))
