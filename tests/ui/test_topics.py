"""The dock of topics in the real window: before its model is open, after it, and what people do there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests.conftest import REPO
from tests.twin.exchange import bcf_files as made
from tests.twin.exchange.bcf_files import OTHER, TOPIC, VIEW, component
from tests.ui.conftest import WAIT
from twin.exchange.bcf.reading import read
from twin.settings import load
from twin.topics.changes import topics_of
from twin.topics.views import Camera
from ui.app import App
from ui.panels.sheet_items import Field, Link
from ui.panels.topic_dialog import TopicDialog
from ui.panels.topic_page import TopicPage
from ui.panels.topic_rows import TopicModel, day_of
from ui.panels.topics import TopicsPanel
from ui.topic_handlers import TopicHandlers, picture_of
from ui.viewport.viewpoints import pose_for

pytestmark = pytest.mark.qt
GONE = "3vB2YO$MX4xv5uCqZZG05x"


def wall() -> str:
    text = (REPO / "tests" / "data" / "simple_wall.ifc").read_text("utf-8")
    return text.partition("IFCWALLSTANDARDCASE('")[2][:22] or text.partition("IFCWALL('")[2][:22]


def write(folder: Path) -> Path:
    chosen = (
        f"<Components><Selection>{component(wall())}{component(GONE)}</Selection></Components>"
    )
    header = "<Header><Files><File><Filename>simple_wall.ifc</Filename></File></Files></Header>"
    after = (
        f'<RelatedTopics><RelatedTopic Guid="{OTHER}"/></RelatedTopics>'
        '<Comments><Comment Guid="c045ef04-324d-4c36-9ac8-831f2a15c6d6"><Date>2021-02-17T09:16:04Z</Date>'
        f'<Author>b</Author><Comment>Look.</Comment><Viewpoint Guid="{VIEW}"/></Comment></Comments>'
        + made.view_list_3(VIEW)
    )
    markup = made.topic_3(after=after, header=header)
    return made.file_3(folder / "a.bcf", markup, {VIEW: chosen + made.CAMERA_3})


@pytest.fixture(scope="module")
def opened(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A window with the topics first and their model after them."""
    folder = tmp_path_factory.mktemp("topics")
    patch = pytest.MonkeyPatch()
    patch.setenv("CITYTWIN_CONFIG_DIR", str(folder / "config"))
    patch.setenv("CITYTWIN_AUTOSAVE_FOLDER", str(folder / "autosave"))
    app = App(load({"theme": "dark", "author": "anna@example.com"}))
    app.show()
    app.window.handlers.open_path(str(write(folder)))
    for _ in range(3000):
        qapp.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if topics_of(app.session.twin) and not app.window.stale and not app.window.waiting:
            break
    yield app
    app.close()
    patch.undo()


def settle(app: App, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: not (app.session.jobs.pending or app.window.stale or app.window.waiting),
        timeout=WAIT,
    )


def panel(app: App) -> TopicsPanel:
    return next(x for x in app.window.desk.panels if isinstance(x, TopicsPanel))


def page(app: App) -> TopicPage:
    return panel(app).page


def test_topics_without_their_model_are_shown_and_say_what_is_missing(
    opened: App, qtbot: QtBot
) -> None:
    settle(opened, qtbot)
    assert opened.window.start.isVisible()
    assert "simple_wall.ifc" in opened.window.start.subtitle.text()
    assert panel(opened).isVisible()
    assert page(opened).noted.isVisible()
    assert "simple_wall.ifc" in page(opened).missing.text()
    names = [x.label for x in page(opened).sheet.items if isinstance(x, Field)]
    assert names.count("Not open") == 2
    assert opened.window.handlers.opened == []
    bottom = opened.window.docks[3]
    assert bottom.tabs.tabText(bottom.keys.index("topics")) == "Topics  1"


def test_the_model_comes_after_its_topics_and_the_note_goes(opened: App, qtbot: QtBot) -> None:
    opened.window.handlers.open_path(str(REPO / "tests" / "data" / "simple_wall.ifc"))
    qtbot.waitUntil(lambda: bool(opened.session.twin.layers), timeout=WAIT)
    settle(opened, qtbot)
    links = [x for x in page(opened).sheet.items if isinstance(x, Link)]
    assert any(x.layer for x in links)
    assert not opened.window.start.isVisible()


def test_a_click_on_the_picture_flies_there_and_selects(opened: App, qtbot: QtBot) -> None:
    opened.session.select({})
    opened.window.show_panel("topics")
    QTest.mouseClick(page(opened).picture, Qt.MouseButton.LeftButton)
    assert [len(x) for x in opened.session.selected.values()] == [1]
    qtbot.waitUntil(lambda: not opened.view.canvas.navigator.busy, timeout=WAIT)
    pose = opened.view.canvas.navigator.pose
    key = next(iter(opened.session.twin.layers))
    georeference = opened.session.georeference(key)
    assert georeference is not None
    assert np.allclose(pose.eye, georeference.move(np.array([[12.5, -8.0, 3.25]]))[0], atol=1e-6)
    assert opened.session.undo() == "viewpoints.show"


def test_a_comment_with_a_viewpoint_is_one_step(opened: App, qtbot: QtBot) -> None:
    settle(opened, qtbot)
    before = topics_of(opened.session.twin)[TOPIC]
    page(opened).words.setText("The rail is missing.")
    page(opened).with_view.setChecked(True)
    QTest.keyClick(page(opened).words, Qt.Key.Key_Return)
    after = topics_of(opened.session.twin)[TOPIC]
    assert after.comments[-1].text == "The rail is missing."
    assert after.comments[-1].author == "anna@example.com"
    assert after.viewpoint(after.comments[-1].viewpoint) is not None
    assert opened.session.undo() == "topics.comment"
    assert topics_of(opened.session.twin)[TOPIC] == before
    settle(opened, qtbot)


