"""The tool Measure: points by click with snapping, live values, locks, typed lengths; results are kept."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from twin.edits import SetRecord
from twin.errors import TwinError, UsageError
from twin.geometry import F64
from twin.jobs import Feedback, Outcome
from twin.measuring.lines import Side
from twin.measuring.objects import Found, of_bodies, place, sides_angle
from twin.measuring.results import FOOT, KINDS, OF_POINTS, values_of, with_lift, with_place
from twin.measuring.wording import headline
from twin.picking import ray_of
from twin.records import Measurement, Touched
from twin.scene import LayerId
from twin.snapping import RADIUS, Owed, Snap, Snapper, locked, runs_of
from ui.city_view import CityView
from ui.desk import Desk
from ui.measuring.drawing import draw, draw_kept, words_of, write_kept
from ui.measuring.options import MeasureOptions
from ui.viewport.measure_marks import Sheet, paint_hint, paint_snap, paint_words
from ui.viewport.tools import Held

IN_METRES = {"m": 1.0, "mm": 0.001, "ft": FOOT}
LOCK_KEYS = {Qt.Key.Key_X: "x", Qt.Key.Key_Y: "y", Qt.Key.Key_Z: "z", Qt.Key.Key_H: "level"}
DIGITS = {Qt.Key(Qt.Key.Key_0 + n): str(n) for n in range(10)} | {
    Qt.Key.Key_Period: ".",
    Qt.Key.Key_Comma: ".",
}
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
OBJECTS = {"clearance": 2, "volume": 1, "face": 1}
"""Kinds that are asked of objects: how many."""


class MeasureTool:
    """Measures while it is in hand; what was measured stays in the picture and in the project."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.quiet = True
        """The view shows no names of objects under the cursor: values stand there."""
        self.canvas = view.canvas
        self.kind = "distance"
        self.snaps: list[Snap] = []
        self.points: list[F64] = []
        self.under: Snap | None = None
        self.tip: F64 | None = None
        self.lock, self.typed = "", ""
        self.on = self.working = False
        self.at: QPointF | None = None
        self.snapper = Snapper()
        self.panel: MeasureOptions | None = None
        painters = self.canvas.paintings
        old = [x for x in painters if isinstance(getattr(x, "__self__", None), MeasureTool)]
        for painter in old:
            painters.remove(painter)
        painters.append(self.paint_kept)

    # -- options ------------------------------------------------------------------------------

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = MeasureOptions(self.desk, self.choose, self.canvas.update)
        return self.panel

    def choose(self, kind: str) -> None:
        """Measure something else."""
        self.kind = kind
        self._begin()
        self.canvas.setFocus()

    def start(self) -> None:
        """Begin: the cursor is a cross, and keys go to the view."""
        self.on = True
        self._begin()
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.setFocus()

    def stop(self) -> None:
        """End: what was not finished is gone."""
        self.on = False
        self._begin()
        self.at = self.under = self.tip = None
        self.canvas.setCursor(Qt.CursorShape.ArrowCursor)

    def _begin(self) -> None:
        self.snaps, self.points = [], []
        self.lock = self.typed = ""
        self.canvas.update()

    # -- mouse --------------------------------------------------------------------------------

    def press(self, at: QPointF, held: Held) -> bool:
        """Leave drags to the camera."""
        return False

    def drag(self, at: QPointF, held: Held) -> None:
        """Nothing of this tool is dragged."""

    def drop(self, at: QPointF, held: Held) -> None:
        """Nothing of this tool is dragged."""

    def move(self, at: QPointF, held: Held) -> None:
        """Look what is meant under the cursor."""
        self.at = at
        ratio = self.canvas.ratio
        spot = (at.x() * ratio, at.y() * ratio)
        radius = RADIUS * ratio if self.desk.session.settings.snapping else 0.0
        view = self.canvas.view
        self.under = self.snapper.snap(self.view.frame(), view, spot, radius)
        met = None if self.under is None else self.under.world
        self.tip = met
        if self.points and self.kind in OF_POINTS:
            self.tip = locked(self.points[-1], ray_of(view, *spot), met, self.lock, self._length())
        owed = self.snapper.owed()
        if owed:
            work, done = partial(_run, owed), partial(self._learned, owed)
            self.desk.session.jobs.submit(work, done, title="snapping", quiet=True)

    def _learned(self, owed: tuple[Owed, ...], outcome: Outcome) -> None:
        if outcome.error is None:
            self.snapper.learn(owed, outcome.value)

    def _length(self) -> float | None:
        """Return the typed length in metres."""
        try:
            length = float(self.typed) * IN_METRES[self._unit]
        except ValueError:
            return None
        return length if length > 0 else None

    def click(self, at: QPointF, held: Held) -> bool:
        """Take the point that is meant."""
        self.move(at, held)
        self._take()
        return True

    def double_click(self, at: QPointF) -> bool:
        """End a line or a polygon; the first click set its last point."""
        if KINDS[self.kind][1] == 0:
            self._finish()
        return True

    def _take(self) -> None:
        if self.working or self.tip is None:
            return
        if self.kind not in OF_POINTS and (self.under is None or not self._fits(self.under)):
            self.desk.tell(self.desk.say("measure.nothing_here"), "info")
            return
        if self.points and np.linalg.norm(self.points[-1] - self.tip) < 1e-6:
            return
        self.points.append(self.tip)
        if self.under is not None:
            self.snaps.append(self.under)
        self.typed = ""
        if len(self.points) == KINDS[self.kind][1]:
            self._finish()

    def _fits(self, under: Snap) -> bool:
        """Return whether what is under the cursor can be asked: an object, or a face or edge."""
        if self.kind == "faces":
            return bool(np.isfinite(_side(under).direction).all())
        return under.row >= 0

    # -- keys ---------------------------------------------------------------------------------

    def claims(self, key: Qt.Key, held: Held) -> bool:
        """Return whether a key is for this tool and no shortcut of the window, as things stand."""
        if "ctrl" in held or "alt" in held or not self.points:
            return False
        drawing = self.kind in OF_POINTS and (key in LOCK_KEYS or key in DIGITS)
        return drawing or key in (*ENTER, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Take back, end, lock, type a length."""
        if not self.claims(key, held):
            return False
        if key in ENTER:
            self._enter()
        elif key == Qt.Key.Key_Backspace:
            self._back()
        elif key == Qt.Key.Key_Escape:
            self._begin()
        elif key in DIGITS:
            self.typed += (
                DIGITS[key] if DIGITS[key] not in self.typed or DIGITS[key] != "." else ""
            )
        else:
            self.lock = "" if self.lock == LOCK_KEYS[key] else LOCK_KEYS[key]
        if self.at is not None:
            self.move(self.at, held)
        self.canvas.update()
        return True

    def _enter(self) -> None:
        if self.typed:
            self._take()
        else:
            self._finish()

    def _back(self) -> None:
        if self.typed:
            self.typed = self.typed[:-1]
            return
        self.points.pop()
        del self.snaps[len(self.points) :]

    # -- results ------------------------------------------------------------------------------

    def _finish(self) -> None:
        least = KINDS[self.kind][0]
        if len(self.points) < least or self.working:
            return
        kind, points, snaps = self.kind, np.stack(self.points), list(self.snaps)
        self._begin()
        try:
            if kind in OF_POINTS:
                values = values_of(kind, points) | self._on_earth(kind, points)
                self._keep(kind, Found(values, tuple(place(x) for x in points)), snaps)
            elif kind == "faces":
                self._keep(kind, sides_angle(_side(snaps[0]), _side(snaps[1])), snaps)
            else:
                self._ask(kind, points, snaps)
        except TwinError as error:
            self._failed(error)

    def _on_earth(self, kind: str, points: F64) -> dict[str, float]:
        if kind != "point":
            return {}
        found = {}
        ground = self.desk.session.ground(points[:, :2])
        if np.isfinite(ground).all():
            found["above_ground"] = float(points[0, 2] - ground[0])
        spots = self.desk.session.lonlat(points)
        if spots is not None and np.isfinite(spots).all():
            found |= {"lon": float(spots[0, 0]), "lat": float(spots[0, 1])}
        return found

    def _ask(self, kind: str, points: F64, snaps: list[Snap]) -> None:
        """Ask of the bodies of objects on a worker."""
        if len(snaps) < OBJECTS[kind]:
            return
        found = [self.desk.session.body(snap.layer, snap.row) for snap in snaps]
        notes = () if all(whole for _, whole in found) else ("partial",)
        work = partial(_measured, kind, tuple(body for body, _ in found), points)
        self.working = True
        self.desk.session.jobs.submit(
            work,
            partial(self._answered, kind, snaps, notes),
            title=self.desk.say("measure.working"),
        )

    def _answered(
        self, kind: str, snaps: list[Snap], notes: tuple[str, ...], outcome: Outcome
    ) -> None:
        self.working = False
        if isinstance(outcome.error, TwinError):
            self._failed(outcome.error)
        elif outcome.error is None:
            found: Found = outcome.value
            self._keep(kind, replace(found, notes=(*notes, *found.notes)), snaps)

    def _failed(self, error: TwinError) -> None:
        reason = str(error.params.get("reason", self.desk.error_text(error)))
        self.desk.tell(self.desk.say("measure.failed", reason=reason), "error")

    def _keep(self, kind: str, found: Found, snaps: list[Snap]) -> None:
        """Keep a result in the project, as one step that can be undone."""
        session, say = self.desk.session, self.desk.say
        number = 1 + sum(x.kind == kind for x in self._kept().values())
        title = say("measure.title_of", kind=say(f"measure.kind.{kind}"), number=number)
        measured = Measurement(
            id=uuid4().hex[:12], title=title, kind=kind, points=found.points, values=found.values,
            objects=self._touched(snaps), crs=session.twin.crs, vertical=session.twin.vertical,
        )  # fmt: skip
        measured = with_lift(with_place(measured, found.notes), self._lift(snaps))
        session.do("measurements.add", SetRecord("measurements", measured.id, measured))
        value = headline(measured, self._unit, self.desk.words.catalogue)
        self.desk.tell(say("measure.added", title=title, value=value), "undo")

    def _lift(self, snaps: list[Snap]) -> float:
        """Return the largest height offset of the layers that a measurement touches."""
        layers = self.desk.session.twin.layers
        lifts = [layers[x.layer].display.height_offset for x in snaps if x.layer in layers]
        return max(lifts, key=abs, default=0.0)

    def _touched(self, snaps: list[Snap]) -> tuple[Touched, ...]:
        twin = self.desk.session.twin
        rows: list[tuple[LayerId, int]] = [(x.layer, x.row) for x in snaps if x.row >= 0]
        things = [twin.object(*row) for row in dict.fromkeys(rows) if row[0] in twin.layers]
        return tuple(Touched(x.layer.id, x.id, x.name) for x in things)

    def _kept(self) -> dict[str, Measurement]:
        return self.desk.session.twin.records["measurements"]

    @property
    def _unit(self) -> str:
        return self.desk.session.settings.length_unit

    # -- painting -----------------------------------------------------------------------------

    def _sheet(self, painter: QPainter) -> Sheet:
        return Sheet(painter, self.canvas.view, self.desk.theme, self.canvas.ratio)

    def paint_kept(self, painter: QPainter) -> None:
        """Paint what is kept, in the system it was measured in."""
        session = self.desk.session
        if not session.settings.show_measurements:
            return
        crs = session.twin.crs
        kept = [one for one in self._kept().values() if one.crs == crs and one.points]
        sheet = self._sheet(painter)
        draw_kept(sheet, kept)
        if kept and not self.points:  # while one is made, its own values have the room
            taken = (*self.canvas.plates, self.canvas.compass())
            write_kept(sheet, kept, self._unit, self.desk.words.catalogue, taken)

    def paint(self, painter: QPainter) -> None:
        """Paint what is being measured, what the cursor snaps to, and what to do."""
        sheet = self._sheet(painter)
        points = [*self.points, *([] if self.tip is None else [self.tip])]
        if self.points and self.kind in (*OF_POINTS, "clearance", "faces"):
            draw(sheet, self.kind, np.stack(points))
        taken: list[QRectF] = [*self.canvas.plates, self.canvas.compass()]
        taken.append(paint_hint(sheet, self._hint(), taken))
        if self.tip is not None:
            kind = "" if self.under is None else self.under.kind
            if self.under is not None and np.allclose(self.under.world, self.tip, atol=1e-6):
                paint_snap(sheet, self.tip, kind)
            at = sheet.at(self.tip)
            words = self._live(points, kind)
            if at is not None and words:
                paint_words(sheet, at, words, taken)

    def _hint(self) -> str:
        if self.working:
            return self.desk.say("measure.working")
        if self.typed:
            return self.desk.say("measure.typed", text=self.typed, unit=self._unit)
        lock = ""
        if self.lock:
            key = "lock_level" if self.lock == "level" else "lock_axis"
            lock = " · " + self.desk.say(f"measure.{key}", axis=self.lock.upper())
        return self.desk.say(f"measure.hint.{self.kind}") + lock

    def _live(self, points: list[F64], snap: str) -> list[str]:
        """Return the lines of the plate at the cursor: the value so far, else what it snaps to."""
        name = [self.desk.say(f"measure.snapped.{snap}")] if snap else []
        kind = self.kind
        if kind in OF_POINTS and len(points) < KINDS[kind][0] and kind != "angle":
            kind = "distance" if kind == "area" and len(points) == 2 else kind
        try:
            values = values_of(kind, np.stack(points))
        except UsageError:
            return name
        twin = self.desk.session.twin
        now = Measurement(
            id="", title="", kind=kind, points=(), values=values, crs=twin.crs,
            vertical=twin.vertical,
        )  # fmt: skip
        return words_of(now, self._unit, self.desk.words.catalogue, full=True)


def _side(snap: Snap) -> Side:
    """Return what an angle of faces or edges stands on."""
    if snap.kind in ("edge", "midpoint"):
        return Side(snap.world, snap.way, face=False)
    return Side(snap.world, snap.normal)


def _run(owed: tuple[Owed, ...], feedback: Feedback) -> object:
    return runs_of(owed)


def _measured(kind: str, bodies: tuple[F64, ...], points: F64, feedback: Feedback) -> Found:
    return of_bodies(kind, bodies, points)
