"""The audit of a twin: gathered with its orders, kept as snapshots that projects carry."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.maintenance.making import NOW
from twin.auditing import FORMATS, SNAPSHOTS, gathered, has_month, kept_as_snapshot
from twin.identity import uid
from twin.maintenance.orders.records import OrderObject, Transition, WorkOrder
from twin.maintenance.rule_files import read_rules
from twin.records import Evidence, Party
from twin.session import Session, instant
from ui.cli import main

CITY = Path(__file__).parents[2] / "sample_models" / "delft.city.json"


def session() -> Session:
    made = Session()
    made.set_instants(instant("2025-10-27"))
    made.use_rules(read_rules(policy=str(CITY.parent / "policy.toml")))
    made.open(str(CITY))
    made.finish()
    return made


def test_orders_stand_beside_their_objects_and_in_the_figures() -> None:
    one = session()
    try:
        (layer,) = one.twin.layers.values()
        row = int(layer.assessment.unit_rows()[0])
        name, date = str(layer.features.id[row]), layer.assessment.t_eff[row]
        event = Evidence("E", "permit_issued", event_lo=date - np.timedelta64(100, "D"))
        thing = OrderObject(uid(layer.source.dataset, name), layer.id, name)
        end = np.datetime64("2025-03-01", "ms")
        done = WorkOrder(
            "a", (thing,), state="closed", raised=end - np.timedelta64(10, "D"), due=end, number=1,
            evidence=("E",), transitions=(Transition("closed", end),),
        )  # fmt: skip
        waiting = replace(done, id="b", state="assigned", number=2, transitions=())
        one.twin.put_records("orders", {"a": done, "b": waiting})
        one.twin.put_record("evidence", "E", event)
        one.finish()
        audit = gathered(one.twin, one.rules, one.at, (None, None))()
        figures = audit.kpis["orders"]
        assert (figures["backlog"], figures["closed"], figures["on_time_rate"]) == (1, 1, 1.0)
        assert (figures["mttu_days"], figures["evidence_lag_days"]) == (10.0, 100.0)
        assert [x["order"] for x in audit.objects() if x["id"] == name] == ["2"]
    finally:
        one.close()


def test_a_snapshot_is_kept_by_day_without_the_names_of_persons_and_can_be_taken_back() -> None:
    one = session()
    try:
        audit = one.audit()
        name = audit.by_custodian_units[0]["custodian"] if audit.by_custodian_units else ""
        person = Party("p-1", name or "Ann", organisation=False)
        beside = replace(audit.beside, rules=replace(audit.beside.rules, parties=(person,)))
        edit = kept_as_snapshot(replace(audit, beside=beside))
        assert not has_month(one.twin, NOW)
        one.do("snapshots.take", edit)
        assert list(one.twin.records[SNAPSHOTS]) == ["2025-10-27"]
        assert has_month(one.twin, NOW)
        assert not name or name not in json.dumps(one.twin.records[SNAPSHOTS])
        assert one.audit().beside.snapshots["2025-10-27"]["totals_units"] == audit.totals_units
        one.undo()
        assert not one.twin.records[SNAPSHOTS]
        one.history.keep(edit)
        assert one.undo() != "snapshots.take"
        assert one.twin.records[SNAPSHOTS]
    finally:
        one.close()


def test_the_verb_stores_a_snapshot_a_day_and_the_audit_shows_the_trend(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "p.twin.gpkg"
    rules = ["--policy", str(CITY.parent / "policy.toml")]
    assert main(["import", str(CITY), "--project", str(project), *rules]) == 0
    for day in ("2025-09-30", "2025-10-27", "2025-10-27"):
        assert main(["snapshot", str(project), "--at", day]) == 0
    out = capfd.readouterr().out
    assert "replaced" in out
    assert main(["audit", str(project), "--at", "2025-10-27", "--format", "json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert [line["day"] for line in document["trend"]] == ["2025-09-30", "2025-10-27"]
    assert document["trend"][1]["objects"] == document["totals_units"]["objects"]
    assert main(["journal", "verify", str(project)]) == 0
    assert main(["snapshot", str(CITY)]) == 2
    assert main(["snapshot", str(tmp_path / "none.twin.gpkg")]) == 2


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_verb_writes_every_format_twice_alike(
    form: str, tiny: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / f"{number}{FORMATS[form].suffix}" for number in range(2)]
    for path in paths:
        words = ["--format", form, "--at", "2025-10-27", "--lang", "zh", "--out", str(path)]
        assert main(["audit", str(tiny / "delft_tiny.city.json"), *words]) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert capfd.readouterr().out == ""


def test_uids_stand_beside_the_ids_of_a_dataset(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    said = ["--format", "csv", "--bom", "--at", "2025-10-27", "--out", str(path)]
    assert main(["audit", str(tiny / "delft_tiny.city.json"), *said]) == 0
    lines = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert all(line["uid"] == uid("delft_tiny", line["id"]) for line in lines)
