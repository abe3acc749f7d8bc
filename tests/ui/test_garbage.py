"""Garbage of the window is collected on its own thread, whatever the workers do."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtWidgets import QWidget

from tests.ui.conftest import Make
from ui.garbage import Garbage

pytestmark = pytest.mark.qt


class Ring(QWidget):
    """A widget in a circle with itself: only the collector takes it apart."""

    ended_on: list[int] = []  # noqa: RUF012  what the test looks at

    def __init__(self) -> None:
        super().__init__()
        self.me = self

    def __del__(self) -> None:
        Ring.ended_on.append(threading.get_ident())


def work() -> int:
    """Make as much garbage as a worker that reads a large file."""
    for _ in range(20_000):
        pair: list[object] = []
        pair.append(pair)
    return threading.get_ident()


def test_a_worker_collects_no_widget_while_a_window_stands(make_app: Make) -> None:
    app = make_app()
    Ring.ended_on.clear()
    Ring()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(work).result()
    assert other not in Ring.ended_on
    assert not gc.isenabled()
    gc.collect()
    assert Ring.ended_on == [threading.get_ident()]
    assert app.garbage is not None


def test_young_garbage_is_collected_by_the_tick() -> None:
    garbage = Garbage()
    work()
    assert gc.get_count()[0] > gc.get_threshold()[0]
    garbage.step(still=False)
    assert gc.get_count()[0] < gc.get_threshold()[0]
    garbage.end()
