"""Where the sun stands, against published values, NREL's algorithm and a second library."""

import datetime

import numpy as np
import pytest
from astral import Observer
from astral.sun import azimuth as astral_azimuth
from astral.sun import elevation as astral_elevation
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from twin.analyses.sun_position import directions, refraction, sun_angles
from twin.analyses.sun_time import (
    instant_at,
    solar_steps,
    steps_of,
    sun_day,
    zone_of,
)
from twin.errors import NoPlace, SunYear, SunZone
from twin.georeference import parse_crs, true_north

TOLERANCE = 0.05
"""Degrees."""
SPA = (
    # place, longitude, latitude, UTC, azimuth, altitude without air, altitude as seen: NREL's SPA (Reda and
    # Andreas 2004) at sea level, 1010 hPa, 10 degrees C, as coded in pvlib 0.16.1
    ("Delft", 4.3571, 52.0116, "2026-12-22T14:10", 214.0578, 7.8334, 7.9454),
    ("Delft", 4.3571, 52.0116, "2026-03-20T12:00", 183.1662, 37.8986, 37.9203),
    ("Delft", 4.3571, 52.0116, "1600-02-29T09:00", 133.2393, 19.4154, 19.4625),
    ("Delft", 4.3571, 52.0116, "0033-04-03T12:00", 185.0587, 43.2373, 43.2552),
    ("Beijing", 116.4074, 39.9042, "2026-06-21T02:00", 109.5886, 56.9798, 56.9908),
    ("Beijing", 116.4074, 39.9042, "1600-02-29T09:00", 249.6723, 11.2956, 11.3761),
    ("Beijing", 116.4074, 39.9042, "0033-04-03T12:00", 291.2657, -15.7848, -15.7848),
    ("Quito", -78.4678, -0.1807, "2026-03-20T12:00", 90.0153, 9.6707, 9.7636),
    ("Quito", -78.4678, -0.1807, "2026-09-23T20:30", 269.7204, 39.0283, 39.0491),
    ("Quito", -78.4678, -0.1807, "3999-07-01T17:45", 346.9659, 66.4692, 66.4765),
    ("Longyearbyen", 15.6267, 78.2232, "2026-06-21T02:00", 42.3512, 14.9146, 14.9762),
    ("Longyearbyen", 15.6267, 78.2232, "2026-12-22T14:10", 225.4323, -15.3811, -15.3811),
    ("Suva", 178.4419, -18.1416, "2026-09-23T20:30", 76.7613, 35.8204, 35.8438),
    ("Suva", 178.4419, -18.1416, "2026-06-21T02:00", 325.6384, 40.2320, 40.2519),
    ("Ushuaia", -68.303, -54.8019, "2026-12-22T14:10", 54.3666, 49.0932, 49.1078),
    ("Ushuaia", -68.303, -54.8019, "3999-07-01T17:45", 345.1898, 11.3156, 11.3959),
    ("north pole", 0.0, 90.0, "2026-06-21T02:00", 29.5683, 23.4355, 23.4741),
    ("north pole", 0.0, 90.0, "3999-07-01T17:45", 264.0690, 22.7066, 22.7465),
    ("south pole", 0.0, -90.0, "2026-12-22T14:10", 327.1513, 23.4331, 23.4717),
)
CROSSINGS = (
    # sunrise, transit and sunset, UTC, by NREL's SPA (pvlib 0.16.1); Delft on 22 Dec: 08:48 and 16:33 by the clock
    # (each asked for the day of universal time on which it falls)
    ("Golden", -105.1786, 39.742476, "2003-10-17", "2003-10-17T13:12:43", "2003-10-17T18:46:05", "2003-10-18T00:18:52"),
    ("Delft", 4.3571, 52.0116, "2026-12-22", "2026-12-22T07:48:53", "2026-12-22T11:41:08", "2026-12-22T15:33:23"),
    ("Delft", 4.3571, 52.0116, "2026-06-21", "2026-06-21T03:22:16", "2026-06-21T11:44:23", "2026-06-21T20:06:30"),
    ("Beijing", 116.4074, 39.9042, "2026-01-20", "2026-01-19T23:31:56", "2026-01-20T04:25:17", "2026-01-20T09:18:59"),
    ("Quito", -78.4678, -0.1807, "2026-03-20", "2026-03-20T11:17:59", "2026-03-20T17:21:15", "2026-03-20T23:24:30"),
    ("Ushuaia", -68.303, -54.8019, "2026-12-22", "2026-12-22T07:51:54", "2026-12-22T16:31:52", "2026-12-23T01:11:47"),
    ("Tromso", 18.9553, 69.6492, "2026-11-20", "2026-11-20T08:58:41", "2026-11-20T10:29:47", "2026-11-20T11:59:58"),
)  # fmt: skip


