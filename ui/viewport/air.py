"""The colours of the air as the sun's height makes them: day, golden hour, dusk, night. Pure numbers."""

from typing import NamedTuple

import numpy as np

from twin.geometry import F64

Rgb = tuple[float, float, float]
HEIGHTS = (-12.0, -4.0, 6.0, 22.0)
"""Heights of the sun, degrees, at which the sky looks as below: night, dusk, golden hour, day; between them it blends."""
LIGHT_SKIES = (
    ("#141C2B", "#26324A", "#4A5468", "#2A303A"),
    ("#33456B", "#76789A", "#CFA493", "#55565F"),
    ("#5B7AA8", "#B7A9B8", "#EBCBA6", "#AFA9A4"),
    ("#7FA6C9", "#B9CFE0", "#E6ECF0", "#E3E3DE"),
)
"""Zenith, middle, horizon and ground of the light theme. The ground of a golden hour is darker and greyer than what
stands in its light: pale walls and terrain must not melt into it."""
DARK_SKIES = (
    ("#0A0F17", "#111A26", "#1E2935", "#14181E"),
    ("#131C33", "#3B3E5B", "#8F6B66", "#2A2B33"),
    ("#26324C", "#85798C", "#D6AE86", "#6B625B"),
    ("#2B4763", "#54748F", "#93A9B9", "#4B535A"),
)
GLOW = (1.0, 0.87, 0.66)
"""The colour of the sky round the sun."""


class Air(NamedTuple):
    """Colours of the sky at zenith, half way and horizon, of the ground far below, and of the glow round the sun."""

    zenith: Rgb
    middle: Rgb
    horizon: Rgb
    ground: Rgb
    glow: float = 0.0
    """Share of the glow in the middle of it."""
    sun: Rgb | None = None


def _number(color: str) -> list[float]:
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def height_of(sun: Rgb) -> float:
    """Return the height of the sun above the horizon, degrees."""
    return float(np.degrees(np.arcsin(np.clip(sun[2], -1.0, 1.0))))


def air_of(sun: Rgb, *, dark: bool) -> Air:
    """Return the air in the light of a sun, in the tones of the dark or the light theme."""
    skies = np.array([[_number(x) for x in sky] for sky in (DARK_SKIES if dark else LIGHT_SKIES)])
    height = height_of(sun)
    flat = skies.reshape(len(HEIGHTS), -1)
    found = [float(np.interp(height, HEIGHTS, flat[:, k])) for k in range(flat.shape[1])]
    parts = [(found[i], found[i + 1], found[i + 2]) for i in range(0, len(found), 3)]
    glow = float(np.interp(height, (-8.0, 0.0, 8.0, 30.0), (0.0, 0.65, 0.6, 0.25)))
    return Air(parts[0], parts[1], parts[2], parts[3], glow * (0.8 if dark else 1.0), sun)


def colors_of(air: Air, sight: F64) -> F64:
    """Return the colours f64(..., 3) 0..1 of unit lines of sight f64(..., 3)."""
    height = np.degrees(np.arcsin(np.clip(sight[..., 2], -1, 1)))
    stops = np.array([-90.0, -14.0, -3.0, 0.0, 4.0, 16.0, 55.0])
    ground, haze = np.array(air.ground), np.array(air.horizon)
    middle, zenith = np.array(air.middle), np.array(air.zenith)
    tones = np.stack(
        [
            ground,
            ground,
            0.35 * ground + 0.65 * haze,
            haze,
            0.75 * haze + 0.25 * middle,
            middle,
            zenith,
        ]
    )
    found = np.stack([np.interp(height, stops, tones[:, k]) for k in range(3)], axis=-1)
    if air.sun is None or not air.glow:
        return found
    off = np.degrees(np.arccos(np.clip(sight @ np.array(air.sun), -1, 1)))
    share = air.glow * np.exp(-((off / 28.0) ** 2)) * np.clip((height + 3.0) / 3.0, 0, 1)
    return np.asarray(found + share[..., None] * (np.array(GLOW) - found), np.float64)
