"""Rules for hours of direct sun: which day, between which hours, how many; bundled ones and one's own.

Presets are tables of a TOML file (``sun_rules.toml``, sources in it); a file of the same form beside the
user's settings adds to them.
"""

import datetime
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from twin.analyses.sun_position import FIRST_YEAR, LAST_YEAR, Instants, sun_longitude
from twin.analyses.sun_time import (
    SOLAR,
    clock_of,
    solar_steps,
    steps_of,
    zone_of,
)
from twin.errors import NotReadable, SunRule, SunYear
from twin.records import Instant

TERMS: Mapping[str, float] = {
    "march_equinox": 0.0, "summer_solstice": 90.0, "september_equinox": 180.0, "winter_solstice": 270.0, "dahan": 300.0,
}  # fmt: skip
"""Named days: the sun's longitude, degrees, that it reaches on them."""
SEASONS = {"summer_solstice": "winter_solstice", "winter_solstice": "summer_solstice"}
"""What is summer in the north is winter in the south."""
MEASURES, CLOCKS = ("total", "longest"), ("zone", SOLAR)
WHERE = ("facades", "roofs", "ground", "points")
"""What is sampled."""
LEVELS, JUDGED = ("lowest", "all"), ("best", "mean", "worst")
CHOICES: Mapping[str, Sequence[str]] = {
    "measure": MEASURES, "clock": CLOCKS, "levels": LEVELS, "judged": JUDGED,
}  # fmt: skip
RANGES: Mapping[str, tuple[float, float]] = {
    "required": (0.0, 24.0), "least_altitude": (0.0, 90.0), "sill": (0.0, 100.0),
}  # fmt: skip
OWN_FILE = "sun_rules.toml"
MOST_BYTES = 1 << 20
MOST_DAYS = 366
_TIME = re.compile(r"^(\d{1,2}):(\d{2})$")
_MONTH_DAY = re.compile(r"^(\d{2})-(\d{2})$")


@dataclass(frozen=True, slots=True)
class Rule:
    """``required`` hours of sun on ``day`` between ``start`` and ``end`` by the ``clock``.

    See ``sun_rules.toml`` for the values of each field.
    """

    day: str = "winter_solstice"
    required: float = 2.0
    measure: str = "total"
    start: str = "08:00"
    end: str = "16:00"
    clock: str = "zone"
    least_altitude: float = 0.0
    levels: str = "lowest"
    sill: float = 0.9
    judged: str = "best"
    source: str = ""

    @property
    def window(self) -> tuple[float, float]:
        """Return the counted time in hours. Raises SunRule."""
        start, end = hours_of("start", self.start), hours_of("end", self.end)
        if end <= start:
            raise SunRule(name="end", value=self.end, reason=f"it is not after {self.start}")
        return start, end

    def check(self) -> None:
        """Raise SunRule for what cannot be followed."""
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                known = ", ".join(choices)
                raise SunRule(name=name, value=getattr(self, name), reason=f"known: {known}")
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise SunRule(name=name, value=value, reason=f"it lies in {low} to {high}")
        _ = self.window


@dataclass(frozen=True, slots=True)
class Steps:
    """The instants of a day that are counted: middles of steps of ``each`` hours."""

    day: datetime.date
    instants: Instants
    each: float


@lru_cache(maxsize=1)
def bundled() -> Mapping[str, Rule]:
    """Return the rules that come with the program, by name."""
    text = files("twin.analyses").joinpath(OWN_FILE).read_text("utf-8")
    return read_rules(text, OWN_FILE)


def presets(folder: Path | None = None) -> Mapping[str, Rule]:
    """Return all rules by name; a file ``sun_rules.toml`` in a folder adds to the bundled ones.

    Raises NotReadable, SunRule for a file that cannot be used.
    """
    path = None if folder is None else folder / OWN_FILE
    if path is None or not path.is_file():
        return bundled()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise NotReadable(location=str(path), reason=f"it is larger than {MOST_BYTES} bytes")
        return {**bundled(), **read_rules(path.read_text("utf-8"), str(path))}
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadable(location=str(path), reason=str(error)) from error


