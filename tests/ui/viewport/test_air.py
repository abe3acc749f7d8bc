"""The sky follows the sun: every height has its colours, and nothing jumps."""

import numpy as np
import pytest

from ui.viewport.air import air_of, colors_of
from ui.viewport.look import Look, rgb


def sun(height: float) -> tuple[float, float, float]:
    return (0.0, float(np.cos(np.radians(height))), float(np.sin(np.radians(height))))


@pytest.mark.parametrize("dark", [False, True])
def test_a_low_sun_makes_a_warm_horizon_and_night_a_dark_sky(dark: bool) -> None:
    day, gold, night = (np.array(air_of(sun(h), dark=dark).horizon) for h in (50, 6, -20))
    assert gold[0] - gold[2] > 0.2 > day[0] - day[2]
    assert night.max() < 0.45
    steps = np.array([air_of(sun(h), dark=dark)[:4] for h in np.arange(-20, 60, 0.25)])
    assert np.abs(np.diff(steps, axis=0)).max() < 0.02


def test_the_sky_glows_round_the_sun_and_without_one_it_is_the_theme() -> None:
    air = air_of(sun(4), dark=False)
    toward, away = colors_of(air, np.array([[0.0, 0.99, 0.1], [0.0, -0.99, 0.1]]))
    assert toward.sum() > away.sum()
    assert Look().haze == rgb(Look().tones.horizon)
    assert Look(background="light", sun=sun(4)).haze == rgb(Look().tones.paper)
    assert Look(sun=sun(4)).haze == air.horizon
