"""Results and scenarios in the real window: asked, shown, amber, exported; a block drawn; before and after."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, ready
from twin.analyses.registry import OWN, class_of, default_of, made
from ui.app import App
from ui.results.ask_dialog import AskDialog
from ui.results.block_tool import BlockTool
from ui.results.handlers import ResultHandlers
from ui.results.lists import StudyPanel
from ui.results.page import ResultPage
from ui.results.pick_tool import PickTool


def handlers(app: App) -> ResultHandlers:
    return app.window.acts.handlers["results.open"].__self__  # type: ignore[attr-defined,no-any-return]


def page(app: App) -> ResultPage:
    return next(x for x in app.window.desk.panels if isinstance(x, ResultPage))


def study(app: App) -> StudyPanel:
    found = app.window.findChild(StudyPanel)
    assert isinstance(found, StudyPanel)
    return found


@pytest.fixture
def asked(city: App, qtbot: QtBot) -> App:
    desk = city.window.desk
    for key in list(desk.session.results()):
        desk.act("results.remove", key)
    desk.session.run("scenarios.show")
    desk.session.analyse("heights", {"kind": "Building"}, against=None)
    qtbot.waitUntil(lambda: bool(desk.session.answers), timeout=WAIT)
    qtbot.waitUntil(lambda: ready(city), timeout=WAIT)
    return city


def test_a_result_opens_with_table_and_stamp_and_turns_amber(asked: App, qtbot: QtBot) -> None:
    desk, shown = asked.window.desk, page(asked)
    assert desk.result in desk.session.answers
    assert asked.window.docks[2].shown == "result"
    assert shown.tables[0].rows.rowCount() > 50
    assert shown.stamp.property("kind") == "caution"
    assert desk.session.tints
    assert shown.amber.isHidden()
    shown.tables[0].rows.sort(4, Qt.SortOrder.DescendingOrder)
    heights = [shown.tables[0].rows.cell(k, 4) for k in range(5)]
    assert heights == sorted(heights, reverse=True)
    rows = shown.tables[0].rows
    measured = [k for k, unit in enumerate(rows.sheet.units) if unit]
    said = {rows.text(k, column) for k in range(rows.rowCount()) for column in measured}
    assert all("." in text or text == "–" for text in said)  # 3.00 beside 2.98, not 3
    shown.tables[0].selectRow(0)
    assert desk.session.selected
    desk.run("objects.hide")
    qtbot.waitUntil(lambda: not shown.amber.isHidden(), timeout=WAIT)
    assert study(asked).results.model.amber == {desk.result}
    row = study(asked).results.model.line(0)
    assert row.caution
    assert row.icon == "evidence"
    assert "1 building hidden." in study(asked).results.why.text()
    desk.session.undo()
    qtbot.waitUntil(shown.amber.isHidden, timeout=WAIT)


def test_a_result_is_kept_exported_and_removed(asked: App, tmp_path: Path) -> None:
    desk, does = asked.window.desk, handlers(asked)
    key = desk.result
    desk.act("results.keep", key)
    assert key in desk.session.twin.records["results"]
    for form in ("xlsx", "csv", "json", "gpkg", "png"):
        does.write(key, tmp_path / f"a.{form}")
        assert (tmp_path / f"a.{form}").stat().st_size > 500, form
    reader = QImageReader(str(tmp_path / "a.png"))
    told = json.loads(reader.text("trust-stamp"))
    assert told["fingerprint"] == desk.session.results()[key].stamp.fingerprint
    desk.act("results.remove", key)
    assert key not in desk.session.results()
    assert desk.result == ""
    desk.session.undo()
    assert key in desk.session.results()
    desk.act("results.remove", key)


def test_the_form_offers_every_analysis_and_its_settings(city: App) -> None:
    dialog = AskDialog(city.window.desk, city.window, "heights")
    assert dialog.asked == ("heights", {}, "", None)
    for number in range(dialog.which.count()):
        dialog.which.setCurrentIndex(number)
        assert dialog.asked[0] == dialog.which.itemData(number)
    dialog.deleteLater()


def test_every_setting_has_words_and_its_choices_too(city: App) -> None:
    words = city.window.desk.words.catalogue
    for name in OWN:
        for entry in (x for x in fields(class_of(name)) if x.init):
            assert words.has(f"analysis.{name}.{entry.name}"), (name, entry.name)
            usual = default_of(entry)
            if isinstance(usual, int | float) and not isinstance(usual, bool):
                assert entry.metadata["low"] <= usual <= entry.metadata["high"], (name, entry.name)
            for choice in entry.metadata.get("choices", ()):
                key = choice or entry.metadata["absent"]
                assert words.has(f"window.setting_choice.{key}"), (name, entry.name, choice)


def test_settings_are_picked_in_the_view(city: App) -> None:
    handler, view = handlers(city), city.view
    handler.ask("flood_level")
    dialog = handler.asking
    assert dialog is not None
    assert dialog.isVisible()
    middle = QPointF(view.canvas.width() / 2, view.canvas.height() / 2)
    buttons = [x for x in dialog.rows.findChildren(QPushButton) if "Pick" in x.text()]
    assert len(buttons) == 2
    buttons[0].click()
    tool = view.canvas.hand
    assert isinstance(tool, PickTool)
    assert not dialog.isVisible()
    tool.key(Qt.Key.Key_Escape, frozenset())
    assert dialog.isVisible()
    assert dialog.asked[1] == {}
    buttons[0].click()
    tool = view.canvas.hand
    assert isinstance(tool, PickTool)
    for dx, dy in ((0, 0), (60, 0), (60, 40)):
        tool.click(middle + QPointF(dx, dy), frozenset())
    view.canvas.grab()
    assert tool.claims(Qt.Key.Key_Return, frozenset())
    tool.key(Qt.Key.Key_Return, frozenset())
    assert dialog.isVisible()
    assert view.canvas.hand is None
    assert len(dialog.asked[1]["area"]) == 3
    assert len(made("flood_level", dialog.asked[1]).area) == 3  # type: ignore[attr-defined]
    dialog.reject()
    assert handler.asking is None


def test_zones_come_from_the_project_the_selection_and_the_view(city: App) -> None:
    handler, view, session = handlers(city), city.view, city.session
    handler.ask("floor_area")
    dialog = handler.asking
    assert dialog is not None
    entry = next(x for x in fields(class_of("floor_area")) if x.name == "areas")
    menu = dialog.menu_of(entry, dialog.fields["areas"])
    below = [x.menu() for x in menu.actions() if x.menu() is not None]
    below[0].actions()[0].trigger()  # type: ignore[attr-defined]
    names = [zone.name for zone in session.rules.zones]
    assert [name for name, _ in dialog.asked[1]["areas"]] == names
    assert names[0] in dialog.fields["areas"].text()  # type: ignore[attr-defined]
    button = next(x for x in dialog.rows.findChildren(QPushButton) if "Pick" in x.text())
    button.click()
    middle = QPointF(view.canvas.width() / 2, view.canvas.height() / 2)
    for dx, dy in ((0, 0), (60, 0), (60, 40)):
        view.canvas.hand.click(middle + QPointF(dx, dy), frozenset())  # type: ignore[union-attr]
    view.canvas.hand.key(Qt.Key.Key_Return, frozenset())  # type: ignore[union-attr]
    names.append(f"Area {len(names) + 1}")
    assert [name for name, _ in dialog.asked[1]["areas"]] == names
    assert len(made("floor_area", dialog.asked[1]).areas) == len(names)  # type: ignore[attr-defined]
    dialog.reject()


def test_a_landmark_is_clicked_and_another_tool_gives_the_form_back(city: App) -> None:
    handler, view = handlers(city), city.view
    handler.ask("landmark_view")
    dialog = handler.asking
    assert dialog is not None
    buttons = [x for x in dialog.rows.findChildren(QPushButton) if "Pick" in x.text()]
    buttons[1].click()
    assert isinstance(view.canvas.hand, PickTool)
    assert not dialog.isVisible()
    city.window.desk.act("tool.measure")  # it takes the view: the form comes back, as it was
    assert dialog.isVisible()
    city.window.toolbox.put_back()
    buttons[1].click()
    spots = [(x, y) for x in range(100, view.canvas.width(), 60) for y in range(100, 500, 60)]
    for x, y in spots:
        if isinstance(view.canvas.hand, PickTool):
            view.canvas.hand.click(QPointF(x, y), frozenset())
    assert dialog.isVisible()
    asked = dialog.asked[1]
    assert asked["object"] in city.session.twin.layer(asked["layer"]).features.rows_by_id
    assert dialog.fields["layer"].currentData() == asked["layer"]  # type: ignore[attr-defined]
    dialog.reject()


def test_a_block_is_drawn_raised_and_taken_back(city: App, qtbot: QtBot) -> None:
    desk, view = city.window.desk, city.view
    desk.act("tool.block")
    tool = view.canvas.hand
    assert isinstance(tool, BlockTool)
    middle = QPointF(view.canvas.width() / 2, view.canvas.height() / 2)
    for dx, dy in ((0, 0), (60, 0), (60, 40)):
        tool.click(middle + QPointF(dx, dy), frozenset())
    tool.key(Qt.Key.Key_Return, frozenset())
    assert tool.raising
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_X, Qt.Key.Key_3):
        assert tool.claims(key, frozenset())
        tool.key(key, frozenset())
    tool.key(Qt.Key.Key_Return, frozenset())
    twin = desk.session.twin
    scenario = twin.records["scenarios"][twin.scenario]
    assert [(e.kind, e.height, e.storeys) for e in scenario.edits] == [("block", 36.0, 12)]
    _changed_by_hand(app=city, tool=tool)
    desk.act("tool.before_after")
    qtbot.waitUntil(lambda: view.canvas.comparison is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: ready(city), timeout=WAIT)
    picture = view.canvas.image
    assert picture is not None
    desk.act("tool.before_after")
    desk.session.undo()
    desk.session.undo()
    assert twin.scenario == ""
    assert not np.any([x.edits for x in twin.records["scenarios"].values()])


def test_objects_are_moved_in_a_scenario_and_bad_words_are_told(city: App) -> None:
    desk, does = city.window.desk, handlers(city)
    twin = desk.session.twin
    before = dict(twin.records["scenarios"])
    desk.session.select({"delft": np.array([0], np.int32)}, "replace")
    does.move_by("1, 2, 3; 45")
    scenario = twin.records["scenarios"][twin.scenario]
    edit = scenario.edits[-1]
    assert (edit.kind, edit.shift, edit.turn) == ("move", (1.0, 2.0, 3.0), 45.0)
    does.move_by("nonsense")
    assert twin.records["scenarios"][twin.scenario] == scenario
    desk.session.undo()
    desk.session.undo()
    assert dict(twin.records["scenarios"]) == before


def test_docks_keep_clear_of_each_other_whatever_tools_a_tab_brings(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    before, bottom = window.size(), window.docks[3]
    shown = bottom.shown
    for width, height, keys in (
        (1280, 720, ("checks", "differences")), (1920, 1080, ("checks",)),
    ):  # fmt: skip
        window.resize(width, height)
        for key in keys:
            bottom.turn(key)
            city.qt.processEvents()
            seen = [x.geometry() for x in window.docks if x.isVisible() and not x.isFloating()]
            assert not any(a.intersects(b) for a in seen for b in seen if a is not b), (width, key)
            tools = [x for x in bottom.bar.tools if not x.isHidden() and x.parent() is bottom.bar]
            assert all(bottom.bar.rect().contains(x.geometry()) for x in tools), (width, key)
    bottom.turn(shown)
    window.resize(before)


def _changed_by_hand(app: App, tool: BlockTool) -> None:
    """Hold the block, drag its top and a corner, type a number, remove it; every step is taken back."""
    desk, nothing = app.window.desk, frozenset[str]()
    twin, handles = desk.session.twin, tool.handles
    edit = handles.edits()[0]
    top = np.array([*np.mean(edit.ring, axis=0), edit.base + edit.height])
    seen = handles._sheet_at(top)
    assert seen is not None
    assert handles.pick(seen + QPointF(0, 2)) in ("", edit.id)
    desk.act("scenarios.choose", edit)
    assert handles.block() == edit.block()
    assert tool.press(seen, nothing)
    tool.drag(seen - QPointF(0, 30), nothing)
    tool.drop(seen, nothing)
    assert handles.edits()[0].height > edit.height
    desk.session.undo()
    corner = handles._sheet_at(handles.places(edit.block())[0])
    assert corner is not None
    assert tool.press(corner, nothing)
    tool.drag(corner + QPointF(-6, 6), nothing)
    tool.drop(corner, nothing)
    assert handles.edits()[0].ring != edit.ring
    desk.session.undo()
    assert tool.panel is not None
    tool.panel.tall.setValue(20.0)
    assert handles.edits()[0].height == 20.0
    desk.session.undo()
    assert tool.claims(Qt.Key.Key_Delete, nothing)
    tool.key(Qt.Key.Key_Delete, nothing)
    assert not handles.edits()
    desk.session.undo()
    assert twin.records["scenarios"][twin.scenario].edits == (edit,)
