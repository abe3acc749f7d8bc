"""Snapping: what a person means at a pixel, and points kept to an axis, a level or a length."""

from twin.snapping.finding import RADIUS, Snap, Snapper
from twin.snapping.gathering import Owed, Runs, runs_of
from twin.snapping.locks import LOCKS, locked

__all__ = [
    "LOCKS",
    "RADIUS",
    "Owed",
    "Runs",
    "Snap",
    "Snapper",
    "locked",
    "runs_of",
]
