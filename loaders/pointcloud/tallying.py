"""What a cloud holds, counted while it is read: classes, intensities, colours, returns, times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.formats import Points
from twin.geometry import F64

_WIDE, _BYTE = 1 << 16, 1 << 8


@dataclass
class Tally:
    """Counts of points: by class i64(256), by intensity i64(65536); the greatest value of a colour channel
    and of a return number; the first and the last time (NaN = none)."""

    classes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(256, np.int64))
    intensity: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_WIDE, np.int64))
    color: int = 0
    returns: int = 0
    times: tuple[float, float] = (np.nan, np.nan)

    def add(self, points: Points, times: F64) -> None:
        """Count a block of points and their times."""
        if not len(points):
            return
        self.classes += np.bincount(points["kind"], minlength=256)
        self.intensity += np.bincount(points["intensity"], minlength=_WIDE)
        if (
            self.color < _BYTE
        ):  # all that is asked is whether there are colours, and whether they are wide
            self.color = max(self.color, int(points["color"].max()))
        self.returns = max(self.returns, int(points["returns"].max()))
        if len(times):
            low, high = float(np.min(times)), float(np.max(times))
            if np.isfinite([low, high]).all() and (low, high) != (0.0, 0.0):
                self.times = (
                    float(np.fmin(self.times[0], low)), float(np.fmax(self.times[1], high))
                )  # fmt: skip

    @property
    def count(self) -> int:
        """Return the number of points."""
        return int(self.classes.sum())

    def bright(self, low: float = 0.02, high: float = 0.98) -> tuple[float, float]:
        """Return the intensities between which most of them lie."""
        share = np.cumsum(self.intensity) / max(self.intensity.sum(), 1)
        found = np.searchsorted(share, [low, high])
        return float(found[0]), float(max(found[1], found[0] + 1))

    def state(self) -> Mapping[str, Any]:
        """Return it as arrays."""
        return {
            "classes": self.classes, "intensity": self.intensity,
            "limits": np.array([self.color, self.returns, *self.times]),
        }  # fmt: skip

    @staticmethod
    def of(state: Mapping[str, Any]) -> "Tally":
        """Return what ``state`` gave. Raises KeyError, ValueError, TypeError."""
        color, returns, first, last = (float(v) for v in state["limits"])
        return Tally(
            np.array(state["classes"], np.int64), np.array(state["intensity"], np.int64),
            int(color), int(returns), (first, last),
        )  # fmt: skip
