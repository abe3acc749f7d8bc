"""A model placed by hand: dragged, turned, and brought onto points by pairs."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from tests.ui.test_placement_page import DEMO, settle
from twin.geometry import F64
from ui.app import App
from ui.place_tool import Grip, PlaceTool, moved
from ui.viewport.overlays import projected

pytestmark = pytest.mark.qt
NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def tool(city: App, qtbot: QtBot) -> PlaceTool:
    """Return the tool in hand, the duplex chosen and in the middle of the view."""
    window = city.window
    window.desk.act("layers.page", "duplex")
    window.desk.act("view.fit_layer", "duplex")
    window.toolbox.take("place")
    found = window.toolbox.tools["place"]
    assert isinstance(found, PlaceTool)
    found.choose_way("drag")
    qtbot.waitUntil(lambda: not city.view.canvas.moving, timeout=WAIT)
    qtbot.waitUntil(lambda: city.view.frame().complete and city.view.still(), timeout=WAIT)
    settle(city, qtbot)
    return found


def on_model(tool: PlaceTool) -> QPointF:
    """Return a pixel at which the model is seen."""
    canvas = tool.view.canvas
    for x in np.linspace(0.3, 0.7, 17):
        for y in np.linspace(0.3, 0.7, 17):
            at = QPointF(x * canvas.width(), y * canvas.height())
            hit = canvas.hit_at(at.x(), at.y())
            if hit is not None and hit.layer == "duplex":
                return at
    raise AssertionError("the model is not seen")


def place_of(city: App) -> tuple[float, float, float]:
    placement = city.session.twin.layer("duplex").source.placement
    assert placement is not None
    box = city.session.twin.layer("duplex").bounds
    middle = (box[:3] + box[3:]) / 2
    return float(middle[0]), float(middle[1]), placement.rotation


def matrices(city: App) -> list[tuple[float, ...]]:
    stage = city.view.canvas._canvas.stage
    return [
        tuple(actor.GetUserMatrix().GetElement(i, 3) for i in range(3))
        for actor in stage.actors_of(frozenset({"duplex"}))
    ]


def test_dragging_moves_the_picture_at_once_and_the_model_when_it_is_let_go(
    city: App, tool: PlaceTool, qtbot: QtBot
) -> None:
    at, before, stood = on_model(tool), place_of(city), matrices(city)
    assert tool.press(at, NOTHING)
    tool.drag(at + QPointF(60, 20), NOTHING)
    seen = np.array(matrices(city)) - np.array(stood)
    shift = tool.motion.shift
    assert np.hypot(*shift[:2]) > 0.5
    assert seen == pytest.approx(np.tile(shift, (len(seen), 1)), abs=1e-6)
    assert place_of(city) == before
    tool.drop(at + QPointF(60, 20), NOTHING)
    settle(city, qtbot)
    after = place_of(city)
    assert after[0] - before[0] == pytest.approx(shift[0], abs=0.02)
    assert after[1] - before[1] == pytest.approx(shift[1], abs=0.02)
    assert after[2] == pytest.approx(before[2], abs=1e-6)
    city.session.undo()
    settle(city, qtbot)
    assert city.session.twin.layer("duplex").source.placement == DEMO


def test_a_press_beside_the_model_leaves_the_mouse_to_the_camera(tool: PlaceTool) -> None:
    assert not tool.press(QPointF(2, 2), NOTHING)
    assert not tool.click(QPointF(2, 2), NOTHING)


def test_shift_turns_about_the_middle() -> None:
    grip = Grip(np.array([10.0, 0, 3]), np.array([0.0, 0, 5]))
    turned = moved(grip, np.array([0.0, 7, 3]), turning=True)
    assert turned.turn == pytest.approx(np.pi / 2)
    assert turned(grip.middle[None, :])[0] == pytest.approx(grip.middle)
    level = moved(grip, np.array([12.0, -1, 99]), turning=False)
    assert level.shift == pytest.approx([2.0, -1.0, 0.0])


def test_escape_gives_up_a_drag(city: App, tool: PlaceTool, qtbot: QtBot) -> None:
    at, stood = on_model(tool), matrices(city)
    assert tool.press(at, NOTHING)
    tool.drag(at + QPointF(50, 0), NOTHING)
    assert matrices(city) != stood
    assert tool.key(Qt.Key.Key_Escape, NOTHING)
    assert matrices(city) == stood
    tool.drop(at + QPointF(50, 0), NOTHING)
    settle(city, qtbot)
    assert city.session.twin.layer("duplex").source.placement == DEMO


def test_pairs_bring_points_of_the_model_onto_their_partners(
    city: App, tool: PlaceTool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.choose_way("pairs")
    box = city.session.twin.layer("duplex").bounds
    source = np.array([box[:3], [box[3], box[1], box[2]], [box[3], box[4], box[2]]])
    target = source + np.array([3.0, -2.0, 0.5])
    answers = iter([p for pair in zip(source, target, strict=True) for p in pair])

    def snap(at: QPointF, *, mine: bool, radius: float = 0.0) -> F64:
        return np.asarray(next(answers), np.float64)

    before = place_of(city)
    monkeypatch.setattr(tool, "_snap", snap)
    for _ in range(6):
        assert tool.click(QPointF(100, 100), NOTHING)
    found = tool.match()
    assert found is not None
    assert found.rms < 1e-6
    city.view.canvas.grab()
    assert tool.key(Qt.Key.Key_Return, NOTHING)
    settle(city, qtbot)
    after = place_of(city)
    assert after[0] - before[0] == pytest.approx(3.0, abs=0.02)
    assert after[1] - before[1] == pytest.approx(-2.0, abs=0.02)
    placement = city.session.twin.layer("duplex").source.placement
    assert placement is not None
    assert "3 pairs" in placement.title
    city.session.undo()
    settle(city, qtbot)
    assert city.session.twin.layer("duplex").source.placement == DEMO


def test_a_point_in_hand_is_drawn_to_a_corner_of_what_stands_around(
    city: App, tool: PlaceTool
) -> None:
    canvas = city.view.canvas
    corner = city.session.twin.layer("delft_tileset").bounds[:3]
    x, y, _ = projected(canvas.view, corner[None, :])[0]
    assert tool._snap(QPointF(x, y), mine=True) is None
    at = on_model(tool)
    mine, others = tool._snap(at, mine=True), tool._snap(at, mine=False)
    assert mine is not None
    assert others is None or not np.allclose(mine, others)
