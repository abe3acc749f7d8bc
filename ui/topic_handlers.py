"""What is done with topics: files in and out, a new one, its viewpoint shown, the view taken."""

import datetime
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint
from PySide6.QtGui import QPixmap, QRegion
from PySide6.QtWidgets import QFileDialog, QWidget

from twin.edits import Together
from twin.errors import TwinError, UsageError
from twin.exchange.bcf.model import Comment, Scene, Topic
from twin.exchange.bcf.writing import write
from twin.geometry import F64
from twin.topics.capture import Seen, taken
from twin.topics.changes import commented, exported, new_guid, seen_from, topic_of, topics_of
from twin.topics.links import components_in, rows_of, unfound
from twin.topics.views import Applied, applied
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.topic_dialog import TopicDialog
from ui.panels.topics import TopicsPanel
from ui.viewport.viewpoints import pose_for

WIDEST = 1600
"""Pixels of a viewpoint's picture."""


class TopicHandlers:
    """The functions behind the actions of topics, by name."""

    def __init__(self, desk: Desk, view: CityView, show_panel: Callable[[str], None]) -> None:
        self.desk, self.view = desk, view
        self.show_panel = partial(show_panel, "topics")

    def table(self) -> dict[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.topics": self.show_panel,
            "topics.import": self.import_file,
            "topics.export": self.export_file,
            "topics.new": self.new,
            "topics.open": self.open,
            "topics.show": self.show,
            "topics.take": self.take,
            "topics.comment": self.comment,
            "topics.select": self.select,
            "topics.delete": self.delete,
        }

    # -- files --------------------------------------------------------------------------------

    def import_file(self) -> None:
        """Ask for BCF files and take their topics in."""
        title = self.desk.say("action.topics.import")
        paths, _ = QFileDialog.getOpenFileNames(
            self.view.widget(), title, "", self.desk.say("topics.files")
        )
        for path in paths:
            self.desk.session.open(path)

    def export_file(self, topic: str = "") -> None:
        """Ask where and write the topics (or one of them) as a BCF 3.0 file."""
        title = self.desk.say("action.topics.export")
        if not topics_of(self.desk.session.twin):
            self.desk.tell(self.desk.say("topics.none"), "info")
            return
        path, _ = QFileDialog.getSaveFileName(
            self.view.widget(), title, "topics.bcf", "BCF 3.0 (*.bcf)"
        )
        if not path:
            return
        path = path if path.lower().endswith((".bcf", ".bcfzip")) else f"{path}.bcf"
        bcf = exported(self.desk.session.twin, [topic] if topic else ())
        try:
            write(Path(path), bcf, _now())
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        count = self.desk.words.count(len(bcf.topics))
        self.desk.tell(self.desk.say("topics.written", count=count, path=path), "info")

    # -- a topic ------------------------------------------------------------------------------

    def new(self) -> None:
        """Ask for a topic's words and add it, with a viewpoint of what is seen."""
        dialog = TopicDialog(self.desk, self.view.widget().window())
        if dialog.exec():
            self.add(dialog.arguments(), with_view=dialog.with_view.isChecked())

    def add(self, arguments: dict[str, str], *, with_view: bool) -> None:
        """Add a topic and show it."""
        guid = new_guid()
        if not self.desk.run("topics.add", guid=guid, **arguments):
            return
        if with_view and self.desk.session.twin.layers:
            self.take(guid)
        self.open(guid)

    def open(self, guid: str) -> None:
        """Show the page of a topic."""
        self.show_panel()
        for panel in self.desk.panels:
            if isinstance(panel, TopicsPanel):
                panel.show_topic(guid)

    def comment(self, guid: str, text: str, with_view: bool = False) -> None:
        """Add a comment, with a viewpoint of what is seen when that is wished; one step."""
        session = self.desk.session
        try:
            topic = topic_of(session.twin, guid)
            comment = Comment(new_guid(), _now(), session.settings.author, text)
            if not with_view or not session.twin.layers:
                session.do("topics.comment", commented(topic, comment))
                return
            view = new_guid()
            after, edit = seen_from(topic, self._scene(topic), view, self.picture())
            said = Comment(comment.guid, comment.date, comment.author, text, view)
            session.do("topics.comment", Together((edit, commented(after, said))))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def take(self, guid: str) -> None:
        """Add a viewpoint of what is seen to a topic."""
        session = self.desk.session
        try:
            topic = topic_of(session.twin, guid)
        except UsageError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        edit = seen_from(topic, self._scene(topic), new_guid(), self.picture())[1]
        session.do("viewpoints.add", edit)

    def delete(self, guid: str) -> None:
        """Delete a topic; it can be undone."""
        if self.desk.run("topics.delete", topic=guid):
            self.desk.tell(self.desk.say("topics.deleted"), "undo")

    def select(self, guid: str) -> None:
        """Select the objects of a topic and fly to them."""
        twin = self.desk.session.twin
        found = rows_of(twin, components_in(topic_of(twin, guid)))
        self.desk.session.select(found)
        if found:
            self.desk.act("view.fit")

    # -- views --------------------------------------------------------------------------------

    def show(self, guid: str, view: str) -> None:
        """Show a viewpoint: camera, what is hidden, cut, selected and coloured."""
        session = self.desk.session
        topic = topic_of(session.twin, guid)
        viewpoint = topic.viewpoint(view)
        scene = None if viewpoint is None else viewpoint.scene
        if scene is None:
            self.desk.tell(self.desk.say("topics.no_scene"), "info")
            return
        shown = applied(session.twin, topic, scene, session.georeference)
        session.see(shown)
        if shown.camera is not None and session.twin.layers:
            canvas = self.view.canvas
            target = _middle(self.desk, shown)
            fov = session.settings.field_of_view
            canvas.go(pose_for(shown.camera, canvas.view.size, target, fov))
        self._say_missing(scene)

    def _say_missing(self, scene: Scene) -> None:
        """Say which objects of a viewpoint are not there: people else look for what is wrong."""
        named = scene.components()
        missing = unfound(self.desk.session.twin, dict.fromkeys(named))
        if missing:
            words = self.desk.words
            total = words.count(len(dict.fromkeys(named)))
            told = self.desk.say("topics.unfound", count=words.count(len(missing)), total=total)
            self.desk.tell(told, "info")

    def _scene(self, topic: Topic) -> Scene:
        session = self.desk.session
        seen = Seen(self.view.canvas.view, session.selected, session.tints)
        return taken(session.twin, topic, seen, session.georeference)

    def picture(self) -> bytes:
        """Return the picture of the view as a PNG, without the plates over it."""
        return picture_of(self.view.widget())


