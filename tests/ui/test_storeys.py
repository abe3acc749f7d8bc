"""The panel of the storeys, driven as a person would: heights, eyes, a plan, storeys apart."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.loaders.ifc_files import Building
from tests.ui.conftest import WAIT, Make
from ui.app import App
from ui.panels.storeys import PLAN, StoreysPanel

pytestmark = [pytest.mark.qt, pytest.mark.render]


def model(folder: Path) -> str:
    made = Building()
    for storey, height in ((0, 0.0), (1, 3.0)):
        shape = made.body(made.box(6.0, 0.3, 2.8))
        made.element("IfcWall", f"wall {storey}", shape, (0.0, 0.0, height), storey)
    return made.write(folder)


@pytest.fixture
def app(make_app: Make, qtbot: QtBot, tmp_path: Path) -> App:
    made = make_app()
    made.session.open(model(tmp_path))
    qtbot.waitUntil(
        lambda: bool(made.session.twin.layers) and made.view.shown.complete, timeout=WAIT
    )
    qtbot.waitUntil(lambda: not made.window.stale and not made.window.waiting, timeout=WAIT)
    return made


def panel(app: App) -> StoreysPanel:
    return next(x for x in app.window.desk.panels if isinstance(x, StoreysPanel))


def test_the_storeys_stand_as_in_a_building_with_the_heights_of_their_floors(app: App) -> None:
    found = panel(app)
    assert [level.name for level in found.model.levels] == ["High", "Low"]
    assert [level.floor for level in found.model.levels] == pytest.approx([3.0, 0.0], abs=1e-6)
    assert "3.00 m" in found.model.line(0).note


def test_an_eye_hides_a_storey_and_undo_shows_it(app: App) -> None:
    found = panel(app)
    key = found.model.levels[0].layer
    found.view.on_eye(0)
    layer = app.session.twin.layer(key)
    rows = found.model.levels[0].group.rows[key]
    assert layer.hidden is not None
    assert layer.hidden[rows].all()
    app.window.acts.do("edit.undo")
    assert app.session.twin.layer(key).hidden is None


def test_a_plan_is_a_section_above_the_floor_and_one_at_a_time(app: App) -> None:
    found = panel(app)
    found.plan(1)
    found.plan(0)
    (section,) = [x for x in app.session.twin.records["sections"].values() if x.id == PLAN]
    assert section.planes[0].point[2] == pytest.approx(4.2)
    assert section.planes[0].normal == (0.0, 0.0, 1.0)
    found.whole()
    assert PLAN not in app.session.twin.records["sections"]


def test_storeys_apart_are_lifted_on_the_screen_only(app: App, qtbot: QtBot) -> None:
    found = panel(app)
    key = found.model.levels[0].layer
    before = app.session.twin.layer(key).features.bounds.copy()
    found.apart.setValue(8)
    assert app.session.exploded == {key: 2.0}

    def top() -> float:
        tiles = app.view.shown.layers[key].tiles.values()
        return max((float(tile.box[5]) for tile in tiles), default=float("nan"))

    qtbot.waitUntil(lambda: top() == pytest.approx(7.8), timeout=WAIT)
    assert np.array_equal(app.session.twin.layer(key).features.bounds, before)
    found.whole()
    qtbot.waitUntil(lambda: top() == pytest.approx(5.8), timeout=WAIT)


def test_a_click_selects_what_is_on_the_storey(app: App) -> None:
    found = panel(app)
    found.view.on_click(0, Qt.KeyboardModifier.NoModifier)
    assert (
        sum(len(rows) for rows in app.session.selected.values())
        == found.model.levels[0].group.count
    )
