"""What is done with saved views: the view is saved, gone to, saved anew, named, moved, removed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QImageWriter

from twin.commands.views import in_order, last_place
from twin.edits import SetRecord
from twin.geometry import F64
from twin.presenting.looks import shown, taken
from twin.records import Bookmark
from twin.showing import look_of, show
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.bookmarks import BookmarksPanel
from ui.viewport.camera import Pose, pose_of

WIDE, HIGH = 320, 180
"""Pixels of the small picture that a saved view keeps."""
QUALITY = 82


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


class BookmarkHandlers:
    """The functions behind the actions of saved views."""

    def __init__(self, desk: Desk, view: CityView, show_panel: Callable[[str], None]) -> None:
        self.desk, self.view, self.show_panel = desk, view, show_panel

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.bookmarks": lambda: self.show_panel("bookmarks"),
            "bookmarks.add": self.add,
            "bookmarks.go": self.go,
            "bookmarks.number": self.go_to_number,
            "bookmarks.update": self.update,
            "bookmarks.rename": self.rename,
            "bookmarks.move": self.move,
            "bookmarks.remove": self.remove,
        }

    def taken(self, key: str, title: str, place: float) -> Bookmark:
        """Return a saved view of what is seen now."""
        pose = self.view.canvas.navigator.pose
        return Bookmark(
            id=key,
            title=title,
            eye=_triple(pose.eye),
            target=_triple(pose.target),
            up=_triple(pose.up),
            fov=float(pose.fov_y),
            settings=taken(self.desk.session.twin, look_of(self.desk.session)),
            place=place,
            picture=small_picture(self.view.canvas.image),
        )

    def add(self) -> None:
        """Save the view; its title can be changed at once in the list."""
        session = self.desk.session
        title = self.desk.say("bookmarks.title_of", number=len(self._known()) + 1)
        made = self.taken(uuid4().hex[:12], title, last_place(session.twin) + 1)
        session.do("bookmarks.add", SetRecord("bookmarks", made.id, made))
        self.show_panel("bookmarks")
        self.desk.tell(self.desk.say("bookmarks.added", title=title), "undo")

    def go(self, key: str) -> None:
        """Fly to a saved view and show what it shows."""
        found = self._known().get(key)
        if found is None:
            return
        session = self.desk.session
        change = shown(session.twin, look_of(session), found)
        settings = replace(change.look.settings, field_of_view=min(max(found.fov, 10.0), 110.0))
        show(session, replace(change, look=replace(change.look, settings=settings)))
        self.view.canvas.go(pose_of_bookmark(found))
        for panel in self.desk.panels:
            if isinstance(panel, BookmarksPanel):
                panel.choose(key)
        if change.missing:
            mark = "、" if self.desk.words.language == "zh" else ", "
            gone = mark.join(change.missing[:3])
            self.desk.tell(self.desk.say("bookmarks.missing", titles=gone), "info")

    def go_to_number(self, number: int) -> None:
        """Go to the saved view at a place of the list, 1 the first."""
        found = in_order(self.desk.session.twin)
        if 1 <= number <= len(found):
            self.go(found[number - 1].id)
        else:
            self.desk.tell(self.desk.say("bookmarks.no_number", number=number), "info")

    def update(self, key: str) -> None:
        """Let a saved view show what is seen now; its title and place stay."""
        found = self._known().get(key)
        if found is not None:
            made = self.taken(found.id, found.title, found.place)
            self.desk.session.do("bookmarks.update", SetRecord("bookmarks", key, made))
            self.desk.tell(self.desk.say("bookmarks.updated", title=found.title), "undo")

    def rename(self, key: str, title: str) -> None:
        """Give a saved view another title."""
        found = self._known().get(key)
        if found is not None and title.strip() and title.strip() != found.title:
            self.desk.run("bookmarks.rename", id=key, title=title)

    def move(self, key: str, to: int) -> None:
        """Move a saved view to a place of the list, 1 the first."""
        self.desk.run("bookmarks.move", id=key, to=str(to))

    def remove(self, key: str) -> None:
        """Remove a saved view; it can be undone."""
        found = self._known().get(key)
        if found is not None and self.desk.run("bookmarks.remove", id=key):
            self.desk.tell(self.desk.say("bookmarks.removed", title=found.title), "undo")

    def _known(self) -> Mapping[str, Bookmark]:
        return self.desk.session.twin.records["bookmarks"]


def bookmark_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of saved views by action name."""
    return BookmarkHandlers(desk, view, shell.show_panel).table()


def pose_of_bookmark(view: Bookmark) -> Pose:
    """Return the camera of a saved view; straight down its upward direction says what is at the top."""
    yaw = float(np.degrees(np.arctan2(view.up[0], view.up[1])))
    return pose_of(np.array(view.eye), np.array(view.target), view.fov, yaw)


def small_picture(image: QImage | None) -> bytes:
    """Return a picture as a small JPEG, cut to 16:9 round its middle; empty where there is none."""
    if image is None or image.isNull():
        return b""
    plain = QImage(image)
    plain.setDevicePixelRatio(1.0)
    by = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = plain.scaled(WIDE, HIGH, by, Qt.TransformationMode.SmoothTransformation)
    left, top = (scaled.width() - WIDE) // 2, (scaled.height() - HIGH) // 2
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(QUALITY)
    writer.write(scaled.copy(QRect(left, top, WIDE, HIGH)))
    return bytes(data.data())


def _triple(point: F64) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in point)
    return x, y, z
