"""What the shaders need to know of the camera and the look."""

from dataclasses import dataclass, replace

import numpy as np

from twin.geometry import F64
from twin.tiles import View
from ui.viewport.camera import focus_distance
from ui.viewport.look import PLAIN_POINTS, Look, PointLook, Rgb

CapTones = tuple[tuple[float, float], Rgb, Rgb]
EDGE_REACH = 1.4
"""Edges fade out where a pixel covers more metres than this share of a storey."""
SCREEN = 1080.0
"""The height of a screen: lines of a higher picture are as many times as wide."""
WIDEST = 6.0
"""How many times as wide lines may be: no wider than the apron of a block bears."""
NO_CAPS: CapTones = ((0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Lens:
    """What the shaders need to know of the camera and the look: metres, pixels, haze colour."""

    near: float
    haze: tuple[float, float]
    edges: tuple[float, float]
    pixel_ratio: float
    haze_color: tuple[float, float, float]
    edge_tone: float
    flat: bool
    corner: tuple[float, float] = (0.0, 0.0)
    """Pixels left of and below the block that is being drawn: patterns go on across blocks."""
    eye: tuple[float, ...] = (0.0, 0.0, 0.0)
    pixel: float = 1e-3
    """Metres that a pixel covers at a distance of one metre."""
    points: PointLook = PLAIN_POINTS
    caps: CapTones = NO_CAPS
    """Faces of cuts: shares of ink and hatch, colours of face and edge."""

    @property
    def for_faces(self) -> "Lens":
        """Return the lens without what shaders of faces do not ask: most moves of a camera keep it."""
        return replace(
            self, near=0.0, edges=(0.0, 0.0), eye=(0.0, 0.0, 0.0), pixel=0.0, caps=NO_CAPS
        )


def line_ratio(size: tuple[int, int]) -> float:
    """Return how many times as wide lines of a picture are as on a screen: never less than there."""
    return float(np.clip(min(size) / SCREEN, 1.0, WIDEST))


def lens_of(look: Look, view: View, boxes: F64, near: float, pixel_ratio: float) -> Lens:
    """Return the lens of a look and a view of boxes f64(n, 6); ``near`` is the near plane, metres."""
    pixel = 2 * np.tan(np.radians(view.fov_y) / 2) / max(view.size[1], 1)
    # a large picture has wider lines, no more of them: a page looks like the screen
    legible = EDGE_REACH * 0.45 / (pixel * line_ratio(view.size))
    focus = focus_distance(view, boxes)
    return Lens(
        near=near,
        haze=(round(focus * 1.3 + 200.0), round(max(focus * 6.0, 3000.0))),
        edges=(legible * 0.35, legible),
        pixel_ratio=pixel_ratio,
        haze_color=look.haze,
        edge_tone=0.5 if look.dark else 0.58,
        flat=look.flat,
        eye=tuple(view.eye.tolist()),
        pixel=float(pixel),
        points=look.points,
        caps=look.cap_tones,
    )
