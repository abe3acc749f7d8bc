"""The sun of a session: its clock is kept with the project, its direction follows the place."""

from pathlib import Path

import numpy as np
import pytest

from twin.analyses.sun_course import day_course
from twin.analyses.sun_time import clock_of, zone_of
from twin.scene import Aspect
from twin.session import Session
from twin.sunlight import SunClock, clock_document, clock_from


def test_no_place_no_sun() -> None:
    session = Session(loaders={})
    session.set_sun(np.datetime64("2026-06-21T12:00", "ms"))
    assert session.sun_place is None
    assert session.sun_direction() is None
    session.set_sun(session.sun_at, place=(4.36, 52.0))
    found = session.sun_direction()
    assert found is not None
    assert np.hypot(found[0], np.hypot(found[1], found[2])) == pytest.approx(1.0)
    assert found[1] < 0 < found[2]
    session.close()


def test_the_clock_is_told_and_comes_back_with_the_project(tmp_path: Path) -> None:
    session = Session(loaders={})
    seen = []
    session.twin.changed.connect(lambda change: seen.append(change.aspect))
    session.set_sun(
        np.datetime64("2026-12-22T14:10", "ms"), zone="Europe/Amsterdam", place=(4.3, 52.0)
    )
    session.set_sun(np.datetime64("2026-12-22T14:10", "ms"))
    assert seen.count(Aspect.SUN) == 1
    session.save_as(tmp_path / "city.twin.gpkg")
    session.close()
    again = Session(loaders={})
    again.open(str(tmp_path / "city.twin.gpkg"))
    assert again.sun_at == np.datetime64("2026-12-22T14:10", "ms")
    assert again.sunlight.clock.zone == "Europe/Amsterdam"
    assert again.sunlight.clock.place == (4.3, 52.0)
    again.close()


@pytest.mark.parametrize(
    "said",
    [{}, {"at": "noon"}, {"at": 3, "place": [1]}, {"place": [999, 999]}, {"zone": "Mars/X"}, {"place": "ab"}],
)  # fmt: skip
def test_a_damaged_clock_is_none(said: dict[str, object]) -> None:
    assert clock_from(said) == SunClock()


def test_a_clock_as_a_document() -> None:
    clock = SunClock(np.datetime64("2026-12-22T14:10", "ms"), "UTC+8", (116.4, 39.9))
    assert clock_from(clock_document(clock)) == clock


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-21", 24)]
)
def test_ticks_stand_where_clocks_show_them(day: str, hours: int) -> None:
    zone = zone_of("Europe/Amsterdam", 4.4)
    course = day_course(np.datetime64(f"{day}T12:00", "ms"), (4.4, 69.9), zone)
    low, high = course.instants[0], course.instants[-1]
    assert (course.day.end - course.day.start) / np.timedelta64(1, "h") == hours
    for share, hour in course.ticks:
        at = low + np.round(share * ((high - low) / np.timedelta64(1, "m"))) * np.timedelta64(
            1, "m"
        )
        assert clock_of(at.astype("M8[ms]"), zone).strftime("%H:%M") == f"{hour % 24:02d}:00"
