"""The composition root of the window, and the only timer of the program."""

import gc
import logging
import sys
import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from twin.session import Session
from twin.settings import Settings, autosave_folder, load
from twin.store import sweep
from ui.city_view import CityView
from ui.garbage import Garbage
from ui.monthly import Monthly
from ui.panels.log import RING
from ui.theme import STYLED
from ui.window import Window

TICK_MS = 16
SLICE = 0.004
"""Seconds a tick may spend on taking in what workers brought."""
LONG = 0.03
"""Seconds after which a tick leaves the picture to the next turn of the event loop, once."""

KEPT_DAYS = 30.0
"""Unsaved work that nobody asked for in so many days is deleted when the window opens."""


class App:
    """One session, one view, one window, one timer."""

    def __init__(self, settings: Settings | None = None, session: Session | None = None) -> None:
        self.qt = application()
        logging.getLogger().addHandler(RING)
        self.session = session or Session(settings or load())
        self.session.keeper.folder = autosave_folder(self.session.settings)
        sweep(self.session.keeper.folder, KEPT_DAYS)
        self.view = CityView(self.session)
        self.window = Window(self.session, self.view)
        self.timer = QTimer()
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self.tick)
        self.garbage = Garbage()
        self.monthly = Monthly(self.session)
        self.worst_ms = 0.0
        self.tour_due = False
        self._arrived = self._put_off = False

    def show(self) -> None:
        """Show the window and start the clock."""
        self.window.show()
        self.timer.start()

    def tick(self) -> None:
        """Drain, frame, render if needed, repaint what is stale."""
        begun = time.monotonic()
        self._arrived |= self.session.drain(SLICE)
        self.window.tick(begun)
        if time.monotonic() - begun > LONG and not self._put_off:
            self._put_off = True  # the picture comes with the next turn: people are heard first
            return
        self._put_off = False
        if self.window.isVisible():
            arrived, self._arrived = self._arrived, False
            if self.view.tick(arrived):
                self.window.show_frame()
            self.session.index_quietly(self.view.still())
            self.monthly.step()
            self._offer_tour()
        self.garbage.step(still=self.view.still())
        self.worst_ms = max(self.worst_ms, 1000 * (time.monotonic() - begun))

    def _offer_tour(self) -> None:
        """Begin the tour when a city stands there whole for the first time."""
        if self.tour_due and self.session.twin.layers and self.view.still():
            self.tour_due = False
            self.window.acts.do("help.tour")

    def close(self) -> None:
        """End the timer, the work and the graphics."""
        self.timer.stop()
        self.window.close()
        self.view.close()
        self.session.close()
        self.garbage.end()
        logging.getLogger().removeHandler(RING)


def application() -> QApplication:
    """Return the Qt application, made once."""
    there = QApplication.instance()
    if isinstance(there, QApplication):
        return there
    QCoreApplication.setApplicationName("CityTwin")
    QCoreApplication.setOrganizationName("CityTwin")
    made = QApplication([*sys.argv[:1], "-style", "fusion"])
    made.setProperty(STYLED, True)
    made.setWindowIcon(QIcon())
    return made


def run(
    locations: Sequence[str] = (), settings: Settings | None = None, *, demo: bool = False
) -> int:
    """Open the window with locations (or the sample city) and return the exit code."""
    app = App(settings)
    app.show()
    gc.freeze()  # modules and widgets live to the end: no collection walks them again
    app.tour_due = not app.session.settings.tour_seen
    if demo:
        app.window.handlers.open_demo()
    for location in locations:
        app.window.handlers.open_path(location)
    try:
        return app.qt.exec()
    finally:
        app.close()
