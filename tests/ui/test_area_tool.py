"""Areas in the view: drawn by clicks, changed by dragging a corner, removed, overlaps shown, all undoable."""

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from ui.app import App
from ui.areas.tool import AreaTool
from ui.viewport.overlays import projected

pytestmark = [pytest.mark.qt, pytest.mark.render]


@pytest.fixture
def tool(city: App) -> AreaTool:
    city.view.standard("top")
    if city.window.toolbox.name != "areas":
        city.window.acts.do("tool.areas")
    made = city.window.toolbox.tools["areas"]
    assert isinstance(made, AreaTool)
    return made


def seen(tool: AreaTool, x: float, y: float) -> QPointF:
    """Return where a place on the ground is seen."""
    place = np.array([x, y, tool.ground])
    px, py, _ = projected(tool.canvas.view, place)[0] / tool.canvas.ratio
    return QPointF(float(px), float(py))


def draw(tool: AreaTool, corners: list[tuple[float, float]]) -> None:
    for x, y in corners:
        tool.click(seen(tool, x, y), frozenset())
    tool.key(Qt.Key.Key_Return, frozenset())


SQUARE = [
    (84_880.0, 447_500.0),
    (84_960.0, 447_500.0),
    (84_960.0, 447_580.0),
    (84_880.0, 447_580.0),
]


def test_a_drawn_area_answers_for_what_lies_in_it_and_its_corners_can_be_dragged(
    city: App, tool: AreaTool, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not tool.canvas.moving, timeout=WAIT)
    duties = city.session.twin.records["responsibilities"]
    before = set(duties)
    panel = tool.panel
    assert panel is not None
    panel.party.setCurrentIndex(panel.party.findData("delfland"))
    draw(tool, SQUARE)
    (key,) = set(duties) - before
    assert (duties[key].party, duties[key].scope, duties[key].source) == (
        "delfland",
        "area",
        "drawn",
    )
    shape = shapely.from_wkt(duties[key].polygon)
    assert shape.symmetric_difference(shapely.Polygon(SQUARE)).area < 1.0
    tool.canvas.grab()
    corner = shapely.get_coordinates(shape)[2]
    assert tool.press(seen(tool, *corner), frozenset())
    tool.drag(seen(tool, 84_990.0, 447_610.0), frozenset())
    tool.drop(seen(tool, 84_990.0, 447_610.0), frozenset())
    assert shapely.from_wkt(duties[key].polygon).area > shape.area + 1000
    tool.canvas.grab()
    assert tool.chosen == ("responsibilities", key)
    count = len(shapely.get_coordinates(shapely.from_wkt(duties[key].polygon)))
    ring = tool.shapes.get(*tool.chosen)
    assert ring is not None
    middle = seen(tool, *tool._middles(ring)[1])
    assert tool.press(middle, frozenset())
    tool.drag(middle + QPointF(0, 30), frozenset())
    tool.drop(middle + QPointF(0, 30), frozenset())
    tool.canvas.grab()
    assert len(shapely.get_coordinates(shapely.from_wkt(duties[key].polygon))) == count + 1
    ring = tool.shapes.get(*tool.chosen)
    assert ring is not None
    assert tool.press(seen(tool, *ring.rings[0][1]), frozenset({"alt"}))
    tool.drop(middle, frozenset({"alt"}))
    assert len(shapely.get_coordinates(shapely.from_wkt(duties[key].polygon))) == count
    assert tool.key(Qt.Key.Key_Delete, frozenset())
    assert key not in duties
    for _ in range(5):
        city.session.undo()
    assert set(duties) == before


def test_zones_and_overlaps_are_shown_with_their_names(
    city: App, tool: AreaTool, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not tool.canvas.moving, timeout=WAIT)
    panel = tool.panel
    assert panel is not None
    zones = city.session.twin.records["zones"]
    panel.choose("zone")
    panel.name.setText("Market")
    draw(tool, SQUARE[:3])
    assert [z.name for z in zones.values()][-1] == "Market"
    panel.choose("area")
    for party, shift in (("delft", 0.0), ("delfland", 40.0)):
        panel.party.setCurrentIndex(panel.party.findData(party))
        draw(tool, [(x + shift, y) for x, y in SQUARE])
    tool.shapes.read()
    ((area, shape),) = tool.shapes.overlaps
    assert float(area) == pytest.approx(40 * 80, rel=0.02)
    assert shape.title == "Gemeente Delft / Hoogheemraadschap van Delfland"
    city.view.put_tool_back()
    assert not tool.on
    panel.kept.setChecked(True)
    tool.canvas.grab()
    panel.kept.setChecked(False)
    for _ in range(3):
        city.session.undo()


def test_what_is_not_finished_is_gone_and_few_corners_make_nothing(
    city: App, tool: AreaTool, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not tool.canvas.moving, timeout=WAIT)
    before = dict(city.session.twin.records["responsibilities"])
    draw(tool, SQUARE[:2])
    assert len(tool.points) == 2
    assert tool.claims(Qt.Key.Key_Backspace, frozenset())
    tool.key(Qt.Key.Key_Backspace, frozenset())
    assert len(tool.points) == 1
    tool.key(Qt.Key.Key_Escape, frozenset())
    assert not tool.points
    assert city.session.twin.records["responsibilities"] == before


def test_objects_that_nobody_answers_for_are_marked(
    city: App, tool: AreaTool, qtbot: QtBot
) -> None:
    assert not len(tool.shapes.orphans())
    city.window.desk.run("responsibility.remove", id="R0001")
    qtbot.waitUntil(lambda: len(tool.shapes.orphans()) == 1, timeout=WAIT)
    tool.canvas.grab()
    city.session.undo()
    qtbot.waitUntil(lambda: not len(tool.shapes.orphans()), timeout=WAIT)
