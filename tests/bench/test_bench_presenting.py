"""The audience's window beside the drawing of the picture that it shares: it must cost no second one."""

import statistics
import time

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, ready
from twin.settings import load
from ui.app import App
from ui.presenting.presentation import Presentation

pytestmark = pytest.mark.bench
SECONDS = 3.0


def test_showing_the_picture_to_an_audience_costs_a_share_of_drawing_it(qtbot: QtBot) -> None:
    app = App(load({"audience": "window"}))
    try:
        app.show()
        app.window.handlers.open_demo()
        qtbot.waitUntil(lambda: ready(app), timeout=WAIT)
        app.window.desk.act("bookmarks.add")
        app.window.desk.act("present.start")
        shared = app.view.canvas.kept["presentation"]
        assert isinstance(shared, Presentation)
        assert shared.window is not None
        shared.window.resize(1920, 1080)
        qtbot.waitUntil(app.view.still, timeout=WAIT)
        app.view.canvas.fly_round(True)
        drawn, until = [], time.monotonic() + SECONDS
        while time.monotonic() < until:
            app.qt.processEvents()
            drawn.append(app.view.canvas.frame_ms)
        app.view.canvas.fly_round(False)
        painted = []
        for _ in range(20):
            begun = time.perf_counter()
            shared.window.repaint()
            painted.append(1000 * (time.perf_counter() - begun))
        ratio = statistics.median(painted) / statistics.median(drawn)
        print(
            f"\naudience {statistics.median(painted):.1f} ms, drawing {statistics.median(drawn):.1f} ms"
        )
        assert shared.window.image is app.view.canvas.image
        assert ratio <= 0.6  # stretching a coarse picture while moving takes most of it
    finally:
        app.close()
