"""How much of each tile to draw while the camera moves. Pure numbers.

Software drawing is bound by triangles: far tiles keep only their largest ones until the camera rests.
"""

from dataclasses import dataclass

import numpy as np

from twin.geometry import F64
from twin.tiles import View

FULL = 1.0
SHARES = (FULL, 0.35, 0.1, 0.03)
"""Levels of detail: share of the triangles that is drawn, largest first."""


def inside(view: View, boxes: F64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which boxes f64(n, 6) may touch the view's pyramid (never a false no)."""
    width, height = view.size
    half = np.tan(np.radians(view.fov_y) / 2)
    up = np.cross(view.right, view.forward)
    wide = half * width / max(height, 1)
    planes = [
        view.forward,
        view.forward * half - up,
        view.forward * half + up,
        view.forward * wide - view.right,
        view.forward * wide + view.right,
    ]
    result = np.ones(len(boxes), np.bool_)
    middle = (boxes[:, :3] + boxes[:, 3:]) / 2 - view.eye
    reach = (boxes[:, 3:] - boxes[:, :3]) / 2
    for normal in planes:
        result &= middle @ normal + reach @ np.abs(normal) >= 0
    return result


def distances(view: View, boxes: F64) -> F64:
    """Return the distance of the eye to each box, 0 inside, metres."""
    gap = np.maximum(np.maximum(boxes[:, :3] - view.eye, view.eye - boxes[:, 3:]), 0.0)
    return np.asarray(np.linalg.norm(gap, axis=1), np.float64)


def levels(
    view: View, boxes: F64, triangles: np.ndarray[tuple[int], np.dtype[np.int64]], budget: float
) -> F64:
    """Return each tile's share of triangles so that what is in view stays within the budget.

    Near tiles are refined first. Tiles out of view cost nothing and stay as they are (full).
    """
    chosen = np.full(len(boxes), FULL)
    if not len(boxes) or triangles.sum() <= budget:
        return chosen
    seen = np.flatnonzero(inside(view, boxes))
    if triangles[seen].sum() <= budget:
        return chosen
    order = seen[np.argsort(distances(view, boxes[seen]), kind="stable")]
    chosen[order] = SHARES[-1]
    left = budget - SHARES[-1] * float(triangles[order].sum())
    for lower, share in zip(SHARES[:0:-1], SHARES[-2::-1], strict=True):
        extra = np.cumsum(triangles[order] * (share - lower))
        can = order[extra <= left]
        chosen[can] = share
        left -= float(extra[len(can) - 1]) if len(can) else 0.0
        order = can
    return chosen


RESOLUTIONS = (1.0, 0.75, 0.5)
"""Shares of the picture's sides that a moving picture is drawn with; it is stretched to the view."""


def resolution(now: float, milliseconds: float, wished_ms: float) -> float:
    """Return the share for the next moving picture after one at ``now`` that took so long.

    Coarser as soon as it took too long; finer only when the finer one fits with room to spare, so
    that it does not flicker between the two.
    """
    at = RESOLUTIONS.index(now)
    if milliseconds > 1.1 * wished_ms:
        return RESOLUTIONS[min(at + 1, len(RESOLUTIONS) - 1)]
    finer = RESOLUTIONS[max(at - 1, 0)]
    return finer if milliseconds * (finer / now) ** 2 < 0.8 * wished_ms else now


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast this machine draws, learnt from pictures: milliseconds fixed and per triangle.

    It starts as a slow machine: the first motion is coarse and fast rather than fine and late.
    ``observed`` returns the next value; ``budget`` turns a wished frame time into triangles, and
    ``coarser`` into a factor on the screen-space error of streamed layers.
    """

    per_triangle: float = 4e-4
    fixed: float = 5.0

    def observed(self, triangles: float, milliseconds: float) -> "Pace":
        """Return the pace after a picture of so many triangles that took so long."""
        if triangles < 20_000:
            return Pace(self.per_triangle, 0.7 * self.fixed + 0.3 * milliseconds)
        found = max(milliseconds - self.fixed, 0.2) / triangles
        return Pace(0.6 * self.per_triangle + 0.4 * found, self.fixed)

    def budget(self, wished_ms: float) -> float:
        """Return how many triangles can be drawn in the wished time."""
        return max(wished_ms - self.fixed, 5.0) / self.per_triangle

    def coarser(self, triangles: float, wished_ms: float) -> float:
        """Return the factor 1..8 on the allowed error that brings streamed tiles near the wish."""
        over = triangles / self.budget(wished_ms)
        return float(np.clip(np.sqrt(over), 1.0, 8.0))


@dataclass(frozen=True, slots=True)
class Quality:
    """What a moving camera gives up: ``coarser`` multiplies the allowed error of streamed layers,
    ``share`` is the part of the picture's sides that is drawn; ``pace`` decides on triangles."""

    pace: Pace = Pace()
    coarser: float = 1.0
    share: float = 1.0
    edges: bool = True
    """Whether outlines are drawn: they go last, when fewer pixels were not enough."""

    def observed(
        self, drawn: float, whole: float, milliseconds: float, wished_ms: float
    ) -> "Quality":
        """Return the quality after a moving picture of ``drawn`` out of ``whole`` triangles.

        Fewer pixels and coarser tiles are missed less than triangles: they go first, at half the
        wished time.
        """
        soft = wished_ms / 2
        pace = self.pace.observed(drawn, milliseconds)
        share = resolution(self.share, milliseconds, soft)
        slow = self.share == RESOLUTIONS[-1] and milliseconds > 1.1 * wished_ms
        edges = not slow and (self.edges or milliseconds < 0.5 * wished_ms)
        return Quality(pace, pace.coarser(whole, soft), share, edges)


@dataclass(frozen=True, slots=True)
class Thrift:
    """What pictures of a stage do without: outlines, and shadows of more than one map with sides of so many texels."""

    edges: bool = True
    few_maps: bool = False
    shadow_side: int = 4096


LAVISH = Thrift()
"""Pictures at rest, films and pages do without nothing."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A value of the setting ``quality``: what pictures under way are like.

    ``share`` of the sides of a moving picture and ``edges`` in it (None = as measured); ``finest`` is how many
    times as fine as the screen a picture at rest is drawn; ``whole`` leaves no triangles out while the camera moves.
    """

    share: float | None = None
    edges: bool | None = None
    shadow_side: int | None = None
    finest: float = 2.0
    whole: bool = False

    def moving_share(self, quality: Quality) -> float:
        """Return the share of a moving picture's sides that is drawn."""
        return quality.share if self.share is None else self.share

    def budget(self, quality: Quality, wished_ms: float) -> float:
        """Return the triangles of a moving picture."""
        return float("inf") if self.whole else quality.pace.budget(wished_ms)

    def thrift(self, quality: Quality) -> Thrift:
        """Return what a moving picture does without."""
        if self.whole:
            return LAVISH
        edges = quality.edges if self.edges is None else self.edges
        side = 2048 if quality.share > RESOLUTIONS[-1] else 1024
        return Thrift(edges, True, self.shadow_side or side)


GRADES = {
    "auto": Grade(),
    "low": Grade(RESOLUTIONS[-1], edges=False, shadow_side=1024, finest=1.0),
    "medium": Grade(RESOLUTIONS[1], edges=True, shadow_side=2048),
    "high": Grade(1.0, edges=True, whole=True),
}
