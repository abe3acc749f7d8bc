"""The page of a layer, driven as a person would drive it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.loaders.gltf_files import legacy
from tests.ui.conftest import WAIT, Make
from twin.georeference import ProjectFrame
from twin.records import PLAIN
from ui.app import App
from ui.panels.log import Entry
from ui.panels.swap_dialog import SwapDialog

pytestmark = pytest.mark.qt


def settle(app: App, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.window.stale and not app.window.waiting, timeout=WAIT)


def test_the_page_of_a_layer_changes_how_it_is_shown_and_undo_takes_it_back(
    city: App, qtbot: QtBot
) -> None:
    window, session = city.window, city.session
    window.desk.act("layers.page", "delft")
    settle(city, qtbot)
    page = window.layer_page
    assert window.docks[2].shown == "layer"
    assert page.title.text == session.twin.layer("delft").title
    assert not page.points.isVisible()
    page.form.opacity.setValue(40)
    page.form.offset.setValue(-2.5)
    page.form.error.setValue(4.0)
    display = session.twin.layer("delft").display
    assert (display.opacity, display.height_offset, display.max_error) == (0.4, -2.5, 4.0)
    qtbot.waitUntil(
        lambda: "delft" in city.view.shown.layers and city.view.shown.layers["delft"].lift == -2.5,
        timeout=WAIT,
    )
    for _ in range(3):
        window.desk.act("edit.undo")
    settle(city, qtbot)
    assert session.twin.layer("delft").display == PLAIN
    qtbot.waitUntil(lambda: page.form.opacity.value() == 100, timeout=WAIT)


def test_every_field_of_the_form_is_as_high_as_the_others_and_its_text_keeps_clear_of_the_edge(
    city: App, qtbot: QtBot
) -> None:
    city.window.desk.act("layers.page", "delft")
    form = city.window.layer_page.form
    numbers = (form.error, form.budget, form.opacity, form.offset)
    assert {x.height() for x in (*numbers, form.color)} == {28}
    assert all(x.lineEdit().textMargins().left() >= 6 for x in numbers)


def test_in_the_smallest_window_nothing_of_page_and_strip_is_cut_off(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    before = window.size()
    window.resize(window.minimumSize())
    window.desk.act("layers.page", "delft")
    settle(city, qtbot)
    form, strip = window.layer_page.form, window.strip.as_of
    room = window.layer_page.stack.width()
    shown = [form.error, form.budget, form.opacity, form.offset, form.color, form.reset]
    rights = [x.mapTo(window.layer_page, x.rect().topRight()).x() for x in shown]
    assert max(rights) < room
    boxes = [x.geometry() for x in (*strip.findChildren(QToolButton), strip.date)]
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    assert not strip.line.isVisible()
    bottom, right = (window.docks[n].geometry() for n in (3, 2))
    assert not bottom.intersects(right)
    window.resize(1600, 1000)
    qtbot.waitUntil(strip.line.isVisible, timeout=WAIT)
    window.resize(before)


def test_the_page_says_what_the_layer_is_and_a_selection_brings_the_passport_back(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    window.desk.act("layers.page", "delft_tileset")
    settle(city, qtbot)
    words = window.layer_page.sheet.accessibleDescription()
    assert "System in the file: EPSG:4978" in words
    assert "Tiles with content: 9" in words
    text = window.handlers.of_layers.problems_text()
    assert text.startswith("layer,address,code,place,text")
    assert "heights.grid" in text or "cityjson." in text
    window.desk.select("delft", 3)
    qtbot.waitUntil(lambda: window.docks[2].shown == "passport", timeout=WAIT)


def test_a_layer_gets_another_address_keeps_what_was_decided_and_undo_brings_the_old_one(
    make_app: Make, qtbot: QtBot, tiny: Path, tmp_path: Path
) -> None:
    app = make_app()
    window, session = app.window, app.session
    first, second = tiny / "delft_tiny.city.json", tmp_path / "delivered.city.json"
    second.write_bytes(first.read_bytes())
    window.handlers.open_path(str(first))
    qtbot.waitUntil(lambda: bool(session.twin.layers), timeout=WAIT)
    key = next(iter(session.twin.layers))
    before = session.twin.layer(key)
    window.desk.run("layers.display", layer=key, opacity="0.5")
    dialog = SwapDialog(window.desk, window, before)
    assert not dialog.go.isEnabled()
    dialog.field.setText(str(tmp_path / "nowhere.city.json"))
    assert dialog.go.isEnabled()
    session.swap(key, dialog.address())
    qtbot.waitUntil(lambda: bool(session.errors), timeout=WAIT)
    assert session.twin.layer(key).source.path == str(first)
    qtbot.waitUntil(window.toast.isVisible, timeout=WAIT)
    window.toast.dismiss()
    session.swap(key, str(second))
    total = len(before.features)
    told = f"{total} of {total} objects found again"
    qtbot.waitUntil(lambda: told in window.toast.text.text(), timeout=WAIT)
    now = session.twin.layer(key)
    assert (now.source.path, now.display.opacity) == (str(second), 0.5)
    assert now.source.dataset == before.source.dataset
    session.undo()
    qtbot.waitUntil(lambda: session.twin.layer(key).source.path == str(first), timeout=WAIT)


def test_numbers_and_boxes_of_streaming_are_shown_on_request_and_remembered(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    for name in ("debug.hud", "debug.boxes"):
        window.acts.by_name[name].trigger()
    qtbot.waitUntil(window.hud.isVisible, timeout=WAIT)
    qtbot.waitUntil(lambda: len(city.view.canvas.boxes) > 0, timeout=WAIT)
    drawn = sum(len(part.tiles) for part in city.view.shown.layers.values())
    assert [box.what for box in city.view.canvas.boxes].count("drawn") == drawn
    assert window.session.twin.layer("delft").title in window.hud.text()
    assert window.session.settings.show_hud
    for name in ("debug.hud", "debug.boxes"):
        window.acts.by_name[name].trigger()
    qtbot.waitUntil(lambda: not window.hud.isVisible(), timeout=WAIT)
    qtbot.waitUntil(lambda: not city.view.canvas.boxes, timeout=WAIT)


@pytest.mark.parametrize("width", [960, 1280, 1700])
def test_the_numbers_of_streaming_never_lie_over_the_legend_or_out_of_the_view(
    city: App, qtbot: QtBot, width: int
) -> None:
    window = city.window
    before = window.size()
    window.resize(width, 720)
    window.acts.by_name["debug.hud"].trigger()
    qtbot.waitUntil(lambda: window.hud.isVisible() and bool(window.hud.cells), timeout=WAIT)
    for _ in range(2):  # the room is known once the size of the plate is
        window.hud.show_frame(city.view.frame(), 0, window.now + 60)
        window.arrange()
        window.now += 60
    hud, legend = window.hud.geometry(), window.legend.geometry()
    assert not hud.intersects(legend)
    assert city.view.canvas.rect().contains(hud)
    assert not hud.intersects(window.color_by.geometry())
    window.acts.by_name["debug.hud"].trigger()
    qtbot.waitUntil(lambda: not window.hud.isVisible(), timeout=WAIT)
    window.arrange()
    assert not window.legend.folded
    window.resize(before)


def test_failed_tiles_stand_in_the_status_bar_and_a_click_asks_for_them_again(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    status, plate, shown = window.status, window.tiles, city.view.frame()
    assert not status.failed.isVisible()
    broken = replace(shown, failed=2)
    status.show_frame(broken, None, 0.0)
    plate.show_frame(broken)
    assert status.failed.isVisible()
    assert status.failed.text() == "2 failed: retry"
    assert not plate.sound
    assert plate.text.startswith("All other tiles loaded, 2 failed")
    asked: list[str] = []
    before, window.desk.act = window.desk.act, lambda name, *_: asked.append(name)
    status.failed.click()
    window.desk.act = before
    assert asked == ["layers.retry"]
    status.show_frame(shown, None, 0.0)
    plate.show_frame(shown)
    assert not status.failed.isVisible()


def test_a_toast_is_as_high_as_its_words_and_lies_on_no_other_plate(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    before = window.size()
    window.resize(1280, 720)
    window.desk.tell("moved-away.city.json: there is no such file.", "error")
    qtbot.waitUntil(window.toast.isVisible, timeout=WAIT)
    window.arrange()
    short = window.toast.geometry()
    for plate in (window.legend, window.tiles, window.color_by):
        assert not short.intersects(plate.geometry())
    window.toast.dismiss()
    window.desk.tell("a long sentence about a file " * 12, "error")
    assert window.toast.height() > short.height()
    window.toast.dismiss()
    window.resize(before)


def test_a_failed_tile_in_the_log_offers_to_be_asked_for_again(city: App) -> None:
    log, words = city.window.log, city.window.desk.say("layer_page.retry")
    for code, offered in (("tile.failed", True), ("crs.missing", False)):
        menu = log.menu_of(Entry("problem", "a", code, "text", "", "delft"), 0)
        assert (words in [x.text() for x in menu.actions()]) == offered


def test_a_system_given_as_a_definition_shows_its_title_in_one_line(
    city: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar, project = city.window.status, city.session.project
    assert project is not None
    assert bar.system.text().startswith("EPSG:28992")
    definition = CRS.from_epsg(28992).to_wkt()
    monkeypatch.setattr(type(city.session), "project", ProjectFrame(definition, project.vertical))
    bar.refresh(bar.watches)
    assert bar.system.text().startswith("Amersfoort / RD New")
    assert definition in bar.system.toolTip()
    monkeypatch.undo()
    bar.refresh(bar.watches)


def test_a_layer_with_points_offers_how_points_are_drawn_and_another_does_not(
    make_app: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    app = make_app()
    window, session = app.window, app.session
    places = np.eye(3, dtype="<f4") * 10
    told = {"POINTS_LENGTH": 3, "POSITION": {"byteOffset": 0}}
    path = tmp_path / "cloud.pnts"
    path.write_bytes(legacy(b"pnts", b"", told, places.tobytes()))
    window.handlers.open_path(str(path))
    qtbot.waitUntil(lambda: app.view.shown.drawn > 0, timeout=WAIT)
    window.desk.act("layers.page", next(iter(session.twin.layers)))
    page = window.layer_page
    assert page.points.isVisible()
    page.points.size_.setValue(0.5)
    page.points.switches["eye_dome"].setChecked(True)
    assert (session.settings.point_size, session.settings.eye_dome) == (0.5, True)
    qtbot.waitUntil(lambda: app.view.canvas._canvas.stage.look.points.size == 0.5, timeout=WAIT)
    window.handlers.change("eye_dome", False)
    qtbot.waitUntil(lambda: not page.points.switches["eye_dome"].isChecked(), timeout=WAIT)


def test_the_tile_plate_offers_every_attribution(city: App, qtbot: QtBot) -> None:
    plate = city.window.tiles
    plate.credits = ("© One", "© Two")
    assert [x.text() for x in plate.menu().actions() if x.text().startswith("©")] == [
        "© One",
        "© Two",
    ]
