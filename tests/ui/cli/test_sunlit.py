"""``--sun`` of ``render``: an instant or a direction, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from twin.errors import NoPlace, UsageError
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings
from ui.cli import main
from ui.cli.sunlit import shone


def test_a_direction_counts_clockwise_from_north_and_up_from_the_horizon() -> None:
    session = Session(Settings(), Jobs(inline=True))
    assert shone(session, "") is None
    east = shone(session, "90,0")
    assert east == pytest.approx((1.0, 0.0, 0.0), abs=1e-9)
    assert shone(session, "180, 30") == pytest.approx((0.0, -(0.75**0.5), 0.5), abs=1e-9)
    for wrong in ("1,2,3", "a,b", "90,91", "nan,10"):
        with pytest.raises(UsageError):
            shone(session, wrong)
    with pytest.raises(NoPlace):
        shone(session, "2026-06-21T12:00:00Z")
    session.close()


@pytest.mark.render
def test_a_city_is_drawn_in_the_sun_of_an_instant(sample_models: Path, tmp_path: Path) -> None:
    city, out = str(sample_models / "delft.city.json"), tmp_path / "a.png"
    pictures = []
    for sun in ("2026-12-21T14:30:00Z", "2026-06-21T12:00:00Z"):
        assert main(["render", city, "--out", str(out), "--size", "160x120", "--sun", sun]) == 0
        pictures.append(np.asarray(Image.open(out), np.float64))
    assert pictures[0].mean() < pictures[1].mean() - 1
