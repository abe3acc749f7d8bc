"""The page of a placement, driven as a person would drive it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.records import Placement
from ui.app import App
from ui.panels.placement_page import PlacementPage
from ui.panels.plan_picture import Plan, PlanPicture

pytestmark = pytest.mark.qt
DEMO = Placement("demonstration placement", "EPSG:7415", 84955.421, 447530.131, 0.45, -45.0)


def settle(app: App, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: not (app.window.stale or app.window.waiting or app.session.jobs.pending),
        timeout=WAIT,
    )


def page_of(app: App, qtbot: QtBot, layer: str = "duplex") -> PlacementPage:
    app.window.desk.act("layers.placement", layer)
    settle(app, qtbot)
    found = next(p for p in app.window.desk.panels if isinstance(p, PlacementPage))
    assert found.isVisible()
    return found


def test_the_page_says_by_what_a_model_stands_and_where_else_it_could(
    city: App, qtbot: QtBot
) -> None:
    page = page_of(city, qtbot)
    assert "demonstration placement" in page.verdict.text()
    assert [item.key for item in page.candidates] == ["first", "site"]
    assert page.form.crs.text() == "EPSG:7415"
    assert page.form.fields["easting"].value() == DEMO.easting
    assert page.reset.isEnabled()
    qtbot.waitUntil(lambda: bool(page.plan.plan.model and page.plan.plan.around), timeout=WAIT)
    uses = [x for x in page.offers.findChildren(QPushButton) if x.isVisible()]
    assert len(uses) == 2


def test_typed_numbers_move_the_model_and_undo_brings_it_back(city: App, qtbot: QtBot) -> None:
    page = page_of(city, qtbot)
    session = city.session
    before = session.twin.layer("duplex").features.bounds.copy()
    page.form.fields["easting"].setValue(DEMO.easting + 10.0)
    page.form.button.click()
    settle(city, qtbot)
    moved = session.twin.layer("duplex")
    assert moved.source.placement is not None
    assert moved.source.placement.title == "typed"
    known = np.isfinite(before).all(axis=1)
    off = moved.features.bounds[known] - before[known]
    assert off[:, 0] == pytest.approx(np.full(known.sum(), 10.0), abs=1e-3)
    assert "typed" in page.verdict.text()
    session.undo()
    settle(city, qtbot)
    assert session.twin.layer("duplex").source.placement == DEMO
    assert np.array_equal(session.twin.layer("duplex").features.bounds, before, equal_nan=True)


def test_a_wrong_system_is_told_and_moves_nothing(city: App, qtbot: QtBot) -> None:
    page = page_of(city, qtbot)
    page.form.crs.setText("EPSG:4326")
    page.form.button.click()
    settle(city, qtbot)
    assert city.session.twin.layer("duplex").source.placement == DEMO


def test_a_model_is_laid_onto_the_footprint_that_is_selected(city: App, qtbot: QtBot) -> None:
    page = page_of(city, qtbot)
    session = city.session
    qtbot.waitUntil(lambda: city.view.frame().complete, timeout=WAIT)
    table = session.twin.layer("delft_tileset").features
    boxes = table.bounds
    size = np.prod(boxes[:, 3:5] - boxes[:, :2], axis=1)
    target = int(np.argmin(np.abs(np.where(np.isfinite(size), size, 1e9) - 220.0)))
    session.select({"delft_tileset": np.array([target], np.int32)}, "replace")
    city.window.desk.act("layers.fit_footprint", "duplex")
    settle(city, qtbot)
    placed = session.twin.layer("duplex")
    assert placed.source.placement is not None
    assert "overlap" in placed.source.placement.title
    there = (boxes[target, :2] + boxes[target, 3:5]) / 2
    box = placed.bounds
    assert np.hypot(*((box[:2] + box[3:5]) / 2 - there)) < 6.0
    assert page.reset.isEnabled()
    session.undo()
    settle(city, qtbot)
    assert session.twin.layer("duplex").source.placement == DEMO


def test_a_copy_is_written_by_a_worker(city: App, qtbot: QtBot, tmp_path: Path) -> None:
    handlers = city.window.handlers
    layer = city.session.twin.layer("duplex")
    target = tmp_path / "copy.ifc"
    handlers.placing.write(layer, replace(DEMO, crs="EPSG:28992"), str(target))
    settle(city, qtbot)
    assert b"ePset_MapConversion" in target.read_bytes()


def test_a_candidate_is_chosen_by_its_badge_and_one_out_of_sight_is_an_arrow(
    city: App, qtbot: QtBot
) -> None:
    picture = PlanPicture(city.window.desk.theme)
    qtbot.addWidget(picture)
    picture.resize(300, 190)
    square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
    picture.show_plan(Plan(square, there=(square, square + 1e6)))
    picture.grab()
    assert picture.number_at(QPointF(150, 95)) == 0
    scale = picture.scale()
    assert scale is not None
    place, seen = picture.place_of(scale, square + 1e6)
    assert not seen
    assert picture.number_at(place) == 1
