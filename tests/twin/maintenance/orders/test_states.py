"""The state machine of work orders: laws over random moves, and every guard by itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import UsageError
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import (
    DONE,
    MOVES,
    REASONED,
    STATES,
    Actor,
    Move,
    assigned,
    attached,
    is_open,
    moved,
    noted,
    refusal,
)

AT = np.datetime64("2025-10-27T00:00", "ms")
CITY, FIRM, AUDITOR = (
    Actor("city", frozenset({"custodian"})),
    Actor("firm", frozenset({"processor"})),
    Actor("auditor", frozenset({"auditor"})),
)
ACTORS = (CITY, FIRM, AUDITOR, Actor("guest"), Actor(""))


def order(state: str = "raised", **more: object) -> WorkOrder:
    return replace(WorkOrder("w", state=state, number=318, accountable="city"), **more)  # type: ignore[arg-type]


def move(state: str, actor: Actor = CITY, **more: object) -> Move:
    return replace(Move(state, AT, actor), **more)  # type: ignore[arg-type]


moves = st.builds(
    Move,
    st.sampled_from(STATES),
    st.just(AT),
    st.sampled_from(ACTORS),
    st.sampled_from(["", "firm", "city"]),
    st.sampled_from(["", "d-1"]),
    st.sampled_from(["", "changed"]),
    st.sampled_from(["", " ", "because"]),
    st.booleans(),
)


@given(st.lists(moves, max_size=60))
def test_whatever_is_tried_an_order_only_walks_along_the_arrows(tried: list[Move]) -> None:
    now = order()
    for one in tried:
        before = now
        if refusal(before, one) is not None:
            with pytest.raises(UsageError):
                moved(before, one)
            continue
        now = moved(before, one)
        handed_on = before.state == now.state == "assigned"
        assert handed_on or now.state in MOVES[before.state]
        assert now.revision == before.revision + 1 == len(now.transitions)
        assert now.transitions[: len(before.transitions)] == before.transitions
        assert one.actor.party not in ("", "guest")
        if now.state == "delivered":
            assert now.delivery
        if now.state == "verified":
            assert now.result
            assert not one.four_eyes or one.actor.party != now.deliverer
        if now.state == "closed":
            assert before.state == "verified"
        if now.state in REASONED:
            assert now.transitions[-1].note
        if now.state == "assigned":
            assert now.assignee
        assert is_open(now) == (now.state not in DONE)
    assert now.reopened == sum(x.state == "reopened" for x in now.transitions)


def test_the_whole_way_and_back_again() -> None:
    now = moved(order(), move("assigned", assignee="firm"))
    now = moved(now, move("in_progress", FIRM))
    now = moved(now, move("delivered", FIRM, delivery="d-2022"))
    now = moved(now, move("rejected", note="roof is missing"))
    assert (now.delivery, now.state) == ("", "rejected")
    now = moved(now, move("in_progress", FIRM))
    now = moved(now, move("delivered", FIRM, delivery="d-2023"))
    now = moved(now, move("verified", result="changed"))
    now = moved(now, move("closed"))
    assert not is_open(now)
    now = moved(now, move("reopened", AUDITOR, note="wrong height"))
    assert (now.reopened, now.result, now.delivery) == (1, "", "")
    assert moved(now, move("assigned")).assignee == "firm"


@pytest.mark.parametrize(
    ("before", "wish", "code"),
    [
        (order(), move("delivered", delivery="d"), "order"),
        (order(), move("done"), "unknown"),
        (order(), move("assigned"), "no_party"),
        (order(), move("assigned", Actor("")), "nobody"),
        (order(), move("assigned", FIRM, assignee="firm"), "role"),
        (order("assigned", assignee="firm"), move("assigned", assignee="firm"), "order"),
        (order("in_progress", assignee="firm"), move("delivered", FIRM), "no_delivery"),
        (order(), move("cancelled", note="  "), "no_reason"),
        (order("delivered"), move("rejected"), "no_reason"),
        (order("delivered"), move("verified"), "no_result"),
        (order("delivered"), move("verified", FIRM, result="changed"), "role"),
        (order("delivered"), move("closed"), "order"),
        (order("cancelled"), move("assigned", assignee="firm"), "order"),
    ],
)
def test_what_is_missing_is_named(before: WorkOrder, wish: Move, code: str) -> None:
    found = refusal(before, wish)
    assert found is not None
    assert found.code == code
    for language in ("en", "zh"):
        assert "<" not in found.said(language)
        assert not found.said(language).startswith("orders.")


def test_whoever_delivered_does_not_verify_alone_unless_that_is_switched_off() -> None:
    now = order("in_progress", assignee="city")
    now = moved(now, move("delivered", delivery="d"))
    wish = move("verified", result="changed")
    found = refusal(now, wish)
    assert found is not None
    assert found.code == "four_eyes"
    assert moved(now, replace(wish, actor=AUDITOR)).state == "verified"
    assert moved(now, replace(wish, four_eyes=False)).state == "verified"


def test_handing_on_notes_and_evidence_change_no_state() -> None:
    now = moved(order(due=AT), move("assigned", assignee="firm"))
    other = moved(now, move("assigned", assignee="city"))
    assert (other.state, other.assignee, other.due) == ("assigned", "city", AT)
    now = assigned(order("in_progress", assignee="firm", due=AT), "city", "city", AT)
    assert (now.state, now.assignee, now.due) == ("in_progress", "city", AT)
    now = attached(noted(now, "asked again", "city", AT), "E-1", "city", AT)
    assert [x.what for x in now.transitions] == ["assign", "note", "attach"]
    assert attached(now, "E-1", "city", AT) is now
    with pytest.raises(UsageError, match="empty"):
        noted(now, " ", "city", AT)
