"""The tool bar and the heads of the docks where there is little room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, ready
from ui.app import App
from ui.panels.tab_dock import TabDock
from ui.tools import TOOLS

pytestmark = pytest.mark.qt
OPEN = "Open file…"


def cut(bar: QWidget) -> list[str]:
    """Return what is seen in the tool bar narrower than its words, or outside of it."""
    return [
        widget.text()
        for widget in bar.findChildren(QToolButton)
        if widget.isVisible()
        and (
            widget.width() < widget.minimumSizeHint().width() - 4
            or widget.mapTo(bar, widget.rect().bottomRight()).x() > bar.width()
        )
    ]


@pytest.mark.parametrize("name", ["", *TOOLS])
def test_nothing_in_the_tool_bar_is_cut_whichever_tool_is_in_hand(
    city: App, qtbot: QtBot, name: str
) -> None:
    window = city.window
    window.resize(1280, 720)
    if name:
        window.toolbox.take(name)
    qtbot.waitUntil(lambda: not cut(window.tools), timeout=WAIT)
    assert window.tools.leave.isVisible() == bool(name)
    assert window.tools.explore.isVisible()
    window.toolbox.put_back()


def test_the_way_out_of_a_tool_stands_beside_what_it_offers(city: App) -> None:
    city.window.toolbox.take("compare")
    city.window.tools.leave.click()
    assert city.window.toolbox.name == ""


def tabs_seen(dock: TabDock) -> list[str]:
    return [key for i, key in enumerate(dock.keys) if dock.tabs.isTabVisible(i)]


def test_tabs_without_room_stand_in_a_menu_and_the_shown_one_never_does(
    city: App, qtbot: QtBot
) -> None:
    dock = city.window.docks[2]
    room = dock.bar
    room.resize(300, 34)
    for asked in (*sorted(dock.unasked), "placement"):
        dock.turn(asked)
    dock.fit()
    assert "placement" in tabs_seen(dock)
    assert len(tabs_seen(dock)) < len(dock.keys)
    assert not dock.others.isHidden()
    menu = dock.menu()
    assert [entry.isChecked() for entry in menu.actions()].count(True) == 1
    assert len(menu.actions()) == len(dock.keys)
    room.resize(2000, 34)
    dock.fit()
    assert tabs_seen(dock) == dock.keys
    assert dock.others.isHidden()


def test_a_tab_that_was_not_asked_for_is_in_no_menu(city: App) -> None:
    dock = city.window.docks[2]
    dock.turn("passport")
    before = len(dock.menu().actions())
    dock.turn("placement")
    dock.turn("passport")
    assert len(dock.menu().actions()) in (before, before + 1)
    dock.hide_tab("placement")
    assert "placement" not in tabs_seen(dock)
    assert len(dock.menu().actions()) == len(dock.keys) - len(dock.unasked)


def test_a_count_follows_the_words_of_its_tab(city: App) -> None:
    dock = city.window.docks[3]
    dock.count("log", "7")
    dock.count("log", "12")
    assert dock.tabs.tabText(dock.keys.index("log")).split()[-1] == "12"


def test_the_button_to_open_files_stands_beside_the_layers_only(city: App) -> None:
    dock = city.window.docks[0]
    add = next(x for x in dock.bar.findChildren(QToolButton) if x.accessibleName() == OPEN)
    dock.turn("storeys")
    assert add.isHidden()
    dock.turn("layers")
    assert not add.isHidden()


def test_the_presenter_s_bar_keeps_roles_and_the_words_of_the_stage(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    window.resize(1280, 720)
    window.turn_role("presenter")
    qtbot.waitUntil(lambda: not cut(window.tools), timeout=WAIT)
    bar = window.tools
    assert bar.roles.isVisible()
    assert all(x.width() >= x.sizeHint().width() for x in bar.segments)
    icons = Qt.ToolButtonStyle.ToolButtonIconOnly
    assert [x.toolButtonStyle() == icons for x in bar.stage.values()] == [False] * 3
    window.turn_role("custodian")


def has_words(widget: QWidget) -> bool:
    text = getattr(widget, "text", None)
    return bool(widget.accessibleName() or (text() if callable(text) else ""))


@pytest.mark.parametrize("role", ["custodian", "planner", "presenter"])
def test_the_tab_key_goes_all_round_and_every_stop_is_seen_and_named(
    city: App, qtbot: QtBot, role: str
) -> None:
    window, view = city.window, city.view.widget()
    window.turn_role(role)
    qtbot.waitUntil(lambda: ready(city), timeout=WAIT)
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus, timeout=WAIT)
    stops: list[QWidget] = []
    for _ in range(150):  # in a table the Tab key went from cell to cell, for thousands of them
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now is view:
            break
        stops.append(now)
    assert stops
    assert QApplication.focusWidget() is view
    assert [x for x in stops if not x.isVisible() or x.visibleRegion().isEmpty()] == []
    assert [type(x).__name__ for x in stops if not has_words(x)] == []
    assert city.view.ring.isVisible()
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    window.legend.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not city.view.ring.isVisible()
    window.turn_role("custodian")
