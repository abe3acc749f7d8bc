"""The board of work orders in the real window: raised, moved on, found in the city, undone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.ui.cli.test_orders_pack import filled_in
from tests.ui.conftest import WAIT
from twin.edits import SetRecord, Together
from twin.maintenance.orders.records import WorkOrder
from twin.records import Party, Responsibility
from ui.app import App
from ui.orders.cards import CARD, Proposed
from ui.orders.listing import COLUMNS
from ui.orders.merge_dialog import MergeDialog
from ui.orders.move_dialog import MoveDialog
from ui.orders.page import OrderPage
from ui.orders.panel import OrdersPanel
from ui.orders.raise_dialog import RaiseDialog
from ui.orders.writing import FORMS, write

AUDITOR = (
    SetRecord("parties", "ada", Party("ada", "Ada Lovelace", organisation=False)),
    SetRecord("responsibilities", "R9001", Responsibility("ada", "auditor", "default")),
)


@pytest.fixture
def app(city: App) -> Iterator[App]:
    """Return the sample city with an auditor and without orders."""
    session = city.session
    before = session.history.undoable
    session.do("rules.use", Together(AUDITOR))
    yield city
    while session.history.undoable != before:
        session.undo()
    session.select({})
    city.window.desk.acting = ""


def panel_of(app: App) -> OrdersPanel:
    return next(x for x in reversed(app.window.desk.panels) if isinstance(x, OrdersPanel))


def orders_of(app: App) -> list[WorkOrder]:
    return list(app.session.twin.records["orders"].values())


def raised(app: App, qtbot: QtBot) -> OrdersPanel:
    """Raise orders for what is suspect through the dialog."""
    dialog = RaiseDialog(app.window.desk, app.window)
    qtbot.addWidget(dialog)
    for name, box in dialog.statuses.items():
        box.setChecked(name == "suspect")
    dialog.by.setCurrentIndex(dialog.by.findData("ada"))
    dialog.title.setText("Look again")
    qtbot.waitUntil(lambda: dialog.raised is not None, timeout=WAIT)
    assert dialog.ok.isEnabled()
    assert dialog.raised is not None
    assert str(len(dialog.raised.new)) in dialog.found.text()
    assert {order.title for order in dialog.raised.new} == {"Look again"}
    app.session.run("orders.issue", statuses="suspect", by="ada", title="Look again")
    app.window.desk.act("panel.orders")
    panel = panel_of(app)
    qtbot.waitUntil(lambda: len(panel.facts) == len(orders_of(app)) > 0, timeout=WAIT)
    return panel


def test_orders_stand_on_the_board_and_select_their_objects(app: App, qtbot: QtBot) -> None:
    panel = raised(app, qtbot)
    lane = panel.board.lanes["raised"]
    assert lane.model.rowCount() == len(orders_of(app))
    lane.view.setCurrentIndex(lane.model.index(0))
    order = lane.model.cards[0].order
    selected = {key: rows.tolist() for key, rows in app.session.selected.items()}
    ids = {
        str(app.session.twin.layer(k).features.id[row])
        for k, rows in selected.items()
        for row in rows
    }
    assert {item.id for item in order.objects} <= ids
    page = next(x for x in reversed(app.window.desk.panels) if isinstance(x, OrderPage))
    assert page.order == order.id
    panel.show_view("list")
    assert panel.table.orders.rowCount() == len(orders_of(app))
    head = panel.table.orders.headerData(COLUMNS.index("due"), Qt.Orientation.Horizontal)
    assert "↑" in str(head)
    panel.show_view("board")


def test_a_step_that_is_not_possible_says_why_and_one_that_is_can_be_undone(
    app: App, qtbot: QtBot
) -> None:
    panel = raised(app, qtbot)
    order = orders_of(app)[0]
    dialog = MoveDialog(app.window.desk, [order], "assigned", app.window)
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled()
    assert dialog.wrong.text()
    dialog.by.setCurrentIndex(dialog.by.findData("ada"))
    dialog.fields["to"].setCurrentIndex(dialog.fields["to"].findData("delft"))  # type: ignore[union-attr]
    assert dialog.ok.isEnabled()
    assert app.window.desk.run("orders.move", **dialog.arguments())
    qtbot.waitUntil(lambda: panel.board.lanes["assigned"].model.rowCount() == 1, timeout=WAIT)
    app.session.undo()
    qtbot.waitUntil(lambda: panel.board.lanes["assigned"].model.rowCount() == 0, timeout=WAIT)
    closing = MoveDialog(app.window.desk, [orders_of(app)[0]], "closed", app.window)
    qtbot.addWidget(closing)
    closing.by.setCurrentIndex(closing.by.findData("ada"))
    assert not closing.ok.isEnabled()


def test_what_a_delivery_proposes_hangs_under_the_card_and_waits_for_a_click(
    app: App, qtbot: QtBot
) -> None:
    panel = raised(app, qtbot)
    order = orders_of(app)[0].id
    asked: list[str] = []
    lane = panel.board.lanes["raised"]
    lane.cards.on_step = asked.append
    panel.propose({order: Proposed("A newer delivery shows the change.", "Verify")})
    row = [one.order.id for one in lane.model.cards].index(order)
    rect = lane.view.visualRect(lane.model.index(row))
    assert rect.height() > CARD + 40
    lane.view.scrollTo(lane.model.index(row))
    rect = lane.view.visualRect(lane.model.index(row))
    spot = QPoint(rect.left() + 24, rect.bottom() - 8 - 14)
    qtbot.mouseClick(lane.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)  # type: ignore[no-untyped-call]
    assert asked == [order]
    panel.propose({})


def test_the_search_and_the_party_leave_out_the_others(app: App, qtbot: QtBot) -> None:
    panel = raised(app, qtbot)
    whole = sum(lane.model.rowCount() for lane in panel.board.lanes.values())
    panel.want_party("nobody at all")
    assert sum(lane.model.rowCount() for lane in panel.board.lanes.values()) == 0
    panel.reveal(orders_of(app)[0].id)
    assert sum(lane.model.rowCount() for lane in panel.board.lanes.values()) == whole
    assert panel.chosen == [orders_of(app)[0].id]
    assert len(panel.lines()) == whole + 1
    assert np.all([len(line) == len(COLUMNS) for line in panel.lines()])


@pytest.mark.parametrize("form", ["bcf", "ics", "eml", "csv", "pack"])
def test_orders_are_written_beside_the_window(
    app: App, qtbot: QtBot, tmp_path: Path, form: str
) -> None:
    app.session.run("orders.issue", statuses="suspect", by="ada")
    path = tmp_path / FORMS[form][0]
    write(app.window.desk, path, form, tuple(orders_of(app)))
    qtbot.waitUntil(path.exists, timeout=WAIT)
    qtbot.waitUntil(lambda: str(path) in app.window.toast.text.text(), timeout=WAIT)
    assert path.stat().st_size > 100


def test_a_pack_that_came_back_is_shown_before_it_is_taken_in(
    app: App, qtbot: QtBot, tmp_path: Path
) -> None:
    app.session.run("orders.issue", statuses="suspect", by="ada")
    order = orders_of(app)[0]
    path = tmp_path / "pack.zip"
    write(app.window.desk, path, "pack", (order,))
    qtbot.waitUntil(path.exists, timeout=WAIT)
    back = filled_in(path, f"UPDATE orders SET note = 'seen' WHERE number = {order.number}")
    app.window.desk.acting = "ada"
    dialog = MergeDialog(app.window.desk, str(back), app.window)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=WAIT)
    assert dialog.table.rowCount() == 1
    assert dialog.ok.isEnabled()
    dialog.perform()
    kept = app.session.twin.records["orders"][order.id]
    assert kept.transitions[-1].note == "seen"
