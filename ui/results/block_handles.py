"""Handles of a block that stands already: its top for the height, its corners for the outline, numbers, Delete."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from twin.analyses.massing import Block, body_of, checked_ring
from twin.analyses.scenarios import ScenarioEdit
from twin.errors import UsageError
from twin.geometry import F64
from twin.tiles import View
from ui.city_view import CityView
from ui.desk import Desk
from ui.viewport.camera import ground_point
from ui.viewport.measure_marks import Sheet, paint_knot, paint_line, paint_words

NEAR = 10.0
"""Logical pixels within which a handle is met."""
REACH = 1e6
LEAST = 0.5
TOP = -1
"""The handle of the height; the others are numbers of corners."""


def ray_hit(block: Block, eye: F64, ray: F64) -> float:
    """Return how many metres along a ray f64(3) of length 1 a block is met, inf = it is not.

    Möller and Trumbore, "Fast, minimum storage ray/triangle intersection", 1997.
    """
    corners, faces = body_of(block)
    a, b, c = (corners[faces[:, k]] for k in range(3))
    across = np.cross(ray, c - a)
    turn = np.einsum("ij,ij->i", b - a, across)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("ij,ij->i", eye - a, across) / turn
        side = np.cross(eye - a, b - a)
        v = side @ ray / turn
        far = np.einsum("ij,ij->i", c - a, side) / turn
    met = (np.abs(turn) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)
    return float(far[met].min()) if met.any() else float("inf")


class BlockHandles:
    """At most one block of the scenario that is seen is held; what is dragged is one step of undo."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view, self.canvas = desk, view, view.canvas
        self.key = ""
        self.grip: int | None = None
        self.draft: Block | None = None

    # -- which block --------------------------------------------------------------------------

    def edits(self) -> Sequence[ScenarioEdit]:
        """Return the blocks of the scenario that is seen."""
        scenario = self.desk.session.scenery.scenario
        return () if scenario is None else scenario.of_kind("block")

    def block(self) -> Block | None:
        """Return the block that is held, as it is dragged; None = none, or it is gone."""
        found = next((one.block() for one in self.edits() if one.id == self.key), None)
        return self.draft if found is not None and self.draft is not None else found

    def hold(self, key: str) -> None:
        """Hold a block by the id of its edit; '' holds none."""
        self.key, self.grip, self.draft = key, None, None
        self.canvas.update()

    def pick(self, at: QPointF) -> str:
        """Return the id of the block at a place of the view that nothing hides, '' = none."""
        view, ratio = self.canvas.view, self.canvas.ratio
        ray = np.asarray(view.ray(at.x() * ratio, at.y() * ratio), np.float64)
        ray = ray / np.linalg.norm(ray)
        far = {one.id: ray_hit(one.block(), view.eye, ray) for one in self.edits()}
        key = min(far, key=lambda one: far[one], default="")
        if not key or not np.isfinite(far[key]):
            return ""
        hit = self.canvas.hit_at(at.x(), at.y())
        world = None if hit is None else hit.world
        hidden = world is not None and np.linalg.norm(world - view.eye) < 0.98 * far[key] - 1.0
        return "" if hidden else key

    # -- dragging -----------------------------------------------------------------------------

    def places(self, block: Block) -> F64:
        """Return the handles f64(n + 1, 3): the upper corners in order, then the middle of the top."""
        ring = np.asarray(block.ring, np.float64)
        high = np.full(len(ring), block.base + block.height)
        corners = np.column_stack([ring, high])
        return np.concatenate([corners, corners.mean(axis=0)[None]])

    def take(self, at: QPointF) -> bool:
        """Take hold of the handle at a place; False = there is none."""
        block = self.block()
        if block is None:
            return False
        seen = [self._sheet_at(place) for place in self.places(block)]
        away = [
            np.inf if one is None else float(np.hypot(one.x() - at.x(), one.y() - at.y()))
            for one in seen
        ]
        nearest = int(np.argmin(away))
        if away[nearest] > NEAR:
            return False
        self.grip = TOP if nearest == len(block.ring) else nearest
        self.begun, self.draft, self.was = at, block, block
        return True

    def drag(self, at: QPointF) -> None:
        """Let the height or a corner follow the cursor."""
        if self.grip is None:
            return
        view, ratio = self.canvas.view, self.canvas.ratio
        if self.grip == TOP:
            way = (self.begun.y() - at.y()) * ratio * _metres(view, self.places(self.was)[-1])
            height = max(LEAST, round(self.was.height + way, 1))
            self.draft = replace(self.was, height=height)
        else:
            level = self.was.base + self.was.height
            point = ground_point(view, at.x() * ratio, at.y() * ratio, level, REACH)
            ring = list(self.was.ring)
            ring[self.grip] = (round(float(point[0]), 2), round(float(point[1]), 2))
            self.draft = replace(self.was, ring=tuple(ring))
        self.canvas.update()

    def drop(self) -> None:
        """Keep what was dragged: one step; an outline that crosses itself is told and taken back."""
        draft, grip = self.draft, self.grip
        self.draft, self.grip = None, None
        if draft is None or draft == self.was:
            return
        if grip == TOP:
            self.change("height", f"{draft.height:g}")
            return
        try:
            checked_ring(draft.ring)
        except UsageError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        self.change("ring", ";".join(f"{x:.3f},{y:.3f}" for x, y in draft.ring))

    def change(self, what: str, value: str) -> None:
        """Change the block that is held by command."""
        if self.block() is not None:
            self.desk.run("scenarios.change", edit=self.key, what=what, value=value)

    def remove(self) -> None:
        """Take the block that is held out of the scenario."""
        if self.block() is not None and self.desk.run("scenarios.drop", edit=self.key):
            self.hold("")
            self.desk.tell(self.desk.say("block.removed"), "undo")

    # -- painting -----------------------------------------------------------------------------

    def _sheet_at(self, place: F64) -> QPointF | None:
        view, ratio = self.canvas.view, self.canvas.ratio
        return Sheet(None, view, self.desk.theme, ratio).at(place)  # type: ignore[arg-type]

    def paint(self, sheet: Sheet, taken: Sequence[QRectF] = ()) -> None:
        """Paint the outline of the block, its handles and its height."""
        block = self.block()
        if block is None:
            return
        places = self.places(block)
        high, top = places[:-1], places[-1]
        low = high - np.array([0.0, 0.0, block.height])
        for k in range(len(high)):
            after = (k + 1) % len(high)
            paint_line(sheet, high[k], high[after])
            paint_line(sheet, low[k], high[k], strong=False)
        for place in places:
            paint_knot(sheet, place)
        at = sheet.at(top)
        if at is None:
            return
        metres = self.desk.words.metres
        volume = metres(block.area * block.height, 0)
        told = self.desk.say("block.measures", area=metres(block.area, 0), volume=volume)
        paint_words(sheet, at, [f"{metres(block.height, 1)} m", told], taken)


def _metres(view: View, place: F64) -> float:
    """Return the metres of a device pixel at a place."""
    depth = max(float((place - view.eye) @ view.forward), 1.0)
    return float(2 * depth * np.tan(np.radians(view.fov_y) / 2) / max(view.size[1], 1))
