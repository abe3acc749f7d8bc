"""The 3D view with its mouse and keys: gestures become the camera's motion, clicks become signals.

What a gesture does stands in navigation.py; what is under the cursor is asked of ``pick``. Everything
about pixels that leaves this widget is in device pixels of ``view``.
"""

import time
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from twin.figures import TileBox
from twin.geometry import F64
from twin.picking import Hit
from ui.theme import Theme
from ui.viewport.moved import Moved
from ui.viewport.navigation import Gesture
from ui.viewport.staged import StagedSurface
from ui.viewport.surface import Picker
from ui.viewport.tile_boxes import BoxLook, paint_boxes
from ui.viewport.tools import Claims, Painter, ViewTool, held_of

HOVER_SECONDS = 0.06
BUTTONS = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
KEYS = {
    Qt.Key.Key_W: "w", Qt.Key.Key_A: "a", Qt.Key.Key_S: "s", Qt.Key.Key_D: "d", Qt.Key.Key_E: "e",
    Qt.Key.Key_Q: "q", Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down", Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right", Qt.Key.Key_PageUp: "pageup", Qt.Key.Key_PageDown: "pagedown",
}  # fmt: skip
TURNS = {"left": (-6.0, 0.0), "right": (6.0, 0.0), "up": (0.0, 6.0), "down": (0.0, -6.0)}


