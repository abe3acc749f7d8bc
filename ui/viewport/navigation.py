"""What the mouse and the keys mean: four presets as tables, and the pose they make. No Qt, no VTK.

A rubber band is Alt+left drag (plain left drag in ``blender`` and ``cad``, which leave it free), or any
left drag while the band tool is on. A right *click* is the context menu; a right *drag* zooms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

import numpy as np

from twin.geometry import F64
from twin.tiles import View
from ui.viewport.camera import (
    Pose,
    above,
    between,
    look,
    orbit,
    orbiting,
    pan,
    pan_ground,
    walk,
    zoom,
)


class Gesture(Enum):
    """What a drag does."""

    PAN = "pan"
    ORBIT = "orbit"
    ZOOM = "zoom"
    LOOK = "look"
    BAND = "band"


Grip = tuple[str, frozenset[str]]
"""A mouse button (``left``, ``middle``, ``right``) with the modifiers held (``shift``, ``ctrl``, ``alt``)."""


def _grip(text: str) -> Grip:
    *held, button = text.split("+")
    return button, frozenset(held)


def _preset(**grips: str) -> Mapping[Grip, Gesture]:
    return MappingProxyType(
        {_grip(text): Gesture(name) for name, texts in grips.items() for text in texts.split()}
    )


PRESETS: Mapping[str, Mapping[Grip, Gesture]] = MappingProxyType(
    {
        "gis": _preset(
            pan="left",
            orbit="middle shift+left",
            zoom="right ctrl+right",
            look="ctrl+left",
            band="alt+left",
        ),
        "earth": _preset(
            pan="left", orbit="middle ctrl+left", zoom="right", look="shift+left", band="alt+left"
        ),
        "blender": _preset(
            pan="shift+middle", orbit="middle", zoom="ctrl+middle right", band="left alt+left"
        ),
        "cad": _preset(pan="middle", orbit="shift+middle", zoom="right", band="left alt+left"),
    }
)
"""The habits of spec/UI.md: QGIS, Cesium and Earth, Blender and Bonsai, Navisworks."""
TURN = 0.3
"""Degrees a logical pixel turns."""
WHEEL = 0.8
"""Distance factor of one notch of the wheel."""
SPEEDS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "w": (0, 1, 0), "s": (0, -1, 0), "a": (-1, 0, 0), "d": (1, 0, 0), "e": (0, 0, 1), "q": (0, 0, -1),
        "pageup": (0, 0, 1), "pagedown": (0, 0, -1),
        "up": (0, 1, 0), "down": (0, -1, 0), "left": (-1, 0, 0), "right": (1, 0, 0),
    }
)  # fmt: skip
"""Keys that move: to the right, ahead, up."""
LETTERS = frozenset("wasdeq")
"""Of those, the ones that move only while walking."""


@dataclass(frozen=True, slots=True)
class Drag:
    """A gesture under way: what it does, round what, from where."""

    gesture: Gesture
    pivot: F64
    start: tuple[float, float]
    last: tuple[float, float]
    moved: bool = False


@dataclass
class Navigator:
    """The camera in the user's hands. Pixels are device pixels; ``ratio`` of them make a logical one."""

    pose: Pose
    preset: str = "gis"
    tool: str = "explore"
    ratio: float = 1.0
    ground: float | None = None
    floor: Callable[[F64], float] | None = None
    """The terrain's height at a point f64(3); NaN where there is none."""
    reduced_motion: bool = False
    before: Pose | None = None
    """The view before the last jump (key 0)."""
    drag: Drag | None = None
    keys: frozenset[str] = frozenset()
    _flight: tuple[Pose, Pose, float, float] | None = None
    _round: tuple[Pose, F64, float] | None = None
    _clock: float | None = None

    # ------------------------------------------------------------------ mouse

    def gesture(self, button: str, held: frozenset[str]) -> Gesture | None:
        """Return what dragging with this button would do."""
        if button == "left" and not held and self.tool == "walk":
            return Gesture.LOOK
        if button == "left" and not held and self.tool == "band":
            return Gesture.BAND
        return PRESETS[self.preset].get((button, held))

    def press(self, gesture: Gesture, pivot: F64, x: float, y: float) -> None:
        """Begin a drag round the point under the cursor; a flight ends where it is."""
        self._flight = self._round = None
        self.drag = Drag(gesture, pivot, (x, y), (x, y))

    def move(self, x: float, y: float, view: View, *, fine: bool = False) -> bool:
        """Go on dragging; return whether the camera moved."""
        drag = self.drag
        if drag is None:
            return False
        far = abs(x - drag.start[0]) + abs(y - drag.start[1]) > 3 * self.ratio
        if not (drag.moved or far):
            return False
        (x0, y0), gain = drag.last, 0.25 if fine else 1.0
        self.drag = replace(drag, last=(x, y), moved=True)
        if drag.gesture is Gesture.BAND:
            return False
        dx, dy = (x - x0) / self.ratio * gain, (y - y0) / self.ratio * gain
        self._settle(self._dragged(drag, dx, dy, (x0, y0, x, y), view))
        return True

    def _dragged(
        self, drag: Drag, dx: float, dy: float, path: tuple[float, float, float, float], view: View
    ) -> Pose:
        if drag.gesture is Gesture.ORBIT:
            return orbit(self.pose, drag.pivot, dx * TURN, -dy * TURN)
        if drag.gesture is Gesture.LOOK:
            return look(self.pose, -dx * TURN * 0.6, dy * TURN * 0.6)
        if drag.gesture is Gesture.ZOOM:
            return zoom(self.pose, drag.pivot, float(np.exp(dy * 0.006)))
        x0, y0, x, y = path
        level = pan_ground(self.pose, drag.pivot, view.ray(x0, y0), view.ray(x, y))
        steep = self.pose.pitch < -12
        if steep and level is not self.pose:
            return level
        return pan(self.pose, drag.pivot, dx * self.ratio, dy * self.ratio, view.size[1])

    def release(self) -> Drag | None:
        """End the drag; return it (``moved`` false: it was a click)."""
        done, self.drag = self.drag, None
        return done

    def wheel(self, pivot: F64, notches: float, *, fine: bool = False) -> None:
        """Zoom to the point under the cursor."""
        self._flight = self._round = None
        factor = WHEEL ** (notches * (0.25 if fine else 1.0))
        self._settle(zoom(self.pose, pivot, factor))

    def _settle(self, pose: Pose) -> None:
        level = np.nan if self.floor is None else self.floor(pose.eye)
        self.pose = above(pose, level if np.isfinite(level) else self.ground)

    # ------------------------------------------------------------------ keys and time

    def press_key(self, key: str) -> bool:
        """Begin to move by a key; return whether the key means that."""
        if key not in SPEEDS or (key in LETTERS and self.tool != "walk"):
            return False
        self._flight = self._round = None
        self.keys = self.keys | {key}
        return True

    def release_key(self, key: str) -> None:
        """Stop moving by a key."""
        self.keys = self.keys - {key}

    def fly(self, goal: Pose, seconds: float = 0.35) -> None:
        """Fly to a pose (reduced motion: be there)."""
        self.before = self.pose
        self._round = None
        if self.reduced_motion or seconds <= 0:
            self._flight, self.pose = None, goal
        else:
            self._flight = (self.pose, goal, 0.0, seconds)

    def fly_back(self) -> None:
        """Fly to the view before the last jump."""
        if self.before is not None:
            self.fly(self.before)

    def fly_round(self, pivot: F64 | None) -> None:
        """Start a slow lap round a point, or stop it (None). Reduced motion: nothing starts."""
        self._round = None
        if pivot is not None and not self.reduced_motion:
            self._round = (self.pose, pivot, 0.0)

    @property
    def flying_round(self) -> bool:
        """Return whether a lap is under way."""
        return self._round is not None

    @property
    def busy(self) -> bool:
        """Return whether the camera moves, or may at any moment."""
        dragging = (
            self.drag is not None and self.drag.moved and self.drag.gesture is not Gesture.BAND
        )
        return bool(self._flight or self._round or self.keys or dragging)

    def advance(self, now: float) -> bool:
        """Go on to ``now`` (seconds of any steady clock); return whether the camera moved."""
        step = 0.0 if self._clock is None else min(max(now - self._clock, 0.0), 0.1)
        self._clock = now
        if self._flight is not None:
            start, goal, gone, seconds = self._flight
            gone += step
            self.pose = between(start, goal, gone / seconds)
            self._flight = (start, goal, gone, seconds) if gone < seconds else None
            return True
        if self._round is not None:
            start, pivot, gone = self._round
            self._round = (start, pivot, gone + step)
            self._settle(orbiting(start, pivot, gone + step))
            return True
        if self.keys:
            self._walk(step)
            return True
        return False

    def _walk(self, step: float) -> None:
        move = np.sum([SPEEDS[key] for key in self.keys], axis=0)
        # brisk near the ground, fast high above it
        height = self.pose.focus if self.ground is None else self.pose.eye[2] - self.ground
        speed = float(np.clip(height * 0.6, 3.0, 600.0)) * step
        self._settle(walk(self.pose, *(float(v) * speed for v in move)))

    def look_round(self, yaw: float, pitch: float) -> None:
        """Turn in place by degrees (Ctrl+arrows)."""
        self._settle(look(self.pose, yaw, pitch))
