"""A tool in hand: it is asked first, what it leaves alone moves the camera, it paints over the picture."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.viewport.frames import box_of_frame, city
from twin.picking import pick
from ui import theme
from ui.viewport.tools import Held
from ui.viewport.widget import ViewWidget

pytestmark = [pytest.mark.qt, pytest.mark.render]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass
class Handle:
    """A tool with one handle, 20 pixels wide at (100, 100), that takes every click beside it."""

    told: list[str] = field(default_factory=list)

    def press(self, at: QPointF, held: Held) -> bool:
        return QRectF(90, 90, 20, 20).contains(at)

    def drag(self, at: QPointF, held: Held) -> None:
        self.told.append(f"drag {at.x():.0f}")

    def drop(self, at: QPointF, held: Held) -> None:
        self.told.append("drop")

    def move(self, at: QPointF, held: Held) -> None:
        self.told.append("move")

    def click(self, at: QPointF, held: Held) -> bool:
        self.told.append("click")
        return True

    def double_click(self, at: QPointF) -> bool:
        self.told.append("double")
        return True

    def key(self, key: Qt.Key, held: Held) -> bool:
        self.told.append(f"key {key.name}")
        return key == Qt.Key.Key_W

    def paint(self, painter: QPainter) -> None:
        painter.fillRect(90, 90, 20, 20, QColor("#ff00ff"))

    def stop(self) -> None:
        self.told.append("stop")


@pytest.fixture
def widget(qtbot: QtBot) -> ViewWidget:
    frame = city(2, 40)
    made = ViewWidget(lambda view, x, y: pick(frame, view, x, y), theme.DARK)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.set_bounds(box_of_frame(frame))
    made.show_frame(frame)
    return made


def test_a_handle_is_dragged_and_the_camera_stays(widget: ViewWidget) -> None:
    tool, before = Handle(), widget.navigator.pose
    widget.take(tool)
    QTest.mousePress(widget, LEFT, NONE, QPoint(100, 100))
    QTest.mouseMove(widget, QPoint(150, 110))
    QTest.mouseRelease(widget, LEFT, NONE, QPoint(150, 110))
    assert tool.told[-1] == "drop"
    assert "click" not in tool.told
    assert np.array_equal(widget.navigator.pose.eye, before.eye)


def test_a_click_beside_the_handle_is_the_tools_and_selects_nothing(
    widget: ViewWidget, qtbot: QtBot
) -> None:
    tool = Handle()
    clicks: list[object] = []
    widget.clicked.connect(lambda hit, held: clicks.append(hit))
    widget.take(tool)
    QTest.mouseClick(widget, LEFT, NONE, QPoint(200, 150))
    assert tool.told == ["click"]
    widget.take(None)
    QTest.mouseClick(widget, LEFT, NONE, QPoint(200, 150))
    assert tool.told == ["click"]
    assert len(clicks) == 1


def test_keys_go_to_the_tool_first(widget: ViewWidget) -> None:
    tool = Handle()
    widget.take(tool)
    QTest.keyClick(widget, Qt.Key.Key_W)
    QTest.keyPress(widget, Qt.Key.Key_Up)
    assert tool.told == ["key Key_W", "key Key_Up"]
    assert widget.navigator.keys == {"up"}


def test_the_tool_paints_over_the_picture_while_it_is_in_hand(widget: ViewWidget) -> None:
    def magenta() -> bool:
        return bool((widget.grab_picture()[100, 100] == (255, 0, 255)).all())

    assert not magenta()
    widget.take(Handle())
    assert magenta()
    widget.take(None)
    assert not magenta()
