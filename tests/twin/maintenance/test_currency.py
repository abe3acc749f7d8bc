"""The effective timestamp (MAINTENANCE.md 1.3)."""

from typing import Any

import numpy as np
import pytest

from tests.twin.maintenance.making import NOW, Said, observed, rules, table
from twin.features import texts
from twin.maintenance.assess import assess
from twin.maintenance.currency import (
    DQ_FUTURE,
    DQ_ORDER,
    DQ_SENTINEL,
    DQ_UNIFORM,
    DQ_UNPARSED,
    confidence_of,
)
from twin.maintenance.responsibility import Origin
from twin.observations import KINDS, LEVELS, STATUSES, Assessment
from twin.records import Policy

ANNUAL = Policy("P-1", frequency="annually")


def judged(
    *said: Said, policy: Policy = ANNUAL, kinds: tuple[str, ...] = ("Building",)
) -> Assessment:
    return assess(table(kinds), observed(*said), rules(policy), NOW)


BAG: tuple[Said, ...] = (
    (0, "2023-05-10", "registered", "footprint", "object"),
    (0, "2020", "captured", "height", "object"),
    (-1, "2025-09-03", "delivered", "", "delivery"),
)


@pytest.mark.parametrize(
    ("aspects", "wanted", "age"),
    [((), "2020-01-01", 2126), (("height",), "2020-01-01", 2126), (("footprint",), "2023-05-10", 901),
     (("footprint", "height"), "2020-01-01", 2126)],
)  # fmt: skip
def test_the_3dbag_example_never_takes_the_latest_export(
    aspects: tuple[str, ...], wanted: str, age: int
) -> None:
    found = judged(*BAG, policy=Policy("P", frequency="annually", required_aspects=aspects))
    assert found.t_eff[0] == np.datetime64(wanted)
    assert found.age_days[0] == age


def test_a_missing_required_aspect_makes_the_object_unknown() -> None:
    policy = Policy("P", frequency="annually", required_aspects=("height", "texture"))
    found = judged(BAG[1], policy=policy)
    assert STATUSES[found.status[0]] == "unknown"
    assert np.isnat(found.t_eff[0])


@pytest.mark.parametrize(
    ("kind", "level", "confidence"),
    [("captured", "object", 0.95), ("registered", "object", 0.50), ("delivered", "dataset", 0.21), ("file", "file", 0.08),
     ("verified", "object", 1.0), ("modelled", "file", 0.56)],
)  # fmt: skip
def test_confidence_is_kind_times_level(kind: str, level: str, confidence: float) -> None:
    codes = np.array([KINDS.index(kind)], np.uint8), np.array([LEVELS.index(level)], np.uint8)
    assert confidence_of(*codes)[0] == pytest.approx(confidence)


def test_a_date_at_dataset_level_is_usable_and_a_file_time_never_is() -> None:
    assert STATUSES[judged((-1, "2025-10-01", "delivered", "", "dataset")).status[0]] == "fresh"
    found = judged((-1, "2025-10-01", "file", "", "file"))
    assert STATUSES[found.status[0]] == "unknown"
    assert found.confidence[0] == pytest.approx(0.08)


def test_kind_comes_before_level_before_date() -> None:
    found = judged(
        (0, "2024-01-01", "registered", "", "object"),
        (-1, "2015-01-01", "captured", "", "dataset"),
    )
    assert found.t_eff[0] == np.datetime64("2015-01-01")
    found = judged(
        (-1, "2024-01-01", "registered", "", "file"), (0, "2015-01-01", "registered", "", "object")
    )
    assert found.t_eff[0] == np.datetime64("2015-01-01")
    found = judged(
        (0, "2024-01-01", "registered", "", "object"),
        (0, "2015-01-01", "registered", "", "object"),
    )
    assert found.t_eff[0] == np.datetime64("2024-01-01")


def test_verified_and_captured_share_a_rank_and_the_later_end_wins() -> None:
    found = judged(
        (0, "2024-01-01", "captured", "", "object"), (0, "2022-01-01", "verified", "", "object")
    )
    assert KINDS[found.t_kind[0]] == "captured"


def test_what_cannot_be_used_is_dropped_and_told() -> None:
    found = judged((0, "soon", "captured", "", "object"), (0, "1970-01-01", "modelled", "", "object"),
                   (0, "2030-01-01", "verified", "", "object"), (0, "2020-01-01", "registered", "", "object"))  # fmt: skip
    assert found.t_eff[0] == np.datetime64("2020-01-01")
    assert found.dq[0] & DQ_UNPARSED
    assert found.dq[0] & DQ_SENTINEL


@pytest.mark.parametrize(
    ("date", "used"), [("2025-10-28T02:00Z", True), ("2025-10-28T02:00:01Z", False)]
)
def test_up_to_26_hours_ahead_is_today_and_more_is_invalid(date: str, used: bool) -> None:
    found = judged((0, date, "captured", "", "object"))
    assert bool(found.observation[0] >= 0) is used
    assert bool(found.dq[0] & DQ_FUTURE) is used
    if used:
        assert found.t_eff[0] == NOW
        assert found.age_days[0] == 0


