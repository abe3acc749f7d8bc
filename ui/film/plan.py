"""What film is to be made: one frozen value, and the times of its frames."""

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np

from twin.flythrough.flight import Flight
from twin.flythrough.reading import document
from twin.geometry import F64

LARGEST = (7680, 4320)
"""Pixels of the largest picture."""
RATES = (1.0, 120.0)
SAMPLES = (1, 2, 4)
"""Pictures are drawn so many times as fine each way and averaged."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``size`` pixels, ``fps`` frames a second, ``supersample`` of SAMPLES, ``sse`` pixels of error at which
    tiles are refined, ``captions`` in ``language`` ('' = none burnt in), ``note`` a line at the lower right."""

    size: tuple[int, int] = (1920, 1080)
    fps: float = 30.0
    supersample: int = 2
    sse: float = 16.0
    language: str = "en"
    note: str = ""

    def times(self, flown: Flight) -> F64:
        """Return the times f64(n) of the frames, seconds; a still route gives one."""
        count = max(1, round(flown.duration * self.fps))
        return np.asarray(flown.start + np.arange(count) / self.fps, np.float64)

    def fingerprint(self, flown: Flight) -> str:
        """Return what tells this film from another: of its route and of how it is made."""
        said = {"route": document(flown.route), "vias": flown.vias, **asdict(self)}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
