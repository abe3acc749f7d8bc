"""Take the pictures of the running window: sizes, themes, languages and states, into a folder.

Run with a display (or under xvfb-run): ``python scripts/take_screens.py FOLDER [--quick]``.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("CITYTWIN_CONFIG_DIR", tempfile.mkdtemp())
os.environ.setdefault("CITYTWIN_AUTOSAVE_FOLDER", tempfile.mkdtemp())

import numpy as np

from twin.observations import STATUSES
from twin.settings import load
from ui.app import App
from ui.forms import SettingsDialog
from ui.panels.cheat_sheet import CheatSheet
from ui.panels.command_palette import CommandPalette
from ui.panels.mapping_dialog import MappingDialog
from ui.panels.swap_dialog import SwapDialog

SHOTS = (
    ("1920x1080", "dark", "en"),
    ("1280x720", "light", "zh"),
    ("1920x1080", "light", "en"),
    ("1280x720", "dark", "en"),
)
MOST_SECONDS = 90.0


class Camera:
    """One window, one set of pictures."""

    def __init__(self, folder: Path, size: str, theme: str, language: str) -> None:
        width, height = (int(part) for part in size.split("x"))
        self.prefix = folder / f"{size}-{theme}-{language}"
        self.app = App(load({"theme": theme, "language": language}))
        self.app.window.resize(width, height)
        self.app.show()

    def until(self, done: Callable[[], bool]) -> None:
        """Run the window until something is so."""
        end = time.monotonic() + MOST_SECONDS
        while not done() and time.monotonic() < end:
            self.app.qt.processEvents()

    def rest(self) -> None:
        """Run the window until nothing moves any more."""
        view = self.app.view
        self.until(
            lambda: (
                not self.app.session.jobs.pending
                and not self.app.window.stale
                and not self.app.window.waiting
                and view.shown.complete
                and not view.canvas.moving
                and not view.canvas.wants_frame
            )
        )

    def take(self, name: str) -> None:
        """Write one picture."""
        path = Path(f"{self.prefix}-{name}.png")
        settled = time.monotonic() + 0.3  # panels say ten times a second what runs
        self.until(lambda: time.monotonic() > settled)
        self.app.window.grab().save(str(path))
        print(path)

    def states(self) -> None:
        """Empty, loading, loaded, selected, attributes, filtered, dialogs."""
        window, session = self.app.window, self.app.session
        self.until(lambda: not window.stale and not window.waiting)
        self.take("empty")
        window.handlers.open_demo()
        self.until(lambda: bool(session.jobs_running()))
        window.tick(time.monotonic())
        self.take("loading")
        self.until(lambda: len(session.twin.layers) >= 4)
        self.rest()
        self.take("loaded")
        layer = session.twin.layer("delft")
        stale = layer.assessment.status == STATUSES.index("stale")
        rows = np.flatnonzero(stale & (layer.features["kind"] == "Building")).astype(np.int32)
        high = rows[np.argmax(layer.features.bounds[rows, 5])]
        window.desk.select("delft", int(high))
        window.handlers.fit()
        self.rest()
        self.take("selected")
        window.docks[2].turn("attributes")
        self.rest()
        self.take("attributes")
        window.desk.act("layers.page", "delft_tileset")
        self.rest()
        self.take("layer")
        for name in ("debug.hud", "debug.boxes"):
            window.acts.by_name[name].trigger()
        self.rest()
        self.take("streaming")
        for name in ("debug.hud", "debug.boxes"):
            window.acts.by_name[name].trigger()
        window.docks[2].turn("passport")
        session.select({}, "replace")
        self.app.view.home()
        window.legend.choose("stale")
        self.rest()
        self.take("freshness")
        window.legend.choose("stale")
        window.desk.run("view.color_by", column="custodian")
        self.rest()
        self.take("custodians")
        window.desk.run("view.color_by", column="freshness")
        self.dialogs()

    def dialogs(self) -> None:
        """Settings, keys, palette, the dialogs of a layer, log with an error."""
        window = self.app.window
        layer = self.app.session.twin.layer("delft_tileset")
        for name, dialog in (
            ("settings", SettingsDialog(window.desk, window, window.handlers.change)),
            ("keys", CheatSheet(window.desk, window)),
            ("palette", CommandPalette(window.desk, window, window.choices())),
            ("swap", SwapDialog(window.desk, window, layer)),
            ("mapping", MappingDialog(window.desk, window, layer)),
        ):
            dialog.show()
            self.until(dialog.isVisible)
            self.app.qt.processEvents()
            dialog.grab().save(f"{self.prefix}-dialog-{name}.png")
            dialog.close()
        window.handlers.open_path("moved-away.city.json")
        self.until(window.toast.isVisible)
        window.show_log()
        self.rest()
        self.take("error")


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screens")
    folder.mkdir(parents=True, exist_ok=True)
    shots = SHOTS[:2] if "--quick" in sys.argv else SHOTS
    for size, theme, language in shots:
        camera = Camera(folder, size, theme, language)
        camera.states()
        camera.app.close()


if __name__ == "__main__":
    main()
