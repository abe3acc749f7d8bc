"""What is done with marks and files of views outside of the list: flown to, written, taken in."""

import datetime
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtWidgets import QFileDialog

from twin.errors import TwinError
from twin.georeference import vertical_title
from twin.presenting.carried import brought_in
from twin.presenting.exchange import (
    AS_IS,
    ELLIPSOID,
    SEA,
    Outside,
    export_views,
    import_views,
)
from twin.presenting.records import Annotation
from ui.city_view import CityView
from ui.desk import Desk

ROOM = 12.0
"""Metres round a mark when one flies there."""


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


class MarkHandlers:
    """The functions behind the actions of annotations."""

    def __init__(self, desk: Desk, shell: Shows, view: CityView) -> None:
        self.desk, self.shell, self.view = desk, shell, view

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.annotations": lambda: self.shell.show_panel("annotations"),
            "annotations.fly": self.fly,
            "views.export": self.ask_export,
            "views.import": self.ask_import,
        }

    def fly(self, mark: Annotation) -> None:
        """Fly to a mark."""
        points = np.asarray(mark.points, np.float64)
        if len(points) and mark.crs == self.desk.session.twin.crs:
            self.view.fit(np.concatenate([points.min(axis=0) - ROOM, points.max(axis=0) + ROOM]))

    @property
    def outside(self) -> Outside:
        """Return where project and layers stand."""
        return Outside(self.desk.session.project, self.desk.session.georeference)

    def ask_export(self) -> None:
        """Ask where and write bookmarks and annotations."""
        say = self.desk.say
        path, chosen = QFileDialog.getSaveFileName(
            self.view.widget(),
            say("action.views.export"),
            "views.kmz",
            say("annotate.file_filter"),
        )
        if path:
            self.export(Path(path if Path(path).suffix else path + ending_of(chosen)))

    def export(self, path: Path) -> None:
        """Write bookmarks and annotations; what comes of it is told, heights too."""
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        try:
            done = export_views(
                self.desk.session.twin, self.outside, path, at.replace("+00:00", "Z")
            )
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        words, say = self.desk.words, self.desk.say
        told = say(
            "annotate.exported", views=words.count(done.views), marks=words.count(done.marks),
            path=str(path), heights=self.heights(done.heights),
        )  # fmt: skip
        self.desk.tell(told + self._left(done.left_out), "info")

    def ask_import(self) -> None:
        """Ask for a file and take its views and marks in."""
        say = self.desk.say
        path, _ = QFileDialog.getOpenFileName(
            self.view.widget(), say("action.views.import"), "", say("annotate.file_filter")
        )
        if path:
            self.bring(Path(path))

    def bring(self, path: Path) -> None:
        """Take views and marks of a file in, as one step that can be undone."""
        session, words, say = self.desk.session, self.desk.words, self.desk.say
        try:
            found, heights = import_views(session.twin, self.outside, path)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        session.do("views.import", brought_in(session.twin, found))
        told = say(
            "annotate.imported", views=words.count(len(found.views)),
            marks=words.count(len(found.marks)), heights=self.heights(heights),
        )  # fmt: skip
        self.desk.tell(told + self._left(found.left_out), "undo")

    def heights(self, above: str) -> str:
        """Return what heights of a file are above, in words."""
        vertical = self.desk.session.twin.vertical
        if above in (ELLIPSOID, SEA):
            return self.desk.say(f"annotate.heights_{above}")
        if above == AS_IS or not vertical:
            return self.desk.say("annotate.heights_unknown")
        return self.desk.say("annotate.heights_own", datum=vertical_title(vertical))

    def _why(self, said: str) -> str:
        key = f"window.{why_key(said)}"
        catalogue = self.desk.words.catalogue
        return catalogue.text(key) if catalogue.has(key) else said

    def _left(self, why: object) -> str:
        left = list(why) if isinstance(why, list | tuple) else []
        if not left:
            return ""
        zh = self.desk.words.language == "zh"
        kinds = ("、" if zh else ", ").join(self._why(x) for x in sorted(set(left))[:4])
        mark = "" if zh else " "
        count = self.desk.words.count(len(left))
        return mark + self.desk.say("annotate.left_out", count=count, why=kinds)


def why_key(said: str) -> str:
    """Return the key of the words that say why something was left out."""
    return "annotate.why." + re.sub(r"[^a-z]+", "_", said.lower()).strip("_")


def ending_of(chosen: str) -> str:
    """Return the ending of the kind of file that was chosen."""
    return next((x for x in (".bcf", ".geojson", ".kmz") if x[1:] in chosen), ".kml")


def mark_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of annotations by action name."""
    return MarkHandlers(desk, shell, view).table()
