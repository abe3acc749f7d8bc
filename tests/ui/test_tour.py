"""The tour of the window: every stop points at something, the keyboard suffices, and it is offered once."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, Make
from twin.settings import load
from ui.app import App
from ui.tour import STOPS, Tour

pytestmark = [pytest.mark.qt, pytest.mark.render]


def tour_of(app: App) -> Tour:
    return app.window.findChildren(Tour)[-1]


def test_the_tour_begins_by_itself_with_the_first_city_and_never_again(
    make_app: Make, qtbot: QtBot
) -> None:
    app = make_app()
    app.tour_due = True
    app.window.handlers.open_demo()
    qtbot.waitUntil(lambda: bool(app.window.findChildren(Tour)), timeout=WAIT)
    tour = tour_of(app)
    assert len(tour.stops) >= 5
    seen = []
    for _ in tour.stops:
        lit = tour.lit()
        assert lit.width() > 20
        assert lit.height() > 20
        assert tour.rect().contains(tour.card.geometry())
        seen.append(tour.title.text())
        qtbot.keyClick(tour, Qt.Key.Key_Right)  # type: ignore[no-untyped-call]
    assert len(set(seen)) == len(tour.stops)
    assert tour.isHidden()
    assert app.session.settings.tour_seen
    assert load().tour_seen
    app.window.acts.do("help.tour")  # asked for, it comes again; Esc leaves
    qtbot.keyClick(tour_of(app), Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    assert tour_of(app).isHidden()


def test_every_stop_has_its_words() -> None:
    names = [stop.name for stop in STOPS]
    assert len(set(names)) == len(names)
