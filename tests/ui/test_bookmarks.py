"""Saved views in the window: the list with pictures, there and back again."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from twin.commands.views import in_order
from ui.app import App
from ui.bookmark_handlers import HIGH, WIDE, small_picture
from ui.panels.bookmarks import BookmarksPanel
from ui.viewport.camera import pose_of


def panel_of(app: App) -> BookmarksPanel:
    return next(x for x in app.window.desk.panels if isinstance(x, BookmarksPanel))


def test_a_view_is_saved_and_gone_to(city: App, qtbot: QtBot) -> None:
    session, window, canvas = city.session, city.window, city.view.canvas
    panel, act = panel_of(city), city.window.desk.act
    panel.refresh(panel.watches)
    assert panel.stack.currentIndex() == 0
    canvas.navigator.reduced_motion = True
    canvas.go(pose_of(np.array([84700.0, 447300.0, 200.0]), np.array([84800.0, 447500.0, 0.0])))
    session.set_filter({"stale"})
    window.desk.select("delft", 3)
    then = canvas.navigator.pose
    act("bookmarks.add")
    qtbot.waitUntil(lambda: len(panel.model.views) == 1)
    assert not panel.model.picture(panel.model.views[0]).isNull()
    canvas.standard_view("top")
    window.desk.run("layers.hide", layer="delft")
    window.desk.run("view.color_by", column="kind")
    session.set_filter(())
    session.select({}, "replace")
    undoable = session.history.undoable
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert canvas.navigator.pose.eye == pytest.approx(then.eye)
    assert canvas.navigator.pose.yaw == pytest.approx(then.yaw)
    assert session.twin.layer("delft").visible
    assert session.twin.color_by.column == "freshness"
    assert session.filter.keys == {"stale"}
    assert session.selected["delft"].tolist() == [3]
    assert (undoable, session.undo()) == ("view.color_by", "bookmarks.show")
    assert not session.twin.layer("delft").visible
    session.redo()


def test_views_are_moved_renamed_and_removed_by_keys(city: App, qtbot: QtBot) -> None:
    panel, act = panel_of(city), city.window.desk.act
    for _ in range(3):
        act("bookmarks.add")
    panel.refresh(panel.watches)
    order = [x.id for x in in_order(city.session.twin)]
    panel.choose(order[-1])
    QTest.keyClick(panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    panel.refresh(panel.watches)
    assert [x.id for x in panel.model.views][-2:] == [order[-1], order[-2]]
    assert panel.list.currentIndex().row() == len(order) - 2  # it stays chosen
    panel.model.setData(panel.list.currentIndex(), " Old town ")
    assert city.session.twin.records["bookmarks"][order[-1]].title == "Old town"
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert order[-1] not in city.session.twin.records["bookmarks"]
    city.session.undo()
    assert order[-1] in city.session.twin.records["bookmarks"]
    names = [x.text() for x in panel.menu_of(0).actions() if x.text()]
    assert len(names) == 6


def test_the_small_picture_is_cut_to_its_middle() -> None:
    wide = QImage(900, 300, QImage.Format.Format_RGB32)
    wide.fill(Qt.GlobalColor.red)
    found = QImage.fromData(small_picture(wide))
    assert (found.width(), found.height()) == (WIDE, HIGH)
    assert small_picture(None) == b""
