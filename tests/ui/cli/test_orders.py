"""Work orders on the command line: raised, moved, refused, and written for other programs, each of which opens them."""

import csv
import io
import json
import zipfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import icalendar
import pytest

from twin.exchange.bcf.reading import read
from ui.cli import main

Capture = pytest.CaptureFixture[str]
CUSTODIANS = """version = 1
[[party]]
id = "delft"
name = "Gemeente Delft, =Geo"
email = "geo@delft.example"
aliases = ["G0503", "W0372"]
[[party]]
id = "firm"
name = "Survey Ltd"
email = "info@survey.example"
[[party]]
id = "visser"
name = "M. Visser"
organisation = false
[[responsibility]]
party = "delft"
scope = "default"
[[responsibility]]
party = "firm"
role = "processor"
scope = "default"
[[responsibility]]
party = "visser"
role = "auditor"
scope = "default"
"""
AT = ("--at", "2025-10-27")


@pytest.fixture
def project(tmp_path: Path, tiny: Path) -> Path:
    """Return a project whose buildings are to be updated every year."""
    (tmp_path / "c.toml").write_text(CUSTODIANS)
    (tmp_path / "p.toml").write_text(
        'version = 1\n[[policy]]\nid = "P-1"\nfrequency = "annually"\n'
    )
    path = tmp_path / "city.twin.gpkg"
    rules = ["--policy", str(tmp_path / "p.toml"), "--custodians", str(tmp_path / "c.toml")]
    source = str(tiny / "delft_tiny.city.json")
    assert main(["import", source, "--project", str(path), *rules]) == 0
    return path


