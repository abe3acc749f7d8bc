"""The camera as mathematics: a turntable with a level horizon. No Qt, no VTK.

A pose is eye, yaw, pitch; every gesture is a function pose -> pose. Lengths in metres, angles in
degrees: yaw clockwise from north (+y) as seen from above, pitch up from the horizon.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from twin.geometry import F64
from twin.tiles import View

STEEPEST = 90.0
LOWEST = 1.6
"""The eye stays this far above the ground, metres: the height of a person's eyes."""
FLIGHT_SECONDS = 0.35

STANDARD: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "iso": (30.0, -35.0),
        "top": (0.0, -90.0),
        "north": (180.0, -15.0),
        "south": (0.0, -15.0),
        "east": (270.0, -15.0),
        "west": (90.0, -15.0),
    }
)
"""Standard views: (yaw, pitch). ``north`` is seen from the north, and so on."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Where the eye is and where it looks; ``focus`` is the distance of what it looks at.

    ``roll`` degrees lean the picture's up to the right; gestures go by the level horizon all the same.
    """

    eye: F64
    yaw: float
    pitch: float
    fov_y: float = 45.0
    focus: float = 300.0
    roll: float = 0.0

    def __eq__(self, other: object) -> bool:
        """Return whether the two poses make the same picture and turn round the same point."""
        if not isinstance(other, Pose):
            return NotImplemented
        return self._numbers() == other._numbers()

    def __hash__(self) -> int:
        """Return a hash that equal poses share."""
        return hash(self._numbers())

    def _numbers(self) -> tuple[float, ...]:
        return (*self.eye, self.yaw, self.pitch, self.fov_y, self.focus, self.roll)

    @property
    def forward(self) -> F64:
        """Return the unit direction of view."""
        yaw, pitch = np.radians(self.yaw), np.radians(self.pitch)
        level = np.cos(pitch)
        return np.array([np.sin(yaw) * level, np.cos(yaw) * level, np.sin(pitch)])

    @property
    def up(self) -> F64:
        """Return the unit upward direction of the picture; defined straight down too."""
        yaw, pitch = np.radians(self.yaw), np.radians(self.pitch)
        rise = -np.sin(pitch)
        return np.array([np.sin(yaw) * rise, np.cos(yaw) * rise, np.cos(pitch)])

    @property
    def right(self) -> F64:
        """Return the unit direction to the right; always level."""
        yaw = np.radians(self.yaw)
        return np.array([np.cos(yaw), -np.sin(yaw), 0.0])

    @property
    def target(self) -> F64:
        """Return the point looked at."""
        return np.asarray(self.eye + self.forward * self.focus, np.float64)

    def view(self, size: tuple[int, int]) -> View:
        """Return the camera as the rest of the program knows it."""
        return View(self.eye, self.forward, self._leaning(), self.fov_y, size)

    def _leaning(self) -> F64:
        if not self.roll:
            return self.up
        angle = np.radians(self.roll)
        return np.asarray(self.up * np.cos(angle) + self.right * np.sin(angle), np.float64)


def pose_of(eye: F64, target: F64, fov_y: float = 45.0, yaw: float = 0.0) -> Pose:
    """Return the pose that looks from ``eye`` at ``target``; ``yaw`` decides when it is straight up or down."""
    line = np.asarray(target, np.float64) - eye
    distance = float(np.linalg.norm(line))
    if distance < 1e-9:
        return Pose(np.asarray(eye, np.float64), yaw, 0.0, fov_y, 1.0)
    level = float(np.hypot(line[0], line[1]))
    if level > 1e-9 * distance:
        yaw = float(np.degrees(np.arctan2(line[0], line[1])))
    pitch = float(np.degrees(np.arctan2(line[2], level)))
    return Pose(np.asarray(eye, np.float64), yaw % 360.0, pitch, fov_y, distance)


def pose_of_view(view: View, focus: float = 300.0) -> Pose:
    """Return the pose that makes the picture of a view; ``focus`` metres ahead is what it looks at."""
    level = pose_of(view.eye, view.eye + view.forward, view.fov_y)
    if float(np.hypot(view.forward[0], view.forward[1])) < 1e-9:  # straight up or down: up tells
        ahead = view.up if view.forward[2] < 0 else -view.up
        level = replace(level, yaw=float(np.degrees(np.arctan2(ahead[0], ahead[1]))) % 360.0)
    lean = np.arctan2(float(view.up @ level.right), float(view.up @ level.up))
    roll = float(np.degrees(lean))
    return replace(level, focus=focus, roll=0.0 if abs(roll) < 1e-9 else roll)


def _turned(pose: Pose, yaw: float, pitch: float) -> Pose:
    return replace(
        pose,
        yaw=(pose.yaw + yaw) % 360.0,
        pitch=float(np.clip(pose.pitch + pitch, -STEEPEST, STEEPEST)),
    )


def _basis(pose: Pose) -> F64:
    return np.stack([pose.right, pose.up, pose.forward])