def _at(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[ms]")


def _zulu(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def test_the_example_of_the_spa_report() -> None:
    # NREL/TP-560-34302, table A5.1: Golden, 2003-10-17 12:30:30 at UTC-7; zenith 50.11162, azimuth 194.34024
    seen = sun_angles(_at("2003-10-17T19:30:30"), -105.1786, 39.742476)
    assert 90.0 - seen.apparent[0] == pytest.approx(50.11162, abs=TOLERANCE)
    assert seen.azimuth[0] == pytest.approx(194.34024, abs=TOLERANCE)
    assert seen.equation[0] == pytest.approx(14.641503, abs=0.02)
    assert seen.declination[0] == pytest.approx(-9.31434, abs=TOLERANCE)


@pytest.mark.parametrize(("place", "lon", "lat", "at", "azimuth", "true", "seen"), SPA)
def test_positions_of_nrel_from_pole_to_pole_and_over_the_ages(
    place: str, lon: float, lat: float, at: str, azimuth: float, true: float, seen: float
) -> None:
    found = sun_angles(_at(at), lon, lat)
    assert found.azimuth[0] == pytest.approx(azimuth, abs=TOLERANCE), place
    assert found.altitude[0] == pytest.approx(true, abs=TOLERANCE), place
    assert found.apparent[0] == pytest.approx(seen, abs=TOLERANCE), place


@given(
    st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2100, 1, 1)),
    st.floats(-180, 180), st.floats(-89, 89),
)  # fmt: skip
def test_agrees_with_a_second_library(at: datetime.datetime, lon: float, lat: float) -> None:
    found = sun_angles(_at(at.isoformat(timespec="milliseconds")), lon, lat)
    told = Observer(lat, lon, 0.0)
    moment = at.replace(tzinfo=datetime.UTC, microsecond=at.microsecond // 1000 * 1000)
    high = astral_elevation(told, moment, with_refraction=False)
    way = astral_azimuth(told, moment)
    here = directions(found.azimuth, found.altitude)[0]
    there = directions(np.array([way]), np.array([high]))[0]
    assert np.degrees(np.linalg.norm(here - there)) < TOLERANCE


@pytest.mark.parametrize(
    ("date", "noon"), [("2026-03-20", 38.0), ("2026-06-21", 61.4), ("2026-09-23", 37.8), ("2026-12-22", 14.6)]
)  # fmt: skip
def test_the_shadow_of_a_rod_on_four_dates(date: str, noon: float) -> None:
    # noon altitude = 90 - latitude + declination (0, 23.43, -0.2, -23.43 degrees), azimuth 180: to the north
    day = sun_day(datetime.date.fromisoformat(date), 4.3571, 52.0116, zone_of("UTC+1", 0.0))
    seen = sun_angles(np.array([day.noon]), 4.3571, 52.0116)
    assert day.highest == pytest.approx(noon, abs=0.2)
    towards = directions(seen.azimuth, seen.altitude)[0]
    tip = np.array([0.0, 0.0, 10.0]) - towards * 10.0 / towards[2]
    length, azimuth = float(np.hypot(*tip[:2])), float(np.degrees(np.arctan2(tip[0], tip[1])))
    assert length == pytest.approx(10.0 / np.tan(np.radians(noon)), rel=0.02)
    assert length == pytest.approx(10.0 / np.tan(np.radians(float(seen.altitude[0]))))
    assert abs(azimuth) < 1.0


def test_air_lifts_the_sun_and_nothing_below_the_horizon() -> None:
    # Meeus, example 16.a: at 33' 57" apparent altitude refraction is about 24'; at the zenith none
    low, high, night = refraction(np.array([0.0, 90.0, -10.0]))
    assert low == pytest.approx(0.48, abs=0.02)
    assert abs(high) < 0.001
    assert night == 0.0


# -- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "lon", "lat", "date", "rise", "noon", "sets"), CROSSINGS)
def test_rise_noon_and_set_of_nrel(
    place: str, lon: float, lat: float, date: str, rise: str, noon: str, sets: str
) -> None:
    day = sun_day(datetime.date.fromisoformat(date), lon, lat, zone_of("", lon))
    found = np.array([day.rise, day.noon, day.set], "datetime64[ms]")
    late = (found - _at(rise, noon, sets)) / np.timedelta64(1, "s")
    assert np.abs(late[[0, 2]]).max() < (10 if abs(lat) < 60 else 60), place
    assert abs(late[1]) < 60, place  # it stands highest a little beside the meridian
    assert day.hours == pytest.approx((day.set - day.rise) / np.timedelta64(1, "h"), abs=0.001)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("lat", "date", "state", "hours"),
    [(90.0, "2026-06-21", "up", 24.0), (90.0, "2026-12-22", "down", 0.0), (-90.0, "2026-12-22", "up", 24.0),
     (78.2, "2026-06-21", "up", 24.0), (0.0, "2026-03-20", "rises", 12.1)],
)  # fmt: skip
def test_days_without_an_end(lat: float, date: str, state: str, hours: float) -> None:
    day = sun_day(datetime.date.fromisoformat(date), 0.0, lat, datetime.UTC)
    assert day.state == state
    assert day.hours == pytest.approx(hours, abs=0.05)
    assert (day.rise is None) == (state != "rises")


