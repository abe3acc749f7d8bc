"""What needs doing this week: every matter counted once, nothing that is done."""

import numpy as np

from tests.twin.maintenance.making import NOW
from twin.maintenance.agenda import MATTERS, OF_ORDERS, agenda
from twin.maintenance.orders.records import OrderObject, WorkOrder
from twin.maintenance.rule_files import read_rules
from twin.opening import sample_folder
from twin.session import Session

DAY = np.timedelta64(1, "D").astype("m8[ms]")


def order(number: int, state: str, days: int, *things: OrderObject) -> WorkOrder:
    due = NOW.astype("M8[ms]") + days * DAY
    return WorkOrder(f"o{number}", things, state=state, due=due, number=number, accountable="a")


def test_orders_are_counted_by_what_they_wait_for() -> None:
    kept = [
        order(1, "raised", -3), order(2, "in_progress", 2), order(3, "delivered", -9),
        order(4, "verified", -9), order(5, "closed", -9), order(6, "cancelled", -9),
        order(7, "assigned", 30),
    ]  # fmt: skip
    found = agenda((), {one.id: one for one in kept}, NOW.astype("M8[ms]"))
    said = {matter.code: matter.orders for matter in found.matters}
    assert said == {
        "late": ("o1",), "due_week": ("o2",), "to_verify": ("o3",), "to_close": ("o4",),
        "unaccepted": ("o1", "o7"),
    }  # fmt: skip


def test_units_of_the_sample_city_leave_the_list_once_they_have_an_order() -> None:
    session = Session()
    folder = sample_folder()
    session.use_rules(
        read_rules(**{k: str(folder / f"{k}.toml") for k in ("policy", "custodians", "evidence")})
    )
    session.set_instants(np.datetime64("2026-11-23", "ms"))
    session.open(str(folder / "delft.city.json"))
    session.finish()
    layers = list(session.twin.layers.values())
    before = agenda(layers, session.twin.records["orders"], session.at)
    totals = session.audit().totals_units
    assert before.units == totals["objects"] - totals["retired"]
    assert before.counts["stale"] == totals["stale"]
    counted = {matter.code: matter.count for matter in before.matters}
    assert counted["suspect"] == totals["suspect"]
    session.run("orders.issue", statuses="suspect")
    after = agenda(layers, session.twin.records["orders"], session.at)
    left = {matter.code: matter.count for matter in after.matters}
    assert "suspect" not in left
    assert left["stale"] == counted["stale"]
    assert left["unaccepted"] == len(session.twin.records["orders"])
    assert {m.code for m in after.matters} <= set(MATTERS)
    assert all((m.code in OF_ORDERS) == bool(m.orders) for m in after.matters)
    session.close()
