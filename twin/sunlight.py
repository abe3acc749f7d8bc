"""The sun over a city that is looked at: its instant, its place, its direction. Session state, remembered."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.analyses.sun_position import SunAngles, directions, sun_angles
from twin.analyses.sun_time import SunDay, clock_of, sun_day, zone_of
from twin.errors import CrsError, NoPlace, TwinError
from twin.georeference import Crs, ProjectFrame, true_north
from twin.records import Instant
from twin.scene import Twin

Direction = tuple[float, float, float]
"""A unit vector in the project frame."""


@dataclass(frozen=True, slots=True)
class SunClock:
    """``at`` is the instant (UTC) whose sun shines, None = no sun is shown. ``zone`` is an IANA name or
    ``UTC+8`` ('' = whole hours by the longitude). ``place``: WGS 84 longitude and latitude that a person
    named for a project without a coordinate system; it is not asked where there is one.
    """

    at: Instant | None = None
    zone: str = ""
    place: tuple[float, float] | None = None

    def check(self) -> None:
        """Raise SunYear, SunZone or NoPlace for what no sun can be reckoned of."""
        zone_of(self.zone, 0.0)
        at = [] if self.at is None else [self.at]
        sun_angles(np.array(at, "datetime64[ms]"), *(self.place or (0.0, 0.0)))


@dataclass(frozen=True, slots=True)
class SunPlace:
    """Where a city stands, WGS 84 degrees; ``north`` is true north, degrees clockwise from +y."""

    lon: float
    lat: float
    north: float = 0.0

    def angles(self, at: Instant) -> SunAngles:
        """Return where the sun stands at an instant. Raises SunYear."""
        return sun_angles(np.array([at], "datetime64[ms]"), self.lon, self.lat)

    def direction(self, at: Instant) -> Direction:
        """Return the unit vector towards the sun as it is seen (with refraction). Raises SunYear."""
        seen = self.angles(at)
        x, y, z = directions(seen.azimuth, seen.apparent, self.north)[0].tolist()
        return x, y, z


class Sunlight:
    """The sun of a session. ``kept`` is where its clock is remembered as a plain document."""

    def __init__(self, twin: Twin, kept: dict[str, Any]) -> None:
        self.twin, self.kept = twin, kept
        self._known: tuple[Any, SunPlace | None] = ((), None)

    @property
    def clock(self) -> SunClock:
        """Return the clock."""
        return clock_from(self.kept.get("sun", {}))

    def set_clock(self, clock: SunClock) -> None:
        """Keep a clock."""
        self.kept["sun"] = clock_document(clock)

    @property
    def zone(self) -> str:
        """Return the zone of the clock: as somebody set it, else the one the rules name for dates, else
        '' = by the longitude; cheap. UTC in the rules means that nobody named any.
        """
        named = str(self.kept.get("sun", {}).get("zone", ""))
        choices = self.twin.records["choices"].get("choices")
        told = "" if choices is None else str(choices.time_zone)
        return named or ("" if told == "UTC" else told)

    def place(self, project: ProjectFrame | None) -> SunPlace | None:
        """Return the middle of the city; None where neither a system nor a person names a place."""
        box = self.twin.bounds
        named = self.clock.place
        if project is None or not np.isfinite(box).all():
            return None if named is None else SunPlace(*named)
        middle = np.round((box[:3] + box[3:]) / 2, -2)  # steady while a city streams in
        key = (project, *middle[:2].tolist())
        if self._known[0] != key:
            self._known = (key, _place(project, middle))
        return self._known[1]


def _place(project: ProjectFrame, middle: np.ndarray) -> SunPlace | None:
    try:
        lon, lat, _ = project.lonlat(middle[None, :])[0].tolist()
        if not np.isfinite([lon, lat]).all():
            return None
        return SunPlace(lon, lat, true_north(Crs(horizontal=project.crs), (lon, lat)))
    except CrsError:
        return None


def needed(place: SunPlace | None) -> SunPlace:
    """Return a place that must be known. Raises NoPlace."""
    if place is None:
        raise NoPlace(place="-")
    return place


def day_of(place: SunPlace, at: Instant, zone: str = "") -> SunDay:
    """Return the day round an instant by the clock of a zone. Raises SunYear, SunZone."""
    clock = zone_of(zone, place.lon)
    return sun_day(date_of(place, at, zone), place.lon, place.lat, clock)


def date_of(place: SunPlace, at: Instant, zone: str = "") -> datetime.date:
    """Return the date that calendars show at an instant. Raises SunYear, SunZone."""
    return clock_of(at, zone_of(zone, place.lon)).date()


def clock_document(clock: SunClock) -> dict[str, Any]:
    """Return a clock as plain values."""
    return {
        "at": "" if clock.at is None else str(clock.at),
        "zone": clock.zone,
        "place": None if clock.place is None else list(clock.place),
    }


def clock_from(said: Mapping[str, Any]) -> SunClock:
    """Return the clock of a document; what cannot be read is as if it were not said."""
    try:
        at = np.datetime64(str(said["at"]), "ms") if said.get("at") else None
        named = said.get("place")
        place = None if named is None else (float(named[0]), float(named[1]))
        clock = SunClock(at, str(said.get("zone", "")), place)
        clock.check()
    except (TypeError, ValueError, IndexError, KeyError, TwinError):
        return SunClock()
    return clock
