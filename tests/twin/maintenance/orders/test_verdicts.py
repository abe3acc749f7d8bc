"""The table of proposals, row by row, and what accepting one does."""

import numpy as np
import pytest

from twin.errors import UsageError
from twin.maintenance.orders.records import Transition, WorkOrder
from twin.maintenance.orders.states import Actor
from twin.maintenance.orders.verdicts import (
    CLOSE,
    DATE_MISSING,
    LOST,
    NOTHING,
    PARTLY,
    UNCHANGED,
    UNEXPECTED,
    Proposal,
    accepted,
    is_later,
    judged,
    together,
)
from twin.maintenance.revisions.expected import ABSENT, EXPECTED, NONE, OTHER, UNSEEN
from twin.records import Evidence

AT = np.datetime64("2025-10-27", "ms")
MAY, JUNE = np.datetime64("2024-05-01", "ms"), np.datetime64("2024-06-01", "ms")
NEVER = np.datetime64("NaT", "ms")
CITY = Actor("city", frozenset({"custodian"}))


@pytest.mark.parametrize(
    ("change", "later", "found"),
    [
        (EXPECTED, True, CLOSE),
        (OTHER, True, UNEXPECTED),
        (NONE, True, UNCHANGED),
        (EXPECTED, False, DATE_MISSING),
        (OTHER, False, DATE_MISSING),
        (NONE, False, NOTHING),
        (ABSENT, False, LOST),
        (UNSEEN, True, NOTHING),
    ],
)
def test_each_row_of_the_table(change: str, later: bool, found: str) -> None:
    assert judged(change, later) == found


def test_what_was_demolished_is_closed_when_it_is_gone_or_said_to_have_ended() -> None:
    assert judged(ABSENT, False, demolition=True) == CLOSE
    assert judged(EXPECTED, False, demolition=True) == CLOSE
    assert judged(UNSEEN, False, demolition=True) == NOTHING


def test_only_a_sure_date_after_the_whole_interval_of_the_evidence_is_later() -> None:
    hint = Evidence("E", "permit_completed", event_lo=MAY, event_hi=JUNE)
    assert is_later((JUNE, 0.5), NEVER, [hint])
    assert not is_later((JUNE, 0.49), NEVER, [hint])
    assert not is_later((MAY + np.timedelta64(9, "D"), 0.95), NEVER, [hint])
    assert not is_later((NEVER, 0.95), NEVER, [hint])
    assert is_later((JUNE, 0.95), MAY)
    assert not is_later((MAY, 0.95), MAY)
    assert is_later((MAY, 0.95), NEVER)


def test_an_order_of_several_objects_asks_for_the_most_care_that_one_of_them_needs() -> None:
    assert together([CLOSE, CLOSE]) == CLOSE
    assert together([CLOSE, UNCHANGED]) == UNCHANGED
    assert together([CLOSE, NOTHING]) == PARTLY
    assert together([CLOSE, DATE_MISSING, NOTHING]) == DATE_MISSING
    assert together([CLOSE, LOST, DATE_MISSING]) == LOST
    assert together([NOTHING, NOTHING]) == NOTHING


def test_accepting_walks_through_every_state() -> None:
    order = WorkOrder("w", number=1, accountable="city", assignee="firm")
    done = accepted(order, Proposal("w", CLOSE, "d/1", "d/2"), CITY, AT)
    assert [(x.state, x.by) for x in done.transitions] == [
        ("assigned", "city"), ("in_progress", "firm"), ("delivered", "firm"), ("verified", "city"),
        ("closed", "city"),
    ]  # fmt: skip
    assert (done.delivery, done.result) == ("d/2", CLOSE)
    back = accepted(order, Proposal("w", DATE_MISSING, "d/1", "d/2"), CITY, AT)
    assert (back.state, back.assignee) == ("rejected", "city")
    part = accepted(order, Proposal("w", PARTLY, "d/1", "d/2"), CITY, AT)
    assert (part.state, part.delivery) == ("delivered", "d/2")
    by_hand = WorkOrder(
        "w", state="delivered", transitions=(Transition("delivered", AT, "city"),), delivery="d/2"
    )
    with pytest.raises(UsageError, match="four eyes"):
        accepted(by_hand, Proposal("w", CLOSE, "d/1", "d/2"), CITY, AT)
    with pytest.raises(UsageError, match="nothing can be delivered"):
        accepted(WorkOrder("w", state="cancelled"), Proposal("w", CLOSE, "a", "b"), CITY, AT)
    with pytest.raises(UsageError, match="no other state"):
        accepted(order, Proposal("w", LOST, "a", "b"), CITY, AT)
