"""What the shaders need to know of the camera and the look."""

from dataclasses import dataclass, replace

from ui.viewport.look import PLAIN_POINTS, PointLook, Rgb

CapTones = tuple[tuple[float, float], Rgb, Rgb]
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
