"""The declared actions as menus, keys and cheat sheet."""

from collections import Counter

import pytest
from PySide6.QtWidgets import QLabel, QMenu

from tests.ui.conftest import Make
from ui.actions import ACTIONS, BREAKS, MENUS, SUBMENUS
from ui.panels.cheat_sheet import CheatSheet


def test_no_key_does_two_things() -> None:
    keys = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_dividers_stand_before_actions_that_exist() -> None:
    assert {action.name for action in ACTIONS} >= BREAKS
    assert {action.menu for action in ACTIONS} == set(MENUS)


@pytest.mark.qt
def test_the_menu_of_the_view_fits_a_small_screen_and_holds_its_submenus(make_app: Make) -> None:
    window = make_app(language="en").window
    found = {entry.text(): entry.menu() for entry in window.bar.actions()}
    assert list(found) == [
        "File", "Edit", "View", "Select", "Maintain", "Analyse", "Present", "Window", "Help",
    ]  # fmt: skip
    view = found["View"]
    assert isinstance(view, QMenu)
    inside = [entry.text() for entry in view.actions() if entry.menu() is not None]
    assert len(inside) == len(SUBMENUS)
    assert view.sizeHint().height() < 620
    assert not view.actions()[0].isSeparator()


@pytest.mark.qt
def test_the_cheat_sheet_has_every_action_that_has_a_key(make_app: Make) -> None:
    window = make_app(language="en").window
    sheet = CheatSheet(window.desk, window)
    words = {found.text() for found in sheet.findChildren(QLabel)}
    wanted = [action for action in ACTIONS if action.keys]
    assert [x.name for x in wanted if window.desk.say(f"action.{x.name}") not in words] == []
    sheet.deleteLater()
