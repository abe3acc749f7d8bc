"""Takes the pictures of the documents from the running window.

Usage: python scripts/take_picture.py TARGET.png [light|dark] [1600x900] [en|zh] [ADDRESS]

Without an address it is the sample city (in Chinese with a building selected, as the manual has it),
else that source in its own colours with its page, the streaming numbers and the boxes of its tiles.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from twin.settings import Settings
from ui.app import App

QUIET = 1.5
"""Seconds without a job after which the picture counts as complete."""
LONGEST = 60.0
USUAL = ("light", "1600x900", "en", "")


def main() -> int:
    """Open, wait until everything is in, show what the picture is about, grab the window."""
    target, given = sys.argv[1], sys.argv[2:]
    theme, size, language, address = (*given, *USUAL[len(given) :])
    chosen = replace(Settings(), theme=theme, language=language)
    app = App(replace(chosen, show_hud=bool(address), show_tile_boxes=bool(address)))
    width, height = (int(n) for n in size.split("x"))
    app.window.resize(width, height)
    app.show()
    if address:
        app.window.handlers.open_path(address)
    else:
        app.window.handlers.open_demo()
    done = rested(app) and save(app, target, lambda: show(app, address, language))
    app.close()
    return 0 if done else 1


def show(app: App, address: str, language: str) -> None:
    """Show the page of the source, or a late building."""
    window, layers = app.window, app.session.twin.layers
    if address:
        window.desk.run("view.color_by", column="")
        window.desk.act("layers.page", next(iter(layers)))
    elif language == "zh":
        verdict = layers["delft"].assessment
        rows = np.flatnonzero(verdict.suspect).astype(np.int32)
        window.desk.select("delft", int(rows[np.argmax(layers["delft"].features.bounds[rows, 5])]))
        window.handlers.fit()


def rested(app: App) -> bool:
    """Run the window until nothing has happened for a while; return whether that came."""
    begun = quiet = time.monotonic()
    while time.monotonic() < quiet + QUIET:
        app.qt.processEvents()
        now = time.monotonic()
        if now > begun + LONGEST:
            return False
        if app.session.jobs.pending or now < begun + 2 * QUIET:
            quiet = now
        time.sleep(0.005)
    return True


def save(app: App, target: str, last: Callable[[], None]) -> bool:
    """Do the last thing, wait, and write the window with a palette: a third of the size."""
    last()
    if not rested(app):
        return False
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    if not app.window.grab().save(target):
        return False
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(target, optimize=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
