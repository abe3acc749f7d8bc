"""Dates as people keep them in tables: every shape is read or named, and counted."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.features import texts
from twin.maintenance.date_shapes import read_dates, tell
from twin.maintenance.telling import Told
from twin.messages import catalogue


def span(text: str, *others: str) -> tuple[str, str]:
    parsed = read_dates(texts([text, *others])).parsed
    return str(parsed.t_lo[0])[:19], str(parsed.t_hi[0])[:19]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2020", "2020-01-01", "2021-01-01"),
        ("2020-02", "2020-02-01", "2020-03-01"),
        ("2020/2/29", "2020-02-29", "2020-03-01"),
        ("29.02.2020", "2020-02-29", "2020-03-01"),
        ("2020年3月", "2020-03-01", "2020-04-01"),
        ("43831", "2020-01-01", "2020-01-02"),
        ("43831.5", "2020-01-01T12:00:00", "2020-01-01T12:00:01"),
        ("1577836800", "2020-01-01", "2020-01-01T00:00:01"),
        ("1577836800000", "2020-01-01", "2020-01-01"),
        ("2020030415", "2020-03-04T15:00:00", "2020-03-04T15:01:00"),
        ("25/12/19", "2019-12-25", "2019-12-26"),
        ("99-12-31", "1999-12-31", "2000-01-01"),
        ("04.03.20", "2020-03-04", "2020-03-05"),
    ],
)
def test_shapes_of_dates_are_read(text: str, low: str, high: str) -> None:
    lo, hi = span(text)
    assert np.datetime64(lo) == np.datetime64(low)
    assert np.datetime64(hi) == np.datetime64(high)


@pytest.mark.parametrize(
    "text",
    ["44 BC", "-0044-03-15", "公元前200年", "9999-12-31", "12024-01-01", "soon", "32/13/2020"],
)
def test_what_is_no_usable_date_is_counted(text: str) -> None:
    found = read_dates(texts([text, "2020-01-01", None]))
    assert np.isnat(found.parsed.t_lo).tolist() == [True, False, True]
    assert sum(found.shapes.values()) >= 1


def test_a_short_year_needs_proof_of_its_order() -> None:
    assert span("03/04/20")[0] == "NaT"
    assert span("03/04/20", "25/12/19")[0] == "2020-04-03T00:00:00"
    assert span("03/04/20", "12/25/19")[0] == "2020-03-04T00:00:00"


def test_every_shape_is_told_once_with_an_example() -> None:
    said = ["43831", "43832", "1577836800000", "25/12/19", "44 BC", "9999", "soon", "2020", None]
    told = Told()
    dates = read_dates(texts(said))
    tell(told, "datum", dates)
    assert dates.shapes == {
        "serial": 2, "epoch_ms": 1, "two_digit_year": 1, "before_christ": 1, "placeholder": 1,
        "unread": 1, "partial": 1,
    }  # fmt: skip
    examples = {p.code: p.params["example"] for p in told.problems()}
    assert examples["dates.serial"] == "43831"
    assert examples["dates.placeholder"] == "9999"
    assert examples["dates.unread"] == "soon"
    assert all(catalogue("zh").has(f"problem.{p.code}") for p in told.problems())


@given(st.lists(st.text(max_size=24) | st.none(), max_size=20))
def test_any_texts_give_intervals_or_nothing(said: list[str | None]) -> None:
    parsed = read_dates(texts([None if s is None else s.replace("\x00", "") for s in said])).parsed
    known = ~np.isnat(parsed.t_lo)
    assert (parsed.t_lo[known] < parsed.t_hi[known]).all()


@given(st.dates(min_value=date(1950, 1, 2), max_value=date(2099, 12, 1)))
def test_a_serial_is_its_day(day: date) -> None:
    at = np.datetime64(str(day))
    serial = int((at - np.datetime64("1899-12-30")).astype(int))
    assert read_dates(texts([str(serial)])).parsed.t_lo[0] == at.astype("M8[ms]")
