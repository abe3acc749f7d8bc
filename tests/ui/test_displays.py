"""Two displays, as Qt's offscreen platform has them: where the audience's picture and the presenter's window stand.

The platform is chosen once a process, so that another process has the two displays.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from ui.presenting.audience import AudienceWindow
from ui.presenting.displays import Displays

SCREENS = [
    {"name": "own", "x": 0, "y": 0, "width": 1600, "height": 900, "dpr": 1},
    {"name": "hall", "x": 1600, "y": 0, "width": 2560, "height": 1440, "dpr": 2},
]


def scene() -> list[object]:
    """Run in the other process: begin, unplug, plug in, swap, swap back; what was said and where things stand."""
    app = QApplication([])
    own, said, sizes = QWidget(), [], []
    own.resize(1400, 800)
    own.move(50, 40)
    own.show()
    every = sorted(QGuiApplication.screens(), key=lambda x: x.geometry().left())
    made = AudienceWindow("audience")
    made.on_size = lambda: sizes.append(made.pixels)
    found: list[object] = [[x.name() for x in every], [x.devicePixelRatio() for x in every]]
    displays = Displays("auto", own, made, lambda word, number: said.append((word, number)))

    def note() -> None:
        for _ in range(3):
            app.processEvents()
        screen = made.screen().name() if made.isVisible() else ""
        found.append([screen, own.screen().name(), displays.number, made.pixels, list(said)])
        said.clear()

    displays.screens = lambda: every
    displays.begin()
    note()
    displays.screens = lambda: every[:1]  # the hall's display is unplugged
    displays.follow()
    note()
    displays.swap()  # one display: it is covered, and free again
    note()
    displays.swap()
    note()
    displays.screens = lambda: every
    displays.follow()
    note()
    stood = own.geometry().getRect()
    for _ in range(2):
        displays.swap()
        note()
    found.append(stood == own.geometry().getRect())
    displays.end()
    for choice in ("display_1", "window"):
        other = Displays(choice, own, made, lambda word, number: None)
        other.screens = lambda: every
        other.begin()
        found.append([other.number, other.covers])
        other.end()
    return found


def test_the_audience_s_picture_follows_the_displays(tmp_path: Path) -> None:
    layout = tmp_path / "screens.json"
    layout.write_text(json.dumps({"screens": SCREENS}))
    chosen = {"QT_QPA_PLATFORM": f"offscreen:configfile={layout}", "QT_SCALE_FACTOR": "1"}
    done = subprocess.run(
        [sys.executable, __file__], env={**os.environ, **chosen}, capture_output=True, check=True
    )
    names, ratios, *stands = json.loads(done.stdout)
    assert (names, ratios) == (["own", "hall"], [1.0, 2.0])
    assert stands[0] == ["hall", "own", 2, [2560, 1440], []]
    assert stands[1] == ["", "own", -1, [2560, 1440], [["waits", -1]]]
    assert stands[2] == ["own", "own", 1, [1600, 900], [["covers", 1]]]
    assert stands[3][::4] == ["", [["waits", -1]]]
    assert stands[4] == ["hall", "own", 2, [2560, 1440], [["moved", 2]]]
    assert stands[5] == ["own", "hall", 1, [1600, 900], [["swapped", 1]]]
    assert stands[6] == ["hall", "own", 2, [2560, 1440], [["swapped", 2]]]
    assert stands[7:] == [
        True,
        [1, True],
        [0, False],
    ]  # back where it stood; what the setting says


if __name__ == "__main__":
    print(json.dumps(scene()))
