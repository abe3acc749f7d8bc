"""The tool Measure in the real window: clicks, keys, what is kept, what the table does with it."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from twin.records import Measurement
from twin.settings import load
from twin.snapping.edges import pixels
from ui.app import App
from ui.measuring.tool import MeasureTool
from ui.panels.measurements import MeasurementsPanel

pytestmark = [pytest.mark.qt, pytest.mark.render]
WAIT = 60_000
KIOSK = Path(__file__).resolve().parents[2] / "sample_models" / "kiosk.city.json"


@pytest.fixture(scope="module")
def opened(qapp: QApplication) -> Iterator[App]:
    """Open the kiosk, a box with a flat roof, once for the tests of this file."""
    app = App(load({"theme": "dark", "reduced_motion": True}))
    app.window.resize(1280, 720)
    app.show()
    app.session.open(str(KIOSK))
    until = time.monotonic() + WAIT / 1000
    while not settled(app) and time.monotonic() < until:
        qapp.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    assert settled(app)
    yield app
    app.close()


def settled(app: App) -> bool:
    session, window = app.session, app.window
    quiet = not (session.jobs.pending or window.stale or window.waiting)
    return bool(session.twin.layers) and quiet and app.view.shown.complete


@pytest.fixture
def app(opened: App, qtbot: QtBot) -> App:
    """Return the window with the tool in hand and nothing measured."""
    opened.view.stop()
    while kept(opened):
        opened.session.run("measurements.remove", id=kept(opened)[0].id)
    opened.window.handlers.change("length_unit", "m")
    opened.window.acts.do("tool.measure")
    tool_of(opened).choose("distance")
    qtbot.waitUntil(lambda: settled(opened), timeout=WAIT)
    return opened


def kept(app: App) -> list[Measurement]:
    return list(app.session.twin.records["measurements"].values())


def tool_of(app: App) -> MeasureTool:
    tool = app.window.toolbox.tools["measure"]
    assert isinstance(tool, MeasureTool)
    return tool


def roof(app: App) -> np.ndarray:
    """Return the four upper corners f64(4, 3) of the kiosk, going round."""
    box = next(iter(app.session.twin.layers.values())).bounds
    found = []
    for x, y in ((0, 1), (3, 1), (3, 4), (0, 4)):
        found.append((box[x], box[y], box[5]))
    return np.array(found)


def where(app: App, place: np.ndarray) -> QPoint:
    (x, y), _ = pixels(app.view.canvas.view, place)
    return QPoint(round(x / app.view.canvas.ratio), round(y / app.view.canvas.ratio))


def click(app: App, place: np.ndarray) -> None:
    QTest.mouseClick(
        app.view.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        where(app, place),
    )  # fmt: skip


def key(app: App, *keys: Qt.Key) -> None:
    for one in keys:
        QTest.keyClick(app.view.canvas, one)


def test_the_kiosk_is_as_wide_as_its_corners_are_apart_and_undo_takes_it_back(app: App) -> None:
    a, b, *_ = roof(app)
    click(app, a)
    click(app, b)
    assert not kept(app)
    key(app, Qt.Key.Key_Return)
    [found] = kept(app)
    assert found.values["length"] == pytest.approx(np.linalg.norm(b - a), abs=1e-3)
    assert found.objects
    assert found.crs == app.session.twin.crs
    assert app.window.toast.isVisible()
    assert "m" in app.window.toast.text.text()
    app.window.acts.do("edit.undo")
    assert not kept(app)


def test_backspace_takes_back_a_point_and_escape_all_then_the_tool(app: App) -> None:
    a, b, c, _ = roof(app)
    for place in (a, b, c):
        click(app, place)
    key(app, Qt.Key.Key_Backspace)
    assert len(tool_of(app).points) == 2
    key(app, Qt.Key.Key_Escape)
    assert not tool_of(app).points
    assert app.window.toolbox.name == "measure"
    app.window.acts.do(
        "select.clear"
    )  # what Esc does where the tool leaves it: keys need an active window
    assert app.window.toolbox.name == ""
    assert not kept(app)


def test_a_double_click_closes_an_area(app: App) -> None:
    tool_of(app).choose("area")
    corners = roof(app)
    for place in corners:
        click(app, place)
    QTest.mouseDClick(
        app.view.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        where(app, corners[-1]),
    )  # fmt: skip
    [found] = kept(app)
    sides = [np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[1])]
    assert found.values["area"] == pytest.approx(sides[0] * sides[1], rel=1e-3)
    assert found.values["plan_area"] == pytest.approx(found.values["area"], rel=1e-3)


def test_digits_set_the_length_and_a_letter_the_axis_though_both_are_shortcuts(app: App) -> None:
    a, b, *_ = roof(app)
    before = app.view.canvas.navigator.pose
    click(app, a)
    QTest.mouseMove(app.view.canvas, where(app, b))
    QTest.qWait(1)
    tool_of(app).move(where(app, b).toPointF(), frozenset())
    key(app, Qt.Key.Key_X, Qt.Key.Key_1, Qt.Key.Key_Period, Qt.Key.Key_5, Qt.Key.Key_Return)
    key(app, Qt.Key.Key_Return)
    [found] = kept(app)
    assert found.values["length"] == pytest.approx(1.5, abs=1e-9)
    assert abs(found.values["dx"]) == pytest.approx(1.5, abs=1e-9)
    assert app.view.canvas.navigator.pose is before


def test_an_object_is_asked_for_its_face_and_volume_on_a_worker(app: App, qtbot: QtBot) -> None:
    middle = roof(app).mean(axis=0)
    box = next(iter(app.session.twin.layers.values())).bounds
    for number, kind in enumerate(("face", "volume"), 1):
        tool_of(app).choose(kind)
        click(app, middle)
        qtbot.waitUntil(lambda n=number: len(kept(app)) == n, timeout=WAIT)  # type: ignore[misc]
    face, volume = kept(app)
    size = box[3:] - box[:3]
    assert face.values["area"] == pytest.approx(size[0] * size[1], rel=1e-3)
    assert volume.values["volume"] == pytest.approx(size.prod(), rel=1e-3)


def test_two_faces_of_a_box_stand_at_right_angles(app: App) -> None:
    corners = roof(app)
    box = next(iter(app.session.twin.layers.values())).bounds
    tool = tool_of(app)
    tool.choose("faces")
    click(app, corners.mean(axis=0))
    eye = app.view.canvas.view.eye
    sides = [(corners[i] + corners[(i + 1) % 4]) / 2 for i in range(4)]
    near = min(sides, key=lambda place: float(np.linalg.norm(place - eye)))
    near[2] = box[2] + (box[5] - box[2]) * 0.6
    click(app, near)
    [found] = kept(app)
    assert found.values["angle"] == pytest.approx(90.0, abs=0.01)


def test_over_nothing_a_click_measures_nothing(app: App) -> None:
    QTest.mouseClick(
        app.view.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, 180)
    )
    assert not tool_of(app).points


def test_the_table_shows_copies_renames_exports_and_removes(
    app: App, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = "84500,447600,2;84503,447604,14"
    app.session.run("measurements.add", id="m1", kind="distance", points=points)
    app.session.run("measurements.add", id="m2", kind="height", points=points)
    app.window.acts.do("panel.measurements")
    qtbot.waitUntil(lambda: settled(app), timeout=WAIT)
    bottom = app.window.docks[3]
    assert bottom.shown == "measurements"
    panel = bottom.stack.currentWidget()
    assert isinstance(panel, MeasurementsPanel)
    model = panel.model
    assert model.rowCount() == 2
    assert model.cells[0]["value"] == "13.000 m"
    assert "NAP" in model.text(1)
    panel.table.selectRow(0)
    panel.copy_value()
    assert QGuiApplication.clipboard().text() == "13.000 m"
    panel.copy_all()
    assert QGuiApplication.clipboard().text().count("\n") == 2
    assert model.setData(model.index(0, 0), "Eaves", Qt.ItemDataRole.EditRole)
    qtbot.waitUntil(lambda: model.cells[0]["title"] == "Eaves", timeout=WAIT)
    path = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    app.window.acts.do("measure.export")
    assert "Eaves" in path.read_text("utf-8-sig")
    app.window.handlers.change("length_unit", "ft")
    qtbot.waitUntil(lambda: model.cells[0]["value"] == "42.651 ft", timeout=WAIT)
    panel.table.selectRow(0)
    panel.remove()
    assert [one.id for one in kept(app)] == ["m2"]


def test_what_is_kept_is_seen_until_it_is_hidden(app: App, qtbot: QtBot) -> None:
    app.view.stop()
    qtbot.waitUntil(lambda: settled(app), timeout=WAIT)
    bare = app.view.canvas.grab_picture()
    a, _, b, _ = roof(app)
    points = ";".join(",".join(str(x) for x in place) for place in (a, b))
    app.session.run("measurements.add", id="m1", kind="distance", points=points)
    with_line = app.view.canvas.grab_picture()
    assert (bare != with_line).any()
    app.window.handlers.change("show_measurements", False)
    assert (app.view.canvas.grab_picture() == bare).all()
    app.window.handlers.change("show_measurements", True)
