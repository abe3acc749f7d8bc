"""Frequency codes and calendar durations (MAINTENANCE.md 1.2)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import UsageError
from twin.maintenance.intervals import (
    BY_CODE,
    EU_ONLY,
    FREQUENCIES,
    Duration,
    add,
    eu_code,
    parse_duration,
    read_frequency,
)

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data/maintenance/vectors.json").read_text("utf-8")
)
PERIODIC = "P5Y"


@pytest.mark.parametrize("code", BY_CODE)
def test_every_iso_code_comes_back_from_its_eu_spelling(code: str) -> None:
    extra = PERIODIC if code == "periodic" else ""
    frequency, duration = read_frequency(code, extra)
    assert read_frequency(frequency.eu, extra) == (frequency, duration)
    assert (
        read_frequency(
            f"http://publications.europa.eu/resource/authority/frequency/{frequency.eu}", extra
        )[0]
        == frequency
    )


def test_there_are_fifteen_iso_codes_and_the_table_is_unique_both_ways() -> None:
    assert len(FREQUENCIES) == 15
    assert len({entry.eu for entry in FREQUENCIES}) == 15
    assert not set(EU_ONLY) & {entry.eu for entry in FREQUENCIES}


@pytest.mark.parametrize(("code", "days"), VECTORS["nominal_days"].items())
def test_nominal_days_are_those_of_the_table(code: str, days: float) -> None:
    assert BY_CODE[code].nominal_days == days


@pytest.mark.parametrize("code", EU_ONLY)
def test_an_eu_code_without_iso_counterpart_is_periodic_with_a_duration(code: str) -> None:
    frequency, duration = read_frequency(code)
    assert frequency.code == "periodic"
    assert duration == parse_duration(EU_ONLY[code])
    assert read_frequency(eu_code(frequency, duration)) == (frequency, duration)


def test_biannually_is_twice_a_year_and_biennially_every_two_years() -> None:
    assert read_frequency("biannually")[1] == Duration(6)
    assert read_frequency("biennially")[1] == Duration(24)
    assert read_frequency("UPDATE_CONT")[0].code == "continual"


def test_spellings_from_the_wild_are_accepted_and_ambiguous_ones_refused() -> None:
    assert read_frequency("quartely")[0].code == "quarterly"
    assert read_frequency("R/P1Y")[1] == Duration(12)
    assert read_frequency("Biweekly", "P2W")[1] == Duration(0, 14 * 86400)
    for code in ("Biweekly", "periodic", "sometimes", ""):
        with pytest.raises(UsageError):
            read_frequency(code)


@pytest.mark.parametrize("code", ["asNeeded", "irregular", "notPlanned"])
def test_event_driven_codes_never_have_an_interval(code: str) -> None:
    frequency, duration = read_frequency(code, "P1Y")
    assert not frequency.by_age
    assert duration is None


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P0D", "1Y", "P1.5M", "-P1Y", "P1Y2", "P9999999Y", "P1YT"]
)
def test_what_is_no_usable_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P1Y", "P6M", "P1Y6M", "P14D", "PT12H", "P1DT6H30M", "P2W"])
def test_a_duration_is_spelled_so_that_it_reads_the_same(text: str) -> None:
    assert parse_duration(str(parse_duration(text))) == parse_duration(text)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2025-08-31", "P1M", "2025-09-30"), ("2024-02-29", "P1Y", "2025-02-28"), ("2023-11-30", "P3M", "2024-02-29"),
        ("2025-10-20T12:00", "P7D", "2025-10-27T12:00"), ("2022-01-30", "P2Y", "2024-01-30"),
    ],
)  # fmt: skip
def test_durations_are_added_by_the_calendar(start: str, duration: str, end: str) -> None:
    one = np.array([start], "M8[ms]")
    assert add(one, parse_duration(duration))[0] == np.datetime64(end, "ms")
    many = np.repeat(one, 5000)
    assert (add(many, parse_duration(duration)) == np.datetime64(end, "ms")).all()


def test_no_date_stays_no_date() -> None:
    found = add(np.array(["NaT", "2020-01-31"], "M8[ms]"), Duration(1, 3600))
    assert np.isnat(found[0])
    assert found[1] == np.datetime64("2020-02-29T01:00", "ms")


@given(st.lists(st.integers(0, 2_000_000_000_000), min_size=2, max_size=50), st.integers(1, 600))
def test_adding_by_a_table_of_days_equals_adding_one_by_one(
    stamps: list[int], months: int
) -> None:
    times = np.array(stamps, np.int64).astype("M8[ms]")
    together = add(np.repeat(times, 2000), Duration(months))[::2000]
    alone = np.array([add(times[i : i + 1], Duration(months))[0] for i in range(len(times))])
    assert (together == alone).all()
    order = np.argsort(times)
    assert (np.diff(add(times[order], Duration(months)).astype("M8[D]").astype(int)) >= 0).all()
