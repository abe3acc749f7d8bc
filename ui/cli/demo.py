"""The verb ``demo``: the sample city in the window; without a display as a picture and an audit."""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from twin.maintenance.exports import written
from twin.maintenance.exports.options import Options
from twin.settings import load
from ui.cli.loading import complain, fresh_session, settle
from ui.cli.opening import Lang, Opening

Out = Annotated[Path, typer.Option("--out", help="The picture, where there is no display.")]


def demo_(out: Out = Path("citytwin-demo.png"), lang: Lang = "") -> None:
    """Open the sample city: coloured by freshness, with custodians, policy and evidence."""
    settings = load({"language": lang} if lang else None)
    if has_display():
        gc.disable()  # nothing is garbage yet, and then the window collects on its own thread
        from ui.app import run

        raise typer.Exit(run((), settings, demo=True))
    print(f"There is no display: writing {out} and the audit instead.", file=sys.stderr)
    session = fresh_session(Opening(lang=settings.language))
    session.open_demo()
    settle(session)
    session.index()
    complain(session)
    if not session.twin.layers:
        session.close()
        raise typer.Exit(2)
    from ui.cli.render import draw_session

    session.run("view.color_by", column="freshness")
    draw_session(session, out)
    audit = written(session.audit(), "text", Options(language=settings.language))
    sys.stdout.write(audit.decode())
    print(out)
    session.close()


def has_display() -> bool:
    """Return whether a window can be shown: always on Windows and macOS, elsewhere with a display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
