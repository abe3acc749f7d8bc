"""The tool Areas: click corners on the ground, close, and the area answers for what lies in it; drag corners to change it."""

from collections.abc import Mapping

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from twin.geometry import F64
from ui.areas.marks import (
    color_of,
    paint_grip,
    paint_names,
    paint_orphans,
    paint_overlap,
    paint_shape,
    raised,
)
from ui.areas.options import AreaOptions
from ui.areas.shapes import Shape, Shapes
from ui.city_view import CityView
from ui.desk import Desk
from ui.viewport.camera import ground_point
from ui.viewport.measure_marks import Sheet, paint_hint, paint_knot, paint_line
from ui.viewport.tools import Held

GRIP = 8.0
"""Logical pixels within which a corner is taken."""
REACH = 1e6
"""Metres within which the ground plane is met."""
DONE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
DROP = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
Chosen = tuple[str, str]


class AreaTool:
    """Draws and changes areas and zones while it is in hand; they stay over the city while they are shown."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view, self.canvas = desk, view, view.canvas
        self.quiet = True
        self.shapes = Shapes(desk.session.twin)
        self.points: list[F64] = []
        self.at: F64 | None = None
        self.chosen: Chosen | None = None
        self.grip: tuple[Shape, int] | None = None
        self.moved: list[F64] = []
        self.on = self.shown = False
        self.panel: AreaOptions | None = None
        painters = self.canvas.paintings
        for old in [x for x in painters if isinstance(getattr(x, "__self__", None), AreaTool)]:
            self.shown = getattr(old, "__self__").shown  # noqa: B009  a bound method's owner
            painters.remove(old)
        painters.append(self.paint_kept)

    # -- the tool bar -------------------------------------------------------------------------

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = AreaOptions(self.desk, self.show)
        return self.panel

    def show(self, on: bool) -> None:
        """Keep areas over the city when the tool is put back, or not."""
        self.shown = on
        self.canvas.update()

    def start(self) -> None:
        """Begin."""
        self.on = True
        self._begin()
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.setFocus()

    def stop(self) -> None:
        """End: what was not finished is gone."""
        self.on, self.chosen = False, None
        self._begin()
        self.canvas.setCursor(Qt.CursorShape.ArrowCursor)

    def _begin(self) -> None:
        self.points, self.at, self.grip, self.moved = [], None, None, []
        self.canvas.update()

    # -- the ground ---------------------------------------------------------------------------

    @property
    def ground(self) -> float:
        """Return the height on which areas are shown, metres."""
        return float(self.canvas.navigator.ground or 0.0)

    def _world(self, at: QPointF) -> F64:
        ratio = self.canvas.ratio
        return ground_point(self.canvas.view, at.x() * ratio, at.y() * ratio, self.ground, REACH)

    def _near(self, at: QPointF, place: F64) -> bool:
        seen = self._sheet(None).at(place)
        return seen is not None and (seen - at).manhattanLength() <= 1.5 * GRIP

    def _corner(self, at: QPointF) -> tuple[Shape, int] | None:
        """Return the area and the corner under the cursor."""
        self.shapes.read()
        order = sorted(self.shapes.found, key=lambda x: (x.kind, x.key) != self.chosen)
        for shape in order:
            ring = self._whole(shape)
            for number, corner in enumerate(raised(ring, self.ground)):
                if self._near(at, corner):
                    return shape, number
        return None

    def _whole(self, shape: Shape) -> F64:
        """Return the outer ring as it stands, without its closing point."""
        return shape.rings[0][:-1] if shape.rings else np.zeros((0, 2))

    # -- mouse --------------------------------------------------------------------------------

    def press(self, at: QPointF, held: Held) -> bool:
        """Take hold of a corner of an area; everything else moves the camera."""
        if self.points:
            return False
        self.grip = self._corner(at) or self._side(at)
        if self.grip is None:
            return False
        shape, number = self.grip
        self.chosen = (shape.kind, shape.key)
        self.moved = [*self._whole(shape)]
        if self._between(at, shape, number):
            self.moved.insert(number, self._world(at)[:2])
        elif "alt" in held and len(self.moved) > 3:
            del self.moved[number]
            self.grip = (shape, -1)
        return True

    def _middles(self, shape: Shape) -> F64:
        """Return the middles of the sides of an area: the k-th lies before its k-th corner."""
        ring = self._whole(shape)
        return (ring + np.roll(ring, 1, axis=0)) / 2

    def _side(self, at: QPointF) -> tuple[Shape, int] | None:
        """Return the chosen area and the side whose middle is under the cursor."""
        shape = None if self.chosen is None else self.shapes.get(*self.chosen)
        if shape is None:
            return None
        for number, middle in enumerate(raised(self._middles(shape), self.ground)):
            if self._near(at, middle):
                return shape, number
        return None

    def _between(self, at: QPointF, shape: Shape, number: int) -> bool:
        """Return whether the cursor is on the middle of a side, no corner."""
        corner = raised(self._whole(shape)[number : number + 1], self.ground)[0]
        return not self._near(at, corner)

    def drag(self, at: QPointF, held: Held) -> None:
        """Move the corner."""
        if self.grip is not None and self.grip[1] >= 0:
            self.moved[self.grip[1]] = self._world(at)[:2]
            self.canvas.update()

    def drop(self, at: QPointF, held: Held) -> None:
        """Let the corner go: one step that can be undone."""
        grip, corners = self.grip, self.moved
        self.grip, self.moved = None, []
        if grip is not None and not np.array_equal(np.array(corners), self._whole(grip[0])):
            self._set(grip[0], wkt_of(corners, grip[0].rings[1:]))
        self.canvas.update()

    def move(self, at: QPointF, held: Held) -> None:
        """Follow the cursor."""
        self.at = self._world(at)

    def click(self, at: QPointF, held: Held) -> bool:
        """Set a corner; a click on the first one closes the area."""
        if len(self.points) > 2 and self._near(at, self.points[0]):
            self._finish()
            return True
        self.chosen = None
        self.points.append(self._world(at))
        return True

    def double_click(self, at: QPointF) -> bool:
        """Close the area; the first click set its last corner."""
        if self.points:
            self._finish()
        return True

    # -- keys ---------------------------------------------------------------------------------

    def claims(self, key: Qt.Key, held: Held) -> bool:
        """Return whether a key is for this tool and no shortcut of the window."""
        if "ctrl" in held or "alt" in held:
            return False
        drawing = bool(self.points) and key in (*DONE, *DROP, Qt.Key.Key_Escape)
        return drawing or (self.chosen is not None and key == Qt.Key.Key_Delete)

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Close, take a corner back, give up, remove."""
        if not self.claims(key, held):
            return False
        if self.points and key in DONE:
            self._finish()
        elif self.points and key in DROP:
            self.points.pop()
        elif self.points:
            self._begin()
        elif self.chosen is not None:
            self._remove(self.chosen)
        self.canvas.update()
        return True

    # -- what comes of it ---------------------------------------------------------------------

    def _finish(self) -> None:
        corners = [point[:2] for point in self.points]
        if len(corners) > 1 and np.linalg.norm(corners[-1] - corners[-2]) < 1e-3:
            corners.pop()
        if len(corners) < 3:
            return
        self._begin()
        said: Mapping[str, str] = {} if self.panel is None else self.panel.said()
        polygon = wkt_of(corners)
        if said.get("what") == "zone":
            before = set(self.desk.session.twin.records["zones"])
            name = said.get("name") or self.desk.say("areas.new_zone", number=len(before) + 1)
            self._told(self.desk.run("zone.set", name=name, polygon=polygon, source="drawn"), name)
            return
        if not said.get("party"):
            self.desk.tell(self.desk.say("areas.no_party"), "error")
            return
        went = self.desk.run(
            "responsibility.set", party=said["party"], role="custodian", scope="area",
            polygon=polygon, kind=said.get("kind", "*"), priority=said.get("priority", "0"),
            source="drawn",
        )  # fmt: skip
        self._told(went, self.desk.session.rules.party_of(said["party"]))

    def _told(self, went: bool, name: str) -> None:
        if went:
            self.desk.tell(self.desk.say("areas.added", name=name), "undo")

    def _set(self, shape: Shape, polygon: str) -> None:
        command = "zone.set" if shape.kind == "zones" else "responsibility.set"
        crs = self.desk.session.twin.crs
        if self.desk.run(command, id=shape.key, polygon=polygon, crs=crs):
            self.desk.tell(self.desk.say("areas.changed", name=shape.title), "undo")

    def _remove(self, chosen: Chosen) -> None:
        kind, key = chosen
        command = "zone.remove" if kind == "zones" else "responsibility.remove"
        shape = self.shapes.get(kind, key)
        self.chosen = None
        if shape is not None and self.desk.run(command, id=key):
            self.desk.tell(self.desk.say("areas.removed", name=shape.title), "undo")

    # -- painting -----------------------------------------------------------------------------

    def _sheet(self, painter: QPainter | None) -> Sheet:
        return Sheet(painter or QPainter(), self.canvas.view, self.desk.theme, self.canvas.ratio)

    def paint_kept(self, painter: QPainter) -> None:
        """Paint the areas there are, while they are shown or the tool is in hand."""
        if not (self.on or self.shown) or not self.desk.session.twin.layers:
            return
        self.shapes.read()
        sheet, ground = self._sheet(painter), self.ground
        parties = sorted({shape.party for shape in self.shapes.found if shape.party})
        named: list[tuple[F64, list[str]]] = []
        for shape in self.shapes.found:
            if self.grip is not None and shape == self.grip[0]:
                continue
            strong = (shape.kind, shape.key) == self.chosen
            paint_shape(sheet, shape, ground, color_of(shape, parties), strong=strong)
            key = "zone" if shape.kind == "zones" else "area"
            words = [shape.title, self.desk.say(f"areas.is_{key}")]
            named.append((np.append(shape.middle, ground), words))
        for area, shape in self.shapes.overlaps:
            paint_overlap(sheet, shape, ground)
            words = [self.desk.say("areas.overlap", area=area), shape.title]
            named.append((np.append(shape.middle, ground), words))
        paint_orphans(sheet, self.shapes.orphans())
        if not self.points:
            taken = (*self.canvas.plates, self.canvas.compass())
            paint_names(sheet, named, taken)

    def paint(self, painter: QPainter) -> None:
        """Paint what is being drawn or moved, the corners, and what to do."""
        sheet = self._sheet(painter)
        self._paint_corners(sheet)
        line = [*self.points, *([self.at] if self.points and self.at is not None else [])]
        if self.moved:
            line = [*raised(np.array(self.moved), self.ground)]
        closed = len(line) > 2
        for k in range(len(line) - (0 if closed else 1)):
            last = k == len(line) - 1
            paint_line(sheet, line[k], line[(k + 1) % len(line)], dashed=last and not self.moved)
        for point in line:
            paint_knot(sheet, point)
        taken: list[QRectF] = [*self.canvas.plates, self.canvas.compass()]
        key = "hint_draw" if self.points else "hint_chosen" if self.chosen else "hint"
        words = self.desk.say(f"areas.{key}")
        alone = len(self.shapes.orphans())
        if alone and key == "hint":
            words = self.desk.say("areas.orphans", count=self.desk.words.count(alone))
        paint_hint(sheet, words, taken)

    def _paint_corners(self, sheet: Sheet) -> None:
        """Paint the corners of the chosen area."""
        shape = None if self.chosen is None else self.shapes.get(*self.chosen)
        if shape is not None and not self.moved:
            for corner in raised(self._whole(shape), self.ground):
                paint_knot(sheet, corner)
            for middle in raised(self._middles(shape), self.ground):
                paint_grip(sheet, middle)


def wkt_of(corners: list[F64], holes: tuple[F64, ...] = ()) -> str:
    """Return the polygon through corners f64(2) as WKT, to the centimetre."""
    shape = shapely.Polygon(np.array(corners), [ring for ring in holes if len(ring) > 3])
    return str(shapely.to_wkt(shape, rounding_precision=2))
