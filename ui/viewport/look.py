"""How the picture looks beyond the data: one frozen value, no Qt, no VTK.

Fills come from the data's own state; a look only says what surrounds and separates them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from twin.settings import Settings
from ui.viewport.air import Air, air_of

Rgb = tuple[float, float, float]


def rgb(color: str) -> Rgb:
    """Return ``#RRGGBB`` as three numbers 0..1."""
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours of one theme: sky from zenith to horizon, ground, outline, grid and cuts."""

    zenith: str
    middle: str
    horizon: str
    near_ground: str
    plain: str
    paper: str
    grid: str
    outline: str
    halo: str
    hovered: str
    cut_face: str
    cut_edge: str


LIGHT = Tones(
    zenith="#7FA6C9",
    middle="#B9CFE0",
    horizon="#E6ECF0",
    near_ground="#E3E3DE",
    plain="#E6EAEE",
    paper="#EDEEEC",
    grid="#B9C3CD",
    outline="#0B7A70",
    halo="#FFFFFF",
    hovered="#0B7A70",
    cut_face="#22303C",
    cut_edge="#0B151D",
)
DARK = Tones(
    zenith="#10161D",
    middle="#1D2A37",
    horizon="#33414E",
    near_ground="#1C2228",
    plain="#12161B",
    paper="#1A2027",
    grid="#3D4854",
    outline="#FFFFFF",
    halo="#0B0F13",
    hovered="#E7EBF0",
    cut_face="#D5DBE2",
    cut_edge="#FFFFFF",
)


class PointLook(NamedTuple):
    """How points look: metres (0 = as far as they lie apart), nearer ones larger, eye-dome lighting."""

    size: float = 0.0
    attenuation: bool = True
    eye_dome: bool = False


PLAIN_POINTS = PointLook()
Sun = tuple[float, float, float]
"""Unit vector from the city to the sun in the project frame: x east, y north, z up."""


CAPS = {"hatch": (0.0, 0.6), "solid": (1.0, 0.0), "material": (0.0, 0.0)}
"""How the faces of a cut look: shares of ink against the material's colour, and of the hatch."""


@dataclass(frozen=True, slots=True)
class Look:
    """``background`` is ``light`` (paper), ``sky`` or ``plain``; ``dark`` picks the theme's tones.

    ``edges`` draws outlines of surfaces; ``grid`` a ground grid; ``flat`` leaves out shading, haze,
    hatch and outlines, so that a pixel is exactly its object's colour (identity pictures). ``caps`` is one
    of CAPS: how the faces of sections look. ``sun`` lights the city and casts shadows; without one it has the
    even light of a map.
    """

    dark: bool = False
    background: str = "sky"
    edges: bool = True
    grid: bool = False
    flat: bool = False
    points: PointLook = PLAIN_POINTS
    caps: str = "hatch"
    sun: Sun | None = None
    contact: bool = False
    """Whether pictures at rest are darkened where surfaces meet."""

    @property
    def tones(self) -> Tones:
        """Return the colours of the theme."""
        return DARK if self.dark else LIGHT

    @property
    def cap_tones(self) -> tuple[tuple[float, float], Rgb, Rgb]:
        """Return shares of ink and hatch of the faces of cuts, and the colours of face and edge."""
        return CAPS[self.caps], rgb(self.tones.cut_face), rgb(self.tones.cut_edge)

    @property
    def air(self) -> Air:
        """Return the colours of the sky: the theme's, or as the height of the sun makes them."""
        if self.sun is not None:
            return air_of(self.sun, dark=self.dark)
        tones = self.tones
        return Air(
            rgb(tones.zenith), rgb(tones.middle), rgb(tones.horizon), rgb(tones.near_ground)
        )

    @property
    def haze(self) -> Rgb:
        """Return the colour that far things fade to."""
        if self.background == "sky":
            return self.air.horizon
        tones = self.tones
        return rgb(tones.paper if self.background == "light" else tones.plain)


def look_of(settings: Settings, *, dark: bool = False, sun: Sun | None = None) -> Look:
    """Return the look that the settings ask for, in the light of a sun."""
    return Look(
        dark=dark,
        background=settings.background,
        edges=settings.edges,
        grid=settings.ground_grid,
        points=PointLook(settings.point_size, settings.point_attenuation, settings.eye_dome),
        caps=settings.section_caps,
        contact=settings.contact_shading,
        sun=sun,
    )
