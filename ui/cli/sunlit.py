"""The option ``--sun`` of verbs that draw: an instant, or a direction by azimuth and height."""

from typing import Annotated

import numpy as np
import typer

from twin.errors import NoPlace, UsageError
from twin.session import Session, instant
from ui.viewport.look import Sun

Shone = Annotated[
    str,
    typer.Option(
        "--sun",
        help="The sun that shines: an instant (2026-06-21T12:00:00Z) or AZIMUTH,HEIGHT in degrees.",
    ),
]


def shone(session: Session, text: str) -> Sun | None:
    """Return the direction to the sun in the project frame; None without ``text``.

    An instant is looked up for the place of the city; an azimuth counts clockwise from the frame's north.
    Raises UsageError, SunYear, NoPlace.
    """
    if not text:
        return None
    if "," in text:
        return _direction(text)
    found = session.sun_direction(instant(text))
    if found is None:
        raise NoPlace(place="-")
    return found


def _direction(text: str) -> Sun:
    try:
        azimuth, height = (float(part) for part in text.split(","))
    except ValueError:
        azimuth = height = np.nan
    if not (np.isfinite(azimuth) and -90 <= height <= 90):
        raise UsageError(
            reason=f"--sun {text!r}: write an instant, or AZIMUTH,HEIGHT with a height from -90 to 90"
        )
    turn, rise = np.radians(azimuth), np.radians(height)
    x, y, z = np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), np.sin(rise)
    return float(x), float(y), float(z)