class ViewWidget(StagedSurface):
    """Shows frames and turns gestures into signals; it knows no session."""

    clicked = Signal(object, object)
    """Hit or None, frozenset of held modifiers (``shift``, ``ctrl``, ``alt``)."""
    double_clicked = Signal(object)
    hovered = Signal(object)
    """Hit or None; throttled, and only when the object under the cursor changes."""
    context_requested = Signal(object, object)
    """Hit or None, global position (QPoint)."""
    rubber = Signal(object, object)
    """Rectangle x0, y0, x1, y1 in device pixels of ``view``, held modifiers."""

    def __init__(self, pick: Picker, theme: Theme, parent: QWidget | None = None) -> None:
        """Open the view. ``pick`` answers what is at a pixel (``Session.pick``)."""
        super().__init__(pick, theme, parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.boxes: Sequence[TileBox] = ()
        self.box_words = "{level} · {error} m"
        self.hand: ViewTool | None = None
        self.paintings: list[Painter] = []
        self._claims = Claims(self)
        self.installEventFilter(self._claims)
        self._dragging = False
        self._moved = Moved()
        self._hover: tuple[str, int] | None = None
        self._hover_at: tuple[float, QPointF] | None = None

    def set_boxes(self, boxes: Sequence[TileBox]) -> None:
        """Paint these boxes of tiles over the picture."""
        if boxes or self.boxes:
            self.boxes = boxes
            self.update()

    def preview(self, layers: frozenset[str], motion: F64 | None) -> None:
        """Show layers moved by f64(4, 4) of the project frame, until None puts them back."""
        stage = self._canvas.stage
        if motion is None:
            self._moved.end()
        else:
            self._moved.show(stage.actors_of(layers), stage.origin, motion)
        self.mark_dirty()

    @property
    def triangles(self) -> int:
        """Return how many triangles stand on the stage."""
        return self._canvas.stage.counts.triangles

    @property
    def plates(self) -> tuple[QRectF, ...]:
        """Return what others put over the picture, logical pixels."""
        return self._plates

    def _paint_overlays(self, painter: QPainter) -> None:
        look = BoxLook(self._theme, self.box_words, self._plates)
        paint_boxes(painter, look, self.view, self.boxes, self.ratio)
        for paint in self.paintings:
            paint(painter)
        if self.hand is not None:
            self.hand.paint(painter)
        super()._paint_overlays(painter)

    def take(self, tool: ViewTool | None) -> None:
        """Take a tool in hand (None: none); one that was in hand and has ``left`` is told by it."""
        before, self.hand, self._dragging = self.hand, tool, False
        self.update()
        left = getattr(before, "left", None)
        if before is not tool and left is not None:
            left()

    def advance(self) -> bool:
        """Let time pass: flights, laps, walking, hover; return whether the camera moved."""
        moved = super().advance()
        self._hover_due()
        return moved

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        button = BUTTONS.get(event.button())
        at = event.position()
        if button is None or self.navigator.drag is not None:
            return
        over_compass = self.compass().contains(at)
        if button == "left" and over_compass and self.overlays_shown:
            self.north_up()
            return
        if button == "left" and self.hand is not None and self.hand.press(at, held_of(event)):
            self._dragging = True
            return
        gesture = self.navigator.gesture(button, held_of(event))
        pivot = self._pivot(at.x(), at.y())
        self.navigator.press(gesture or Gesture.BAND, pivot, *self._device(at.x(), at.y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a gesture, or look what is under the cursor."""
        at = event.position()
        if self.hand is not None and self.navigator.drag is None:
            (self.hand.drag if self._dragging else self.hand.move)(at, held_of(event))
            self.update()
        if self._dragging:
            return
        if self.navigator.drag is None:
            self._hover_at = (time.monotonic(), at)
            return
        fine = "ctrl" in held_of(event) and self.navigator.drag.gesture is Gesture.ZOOM
        if self.navigator.move(*self._device(at.x(), at.y()), self.view, fine=fine):
            self._touched()
        else:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a gesture; without motion it was a click."""
        button, held, at = BUTTONS.get(event.button()), held_of(event), event.position()
        if self._dragging and self.hand is not None and button == "left":
            self._dragging = False
            self.hand.drop(at, held)
            self.update()
            return
        done = self.navigator.release()
        if done is None:
            return
        if not done.moved:
            if button == "left" and (self.hand is None or not self.hand.click(at, held)):
                self.clicked.emit(self.hit_at(at.x(), at.y()), held)
            elif button == "right":
                where = event.globalPosition().toPoint()
                self.context_requested.emit(self.hit_at(at.x(), at.y()), where)
        elif done.gesture is Gesture.BAND:
            self.rubber.emit((*done.start, *done.last), held)
        self._moved_at = time.monotonic()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell of a double click with the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            at = event.position()
            if self.hand is not None and self.hand.double_click(at):
                self.update()
                return
            self.double_clicked.emit(self.hit_at(at.x(), at.y()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the point under the cursor."""
        at = event.position()
        notches = event.angleDelta().y() / 120.0
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.navigator.wheel(self._pivot(at.x(), at.y()), notches, fine=fine)
        self._touched()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu by the keyboard; the mouse's own comes with the release."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = event.pos()
            self.context_requested.emit(self.hit_at(at.x(), at.y()), event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by keys; what moves nothing is left to the window."""
        if self.hand is not None and self.hand.key(Qt.Key(event.key()), held_of(event)):
            self.update()
            return
        key = KEYS.get(Qt.Key(event.key()))
        if key is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if key in TURNS:
                self.navigator.look_round(*TURNS[key])
                self._touched()
                return
        elif key is not None and not event.isAutoRepeat() and self.navigator.press_key(key):
            self._touched()
            return
        elif key is not None and event.isAutoRepeat() and key in self.navigator.keys:
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Stop moving by a key."""
        key = KEYS.get(Qt.Key(event.key()))
        if key is not None and not event.isAutoRepeat():
            self.navigator.release_key(key)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stand still when the keys go elsewhere."""
        self.navigator.keys = frozenset()
        super().focusOutEvent(event)

    def leaveEvent(self, _event: object) -> None:
        """Nothing is under the cursor any more."""
        self._hover_at = None
        self._say_hover(None)

    def _hover_due(self) -> None:
        if self._hover_at is None or self.moving:
            return
        since, at = self._hover_at
        if time.monotonic() - since >= HOVER_SECONDS:
            self._hover_at = None
            self._say_hover(self.hit_at(at.x(), at.y()))

    def _say_hover(self, hit: Hit | None) -> None:
        what = None if hit is None or hit.row < 0 else (hit.layer, hit.row)
        if what != self._hover:
            self._hover = what
            self.hovered.emit(hit if what is not None else None)
