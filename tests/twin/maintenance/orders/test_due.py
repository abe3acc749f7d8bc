"""When who hears of a late order: the vector of the specification, and what moves no clock."""

from dataclasses import replace

import numpy as np
import pytest

from twin.maintenance.orders.due import NONE_YET, days_late, due_of, escalation, level
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import Actor, Move, assigned, moved
from twin.records import Policy


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "ms")


CITY = Actor("city", frozenset({"custodian"}))
DUE = day("2025-10-27")
LATE = WorkOrder("w", state="in_progress", due=DUE, warn_days=73, grace_days=37)


def test_the_levels_begin_as_specified() -> None:
    assert [str(x.astype("datetime64[D]")) for x in escalation(DUE, 73, 37)[1:]] == [
        "2025-10-27", "2025-12-03", "2026-01-09", "2026-03-24",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2025-08-14", NONE_YET),
        ("2025-08-15", 0),
        ("2025-10-26T23:59", 0),
        ("2025-10-27", 1),
        ("2025-12-02", 1),
        ("2025-12-03", 2),
        ("2026-01-09", 3),
        ("2026-03-24", 4),
        ("2036-01-01", 4),
    ],
)
def test_the_level_on_a_day(now: str, found: int) -> None:
    assert level(LATE, day(now)) == found


def test_what_is_done_escalates_no_more() -> None:
    for state in ("closed", "cancelled"):
        assert level(replace(LATE, state=state), day("2036-01-01")) == NONE_YET
        assert days_late(replace(LATE, state=state), day("2036-01-01")) == 0
    assert days_late(LATE, day("2025-11-05T12:00")) == 9


def test_an_assignment_nobody_took_up_goes_one_level_up_after_five_working_days() -> None:
    monday = day("2025-06-02T09:00")
    now = moved(replace(LATE, state="raised"), Move("assigned", monday, CITY, "firm"))
    assert level(now, day("2025-06-09T18:00")) == NONE_YET  # the fifth working day
    assert level(now, day("2025-06-10T00:00")) == NONE_YET + 1
    assert level(now, day("2025-06-10"), ["2025-06-09"]) == NONE_YET  # Whit Monday
    assert level(now, day("2025-10-28")) == 2
    taken_up = moved(now, Move("in_progress", monday, CITY))
    assert level(taken_up, day("2025-06-10")) == NONE_YET


def test_giving_an_order_to_another_resets_no_clock() -> None:
    first, later, then = day("2025-06-02"), day("2025-06-09"), day("2025-06-12")
    now = moved(replace(LATE, state="raised"), Move("assigned", first, CITY, "firm"))
    for other in (
        moved(now, Move("assigned", later, CITY, "other")),
        assigned(now, "other", "city", later),
    ):
        assert other.due == now.due
        assert level(other, then) == level(now, then) == NONE_YET + 1


def test_a_due_date_is_the_objects_own_or_now_and_the_policy() -> None:
    now = day("2025-08-31")
    assert due_of(DUE, None, now) == DUE
    assert due_of(None, Policy("p", frequency="monthly"), now) == day("2025-09-30")
    assert due_of(np.datetime64("NaT", "ms"), Policy("p", frequency="asNeeded"), now) == day(
        "2026-03-02"
    )
    assert due_of(None, Policy("p", frequency="nonsense"), now) == day("2026-03-02")
