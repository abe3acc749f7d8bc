"""Days as a place lives them: time zones, sunrise and sunset, clock time and the time of sundials."""

import datetime
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from twin.analyses.sun_position import HORIZON, Instants, sun_angles
from twin.errors import SunYear, SunZone
from twin.features import Bool
from twin.records import Instant

MINUTE = np.timedelta64(60_000, "ms")
HOUR = np.timedelta64(3_600_000, "ms")
SOLAR = "solar"
"""The clock of sundials: the sun stands in the meridian at 12:00."""
_OFFSET = re.compile(r"^(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$", re.I)


@dataclass(frozen=True, slots=True)
class SunDay:
    """A day at a place: from midnight to midnight by its clock, UTC. ``rise`` and ``set`` are None where
    the sun does not cross the horizon; then ``state`` is ``up`` or ``down`` (else ``rises``).

    ``noon`` is when it stands highest, at ``highest`` degrees; ``hours`` is how long it is up.
    """

    start: Instant
    end: Instant
    rise: Instant | None
    set: Instant | None
    noon: Instant
    highest: float
    hours: float
    state: str


def zone_of(name: str, lon: float) -> datetime.tzinfo:
    """Return a zone by its IANA name or ``UTC+5:30``; '' = whole hours by the longitude.

    Raises SunZone.
    """
    plain = name.strip()
    if not plain:
        hours = round((((lon + 180.0) % 360.0) - 180.0) / 15.0)
        return datetime.timezone(datetime.timedelta(hours=hours), f"UTC{hours:+d}")
    if plain.upper() in ("UTC", "GMT", "Z"):
        return datetime.UTC
    found = _OFFSET.match(plain)
    try:
        if found:
            minutes = int(found[2]) * 60 + int(found[3] or 0)
            turn = datetime.timedelta(minutes=minutes if found[1] == "+" else -minutes)
            return datetime.timezone(turn, f"UTC{found[1]}{int(found[2])}")
        return ZoneInfo(plain)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SunZone(zone=plain[:60]) from error


def instant_at(day: datetime.date, hours: float, zone: datetime.tzinfo) -> Instant:
    """Return the instant at which clocks show ``hours`` (0..24) of a day.

    An hour that is skipped in spring counts on from before it; of an hour that comes twice in autumn
    it is the first. Raises SunYear.
    """
    try:
        clock = datetime.datetime.combine(day, datetime.time(), zone)
        clock = clock + datetime.timedelta(hours=hours)  # wall clock: Python adds without the zone
        return np.datetime64(clock.astimezone(datetime.UTC).replace(tzinfo=None), "ms")
    except OverflowError as error:
        raise SunYear(first=1, last=4000) from error


def clock_of(at: Instant, zone: datetime.tzinfo) -> datetime.datetime:
    """Return what clocks show at an instant. Raises SunYear."""
    try:
        moment: datetime.datetime = at.astype("datetime64[ms]").astype(datetime.datetime)
        return moment.replace(tzinfo=datetime.UTC).astimezone(zone)
    except (OverflowError, AttributeError) as error:
        raise SunYear(first=1, last=4000) from error


def steps_of(
    day: datetime.date, window: tuple[float, float], minutes: float, zone: datetime.tzinfo
) -> tuple[Instants, float]:
    """Return the middles of the steps between two clock times (hours), and a step's length in hours.

    A window that is no whole number of steps is divided into the nearest number of equal ones.
    """
    start, end = (instant_at(day, hours, zone) for hours in window)
    count = max(round((end - start) / MINUTE / minutes), 1) if end > start else 0
    length = (end - start) / max(count, 1)
    return start + np.arange(count) * length + length // 2, float(length / HOUR)


def solar_steps(
    day: datetime.date, window: tuple[float, float], minutes: float, lon: float
) -> tuple[Instants, float]:
    """Return the middles of the steps between two times of the sundial (hours), and a step in hours.

    Local mean time less the equation of time of that instant (within two seconds).
    """
    lon = (lon + 180.0) % 360.0 - 180.0
    span = max(window[1] - window[0], 0.0)
    count = max(round(span * 60.0 / minutes), 1) if span else 0
    hours = window[0] + (np.arange(count) + 0.5) * span / max(count, 1) - lon / 15.0
    midnight = np.datetime64(day.isoformat(), "ms")
    mean = midnight + np.round(hours * 3_600_000).astype("timedelta64[ms]")
    for _ in range(2 if count else 0):
        clock = hours - sun_angles(mean, lon, 0.0).equation / 60.0
        mean = midnight + np.round(clock * 3_600_000).astype("timedelta64[ms]")
    return mean, span / max(count, 1)


def sun_day(day: datetime.date, lon: float, lat: float, zone: datetime.tzinfo) -> SunDay:
    """Return sunrise, noon and sunset of a day by the place's clock; the horizon is level.

    Rise and set are of the upper limb with mean refraction (altitude -0.8333 degrees), to the second.
    Raises SunYear, NoPlace.
    """
    start, end = instant_at(day, 0.0, zone), instant_at(day, 24.0, zone)
    count = int((end - start) / (5 * MINUTE)) + 1
    times = start + np.arange(count) * 5 * MINUTE
    high = sun_angles(times, lon, lat).altitude
    up = high > HORIZON
    rises = _crossings(times, up, (lon, lat), rising=True)
    sets = _crossings(times, up, (lon, lat), rising=False)
    state = "rises" if len(rises) or len(sets) else ("up" if up.all() else "down")
    noon, highest = _noon(times[int(np.argmax(high))], lon, lat)
    hours = _up_hours((start, end), rises, sets, bool(up[0]))
    return SunDay(
        start, end, rises[0] if len(rises) else None, sets[-1] if len(sets) else None,
        noon, highest, hours, state,
    )  # fmt: skip


def _crossings(times: Instants, up: Bool, at: tuple[float, float], *, rising: bool) -> Instants:
    """Return the instants at which the sun crosses the horizon, by halving five minutes to a second."""
    turns = np.flatnonzero((~up[:-1] & up[1:]) if rising else (up[:-1] & ~up[1:]))
    low, high = times[turns], times[turns + 1]
    for _ in range(9 if len(turns) else 0):
        middle = low + (high - low) // 2
        seen = sun_angles(middle, *at).altitude > HORIZON
        late = seen == rising
        low, high = np.where(late, low, middle), np.where(late, middle, high)
    return np.asarray(low + (high - low) // 2)


def _noon(near: Instant, lon: float, lat: float) -> tuple[Instant, float]:
    """Return when, within five minutes of an instant, the sun stands highest, and how high."""
    times = near + np.arange(-300, 301) * np.timedelta64(1000, "ms")
    high = sun_angles(times, lon, lat).altitude
    best = int(np.argmax(high))
    return times[best], float(high[best])


def _up_hours(
    ends: tuple[Instant, Instant], rises: Instants, sets: Instants, up_first: bool
) -> float:
    turns = np.sort(np.concatenate([rises, sets, np.array(ends, "datetime64[ms]")]))
    spans = np.diff(turns) / HOUR
    return float(spans[0 if up_first else 1 :: 2].sum())
