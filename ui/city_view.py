"""Joins the 3D widget to the session: clicks become selections, selections become labels, frames are drawn."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from twin.figures import tile_boxes
from twin.geometry import F64, Rows
from twin.picking import Hit
from twin.scene import Aspect, LayerId
from twin.sections import gone
from twin.selection import gaps
from twin.session import Session
from twin.streaming import Frame
from twin.style import FRESHNESS
from ui.desk import Desk
from ui.panels.focus_ring import FocusRing
from ui.panels.object_rows import status_key
from ui.panels.parts import offer
from ui.theme import DARK
from ui.viewport.camera import Pose, fit_points, standard
from ui.viewport.extent import outermost_points
from ui.viewport.overlays import Label, projected
from ui.viewport.tools import ViewTool
from ui.viewport.widget import ViewWidget

PLACE = frozenset({Aspect.LAYERS, Aspect.TREE, Aspect.FEATURES, Aspect.DISPLAY})
MARK = frozenset(
    {
        Aspect.SELECTION,
        Aspect.ASSESSMENT,
        Aspect.STYLE,
        Aspect.LAYERS,
        Aspect.VISIBILITY,
        Aspect.DISPLAY,
    }
)

MOST_BOXES = 300
MANY = 20_000
"""Buildings above which only the outermost ones decide the first view."""

FIRST = 1.12
"""Room round the buildings of the first view: what lies between and beyond them is seen as well."""


class CityView:
    """The view of one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.canvas = ViewWidget(session.pick, DARK)
        self.ring = FocusRing(self.canvas, DARK.accent)
        self.desk: Desk | None = None
        self.shown = Frame()
        self._pointer: F64 | None = None
        self._placed: Pose | None = None
        self._fps = 0.0
        self._size: tuple[float, ...] = ()
        self._stale: set[Aspect] = set(Aspect)
        self.put_tool_back: Callable[[], bool] = lambda: False
        self.marks: Callable[..., None] = lambda *_: None
        canvas = self.canvas
        canvas.navigator.floor = lambda eye: float(session.ground(eye[None, :2])[0])
        canvas.clicked.connect(self._clicked)
        canvas.double_clicked.connect(self._double_clicked)
        canvas.hovered.connect(self._hovered)
        canvas.context_requested.connect(self._menu)
        canvas.rubber.connect(self._rubber)
        canvas.gaps = self._gaps
        session.twin.changed.connect(lambda change: self._stale.add(change.aspect))

    def dress(self, desk: Desk) -> None:
        """Take over words, theme and settings."""
        self.desk = desk
        self.canvas.set_theme(desk.theme)
        self.ring.color = desk.theme.accent
        self.canvas.apply_settings(self.session.settings)
        self.canvas.north_letter = desk.say("north")
        self.canvas.box_words = desk.say("hud.box", level="{level}", error="{error}")
        self.canvas.setAccessibleName(desk.say("view_name"))
        self._stale = set(Aspect)

    def widget(self) -> QWidget:
        """Return the widget."""
        return self.canvas

    def tick(self, arrived: bool) -> bool:
        """Let time pass and draw when something changed; return whether a picture was drawn."""
        self.canvas.advance()
        if not self.canvas.due:
            return False
        stale, self._stale = frozenset(self._stale), set()
        if Aspect.SETTINGS in stale:
            self.canvas.apply_settings(self.session.settings)
        size = (*self.canvas.view.size, self.canvas.covered)
        if stale & PLACE or size != self._size:
            self._size = size
            self._place()
        if stale & (PLACE | {Aspect.SUN}):
            sun = self.session.sun_direction()
            if sun != self.canvas.look.sun:
                self.canvas.set_sun(sun)
        if stale & MARK:
            self._mark()
        if not self.session.twin.layers and not self._placed:
            return False
        quiet = not (arrived or stale - {Aspect.JOBS} or self.canvas.wants_frame)
        if quiet and self.shown.complete:
            return False
        error = self.canvas.allowed_error(self.session.settings.max_error)
        self.shown = self.session.frame(self.canvas.view, error, self.canvas.ahead)
        drawn = self.canvas.show_frame(self.shown)
        self._sketch()
        if drawn and self.canvas.moving:
            self._fps = 1000.0 / max(self.canvas.frame_ms, 1.0)
        return drawn

    def _gaps(self, standing: frozenset[tuple[LayerId, int]]) -> bool:
        """Return whether the frame would show nothing somewhere with these tiles on the stage."""
        for key in self.shown.layers:
            stream = self.session.screen.streams.get(key)
            chosen = None if stream is None else stream.selection
            if stream is None or chosen is None:
                continue
            here = np.array([tile for layer, tile in standing if layer == key], np.int32)
            if len(gaps(stream.tree, np.concatenate([chosen.draw, chosen.fetch]), here)):
                return True
        return False

    def _sketch(self) -> None:
        """Outline the tiles: all of them when a person asks, else those to come where nothing is yet."""
        every = self.session.settings.show_tile_boxes
        screen, layers = self.session.screen, self.session.twin.layers
        shown = [screen.streams[x] for x in self.shown.layers if x in layers]
        if every or self.canvas.boxes or not self.shown.complete:
            self.canvas.set_boxes(tile_boxes(shown, all_of_them=every, most=MOST_BOXES))

    def _place(self) -> None:
        """Say where the city is; until a person moved, the whole of it stays in sight."""
        box = self.session.twin.bounds
        if not np.isfinite(box).all():
            self._placed = None
            return
        untouched = self._untouched()
        self.canvas.set_bounds(box)
        if untouched:
            size, fov = self.canvas.view.size, self.canvas.navigator.pose.fov_y
            covered = self.canvas.covered
            pose = standard("iso", box, size, fov, covered)
            corners = self._built()
            near = fit_points(pose, corners, size, FIRST, covered) if len(corners) else pose
            self._stand(near)

    def _built(self) -> F64:
        """Return the corners f64(n, 3) of all buildings: the first view is of them, not of far roads."""
        found = []
        for layer in self.session.twin.layers.values():
            table = layer.features
            built = np.array(["building" in kind.lower() for kind in table.kinds], np.bool_)
            if not layer.visible or not built.any():
                continue
            boxes = layer.boxes(np.flatnonzero(built[table.kind]).astype(np.int32))
            boxes = boxes[np.isfinite(boxes).all(axis=1)]
            boxes = _outermost(boxes) if len(boxes) > MANY else boxes
            found += [boxes[:, :3], boxes[:, 3:], boxes[:, [0, 4, 2]], boxes[:, [3, 1, 2]]]
        return np.concatenate(found) if found else np.zeros((0, 3))

    def _untouched(self) -> bool:
        """Return whether the camera still stands where it was put by us."""
        now, put = self.canvas.navigator.pose, self._placed
        if put is None:
            return True
        return bool(np.array_equal(now.eye, put.eye)) and (now.yaw, now.pitch) == (
            put.yaw,
            put.pitch,
        )

    def _stand(self, pose: Pose) -> None:
        self.canvas.navigator.pose = self._placed = pose
        self.canvas.mark_dirty()

    def _mark(self) -> None:
        points = []
        for layer in self.session.twin.layers.values():
            if layer.visible and self.session.twin.color_by.column == "freshness":
                verdict = layer.assessment
                rows = np.flatnonzero(verdict.suspect & (verdict.unit == np.arange(len(verdict))))
                boxes = layer.boxes(rows.astype(np.int32))
                boxes = boxes[np.isfinite(boxes).all(axis=1)]
                middle = (boxes[:, :3] + boxes[:, 3:]) / 2
                middle[:, 2] = boxes[:, 5]
                points.append(middle)
        self.canvas.set_pins(np.concatenate(points) if points else np.zeros((0, 3)))
        chosen = self.desk.only_selected() if self.desk else None
        self.canvas.set_label("selection", self._label(chosen))

    def _label(self, what: tuple[LayerId, int] | None) -> Label | None:
        desk = self.desk
        if desk is None or what is None or what[0] not in self.session.twin.layers:
            return None
        thing = self.session.twin.object(*what)
        box = thing.shown_bounds
        if not np.isfinite(box).all():
            return None
        verdict = thing.layer.assessment
        status = status_key(verdict, thing.row)
        overdue = int(verdict.overdue[thing.row])
        late = desk.say("overdue_by", days=desk.words.count(overdue))
        detail = late if overdue > 0 else desk.words.status(status)
        top = np.array([(box[0] + box[3]) / 2, (box[1] + box[4]) / 2, box[5]])
        return Label(
            desk.title(thing), detail, FRESHNESS[status], desk.theme.status_text[status], top
        )

    # -- what people do -----------------------------------------------------------------------

    def _unit(self, hit: Hit) -> int:
        """Return the maintained unit under the cursor; the part itself when the unit is selected."""
        unit = int(self.session.twin.layer(hit.layer).assessment.unit[hit.row])
        chosen = self.session.selected.get(hit.layer)
        return hit.row if chosen is not None and chosen.tolist() == [unit] else unit

    def _clicked(self, hit: Hit | None, held: frozenset[str]) -> None:
        if hit is None or hit.row < 0:
            if not held:
                self.session.select({}, "replace")
            return
        mode = "toggle" if "ctrl" in held else "add" if "shift" in held else "replace"
        self._choose({hit.layer: np.array([self._unit(hit)], np.int32)}, mode)

    def _choose(self, rows: Mapping[LayerId, Rows], mode: str) -> None:
        if self.desk is not None:
            self.desk.choose(rows, mode)

    def _double_clicked(self, hit: Hit | None) -> None:
        if hit is not None and hit.row >= 0 and self.desk is not None:
            self._clicked(hit, frozenset())
            self.desk.act("view.fit")

    def _hovered(self, hit: Hit | None) -> None:
        self._pointer = None if hit is None else hit.world
        if hit is None or hit.row < 0:
            self.session.hover(None)
            self.canvas.set_label("hover", None)
            return
        unit = int(self.session.twin.layer(hit.layer).assessment.unit[hit.row])
        self.session.hover((hit.layer, unit))
        known = self.session.selected.get(hit.layer)
        selected = known is not None and unit in known
        selected |= bool(getattr(self.canvas.hand, "quiet", False))
        self.canvas.set_label("hover", None if selected else self._label((hit.layer, unit)))

    def _menu(self, hit: Hit | None, point: QPoint) -> None:
        if self.desk is None:
            return
        menu = QMenu(self.canvas)
        names = ["view.home", "objects.show_all"]
        if hit is not None and hit.row >= 0:
            unit = self._unit(hit)
            known = self.session.selected.get(hit.layer)
            if known is None or unit not in known:
                self._choose({hit.layer: np.array([unit], np.int32)}, "replace")
            names = ["view.fit", "objects.hide", "objects.isolate", "passport.copy", *names]
        for name in names:
            offer(menu, self.desk.say(f"action.{name}"), partial(self.desk.act, name))
        menu.exec(point)

    def _rubber(self, box: tuple[float, float, float, float], held: frozenset[str]) -> None:
        """Select the units whose middle lies in the rectangle and that pass every filter."""
        view = self.canvas.view
        low_x, high_x = sorted((box[0], box[2]))
        low_y, high_y = sorted((box[1], box[3]))
        found = {}
        for key, layer in self.session.twin.layers.items():
            if not layer.visible:
                continue
            units = layer.assessment.unit_rows()
            units = units[self.session.passing(key)[units]]
            boxes = layer.boxes(units)
            sound = np.isfinite(boxes).all(axis=1) & ~gone(boxes, self.shown.planes)
            units, boxes = units[sound], boxes[sound]
            spots = projected(view, (boxes[:, :3] + boxes[:, 3:]) / 2)
            inside = (spots[:, 2] > 0) & (spots[:, 0] >= low_x) & (spots[:, 0] <= high_x)
            inside &= (spots[:, 1] >= low_y) & (spots[:, 1] <= high_y)
            if inside.any():
                found[key] = units[inside]
        self._choose(found, "add" if held & {"shift", "ctrl"} else "replace")

    # -- what actions and panels ask for ------------------------------------------------------

    def fit(self, box: F64) -> None:
        """Fly to a box."""
        self.canvas.fit_box(box)

    def home(self) -> None:
        """Fly to the whole city, as near as what is really there allows."""
        if self.shown.complete and self.shown.drawn:
            pose = self.canvas.navigator.pose
            points = outermost_points(self.shown)
            size, covered = self.canvas.view.size, self.canvas.covered
            self.canvas.go(fit_points(pose, points, size, 1.08, covered))
        else:
            self.canvas.home()

    def north(self) -> None:
        """Turn north up."""
        self.canvas.north_up()

    def standard(self, name: str) -> None:
        """Fly to a standard view."""
        self.canvas.standard_view(name)

    def last(self) -> None:
        """Fly back."""
        self.canvas.last_view()

    def walk(self, on: bool) -> None:
        """Walk or explore."""
        self.put_tool_back()
        self.canvas.set_tool("walk" if on else "explore")
        self.canvas.setFocus()

    def fly_round(self, on: bool) -> None:
        """Start or stop a lap."""
        self.canvas.fly_round(on)

    def flying(self) -> bool:
        """Return whether a lap is being flown."""
        return self.canvas.navigator.flying_round

    def tool(self) -> str:
        """Return the tool in hand."""
        return self.canvas.navigator.tool

    def take_tool(self, tool: ViewTool | None) -> None:
        """Take a tool in hand (None: none)."""
        self.canvas.take(tool)

    def stop(self) -> bool:
        """Put the tool back, end walk, band and lap; return whether there was one."""
        busy = self.put_tool_back() or self.flying() or self.tool() != "explore"
        if busy:
            self.canvas.fly_round(False)
            self.canvas.set_tool("explore")
        return busy

    def frame(self) -> Frame:
        """Return the frame on the screen."""
        return self.shown

    def set_plates(self, plates: Sequence[QWidget]) -> None:
        """Say which widgets stand over the picture."""
        self.canvas.set_plates([QRectF(x.geometry()) for x in plates if x.isVisible()])

    def still(self) -> bool:
        """Return whether the camera rests and all it looks at is on the screen."""
        return self.shown.complete and not self.canvas.moving and not self.canvas.wants_frame

    def pointer(self) -> F64 | None:
        """Return the point under the cursor, project frame."""
        return self._pointer

    def height(self) -> float:
        """Return the camera's height above the lowest ground, metres."""
        view = self.canvas.view
        return float(view.eye[2] - (self.canvas.navigator.ground or 0.0))

    def triangles(self) -> int:
        """Return how many triangles stand on the stage."""
        return self.canvas.triangles

    def fps(self) -> float:
        """Return pictures a second of the last motion; 0 before any."""
        return self._fps

    def picture(self) -> QPixmap:
        """Return the picture as shown."""
        return self.canvas.grab()

    def close(self) -> None:
        """Let the graphics memory go."""
        self.canvas.close_canvas()


def _outermost(boxes: F64) -> F64:
    """Return the boxes f64(k, 6) that lie outermost in 16 directions, and the tallest.

    What stands between two of the directions reaches 2 % further at most: the margin of a fit.
    """
    x, y = boxes[:, 0] + boxes[:, 3], boxes[:, 1] + boxes[:, 4]
    rows = {int(boxes[:, 5].argmax())}
    for angle in np.arange(8) * np.pi / 8:
        along = x * np.cos(angle) + y * np.sin(angle)
        rows |= {int(along.argmin()), int(along.argmax())}
    return boxes[sorted(rows)]
