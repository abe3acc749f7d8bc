"""Evidence from tables: columns by name or by value, kinds in several tongues, nothing dropped in silence."""

from typing import Any

import numpy as np
import pytest
import shapely

from tests.twin.maintenance.making import NOW, observed, rules, table
from twin.errors import UsageError
from twin.features import texts
from twin.maintenance.assess import assess
from twin.maintenance.evidence_files import (
    Usual,
    columns_of,
    evidence_of,
    kind_of,
    with_columns,
)
from twin.ports import VectorTable
from twin.records import Evidence

KNOWN = frozenset({"b1", "b2", "b3"})


def read(columns: dict[str, list[Any]], shapes: list[Any] | None = None, **usual: str) -> Any:
    count = len(next(iter(columns.values())))
    geometry = None if shapes is None else np.array(shapes, object)
    found = VectorTable(
        {name: texts(values) for name, values in columns.items()}, geometry, "EPSG:28992" if shapes else "",
        np.arange(2, 2 + count),
    )  # fmt: skip
    return evidence_of(found, "/x/permits.csv", columns_of(found, KNOWN), Usual(**usual), KNOWN)


def test_rows_become_records_with_the_usual_chances() -> None:
    found = read(
        {
            "permit_no": ["V1", "V2", "V3"], "type": ["Building permit issued", "拆除备案", "completed"],
            "pand": ["b1", "b2", "b3"], "issue_date": ["2024-05", "43831", "25/12/19"], "remark": ["x", None, "y"],
        }
    )  # fmt: skip
    assert found.columns.object == "pand"
    assert found.columns.note == "remark"
    assert [(r.id, r.kind, r.p_change, r.object_id, r.note) for r in found.records] == [
        ("V1", "permit_issued", 0.60, "b1", "x"), ("V2", "demolition", 0.95, "b2", ""),
        ("V3", "permit_completed", 0.95, "b3", "y"),
    ]  # fmt: skip
    assert str(found.records[0].event_lo)[:10] == "2024-05-01"
    assert str(found.records[0].event_hi)[:10] == "2024-06-01"
    assert found.records[0].source == "permits.csv"
    assert [p.code for p in found.problems] == ["dates.serial", "dates.two_digit_year"]


def test_what_cannot_act_is_kept_and_listed() -> None:
    found = read(
        {
            "id": ["1", "2", "3", "3", "5"], "kind": ["complaint", "fence", "complaint", "complaint", "complaint"],
            "object_id": [None, "gone", "b1", "b1", "b1"], "date": ["2024", "2024", "never", "2024", "2024"],
            "p": ["0.4", "150", "80%", None, None],
        }
    )  # fmt: skip
    assert len(found.records) == 4
    assert found.counts == {"no_place": 1, "unknown_object": 1, "no_date": 1, "repeated": 1}
    assert {(p.code, p.feature) for p in found.problems if p.feature} == {
        ("evidence.no_place", "2"), ("evidence.p", "3"), ("evidence.unknown_object", "3"),
        ("evidence.no_date", "4"), ("evidence.twice", "5"),
    }  # fmt: skip
    assert [r.p_change for r in found.records] == [0.4, 0.5, 0.8, 0.3]
    assert ("evidence.kind_unknown", "fence") in [
        (p.code, p.params.get("kind")) for p in found.problems
    ]


def test_a_file_says_what_its_rows_do_not_and_columns_can_be_named() -> None:
    found = read(
        {"b": ["b1"], "when": ["2024-01-01"]}, kind="demolition", source="register", event="2023"
    )
    assert (found.columns.object, found.columns.date) == ("b", "when")
    (record,) = found.records
    assert (record.kind, record.source) == ("demolition", "register")
    assert record.id.startswith("E-")
    assert read(
        {"b": ["b1"], "when": ["2024-01-01"]}, kind="demolition", source="register"
    ).records == (record,)
    rows = VectorTable({"a": texts(["x"])}, None, "", np.array([2]))
    assert with_columns(columns_of(rows), {"note": "a"}, rows).note == "a"
    for wrong in ({"note": "b"}, {"nothing": "a"}):
        with pytest.raises(UsageError):
            with_columns(columns_of(rows), wrong, rows)


def test_places_are_kept_as_text_and_large_ones_simplified() -> None:
    circle = shapely.Point(85_000, 447_000).buffer(50, quad_segs=4000)
    found = read({"id": ["1", "2"], "date": ["2024", "2024"]}, [circle, None], kind="dsm_diff")
    shape = shapely.from_wkt(found.records[0].polygon)
    assert shapely.get_num_coordinates(shape) < 2000
    assert shape.area == pytest.approx(circle.area, rel=0.01)
    assert (found.records[0].crs, found.records[1].crs) == ("EPSG:28992", "")
    assert found.counts == {"no_place": 1}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Sloopmelding", "demolition"), ("拆除", "demolition"), ("Fertigstellung", "permit_completed"),
        ("as-built", "as_built"), ("Omgevingsvergunning", "permit_issued"), ("竣工验收", "permit_completed"),
        ("newer footprint", "newer_footprint"), ("DSM difference", "dsm_diff"), ("citizen complaint", "complaint"),
        ("extension", "renovation"), ("Neubau", "construction"), ("permit_completed", "permit_completed"), ("?", ""),
    ],
)  # fmt: skip
def test_kinds_are_known_by_what_people_call_them(said: str, kind: str) -> None:
    assert kind_of(said) == kind


def test_a_point_makes_the_object_suspect_in_which_it_lies() -> None:
    features = table(["Building"] * 2, boxes=[[0, 0, 0, 10, 10, 5], [20, 0, 0, 30, 10, 5]])
    hint = Evidence(
        "E", "complaint", polygon="POINT (5 5)", event_lo=NOW - np.timedelta64(9, "D"),
        event_hi=NOW - np.timedelta64(8, "D"), p_change=0.9,
    )  # fmt: skip
    said = observed(*((row, "2020-01-01", "captured", "", "object") for row in (0, 1)))
    verdict = assess(features, said, rules(evidence=(hint,)), NOW)
    assert verdict.suspect.tolist() == [True, False]
