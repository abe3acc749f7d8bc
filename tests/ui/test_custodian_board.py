"""The custodian board in the real window: counts, filters, why, and who is edited."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from ui.app import App
from ui.panels.custodian_board import CustodianBoard
from ui.panels.who_dialog import WhoDialog

pytestmark = pytest.mark.qt


@pytest.fixture
def board(city: App, qtbot: QtBot) -> CustodianBoard:
    city.window.show_panel("custodians")
    panel = next(x for x in city.window.desk.panels if isinstance(x, CustodianBoard))
    qtbot.waitUntil(lambda: panel.job is None and len(panel.model.board) > 0, timeout=WAIT)
    panel.model.show(axis="kind", flag="")
    return panel


def test_the_matrix_counts_every_unit_once_and_a_cell_selects_its_objects(
    city: App, board: CustodianBoard
) -> None:
    model = board.model
    assert len(model.board) == sum(x.count for x in city.session.painting().entries)
    assert [c.removeprefix("district:") for c in model.columns[2:]] == ["East", "Middle", "West"]
    row = model.cells.rows.index("Building")
    column = model.columns.index("district:East")
    count = int(model.cells.counts[row, model.cells.columns.index("East")].sum())
    board._choose(model.index(row, column), fly=False)
    assert sum(len(rows) for _, rows in city.window.desk.counted_selected()) == count
    assert "Gemeente Delft" in " ".join(board.why.words)


def test_the_ladder_of_one_object_says_what_decides(
    city: App, board: CustodianBoard, qtbot: QtBot
) -> None:
    city.window.desk.select("delft", 3)
    qtbot.waitUntil(lambda: len(board.why.words) > 4, timeout=WAIT)
    words = " ".join(board.why.words)
    assert "R1: named on the object: decides" in words
    assert "attributes.bronhouder" in words


def test_custodians_go_down_with_their_load_and_the_table_is_written(
    city: App, board: CustodianBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "board.csv"
    board.turn("custodian")
    row = board.model.cells.rows.index("Gemeente Delft")
    overdue = int(board.model.text(row, "overdue"))
    assert overdue == board.model.loads["Gemeente Delft"].overdue > 0
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    board._export()
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Custodian,Objects,Overdue,")
    assert len(lines) == board.model.rowCount() + 1


def test_objects_without_a_custodian_are_a_filter_that_selects_them(
    city: App, board: CustodianBoard, qtbot: QtBot
) -> None:
    empty = board.filters["orphan"]
    assert not empty.isEnabled()
    city.window.desk.run("responsibility.remove", id="R0001")
    qtbot.waitUntil(lambda: empty.count == 1, timeout=WAIT)
    empty.click()
    assert {key: rows.tolist() for key, rows in city.session.selected.items()} == {"duplex": [
        int(np.flatnonzero(city.session.twin.layer("duplex").features["kind"] == "IfcBuilding")[0])
    ]}  # fmt: skip
    qtbot.waitUntil(lambda: "nobody answers" in " ".join(board.why.words), timeout=WAIT)
    city.session.undo()
    qtbot.waitUntil(lambda: empty.count == 0, timeout=WAIT)


def test_parties_are_edited_and_those_that_stand_twice_are_merged(city: App) -> None:
    desk = city.window.desk
    parties = city.session.twin.records["parties"]
    dialog = WhoDialog(desk, city.window)
    page = dialog.pages["parties"]
    page._begin()
    for name, text in (("id", "twin"), ("name", "gemeente delft")):
        page.fields[name].setText(text)  # type: ignore[union-attr]
    page._apply()
    assert parties["twin"].name == "gemeente delft"
    button = dialog.problems.findChildren(QPushButton)[0]
    button.click()
    assert "twin" not in parties
    page = dialog.pages["absences"]
    page._begin()
    said = {"start": "2026-07-01", "end": "2026-08-01"}
    for name, text in said.items():
        page.fields[name].setText(text)  # type: ignore[union-attr]
    page.fields["substitute"].setCurrentIndex(1)  # type: ignore[union-attr]
    page._apply()
    assert len(city.session.twin.records["absences"]) == 1
    assert page.arguments()["start"] == "2026-07-01"
    page._remove()
    dialog.close()
    for _ in range(4):
        city.session.undo()
    assert "twin" not in parties