def orbit(pose: Pose, pivot: F64, yaw: float, pitch: float) -> Pose:
    """Turn round a point: its place in the picture and its distance stay; the horizon stays level."""
    turned = _turned(pose, yaw, pitch)
    seen = _basis(pose) @ (pivot - pose.eye)
    return replace(turned, eye=pivot - seen @ _basis(turned))


def look(pose: Pose, yaw: float, pitch: float) -> Pose:
    """Look round in place."""
    return _turned(pose, yaw, pitch)


def zoom(pose: Pose, pivot: F64, factor: float, nearest: float = 2.0) -> Pose:
    """Move along the line to ``pivot`` so that its distance is multiplied by ``factor`` (< 1: nearer).

    Near the surface it damps: the eye never comes closer than ``nearest`` metres by zooming.
    """
    line = pivot - pose.eye
    distance = float(np.linalg.norm(line))
    if distance < 1e-9:
        return pose
    goal = distance * factor
    if factor < 1:
        goal = min(distance, nearest + max(distance - nearest, 0.0) * factor)
    eye = pivot - line * (goal / distance)
    return replace(pose, eye=eye, focus=max(pose.focus * goal / distance, 1.0))


def metres_per_pixel(pose: Pose, depth: float, height: int) -> float:
    """Return the width of a pixel at a depth along the direction of view."""
    return float(2 * np.tan(np.radians(pose.fov_y) / 2) * depth / max(height, 1))


def pan(pose: Pose, pivot: F64, dx: float, dy: float, height: int) -> Pose:
    """Move parallel to the picture so that the point under the cursor follows it by (dx, dy) pixels."""
    depth = max(float((pivot - pose.eye) @ pose.forward), 0.5)
    size = metres_per_pixel(pose, depth, height)
    return replace(pose, eye=pose.eye - pose.right * (dx * size) + pose.up * (dy * size))


def pan_ground(pose: Pose, pivot: F64, before: F64, after: F64) -> Pose:
    """Move level so that the point under the cursor stays there: rays f64(3) before and after the drag.

    Both rays are met with the level plane through ``pivot``; near the horizon nothing moves.
    """
    height = pivot[2] - pose.eye[2]
    if abs(height) < 1e-6 or before[2] * height <= 0 or after[2] * height <= 0:
        return pose
    if min(abs(before[2]), abs(after[2])) < 0.02:
        return pose
    step = before * (height / before[2]) - after * (height / after[2])
    return replace(pose, eye=pose.eye + np.array([step[0], step[1], 0.0]))


def walk(pose: Pose, right: float, ahead: float, up: float) -> Pose:
    """Walk level by metres: to the right, ahead, up."""
    yaw = np.radians(pose.yaw)
    level = np.array([np.sin(yaw), np.cos(yaw), 0.0])
    step = pose.right * right + level * ahead + np.array([0.0, 0.0, up])
    return replace(pose, eye=pose.eye + step)


def above(pose: Pose, ground: float | None) -> Pose:
    """Lift the eye to ``LOWEST`` metres above the ground when it is lower."""
    if ground is None or pose.eye[2] >= ground + LOWEST:
        return pose
    return replace(pose, eye=np.array([pose.eye[0], pose.eye[1], ground + LOWEST]))


def corners(boxes: F64) -> F64:
    """Return the corners f64(8 n, 3) of a box f64(6) or of boxes f64(n, 6)."""
    boxes = np.atleast_2d(boxes)
    pick = np.array([[(i >> k) & 1 for k in range(3)] for i in range(8)])
    return np.where(pick == 0, boxes[:, None, :3], boxes[:, None, 3:]).reshape(-1, 3)


def fit(
    pose: Pose, box: F64, size: tuple[int, int], margin: float = 1.04, covered: float = 0.0
) -> Pose:
    """Keep the direction and move so that a box f64(6) just fills the picture; exact, in the middle."""
    return fit_points(pose, corners(box), size, margin, covered)


def roomy(box: F64, least: float = 12.0) -> F64:
    """Return the box, at least ``least`` metres wide each way, so that a small thing keeps its context."""
    middle = (box[:3] + box[3:]) / 2
    half = np.maximum((box[3:] - box[:3]) / 2, least / 2)
    return np.concatenate([middle - half, middle + half])


def fit_points(
    pose: Pose, points: F64, size: tuple[int, int], margin: float = 1.04, covered: float = 0.0
) -> Pose:
    """Keep the direction and move so that points f64(n, 3) just fill the picture.

    In the camera's frame a point (x, y, z) is inside when |x - cx| <= (z - cz) tx and likewise for
    y: the extremes of opposite sides give the farthest cz from which both pass; the smaller of the
    two serves both, and the eye is then moved until the slack is the same on both sides.
    The rightmost ``covered`` pixels are left free: the same in a frame sheared by half of them.
    """
    if not len(points) or not np.isfinite(points).all():
        return pose
    x, y, z = _basis(pose) @ points.T
    ty = float(np.tan(np.radians(pose.fov_y) / 2)) / margin
    tx = ty * (size[0] - covered) / max(size[1], 1)
    shear = ty * margin * covered / max(size[1], 1)
    x = x + shear * z
    right, left = (x - z * tx).max(), (-x - z * tx).max()
    top, bottom = (y - z * ty).max(), (-y - z * ty).max()
    depth = min(-(right + left) / (2 * tx), -(top + bottom) / (2 * ty), float(z.min()) - 1.0)
    middle = _middle(x, z - depth) - shear * depth
    center = np.array([middle, _middle(y, z - depth), depth])
    focus = max(float(z.mean()) - depth, 1.0)
    return replace(pose, eye=center @ _basis(pose), focus=focus)


