"""Evidence in the window: read, asked about, marked over the city, dismissed with a note; tables joined."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, Make
from twin.commands.evidence import known_ids
from twin.maintenance.vector_files import read_vector
from ui.app import App
from ui.evidence.handlers import EvidenceHandlers
from ui.evidence.import_dialog import ImportDialog
from ui.evidence.panel import EvidencePanel
from ui.evidence.sidecar_dialog import SidecarDialog

Files = tuple[Path, Path]


@pytest.fixture
def city(make_app: Make, qtbot: QtBot, tiny: Path) -> App:
    app = make_app()
    app.session.open(str(tiny / "delft_tiny.city.json"))
    qtbot.waitUntil(
        lambda: bool(app.session.twin.layers) and not app.session.jobs.pending, timeout=WAIT
    )
    return app


@pytest.fixture
def files(city: App, tmp_path: Path) -> Files:
    (layer,) = city.session.twin.layers.values()
    keys = layer.features.id[layer.features.parent < 0].tolist()
    x, y = layer.bounds[[0, 1]] + 5
    hints, survey = tmp_path / "demolitions.csv", tmp_path / "survey.csv"
    hints.write_text(
        f"id,building,when,note,wkt\nD1,{keys[0]},43831,one,\nD2,gone,2024,two,\nD3,,2025-02,three,"
        f'"POLYGON (({x} {y},{x + 9} {y},{x + 9} {y + 9},{x} {y}))"\n'
    )
    survey.write_text("key,surveyed,storeys\n" + "".join(f"{key},43831,3\n" for key in keys))
    return hints, survey


def panel_of(app: App) -> EvidencePanel:
    found = app.window.findChild(EvidencePanel)
    assert isinstance(found, EvidencePanel)
    return found


def handlers_of(app: App) -> EvidenceHandlers:
    return EvidenceHandlers(app.window.desk, app.window, app.view)


def test_a_file_is_asked_about_and_taken_in_as_one_step(
    city: App, files: Files, qtbot: QtBot
) -> None:
    panel, session = panel_of(city), city.session
    assert panel.empty.isVisibleTo(panel)
    table = read_vector(str(files[0]))
    dialog = ImportDialog(
        city.window.desk, city.window, str(files[0]), table, known_ids(session.twin)
    )
    qtbot.addWidget(dialog)
    assert (dialog.chosen().object, dialog.chosen().date) == ("building", "when")
    assert dialog.usual().kind == "demolition"
    cells = [dialog.preview.item(0, n).text() for n in range(dialog.preview.columnCount())]  # type: ignore[union-attr]
    assert cells[3:5] == ["43831", "2020-01-01"]
    dialog.columns["date"].setCurrentIndex(0)
    assert dialog.preview.item(0, 4).text() == "no date"  # type: ignore[union-attr]
    dialog.columns["date"].setCurrentIndex(dialog.columns["date"].findData("when"))
    handlers = handlers_of(city)
    handlers.take(str(files[0]), table, dialog.chosen(), dialog.usual())
    qtbot.waitUntil(lambda: len(panel.model.rows) == 3, timeout=WAIT)
    assert not panel.empty.isVisibleTo(panel)
    assert "unknown" in panel.model.cells[[r.id for r in panel.model.rows].index("D2")]["where"]
    assert session.history.undoable == "evidence.import"

    row = [r.id for r in panel.model.rows].index("D1")
    panel.table.selectRow(row)
    assert sum(map(len, session.selected.values())) >= 1
    handlers.marks.show(True)
    city.view.canvas.repaint()
    handlers.marks._read()
    assert len(handlers.marks.rings) == 1
    assert {mark.key for mark in handlers.marks.marks} == {"D1", "D3"}
    handlers.dismiss(["D1"], note="same house")
    assert session.twin.records["evidence"]["D1"].note == "same house"
    qtbot.waitUntil(lambda: len(panel.model.rows) == 2, timeout=WAIT)
    panel.do("copy")
    assert "two" in QApplication.clipboard().text()
    session.undo()
    session.undo()
    qtbot.waitUntil(lambda: panel.empty.isVisibleTo(panel), timeout=WAIT)


def test_a_table_is_joined_by_what_the_form_says(city: App, files: Files, qtbot: QtBot) -> None:
    session = city.session
    dialog = SidecarDialog(
        city.window.desk, city.window, str(files[1]), read_vector(str(files[1]))
    )
    qtbot.addWidget(dialog)
    assert dialog.mapping().id == "key"
    box: Any = dialog.roles[dialog.names.index("surveyed")]
    box.setCurrentIndex(box.findData("date.captured"))
    assert dialog.table.item(1, 3).text() == "2020-01-01/2020-01-02"  # type: ignore[union-attr]
    dialog.apply.click()
    (layer,) = session.twin.layers
    qtbot.waitUntil(lambda: "storeys" in session.twin.layer(layer).features.columns, timeout=WAIT)
    kept = session.twin.layer(layer).observations
    assert np.datetime64("2020-01-01", "ms") in kept.t_lo
