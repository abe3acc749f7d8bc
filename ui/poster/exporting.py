"""A page of the live view, drawn between its pictures: progress and cancel stand in the status bar."""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from twin.errors import TwinError
from twin.jobs import Feedback, Outcome
from twin.streaming import Frame
from twin.tiles import View
from ui.city_view import CityView
from ui.desk import Desk
from ui.poster.dialog import PageDialog
from ui.poster.facts import Beneath, sheet_of
from ui.poster.making import picture_size, poster
from ui.viewport.canvas import Canvas
from ui.viewport.lens import line_ratio

FILTERS = "PDF (*.pdf);;PNG (*.png);;JPEG (*.jpg)"
PAUSE = 0.1
"""Seconds between two looks at how far it is."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A page that a person wants: pixels, dots per inch, what stands beneath, the file."""

    page: tuple[int, int]
    dpi: float
    beneath: Beneath
    out: Path


class PageExport(QObject):
    """Draws one page, a block each time the event loop is free."""

    def __init__(self, desk: Desk, view: CityView, wish: Wish) -> None:
        super().__init__(view.widget())
        self.desk, self.view, self.wish = desk, view, wish
        self.share, self.over = 0.0, False
        self.error: TwinError | None = None
        self._steps = self._made()
        title = desk.say("poster.making", name=wish.out.name)
        self.job = desk.session.jobs.submit(self._watch, self._told, title=title)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self._timer.start(0)

    def _watch(self, feedback: Feedback) -> str:
        """Stand for the drawing among the jobs, so that it is seen and can be cancelled."""
        while not self.over:
            time.sleep(PAUSE)
            feedback.progress(self.share)
            feedback.check()
        if self.error is not None:
            raise self.error
        return str(self.wish.out)

    def _told(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.desk.tell(self.desk.error_text(outcome.error), "error")
        else:
            self.desk.tell(self.desk.say("saved_to", path=str(self.wish.out)), "info")

    def _step(self) -> None:
        try:
            if self.job.cancelled:
                self._steps.close()
                self._end()
                return
            self.share = next(self._steps)
        except StopIteration:
            self._end()
        except TwinError as error:
            self.error = error
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        self.over = True
        self.deleteLater()

    def _made(self) -> Generator[float]:
        session, wish = self.desk.session, self.wish
        canvas = Canvas(replace(self.view.canvas.look))
        try:
            pose = self.view.canvas.navigator.pose
            view, frame = pose.view(wish.page), Frame()
            for size in (wish.page, None):
                sheet = sheet_of(session, self.desk.words, wish.beneath, view, frame, wish.dpi)
                view = pose.view(picture_size(wish.page, sheet) if size is None else size)
                frame = session.frame(view, session.settings.max_error)
            while not frame.complete:
                yield 0.0
                frame = session.frame(view, session.settings.max_error)
            yield from self._staged(canvas, frame, view)
            sheet = sheet_of(session, self.desk.words, wish.beneath, view, frame, wish.dpi)
            yield from poster(canvas, frame, view, sheet, wish.out, wish.dpi)
        finally:
            canvas.close()

    def _staged(self, canvas: Canvas, frame: Frame, view: View) -> Generator[float]:
        while True:
            canvas.stage.show(frame, view, 30.0, pixel_ratio=2.0 * line_ratio(view.size))
            if canvas.stage.settled:
                return
            yield 0.0


def ask_page(desk: Desk, view: CityView) -> PageExport | None:
    """Ask for a page and its file, and begin to draw it."""
    dialog = PageDialog(desk, view.widget())
    if not dialog.exec():
        return None
    name = dialog.beneath.title or "citytwin"
    path, chosen = QFileDialog.getSaveFileName(
        view.widget(), desk.say("poster.title"), f"{name}.pdf", FILTERS
    )
    if not path:
        return None
    out = Path(path)
    if not out.suffix:
        out = out.with_suffix(chosen[chosen.find("*") + 1 : -1])
    return PageExport(desk, view, Wish(dialog.page, dialog.dpi.value(), dialog.beneath, out))


def page_table(desk: Desk, _shell: object, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of pages by action name."""

    def ask() -> None:
        ask_page(desk, view)

    return {"file.page": ask}
