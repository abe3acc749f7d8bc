"""The page of BIM priority in the real window: it asks, answers, is told by hand, colours, orders; all undoable."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.prioritising import BIM_COLUMN
from ui.app import App
from ui.bim_question import BimQuestion
from ui.panels.bim import BimPanel
from ui.panels.bim_input import BimInputDialog, number_of
from ui.panels.bim_orders import BimOrdersDialog
from ui.panels.bim_rows import COLLECT, RANKED
from ui.panels.bim_weights import BimWeightsDialog


def panel_of(app: App) -> BimPanel:
    found = app.window.findChild(BimPanel)
    assert isinstance(found, BimPanel)
    return found


def answered(app: App, qtbot: QtBot, **arguments: str) -> BimPanel:
    """Ask, and wait until the page shows the answer."""
    if arguments:
        app.window.desk.run("bim.set", **arguments)
    panel, session = panel_of(app), app.session

    def there() -> bool:
        work = session.priority
        return (
            work is not None
            and work.done
            and not app.window.stale
            and panel.model.found is work.found
            and work.found is not None
            and panel.question._asked(None) == panel.question._last
        )

    qtbot.waitUntil(there, timeout=WAIT)
    return panel


@pytest.fixture
def opened(city: App, qtbot: QtBot) -> App:
    """Return the window with the page shown and the view coloured by it."""
    for kind in ("bim_settings", "bim_inputs"):
        for key in list(city.session.twin.records[kind]):
            city.session.twin.put_record(kind, key, None)
    city.window.desk.act("panel.bim")
    answered(city, qtbot, budget="none", min_score="40")
    return city


def test_nothing_is_guessed_and_what_is_missing_is_the_answer(opened: App, qtbot: QtBot) -> None:
    panel = panel_of(opened)
    assert panel.model.mode == COLLECT
    assert panel.model.rowCount() > 100
    assert panel.collect.rows
    assert "number of people" in panel.collect.lacks(panel.collect.rows[0])
    assert not panel.orders.isEnabled()
    qtbot.waitUntil(lambda: opened.session.twin.color_by.column == BIM_COLUMN, timeout=WAIT)


def test_data_by_hand_ranks_a_building_and_a_tick_leaves_it_out(opened: App, qtbot: QtBot) -> None:
    panel, desk = panel_of(opened), opened.window.desk
    uid = panel.question.uid(0)
    desk.run("bim.enter", uid=uid, values="occupancy=5000;use=0;heritage=2;cost=100")
    answered(opened, qtbot, budget="150")
    assert panel.model.mode == RANKED
    assert panel.model.rows == [0]
    assert panel.answer.text() == "1 building, score 60.0 for 100 kEUR"
    panel.toggle(0)
    answered(opened, qtbot)
    assert panel.model.stands == {0: "never"}
    assert panel.answer.text().startswith("No building")
    assert opened.session.undo() == "bim.stand"
    answered(opened, qtbot)
    assert panel.model.stands == {}
    desk.run("bim.set", budget="50")
    desk.run("bim.stand", uid=uid, how="must")
    answered(opened, qtbot)
    assert panel.answer.text() == "What must be chosen costs 50 kEUR more than the budget"


def test_list_and_view_select_the_same(opened: App, qtbot: QtBot) -> None:
    panel, session = panel_of(opened), opened.session
    panel.table.clicked.emit(panel.model.index(3, 1))
    layer, row = panel.question.place(panel.model.rows[3]) or ("", -1)
    assert session.selected[layer].tolist() == [row]
    other = panel.question.place(panel.model.rows[5])
    assert other is not None
    opened.window.desk.select(*other)
    qtbot.waitUntil(
        lambda: [x.row() for x in panel.table.selectionModel().selectedRows()] == [5], timeout=WAIT
    )


def test_the_levers_keep_what_is_asked(opened: App, qtbot: QtBot) -> None:
    panel, twin = panel_of(opened), opened.session.twin
    panel.levers.budget.setValue(900)
    panel.levers.least.setValue(5)
    panel.levers.packs.menu().actions()[0].setChecked(True)
    qtbot.waitUntil(lambda: "bim" in twin.records["bim_settings"], timeout=WAIT)
    qtbot.waitUntil(lambda: twin.records["bim_settings"]["bim"].packs == ("HK",), timeout=WAIT)
    settings = twin.records["bim_settings"]["bim"]
    assert (settings.budget, settings.min_score) == (900, 5.0)
    answered(opened, qtbot)
    assert panel.levers.slider.value() == 900
    assert panel.model.found is not None
    assert panel.model.found.choice.chosen.cost <= 900


def test_orders_are_raised_for_the_chosen_once(opened: App, qtbot: QtBot) -> None:
    panel, session = panel_of(opened), opened.session
    answered(opened, qtbot, budget="130", min_score="5")
    before = len(session.twin.records["orders"])
    dialog = BimOrdersDialog(panel.question, panel, panel.model.found)  # type: ignore[arg-type]
    dialog.dated.setChecked(True)
    assert len(dialog.due()) == 10
    handler = opened.window.handlers.table()["bim.orders"].__self__  # type: ignore[attr-defined]
    handler.raise_orders(dialog.due())
    orders = list(session.twin.records["orders"].values())[before:]
    assert len(orders) == len(panel.model.chosen) == 2
    assert {order.reason for order in orders} == {"bim"}
    handler.raise_orders()
    assert len(session.twin.records["orders"]) == before + 2
    session.undo()


def test_the_dialogs_say_what_is_known_and_keep_what_is_typed(
    opened: App, qtbot: QtBot, tmp_path: Path
) -> None:
    question = BimQuestion(opened.window.desk)
    dialog = BimInputDialog(question, opened.window, 0)
    qtbot.addWidget(dialog)
    dialog.fields["occupancy"].setText("1 200")  # type: ignore[union-attr]
    assert dialog.values() == "occupancy=1200"
    assert dialog.fields["height_m"].placeholderText()
    assert [number_of(text) for text in ("", "x", "-1", "1\u2009000")] == [
        None,
        None,
        None,
        1000.0,
    ]
    weights = BimWeightsDialog(opened.window.desk, opened.window, "")
    qtbot.addWidget(weights)
    assert weights.text() == ""
    weights.sliders["height"].setValue(40)
    weights.currency.setText("CNY")
    text = weights.text()
    assert 'currency = "CNY"' in text
    path = tmp_path / "bim.toml"
    path.write_text(text, "utf-8")
    again = BimWeightsDialog(opened.window.desk, opened.window, "")
    qtbot.addWidget(again)
    again.read(path)
    assert again.shares["height"].text() == "32 %"
    path.write_text("[weights]\ngfa = 3", "utf-8")
    again.read(path)
    assert again.shares["height"].text() == "32 %"


def test_keys_tick_and_the_picture_can_be_painted(opened: App, qtbot: QtBot) -> None:
    panel, session = panel_of(opened), opened.session
    answered(opened, qtbot, budget="300", min_score="5")
    panel.table.setCurrentIndex(panel.model.index(0, 1))
    row = panel.model.rows[0]
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert np.any([one.stand for one in session.twin.records["bim_inputs"].values()])
    answered(opened, qtbot)
    assert panel.model.stands[row] in ("must", "never")
    assert not panel.grab().isNull()
    assert "Floor area" in panel.model.told(0)


def test_a_view_coloured_by_the_choice_is_coloured_again_when_the_city_comes_back(
    opened: App, qtbot: QtBot
) -> None:
    session = opened.session
    qtbot.waitUntil(lambda: session.twin.color_by.column == BIM_COLUMN, timeout=WAIT)
    panel_of(opened).hide()
    session.priority = None
    qtbot.waitUntil(
        lambda: session.priority is not None and session.priority.found is not None, timeout=WAIT
    )
    panel_of(opened).show()
