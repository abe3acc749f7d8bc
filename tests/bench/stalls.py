"""A real window that opens one location and tells, as JSON, how long its event loop stood still.

A gap is the time between two turns of the event loop less the time inside ``Render()``; the work of a
turn is the processor time of the window's thread in it, so that a busy machine can be told apart. Run as a
process of its own: ``python -m tests.bench.stalls demo|LOCATION``.
"""

import json
import os
import sys
import time
from typing import Any

from PySide6.QtCore import QTimer

from twin.settings import Settings
from ui.app import App

QUIET_SECONDS = 0.7
LIMIT_SECONDS = 90.0


class Timed:
    """A render window that adds up what ``Render`` takes."""

    def __init__(self, window: Any) -> None:
        self.window, self.seconds, self.worked = window, 0.0, 0.0

    def Render(self) -> None:  # noqa: N802
        begun, busy = time.perf_counter(), time.thread_time()
        self.window.Render()
        self.seconds += time.perf_counter() - begun
        self.worked += time.thread_time() - busy

    def __getattr__(self, name: str) -> Any:
        return getattr(self.window, name)


class Probe:
    """Notes every turn of the event loop until everything stands."""

    def __init__(self, app: App) -> None:
        self.app = app
        canvas: Any = app.view.canvas._canvas
        canvas._window = self.window = Timed(canvas._window)
        self.gaps: list[float] = []
        self.work: list[float] = []
        self.spent = 0.0
        self.seen, self.drawn = time.perf_counter(), 0.0
        self.timer, self.watch = QTimer(), QTimer()
        self.timer.timeout.connect(self.turn)
        self.watch.timeout.connect(self.look)
        self.calm = self.begun = 0.0

    def turn(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self.seen - (self.window.seconds - self.drawn))
        self.seen, self.drawn = now, self.window.seconds
        spent = time.thread_time() - self.window.worked
        self.work.append(spent - self.spent)
        self.spent = spent

    def busy(self) -> bool:
        session, view = self.app.session, self.app.view
        under_way = session.jobs.pending or session.sources.waiting or self.app.window.waiting
        standing = session.twin.layers and view.shown.complete and not view.canvas.wants_frame
        return bool(under_way or not standing)

    def look(self) -> None:
        now = time.perf_counter()
        self.calm = now if self.busy() else self.calm
        if now - self.calm > QUIET_SECONDS or now - self.begun > LIMIT_SECONDS:
            self.app.qt.quit()

    def run(self, location: str) -> dict[str, Any]:
        self.app.show()
        while self.app.view.canvas.isVisible() and time.perf_counter() - self.seen < 1.0:
            self.app.qt.processEvents()
        self.seen, self.drawn = time.perf_counter(), self.window.seconds
        self.begun = self.calm = self.seen
        self.timer.start(2)
        self.watch.start(50)
        handlers = self.app.window.handlers
        handlers.open_demo() if location == "demo" else handlers.open_path(location)
        self.app.qt.exec()
        layers = self.app.session.twin.layers.values()
        return {
            "worst_ms": 1000 * max(self.gaps),
            "worst_work_ms": 1000 * max(self.work[1:]),
            "turns": len(self.gaps),
            "seconds": time.perf_counter() - self.begun,
            "objects": sum(len(layer.features) for layer in layers),
            "errors": [str(error) for _, error in self.app.session.errors],
        }


def main() -> None:
    app = App(Settings())
    found = Probe(app).run(sys.argv[1])
    print(json.dumps(found), flush=True)
    app.close()
    os._exit(0)


if __name__ == "__main__":
    main()