def test_both_sides_of_the_date_line_see_the_same_sun() -> None:
    at = _at("2026-06-21T02:00")
    east, west = sun_angles(at, 180.0, -17.0), sun_angles(at, -180.0, -17.0)
    assert east.azimuth[0] == pytest.approx(west.azimuth[0])
    assert zone_of("", 179.0).utcoffset(None) == datetime.timedelta(hours=12)
    assert zone_of("", -179.0).utcoffset(None) == datetime.timedelta(hours=-12)
    day = sun_day(datetime.date(2026, 6, 21), 179.9, -17.0, zone_of("", 179.9))
    assert day.state == "rises"
    assert day.start < day.rise < day.noon < day.set < day.end  # type: ignore[operator]


def test_a_day_of_summer_time_has_another_length() -> None:
    zone = zone_of("Europe/Amsterdam", 4.0)
    spring = sun_day(datetime.date(2026, 3, 29), 4.0, 52.0, zone)
    autumn = sun_day(datetime.date(2026, 10, 25), 4.0, 52.0, zone)
    assert (spring.end - spring.start) / np.timedelta64(1, "h") == 23
    assert (autumn.end - autumn.start) / np.timedelta64(1, "h") == 25
    assert str(instant_at(datetime.date(2026, 7, 1), 8.0, zone)) == "2026-07-01T06:00:00.000"
    assert str(instant_at(datetime.date(2026, 1, 1), 8.0, zone)) == "2026-01-01T07:00:00.000"


@pytest.mark.parametrize("name", ["UTC+8", "UTC+5:30", "GMT-3", "+05:45", "Asia/Shanghai", "Z"])
def test_zones_by_name_and_offset(name: str) -> None:
    assert zone_of(name, 0.0).utcoffset(datetime.datetime(2026, 1, 1)) is not None


@pytest.mark.parametrize("name", ["Mars/Olympus", "UTC+99", "../../etc/passwd", "a" * 300, "\0"])
def test_zones_that_are_none(name: str) -> None:
    with pytest.raises(SunZone):
        zone_of(name, 0.0)


def test_steps_lie_in_the_middle_of_their_time() -> None:
    steps, each = steps_of(datetime.date(2026, 12, 22), (8.0, 16.0), 10.0, zone_of("UTC+1", 0.0))
    assert len(steps) == 48
    assert each == pytest.approx(1 / 6)
    assert str(steps[0]) == "2026-12-22T07:05:00.000"
    assert str(steps[-1]) == "2026-12-22T14:55:00.000"


@given(st.floats(-180, 180), st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)))
def test_sundials_show_noon_when_the_sun_is_in_the_meridian(
    lon: float, day: datetime.date
) -> None:
    steps, _ = solar_steps(day, (11.0, 13.0), 120.0, lon)
    assert abs(float(sun_angles(steps, lon, 30.0).hour_angle[0])) < 0.02


# -- places -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [("EPSG:28992", 4.36, 52.01), ("EPSG:25832", 9.99, 53.55), ("EPSG:4549", 121.1, 31.45), ("EPSG:32633", 15.63, 78.2)],
)  # fmt: skip
def test_true_north_is_the_convergence_turned(crs: str, lon: float, lat: float) -> None:
    parsed = parse_crs(crs)
    factors = Proj(parsed.horizontal).get_factors(lon, lat)
    assert true_north(parsed, (lon, lat)) == pytest.approx(-factors.meridian_convergence, abs=0.01)


def test_grid_north_turns_the_sun() -> None:
    # UTM 32 at 11.5 E 53 N: true north lies (11.5 - 9) * sin 53 = 2.0 degrees west of grid north
    north = true_north(parse_crs("EPSG:25832"), (11.5, 53.0))
    assert north == pytest.approx(-2.0, abs=0.01)
    x, y, _ = directions(np.array([180.0]), np.array([0.0]), north)[0]
    assert np.degrees(np.arctan2(x, y)) % 360.0 == pytest.approx(178.0, abs=0.01)


@pytest.mark.parametrize(("lon", "lat"), [(0.0, 91.0), (float("nan"), 0.0), (4.0, float("inf"))])
def test_what_is_no_place(lon: float, lat: float) -> None:
    with pytest.raises(NoPlace):
        sun_angles(_at("2026-01-01"), lon, lat)


@pytest.mark.parametrize("at", ["-0001-01-01", "4001-01-01", "NaT"])
def test_what_is_no_year(at: str) -> None:
    with pytest.raises(SunYear):
        sun_angles(_at(at), 0.0, 0.0)
