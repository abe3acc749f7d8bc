"""The dock of checks in the real window: rules dropped, outcomes, colours, failed objects, results."""

import json
from pathlib import Path
from shutil import copyfile

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.conftest import DATA
from tests.ui.conftest import WAIT, Make
from twin.checking import COLUMN, Part
from ui.app import App
from ui.panels.checks import ChecksPanel

pytestmark = pytest.mark.qt


def panel_of(app: App) -> ChecksPanel:
    return next(x for x in app.window.desk.panels if isinstance(x, ChecksPanel))


def drop(app: App, path: Path) -> None:
    """Drop a file onto the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(200, 200), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    app.window.dropEvent(event)


@pytest.fixture
def house(make_app: Make, qtbot: QtBot, tmp_path: Path) -> App:
    """Return the window with a small house, checked by rules that were dropped onto it."""
    path = tmp_path / "house.ifc"
    copyfile(DATA / "simple_wall.ifc", path)
    app = make_app()
    app.window.handlers.open_path(str(path))
    qtbot.waitUntil(lambda: "house" in app.session.twin.layers, timeout=WAIT)
    drop(app, DATA / "walls.ids")
    qtbot.waitUntil(lambda: "house" in app.session.checks.results, timeout=WAIT)
    rest(app, qtbot)
    return app


def rest(app: App, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.window.stale and not app.window.waiting, timeout=WAIT)


def test_rules_that_are_dropped_show_outcomes_colours_and_failures(
    house: App, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = panel_of(house)
    assert house.window.docks[3].shown == "checks"
    lines = [panel.lines.line(i) for i in range(panel.lines.rowCount())]
    assert [(line.text, line.icon) for line in lines if line.depth < 2] == [
        ("Walls", "failed"),
        ("Walls are named", "passed"),
        ("Walls are rated", "failed"),
        ("No lifts", "passed"),
    ]
    assert lines[0].note == "1 failed, 2 passed, 0 n/a"
    assert house.session.twin.color_by.column == COLUMN
    assert panel.color.isChecked()
    _follow_a_rule(house, panel, qtbot)
    _fly_to_a_failure(house, panel, qtbot)
    _write_results(house, tmp_path, monkeypatch)
    _notice_a_change(house, panel, qtbot)


def _follow_a_rule(app: App, panel: ChecksPanel, qtbot: QtBot) -> None:
    panel.choose(Part(0))
    rest(app, qtbot)
    counts = {entry.key: entry.count for entry in app.session.painting().entries}
    assert counts["failed"] == 0
    assert counts["passed"] == 1
    assert panel.failures.rowCount() == 0
    panel.choose(Part(1))
    assert panel.failures.rowCount() == 2
    panel.failures.filter("bearing type")
    assert [one.thing.kind for one in panel.failures.found] == ["IfcWallType"]
    panel.failures.filter("")


def _fly_to_a_failure(app: App, panel: ChecksPanel, qtbot: QtBot) -> None:
    kinds = {one.thing.kind: i for i, one in enumerate(panel.failures.found)}
    (wall,) = panel.failures.found[kinds["IfcWallStandardCase"]].rows
    for kind in ("IfcWallStandardCase", "IfcWallType"):
        app.session.select({})
        panel.go(kinds[kind])  # of a type its objects
        assert app.session.selected["house"].tolist() == [wall]


def _write_results(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for form, suffix in (("html", ".html"), ("json", ".json"), ("bcf", ".bcf"), ("xlsx", ".xlsx")):
        path = folder / f"out{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, p=path: (str(p), ""))
        app.window.desk.act("checks.export", form)
        assert path.stat().st_size > 500
    check = json.loads((folder / "out.json").read_text("utf-8"))["checks"][0]
    assert check["counts"] == {"passed": 2, "failed": 1, "none": 0}
    app.window.desk.act("checks.topics")
    assert len(app.session.twin.records["topics"]) == 1
    app.session.undo()
    assert not app.session.twin.records["topics"]


def _notice_a_change(app: App, panel: ChecksPanel, qtbot: QtBot) -> None:
    assert not panel.note.isVisible()
    path = Path(app.session.twin.layer("house").source.path)
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    panel.refresh(panel.watches)
    assert panel.note.isVisible()
    app.window.desk.act("checks.again")
    qtbot.waitUntil(lambda: "house" in app.session.checks.results, timeout=WAIT)
    rest(app, qtbot)
    assert not panel.note.isVisible()
    app.window.desk.act("checks.clear")
    rest(app, qtbot)
    assert panel.stack.currentIndex() == 0
    assert app.session.twin.color_by.column != COLUMN
