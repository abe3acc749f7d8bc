"""The verb ``sun``: where the sun stands over a day, when it rises and sets, at a place or over a city."""

import datetime
import json
import math
from typing import Annotated, Any

import numpy as np
import typer

from twin.analyses.sun_position import sun_angles
from twin.analyses.sun_rules import Rule, days_of
from twin.analyses.sun_time import MINUTE, clock_of, sun_day, zone_of
from twin.errors import NoPlace, SunRule
from twin.messages import catalogue
from twin.records import Instant
from twin.sunlight import SunPlace, needed
from ui.cli.loading import opened
from ui.cli.opening import AsJson, Lang, Opening, System

AnyPaths = Annotated[
    list[str] | None, typer.Argument(help="Files, folders, addresses or a project: the place.")
]
Date = Annotated[
    str, typer.Option("--date", help="2026-12-22, or winter_solstice, dahan, ... (default today).")
]
Place = Annotated[
    str, typer.Option("--place", help="LON,LAT in degrees, where no path says the place.")
]
Zone = Annotated[
    str, typer.Option("--zone", help="Time zone: an IANA name or UTC+8 (default by longitude).")
]
Step = Annotated[float, typer.Option("--step", help="Minutes between positions.")]
LEAST_STEP, MOST_STEP = 1.0, 720.0


def sun(  # noqa: PLR0913  the options of a verb
    paths: AnyPaths = None,
    date: Date = "",
    place: Place = "",
    zone: Zone = "",
    step: Step = 60.0,
    crs: System = "",
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Tell where the sun stands over a day; hours of sun: ``citytwin analyse sun_hours``."""
    if not (math.isfinite(step) and LEAST_STEP <= step <= MOST_STEP):
        reason = f"it lies in {LEAST_STEP:g} to {MOST_STEP:g}"
        raise SunRule(name="step", value=step, reason=reason)
    where = _typed(place) if place else _of_city(paths or [], Opening(crs=crs, lang=lang))
    told = over_the_day(where, date, zone, step)
    print(json.dumps(told, indent=1) if as_json else _text(told, lang))


def _typed(text: str) -> SunPlace:
    """Return the place of "LON,LAT". Raises NoPlace."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise NoPlace(place=text[:60]) from error
    sun_angles(np.zeros(0, "datetime64[ms]"), lon, lat)
    return SunPlace(lon, lat)


def _of_city(paths: list[str], opening: Opening) -> SunPlace:
    """Return the middle of what the paths hold. Raises NoPlace, OpenError."""
    if not paths:
        raise NoPlace(place="-")
    session = opened(paths, opening, index=False)
    try:
        return needed(session.sun_place)
    finally:
        session.close()


def over_the_day(where: SunPlace, date: str, zone: str, step: float) -> dict[str, Any]:
    """Return the sun's day as plain values: rise, set, noon, positions every ``step`` minutes."""
    clock = zone_of(zone, where.lon)
    today = clock_of(np.datetime64("now", "ms"), clock).date()
    day = days_of(Rule(day=date), today.year, where.lat, clock)[0] if date else today
    found = sun_day(day, where.lon, where.lat, clock)
    count = int((found.end - found.start) / MINUTE / step - 1e-9) + 1
    instants = found.start + np.round(np.arange(count) * step * 60_000).astype("timedelta64[ms]")
    seen = sun_angles(instants, where.lon, where.lat)
    positions = [
        {
            "time": _iso(instants[n], clock), "azimuth": round(float(seen.azimuth[n]), 4),
            "altitude": round(float(seen.altitude[n]), 4), "apparent": round(float(seen.apparent[n]), 4),
        }
        for n in range(count)
    ]  # fmt: skip
    return {
        "place": {"lon": where.lon, "lat": where.lat, "true_north": round(where.north, 4)},
        "date": day.isoformat(), "state": found.state,
        "rise": None if found.rise is None else _iso(found.rise, clock),
        "set": None if found.set is None else _iso(found.set, clock),
        "noon": _iso(found.noon, clock), "highest": round(found.highest, 4),
        "hours": round(found.hours, 4), "positions": positions,
    }  # fmt: skip


def _iso(at: Instant, clock: datetime.tzinfo) -> str:
    return clock_of(at, clock).isoformat(timespec="seconds")


def _text(told: dict[str, Any], lang: str) -> str:
    say = catalogue(lang).text
    place = told["place"]
    ends = [
        say(f"sun.{key}", time=told[key][11:16]) for key in ("rise", "noon", "set") if told[key]
    ]
    if told["state"] != "rises":
        ends.insert(0, say(f"window.sun.state_{told['state']}"))
    lines = [
        f"{place['lon']:.4f}, {place['lat']:.4f}  {told['date']}",
        "  ".join([*ends, say("sun.up_hours", hours=f"{told['hours']:.2f}")]),
        say("sun.head"),
    ]
    lines += [
        f"{one['time'][11:16]}  {one['azimuth']:8.2f}°  {one['apparent']:8.2f}°"
        for one in told["positions"]
    ]
    return "\n".join(lines)