def read_rules(text: str, where: str) -> Mapping[str, Rule]:
    """Return the rules of a TOML text by name. Raises NotReadable, SunRule."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotReadable(location=where, reason=str(error)) from error
    found = {}
    for name, table in said.items():
        if not isinstance(table, dict):
            raise SunRule(name=name, value=table, reason=f"{where}: it is not a table")
        found[name] = rule_of(Rule(), table, f"{where}, {name}")
    return found


def rule_of(usual: Rule, said: Mapping[str, Any], where: str = "") -> Rule:
    """Return a rule with some of its values replaced. Raises SunRule."""
    known = {one.name: type(getattr(Rule(), one.name)) for one in fields(Rule)}
    values: dict[str, Any] = {}
    for name, value in said.items():
        if name not in known:
            raise SunRule(name=name, value=value, reason=f"{where}: there is no such setting")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number != (known[name] is float) or not (number or isinstance(value, str)):
            raise SunRule(name=name, value=value, reason=f"it is no {known[name].__name__}")
        values[name] = known[name](value)
    made = replace(usual, **values)
    made.check()
    return made


def hours_of(name: str, text: str) -> float:
    """Return a time such as 08:30 in hours, 0 to 24. Raises SunRule."""
    found = _TIME.match(text.strip())
    hours = int(found[1]) + int(found[2]) / 60.0 if found else math.inf
    if not hours <= 24.0 or (found and int(found[2]) > 59):
        raise SunRule(name=name, value=text, reason="write a time such as 08:00")
    return hours


def days_of(rule: Rule, year: int, lat: float, zone: datetime.tzinfo) -> list[datetime.date]:
    """Return the days of a rule in a year by the calendar of a zone. Raises SunRule, SunYear."""
    found = [_day(part.strip(), year, lat, zone) for part in rule.day.split(",")[: MOST_DAYS + 1]]
    if len(found) > MOST_DAYS:
        raise SunRule(name="day", value=rule.day[:40], reason=f"more than {MOST_DAYS} days")
    return sorted(set(found))


def _day(text: str, year: int, lat: float, zone: datetime.tzinfo) -> datetime.date:
    name = text.lower()
    if lat < 0:
        name = SEASONS.get(name, name)
    if name in TERMS:
        return clock_of(term(name, year), zone).date()
    short = _MONTH_DAY.match(text)
    try:
        if short:
            return datetime.date(year, int(short[1]), int(short[2]))
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        known = ", ".join(TERMS)
        reason = f"write 2026-12-22, 12-22 or one of {known}"
        raise SunRule(name="day", value=text, reason=reason) from error


def term(name: str, year: int) -> Instant:
    """Return the instant of a year at which the sun reaches the longitude of a named day. Raises SunYear."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise SunYear(first=FIRST_YEAR, last=LAST_YEAR)
    days = np.datetime64(f"{year:04d}-01-01", "ms") + np.arange(366) * np.timedelta64(
        86_400_000, "ms"
    )
    days = days[days.astype("datetime64[Y]") == days[0].astype("datetime64[Y]")]
    days = np.append(days, days[-1] + np.timedelta64(86_399_000, "ms"))
    beyond = (sun_longitude(days) - TERMS[name] + 180.0) % 360.0 - 180.0
    at = int(np.flatnonzero((beyond[:-1] < 0) & (beyond[1:] >= 0) & (beyond[1:] < 90))[0])
    share = -beyond[at] / (beyond[at + 1] - beyond[at])
    found: Instant = days[at] + (days[at + 1] - days[at]) * share
    return found


def counted(
    rule: Rule, year: int, step: float, place: tuple[float, float], zone: str
) -> list[Steps]:
    """Return the steps that a rule counts at a place (longitude, latitude), one entry a day.

    ``step`` is in minutes. Raises SunRule, SunYear, SunZone.
    """
    clock = zone_of(zone, place[0])
    found = []
    for day in days_of(rule, year, place[1], clock):
        if rule.clock == SOLAR:
            instants, each = solar_steps(day, rule.window, step, place[0])
        else:
            instants, each = steps_of(day, rule.window, step, clock)
        found.append(Steps(day, instants, each))
    return found