def test_the_status_is_changed_where_it_stands(opened: App, qtbot: QtBot) -> None:
    status = page(opened).status
    status.setCurrentIndex(status.findData("Resolved"))
    status.activated.emit(status.currentIndex())
    assert topics_of(opened.session.twin)[TOPIC].status == "Resolved"
    settle(opened, qtbot)
    assert "0 open" in panel(opened).foot.text()
    opened.session.undo()
    settle(opened, qtbot)


def test_a_new_topic_brings_the_view_and_is_shown(opened: App, qtbot: QtBot) -> None:
    dialog = TopicDialog(opened.window.desk, opened.window)
    dialog._accept()
    assert dialog.wrong.text() == "A topic needs a title."
    dialog.title.setText("Sill too low")
    dialog.due.setText("soon")
    dialog._accept()
    assert "soon" in dialog.wrong.text()
    dialog.due.setText("2026-12-31")
    dialog._accept()
    assert dialog.result() == TopicDialog.DialogCode.Accepted
    handlers = TopicHandlers(opened.window.desk, opened.view, opened.window.show_panel)
    handlers.add(dialog.arguments(), with_view=True)
    settle(opened, qtbot)
    shown = page(opened).found()
    assert shown is not None
    assert (shown.title, shown.due, shown.status) == (
        "Sill too low",
        "2026-12-31T00:00:00Z",
        "Open",
    )
    view = shown.viewpoints[0]
    assert view.scene is not None
    assert view.scene.perspective is not None
    image = QImage.fromData(opened.session.twin.records["files"][shown.files[0].sha256].data)
    assert image.width() > 100
    handlers.delete(shown.guid)
    settle(opened, qtbot)
    assert set(topics_of(opened.session.twin)) == {TOPIC}
    dialog.deleteLater()


def test_words_and_status_filter_the_table(opened: App, qtbot: QtBot) -> None:
    shown = panel(opened)
    shown.search.setText("look.")
    assert len(shown.model.shown) == 1
    shown.search.setText("nothing like this")
    assert shown.model.shown == []
    shown.search.setText("")
    shown._toggle("Closed")
    assert shown.model.shown == []
    shown.show_topic(TOPIC)
    assert len(shown.model.shown) == 1


def test_a_topic_written_from_the_window_is_read_again(
    opened: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    opened.window.desk.act("topics.export", TOPIC)
    assert read(f"{path}.bcf").topics == (topics_of(opened.session.twin)[TOPIC],)


def test_the_table_says_what_is_late_and_how_it_is_sorted(opened: App) -> None:
    model = TopicModel(opened.window.desk)
    model.rebuild()
    heads = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    assert "Changed ↓" in heads
    assert day_of("2021-02-17T09:16:04.160Z") == np.datetime64("2021-02-17T09:16:04", "ms")
    assert day_of("soon") is None


def test_another_language_keeps_the_topic(opened: App, qtbot: QtBot) -> None:
    opened.window.handlers.change("language", "zh")
    settle(opened, qtbot)
    qtbot.waitUntil(lambda: panel(opened).model.total == 1, timeout=WAIT)
    bottom = opened.window.docks[3]
    assert bottom.tabs.tabText(bottom.keys.index("topics")) == "议题  1"
    opened.window.handlers.change("language", "en")
    settle(opened, qtbot)


def test_the_picture_of_a_view_leaves_out_the_plates(opened: App) -> None:
    image = QImage.fromData(picture_of(opened.view.widget()))
    shot = opened.view.widget().grab().toImage()
    assert image.size() == shot.size()
    spot = opened.window.legend.geometry().center()
    assert opened.window.legend.isVisible()
    assert image.pixel(spot) != shot.pixel(spot)


CAMERA = Camera(
    np.array([0.0, -10.0, 5.0]), np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), 40.0, 1.0
)


def test_a_camera_of_other_proportions_still_shows_all_it_showed() -> None:
    target = np.array([0.0, 20.0, 5.0])
    pose = pose_for(CAMERA, (800, 800), target, 45.0)
    assert pose.fov_y == pytest.approx(40.0)
    assert pose.focus == pytest.approx(30.0)
    wide = Camera(CAMERA.eye, CAMERA.direction, CAMERA.up, 40.0, 2.0)
    half = np.tan(np.radians(pose_for(wide, (800, 800), target, 45.0).fov_y / 2))
    assert half == pytest.approx(2 * np.tan(np.radians(20.0)))


def test_a_camera_without_perspective_stands_where_its_height_fills_the_picture() -> None:
    flat = Camera(CAMERA.eye, CAMERA.direction, CAMERA.up, 0.0, 1.0, 12.0)
    pose = pose_for(flat, (800, 800), np.array([0.0, 20.0, 5.0]), 45.0)
    assert 2 * pose.focus * np.tan(np.radians(pose.fov_y / 2)) == pytest.approx(12.0)
    assert np.allclose(pose.target, [0.0, 20.0, 5.0])


def test_a_camera_that_looks_straight_down_keeps_its_upper_edge() -> None:
    down = Camera(np.zeros(3), np.array([0.0, 0, -1]), np.array([1.0, 0, 0]), 40.0, 1.0)
    pose = pose_for(down, (800, 800), None, 45.0)
    assert np.allclose(pose.up, [1.0, 0.0, 0.0], atol=1e-9)
