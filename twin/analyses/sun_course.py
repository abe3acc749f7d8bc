"""The sun's course over a day or a year at one place, as an axis: what lies where on it, and how one moves."""

import datetime
from dataclasses import dataclass

import numpy as np

from twin.analyses.sun_position import LAST_YEAR, Instants, sun_angles
from twin.analyses.sun_time import HOUR, MINUTE, SunDay, clock_of, instant_at, sun_day
from twin.errors import SunYear
from twin.geometry import F64
from twin.records import Instant

DAY, YEAR = "day", "year"
MARGIN = 2.0
"""Hours of night that the axis of a day shows before sunrise and after sunset."""
LEAST = 12.0
"""Hours that it shows at least."""


@dataclass(frozen=True)
class Course:
    """``instants`` (n) from left to right and the ``altitude`` f64(n) of the sun as seen, degrees.

    ``ticks`` are (share of the axis, hour or month); ``day`` is the day that is shown or stood on.
    """

    mode: str
    instants: Instants
    altitude: F64
    ticks: tuple[tuple[float, int], ...]
    day: SunDay

    def share(self, at: Instant) -> float:
        """Return where an instant lies on the axis, 0..1."""
        low, high = self.instants[0], self.instants[-1]
        return float(np.clip((at - low) / max((high - low) / MINUTE, 1.0) / MINUTE, 0.0, 1.0))

    def at(self, share: float) -> Instant:
        """Return the instant at a share of the axis: to the minute, on a year's to the day."""
        share = min(max(share, 0.0), 1.0)
        low, high = self.instants[0], self.instants[-1]
        if self.mode == YEAR:
            found: Instant = self.instants[round(share * (len(self.instants) - 1))]
        else:
            found = low + round(share * float((high - low) / MINUTE)) * MINUTE
        return found


def day_course(at: Instant, place: tuple[float, float], zone: datetime.tzinfo) -> Course:
    """Return the course over the day round an instant, from before sunrise to after sunset.

    Raises SunYear, NoPlace.
    """
    date = clock_of(at, zone).date()
    day = sun_day(date, *place, zone)
    low, high = _ends(day)
    count = round((high - low) / MINUTE / 5) + 1
    instants = low + np.arange(count) * 5 * MINUTE
    altitude = sun_angles(instants, *place).apparent
    span = float((high - low) / HOUR)
    step = 2 if span <= 18 else 3
    marks = [
        (float((instant_at(date, h, zone) - low) / HOUR) / span, h) for h in range(0, 25, step)
    ]
    ticks = tuple(
        (share, hour)
        for share, hour in marks
        if -1e-9 <= share <= 1 + 1e-9 and _comes(date, hour, zone)
    )
    return Course(DAY, instants, altitude, ticks, day)


def _comes(date: datetime.date, hour: int, zone: datetime.tzinfo) -> bool:
    """Return whether clocks show a full hour on a day: one is left out when they are put forward."""
    return clock_of(instant_at(date, hour, zone), zone).hour == hour % 24


def _ends(day: SunDay) -> tuple[Instant, Instant]:
    """Return the ends of the axis: whole hours round the daylight, within the day."""
    whole = float((day.end - day.start) / HOUR)
    if day.rise is None or day.set is None or day.set < day.rise:
        return day.start, day.end
    low = np.floor(float((day.rise - day.start) / HOUR) - MARGIN)
    high = np.ceil(float((day.set - day.start) / HOUR) + MARGIN)
    short = max(LEAST - (high - low), 0.0)
    low, high = max(low - np.floor(short / 2), 0.0), min(high + np.ceil(short / 2), whole)
    return day.start + int(low) * HOUR, day.start + round(high * 60) * MINUTE


def year_course(at: Instant, place: tuple[float, float], zone: datetime.tzinfo) -> Course:
    """Return the course over the year at the clock time of an instant: one step a day.

    Raises SunYear, NoPlace.
    """
    now = clock_of(at, zone)
    first = datetime.date(now.year, 1, 1)
    days = (datetime.date(now.year, 12, 31) - first).days + 1
    hours = now.hour + now.minute / 60.0
    instants = np.array(
        [instant_at(first + datetime.timedelta(n), hours, zone) for n in range(days)]
    )
    altitude = sun_angles(instants, *place).apparent
    months = [datetime.date(now.year, month, 1) for month in range(1, 13)]
    ticks = tuple(((month - first).days / (days - 1), month.month) for month in months)
    return Course(YEAR, instants, altitude, ticks, sun_day(now.date(), *place, zone))


def stepped(at: Instant, zone: datetime.tzinfo, *, minutes: int = 0, days: int = 0) -> Instant:
    """Return an instant moved by minutes, or by days with the clock time kept. Raises SunYear."""
    moved: Instant = at + minutes * MINUTE
    if not days:
        return moved
    now = clock_of(moved, zone)
    try:
        date = now.date() + datetime.timedelta(days)
    except OverflowError as error:
        raise SunYear(first=1, last=LAST_YEAR) from error
    return instant_at(date, now.hour + now.minute / 60.0 + now.second / 3600.0, zone)
