"""The audit in the window: written in every format, ages chosen in the chart, the trend of snapshots."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.auditing import FORMATS
from ui.app import App
from ui.audit_saving import OFFERED, save_audit, take_snapshot, write_audit
from ui.monthly import Monthly

pytestmark = pytest.mark.qt


def written_and_idle(city: App, path: Path) -> bool:
    return path.exists() and not city.session.jobs.pending


def chosen(path: Path, *_: object) -> tuple[str, str]:
    return str(path), ""


def test_every_format_is_offered_and_written_by_a_job(
    city: App, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(OFFERED) == sorted(FORMATS)
    window = city.window
    for form in ("xlsx", "gpkg", "iso19115"):
        path = tmp_path / f"audit{FORMATS[form].suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", partial(chosen, path))
        save_audit(window.desk, window, form)
        qtbot.waitUntil(partial(written_and_idle, city, path), timeout=WAIT)
        assert path.stat().st_size > 1000
    qtbot.waitUntil(lambda: "audit.xml" in window.toast.text.text(), timeout=WAIT)
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_cannot_be_written_is_told(city: App, qtbot: QtBot, tmp_path: Path) -> None:
    write_audit(city.window.desk, tmp_path / "none" / "a.csv", "csv")
    qtbot.waitUntil(lambda: "a.csv" in city.window.toast.text.text(), timeout=WAIT)


def test_a_column_of_ages_chooses_its_objects_by_mouse_and_by_keyboard(city: App) -> None:
    panel = city.window.freshness
    chart = panel.age
    chart.resize(400, 140)
    oldest = int(np.argmax(chart.table.sum(axis=1)))
    area = chart._area()
    x = int(area.left() + (oldest + 0.5) * area.width() / len(chart.table))
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    chosen = sum(len(rows) for _, rows in city.window.desk.counted_selected())
    assert chosen == int(chart.table[oldest].sum()) > 0
    city.session.select({}, "replace")
    chart.at = oldest - 1
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return):
        chart.keyPressEvent(
            QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        )
    assert sum(len(rows) for _, rows in city.window.desk.counted_selected()) == chosen


def test_a_custodians_bar_filters_the_table_and_chooses_their_objects(city: App) -> None:
    panel, desk = city.window.freshness, city.window.desk
    bars = panel.custodians
    bars.resize(300, 60)
    name, counts = bars.found[0]
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 5))
    filtered = panel.model.wanted.custodian
    assert filtered == name
    assert sum(len(rows) for _, rows in desk.counted_selected()) == sum(counts.values()) > 0
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 5))
    assert panel.model.wanted.custodian is None
    assert not desk.counted_selected()


def test_a_snapshot_appears_in_the_trend_and_can_be_undone(city: App, qtbot: QtBot) -> None:
    column = city.window.freshness.side
    column.turn("trend")
    assert column.pages.currentWidget() is column.trend
    assert not column.trend.grab().isNull()
    take_snapshot(city.window.desk)
    qtbot.waitUntil(lambda: len(column.trend.kept) == 1, timeout=WAIT)
    assert "%" in column.trend.accessibleDescription()
    assert not column.trend.grab().isNull()
    city.session.undo()
    qtbot.waitUntil(lambda: not column.trend.kept, timeout=WAIT)
    column.turn("age")


def test_a_saved_project_keeps_one_snapshot_a_month_and_undo_is_not_disturbed(
    city: App, qtbot: QtBot, tmp_path: Path
) -> None:
    session = city.session
    before, undoable = session.at, session.history.undoable
    try:
        session.save_as(tmp_path / "p.twin.gpkg")
        Monthly(session).step()
        assert not session.twin.records["snapshots"]  # judged as of another day
        session.set_instants(np.datetime64("now", "ms"))
        qtbot.waitUntil(lambda: bool(session.twin.records["snapshots"]), timeout=WAIT)
        assert list(session.twin.records["snapshots"]) == [str(session.at)[:10]]
        assert session.history.undoable == undoable
    finally:
        session.set_instants(before)
        qtbot.waitUntil(lambda: not session.jobs.pending, timeout=WAIT)
