"""Every word the window asks for stands in both languages, and forms cover every declared setting."""

import ast
import re
from pathlib import Path

import pytest

from twin.messages import LANGUAGES, catalogue
from twin.settings import declared
from ui.actions import ACTIONS, MENUS
from ui.panels.freshness_rows import COLUMNS, GROUPS
from ui.wording import Wording

UI = Path(__file__).resolve().parents[2] / "ui"


def asked_for() -> set[str]:
    """Return the constant keys handed to ``say`` anywhere in the window's source."""
    found = set()
    for path in UI.rglob("*.py"):
        if path.parent.name == "cli":  # the command line says whole keys, not those of the window
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            if name == "say":
                found |= {
                    o.value
                    for o in options
                    if isinstance(o, ast.Constant) and isinstance(o.value, str)
                }
    return {key for key in found if key}


def built_up() -> set[str]:
    """Return the keys that are put together from declarations."""
    keys = {f"action.{action.name}" for action in ACTIONS} | {f"menu.{name}" for name in MENUS}
    keys |= {f"column.{name}" for name in (*COLUMNS, *(g for g in GROUPS if g))}
    for entry in declared():
        keys |= {f"setting_name.{entry.name}", f"setting_help.{entry.name}"}
        keys |= {f"setting_choice.{choice}" for choice in entry.metadata["choices"]}
        keys.add(f"settings.group_{entry.metadata['group']}")
    return keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_window_is_in_the_catalogue(language: str) -> None:
    words = Wording(catalogue(language))
    asked = asked_for()
    assert len(asked) > 150
    missing = [key for key in asked | built_up() if not words.has(key)]
    assert not missing


def test_both_languages_fill_the_same_parameters() -> None:
    english, chinese = catalogue("en").texts, catalogue("zh").texts
    fields = re.compile(r"\{(\w+)\}")
    differing = [
        key
        for key, text in english.items()
        if key.startswith("window.")
        and set(fields.findall(text)) != set(fields.findall(chinese[key]))
    ]
    assert not differing


def test_numbers_and_dates_read_as_people_write_them() -> None:
    import numpy as np

    english, chinese = Wording(catalogue("en")), Wording(catalogue("zh"))
    day = np.datetime64("2024-04-02")
    assert english.date(day) == "2 Apr 2024"
    assert chinese.date(day) == "2024年4月2日"
    assert chinese.table_date(day) == "2024-04-02"
    assert english.count(2418) == "2\u2009418"
    assert chinese.count(2418) == "2418"
    assert english.percent(12.2, 100) == "12.2\u2009%"
    assert english.days(-7) == "\u22127"
    assert english.date(np.datetime64("NaT")) == "not stated"


def test_every_setting_has_an_editor(qtbot: object) -> None:
    from PySide6.QtWidgets import QWidget

    from twin.session import Session
    from ui.desk import Desk
    from ui.forms import SettingsDialog
    from ui.theme import LIGHT

    session = Session()
    parent = QWidget()
    told: list[tuple[str, object]] = []
    desk = Desk(session, LIGHT, Wording(session.words))
    dialog = SettingsDialog(desk, parent, lambda name, value: told.append((name, value)))
    assert set(dialog.editors) == {entry.name for entry in declared()}
    dialog.editors["reduced_motion"].toggle()  # type: ignore[attr-defined]
    dialog.editors["max_error"].setValue(8.0)  # type: ignore[attr-defined]
    assert told == [("reduced_motion", True), ("max_error", 8.0)]
    session.close()
