"""Dates as they are found in the field."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import UsageError
from twin.maintenance.dates import from_adjusted_gps, from_day_of_year, parse_column
from twin.observations import FLAG_SENTINEL, FLAG_TZ_ASSUMED, FLAG_UNPARSED

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data/maintenance/vectors.json").read_text("utf-8")
)


def utc(text: str) -> np.datetime64:
    return np.datetime64(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None), "ms")


@pytest.mark.parametrize("vector", VECTORS["partial"], ids=lambda v: v["text"])
def test_a_partial_date_is_the_interval_it_leaves_open(vector: dict[str, str]) -> None:
    low, high, flags = parse_column([vector["text"]])
    assert low[0] == utc(vector["lo"])
    assert high[0] == utc(vector["hi"])
    assert low[0] + (high[0] - low[0]) / 2 == utc(vector["mid"])
    assert flags[0] == FLAG_TZ_ASSUMED


@pytest.mark.parametrize(("name", "wanted"), VECTORS["epochs"].items())
def test_epochs_are_seconds_in_ifc_and_milliseconds_in_i3s(name: str, wanted: str) -> None:
    kind, number = name.split("_")
    unit = "s" if kind == "ifc" else "ms"
    for raw in ([int(number)], np.array([int(number)]), [number]):
        low, high, flags = parse_column(raw, unit=unit)
        assert low[0] == utc(wanted)
        assert high[0] > low[0]
        assert flags[0] == 0


def test_las_dates_follow_the_specification() -> None:
    assert from_day_of_year(60, 2020).t_lo[0] == np.datetime64(VECTORS["las_header"]["doy60_2020"])
    assert from_day_of_year(60, 2021).t_lo[0] == np.datetime64(VECTORS["las_header"]["doy60_2021"])
    wanted = utc(VECTORS["las_adjusted_gps"]["300000000_utc_minus_18s"])
    assert from_adjusted_gps(np.array([3.0e8]))[0] == wanted
    with pytest.raises(UsageError):
        from_day_of_year(366, 2021)


SENTINELS = (
    "1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00", "1601-01-01", "1900-01-01", "1904-01-01",
    "1980-01-01", "1980-01-06", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59", "Null", "-9999", "9999", "0",
)  # fmt: skip


@pytest.mark.parametrize("text", SENTINELS)
def test_a_placeholder_is_flagged_and_gives_no_date(text: str) -> None:
    low, _, flags = parse_column([text])
    assert np.isnat(low[0])
    assert flags[0] & FLAG_SENTINEL


@pytest.mark.parametrize(
    "text", ["1977-02-28", "1980", "1970", "1900", "1970-01-01T00:00:01Z", "1904"]
)
def test_a_merely_old_date_or_a_bare_year_is_no_placeholder(text: str) -> None:
    low, _, flags = parse_column([text])
    assert not np.isnat(low[0])
    assert not flags[0] & FLAG_SENTINEL


@pytest.mark.parametrize("number", [0, -5])
def test_an_ifc_time_stamp_of_zero_or_less_is_missing(number: int) -> None:
    low, _, flags = parse_column([number], unit="s")
    assert np.isnat(low[0])
    assert flags[0] == FLAG_SENTINEL


SPELLINGS = {
    "20200203": "2020-02-03", "2020/2/3": "2020-02-03", "3.2.2020": "2020-02-03", "13-02-2020": "2020-02-13",
    "02/13/2020": "2020-02-13", "2020:02:03 04:05:06": "2020-02-03T04:05:06", "3 Feb 2020": "2020-02-03",
    "Mon, 03 Feb 2020 04:05:06 GMT": "2020-02-03T04:05:06", "2020年2月3日": "2020-02-03", "2020年": "2020-01-01",
    "202002": "2020-02-01", "20200203040506": "2020-02-03T04:05:06", "2020-Q3": "2020-07-01",
    "2020-02-03T04:05:06+01:00": "2020-02-03T03:05:06", "2020-02-03T04:05:06.789Z": "2020-02-03T04:05:06.789",
    "2020-02-03+02:00": "2020-02-02T22:00", "2020-02-03/2020-02-05": "2020-02-03", "2020.0": "2020-01-01",
    "2020-02-03T24:00:00": "2020-02-04",
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), SPELLINGS.items())
def test_a_spelling_found_in_the_field_is_read(text: str, wanted: str) -> None:
    low, high, flags = parse_column([text])
    assert low[0] == np.datetime64(wanted, "ms")
    assert high[0] > low[0]
    assert not flags[0] & (FLAG_SENTINEL | FLAG_UNPARSED)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2020-02-30",
        "2020-13",
        "2020-01-01T25:00",
        "03-04-2020",
        "1/2/3",
        "2020-01-01T00:00+99:00",
    ],
)
def test_what_is_no_date_or_could_be_two_is_flagged_unparsed(text: str) -> None:
    low, _, flags = parse_column([text])
    assert np.isnat(low[0])
    assert flags[0] == FLAG_UNPARSED


def test_one_value_that_proves_the_order_decides_the_ambiguous_ones() -> None:
    low, _, flags = parse_column(["03-04-2020", "13-04-2020"])
    assert low[0] == np.datetime64("2020-04-03")
    assert not (flags & FLAG_UNPARSED).any()
    low, _, flags = parse_column(["03-04-2020", "13-04-2020", "04-13-2020"])
    assert flags.tolist() == [FLAG_UNPARSED, FLAG_TZ_ASSUMED, FLAG_TZ_ASSUMED]


def test_what_was_never_written_carries_no_flag() -> None:
    low, _, flags = parse_column([None, "", " ", float("nan")])
    assert np.isnat(low).all()
    assert not flags.any()


def test_plateau_writes_known_years_and_months_as_first_days() -> None:
    low, high, flags = parse_column(
        ["2020-01-01", "2020-05-01", "2020-05-02", "0001-01-01"], plateau=True
    )
    assert (high - low)[:3].astype("m8[D]").astype(int).tolist() == [366, 31, 1]
    assert flags[3] & FLAG_SENTINEL


def test_a_zone_moves_what_names_none_and_is_flagged() -> None:
    low, _, flags = parse_column(
        ["2020-07-01T12:00", "2020-01-01T12:00", "2020-01-01T12:00Z"], zone="Europe/Berlin"
    )
    assert [str(t)[11:13] for t in low] == ["10", "11", "12"]
    assert flags.tolist() == [FLAG_TZ_ASSUMED, FLAG_TZ_ASSUMED, 0]
    assert parse_column(["2020-07-01T12:00"], zone_known=True).flags[0] == 0
    with pytest.raises(UsageError):
        parse_column(["2020"], zone="Moon/Tycho")


def test_numbers_and_times_are_read_as_texts_are() -> None:
    assert parse_column(np.array([2020.0, np.nan])).t_lo[0] == np.datetime64("2020-01-01")
    assert parse_column(np.array([20200203])).t_lo[0] == np.datetime64("2020-02-03")
    low, high, _ = parse_column(np.array(["2020-02-03"], "M8[D]"))
    assert high[0] - low[0] == np.timedelta64(1, "D")


@given(st.lists(st.datetimes(datetime(1990, 1, 7), datetime(2099, 1, 1)), min_size=1, max_size=5))
def test_many_values_are_read_as_one_by_one(moments: list[datetime]) -> None:
    texts = [moment.isoformat(timespec="milliseconds") + "Z" for moment in moments]
    few = parse_column(texts)
    padding = [f"{1000 + i:04d}-02-03" for i in range(1200)]
    many = parse_column(texts + padding)
    assert (few.t_lo == many.t_lo[: len(texts)]).all()
    assert (few.t_hi == many.t_hi[: len(texts)]).all()
    assert (few.flags == many.flags[: len(texts)]).all()
    assert few.t_lo[0] == np.datetime64(texts[0][:-1], "ms")


@given(st.lists(st.text(max_size=30), max_size=20))
def test_no_text_breaks_the_parser(texts: list[str]) -> None:
    low, high, flags = parse_column(texts)
    known = ~np.isnat(low)
    assert (high[known] > low[known]).all()
    assert not (flags[known] & (FLAG_SENTINEL | FLAG_UNPARSED)).any()
