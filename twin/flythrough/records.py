"""A route: keyframes with a camera and what the picture shows from then on. As in route files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Vector = tuple[float, float, float]

SMOOTH, LINEAR, HOLD = EASES = ("smooth", "linear", "hold")
"""How the leg that begins at a keyframe goes: on the smooth curve; straight and evenly; or not at all,
with a cut at the next keyframe."""
NONE = ""
"""Of a step track: explicitly none again (``null`` in files), where None says nothing at all."""


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The camera at an instant of the film, and the steps that are taken there.

    ``t`` seconds; ``eye`` and ``target`` in the route's system, metres; ``fov`` vertical, degrees;
    ``roll`` degrees clockwise; ``hold`` seconds that the camera rests here. ``sun``, ``as_of`` and
    ``known_at`` are ISO 8601 in UTC. The steps hold until a later keyframe says otherwise: None = nothing
    said, ``NONE`` (of highlight and caption: empty) = as the project has it again. ``layers`` shows or
    hides by id or title; ``caption`` by language; ``extra`` keeps keys that are not known here;
    ``title`` is for people.
    """

    t: float
    eye: Vector
    target: Vector
    fov: float = 45.0
    roll: float = 0.0
    ease: str = SMOOTH
    hold: float = 0.0
    sun: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    color_by: str | None = None
    layers: Mapping[str, bool] = field(default_factory=dict)
    section: str | None = None
    highlight: tuple[str, ...] | None = None
    caption: Mapping[str, str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """Steps that are taken between keyframes: those of a Keyframe, without a camera."""

    t: float
    sun: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    color_by: str | None = None
    layers: Mapping[str, bool] = field(default_factory=dict)
    section: str | None = None
    highlight: tuple[str, ...] | None = None
    caption: Mapping[str, str] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        """Return whether any step is taken."""
        steps = (self.sun, self.as_of, self.known_at, self.color_by, self.section)
        told = (*steps, self.highlight, self.caption)
        return bool(self.layers or self.extra) or any(step is not None for step in told)

    @property
    def ease(self) -> str:
        """Return how the sun runs from here: evenly."""
        return SMOOTH

    @property
    def hold(self) -> float:
        """Return the seconds that the sun stands here: none."""
        return 0.0


@dataclass(frozen=True, slots=True)
class Route:
    """Keyframes in the order of their times. ``crs`` and ``vertical`` as in files ('' = the project's own).

    ``loop``: the last keyframe flies back to the first. ``constant_speed``: the way is flown evenly, and
    the times of the keyframes between follow from it. ``cues`` are steps between keyframes, in order.
    """

    id: str
    title: str
    keyframes: tuple[Keyframe, ...]
    crs: str = ""
    vertical: str = ""
    loop: bool = False
    constant_speed: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    cues: tuple[Cue, ...] = ()

    def __hash__(self) -> int:
        """Return a hash that equal routes share: of when and from where, which is enough."""
        return hash((self.id, self.loop, tuple((key.t, key.eye) for key in self.keyframes)))

    @property
    def start(self) -> float:
        """Return the time of the first keyframe, seconds."""
        return self.keyframes[0].t