def said(capsys: Capture, *words: object) -> dict[str, Any]:
    """Run ``orders`` with --json and return its document."""
    capsys.readouterr()
    assert main(["orders", *map(str, words), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: Capture, *words: object) -> str:
    """Run ``orders``, which must refuse, and return the one line it says."""
    capsys.readouterr()
    assert main(["orders", *map(str, words)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err


def test_orders_are_raised_once_and_go_their_way(project: Path, capsys: Capture) -> None:
    plan = said(capsys, "issue", project, *AT, "--dry-run")
    assert plan["dry_run"]
    assert said(capsys, "list", project)["orders"] == []
    raised = said(capsys, "issue", project, *AT)["raised"]
    assert raised == plan["raised"]
    assert sum(len(order["objects"]) for order in raised) == 20
    again = said(capsys, "issue", project, *AT)
    assert (again["raised"], again["already_open"]) == ([], 20)
    assert len(said(capsys, "list", project, "--state", "raised")["orders"]) == len(raised)
    assert said(capsys, "list", project, "--custodian", "firm")["orders"] == []

    answer = said(capsys, "move", project, 1, "assigned", "--by", "delft", "--to", "firm", *AT)
    assert answer["actor"]["note"] == "claimed, not authenticated"
    assert answer["order"]["assignee"] == "firm"
    said(capsys, "move", project, 1, "in_progress", "--by", "firm", *AT)
    assert "needs the delivery" in refused(capsys, "move", project, 1, "delivered", "--by", "firm")
    said(capsys, "note", project, 1, "roof is next", "--by", "firm")
    said(capsys, "move", project, 1, "delivered", "--by", "firm", "--delivery", "d-2", *AT)
    before = said(capsys, "list", project)
    for words, why in (
        (("verified", "--by", "firm", "--reason", "done"), "needs one of auditor, custodian"),
        (("verified", "--by", "nobody"), "no known party"),
        (("verified", "--by", "delft"), "needs what the check found"),
        (("closed", "--by", "delft"), "cannot become closed"),
        (("rejected", "--by", "delft"), "needs a reason"),
        (("done", "--by", "delft"), "there is no state"),
    ):
        assert why in refused(capsys, "move", project, 1, *words)
    assert said(capsys, "list", project) == before
    said(capsys, "move", project, 1, "verified", "--by", "visser", "--reason", "roof is there")
    closed = said(capsys, "move", project, 1, "closed", "--by", "delft", *AT)["order"]
    assert closed["state"] == "closed"
    assert [x["by"] for x in closed["transitions"]][1:] == [
        "delft", "firm", "firm", "firm", "visser", "delft",
    ]  # fmt: skip
    capsys.readouterr()
    assert main(["journal", "export", str(project), "--format", "csv"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    last = lines[-1]
    assert (last["Who"], last["What"]) == ("delft", "work order moved")
    assert "verified" in last["From"]
    assert "closed" in last["To"]
    assert main(["journal", "verify", str(project)]) == 0


def test_four_eyes_can_be_switched_off(project: Path, tmp_path: Path, capsys: Capture) -> None:
    said(capsys, "issue", project, *AT)
    for state in (("assigned",), ("in_progress",), ("delivered", "--delivery", "d")):
        said(capsys, "move", project, 1, *state, "--by", "delft")
    wanted = ("move", project, 1, "verified", "--by", "delft", "--reason", "seen")
    assert "four eyes" in refused(capsys, *wanted)
    script = tmp_path / "s.txt"
    script.write_text(f'open path="{project.name}"\nchoices.set four_eyes=false\n')
    assert main(["run", str(script)]) == 0
    assert said(capsys, *wanted)["order"]["state"] == "verified"


def exported(project: Path, out: Path, *more: str) -> bytes:
    """Export orders twice and return the bytes, which are equal."""
    found = []
    for _ in range(2):
        words = ["--format", more[0], "--out", str(out), *more[1:]]
        assert main(["orders", "export", str(project), *words, *AT]) == 0
        found.append(out.read_bytes())
    assert found[0] == found[1]
    return found[0]


def test_a_calendar_opens_by_its_own_reader(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    raised = said(capsys, "issue", project, *AT)["raised"]
    said(capsys, "move", project, 1, "assigned", "--by", "delft", "--to", "firm", *AT)
    content = exported(project, tmp_path / "o.ics", "ics")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    tasks = icalendar.Calendar.from_ical(content).walk("VTODO")
    assert len(tasks) == len(raised)
    first = next(x for x in tasks if x["SUMMARY"].startswith("Order 1:"))
    assert first["UID"] == f"{raised[0]['id']}@citytwin"
    assert first["STATUS"] == "NEEDS-ACTION"
    assert first["SEQUENCE"] == 1
    assert first["ATTENDEE"] == "mailto:info@survey.example"
    assert first.decoded("DUE").isoformat() == raised[0]["due"].replace("Z", "+00:00")
    assert first.walk("VALARM")[0]["TRIGGER"].to_ical() == b"-P73D"
    said(capsys, "move", project, 1, "cancelled", "--by", "delft", "--reason", "sold", *AT)
    again = icalendar.Calendar.from_ical(exported(project, tmp_path / "o.ics", "ics"))
    later = next(x for x in again.walk("VTODO") if x["UID"] == first["UID"])
    assert (later["STATUS"], later["SEQUENCE"]) == ("CANCELLED", 2)
    assert not later.walk("VALARM")


def test_letters_are_drafts_with_a_table(project: Path, tmp_path: Path, capsys: Capture) -> None:
    raised = said(capsys, "issue", project, *AT, "--group", "")["raised"]
    said(capsys, "move", project, 1, "assigned", "--by", "delft", "--to", "firm", *AT)
    content = exported(project, tmp_path / "o.zip", "eml")
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist() == ["delft.eml"]
    letter = message_from_bytes(archive.read("delft.eml"), policy=default)
    assert letter["X-Unsent"] == "1"
    assert letter["To"].addresses[0].addr_spec == "geo@delft.example"
    assert letter["Cc"].addresses[0].addr_spec == "info@survey.example"
    (table,) = letter.iter_attachments()
    rows = list(csv.DictReader(io.StringIO(table.get_content())))
    assert len(rows) == len(raised) == 20
    assert (
        main(["orders", "export", str(project), "--format", "eml", "--out", str(tmp_path / "d")])
        == 0
    )
    assert (tmp_path / "d" / "delft.eml").is_file()


def test_a_table_is_never_run_as_a_formula(project: Path, tmp_path: Path, capsys: Capture) -> None:
    said(capsys, "issue", project, *AT)
    content = exported(project, tmp_path / "o.csv", "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0]["accountable"] == "Gemeente Delft, =Geo"
    assert rows[0]["level"] == "L4"


def test_topics_hold_state_party_date_and_a_view(
    project: Path, tmp_path: Path, capsys: Capture
) -> None:
    raised = said(capsys, "issue", project, *AT)["raised"]
    said(capsys, "move", project, 2, "cancelled", "--by", "delft", "--reason", "sold", *AT)
    exported(project, tmp_path / "o.bcf", "bcf")
    found = {topic.guid: topic for topic in read(str(tmp_path / "o.bcf")).topics}
    assert set(found) == {order["id"] for order in raised}
    first = found[raised[0]["id"]]
    assert (first.status, first.assigned) == ("Open", "geo@delft.example")
    assert first.due == raised[0]["due"]
    assert len(first.viewpoints[0].scene.selection) == len(raised[0]["objects"])  # type: ignore[union-attr]
    second = found[raised[1]["id"]]
    assert second.status == "Closed"
    assert "cancelled" in second.labels


def test_what_no_project_is_is_refused(tmp_path: Path, capsys: Capture) -> None:
    assert "its name ends with" in refused(capsys, "list", tmp_path / "x.city.json")
    assert "error[missing.file]" in refused(capsys, "list", tmp_path / "no.twin.gpkg")
