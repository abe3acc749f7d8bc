"""The report: totals that reconcile, stable bytes, safe cells."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from tests.conftest import DATA
from tests.twin.maintenance.making import NOW, observed, rules, table
from twin.errors import UsageError
from twin.features import FeatureTable, texts
from twin.maintenance.assess import assess, prepared
from twin.maintenance.audit import COUNTS, OBJECT_COLUMNS, Audit, Audited, report
from twin.maintenance.exports import EXPORTS, written
from twin.maintenance.exports.csv import cell
from twin.maintenance.exports.options import Options
from twin.maintenance.fields import Where, lifespans, observe
from twin.maintenance.passport import passport
from twin.maintenance.policy import present
from twin.maintenance.responsibility import Origin
from twin.maintenance.rule_files import read_rules
from twin.messages import LANGUAGES, catalogue
from twin.observations import STATUSES, ObservationList
from twin.records import Policy, Problem

ANNUAL = Policy("P-1", kind="Building", frequency="annually", title="Every year")
TREE = ["Building", "BuildingPart", "Building", "Road", "Building"]
SAID = (
    (0, "2025-06-01", "captured", "", "object"),
    (2, "2020-06-01", "captured", "", "object"),
    (3, "2020-06-01", "captured", "", "object"),
)
PARTIES = [(0, "=cmd()", "custodian", "object"), (2, "B", "custodian", "object")]


def layer(source: str = "a.json", **more: object) -> Audited:
    ended = np.array(["NaT", "NaT", "NaT", "NaT", "2020-01-01"], "M8[ms]")
    there = table(TREE, [-1, 0, -1, -1, -1], valid_to=ended)
    said = observed(*SAID, path="attributes.date", parties=PARTIES)
    verdict = assess(there, said, rules(ANNUAL), NOW, Origin(source=source))
    return Audited(source, there, said, verdict, (Problem("x", "bad ring", "o3"),), **more)  # type: ignore[arg-type]


def sums(audit: Audit) -> None:
    for totals, people in (
        (audit.totals, audit.by_custodian),
        (audit.totals_units, audit.by_custodian_units),
    ):
        assert sum(totals[status] for status in STATUSES) == totals["objects"]
        assert sum(item["objects"] for item in people) + totals["orphans"] == totals["objects"]
        for item in people:
            assert sum(item[status] for status in STATUSES) == item["objects"]


def test_totals_reconcile_in_rows_and_in_units() -> None:
    audit = report([layer()], NOW)
    sums(audit)
    assert {key: audit.totals[key] for key in ("objects", "fresh", "stale", "unknown", "retired", "orphans")} == {
        "objects": 5, "fresh": 2, "stale": 1, "unknown": 1, "retired": 1, "orphans": 2,
    }  # fmt: skip
    assert audit.totals_units["objects"] == 4
    assert audit.totals_units["fresh"] == 1
    assert [(item["custodian"], item["objects"]) for item in audit.by_custodian] == [
        ("=cmd()", 2),
        ("B", 1),
    ]


def test_a_custodian_of_two_layers_is_one_line() -> None:
    audit = report([layer("a"), layer("b")], NOW)
    sums(audit)
    assert audit.by_custodian[0]["objects"] == 4
    assert audit.totals["objects"] == 10


def test_what_is_counted_elsewhere_or_not_present_drops_out_everywhere() -> None:
    elsewhere = np.array([True, True, False, False, False])
    audit = report([layer("a"), layer("b", elsewhere=elsewhere)], NOW)
    sums(audit)
    assert audit.totals["objects"] == 8
    assert len(list(audit.objects())) == 8
    one = layer()
    gone = present(one.features, as_of=NOW)
    audit = report([layer(present=gone)], NOW)
    sums(audit)
    assert audit.totals["objects"] == 4
    assert audit.totals["retired"] == 0


def test_a_retired_object_is_never_counted_as_suspect() -> None:
    one = layer()
    verdict = replace(one.assessment, suspect=np.ones(5, np.bool_))
    audit = report([replace(one, assessment=verdict)], NOW)
    assert audit.totals["suspect"] == 4
    assert audit.totals["retired"] == 1


def test_json_has_the_documented_keys_and_equal_inputs_give_equal_bytes() -> None:
    found = written(report([layer()], NOW), "json")
    assert found == written(report([layer()], NOW), "json")
    document = orjson.loads(found)
    assert document["at"] == "2025-10-27T00:00:00Z"
    assert list(document["totals"]) == list(COUNTS)
    assert document["totals_units"].keys() == document["totals"].keys()
    first = document["objects"][0]
    assert first == {
        "id": "o0", "kind": "Building", "source": "a.json", "unit": "o0", "observed": "2025-06-01T00:00:00Z",
        "observed_until": "2025-06-02T00:00:00Z", "observed_kind": "captured", "level": "object",
        "field_path": "attributes.date", "confidence": 0.95, "age_days": 148, "due": "2026-06-01T00:00:00Z",
        "ratio": 0.4055, "overdue_days": 0, "status": "fresh", "suspect": False, "dq": ["tz_assumed"],
        "custodian": "=cmd()", "rung": "R1", "conflict": False, "contact_only": False, "policy": "P-1",
        "district": None, "p_out_of_date": 0.0073, "priority": 6.3, "order": None, "uid": None,
    }  # fmt: skip
    assert document["objects"][1]["field_path"] == "parent:attributes.date"
    road = document["objects"][3]
    assert (road["policy"], road["status"], road["custodian"], road["rung"]) == (
        None,
        "unknown",
        None,
        None,
    )
    assert document["problems"] == [
        {"code": "x", "text": "bad ring", "object": "o3", "source": "a.json"}
    ]


def test_csv_is_rfc_4180_and_runs_no_formula() -> None:
    found = written(report([layer()], NOW), "csv")
    assert found.count(b"\r\n") == 6
    assert not found.replace(b"\r\n", b"").count(b"\n")
    lines = list(csv.reader(io.StringIO(found.decode("utf-8"), newline="")))
    assert tuple(lines[0]) == OBJECT_COLUMNS
    assert lines[1][OBJECT_COLUMNS.index("custodian")] == "'=cmd()"
    assert all(len(line) == len(OBJECT_COLUMNS) for line in lines)
    assert written(report([layer()], NOW), "csv", Options(bom=True)) == b"\xef\xbb\xbf" + found


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "−1", "＝1"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted_and_a_number_is_not(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(-1.5) == -1.5
    assert cell("a=b") == "a=b"
    assert cell(None) == ""


def test_the_text_is_a_page_in_either_language() -> None:
    audit = report([layer(provisional=True)], NOW, [Problem("crs.missing", "no system", "b")])
    english, chinese = (
        written(audit, "text", Options(language)).decode("utf-8") for language in LANGUAGES
    )
    for page in (english, chinese):
        assert "2025-10-27T00:00:00Z" in page
        assert "o2" in page
        assert "bad ring" in page
        assert not any(line != line.rstrip() for line in page.splitlines())
    assert "Provisional" in english
    assert "现势性审计" in chinese
    assert "report." not in english + chinese
    assert "status." not in english + chinese


def test_an_empty_twin_has_an_audit() -> None:
    audit = report([], NOW)
    assert audit.totals["objects"] == 0
    for name in EXPORTS:
        assert written(audit, name)
    with pytest.raises(UsageError):
        written(audit, "docx")


def test_the_passport_shows_every_value_with_the_field_it_came_from() -> None:
    one = layer()
    entries = passport(
        one.features, one.observations, one.assessment, 1, prepared(rules(ANNUAL), Origin())
    )
    by_label = {entry.label: entry for entry in entries}
    assert by_label["judged.effective"].value == "2025-06-01"
    assert by_label["judged.effective"].path == "parent:attributes.date"
    assert by_label["aspect.all"].value == "2025-06-01"
    assert by_label["aspect.all"].path == "parent:attributes.date"
    assert by_label["role.custodian"].path == "parent:party.custodian"
    assert by_label["judged.policy"].params["policy"] == "Every year"
    assert by_label["judged.unit"].value == "o0"
    assert by_label["judged.due"].value == "2026-06-01"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_a_passport_is_in_the_catalogue(language: str) -> None:
    words = catalogue(language)
    one = layer()
    for row in range(len(one.features)):
        for entry in passport(
            one.features, one.observations, one.assessment, row, prepared(rules(ANNUAL), Origin())
        ):
            keys = [entry.section, entry.label, *([entry.words] if entry.words else [])]
            keys += [
                v[1:] for v in entry.params.values() if isinstance(v, str) and v.startswith("@")
            ]
            assert [key for key in keys if not words.has(key)] == []


def _cityjson(path: Path) -> tuple[FeatureTable, ObservationList]:
    objects = json.loads(path.read_text("utf-8"))["CityObjects"]
    rows = [item.get("attributes", {}) for item in objects.values()]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        n: texts([None if row.get(n) is None else str(row[n]) for row in rows]) for n in names
    }
    place = {key: row for row, key in enumerate(objects)}
    parents = [place.get((item.get("parents") or [""])[0], -1) for item in objects.values()]
    found = ObservationList()
    observe(found, columns, where=Where(prefix="attributes."))
    ends: dict[str, Any] = dict(lifespans(columns))
    kinds = [item["type"] for item in objects.values()]
    there = table(kinds, parents, columns=columns, **ends)
    return there, found


@pytest.mark.shared
def test_real_delft_is_dated_by_publication_once_the_batch_dates_are_demoted(
    shared_data: Path,
) -> None:
    there, said = _cityjson(shared_data / "cityjson/cityjson_cjio/delft.json")
    one = read_rules(DATA / "maintenance/policy.toml", DATA / "maintenance/custodians.toml")
    observations = said.frozen()
    verdict = assess(there, observations, one, NOW, Origin(source="delft.json"))
    audit = report([Audited("delft.json", there, observations, verdict)], NOW)
    sums(audit)
    assert [(item["custodian"], item["objects"]) for item in audit.by_custodian] == [
        ("Gemeente Delft", 552), ("Hoogheemraadschap van Delfland", 12), ("Provincie Zuid-Holland", 6),
    ]  # fmt: skip
    shown = [verdict.paths[code] for code in verdict.path[verdict.path >= 0]]
    assert shown.count("attributes.lv_publicatiedatum") == 513


@pytest.mark.shared
def test_the_registers_own_label_of_outdated_clouds_agrees_with_suspect(shared_data: Path) -> None:
    lines = (shared_data / "cityjson/cityjson_duckdb/delft_subset.city.jsonl").read_text("utf-8")
    objects = [json.loads(line).get("CityObjects", {}) for line in lines.splitlines()]
    rows = [
        item["attributes"]
        for group in objects
        for item in group.values()
        if "b3_pw_datum" in item.get("attributes", {})
    ]
    names = ("b3_pw_datum", "oorspronkelijkbouwjaar", "documentdatum", "tijdstipregistratie")
    columns = {name: texts([str(row[name]) for row in rows]) for name in names}
    found = ObservationList()
    observe(found, columns)
    verdict = assess(
        table(["Building"] * len(rows), columns=columns), found.frozen(), rules(ANNUAL), NOW
    )
    assert len(rows) == 10
    for row, item in enumerate(rows):
        outdated = item["b3_pw_selectie_reden"] in ("_LATEST", "_LATEST_BUT_OUTDATED")
        assert bool(verdict.suspect[row]) is outdated
        assert verdict.t_eff[row] == np.datetime64(f"{item['b3_pw_datum']}-01-01")
