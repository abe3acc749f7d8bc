"""Share of the sky seen from points: the sky view factor, by rays to a hemisphere."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.eyes import box_over, places_of, positive
from twin.analyses.findings import Findings, Marks, Sheet
from twin.analyses.grounding import roofed
from twin.analyses.rays import Caster
from twin.analyses.sighting import SLACK, sky_directions
from twin.analyses.study import Study
from twin.errors import UsageError
from twin.geometry import F64
from twin.jobs import Feedback

MANY = 100_000
"""Rays a point at most."""


@dataclass(frozen=True)
class SkyView:
    """How much of the sky do ``points`` see, ``height`` metres above them?

    ``cosine`` weighs the sky as a level surface receives it (the sky view factor); without it each part
    of the sky counts by its solid angle. ``radius``: how far things can stand in the way, metres.
    """

    points: tuple[tuple[float, float, float], ...] = asked((), pick="points", unit="m")
    height: float = asked(1.6, low=-100.0, high=1000.0, unit="m")
    rays: int = asked(2_000, low=1, high=10_000_000)
    cosine: bool = asked(True)
    radius: float = asked(1_000.0, low=0.1, high=100_000.0, unit="m")

    name = "sky_view"

    def reach(self) -> F64:
        """Return the box of what can stand before the sky."""
        return box_over(places_of(self.points)[:, :2], self.radius)

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        if not 8 <= self.rays <= MANY:
            raise UsageError(reason=f"rays must be 8 to {MANY}")
        positive(radius=self.radius)
        places = places_of(self.points) + np.array([0, 0, self.height])
        share = sky_shares(Caster(study.bodies), places, self, feedback)
        rows = [
            (n + 1, *map(float, place), 100 * float(share[n])) for n, place in enumerate(places)
        ]
        inside = any(roofed(study, place) is not None for place in places[:64])
        notes = {"eye_inside": inside, "no_bodies": not len(study.bodies)}
        return Findings(
            {"sky": float(share.mean()), "sky_least": float(share.min()), "points": len(places)},
            {},
            (Sheet("points", ("point", "x", "y", "z", "sky"), ("", "m", "m", "m", "%"), rows),),
            (Marks("sky", "points", places[:, None, :], 100 * share, (0.0, 100.0), "%"),),
            notes=tuple(note for note, wanted in notes.items() if wanted),
        )


def sky_shares(caster: Caster, places: F64, asked: SkyView, feedback: Feedback) -> F64:
    """Return the share f64(n) of the sky that places f64(n, 3) see."""
    ways = sky_directions(asked.rays, asked.cosine)
    most = np.full(len(ways), asked.radius)
    found = np.zeros(len(places))
    for number, place in enumerate(places):
        feedback.check()
        eyes = place + ways * SLACK
        found[number] = 1.0 - caster.hits(eyes, ways, most).mean()
        feedback.progress((number + 1) / len(places))
    return found