def _delivery(kind: str, n: int, shared: int, reference: str = "") -> Assessment:
    said = [
        (i, "2022-01-30" if i < shared else f"20{10 + i % 10}-01-01", kind, "", "object")
        for i in range(n)
    ]
    origin = Origin(references=(np.datetime64(reference, "ms"),)) if reference else Origin()
    return assess(table(["Building"] * n), observed(*said, path="x"), rules(ANNUAL), NOW, origin)


@pytest.mark.parametrize(
    ("n", "shared", "demoted"), [(20, 18, True), (20, 17, False), (19, 19, False), (47, 47, True)]
)
def test_a_registered_date_shared_by_nine_of_ten_of_twenty_is_a_delivery_date(
    n: int, shared: int, demoted: bool
) -> None:
    for kind in ("registered", "modelled"):
        found = _delivery(kind, n, shared)
        assert KINDS[found.t_kind[0]] == ("delivered" if demoted else kind)
        assert bool(found.dq[0] & DQ_UNIFORM) is demoted
        if shared < n:
            assert KINDS[found.t_kind[n - 1]] == kind


def test_a_uniform_capture_date_is_a_flight_unless_it_is_the_export_date() -> None:
    assert KINDS[_delivery("captured", 47, 47).t_kind[0]] == "captured"
    assert KINDS[_delivery("captured", 47, 47, "2021-12-07").t_kind[0]] == "captured"
    assert KINDS[_delivery("captured", 47, 47, "2022-01-31").t_kind[0]] == "delivered"


def test_a_published_date_stays_what_it_is_even_when_shared() -> None:
    assert KINDS[_delivery("published", 30, 30).t_kind[0]] == "published"


def test_dates_out_of_order_are_flagged_and_only_within_one_aspect() -> None:
    late, early = (
        (0, "2024-05-01", "captured", "", "object"),
        (0, "2020-01-01", "registered", "", "object"),
    )
    assert judged(late, early).dq[0] & DQ_ORDER
    assert not judged((0, "2024-05-01", "captured", "height", "object"), early).dq[0] & DQ_ORDER
    assert (
        not judged(
            (0, "2020", "captured", "", "object"), (0, "2020-03-01", "registered", "", "object")
        ).dq[0]
        & DQ_ORDER
    )
    assert judged(late, (-1, "2020-01-01", "published", "", "file")).dq[0] & DQ_ORDER
    next_day = (0, "2020-01-02", "captured", "", "object")
    assert judged(next_day, early).dq[0] & DQ_ORDER
    same_day = (0, "2020-01-01T12:00", "captured", "", "object")
    assert not judged(same_day, early).dq[0] & DQ_ORDER
    times: dict[str, Any] = {
        "created": np.array(["2020-01-01"], "M8[ms]"),
        "terminated": np.array(["2019-01-01"], "M8[ms]"),
    }
    found = assess(table(["Building"], **times), observed(), rules(ANNUAL), NOW)
    assert found.dq[0] & DQ_ORDER


def test_a_part_takes_its_buildings_date_with_the_path_saying_so() -> None:
    tree = table(["Building", "BuildingPart", "Roof"], [-1, 0, 1])
    said = observed((0, "2021-01-01", "captured", "", "object"), path="attributes.date")
    found = assess(tree, said, rules(ANNUAL), NOW)
    assert (found.t_eff == np.datetime64("2021-01-01")).all()
    assert [found.paths[code] for code in found.path] == [
        "attributes.date",
        "parent:attributes.date",
        "parent:attributes.date",
    ]
    assert found.unit.tolist() == [0, 0, 0]
    assert found.unit_rows().tolist() == [0]


def test_a_part_with_its_own_date_keeps_it() -> None:
    tree = table(["Building", "BuildingPart"], [-1, 0])
    said = observed(
        (0, "2021-01-01", "captured", "", "object"), (1, "2010-01-01", "registered", "", "object")
    )
    assert (
        assess(tree, said, rules(ANNUAL), NOW).t_eff.tolist()
        == np.array(["2021-01-01", "2010-01-01"], "M8[ms]").tolist()
    )


def test_cyclic_parents_end() -> None:
    found = assess(table(["A", "B"], [1, 0]), observed(), rules(ANNUAL), NOW)
    assert len(found) == 2


def test_without_objects_or_observations_there_is_still_a_verdict() -> None:
    assert len(assess(table([]), observed(), rules(), NOW)) == 0
    found = assess(table(["Building"]), observed(), rules(), NOW)
    assert STATUSES[found.status[0]] == "unknown"
    assert found.rung[0] == 0
    assert found.custodian[0] == -1


def test_a_year_of_construction_after_the_capture_makes_suspect_and_an_equal_year_undecided() -> (
    None
):
    from_2020 = [(i, "2020", "captured", "height", "object") for i in range(3)]
    years = {"oorspronkelijkbouwjaar": texts(["2021", "2020", "1990"])}
    found = assess(
        table(["Building"] * 3, columns=years), observed(*from_2020), rules(ANNUAL), NOW
    )
    assert found.suspect.tolist() == [True, True, False]
    assert (found.dq & 64 != 0).tolist() == [False, True, False]
