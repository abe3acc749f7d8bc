"""The sun in the real window: the strip, its keys, playing; the panel asks and answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from ui.app import App
from ui.panels.sun_hours import SunPanel
from ui.sun_handlers import place_of
from ui.sun_tool import sun_words

pytestmark = [pytest.mark.qt, pytest.mark.render]
AT = np.datetime64("2026-12-22T14:10", "ms")


@pytest.fixture
def city(sample_city: App) -> App:
    sample_city.session.set_sun(AT, zone="Europe/Amsterdam")
    _settle(sample_city)
    return sample_city


def _settle(app: App) -> None:
    app.window.tick(app.window.now)
    while app.window.stale or app.window.waiting:
        app.window.tick(app.window.now)


def _panel(app: App) -> SunPanel:
    return next(x for x in app.window.desk.panels if isinstance(x, SunPanel))


def test_the_tool_lets_a_sun_shine_and_the_strip_puts_it_out(city: App) -> None:
    strip = city.window.strip.sun
    city.session.set_sun(None)
    _settle(city)
    assert strip.isHidden()
    city.window.acts.do("tool.sun")
    _settle(city)
    assert not strip.isHidden()
    assert city.session.sun_at is not None
    city.view.tick(False)
    assert city.view.canvas.look.sun == city.session.sun_direction()
    strip.close_button.click()
    _settle(city)
    assert strip.isHidden()
    city.window.toolbox.put_back()


def test_the_strip_shows_and_moves_the_sun(city: App) -> None:
    strip = city.window.strip.sun
    assert strip.date.date() == QDate(2026, 12, 22)
    assert strip.time.text() == "15:10"
    assert strip.axis.words["rise"].endswith("08:48")
    assert strip.axis.words["set"].endswith("16:33")
    assert "214" in sun_words(city.window.desk)
    for key, wanted in (
        (Qt.Key.Key_Right, "14:20"),
        (Qt.Key.Key_PageDown, "13:20"),
        (Qt.Key.Key_Left, "13:10"),
    ):
        QTest.keyClick(strip.axis, key)
        _settle(city)
        assert str(city.session.sun_at)[11:16] == wanted
    QTest.keyClick(strip.axis, Qt.Key.Key_Up)
    _settle(city)
    QTest.keyClick(strip.axis, Qt.Key.Key_Home)
    assert str(city.session.sun_at)[:16] == "2026-12-23T07:49"
    _settle(city)
    strip.time.setText("12:00")
    strip.time.editingFinished.emit()
    assert str(city.session.sun_at)[:16] == "2026-12-23T11:00"


def test_the_strip_says_whose_clock_it_is_through_a_change_of_clocks(city: App) -> None:
    strip, session = city.window.strip.sun, city.session
    assert strip.zone_button.text() == "CET, Europe/Amsterdam"
    session.set_sun(np.datetime64("2026-10-25T01:30", "ms"))  # the second 02:30 of that night
    _settle(city)
    assert (strip.time.text(), strip.zone_button.text()[:4]) == ("02:30", "CET,")
    strip.time.editingFinished.emit()  # leaving the field changes nothing
    assert session.sun_at == np.datetime64("2026-10-25T01:30", "ms")
    QTest.keyClick(strip.axis, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    _settle(city)
    assert (strip.time.text(), strip.zone_button.text()[:5]) == ("02:30", "CEST,")
    QTest.keyClick(strip.axis, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    strip.time.setCursorPosition(1)
    QTest.keyClick(strip.time, Qt.Key.Key_Up)
    _settle(city)
    assert session.sun_at == np.datetime64("2026-10-25T01:31", "ms")
    for year, told in (("1500", "LMT"), ("3900", "CEST")):
        session.set_sun(np.datetime64(f"{year}-07-01T12:00", "ms"))
        _settle(city)
        assert strip.zone_button.text().startswith(told)
    session.set_sun(AT, zone="UTC+5:30")
    _settle(city)
    assert strip.zone_button.text().startswith("UTC+")
    session.set_sun(AT, zone="")  # the rules of the sample name a zone
    _settle(city)
    assert strip.zone_button.text() == "CET, Europe/Amsterdam"


def test_a_year_keeps_the_clock_time(city: App) -> None:
    strip = city.window.strip.sun
    strip._turn("year")
    course = strip.axis.course
    assert course is not None
    assert len(course.instants) == 365
    strip.axis.on_move(course.at(0.5))
    _settle(city)
    assert strip.time.text() == "15:10"
    assert strip.date.date().month() == 7
    strip._turn("day")


def test_playing_moves_on_and_stops(city: App) -> None:
    strip, session = city.window.strip.sun, city.session
    session.settings = replace(session.settings, reduced_motion=False)
    strip.toggle()
    assert strip.playing
    for now in (100.0, 100.3, 100.6):
        strip.pass_time(now)
        strip.refresh(strip.watches)
    assert city.session.sun_at is not None
    assert city.session.sun_at > AT
    strip.toggle()
    assert not strip.playing


def test_the_panel_asks_and_answers(city: App, qtbot: QtBot, tmp_path: Path) -> None:
    city.window.acts.do("panel.sun")
    panel = _panel(city)
    panel.form.spacing.setValue(10.0)
    panel.run()
    qtbot.waitUntil(lambda: not city.session.inquiries, timeout=WAIT)
    _settle(city)
    assert panel.result is not None
    assert panel.findings.figures["sun_examined"] > 100
    assert str(int(panel.findings.figures["sun_below"])) in panel.title.text()
    assert panel.table.rowCount() > 0
    panel._chosen(0)
    assert city.session.selected
    for form in ("csv", "xlsx", "gpkg"):
        panel.save(tmp_path / f"sun.{form}")
        assert (tmp_path / f"sun.{form}").stat().st_size > 1000
    panel._keep()
    assert panel.result.id in city.session.twin.records["results"]
    city.session.undo()


def test_a_changed_rule_is_a_persons_own(city: App) -> None:
    form = _panel(city).form
    form.preset.setCurrentIndex(form.preset.findData("gb50180_dahan_2h"))
    form._take()
    assert form.settings()["rule"] == "gb50180_dahan_2h"
    assert form.rule().clock == "solar"
    assert city.session.sunlight.clock.zone == "Europe/Amsterdam"
    form.required.setValue(2.5)
    assert form.settings()["rule"] == ""
    assert form.rule().required == 2.5


def test_places_as_people_write_them() -> None:
    assert place_of("4.36, 52.01") == (4.36, 52.01)
    assert place_of("-70，-30") == (-70.0, -30.0)
