"""The widget under a real mouse: clicks, drags, bands, hover, pictures only when due."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.viewport.frames import box_of_frame, city, over_the_roofs
from twin.picking import Hit, pick
from twin.settings import Settings
from twin.streaming import Frame
from twin.tiles import View
from ui import theme
from ui.viewport import surface
from ui.viewport.detail import Quality
from ui.viewport.overlays import Label, projected
from ui.viewport.widget import ViewWidget

pytestmark = [pytest.mark.qt, pytest.mark.render]
LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
NONE, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def move(widget: ViewWidget, at: QPoint) -> None:
    """Move the mouse as the widget hears it: the display's own pointer has no say in it."""
    where = QPointF(at)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, where, where, none, none, NONE)
    QApplication.sendEvent(widget, event)


class Stopwatch:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class Desk:
    """A widget with its frame, and what its signals said."""

    def __init__(self, qtbot: QtBot, clock: Stopwatch) -> None:
        self.frame = city(2, 40)
        self.clock = clock
        self.widget = ViewWidget(self.picked, theme.DARK)
        qtbot.addWidget(self.widget)
        self.widget.resize(320, 240)
        self.widget.apply_settings(Settings(edges=False, upload_ms=200.0))
        self.widget.show()
        self.widget.set_bounds(box_of_frame(self.frame))
        self.widget.navigator.pose = over_the_roofs()
        self.told: list[tuple[object, ...]] = []
        for name in ("clicked", "double_clicked", "hovered", "context_requested", "rubber"):
            signal = getattr(self.widget, name)
            signal.connect(lambda *what, n=name: self.told.append((n, *what)))
        self.tick(5)
        self.rest()

    def picked(self, view: View, x: float, y: float) -> Hit | None:
        return pick(self.frame, view, x, y)

    def tick(self, times: int = 1, seconds: float = 0.02) -> int:
        drawn = 0
        for _ in range(times):
            self.clock.now += seconds
            self.widget.advance()
            if self.widget.wants_frame:
                drawn += self.widget.show_frame(self.frame)
        return drawn

    def rest(self) -> None:
        self.tick(4, 0.3)

    def house(self) -> QPoint:
        """Return a pixel on a house."""
        for y in range(110, 200, 3):
            for x in range(90, 240, 3):
                if (hit := self.widget.hit_at(x, y)) is not None and hit.row >= 0:
                    return QPoint(x, y)
        raise AssertionError("no house in the picture")


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock = Stopwatch()
    monkeypatch.setattr(surface, "time", clock)
    monkeypatch.setattr("ui.viewport.widget.time", clock)
    found = Desk(qtbot, clock)
    yield found
    found.widget.close_canvas()


def test_a_still_view_is_drawn_finely_once_and_then_left_alone(desk: Desk) -> None:
    assert not desk.widget.wants_frame
    assert desk.tick(5) == 0
    desk.widget.navigator.wheel(np.array([*box_of_frame(desk.frame)[:3]]), 1.0)
    desk.widget.mark_dirty()
    assert desk.tick(1) == 1
    desk.rest()
    assert desk.tick(5) == 0


def test_a_click_tells_what_is_under_it(desk: Desk) -> None:
    at = desk.house()
    wanted = desk.widget.hit_at(at.x(), at.y())
    QTest.mouseClick(desk.widget, LEFT, SHIFT, at)
    ((name, hit, held),) = desk.told
    assert (name, held) == ("clicked", frozenset({"shift"}))
    assert isinstance(hit, Hit)
    assert wanted is not None
    assert hit.row == wanted.row


def test_a_right_click_asks_for_the_menu_and_a_right_drag_zooms(desk: Desk) -> None:
    at = desk.house()
    QTest.mouseClick(desk.widget, RIGHT, NONE, at)
    assert desk.told[0][0] == "context_requested"
    desk.told.clear()
    before = desk.widget.navigator.pose
    QTest.mousePress(desk.widget, RIGHT, NONE, at)
    move(desk.widget, at - QPoint(0, 40))
    QTest.mouseRelease(desk.widget, RIGHT, NONE, at - QPoint(0, 40))
    assert desk.widget.navigator.pose.focus < before.focus
    assert not desk.told


def test_a_left_drag_pans_and_what_was_grabbed_stays_under_the_cursor(desk: Desk) -> None:
    at = desk.house()
    grabbed = desk.widget.hit_at(at.x(), at.y())
    assert grabbed is not None
    QTest.mousePress(desk.widget, LEFT, NONE, at)
    move(desk.widget, at + QPoint(30, 12))
    desk.tick()
    place = projected(desk.widget.view, grabbed.world)[0] / desk.widget.ratio
    QTest.mouseRelease(desk.widget, LEFT, NONE, at + QPoint(30, 12))
    assert place[:2] == pytest.approx([at.x() + 30, at.y() + 12], abs=1.5)
    assert not desk.told