def _middle(side: F64, depth: F64) -> float:
    """Return the place of the eye from which the outermost points lie equally far to both sides."""
    low, high = float(side.min()), float(side.max())
    # seen is linear in the middle: what another point surpasses at both ends never decides
    first, last = (side - low) / depth, (side - high) / depth
    decides = (last >= last[np.argmax(first)]) | (last <= last[np.argmin(first)])
    side, depth = side[decides], depth[decides]
    for _ in range(60):
        middle = (low + high) / 2
        seen = (side - middle) / depth
        low, high = (middle, high) if seen.max() > -seen.min() else (low, middle)
    return (low + high) / 2


def standard(
    name: str, box: F64, size: tuple[int, int], fov_y: float = 45.0, covered: float = 0.0
) -> Pose:
    """Return a standard view of a box f64(6) by name (``STANDARD``)."""
    yaw, pitch = STANDARD[name]
    return fit(Pose(np.zeros(3), yaw, pitch, fov_y), box, size, covered=covered)


def ease(t: float) -> float:
    """Return the smooth step of t in 0..1: slow, fast, slow."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def between(start: Pose, end: Pose, t: float) -> Pose:
    """Return the pose of a flight at t in 0..1: eased, turning the short way, arriving exactly.

    The point looked at moves straight and the distance changes by ratio, so that long flights look even.
    """
    if t >= 1:
        return end
    s = ease(t)
    turn = (end.yaw - start.yaw + 180.0) % 360.0 - 180.0
    pose = Pose(
        np.zeros(3),
        (start.yaw + s * turn) % 360.0,
        start.pitch + s * (end.pitch - start.pitch),
        start.fov_y + s * (end.fov_y - start.fov_y),
        float(start.focus ** (1 - s) * end.focus**s),
        start.roll + s * (end.roll - start.roll),
    )
    target = start.target * (1 - s) + end.target * s
    return replace(pose, eye=target - pose.forward * pose.focus)


def ground_point(view: View, x: float, y: float, ground: float, reach: float) -> F64:
    """Return where the ray of a pixel meets the level plane, at most ``reach`` metres away."""
    ray = view.ray(x, y)
    drop = ground - float(view.eye[2])
    length = drop / ray[2] if ray[2] * drop > 0 else reach
    return np.asarray(view.eye + ray * min(length, reach), np.float64)


def clip_range(view: View, boxes: F64) -> tuple[float, float]:
    """Return near and far planes for boxes f64(n, 6): far behind everything, near as far as it may be.

    Near is the distance to the nearest box (it cannot cut anything), at least a 20000th of far and
    0.1 m: a 24-bit depth buffer then resolves millimetres at arm's length and decimetres far away.
    """
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return 0.5, 10_000.0
    gap = np.maximum(np.maximum(boxes[:, :3] - view.eye, view.eye - boxes[:, 3:]), 0.0)
    reach = np.maximum(np.abs(boxes[:, :3] - view.eye), np.abs(boxes[:, 3:] - view.eye))
    far = float(np.linalg.norm(reach, axis=1).max()) * 1.02 + 1.0
    # a box at distance d begins at depth d cos(half the diagonal angle) or deeper
    nearest = float(np.linalg.norm(gap, axis=1).min()) * _least_cosine(view) * 0.98
    return max(nearest, far / 20_000.0, 0.1), far


def _least_cosine(view: View) -> float:
    half = float(np.tan(np.radians(view.fov_y) / 2))
    wide = half * view.size[0] / max(view.size[1], 1)
    return float(1 / np.sqrt(1 + half * half + wide * wide))


def orbiting(pose: Pose, pivot: F64, seconds: float, lap: float = 60.0) -> Pose:
    """Return the pose of the fly-around after some seconds: one lap round ``pivot`` in ``lap`` seconds."""
    return orbit(pose, pivot, -360.0 * seconds / lap, 0.0)


def focus_distance(view: View, boxes: F64) -> float:
    """Return how far the middle of the picture is: where the view's axis meets the ground of boxes f64(n, 6)."""
    ground = float(boxes[:, 2].min()) if len(boxes) else 0.0
    drop, height = -float(view.forward[2]), float(view.eye[2]) - ground
    reach = height / drop if drop > 0.05 and height > 0 else 2000.0
    return float(np.clip(reach, 10.0, 20_000.0))
