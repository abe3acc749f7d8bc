"""The tool Sight: lines of sight by two clicks, viewsheds and the sky from a point, profiles along a line."""

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from twin.analyses.findings import Findings
from twin.errors import TwinError
from twin.geometry import F64
from twin.scene import Aspect, Change
from twin.snapping import Snapper
from twin.studying import Inquiry
from ui.city_view import CityView
from ui.desk import Desk
from ui.sight.options import SightOptions
from ui.sight.painting import HANDLE, paint_ends, paint_sight, paint_waiting
from ui.sight.telling import plate_of
from ui.viewport.measure_marks import Sheet, paint_hint, paint_words
from ui.viewport.tools import Held

MOST = {"line_of_sight": 2, "viewshed": 1, "sky_view": 1, "profile": 0}
"""How many points a question takes; 0 = as many as one likes, Enter or a double click ends."""
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SightTool:
    """Asks what is seen while it is in hand; the last answer stays in the picture until it is cleared."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view, self.canvas = desk, view, view.canvas
        self.quiet = True
        self.mode = "line_of_sight"
        self.eye_height, self.radius, self.curvature = 1.6, 500.0, False
        self.points: list[F64] = []
        self.asked: list[F64] = []
        """The points of the answer that is shown, or that is waited for."""
        self.tip: F64 | None = None
        self.hot = -1
        """The end under the cursor, or in hand."""
        self.inquiry: Inquiry | None = None
        self.found: Findings | None = None
        self.snapper = Snapper()
        self.panel: SightOptions | None = None

    # -- options ------------------------------------------------------------------------------

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = SightOptions(self, self.desk)
        return self.panel

    def start(self) -> None:
        """Begin: the cursor is a cross, and keys go to the view."""
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.setFocus()

    def stop(self) -> None:
        """End: what was not finished is gone, and so is the answer in the picture."""
        self.clear()
        self.tip = None
        self.canvas.setCursor(Qt.CursorShape.ArrowCursor)

    def choose(self, mode: str) -> None:
        """Ask something else; the eye that stands is asked at once."""
        eye = self.asked[:1]
        self.clear()
        self.mode = mode
        if self.panel is not None:
            self.panel.show_mode()
        if eye and MOST[mode] == 1:
            self._ask(eye)
        self.canvas.setFocus()

    def change(self, name: str, value: float | bool) -> None:
        """Ask again with another setting."""
        setattr(self, name, value)
        if self.asked:
            self._ask(self.asked)

    def clear(self) -> None:
        """Take answer and points off the picture."""
        if self.inquiry is not None and not self.inquiry.done:
            self.inquiry.cancel()
            self.desk.session.twin.changed.emit(Change(Aspect.JOBS))
        self.inquiry = self.found = None
        self.points, self.asked, self.hot = [], [], -1
        self.canvas.update()

    # -- mouse --------------------------------------------------------------------------------

    def press(self, at: QPointF, held: Held) -> bool:
        """Take an end in hand."""
        self.hot = self._end_at(at)
        return self.hot >= 0

    def drag(self, at: QPointF, held: Held) -> None:
        """Move the end in hand over the city."""
        place = self._under(at)
        if place is not None and self.hot >= 0:
            self.asked[self.hot] = place
            self.found = None
            self.canvas.update()

    def drop(self, at: QPointF, held: Held) -> None:
        """Ask with the end where it is now."""
        if self.hot >= 0:
            self._ask(self.asked)

    def move(self, at: QPointF, held: Held) -> None:
        """Follow the cursor."""
        self.hot = self._end_at(at)
        self.tip = self._under(at)
        self.canvas.update()

    def click(self, at: QPointF, held: Held) -> bool:
        """Take the point that is meant."""
        place = self._under(at)
        if place is None:
            self.desk.tell(self.desk.say("sight.nothing_here"), "info")
            return True
        if self.points and np.linalg.norm(self.points[-1] - place) < 1e-3:
            return True
        self.points.append(place)
        if len(self.points) == MOST[self.mode]:
            self._ask(self.points)
        return True

    def double_click(self, at: QPointF) -> bool:
        """End a line; its first click set the last point."""
        self._finish()
        return True

    def claims(self, key: Qt.Key, held: Held) -> bool:
        """Return whether a key is for this tool, as things stand."""
        if "ctrl" in held or "alt" in held:
            return False
        if key == Qt.Key.Key_Escape:
            return bool(self.points or self.asked)
        return bool(self.points) and key in (*ENTER, Qt.Key.Key_Backspace)

    def key(self, key: Qt.Key, held: Held) -> bool:
        """End a line, take a point back, clear."""
        if not self.claims(key, held):
            return False
        if key == Qt.Key.Key_Escape:
            self.clear()
        elif key in ENTER:
            self._finish()
        else:
            self.points.pop()
        self.canvas.update()
        return True

    def _finish(self) -> None:
        if MOST[self.mode] == 0 and len(self.points) >= 2:
            self._ask(self.points)

    def _under(self, at: QPointF) -> F64 | None:
        ratio = self.canvas.ratio
        met = self.snapper.snap(
            self.view.frame(), self.canvas.view, (at.x() * ratio, at.y() * ratio), 0.0
        )
        return None if met is None else np.asarray(met.world, np.float64)

    def _end_at(self, at: QPointF) -> int:
        """Return the end at a place of the widget, -1 = none."""
        if self.points:
            return -1
        sheet = Sheet(QPainter(), self.canvas.view, self.desk.theme, self.canvas.ratio)
        for number, place in enumerate(self._ends()):
            spot = sheet.at(place)
            if spot is not None and (spot - at).manhattanLength() < 2 * HANDLE:
                return number
        return -1

    # -- asking -------------------------------------------------------------------------------

    def _settings(self, points: list[F64]) -> dict[str, Any]:
        places = [tuple(float(x) for x in point) for point in points]
        if self.mode == "line_of_sight":
            return {"eye": places[0], "target": places[1], "eye_height": self.eye_height,
                    "curvature": self.curvature}  # fmt: skip
        found: dict[str, Any] = {"points": places}
        if self.mode == "viewshed":
            found |= {"eye_height": self.eye_height, "radius": self.radius,
                      "curvature": self.curvature, "shape": "points"}  # fmt: skip
        elif self.mode == "sky_view":
            found |= {"height": self.eye_height, "radius": self.radius}
        return found

    def _ask(self, points: list[F64]) -> None:
        """Ask of the finest city, on a worker."""
        self.asked, self.points, self.found = list(points), [], None
        if self.inquiry is not None and not self.inquiry.done:
            self.inquiry.cancel()
        try:
            self.inquiry = self.desk.session.analyse(self.mode, self._settings(self.asked))
        except TwinError as error:
            self.inquiry = None
            self.desk.tell(self.desk.error_text(error), "error")
        self.canvas.update()

    def took(self) -> None:
        """Show the answer once it has come; what went wrong is told."""
        work = self.inquiry
        if work is None or not work.done:
            return
        self.inquiry = None
        if work.error is not None:
            self.desk.tell(self.desk.error_text(work.error), "error")
        if work.result is not None:
            session = self.desk.session
            self.found = work.result.answer(session.tables(work.result))
            if self.mode == "profile":
                self.desk.act("panel.profile")
        self.canvas.update()

    # -- painting -----------------------------------------------------------------------------

    def _ends(self) -> list[F64]:
        """Return where the ends are painted: the eye at its height."""
        up = np.array([0.0, 0.0, self.eye_height if self.mode != "profile" else 0.0])
        return [place + (up if number == 0 else 0) for number, place in enumerate(self.asked)]

    def paint(self, painter: QPainter) -> None:
        """Paint the line, what it met, and what to do."""
        sheet = Sheet(painter, self.canvas.view, self.desk.theme, self.canvas.ratio)
        taken: list[QRectF] = [*self.canvas.plates, self.canvas.compass()]
        if self.points:
            paint_waiting(sheet, [*self.points, *([] if self.tip is None else [self.tip])])
        elif self.found is not None and self.mode == "line_of_sight":
            paint_sight(sheet, self.found)
        elif self.asked and self.found is None:
            paint_waiting(sheet, self._ends())
        if self.asked:
            paint_ends(sheet, self._ends(), self.hot)
        taken.append(paint_hint(sheet, self._hint(), taken))
        if self.found is not None:
            self._write(sheet, self.found, taken)

    def _write(self, sheet: Sheet, found: Findings, taken: list[QRectF]) -> None:
        lines = plate_of(self.desk, self.mode, found)
        at = sheet.at(self._plate_at(found))
        if at is not None and lines:
            paint_words(sheet, at, lines, taken)

    def _plate_at(self, found: Findings) -> F64:
        bad = [one for one in found.marks if one.kind == "points" and one.role == "bad"]
        if bad:
            return np.asarray(bad[0].places[0, 0], np.float64)
        ends = self._ends()
        return ends[-1] if ends else np.zeros(3)

    def _hint(self) -> str:
        if self.inquiry is not None:
            return self.desk.say("sight.working")
        if self.asked:
            return self.desk.say("sight.hint.again" if len(self.asked) < 3 else "sight.hint.drag")
        step = "more" if self.points else "first"
        return self.desk.say(f"sight.hint.{self.mode}.{step}")
