"""Orders raised in bulk and from a selection: grouped, numbered, never twice about the same thing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import UsageError
from twin.identity import uid
from twin.jobs import Jobs
from twin.maintenance.orders.raising import (
    MOST_OBJECTS,
    Candidate,
    Wish,
    raise_orders,
    subjects,
)
from twin.maintenance.orders.records import OrderObject, WorkOrder
from twin.maintenance.rules import Rules
from twin.observations import STATUSES
from twin.records import Evidence, Party, Policy, Responsibility
from twin.session import Session, instant
from twin.settings import Settings

AT = np.datetime64("2025-10-27", "ms")
DUE = np.datetime64("2025-09-15", "ms")


def one(number: int, **more: object) -> Candidate:
    base = Candidate(OrderObject(f"u-{number}", "l"), "stale", accountable="city", due=DUE)
    return replace(base, **more)  # type: ignore[arg-type]


wanted = st.builds(
    one,
    st.integers(0, 30),
    reason=st.sampled_from(["stale", "demolition"]),
    aspect=st.sampled_from(["", "height"]),
    accountable=st.sampled_from(["", "city", "water"]),
    district=st.sampled_from(["", "north"]),
    evidence=st.sampled_from([(), ("E-1",), ("E-1", "E-2")]),
)


@given(st.lists(st.lists(wanted, max_size=40), max_size=4))
def test_never_are_two_orders_open_about_the_same_thing(rounds: list[list[Candidate]]) -> None:
    orders: dict[str, WorkOrder] = {}
    for number, candidates in enumerate(rounds):
        found = raise_orders(candidates, orders, Wish(AT + np.timedelta64(number, "D")))
        assert not {x.id for x in found.new} & set(orders)
        orders |= {x.id: x for x in (*found.new, *found.grown)}
        about = [
            (thing.uid, order.aspect, order.reason)
            for order in orders.values()
            for thing in order.objects
        ]
        assert len(about) == len(set(about)) == len(subjects(orders.values()))
        assert {c.subject for c in candidates} <= set(about)
        assert [x.number for x in orders.values()] == list(range(1, len(orders) + 1))
        again = raise_orders(candidates, orders, Wish(AT))
        assert again.new == ()
        assert again.covered == len(candidates)


def test_evidence_goes_to_the_open_order_instead_of_a_second_one() -> None:
    first = raise_orders([one(1)], {}, Wish(AT)).new[0]
    found = raise_orders([one(1, evidence=("E-9",))], {first.id: first}, Wish(AT, "city"))
    assert found.new == ()
    assert found.grown[0].evidence == ("E-9",)
    assert found.grown[0].transitions[-1].what == "attach"
    done = replace(first, state="closed")
    assert len(raise_orders([one(1)], {done.id: done}, Wish(AT)).new) == 1


def test_orders_are_grouped_by_custodian_district_and_month_of_the_deadline() -> None:
    later = DUE + np.timedelta64(20, "D")
    things = [
        one(1), one(2, district="north"), one(3, accountable="water"), one(4, due=later),
        one(5, due=DUE + np.timedelta64(3, "D"), priority=7.0),
    ]  # fmt: skip
    found = raise_orders(things, {}, Wish(AT)).new
    assert [len(x.objects) for x in found] == [2, 1, 1, 1]
    assert found[0].due == DUE
    assert found[0].priority == 7.0
    assert len(raise_orders(things, {}, Wish(AT, group=())).new) == 5
    assert len(raise_orders(things, {}, Wish(AT, group=("custodian",))).new) == 2
    many = raise_orders([one(n) for n in range(MOST_OBJECTS + 1)], {}, Wish(AT)).new
    assert [len(x.objects) for x in many] == [MOST_OBJECTS, 1]


def city(tmp_path: Path, tiny: Path) -> Session:
    found = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    found.set_instants(instant("2025-10-27"))
    found.open(str(tiny / "delft_tiny.city.json"))
    found.index()
    layer = found.twin.layer("delft_tiny")
    first = layer.assessment.unit_rows()[0]
    key = str(layer.features.id[first])
    found.use_rules(
        Rules(
            policies=(Policy("P-1", frequency="annually"),),
            aliases={"G0503": "city"},
            parties=(Party("city", "City"), Party("firm", "Firm"), Party("sub", "Substitute")),
            responsibilities=(
                Responsibility("city", "custodian", "default"),
                Responsibility("firm", "processor", "default"),
            ),
            evidence=(
                Evidence("E-1", "as_built", key, event_lo=DUE, event_hi=AT, p_change=0.99, source="Firm"),
            ),
        )
    )  # fmt: skip
    found.finish()
    return found


def test_bulk_orders_hold_every_stale_unit_once(tmp_path: Path, tiny: Path) -> None:
    work = city(tmp_path, tiny)
    work.run("orders.issue", statuses="stale,suspect", by="city", at="2025-10-27")
    orders = list(work.twin.records["orders"].values())
    layer = work.twin.layer("delft_tiny")
    units = layer.assessment.unit_rows()
    found = [thing.uid for order in orders for thing in order.objects]
    verdict = layer.assessment
    old = (verdict.status[units] == STATUSES.index("stale")) | verdict.suspect[units]
    assert len(found) == len(set(found)) == old.sum() > 10
    built = [x for x in orders if x.reason == "as_built"]
    assert [(x.accountable, x.assignee, x.evidence) for x in built] == [("city", "firm", ("E-1",))]
    assert {x.assignee for x in orders if x not in built} == {"city", "W0372"}  # no party known
    assert {x.policy for x in orders} == {"P-1"}
    assert built[0].warn_days == 73
    assert built[0].grace_days == 37
    assert built[0].uids[0] == uid(layer.source.dataset, str(layer.features.id[units[0]]))
    work.run("orders.issue", statuses="stale,suspect", at="2025-10-28")
    assert len(work.twin.records["orders"]) == len(orders)
    work.undo()
    work.undo()
    assert work.twin.records["orders"] == {}


def test_an_order_from_a_selection_goes_its_way_by_commands(tmp_path: Path, tiny: Path) -> None:
    work = city(tmp_path, tiny)
    with pytest.raises(UsageError, match="nothing is selected"):
        work.run("orders.issue", by="city")
    row = work.twin.layer("delft_tiny").assessment.unit_rows()[:1]
    work.select({"delft_tiny": row})
    work.run("orders.issue", by="city", reason="height", aspect="height", due="2026-01-01")
    key, order = next(iter(work.twin.records["orders"].items()))
    assert order.state == "raised"
    assert order.number == 1
    work.run("orders.move", order="1", state="assigned", by="City", to="firm")
    work.run("orders.move", order=key[:8], state="in_progress", by="firm")
    work.run("orders.note", order="1", note="asked for access", by="firm")
    with pytest.raises(UsageError, match="needs the delivery"):
        work.run("orders.move", order="1", state="delivered", by="firm")
    work.run("orders.move", order="1", state="delivered", by="firm", delivery="d-2")
    work.run("orders.move", order="1", state="verified", by="city", result="changed")
    work.run("orders.move", order="1", state="closed", by="city")
    assert work.twin.records["orders"][key].state == "closed"
    assert work.twin.records["evidence"]["E-1"].status == "consumed"
    work.undo()
    assert work.twin.records["orders"][key].state == "verified"
    assert work.twin.records["evidence"]["E-1"].status == "open"
    with pytest.raises(UsageError, match="no known party"):
        work.run("orders.move", order="1", state="closed", by="stranger")
    with pytest.raises(UsageError, match="no order 7"):
        work.run("orders.cancel", order="7", reason="x", by="city")
