"""Every text can be read on every surface, and no two statuses look alike to anybody."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.scenery import RAMP as SHARES
from twin.style import CATEGORIES, FRESHNESS, RAMP, RESULTS
from ui.theme import DARK, LIGHT, SURFACES, TEXTS, Theme

SIX = ("fresh", "due_soon", "in_grace", "stale", "suspect", "unknown")
EYES = {
    "normal": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
"""Machado 2009, full severity."""
F64 = NDArray[np.float64]


def linear(color: str) -> F64:
    c = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted((float(linear(a) @ weights), float(linear(b) @ weights)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: F64) -> F64:
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    x = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(x > 216 / 24389, np.cbrt(x), (24389 / 27 * x + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(p: F64, q: F64) -> float:
    (l1, a1, b1), (l2, a2, b2) = p, q
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dh = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else ((h1 + h2 + 360) / 2) % 360
    t = 1 - 0.17 * np.cos(np.radians(hm - 30)) + 0.24 * np.cos(np.radians(2 * hm))
    t += 0.32 * np.cos(np.radians(3 * hm + 6)) - 0.2 * np.cos(np.radians(4 * hm - 63))
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    turn = -2 * np.sqrt(cm**7 / (cm**7 + 25.0**7))
    turn *= np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2))))
    x, y, z = (l2 - l1) / sl, (c2 - c1) / sc, d_hue / sh
    return float(np.sqrt(x * x + y * y + z * z + turn * y * z))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_text_token_reads_on_every_surface(theme: Theme) -> None:
    texts = {name: getattr(theme, name) for name in TEXTS}
    low = {
        (name, surface): round(contrast(color, getattr(theme, surface)), 2)
        for name, color in texts.items()
        for surface in SURFACES
        if contrast(color, getattr(theme, surface)) < 4.5
    }
    assert not low
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_status_word_reads_on_panels_and_rows(theme: Theme) -> None:
    low = {
        (status, surface): round(contrast(color, getattr(theme, surface)), 2)
        for status, color in theme.status_text.items()
        for surface in ("panel", "raised", "selection", "hover")
        if contrast(color, getattr(theme, surface)) < 4.5
    }
    assert not low


@pytest.mark.parametrize("shade", [1.0, 0.55])
@pytest.mark.parametrize("eye", EYES)
def test_the_statuses_stay_apart_for_every_eye_in_sun_and_shade(eye: str, shade: float) -> None:
    seen = {
        name: lab(np.clip(EYES[eye] @ (linear(FRESHNESS[name]) * shade), 0, 1)) for name in SIX
    }
    pairs = itertools.combinations(SIX, 2)
    nearest = min((ciede2000(seen[a], seen[b]), a, b) for a, b in pairs)
    assert nearest[0] >= (17.9 if shade == 1.0 else 14.0), nearest


def seen_by(eye: str, color: str, shade: float) -> F64:
    return lab(np.clip(EYES[eye] @ (linear(color) * shade), 0, 1))


@pytest.mark.parametrize("shade", [1.0, 0.55])
@pytest.mark.parametrize("eye", EYES)
def test_categories_and_results_stay_apart_for_every_eye(eye: str, shade: float) -> None:
    """Fills of one legend differ by colour, or by their pattern."""
    legends = {"categories": [(color, "plain") for color in CATEGORIES]}
    legends |= {name: list(fills.values()) for name, fills in RESULTS.items()}
    for name, fills in legends.items():
        alike = [(a, b) for a, b in itertools.combinations(fills, 2) if a[1] == b[1]]
        apart = [
            ciede2000(seen_by(eye, a, shade), seen_by(eye, b, shade)) for (a, _), (b, _) in alike
        ]
        assert min(apart, default=99.0) >= (10.6 if name == "categories" else 9.0), name


@pytest.mark.parametrize("eye", EYES)
def test_ramps_grow_dark_or_light_all_along_for_every_eye(eye: str) -> None:
    """Lightness alone tells the order, in print without colours too."""
    shares = tuple("#{:02X}{:02X}{:02X}".format(*row) for row in SHARES.tolist())
    for ramp in (RAMP, shares):
        lightness = np.diff([seen_by(eye, color, 1.0)[0] for color in ramp])
        assert (lightness > 2).all() or (lightness < -2).all()


def test_the_distance_measure_is_the_published_one() -> None:
    """Two pairs of Sharma, Wu and Dalal 2005."""
    first = ciede2000(np.array([50, 2.6772, -79.7751]), np.array([50, 0, -82.7485]))
    second = ciede2000(
        np.array([60.2574, -34.0099, 36.2677]), np.array([60.4626, -34.1751, 39.4387])
    )
    assert first == pytest.approx(2.0425, abs=1e-4)
    assert second == pytest.approx(1.2644, abs=1e-4)
