"""What a format offers on the page of a layer, driven as a person would drive it."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from tests.twin.test_options import rooms
from tests.ui.conftest import WAIT, Make

pytestmark = pytest.mark.qt


def test_spaces_are_switched_on_and_undo_takes_it_back(
    make_app: Make, tmp_path: Path, qtbot: QtBot
) -> None:
    app = make_app()
    session, desk = app.session, app.window.desk
    session.open(rooms(tmp_path))
    qtbot.waitUntil(lambda: "rooms" in session.twin.layers, timeout=WAIT)
    desk.act("layers.page", "rooms")
    form = app.window.layer_page.options
    box = form.fields["spaces"]
    assert isinstance(box, QCheckBox)
    assert not box.isChecked()
    box.click()
    assert session.twin.layer("rooms").source.options == (("spaces", "on"),)
    first = session.screen.streams["rooms"]
    qtbot.waitUntil(lambda: session.screen.streams["rooms"] is not first, timeout=WAIT)
    assert "Not drawn" in session.twin.layer("rooms").features.columns
    desk.act("edit.undo")
    qtbot.waitUntil(lambda: not box.isChecked(), timeout=WAIT)
    assert session.twin.layer("rooms").source.options == ()


def test_a_format_that_offers_nothing_shows_nothing(
    make_app: Make, qtbot: QtBot, tiny: Path
) -> None:
    app = make_app()
    app.session.open(str(tiny / "delft_tiny.city.json"))
    qtbot.waitUntil(lambda: bool(app.session.twin.layers), timeout=WAIT)
    app.window.desk.act("layers.page", next(iter(app.session.twin.layers)))
    assert not app.window.layer_page.options.isVisible()
