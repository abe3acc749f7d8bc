"""Laws of the verdict on generated layers."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.maintenance.making import NOW
from twin.features import FeatureTable, texts
from twin.maintenance.assess import assess
from twin.maintenance.audit import Audited, report
from twin.maintenance.responsibility import Origin
from twin.maintenance.rules import Rules
from twin.observations import ASPECTS, KINDS, LEVELS, STATUSES, ObservationList, Observations
from twin.records import Evidence, Policy, Responsibility

KIND_NAMES = ("Building", "BuildingPart", "Road")
PARTIES = ("a", "b", "c")


@st.composite
def layers(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(1, 40))
    rows = st.integers(-1, n - 1)
    dates = st.integers(-2, 6000)
    return {
        "kinds": draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)),
        "parents": draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n)),
        "ended": draw(st.lists(st.none() | dates, min_size=n, max_size=n)),
        "said": draw(st.lists(st.tuples(rows, dates, st.integers(0, 6), st.integers(-1, 5), st.integers(0, 4)), max_size=60)),
        "claims": draw(st.lists(st.tuples(rows, st.integers(0, 2), st.integers(0, 3)), max_size=20, unique_by=lambda c: c[0])),
        "place": draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)),
    }  # fmt: skip


def days_before(count: int) -> np.datetime64:
    return NOW - np.timedelta64(count, "D")


def build(drawn: dict[str, Any], order: np.ndarray[Any, Any]) -> tuple[FeatureTable, Observations]:
    """Make the layer with its rows in another order; ``order[new] = old``."""
    n = len(order)
    new = np.empty(n + 1, np.int32)
    new[order] = np.arange(n)
    new[n] = -1
    old_parents = np.array(drawn["parents"], np.int32)[order]
    x = np.array(drawn["place"], np.float64)[order]
    zero = np.zeros(n)
    ended = np.array([NOW if d is None else days_before(d) for d in drawn["ended"]], "M8[ms]")
    ended[[d is None for d in drawn["ended"]]] = np.datetime64("NaT")
    there = FeatureTable(
        texts([f"o{i}" for i in order]), np.array(drawn["kinds"], np.uint16)[order], KIND_NAMES,
        new[old_parents], np.column_stack([x, zero, zero, x + 10, zero + 10, zero + 5]), valid_to=ended[order],
    )  # fmt: skip
    found = ObservationList()
    for row, date, kind, aspect, level in drawn["said"]:
        low, high = np.array([days_before(date)]), np.array([days_before(date - 1)])
        label = ASPECTS[aspect] if aspect >= 0 else ""
        labels = (KINDS[kind], label, LEVELS[level], f"{KINDS[kind]}.{label}.{level}")
        found.add_column(new[[row]], (low, high), texts([str(date)]), labels)
    for row, party, role in drawn["claims"]:
        level = "object" if row >= 0 else "file"
        found.add_parties(
            new[[row]],
            [PARTIES[party]],
            ("custodian", "owner", "pointOfContact", "publisher")[role],
            level,
            "p",
        )
    return there, found.frozen()


RULES = Rules(
    policies=(
        Policy("P-0", frequency="biennially"),
        Policy("P-1", kind="Building", frequency="periodic", duration="P5Y"),
        Policy("P-2", kind="Road", frequency="annually", required_aspects=("height", "footprint")),
        Policy("P-3", kind="BuildingPart", frequency="asNeeded", c_min=0.3),
    ),
    responsibilities=(
        Responsibility("west", "custodian", "area", polygon="POLYGON ((0 0, 20 0, 20 10, 0 10, 0 0))"),
        Responsibility("east", "custodian", "area", polygon="POLYGON ((15 0, 35 0, 35 10, 15 10, 15 0))"),
    ),
    evidence=(
        Evidence("E-1", "permit", object_id="o0", event_lo=days_before(900), event_hi=days_before(890), p_change=0.9),
        Evidence("E-2", "permit", polygon="POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0))", event_lo=days_before(400), p_change=0.6),
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(layers())
def test_statuses_partition_and_totals_reconcile_whatever_the_layer(drawn: dict[str, Any]) -> None:
    there, said = build(drawn, np.arange(len(drawn["kinds"])))
    verdict = assess(there, said, RULES, NOW)
    audit = report([Audited("x", there, said, verdict)], NOW)
    for totals, people in (
        (audit.totals, audit.by_custodian),
        (audit.totals_units, audit.by_custodian_units),
    ):
        assert sum(totals[status] for status in STATUSES) == totals["objects"]
        assert sum(item["objects"] for item in people) + totals["orphans"] == totals["objects"]
    assert ((verdict.custodian < 0) == (verdict.rung == 0)).all()
    assert (np.isnat(verdict.t_eff) == (verdict.observation < 0)).all()
    assert ((verdict.unit >= 0) & (verdict.unit < len(there))).all()
    dated = ~np.isnat(verdict.t_eff)
    assert (verdict.t_eff[dated] <= NOW).all()
    assert len(list(audit.objects())) == audit.totals["objects"]


@settings(max_examples=60, deadline=None)
@given(layers(), st.randoms(use_true_random=False))
def test_the_verdict_does_not_depend_on_the_order_of_rows(
    drawn: dict[str, Any], shuffle: Any
) -> None:
    n = len(drawn["kinds"])
    order = list(range(n))
    shuffle.shuffle(order)
    permuted = np.array(order)
    straight = assess(*build(drawn, np.arange(n)), RULES, NOW, Origin())
    mixed = assess(*build(drawn, permuted), RULES, NOW, Origin())
    for name in (
        "t_eff",
        "t_kind",
        "confidence",
        "due",
        "status",
        "suspect",
        "rung",
        "rule",
        "dq",
        "conflict",
        "contact_only",
    ):
        before, after = getattr(straight, name)[permuted], getattr(mixed, name)
        assert np.array_equal(before, after, equal_nan=before.dtype.kind in "fM"), name
    who = [
        np.array([*verdict.custodians, ""], dtype=object)[verdict.custodian]
        for verdict in (straight, mixed)
    ]
    assert (who[0][permuted] == who[1]).all()


@settings(max_examples=40, deadline=None)
@given(layers())
def test_the_inputs_are_left_as_they_were(drawn: dict[str, Any]) -> None:
    there, said = build(drawn, np.arange(len(drawn["kinds"])))
    inputs: list[Any] = [said.t_lo, said.kind, said.flags, there.parent, there.bounds]
    before = [array.copy() for array in inputs]
    first = assess(there, said, RULES, NOW)
    second = assess(there, said, RULES, NOW)
    for array, copy in zip(inputs, before, strict=True):
        assert np.array_equal(array, copy, equal_nan=array.dtype.kind in "fM")
    assert np.array_equal(first.status, second.status)
    assert first.custodians == second.custodians
