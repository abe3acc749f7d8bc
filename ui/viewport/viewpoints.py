"""Cameras of viewpoints as poses: this camera keeps a level horizon and has perspective."""

from dataclasses import replace

import numpy as np

from twin.geometry import F64
from twin.topics.views import Camera
from ui.viewport.camera import Pose, pose_of

NARROWEST, WIDEST = 5.0, 120.0
"""Vertical fields of view in degrees that the view can show."""
SOMEWHERE = 50.0
"""Metres to what a camera looks at when nobody knows."""


def pose_for(camera: Camera, size: tuple[int, int], target: F64 | None, fov: float) -> Pose:
    """Return the pose of a camera in a picture of a size, so that all it showed is in sight.

    ``target`` f64(3) is what it looks at (the middle of what is selected, else of the model): it decides
    the distance round which a person then turns, and how far off a camera without perspective stands,
    for which ``fov`` degrees are taken. A roll of the camera is lost: the horizon stays level.
    """
    distance = SOMEWHERE
    if target is not None and np.isfinite(target).all():
        distance = max(float((target - camera.eye) @ camera.direction), 1.0)
    wide = max(camera.aspect * size[1] / max(size[0], 1), 1.0)
    eye = camera.eye
    if camera.height > 0:
        field = fov
        middle = eye + camera.direction * distance
        distance = camera.height * wide / (2 * np.tan(np.radians(fov) / 2))
        eye = middle - camera.direction * distance
    else:
        half = np.tan(np.radians(camera.field) / 2) * wide
        field = float(np.clip(np.degrees(2 * np.arctan(half)), NARROWEST, WIDEST))
    pose = pose_of(eye, eye + camera.direction * distance, field, _yaw(camera))
    return replace(pose, focus=distance)


def _yaw(camera: Camera) -> float:
    """Return the turn of a picture that looks straight down or up: its upper edge tells."""
    sign = -1.0 if camera.direction[2] > 0 else 1.0
    return float(np.degrees(np.arctan2(sign * camera.up[0], sign * camera.up[1])) % 360.0)
