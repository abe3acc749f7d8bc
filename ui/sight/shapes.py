"""What analyses found, as shapes of the scene: roles in colours of the theme, values by ramps.

Good is the accent, bad is amber with a sign of its own: never red against green.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor

from twin.analyses.findings import Marks
from twin.geometry import F64, U8
from ui.theme import Theme
from ui.viewport.marks import Shape

RAMPS = {
    "": ("#2C3E5C", "#3F7F93", "#7CC1A4", "#F2E6A0"),
    "water": ("#BFE0F2", "#5FA8D3", "#2B6CA3", "#173F6E"),
    "rise": ("#B98A12", "#EBDDB2", "#F4F4F2", "#A9D6CF", "#0B7A70"),
}
"""Colours from low to high, told apart without red and green; ``rise``: cut amber, fill teal."""
KEEP = {"limit": 0.5, "water": 0.75, "ground": 0.8, "rise": 0.85}
"""Share of the pixels of surfaces that are drawn: the city is seen through."""


def shapes_of(marks: Sequence[Marks], theme: Theme) -> list[Shape]:
    """Return marks as shapes of the scene."""
    return [
        Shape(one.places, colors_of(one, theme), KEEP.get(one.name, 1.0))
        for one in marks
        if len(one.places)
    ]


def colors_of(one: Marks, theme: Theme) -> U8:
    """Return the colours u8(k or 1, 3) of marks."""
    if one.values is not None:
        low, high = one.scale or (float(np.min(one.values)), float(np.max(one.values)))
        share = (one.values - low) / (high - low if high > low else 1.0)
        return ramped(RAMPS.get(one.name, RAMPS[""]), share)
    return _rgb(role_color(one.role, theme))[None, :]


def role_color(role: str, theme: Theme) -> QColor:
    """Return the colour of a role: good, bad or plain."""
    return QColor({"good": theme.accent, "bad": theme.caution_edge}.get(role, theme.accent))


def ramped(stops: Sequence[str], share: F64) -> U8:
    """Return colours u8(k, 3) of shares f64(k) of 0..1 along a ramp."""
    colors = np.array([_rgb(QColor(stop)) for stop in stops], np.float64)
    at = np.clip(share, 0, 1)
    steps = np.linspace(0, 1, len(colors))
    channels = [np.interp(at, steps, colors[:, k]) for k in range(3)]
    return np.round(np.stack(channels, axis=1)).astype(np.uint8)


def _rgb(color: QColor) -> U8:
    return np.array([color.red(), color.green(), color.blue()], np.uint8)
