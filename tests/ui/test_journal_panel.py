"""The journal in the window: newest first, by name, searched, copied."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, Make
from ui.panels.journal import SHOWN, JournalPanel


def test_the_journal_is_told_newest_first_with_names(
    make_app: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    app = make_app(author="Ada Lovelace")
    panel = app.window.findChild(JournalPanel)
    assert panel is not None
    app.window.show_panel("journal")
    assert panel.empty.isVisibleTo(panel)
    rules = tmp_path / "policy.toml"
    rules.write_text('version = 1\n[[policy]]\nid = "P-1"\nfrequency = "annually"\n')
    app.session.run("rules.policy", path=str(rules))
    app.session.undo()
    app.window.show_panel("journal")
    qtbot.waitUntil(lambda: panel.model.rowCount() >= 2, timeout=WAIT)

    def cell(row: int, name: str) -> str:
        return str(panel.model.data(panel.model.index(row, SHOWN.index(name))))

    assert cell(0, "action").endswith("(by undo)")
    assert {cell(row, "who") for row in range(2)} == {"Ada Lovelace"}
    assert panel.table.model().headerData(0, Qt.Orientation.Horizontal) == "When (UTC)"
    panel.search.setText("annually undo")
    assert 0 < panel.model.rowCount() < len(panel.model.table.rows)
    panel.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == panel.model.rowCount() + 1
