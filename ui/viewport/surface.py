"""The picture in a plain QWidget: drawn off screen, overlays painted on top, on demand only.

Nothing is drawn unless it must be: the application's one timer calls ``advance`` and, when
``wants_frame`` says so, ``show_frame`` with the session's frame. A moving camera draws fast, a still
one draws finely. Everything about pixels that leaves this widget is in device pixels of ``view``.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from twin.geometry import F64, U8
from twin.picking import Hit
from twin.settings import Settings
from twin.streaming import Frame
from twin.tiles import View
from ui.theme import Theme
from ui.viewport.camera import Pose, ground_point, standard
from ui.viewport.canvas import Canvas
from ui.viewport.detail import GRADES, LAVISH, Quality
from ui.viewport.flying import Flying
from ui.viewport.look import Look, Sun, look_of
from ui.viewport.navigation import Gesture, Navigator
from ui.viewport.overlays import (
    Label,
    compass_box,
    label_plate,
    paint_band,
    paint_compass,
    paint_label,
    paint_pins,
    paint_pivot,
    paint_scale,
    projected,
    qimage,
    scale_bar,
    spread,
)
from ui.viewport.seen import Seen

Picker = Callable[..., Hit | None]
WIDE = 1.2
"""Cameras give way to plates as long as so many heights of width are left to the city."""
REST_SECONDS = 0.2
"""After the last motion the view draws finely again."""
RESTING_UPLOAD_MS = 24.0
"""While nothing moves, new tiles may take so long of a turn of the event loop: nobody sees a stutter."""
ARRIVING_SECONDS = 0.25
"""While tiles arrive under a camera at rest, a picture is drawn this often."""


class Surface(Flying):
    """Shows frames as seen by its navigator's camera; it knows no session and no mouse."""

    camera_changed = Signal()

    def __init__(self, pick: Picker, theme: Theme, parent: QWidget | None = None) -> None:
        """Open the off-screen window. ``pick`` answers what is at a pixel (``Session.pick``)."""
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self._pick = pick
        self._theme = theme
        self._canvas = Canvas(Look(dark=theme.dark))
        self.navigator = Navigator(Pose(np.array([0.0, -300.0, 200.0]), 0.0, -33.0))
        self.north_letter = "N"
        self.overlays_shown = True
        self._frame = Frame()
        self._image: QImage | None = None
        self._quality, self._grade = Quality(), GRADES["auto"]
        self._wished_ms = 100.0
        self._upload_ms = 8.0
        self._moved_at = self._sun_moved_at = -1.0
        self._fine = self._ready = self._whole = False
        self._dirty, self._owed, self._drawn_at = True, False, 0.0
        self._labels: dict[str, Label] = {}
        self._pins: F64 = np.zeros((0, 3))
        self._home: F64 | None = None
        self._plates: tuple[QRectF, ...] = ()
        self.keep_depth = (
            False  # whether somebody wants to know how far away what is seen at rest is
        )

    # ------------------------------------------------------------------ what others set and ask

    def apply_settings(self, settings: Settings) -> None:
        """Take over what the settings say about view, navigation and pace."""
        self._wear(look_of(settings, dark=self._theme.dark, sun=self.look.sun))
        self._grade = GRADES[settings.quality]
        self.navigator.preset = settings.navigation
        self.navigator.reduced_motion = settings.reduced_motion
        if settings.field_of_view != self.navigator.pose.fov_y:
            self.navigator.pose = replace(self.navigator.pose, fov_y=settings.field_of_view)
        self._wished_ms, self._upload_ms = settings.moving_frame_ms, settings.upload_ms

    def set_theme(self, theme: Theme) -> None:
        """Change the theme."""
        self._theme = theme
        self._wear(replace(self.look, dark=theme.dark))

    def set_sun(self, sun: Sun | None) -> None:
        """Light the city from a sun, or evenly (None). A sun that goes on is drawn fast, as a moving camera is."""
        if sun is not None and self.look.sun is not None and sun != self.look.sun:
            self._sun_moved_at = time.monotonic()
        self._wear(replace(self.look, sun=sun))

    def _wear(self, look: Look) -> None:
        self._canvas.stage.set_look(look)
        self.mark_dirty()

    @property
    def look(self) -> Look:
        """Return how the picture looks now."""
        return self._canvas.stage.look

    @property
    def ratio(self) -> float:
        """Return device pixels per logical pixel."""
        return float(self.devicePixelRatioF())

    @property
    def view(self) -> View:
        """Return the camera now, its size in device pixels."""
        width, height = (max(1, round(x * self.ratio)) for x in (self.width(), self.height()))
        return self.navigator.pose.view((width, height))

    @property
    def frame_ms(self) -> float:
        """Return what the last picture took, milliseconds."""
        return self._canvas.milliseconds

    @property
    def moving(self) -> bool:
        """Return whether the camera moves or has just moved: fast pictures."""
        return self.navigator.busy or time.monotonic() - self._moved_at < REST_SECONDS

    @property
    def hasty(self) -> bool:
        """Return whether camera or sun move or have just moved: fast pictures."""
        return self.moving or time.monotonic() - self._sun_moved_at < REST_SECONDS

    @property
    def wants_frame(self) -> bool:
        """Return whether a new picture is due though nothing in the session changed."""
        waiting = not self._fine or not self._ready
        due = self._dirty or self._owed or not self._canvas.stage.settled
        return due or (waiting and not self.hasty)

    def mark_dirty(self) -> None:
        """Ask for a picture at the next tick."""
        self._dirty = True
        self._fine = self._ready = False

    def allowed_error(self, max_error: float) -> float:
        """Return the screen-space error to select tiles with: larger while the camera moves."""
        return max_error * (
            self._quality.coarser if self.moving and not self._grade.whole else 1.0
        )

    def set_bounds(self, box: F64) -> None:
        """Say where the city is f64(6): the ground under the camera, and what ``home`` shows."""
        if not np.isfinite(box).all():
            return
        self.navigator.ground = float(box[2])
        first, self._home = self._home is None, box
        if first:
            self.navigator.pose = standard("iso", box, self.view.size, self.navigator.pose.fov_y)
            self.mark_dirty()

    def set_label(self, name: str, label: Label | None) -> None:
        """Show or hide a plate: ``hover`` or ``selection``."""
        if label is None:
            self._labels.pop(name, None)
        else:
            self._labels[name] = label
        self.update()

    def set_pins(self, points: F64) -> None:
        """Show pins of suspect objects at points f64(n, 3) above their roofs."""
        self._pins = points
        self.update()

    def set_plates(self, plates: Sequence[QRectF]) -> None:
        """Say what others put over the picture, logical pixels: labels and cameras keep clear of it."""
        if tuple(plates) != self._plates:
            self._plates = tuple(plates)
            self.update()

    @property
    def covered(self) -> float:
        """Return the device pixels at the right that a tall plate takes from a wide picture."""
        area = QRectF(self.rect())
        tall = [x for x in self._plates if x.height() > 0.4 * area.height()]
        taken = max(
            (area.right() - x.left() for x in tall if x.center().x() > area.center().x()),
            default=0.0,
        )
        spare = area.width() - WIDE * area.height()
        return max(min(taken, spare), 0.0) * self.ratio

    # ------------------------------------------------------------------ drawing

    def advance(self) -> bool:
        """Let time pass: flights, laps, walking; return whether the camera moved."""
        moved = self.navigator.advance(time.monotonic())
        if moved:
            self._touched()
        return moved

    def show_frame(self, frame: Frame) -> bool:
        """Bring a frame on stage and draw it if anything changed; return whether it was drawn."""
        self._frame = frame
        moving, view = self.hasty, self.view
        stage = self._canvas.stage
        whole = self._whole and frame.complete
        scale = self._scale(moving, whole)
        budget = self._grade.budget(self._quality, self._wished_ms) if moving else np.inf
        stage.thrift = self._grade.thrift(self._quality) if moving else LAVISH
        upload = self._upload_ms if moving else max(self._upload_ms, RESTING_UPLOAD_MS)
        changed = stage.show(frame, view, upload, budget, self.ratio * scale)
        self._whole = frame.complete and stage.settled
        due = whole and not moving and not self._fine
        if not moving and self._fine and not self._ready:
            budget = self._quality.pace.budget(self._wished_ms)
            self._ready = stage.prepare(view, budget, self._upload_ms)
        self._owed |= changed
        if not (self._owed or due or self._dirty or self._image is None):
            return False
        if self._arriving(moving):
            return False
        self._draw(frame, view, scale)
        if moving:
            drawn, took = stage.drawn_triangles, self._canvas.milliseconds
            counted = stage.counts.triangles
            self._quality = self._quality.observed(drawn, counted, took, self._wished_ms)
        self._fine = whole and self._whole and not moving
        self._dirty = self._owed = False
        return True

    def _arriving(self, moving: bool) -> bool:
        """Return whether a picture can wait: more tiles come, and one was drawn a moment ago.

        Each picture of a half-loaded city takes time from the tiles that would complete it.
        """
        if self._whole or moving or self._dirty or self._image is None:
            return False
        return time.monotonic() - self._drawn_at < ARRIVING_SECONDS

    def _scale(self, moving: bool, whole: bool) -> float:
        if moving:
            return self._grade.moving_share(self._quality)
        if not whole:
            return 1.0
        return self._grade.finest if self.ratio < 1.5 else 1.0

    def _draw(self, frame: Frame, view: View, scale: float) -> None:
        self._image = qimage(self._picture(frame, view, scale), self.ratio)
        self._drawn_at = time.monotonic()
        self.update()

    def _picture(self, frame: Frame, view: View, scale: float) -> U8:
        self._canvas.keep_depth = self.keep_depth and not self.hasty
        picture = self._canvas.draw(frame, view, scale, self.ratio)
        self._canvas.keep_depth = False
        return picture

    @property
    def seen(self) -> Seen | None:
        """Return how far away what is seen at rest is; None while the view moves, or when nobody wants to know."""
        return self._canvas.seen

    def grab_picture(self) -> U8:
        """Return the picture as shown, RGB u8(h, w, 3), overlays included."""
        shot = self.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        raw = np.frombuffer(shot.constBits(), np.uint8).reshape(shot.height(), shot.bytesPerLine())
        return np.array(raw[:, : shot.width() * 3].reshape(shot.height(), shot.width(), 3))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture and what lies over it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._image is None:
            painter.fillRect(self.rect(), self.palette().window())
        else:
            painter.drawImage(QRectF(self.rect()), self._image)
        if self.overlays_shown and self._home is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_overlays(painter)
        painter.end()

    def _paint_overlays(self, painter: QPainter) -> None:
        area, view, theme = QRectF(self.rect()), self.view, self._theme
        if len(self._pins) and any(part.tiles for part in self._frame.layers.values()):
            places = self._logical(projected(view, self._pins))
            paint_pins(painter, area, theme, places, spread(places, area), self._plates)
        paint_scale(painter, area, theme, scale_bar(view, self._middle_depth(view), self.ratio))
        compass = self.compass()
        paint_compass(painter, compass, theme, self.navigator.pose.yaw, self.north_letter)
        taken = [*self._plates, compass]
        for name, label in sorted(self._labels.items(), reverse=True):  # the selection's first
            x, y, depth = self._logical(projected(view, label.at))[0]
            if depth > 0 and area.contains(QPointF(x, y)):
                at, strong = QPointF(x, y), name == "selection"
                taken.append(label_plate(area, label, at, strong, taken))
                paint_label(painter, theme, label, at, taken[-1], strong)
        drag = self.navigator.drag
        if drag is None or not drag.moved:
            return
        if drag.gesture is Gesture.BAND:
            start, last = QPointF(*drag.start) / self.ratio, QPointF(*drag.last) / self.ratio
            paint_band(painter, QRectF(start, last).normalized(), theme)
        elif drag.gesture in (Gesture.ORBIT, Gesture.ZOOM):
            x, y, depth = self._logical(projected(view, drag.pivot))[0]
            if depth > 0:
                paint_pivot(painter, QPointF(x, y), theme)

    def compass(self) -> QRectF:
        """Return where the compass stands, logical pixels."""
        return compass_box(QRectF(self.rect()), self._plates)

    def _logical(self, places: F64) -> F64:
        return np.asarray(places / np.array([self.ratio, self.ratio, 1.0]), np.float64)

    def _middle_depth(self, view: View) -> float:
        """Return the depth that the scale bar is right at: the pivot, else the middle of the picture."""
        drag = self.navigator.drag
        if drag is not None:
            return max(float((drag.pivot - view.eye) @ view.forward), 0.5)
        middle = self._ground(view, view.size[0] / 2, view.size[1] / 2)
        return max(float((middle - view.eye) @ view.forward), 0.5)

    # ------------------------------------------------------------------ pointing

    def _device(self, x: float, y: float) -> tuple[float, float]:
        return x * self.ratio, y * self.ratio

    def hit_at(self, x: float, y: float) -> Hit | None:
        """Return what is at a logical pixel of the widget."""
        return self._pick(self.view, *self._device(x, y))

    def _ground(self, view: View, x: float, y: float) -> F64:
        ground = self.navigator.ground or 0.0
        reach = max(self.navigator.pose.focus * 3, 50.0)
        return ground_point(view, x, y, ground, reach)

    def _pivot(self, x: float, y: float) -> F64:
        """Return the point under the cursor: the surface, else the ground plane."""
        hit = self.hit_at(x, y)
        if hit is not None:
            return hit.world
        return self._ground(self.view, *self._device(x, y))

    def _touched(self) -> None:
        self._moved_at = time.monotonic()
        self.mark_dirty()
        self.camera_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw again in the new size."""
        self._touched()
        super().resizeEvent(event)

    def close_canvas(self) -> None:
        """Let the graphics memory go."""
        self._canvas.close()
