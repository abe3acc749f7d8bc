"""Takes the picture of the README from the running window.

Usage: python scripts/take_picture.py docs/images/window.png [light|dark] [1600x900]
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from twin.settings import Settings
from ui.app import App

QUIET = 1.5
"""Seconds without a job after which the picture counts as complete."""
LONGEST = 60.0


def main() -> int:
    """Open the sample city, wait until everything is in, grab the window."""
    target, theme, size = [*sys.argv[1:4], *("light", "1600x900")[len(sys.argv) - 2 :]][:3]
    app = App(replace(Settings(), theme=theme))
    width, height = (int(n) for n in size.split("x"))
    app.window.resize(width, height)
    app.show()
    app.window.handlers.open_demo()
    begun = quiet = time.monotonic()
    while time.monotonic() < quiet + QUIET:
        app.qt.processEvents()
        now = time.monotonic()
        if now > begun + LONGEST:
            return 1
        if app.session.jobs.pending or now < begun + 2 * QUIET:
            quiet = now
        time.sleep(0.005)
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    done = app.window.grab().save(target)
    app.close()
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
