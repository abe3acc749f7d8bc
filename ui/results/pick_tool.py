"""Picking a setting in the view: a click gives a place; places, lines and rings end by Enter or a double click."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from twin.geometry import F64
from twin.snapping import RADIUS, Snapper
from ui.city_view import CityView
from ui.desk import Desk
from ui.viewport.camera import ground_point
from ui.viewport.measure_marks import Sheet, paint_hint, paint_knot, paint_line
from ui.viewport.tools import Held

LEAST = {"point": 1, "points": 1, "path": 2, "area": 3, "plan": 3, "zones": 3}
"""How many places what is picked must have."""
RINGS = ("area", "plan", "zones")
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
REACH = 1e6
Picked = Callable[[list[Any]], None]


class PickTool:
    """In hand from the form's button until something is picked; ``done`` gets the places, none = given up.

    Of kind "object" it gets one (layer id, object id). Taking another tool gives up, so that the form comes back.
    """

    def __init__(self, desk: Desk, view: CityView, kind: str, done: Picked) -> None:
        self.desk, self.view, self.canvas = desk, view, view.canvas
        self.kind, self.done = kind, done
        self.quiet = True
        self.points: list[F64] = []
        self.tip: F64 | None = None
        self.snapper = Snapper()
        self.over = False

    def start(self) -> None:
        """Take the tool in hand, whatever was in hand before."""
        self.view.stop()
        self.view.take_tool(self)
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.setFocus()

    def stop(self) -> None:
        """Let go of the view; nobody is told."""
        self.over = True
        if self.canvas.hand is self:
            self.view.take_tool(None)
            self.canvas.setCursor(Qt.CursorShape.ArrowCursor)
        self.canvas.update()

    def left(self) -> None:
        """Give up: another tool was taken in hand."""
        if not self.over:
            self.over = True
            self.done([])

    def _end(self, points: list[Any]) -> None:
        self.over = True
        self.stop()
        self.done(points)

    # -- mouse --------------------------------------------------------------------------------

    def press(self, at: QPointF, held: Held) -> bool:
        """Leave drags to the camera."""
        return False

    def drag(self, at: QPointF, held: Held) -> None:
        """Nothing is dragged."""

    def drop(self, at: QPointF, held: Held) -> None:
        """Nothing is dragged."""

    def move(self, at: QPointF, held: Held) -> None:
        """Follow the cursor over the city, beside it over its ground."""
        ratio, view = self.canvas.ratio, self.canvas.view
        spot = (at.x() * ratio, at.y() * ratio)
        radius = RADIUS * ratio if self.desk.session.settings.snapping else 0.0
        met = self.snapper.snap(self.view.frame(), view, spot, radius)
        level = float(self.points[-1][2]) if self.points else self.canvas.navigator.ground or 0.0
        self.tip = met.world if met is not None else ground_point(view, *spot, level, REACH)
        self.canvas.update()

    def click(self, at: QPointF, held: Held) -> bool:
        """Take the place that is meant, or the object."""
        if self.kind == "object":
            self._take_object(at)
            return True
        self.move(at, held)
        if self.tip is None:
            self.desk.tell(self.desk.say("sight.nothing_here"), "info")
            return True
        place = np.asarray(self.tip, np.float64)
        if not self.points or np.linalg.norm(self.points[-1] - place) > 1e-3:
            self.points.append(place)
        if self.kind == "point":
            self._end(self.points)
        return True

    def _take_object(self, at: QPointF) -> None:
        hit = self.canvas.hit_at(at.x(), at.y())
        if hit is None or hit.row < 0:
            self.desk.tell(self.desk.say("sight.nothing_here"), "info")
            return
        layer = self.desk.session.twin.layers[hit.layer]
        unit = int(layer.assessment.unit[hit.row])
        self._end([(hit.layer, str(layer.features.id[unit]))])

    def double_click(self, at: QPointF) -> bool:
        """End; the first click set the last place."""
        self._finish()
        return True

    # -- keys ---------------------------------------------------------------------------------

    def claims(self, key: Qt.Key, held: Held) -> bool:
        """Return whether a key is for this tool and no shortcut of the window."""
        if "ctrl" in held or "alt" in held:
            return False
        return key == Qt.Key.Key_Escape or (
            bool(self.points) and key in (*ENTER, Qt.Key.Key_Backspace)
        )

    def key(self, key: Qt.Key, held: Held) -> bool:
        """End, take a place back, leave."""
        if not self.claims(key, held):
            return False
        if key == Qt.Key.Key_Escape:
            self._end([])
        elif key in ENTER:
            self._finish()
        else:
            self.points.pop()
        self.canvas.update()
        return True

    def _finish(self) -> None:
        if self.kind == "object":
            return
        least = LEAST[self.kind]
        if len(self.points) >= least:
            self._end(self.points)
        else:
            self.desk.tell(self.desk.say("analyse.pick_more", count=least), "info")

    # -- painting -----------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Paint what is picked so far, and what to do."""
        sheet = Sheet(painter, self.canvas.view, self.desk.theme, self.canvas.ratio)
        places = [*self.points, *([self.tip] if self.tip is not None else [])]
        if self.kind in ("path", *RINGS):
            for k in range(len(places) - 1):
                paint_line(sheet, places[k], places[k + 1], dashed=k == len(places) - 2)
            if self.kind != "path" and len(places) > 2:
                paint_line(sheet, places[-1], places[0], dashed=True)
        for place in places:
            paint_knot(sheet, place)
        kind = "area" if self.kind in RINGS else self.kind
        taken = [*self.canvas.plates, self.canvas.compass()]
        paint_hint(sheet, self.desk.say(f"analyse.pick_{kind}"), taken)