def test_orbiting_keeps_the_pivot_in_place(desk: Desk) -> None:
    at = desk.house()
    pivot = desk.widget.hit_at(at.x(), at.y())
    assert pivot is not None
    QTest.mousePress(desk.widget, MIDDLE, NONE, at)
    move(desk.widget, at + QPoint(40, 5))
    place = projected(desk.widget.view, pivot.world)[0] / desk.widget.ratio
    QTest.mouseRelease(desk.widget, MIDDLE, NONE, at + QPoint(40, 5))
    assert place[:2] == pytest.approx([at.x(), at.y()], abs=0.01)


def test_a_rubber_band_is_told_in_pixels_of_the_view(desk: Desk) -> None:
    QTest.mousePress(desk.widget, LEFT, ALT, QPoint(40, 60))
    move(desk.widget, QPoint(140, 160))
    desk.widget.grab()
    QTest.mouseRelease(desk.widget, LEFT, ALT, QPoint(140, 160))
    ((name, rect, held),) = desk.told
    assert (name, held) == ("rubber", frozenset({"alt"}))
    assert rect == pytest.approx([v * desk.widget.ratio for v in (40, 60, 140, 160)])


def test_hover_is_told_once_it_rests_and_when_it_changes(desk: Desk) -> None:
    at = desk.house()
    move(desk.widget, at)
    desk.told.clear()
    desk.tick(1, 0.01)
    assert not desk.told
    desk.tick(10, 0.05)
    assert [name for name, *_ in desk.told] == ["hovered"]
    move(desk.widget, QPoint(160, 2))
    desk.tick(10, 0.05)
    assert desk.told[-1] == ("hovered", None)


def test_the_wheel_zooms_to_the_cursor(desk: Desk) -> None:
    at = desk.house()
    hit = desk.widget.hit_at(at.x(), at.y())
    assert hit is not None
    before = np.linalg.norm(desk.widget.navigator.pose.eye - hit.world)
    event = QWheelEvent(
        QPointF(at), QPointF(at), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(desk.widget, event)
    assert np.linalg.norm(desk.widget.navigator.pose.eye - hit.world) < before


def test_the_menu_key_asks_for_the_menu_too(desk: Desk) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, desk.house(), QPoint(5, 5))
    QApplication.sendEvent(desk.widget, event)
    assert desk.told[0][0] == "context_requested"


def test_keys_walk_in_walk_mode_and_stop_with_the_focus(desk: Desk) -> None:
    desk.widget.set_tool("walk")
    QTest.keyPress(desk.widget, Qt.Key.Key_W)
    before = desk.widget.navigator.pose.eye
    desk.tick(3, 0.05)
    assert np.linalg.norm(desk.widget.navigator.pose.eye - before) > 0.1
    QApplication.sendEvent(desk.widget, QFocusEvent(QEvent.Type.FocusOut))
    assert not desk.widget.navigator.keys


def test_standard_views_fly_and_come_back(desk: Desk) -> None:
    start = desk.widget.navigator.pose
    desk.widget.standard_view("top")
    assert desk.widget.moving
    desk.tick(10, 0.05)
    assert desk.widget.navigator.pose.pitch == -90
    desk.widget.last_view()
    desk.tick(10, 0.05)
    assert desk.widget.navigator.pose == start
    desk.widget.north_up()
    desk.tick(10, 0.05)
    assert desk.widget.navigator.pose.yaw == 0


def test_labels_pins_compass_and_scale_are_painted_over_the_picture(desk: Desk) -> None:
    desk.widget.overlays_shown = False
    bare = desk.widget.grab_picture()
    desk.widget.overlays_shown = True
    plain = desk.widget.grab_picture()
    assert (plain != bare)[200:, :200].any(), "scale bar"
    assert (plain != bare)[100:, 250:].any(), "compass"
    at = desk.house()
    hit = desk.widget.hit_at(at.x(), at.y())
    assert hit is not None
    desk.widget.set_label(
        "selection", Label("Oude Langendijk 18", "235 d", "#CD410C", "#FF8A5C", hit.world)
    )
    labelled = desk.widget.grab_picture()
    assert (labelled != plain).any(axis=2).sum() > 1500
    desk.widget.set_label("selection", None)
    desk.widget.set_pins(hit.world[None, :])
    assert 40 < (desk.widget.grab_picture() != plain).any(axis=2).sum() < 600


def test_a_moving_camera_may_select_coarser_tiles_and_a_still_one_not(desk: Desk) -> None:
    assert desk.widget.allowed_error(16.0) == 16.0
    desk.widget._quality = Quality(coarser=2.0)
    desk.widget.navigator.press_key("up")
    assert desk.widget.allowed_error(16.0) == 32.0


def test_an_empty_view_is_a_background_and_no_black_hole(qtbot: QtBot) -> None:
    widget = ViewWidget(lambda view, x, y: None, theme.LIGHT)
    qtbot.addWidget(widget)
    widget.resize(200, 160)
    widget.show()
    widget.show_frame(Frame())
    assert widget.grab_picture().mean() > 150
    widget.close_canvas()
