"""The tool Sight in the real window: two clicks, an answer, an end dragged, a profile written."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.snapping import Snap
from ui.app import App
from ui.sight.profile_panel import ProfilePanel
from ui.sight.tool import SightTool

pytestmark = pytest.mark.qt
NONE: frozenset[str] = frozenset()


@pytest.fixture
def tool(city: App) -> SightTool:
    """Return the tool in hand."""
    city.window.toolbox.take("sight")
    found = city.window.toolbox.tools["sight"]
    assert isinstance(found, SightTool)
    found.choose("line_of_sight")
    return found


def on_city(tool: SightTool) -> list[QPointF]:
    """Two places of the picture that show something."""
    width, height = tool.canvas.width(), tool.canvas.height()
    spots = [QPointF(width * x / 12, height * y / 12) for y in range(3, 10) for x in range(3, 10)]
    return [spot for spot in spots if isinstance(under(tool, spot), Snap)]


def under(tool: SightTool, spot: QPointF) -> Snap | None:
    """What stands at a place of the picture."""
    ratio = tool.canvas.ratio
    at = (spot.x() * ratio, spot.y() * ratio)
    return tool.snapper.snap(tool.view.frame(), tool.canvas.view, at, 0.0)


def test_two_clicks_ask_and_an_end_can_be_dragged(
    city: App, tool: SightTool, qtbot: QtBot
) -> None:
    spots = on_city(tool)
    tool.click(spots[0], NONE)
    tool.click(spots[-1], NONE)
    qtbot.waitUntil(lambda: tool.found is not None, timeout=WAIT)
    assert tool.found is not None
    assert "seen" in tool.found.figures
    tool.canvas.grab()
    end = tool._ends()[1]
    assert np.allclose(end, tool.asked[1])
    tool.hot = 1
    tool.drag(spots[len(spots) // 2], NONE)
    tool.drop(spots[len(spots) // 2], NONE)
    qtbot.waitUntil(lambda: tool.found is not None, timeout=WAIT)
    assert tool.key(Qt.Key.Key_Escape, NONE)
    assert not tool.asked
    city.window.toolbox.put_back()


def test_a_profile_is_drawn_and_written(
    city: App, tool: SightTool, qtbot: QtBot, tmp_path: Path
) -> None:
    city.window.desk.act("sight.profile")
    assert tool.mode == "profile"
    spots = on_city(tool)
    for spot in (spots[0], spots[-1]):
        tool.click(spot, NONE)
    tool.key(Qt.Key.Key_Return, NONE)
    qtbot.waitUntil(lambda: tool.found is not None, timeout=WAIT)
    panel = next(x for x in city.window.desk.panels if isinstance(x, ProfilePanel))
    qtbot.waitUntil(lambda: panel.drawing is not None, timeout=WAIT)
    for name in ("a.svg", "a.dxf", "a.csv", "a.png"):
        panel.write(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100
    panel.write(tmp_path / "nowhere" / "a.svg")  # told, not raised
    panel.copy()
    city.window.toolbox.put_back()
