"""Presenting in the window: saved views, stories, the audience's picture."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Make
from twin.commands.views import in_order
from twin.edits import SetRecord
from twin.flythrough.records import Keyframe, Route
from twin.geometry import F64
from twin.records import Bookmark
from ui.annotating.handlers import MarkHandlers
from ui.annotating.tool import AnnotateTool
from ui.app import App
from ui.bookmark_handlers import HIGH, WIDE, small_picture
from ui.flythrough.panel import FlythroughPanel
from ui.panels.annotations import AnnotationsPanel
from ui.panels.bookmarks import BookmarksPanel
from ui.panels.scenes import ScenesPanel
from ui.presenting.audience import step_of
from ui.presenting.presentation import Presentation
from ui.viewport.camera import pose_of
from ui.viewport.overlays import projected


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


# -- presenting --------------------------------------------------------------------------------


@pytest.fixture
def told(city: App, qtbot: QtBot) -> Iterator[App]:
    """The sample city presented in a window, with two scenes and a story of them."""
    session, desk, canvas = city.session, city.window.desk, city.view.canvas
    for kind in ("stories", "bookmarks"):
        for key in list(session.twin.records[kind]):
            session.do("x", SetRecord(kind, key, None))
    session.set_settings(replace(session.settings, audience="window", reduced_motion=True))
    canvas.navigator.reduced_motion = True
    for name in ("iso", "top"):
        canvas.standard_view(name)
        desk.act("bookmarks.add")
    yield city
    presentation(city).end()
    session.set_settings(replace(session.settings, audience="auto", reduced_motion=False))
    desk.act("panel.freshness")
    city.window.turn_role("custodian")


def presentation(app: App) -> Presentation:
    found = app.view.canvas.kept["presentation"]
    assert isinstance(found, Presentation)
    return found


def test_the_audience_sees_the_picture_of_the_view_and_nothing_is_drawn_for_it(
    told: App, qtbot: QtBot
) -> None:
    window, canvas, act = told.window, told.view.canvas, told.window.desk.act
    act("present.start")
    shared = presentation(told)
    assert shared.window is not None
    qtbot.waitUntil(lambda: told.view.still() and told.view.shown.complete, timeout=60_000)
    audience = shared.window
    assert audience.image is canvas.image  # the very picture, not another one
    assert audience.image is not None
    assert canvas.view.size == audience.pixels == audience.image.size().toTuple()
    assert abs(canvas.width() / canvas.height() - 16 / 9) < 0.02
    assert not window.legend.isVisible()
    assert not canvas.overlays_shown
    assert window.action("present.start").isChecked()
    spots = [(canvas.width() * x / 8, canvas.height() * y / 8) for x in range(8) for y in range(8)]
    hits = [(spot, canvas.hit_at(*spot)) for spot in spots]
    found = [(spot, hit) for spot, hit in hits if hit is not None]
    assert found
    for spot, hit in found:  # places over the smaller picture are right all the same
        at = projected(canvas.view, hit.world[None, :])[0, :2] / canvas.ratio
        assert at == pytest.approx(spot, abs=0.5)


def test_freezing_keeps_the_audience_s_picture_while_the_presenter_moves(
    told: App, qtbot: QtBot
) -> None:
    told.window.desk.act("present.start")
    shared = presentation(told)
    qtbot.waitUntil(told.view.still, timeout=60_000)
    assert shared.window is not None
    kept, words = shared.window.image, shared.words()
    shared.do("freeze")
    shared.do("next")
    qtbot.waitUntil(told.view.still, timeout=60_000)
    assert shared.window.image is kept
    assert shared.words() != words  # the presenter is told the next scene
    shared.do("freeze")
    assert shared.window.image is told.view.canvas.image
    shared.do("black")
    shared.changed()
    assert shared.window.dark
    shared.do("next")
    assert not told.window.desk.show.black or told.window.desk.show.following is None


def test_keys_tell_the_story_and_are_given_back(told: App, qtbot: QtBot) -> None:
    window, show = told.window, told.window.desk.show
    fit = window.action("view.fit")
    window.desk.act("present.start")
    assert fit.shortcuts() == []  # F freezes now
    assert show.number == 0
    shared = presentation(told)
    for name, number in (("next", 1), ("next", 1), ("previous", 0), ("bookmark_2", 0)):
        shared.do(name)
        assert show.number == number
    assert show.aside
    assert shared.words().title == ""  # no caption of another scene over a bookmark
    shared.do("spotlight")
    shared.do("laser")
    shared.point((0.25, 0.5))
    assert told.view.canvas.hand is not None
    assert show.pointer == (0.25, 0.5)
    hands: list[object] = []
    running: list[bool] = []
    for _ in range(2):
        shared.do("leave")
        hands.append(told.view.canvas.hand)
        running.append(show.running)
    assert (hands, running) == ([None, None], [True, False])
    assert [x.toString() for x in fit.shortcuts()] == ["F"]
    assert told.view.canvas.overlays_shown


def test_a_story_is_written_from_the_bookmarks_and_changed_in_the_form(
    told: App, qtbot: QtBot
) -> None:
    panel = next(x for x in told.window.desk.panels if isinstance(x, ScenesPanel))
    written = []
    for write in (False, True):
        if write:
            panel.stories.write()
        panel.refresh(panel.watches)
        written.append(panel.written)
    assert written == [False, True]
    panel.form.fields["title_zh"].setText("老城")
    panel.form.fields["title_zh"].editingFinished.emit()
    panel.form.notes.setPlainText("Pause.")
    panel.form.notes.left()
    panel.form.minutes.setValue(4)
    panel.form.minutes.editingFinished.emit()
    panel.refresh(panel.watches)
    scene = panel.model.scenes[0].scene
    assert (scene.title_zh, scene.notes, scene.minutes) == ("老城", "Pause.", 4.0)
    panel.move_scene(1)
    panel.refresh(panel.watches)
    assert panel.model.scenes[1].scene.id == scene.id
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    panel.refresh(panel.watches)
    assert len(panel.model.scenes) == 1
    first, bar = panel.model.story, panel.stories
    bar.begin("Second")
    panel.refresh(panel.watches)
    assert (bar.story.title, panel.model.scenes, bar.box.count()) == ("Second", [], 2)
    bar.rename("Short")
    bar.remove()
    panel.refresh(panel.watches)
    assert panel.model.story == first
    told.session.undo()
    panel.refresh(panel.watches)
    assert bar.box.itemText(1) == "Short"
    assert len([x for x in bar.menu().actions() if x.text()]) == 4


def test_a_scene_flies_its_route_and_the_next_one_ends_it(told: App, qtbot: QtBot) -> None:
    session, desk, canvas = told.session, told.window.desk, told.view.canvas
    panel = next(x for x in desk.panels if isinstance(x, ScenesPanel))
    flight = next(x for x in desk.panels if isinstance(x, FlythroughPanel)).control
    assert flight is not None
    panel.stories.write()
    panel.refresh(panel.watches)
    middle = canvas.navigator.pose.target
    keys = [
        Keyframe(t, _at(middle + np.array([t, -200.0, 90.0])), _at(middle)) for t in (0.0, 60.0)
    ]
    said = replace(keys[0], caption={"en": "Welcome\nto the city"})
    session.do("x", SetRecord("routes", "r", Route("r", "Tour", (said, keys[1]))))
    panel.refresh(panel.watches)
    panel.form.route.setCurrentIndex(panel.form.route.findData("r"))
    panel.form.route.activated.emit(panel.form.route.currentIndex())
    assert panel.model.title(0)
    desk.act("present.start")
    shared, began = presentation(told), desk.show.began
    qtbot.waitUntil(lambda: flight.player.playing, timeout=60_000)
    qtbot.waitUntil(lambda: shared.words().title == "Welcome", timeout=60_000)
    assert shared.words().text == "to the city"
    went = flight.t
    for act in ("flythrough.rest", "flythrough.resume"):  # as when the window is built anew
        desk.act(act)
        assert flight.player.playing == (act == "flythrough.resume")
    assert flight.t >= went
    states = []
    for name in ("pause", "pause", "next"):
        shared.do(name)
        states.append((flight.player.playing, flight.scene is not None))
    assert states == [(False, True), (True, True), (False, False)]  # it stands where it was paused
    assert desk.show.caption == {}
    assert (desk.show.number, desk.show.began) == (1, began)
    assert shared.words().title != "Welcome"
    session.do("x", SetRecord("routes", "r", None))


def _at(point: F64) -> tuple[float, float, float]:
    x, y, z = point.tolist()
    return x, y, z


@pytest.mark.parametrize(
    ("begun", "ended", "step"),
    [((500, 50), (300, 60), 1), ((300, 50), (500, 60), -1), ((950, 10), (950, 10), 1),
     ((20, 10), (21, 10), -1), ((500, 10), (500, 10), 0), ((500, 10), (540, 10), 0),
     ((500, 10), (600, 300), 0)],
)  # fmt: skip
def test_swipes_and_taps(begun: tuple[int, int], ended: tuple[int, int], step: int) -> None:
    assert step_of(QPointF(*begun), QPointF(*ended), 1000.0) == step


def test_a_change_of_language_goes_on_with_the_presentation(make_app: Make, qtbot: QtBot) -> None:
    app = make_app(language="en", audience="window")
    window, session = app.window, app.session
    for key in ("a", "b"):
        view = Bookmark(key, key, (0.0, -9.0, 9.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
        session.do("x", SetRecord("bookmarks", key, view))
    window.desk.act("present.start")
    shared = presentation(app)
    shared.do("next")
    shared.do("freeze")
    audience, began, docks = shared.window, window.desk.show.began, window.docks
    assert audience is not None
    kept = audience.image
    session.set_settings(replace(session.settings, language="zh"))
    window.tick(window.now)
    assert window.docks is not docks  # the panels were made anew
    assert (presentation(app), shared.window) == (shared, audience)
    assert audience.windowTitle() == window.desk.say("present.window") != "CityTwin, audience"
    show = window.desk.show
    assert (show.running, show.number, show.frozen, show.began) == (True, 1, True, began)
    assert audience.image is kept
    assert window.action("present.freeze").isChecked()
    assert not window.legend.isVisible()
    assert app.view.canvas.isVisible()
    assert window.action("view.fit").shortcuts() == []  # the keys speak to the presentation still
    shared.end()
    assert [x.toString() for x in window.action("view.fit").shortcuts()] == ["F"]


def test_digits_go_to_bookmarks_in_the_presenter_s_workspace(told: App, qtbot: QtBot) -> None:
    window, canvas = told.window, told.view.canvas
    top = window.action("view.top")
    before = canvas.navigator.pose
    window.turn_role("presenter")
    window.tick(window.now)
    window.tick(window.now)
    assert top.shortcuts() == []
    window.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(canvas, Qt.Key.Key_1)
    assert canvas.navigator.pose != before  # the first one is oblique, the view was from above
    QTest.keyClick(canvas, Qt.Key.Key_9)
    assert "9" in window.toast.text.text()
    panel = panel_of(told)
    tip = panel.model.data(panel.model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "(1)" in str(tip)
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_2)
    assert field.text() == "2"
    field.deleteLater()
    window.turn_role("custodian")
    window.tick(window.now)
    window.tick(window.now)
    assert [x.toString() for x in top.shortcuts()] == ["1"]


# -- annotations -------------------------------------------------------------------------------


def test_marks_are_made_where_one_clicks_and_dragged(city: App, qtbot: QtBot) -> None:
    window, canvas, session = city.window, city.view.canvas, city.session
    canvas.navigator.reduced_motion = True
    canvas.standard_view("iso")
    qtbot.waitUntil(city.view.still, timeout=60_000)
    tool = window.toolbox.tools["annotate"]
    assert isinstance(tool, AnnotateTool)
    window.toolbox.take("annotate")
    qtbot.waitUntil(city.view.still, timeout=60_000)
    places = [(x / 30, y / 30) for x in range(4, 27) for y in range(6, 27)]
    spots = [QPointF(canvas.width() * x, canvas.height() * y) for x, y in places]
    spots = [x for x in spots if canvas.hit_at(x.x(), x.y()) is not None]
    tool.panel.text.setText("School")
    assert tool.click(spots[0], frozenset())
    tool.choose("arrow")
    for spot in spots[1:3]:
        tool.click(spot, frozenset())
    tool.choose("line")
    for spot in spots[3:6]:
        tool.click(spot, frozenset())
    assert tool.key(Qt.Key.Key_Return, frozenset())
    marks = list(session.twin.records["annotations"].values())
    assert [(x.kind, len(x.points)) for x in marks] == [("label", 1), ("arrow", 2), ("line", 3)]
    assert marks[0].text == "School"
    assert tool.press(spots[0], frozenset())
    tool.drop(spots[7], frozenset())
    moved = session.twin.records["annotations"][marks[0].id]
    hit = canvas.hit_at(spots[7].x(), spots[7].y())
    assert hit is not None
    assert moved.points[0] == pytest.approx(hit.world, abs=2e-3)
    canvas.grab()  # painted over the picture
    panel = next(x for x in window.desk.panels if isinstance(x, AnnotationsPanel))
    panel.refresh(panel.watches)
    assert len(panel.model.marks) == 3
    panel.view.on_eye(0)
    assert not session.twin.records["annotations"][marks[0].id].visible
    assert len(panel.menu_of(0).actions()) == 6
    window.toolbox.put_back()


def test_views_go_to_a_file_and_come_back(city: App, tmp_path: Path) -> None:
    window, session = city.window, city.session
    window.desk.act("bookmarks.add")
    handlers = MarkHandlers(window.desk, window, city.view)
    before = dict(session.twin.records["bookmarks"])
    handlers.export(tmp_path / "v.kml")
    assert (tmp_path / "v.kml").read_bytes().startswith(b"<?xml")
    assert "EGM96" in window.toast.text.text()
    for key in before:
        session.run("bookmarks.remove", id=key)
    handlers.bring(tmp_path / "v.kml")
    assert set(session.twin.records["bookmarks"]) == set(before)
    assert session.history.undoable == "views.import"
    (tmp_path / "x.kml").write_text("<kml")
    window.toast.dismiss()
    handlers.bring(tmp_path / "x.kml")
    assert window.toast.kind == "error"
    assert set(session.twin.records["bookmarks"]) == set(before)
