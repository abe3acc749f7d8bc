"""How much of a landmark is seen from points, of what would be seen if it stood alone, and what hides it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.eyes import SHAPES, eyes_of, places_of, positive
from twin.analyses.findings import Findings, Marks, Sheet
from twin.analyses.grounding import Ground
from twin.analyses.rays import Caster
from twin.analyses.sighting import GAUSS, Air, Samples, doubled_normals, met, sampled
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.features import Bool
from twin.geometry import F64, I32
from twin.jobs import Feedback


@dataclass(frozen=True)
class LandmarkView:
    """How much of an object (``object`` of ``layer``) is seen from ``points``, a path or an area?

    100 % is what an eye would see of it without anything in the way, weighed by how large each part
    looks from there. ``spacing``: metres between samples of its surface.
    """

    points: tuple[tuple[float, float, float], ...] = asked((), pick="points", unit="m")
    layer: str = asked("", pick="layer")
    object: str = asked("", pick="object")
    shape: str = asked("points", choices=SHAPES)
    eye_height: float = asked(1.6, low=-100.0, high=1000.0, unit="m")
    step: float = asked(10.0, low=0.1, high=10_000.0, unit="m")
    spacing: float = asked(1.0, low=0.1, high=10_000.0, unit="m")
    curvature: bool = asked(False)
    refraction: float = asked(GAUSS, low=-1.0, high=1.0)

    name = "landmark_view"

    def reach(self) -> None:
        """Need everything: the landmark is known by its name alone."""
        return

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        positive(spacing=self.spacing)
        ground = Ground(study)
        eyes = eyes_of(places_of(self.points), self.shape, self.step, ground)
        eyes = eyes + np.array([0, 0, self.eye_height])
        things = Things(study)
        mark = self._landmark(study, things)
        air = Air(self.curvature, self.refraction)
        looking = _Looking(study, things, mark, self.spacing, air)
        shares, hidden = [], np.zeros(len(things) + 1)
        for number, eye in enumerate(eyes):
            feedback.check()
            share, by = looking.share(eye)
            shares.append(share)
            hidden += by
            feedback.progress((number + 1) / len(eyes))
        return _told(study, things, eyes, np.array(shares), hidden / len(eyes))

    def _landmark(self, study: Study, things: Things) -> int:
        number = study.number(self.layer)
        if number < 0:
            raise UsageError(reason=f"there is no layer {self.layer!r}: choose the landmark anew")
        row = study.layers[number].features.row_of(self.object)
        found = things.drawn_as(number, row)
        if found < 0:
            raise UsageError(reason=f"the landmark {self.object!r} has no geometry to see")
        return found


@dataclass(frozen=True)
class _Looking:
    study: Study
    things: Things
    mark: int
    spacing: float
    air: Air

    @cached_property
    def mine(self) -> Bool:
        """Return bool(t): the triangles of the landmark."""
        return np.asarray(self.things.of_triangle == self.mark, np.bool_)

    @cached_property
    def samples(self) -> Samples:
        """Return the samples of the landmark's surface."""
        return sampled(self.study.bodies, self.mine, self.spacing)

    @cached_property
    def _corners(self) -> F64:
        bodies = self.study.bodies
        corner = bodies.triangles[self.samples.triangle]
        return np.asarray(bodies.positions[corner].astype(np.float64) + bodies.origin)

    @cached_property
    def _alone(self) -> Caster:
        return Caster(self.study.bodies.only(self.mine))

    @cached_property
    def _others(self) -> Caster:
        return Caster(self.study.bodies.only(~self.mine))

    @cached_property
    def _whose(self) -> I32:
        return self.things.of_triangle[~self.mine]

    def share(self, eye: F64) -> tuple[float, F64]:
        """Return the share seen, and the share that each object hides f64(k + 1), the last = surfaces."""
        samples = self.samples
        eyes = np.tile(eye, (len(samples), 1))
        weight = apparent(self._corners, eye, samples)
        weight = weight * np.isinf(met(self._alone, (eyes, samples.places), self.air)[0])
        total = float(weight.sum())
        if total <= 0:
            return 0.0, np.zeros(len(self.things) + 1)
        gone, triangle = met(self._others, (eyes, samples.places), self.air)
        blocked = np.isfinite(gone)
        whose = self._whose[triangle[blocked]]
        by = np.bincount(np.where(whose < 0, len(self.things), whose), weight[blocked],
                         len(self.things) + 1)  # fmt: skip
        return float(weight[~blocked].sum()) / total, by / total


def apparent(corners: F64, eye: F64, samples: Samples) -> F64:
    """Return the solid angle f64(n), about, of what samples stand for: area times cosine by distance²."""
    way = samples.places - eye
    far = np.maximum(np.linalg.norm(way, axis=1), 1e-3)
    normal = doubled_normals(corners)
    size = np.maximum(np.linalg.norm(normal, axis=1), 1e-30)
    cosine = np.abs((normal * way).sum(axis=1)) / (size * far)
    return np.asarray(samples.area * cosine / far**2)


def _told(study: Study, things: Things, eyes: F64, share: F64, hidden: F64) -> Findings:
    rows = [(n + 1, *map(float, eye), 100 * float(share[n])) for n, eye in enumerate(eyes)]
    order = [n for n in np.argsort(-hidden, kind="stable").tolist() if hidden[n] > 0]
    hiders = [(things.title(n) if n < len(things) else "", 100 * float(hidden[n])) for n in order]
    keys = [things.key(n) if n < len(things) else ("", "") for n in order]
    return Findings(
        {"share_seen": float(share.mean()), "share_least": float(share.min()),
         "share_most": float(share.max()), "points": float(len(eyes))},
        {},
        (
            Sheet("points", ("point", "x", "y", "z", "share_seen"), ("", "m", "m", "m", "%"), rows),
            Sheet("hiding", ("object", "share_hidden"), ("", "%"), hiders, keys),
        ),
        (Marks("eyes", "points", eyes[:, None, :], 100 * share, (0.0, 100.0), "%"),),
        used=things.used(np.array([n for n in order if n < len(things)], np.int32)),
        notes=() if len(study.bodies) else ("no_bodies",),
    )  # fmt: skip
