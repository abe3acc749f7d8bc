"""The fly-through in the real window: keyframes by mouse and keys, tracks, play, what comes back at the end."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QDate, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.flythrough.reading import write_route
from twin.flythrough.records import Cue, Keyframe, Route
from twin.flythrough.state import State
from twin.geometry import U8
from twin.scene import Aspect
from twin.settings import Settings
from ui.app import App
from ui.flythrough.bar_forms import BarForm
from ui.flythrough.control import Flythrough
from ui.flythrough.film_dialog import FilmDialog, freshness_note
from ui.flythrough.key_form import KeyForm
from ui.flythrough.menus import route_menu, row_menu
from ui.flythrough.panel import FlythroughPanel
from ui.flythrough.plan import RoutePanel
from ui.flythrough.tool import FlythroughTool

pytestmark = [pytest.mark.qt, pytest.mark.render]
Key = Qt.Key
NONE, CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class Desk:
    """The window with a route of three keyframes in hand."""

    def __init__(self, app: App) -> None:
        self.app = app
        found = next(x for x in app.window.desk.panels if isinstance(x, FlythroughPanel))
        assert found.control is not None
        self.panel, self.line = found, found.timeline
        self.control: Flythrough = found.control

    def press(self, key: Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.line, key, held)

    def at(self, t: float, track: str) -> QPoint:
        row = self.line.rows.box(track)
        return QPointF(self.line.axis.x(t), row.center().y()).toPoint()

    def drag(self, track: str, start: float, end: float) -> None:
        a, b = self.at(start, track), self.at(end, track)
        QTest.mousePress(self.line, Qt.MouseButton.LeftButton, NONE, a)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(self.line, QPoint(round(a.x() + share * (b.x() - a.x())), a.y()))
        QTest.mouseRelease(self.line, Qt.MouseButton.LeftButton, NONE, b)

    @property
    def times(self) -> list[float]:
        route = self.control.route
        return [] if route is None else [key.t for key in route.keyframes]


@pytest.fixture
def desk(city: App) -> Iterator[Desk]:
    found = Desk(city)
    session = city.session
    before = len(session.history.undoable)
    box = session.twin.bounds
    middle = (box[:3] + box[3:]) / 2
    keys = []
    for n, (x, y) in enumerate([(-100.0, -80.0), (0.0, 30.0), (90.0, 60.0)]):
        eye = middle + np.array([x, y, 40.0])
        keys.append(Keyframe(4.0 * n, tuple(eye.tolist()), tuple(middle.tolist())))
    cues = (Cue(1.0, caption={"en": "Welcome", "zh": "欢迎"}), Cue(3.0, caption={}))
    route = Route("r", "Tour", tuple(keys), cues=cues)
    city.window.show_panel("flythrough")
    city.window.desk.act("flythrough.hand", route)
    found.line.resize(1000, 240)
    found.line.set_axis(found.line.axis.fitted(8.0))
    found.control.kept.snap = 0.5
    found.control.tell()
    yield found
    found.control.stop()
    found.control.kept.muted = found.control.acting.muted = frozenset()
    while len(session.history.undoable) > before:
        session.undo()
    found.control.tell()
    city.window.toolbox.put_back()


def test_keyframes_are_dragged_stepped_removed_copied_and_undone(desk: Desk) -> None:
    desk.drag("camera", 4.0, 5.1)
    assert desk.times == [0.0, 5.0, 8.0]
    desk.press(Key.Key_Right, ALT)
    assert desk.times == [0.0, 5.5, 8.0]
    desk.drag("camera", 5.5, 12.0)
    assert desk.times[1] == pytest.approx(7.95)
    desk.app.session.undo()
    desk.app.session.undo()
    desk.app.session.undo()
    assert desk.times == [0.0, 4.0, 8.0]
    desk.press(Key.Key_C, CTRL)
    desk.press(Key.Key_End)
    desk.press(Key.Key_V, CTRL)
    assert desk.times == [0.0, 4.0, 8.0, 8.05]
    desk.press(Key.Key_Delete)
    assert desk.times == [0.0, 4.0, 8.0]
    desk.press(Key.Key_A, CTRL)
    desk.press(Key.Key_Delete)
    assert desk.times == [0.0, 4.0, 8.0]


def test_several_things_are_selected_by_a_band_and_from_keyframe_to_keyframe(desk: Desk) -> None:
    line, left = desk.line, Qt.MouseButton.LeftButton
    t = desk.control.t
    a, b = desk.at(3.0, "camera"), desk.at(9.0, "captions")
    QTest.mousePress(line, left, SHIFT, a)
    for share in (0.4, 1.0):
        QTest.mouseMove(line, a + (b - a) * share)
    QTest.mouseRelease(line, left, SHIFT, b)
    assert line.chosen.keys == {1, 2}
    assert line.chosen.bars == {("captions", 0)} or not line.chosen.bars
    assert desk.control.t == t
    QTest.mouseClick(line, left, NONE, desk.at(0.0, "camera"))
    QTest.mouseClick(line, left, SHIFT, desk.at(8.0, "camera"))
    assert line.chosen.keys == {0, 1, 2}
    assert "m/s" in line.tip(QPointF(desk.at(4.0, "camera")))
    desk.press(Key.Key_Right, ALT)
    assert desk.times == [0.5, 4.5, 8.5]


def test_keys_move_the_playhead_and_the_picture(desk: Desk) -> None:
    desk.press(Key.Key_Home)
    desk.press(Key.Key_Right)
    desk.press(Key.Key_Right)
    assert desk.control.t == 1.0
    desk.press(Key.Key_Right, CTRL)
    assert desk.control.t == 4.0
    eye = desk.app.view.canvas.navigator.pose.eye
    assert desk.control.route is not None
    assert eye == pytest.approx(desk.control.route.keyframes[1].eye)
    desk.press(Key.Key_End)
    assert desk.control.t == 8.0


def test_a_keyframe_is_taken_from_the_view(desk: Desk) -> None:
    desk.press(Key.Key_End)
    canvas = desk.app.view.canvas
    canvas.put(replace(canvas.navigator.pose, yaw=77.0))
    desk.press(Key.Key_K)
    assert desk.times == [0.0, 4.0, 8.0, 13.0]
    route = desk.control.route
    assert route is not None
    assert route.keyframes[3].eye == pytest.approx(canvas.navigator.pose.eye, abs=1e-3)


def test_a_bar_is_moved_and_its_end_dragged(desk: Desk) -> None:
    desk.drag("captions", 2.0, 4.5)
    bar = desk.control.score.bars["captions"][0]
    assert (bar.start, bar.end) == (3.5, 5.5)
    end = desk.line.axis.seconds(3)
    desk.drag("captions", 5.5 - end, 7.0 - end)
    assert desk.control.score.bars["captions"][0].end == 7.0
    desk.press(Key.Key_Left, SHIFT)
    assert desk.control.score.bars["captions"][0].end == 6.5
    desk.press(Key.Key_Delete)
    assert desk.control.score.bars["captions"] == ()


def test_what_a_route_shows_comes_and_what_was_there_comes_back(desk: Desk) -> None:
    control, twin = desk.control, desk.app.session.twin
    key = next(iter(twin.layers))
    control.say("layers", 2.0, {key: False})
    control.say("color_by", 2.0, "kind")
    control.say("as_of", 2.0, "2015")
    history = len(desk.app.session.history.undoable)
    before = (twin.color_by.column, desk.app.session.as_of)
    control.scrub(3.0)
    assert not twin.layers[key].visible
    assert (twin.color_by.column, str(desk.app.session.as_of)[:4]) == ("kind", "2015")
    control.mute("layers")
    assert twin.layers[key].visible
    control.scrub(1.0)
    assert (twin.color_by.column, desk.app.session.as_of) == before
    assert control.scene is not None
    assert control.scene.caption["en"] == "Welcome"
    control.scrub(3.0)
    control.stop()
    assert (twin.color_by.column, desk.app.session.as_of) == before
    assert len(desk.app.session.history.undoable) == history


def test_play_shows_pictures_at_their_time_and_ends_by_itself(desk: Desk, qtbot: QtBot) -> None:
    control = desk.control
    control.set_route("routes.set", loop=False)
    control.hold(False)
    control.seek(6.8)
    QTest.keyClick(desk.line, Key.Key_Space)
    assert control.playing
    qtbot.waitUntil(lambda: control.player.playing, timeout=WAIT)
    qtbot.waitUntil(lambda: not control.player.playing, timeout=WAIT)
    assert control.t == pytest.approx(8.0)
    assert not control.acting.acting
    assert control.player.told.gaps == 0
    assert desk.app.view.canvas.led is None


def test_play_begins_on_the_way_that_is_known_to_be_clear(desk: Desk, qtbot: QtBot) -> None:
    """A leg drawn through the highest house: the very first picture is flown over it."""
    control = desk.control
    assert control.route is not None
    layers = [x for x in desk.app.session.twin.layers.values() if len(x.features)]
    boxes = np.concatenate([x.features.bounds for x in layers])
    tall = boxes[np.nanargmax(boxes[:, 5] - boxes[:, 2])]
    x, y, z = (tall[0] + tall[3]) / 2, (tall[1] + tall[4]) / 2, float(tall[2]) + 3.0
    keys = [
        replace(key, eye=(x + dx, y, z + 20.0 * (n == 2)), target=(x + dx + 50.0, y, z))
        for n, (key, dx) in enumerate(
            zip(control.route.keyframes, (-80.0, 80.0, 90.0), strict=True)
        )
    ]
    control.put("routes.keyframe_move", replace(control.route, keyframes=tuple(keys)))
    heights: list[float] = []
    act = control.player.act

    def noted(now: State) -> None:
        heights.append(float(now.eye[2]))
        act(now)

    control.player.act = noted
    control.seek(2.0)
    control.toggle()
    assert (control.playing, control.player.playing) == (True, False)
    assert desk.panel.check.text() == "Looking whether the way is clear (Space cancels)"
    control.toggle()  # cancelled
    assert desk.panel.check.text() == ""
    control.toggle()
    qtbot.waitUntil(lambda: control.player.playing, timeout=WAIT)
    assert control.flown is not None
    assert control.flown.vias
    assert heights[0] > z + 2.0
    control.toggle()
    control.player.act = act
    assert control.clearing.known(control.flown)
    key = next(iter(desk.app.session.twin.layers))
    control.stop()
    desk.app.window.desk.run("layers.hide", layer=key)
    assert not control.clearing.known(control.flown)
    desk.app.window.desk.run("layers.show", layer=key)


def test_a_person_who_takes_the_camera_ends_the_play(desk: Desk, qtbot: QtBot) -> None:
    control, canvas = desk.control, desk.app.view.canvas
    control.toggle()
    qtbot.waitUntil(lambda: bool(control.player.told.work), timeout=WAIT)
    canvas.navigator.pose = replace(canvas.navigator.pose, yaw=1.0)
    qtbot.waitUntil(lambda: not control.player.playing, timeout=WAIT)


def test_reduced_motion_shows_keyframe_after_keyframe(desk: Desk) -> None:
    session, control = desk.app.session, desk.control
    kept: Settings = session.settings
    session.settings = replace(kept, reduced_motion=True)
    try:
        assert control.flown is not None
        control.player.play(control.flown, 5.0, 0.0)
        eye = desk.app.view.canvas.navigator.pose.eye
        assert eye == pytest.approx(control.flown.keyframes[1].eye)
    finally:
        control.player.pause()
        session.settings = kept


def test_forms_keep_what_a_person_writes(desk: Desk) -> None:
    control = desk.control
    form = KeyForm(control, desk.panel, 1)
    form.name.setText("Quay")
    form.time.setValue(50.0)
    assert form.values()["t"] == pytest.approx(7.95)
    control.set_key(1, **form.values())
    assert control.score.keys[1].name == "Quay"
    bars = BarForm(control, desk.panel, "captions", 0, 0.0)
    bars.texts["zh"].setPlainText("你好")
    start, end = bars.span()
    control.change_bar("captions", 0, bars.value(), start, end)
    assert control.value_of("captions", 0) == {"en": "Welcome", "zh": "你好"}
    for track, value in (("sun", None), ("color_by", "own"), ("as_of", None)):
        made = BarForm(control, desk.panel, track, -1, 2.0)
        assert value is None or made.value() == value
    assert BarForm(control, desk.panel, "layers", -1, 2.0).value() == {}


def test_times_of_the_sun_are_shown_and_entered_by_the_clock_of_the_place(desk: Desk) -> None:
    control, session = desk.control, desk.app.session
    control.say("sun", 2.0, "2025-06-21T10:00:00Z")
    session.set_sun(session.sun_at, zone="Europe/Amsterdam")
    desk.panel.refresh(frozenset({Aspect.SUN}))
    words = [bar.text for bar in desk.line.now.score.bars["sun"]]
    assert words == ["12:00 UTC+2"]
    form = BarForm(control, desk.panel, "sun", 0, 2.0)
    assert form.sun.text() == "2025-06-21 12:00"
    assert form.sun.zone_label.text() == "UTC+02:00 (Europe/Amsterdam)"
    assert form.value() == "2025-06-21T10:00:00Z"
    form.sun.setDate(
        QDate(2025, 12, 21)
    )  # another hour of the world at the same time of the clock
    assert form.sun.zone_label.text() == "UTC+01:00 (Europe/Amsterdam)"
    assert form.value() == "2025-12-21T11:00:00Z"
    control.say("sun", 6.0, form.value())
    words = [bar.text for bar in control.score.bars["sun"]]
    assert words == ["2025-06-21 12:00 UTC+2", "2025-12-21 12:00 UTC+1"]
    session.set_sun(session.sun_at, zone="Asia/Kolkata")
    desk.panel.refresh(frozenset({Aspect.SUN}))
    assert control.score.bars["sun"][0].text == "2025-06-21 15:30 UTC+5:30"
    session.set_sun(session.sun_at, zone="")
    desk.panel.refresh(frozenset({Aspect.SUN}))


def test_a_route_is_written_and_read_as_a_file(desk: Desk, tmp_path: Path) -> None:
    open_file = partial(desk.app.window.desk.act, "flythrough.open")
    (tmp_path / "bad.json").write_text(json.dumps({"keyframes": [{"t": 0}]}))
    before = dict(desk.control.routes)
    open_file(tmp_path / "bad.json")
    assert desk.control.routes == before
    assert desk.app.window.toast.kind == "error"
    desk.app.window.toast.dismiss()
    route = desk.control.stored
    assert route is not None
    write_route(route, tmp_path / "good.json")
    open_file(tmp_path / "good.json")
    assert desk.control.route is not None
    assert desk.control.route.id != route.id
    assert desk.control.route.cues == route.cues
    lost = replace(route.keyframes[0], layers={"gone": False}, section="nope")
    write_route(replace(route, keyframes=(lost, *route.keyframes[1:])), tmp_path / "lost.json")
    open_file(tmp_path / "lost.json")
    assert "there is no layer gone. Keyframe 1: there is no section nope." in (
        desk.app.window.toast.accessibleName()
        + " ".join(x.text() for x in desk.app.window.toast.findChildren(QLabel))
    )
    desk.app.window.toast.dismiss()


def test_the_tool_drags_a_keyframe_in_the_view(desk: Desk) -> None:
    app, control = desk.app, desk.control
    app.window.toolbox.take("flythrough")
    tool = app.window.toolbox.tools["flythrough"]
    assert isinstance(tool, FlythroughTool)
    app.view.home()
    app.view.canvas.advance()
    app.view.canvas.navigator.advance(1e9)
    flown = control.flown
    assert flown is not None
    spot = tool._spots(flown)[1]
    at, was = QPointF(spot[0], spot[1]), flown.keyframes[1]
    assert tool.press(at, frozenset())
    tool.drag(at + QPointF(30, 10), frozenset())
    tool.drop(at + QPointF(30, 10), frozenset())
    route = control.route
    assert route is not None
    now = route.keyframes[1]
    assert now.eye[2] == pytest.approx(was.eye[2], abs=1e-3)
    assert now.eye[:2] != was.eye[:2]
    assert np.subtract(now.target, was.target) == pytest.approx(
        np.subtract(now.eye, was.eye), abs=1e-3
    )
    assert not tool.press(QPointF(-500, -500), frozenset())


def test_the_plan_shows_the_city_and_its_keyframes_are_dragged(desk: Desk, qtbot: QtBot) -> None:
    app = desk.app
    panel = next(x for x in app.window.desk.panels if isinstance(x, RoutePanel))
    app.window.show_panel("route")
    qtbot.waitUntil(lambda: panel.map.plan is not None, timeout=WAIT)
    plan = panel.map.plan
    assert plan is not None
    assert len(np.unique(plan.pixels)) >= 3
    flown = desk.control.flown
    assert flown is not None
    spot = panel.map.at(np.array(flown.keyframes[2].eye)).toPoint()
    assert panel.map.key_at(QPointF(spot)) == 2
    QTest.mousePress(panel.map, Qt.MouseButton.LeftButton, NONE, spot)
    for step in (4, 9, 14):
        QTest.mouseMove(panel.map, spot + QPoint(step, 0))
    QTest.mouseRelease(panel.map, Qt.MouseButton.LeftButton, NONE, spot + QPoint(14, 0))
    assert desk.control.route is not None
    assert desk.control.route.keyframes[2].eye[0] > flown.keyframes[2].eye[0]
    app.window.show_panel("passport")


def test_a_film_is_made_in_the_window_and_can_be_stopped_and_gone_on_with(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    control = desk.control
    flown = control.flown
    assert flown is not None
    dialog = FilmDialog(desk.app.window.desk, desk.panel, flown)
    assert dialog.plan.size == (1920, 1080)
    assert dialog.plan.fps == 30.0
    assert freshness_note(desk.app.window.desk).startswith("Buildings surveyed 20")
    plan = replace(dialog.plan, size=(160, 90), fps=1.0, supersample=1)
    dialog.format.setCurrentIndex(1)
    dialog.path.setText(str(tmp_path / "film"))
    target = replace(dialog.target, movie=False)
    assert control.filming.make(flown, plan, target)
    assert desk.app.session.by_hand[0] in desk.app.session.jobs_running()
    assert not desk.panel.go.isEnabled()
    film, cancel = control.filming.film, desk.app.window.status.cancel
    assert film is not None

    def pressed(picture: U8) -> None:
        """A person presses Cancel while the second frame is drawn."""
        if film.done == 2:
            spot, left = QPointF(3, 3), Qt.MouseButton.LeftButton
            for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
                click = QMouseEvent(kind, spot, cancel.mapToGlobal(spot), left, left, NONE)
                QCoreApplication.postEvent(cancel, click)

    film.preview = pressed
    qtbot.waitUntil(lambda: not control.filming.busy, timeout=WAIT)
    assert desk.panel.go.isEnabled()
    kept = len(list((tmp_path / "film").glob("*.png")))
    assert kept == 2
    assert control.filming.make(flown, plan, target)
    assert control.filming.film is not None
    assert control.filming.film.done == kept
    qtbot.waitUntil(lambda: not control.filming.busy, timeout=WAIT)
    assert len(list((tmp_path / "film").glob("*.png"))) == 8
    assert desk.app.view.canvas.led is None
    desk.app.window.toast.dismiss()


def test_a_checked_route_says_so_until_it_changes(desk: Desk, qtbot: QtBot) -> None:
    desk.app.window.desk.act("flythrough.check")
    qtbot.waitUntil(lambda: desk.control.filming.checked is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: not desk.control.filming.busy, timeout=WAIT)
    assert desk.control.check_words() == "Checked: no tile missing · Offline ready"
    qtbot.waitUntil(lambda: desk.control.clearing.found is not None, timeout=WAIT)
    assert desk.control.clearance_words().startswith("lowest clearance ")
    desk.control.set_key(0, fov=50.0)
    assert desk.control.check_words() == ""


def test_without_a_route_the_sample_city_offers_its_own(desk: Desk, qtbot: QtBot) -> None:
    while desk.app.session.twin.records["routes"]:
        desk.app.session.undo()
    desk.control.tell()
    assert desk.panel.stack.currentIndex() == 1
    assert desk.panel.sample.isVisibleTo(desk.panel.stack)
    desk.panel.sample.click()
    assert [route.title for route in desk.control.routes.values()] == ["Welcome to Delft"]
    assert desk.panel.stack.currentIndex() == 0


def test_menus_offer_routes_and_every_track(desk: Desk) -> None:
    words = [entry.text() for entry in route_menu(desk.panel).actions()]
    assert {"Tour", "New route…", "Fly in a loop"} <= set(words)
    for track in ("camera", "layers", "captions", "highlight", "sun", "as_of", "section"):
        assert row_menu(desk.panel, track, 1.0).actions()


def test_templates_say_what_they_need(desk: Desk) -> None:
    act: Callable[..., None] = desk.app.window.desk.act
    for name in ("orbit", "line", "tour", "descend"):
        desk.app.window.toast.dismiss()
        act("flythrough.template", name)
        assert desk.app.window.toast.isVisible()
    layer = next(iter(desk.app.session.twin.layers))
    desk.app.window.desk.select(layer, 0)
    act("flythrough.template", "orbit")
    desk.app.session.select({}, "replace")
    desk.app.window.toast.dismiss()
