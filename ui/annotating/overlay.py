"""The marks of the project over the picture: which are shown, what is said of them, which the city hides."""

import time
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from twin.commands.annotations import length_of, marks_in_order
from twin.presenting.records import Annotation
from ui.annotating.drawing import Shown, anchor_of, draw
from ui.city_view import CityView
from ui.desk import Desk
from ui.viewport.measure_marks import Sheet
from ui.viewport.overlays import projected

SLICE = 0.004
"""Seconds a turn may ask what the city hides."""
NEAR = 0.75
"""Metres that a mark may lie inside of a surface and still be seen."""


class Marks:
    """Paints the marks over the view, and over any picture of it."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self._pictures: dict[str, QPixmap] = {}
        self._hidden: dict[str, bool] = {}
        self._asked: set[str] = set()
        self._for: object = None

    def shown(self) -> list[Annotation]:
        """Return the marks that are to be seen: in the project's own system, and not hidden by a person."""
        twin = self.desk.session.twin
        return [x for x in marks_in_order(twin) if x.visible and x.crs == twin.crs]

    def step(self) -> None:
        """Ask of some marks whether the city hides them, while the camera rests."""
        canvas = self.view.canvas
        if canvas.moving:
            return
        view = canvas.view
        key = (*view.eye, *view.forward, view.fov_y, view.size, id(self.view.frame()))
        if key != self._for:
            self._for, self._asked = key, set()
        until, changed = time.monotonic() + SLICE, False
        for mark in self.shown():
            if mark.id in self._asked:
                continue
            if time.monotonic() > until:
                break
            self._asked.add(mark.id)
            hidden = self._is_hidden(mark)
            changed |= hidden != self._hidden.get(mark.id, False)
            self._hidden[mark.id] = hidden
        if changed:
            canvas.update()

    def _is_hidden(self, mark: Annotation) -> bool:
        view = self.view.canvas.view
        at = anchor_of(mark)
        x, y, depth = projected(view, at)[0]
        if depth <= 0 or not (0 <= x < view.size[0] and 0 <= y < view.size[1]):
            return False
        hit = self.desk.session.pick(view, float(x), float(y))
        if hit is None:
            return False
        far = float(np.linalg.norm(at - view.eye))
        return float(np.linalg.norm(hit.world - view.eye)) < far - max(NEAR, far * 0.004)

    def words(self, mark: Annotation) -> tuple[str, ...]:
        """Return what stands on the plate of a mark, a line each."""
        lines = [mark.text] if mark.text else []
        if mark.kind == "line":
            metres = self.desk.words.metres(length_of(mark), 2)
            lines.insert(0, f"{metres} m")
        return (*lines, *([mark.note] if mark.note else []))

    def picture(self, mark: Annotation) -> QPixmap:
        """Return the image of a mark; a null one where there is none or it cannot be read."""
        if mark.picture not in self._pictures:
            found = QPixmap()
            stored = self.desk.session.twin.records["files"].get(mark.picture)
            if stored is not None:
                found.loadFromData(stored.data)
            self._pictures[mark.picture] = found
        return self._pictures[mark.picture]

    def paint(self, painter: QPainter) -> None:
        """Paint over the view."""
        canvas = self.view.canvas
        taken = (*canvas.plates, canvas.compass())
        self.paint_over(painter, canvas.ratio, taken, 1.0)

    def paint_over(
        self, painter: QPainter, ratio: float, taken: Sequence[QRectF], scale: float
    ) -> None:
        """Paint over a picture of the view whose logical pixels have so many pixels of the view."""
        marks = self.shown()
        if not marks:
            return
        shown = [
            Shown(x, self.words(x), self._hidden.get(x.id, False), self.picture(x)) for x in marks
        ]
        draw(Sheet(painter, self.view.canvas.view, self.desk.theme, ratio), shown, taken, scale)
