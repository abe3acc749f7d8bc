"""The tool "Fly-through": the route lies over the view, its keyframes are dragged in space."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from twin.flythrough.flight import Flight, flight
from twin.flythrough.records import Keyframe, Route
from twin.flythrough.state import state
from twin.geometry import F64
from ui.city_view import CityView
from ui.desk import Desk
from ui.flythrough.control import Flythrough
from ui.flythrough.overlay import (
    eyes,
    key_at,
    on_screen,
    paint_frustum,
    paint_keys,
    paint_way,
    way,
)
from ui.viewport.tools import Held

LEVEL = 0.05
"""Slope of a ray below which a keyframe is not dragged over its level plane any more."""


class FlythroughTool:
    """While it is in hand the route is painted; a diamond is dragged level, with Shift up and down."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.canvas = view.canvas
        self.control: Flythrough | None = None
        self.dragged = -1
        self.moved: Route | None = None
        self._from: QPointF | None = None
        self._way: tuple[Flight | None, F64] = (None, np.zeros((0, 3)))

    def options(self) -> QWidget | None:
        """Nothing stands in the tool bar: the dock has it all."""
        return None

    def start(self) -> None:
        """Show the dock, to a presenter the plan too."""
        self.desk.act("flythrough.attach", self)
        self.desk.act("panel.flythrough")
        if self.desk.session.settings.workspace == "presenter":
            self.desk.act("panel.route")
        self.canvas.setFocus()

    def stop(self) -> None:
        """End: the tracks let go of the picture."""
        self.dragged, self.moved = -1, None
        if self.control is not None and not self.control.player.playing:
            self.control.stop()

    def show_route(self) -> None:
        """Paint anew."""
        self.canvas.update()

    def show_time(self) -> None:
        """Nothing: the view paints its own picture."""

    @property
    def flown(self) -> Flight | None:
        """Return the flight as it is painted: with what is being dragged where it is now."""
        if self.control is None:
            return None
        return self.control.flown if self.moved is None else flight(self.moved)

    # -- mouse and keys -----------------------------------------------------------------------

    def _spots(self, flown: Flight) -> F64:
        return on_screen(self.canvas.view, eyes(flown), self.canvas.ratio)

    def press(self, at: QPointF, held: Held) -> bool:
        """Take a keyframe."""
        flown, control = self.flown, self.control
        if flown is None or control is None or control.player.playing:
            return False
        number = key_at(self._spots(flown), at)
        if number < 0:
            return False
        self.dragged, self._from = number, at
        control.chosen_keys = frozenset({number})
        control.chosen_bars = frozenset()
        control.tell()
        return True

    def drag(self, at: QPointF, held: Held) -> None:
        """Move the keyframe with what it looks at, level; with Shift up and down."""
        control = self.control
        if control is None or control.route is None or self._from is None:
            return
        if self.moved is None and (at - self._from).manhattanLength() < 4:
            return
        key = control.route.keyframes[self.dragged]
        shift = self._shift(key, at, "shift" in held)
        if shift is None:
            return
        keys = list(control.route.keyframes)
        keys[self.dragged] = replace(
            key, eye=_plus(key.eye, shift), target=_plus(key.target, shift)
        )
        self.moved = replace(control.route, keyframes=tuple(keys))
        self.canvas.update()

    def _shift(self, key: Keyframe, at: QPointF, up: bool) -> F64 | None:
        """Return by how much the keyframe is moved when it lies under a point, f64(3) metres."""
        view, ratio = self.canvas.view, self.canvas.ratio
        assert self._from is not None
        eye = np.array(key.eye)
        rays = [view.ray(p.x() * ratio, p.y() * ratio) for p in (self._from, at)]
        if up:
            depth = float((eye - view.eye) @ view.forward)
            ends = [ray / float(ray @ view.forward) * depth for ray in rays]
            return np.array([0.0, 0.0, float(ends[1][2] - ends[0][2])])
        drop = float(eye[2] - view.eye[2])
        if any(abs(ray[2]) < LEVEL or ray[2] * drop <= 0 for ray in rays):
            depth = float((eye - view.eye) @ view.forward)
            ends = [ray / float(ray @ view.forward) * depth for ray in rays]
            return np.array([*(ends[1] - ends[0])[:2], 0.0])
        ends = [ray * (drop / ray[2]) for ray in rays]
        return np.array([*(ends[1] - ends[0])[:2], 0.0])

    def drop(self, at: QPointF, held: Held) -> None:
        """Keep where the keyframe was dragged to."""
        made, self.moved, self._from = self.moved, None, None
        self.dragged = -1
        if made is not None and self.control is not None:
            self.control.put("routes.keyframe_move", made)

    def move(self, at: QPointF, held: Held) -> None:
        """Show that a keyframe can be taken."""
        flown = self.flown
        over = flown is not None and key_at(self._spots(flown), at) >= 0
        shape = Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.ArrowCursor
        self.canvas.setCursor(shape)

    def click(self, at: QPointF, held: Held) -> bool:
        """Leave clicks to the city."""
        return False

    def double_click(self, at: QPointF) -> bool:
        """Show the picture of a keyframe."""
        flown, control = self.flown, self.control
        number = -1 if flown is None else key_at(self._spots(flown), at)
        if number < 0 or control is None or flown is None:
            return False
        control.scrub(flown.keyframes[number].t)
        return True

    def key(self, key: Qt.Key, held: Held) -> bool:
        """K takes a keyframe, Delete removes what is selected."""
        acts = {Qt.Key.Key_K: "keyframe", Qt.Key.Key_Delete: "remove"}
        if self.control is None or held or key not in acts:
            return False
        self.control.do(acts[key])
        return True

    # -- painting -----------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Paint the way, where the camera is, and the keyframes; nothing of it while it plays."""
        flown, control = self.flown, self.control
        if flown is None or control is None or control.player.playing:
            return
        if self._way[0] is not flown:
            self._way = (flown, way(flown))
        view, ratio, theme = self.canvas.view, self.canvas.ratio, self.desk.theme
        paint_way(painter, theme, view, self._way[1], ratio)
        paint_frustum(painter, theme, view, state(flown, control.t), ratio)
        paint_keys(painter, theme, self._spots(flown), control.chosen_keys)


def _plus(point: tuple[float, float, float], shift: F64) -> tuple[float, float, float]:
    x, y, z = (round(float(a + b), 4) for a, b in zip(point, shift, strict=True))
    return x, y, z
