"""The real window with the real sample city, opened once for the tests that only look."""

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from twin.settings import load
from ui.app import App
from ui.panels.freshness_rows import Wanted

Make = Callable[..., App]
WAIT = 60_000
"""Milliseconds a condition may take on a busy machine; the tests wait for conditions, never for time."""


@pytest.fixture
def make_app(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return a function that shows a window with settings, in a home of the test's own."""
    monkeypatch.setenv("CITYTWIN_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("CITYTWIN_AUTOSAVE_FOLDER", str(tmp_path / "autosave"))
    made: list[App] = []

    def make(**values: object) -> App:
        app = App(load({"theme": "dark", **values}))
        made.append(app)
        app.show()
        qtbot.waitUntil(app.window.isVisible, timeout=WAIT)
        return app

    yield make
    while made:
        app = made.pop()
        app.close()
        app.window.deleteLater()  # a window that stays is styled again with every other one
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture(scope="module")
def sample_city(qapp: QApplication) -> Iterator[App]:
    """Open the sample city once for the tests of a file."""
    app = App(load({"theme": "dark"}))
    app.show()
    app.window.handlers.open_demo()
    until = time.monotonic() + WAIT / 1000
    while not ready(app) and time.monotonic() < until:
        qapp.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    assert ready(app)
    yield app
    app.close()
    app.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def city(sample_city: App, qtbot: QtBot) -> App:
    """Return the window with the sample city as it is after opening."""
    session, window = sample_city.session, sample_city.window
    session.select({}, "replace")
    session.set_filter(())
    window.desk.run("objects.show_all")
    window.desk.run("view.color_by", column="freshness")
    window.freshness.model.wanted = Wanted()
    window.toast.dismiss()
    sample_city.view.stop()
    qtbot.waitUntil(lambda: ready(sample_city), timeout=WAIT)
    return sample_city


def ready(app: App) -> bool:
    """Return whether the sample city stands there, judged and drawn."""
    session = app.session
    judged = [x for x in session.twin.layers.values() if len(x.assessment.rules)]
    return (
        len(session.twin.layers) == 4
        and len(judged) >= 2
        and not session.jobs.pending
        and app.view.shown.complete
        and not app.window.stale
        and not app.window.waiting
    )
