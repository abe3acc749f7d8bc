"""Rays against the bodies of a study: what is in the way, and how far.

Embree through embreex, single precision: distances are good to about a millimetre per ten kilometres of
scene. Rays go in blocks, so that work can be cancelled.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from twin.analyses.study import Bodies
from twin.features import Bool
from twin.geometry import F32, F64, I32
from twin.jobs import SILENT, Feedback

BLOCK = 100_000
"""Rays a call: the library holds the interpreter while it runs."""
FAR = 1e8
"""Metres at which a ray ends that has no end."""


@dataclass(frozen=True)
class Caster:
    """Casts rays against triangles; the tree is built at the first ray (3 s for 1.2 million triangles)."""

    bodies: Bodies

    @cached_property
    def _scene(self) -> Any:
        scene = rtcore_scene.EmbreeScene()
        used = self.bodies.triangles
        TriangleMesh(scene, np.ascontiguousarray(self.bodies.positions[used], np.float32))
        return scene

    def hits(
        self, eyes: F64, directions: F64, limits: F64 | None = None, feedback: Feedback = SILENT
    ) -> Bool:
        """Return bool(n): whether anything stands in the way of rays from ``eyes`` f64(n, 3).

        ``directions`` f64(n, 3) need not be of unit length; ``limits`` f64(n) are metres (None = endless).
        """
        return np.asarray(self.first(eyes, directions, limits, feedback)[1] >= 0, np.bool_)

    def first(
        self, eyes: F64, directions: F64, limits: F64 | None = None, feedback: Feedback = SILENT
    ) -> tuple[F64, I32]:
        """Return the distance f64(n) in metres and the triangle i32(n) first met; inf and -1 = nothing."""
        distance = np.full(len(eyes), np.inf)
        triangle = np.full(len(eyes), -1, np.int32)
        if not len(self.bodies) or not len(eyes):
            return distance, triangle
        for start in range(0, len(eyes), BLOCK):
            feedback.check()
            part = slice(start, start + BLOCK)
            most = None if limits is None else np.asarray(limits[part], np.float64)
            distance[part], triangle[part] = self._block(eyes[part], directions[part], most)
            feedback.progress(min(1.0, (start + BLOCK) / len(eyes)))
        return distance, triangle

    def _block(self, eyes: F64, directions: F64, limits: F64 | None) -> tuple[F64, I32]:
        local = np.ascontiguousarray(eyes - self.bodies.origin, np.float32)
        length = np.linalg.norm(directions, axis=1, keepdims=True)
        unit: F32 = np.ascontiguousarray(directions / length, np.float32)
        told = self._scene.run(local, unit, query="INTERSECT", output=1)
        triangle = np.asarray(told["primID"], np.int32)
        distance = np.where(triangle >= 0, np.asarray(told["tfar"], np.float64), np.inf)
        if limits is not None:
            beyond = distance > limits
            triangle = np.where(beyond, -1, triangle).astype(np.int32)
            distance = np.where(beyond, np.inf, distance)
        return distance, triangle
