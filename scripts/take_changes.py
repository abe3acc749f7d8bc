"""Take the picture of docs/changes.md: two deliveries of a city side by side, what differs below.

Run with a display (or under xvfb-run, or with QT_QPA_PLATFORM=offscreen): ``python scripts/take_changes.py
FOLDER OLD NEW [--theme light|dark] [--language en|zh] [--size 1280x720]``.
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("CITYTWIN_CONFIG_DIR", tempfile.mkdtemp())
os.environ.setdefault("CITYTWIN_AUTOSAVE_FOLDER", tempfile.mkdtemp())

from PySide6.QtWidgets import QToolButton

from scripts.take_screens import Camera
from ui.panels.differences import DifferencesPanel
from ui.viewport.comparison import WAYS

AROUND = 60.0
"""Metres shown round the first object that changed."""


def comparison(camera: Camera, old: Path, new: Path) -> None:
    """Both deliveries side by side, at the first object that changed."""
    window, session = camera.app.window, camera.app.session
    for count, path in enumerate((old, new), 1):
        session.open(str(path))
        camera.until(lambda n=count: len(session.twin.layers) == n)  # type: ignore[misc]
        camera.rest()
    window.acts.do("tool.compare")
    tool = window.toolbox.tools["compare"]
    tool.list_differences()
    camera.until(lambda: session.comparison is not None and session.comparison.told)
    camera.rest()
    tool.options().findChildren(QToolButton)[WAYS.index("sides")].click()
    panel = next(x for x in window.desk.panels if isinstance(x, DifferencesPanel))
    panel._choose(0, fly=False)
    assert session.comparison is not None
    key, rows = next(iter(session.comparison.placed(panel.model.pairs[0]).items()))
    box = session.twin.layer(key).features.bounds[rows[0]].copy()
    box[:2] -= AROUND
    box[3:5] += AROUND
    camera.app.view.canvas.fit_box(box)
    camera.rest()
    camera.take("changes")
    camera.app.view.stop()


def main() -> None:
    """Take it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--theme", default="light")
    parser.add_argument("--language", default="en")
    parser.add_argument("--size", default="1280x720")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(asked.folder, asked.size, asked.theme, asked.language)
    comparison(camera, asked.old, asked.new)
    camera.app.close()


if __name__ == "__main__":
    main()