class Shown(Protocol):
    """What topics need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def topic_table(desk: Desk, shell: Shown, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of topics by action name."""
    return TopicHandlers(desk, view, shell.show_panel).table()


def picture_of(widget: QWidget) -> bytes:
    """Return what a widget shows as a PNG, without the widgets in it."""
    ratio = widget.devicePixelRatioF()
    shot = QPixmap(widget.size() * ratio)
    shot.setDevicePixelRatio(ratio)
    widget.render(shot, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
    if shot.width() > WIDEST:
        shot = shot.scaledToWidth(WIDEST)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    shot.save(buffer, "PNG")
    return bytes(data.data())


def _middle(desk: Desk, shown: Applied) -> F64 | None:
    """Return the middle of what a viewpoint selects, else of its model, else of the city."""
    twin = desk.session.twin
    boxes = [twin.layers[key].boxes(rows) for key, rows in shown.selected.items()]
    found = np.concatenate(boxes) if boxes else np.zeros((0, 6))
    found = found[np.isfinite(found).all(axis=1)]
    if not len(found):
        found = (twin.layers[shown.model].bounds if shown.model else twin.bounds)[None, :]
    if not np.isfinite(found).all():
        return None
    return np.asarray((found[:, :3].min(axis=0) + found[:, 3:].max(axis=0)) / 2, np.float64)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
