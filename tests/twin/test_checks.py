"""Results of checks: said in both languages, and written in every format, byte by byte the same."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from tests.conftest import REPO
from twin.checks.exports import EXPORTS, written
from twin.checks.exports.options import Options
from twin.checks.report import Checked, CheckReport, Demand, Phrase, Rule
from twin.errors import UsageError
from twin.exchange.bcf.reading import read
from twin.exchange.bcf.writing import packed
from twin.exchange.check_topics import Told, bundle
from twin.messages import LANGUAGES, catalogue

AT = Options("2026-11-23T00:00:00Z")
GUIDS = ("1hOSvn6df7F8_7GcBWlS8Z", "2O2Fr$t4X7Zf8NOew3FNtn", "3w1b2c3d4e5f6g7h8i9j0K")
EVIL = "<script>alert(1)</script>"


def numbers(*found: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(found, np.int32)


def report(status: str = "failed") -> CheckReport:
    why = Phrase("why.attribute", {"name": "Name", "found": "=1+1"})
    words = Phrase("attribute.required", {"name": Phrase("value.simple", {"text": EVIL})})
    demand = Demand(
        "attribute", words, "required", numbers(0), numbers(1, 2), numbers(0, 0), (why,)
    )
    rules = (
        Rule("Named", "required", (words,), status, (demand,), numbers(0, 1, 2)),
        Rule("No lifts", "prohibited", (), "failed", (), numbers(2), Phrase("why.must_not_be")),
        Rule("Spaces", "required", (), "failed", (), numbers(), Phrase("why.nobody")),
        Rule("Beams", "optional", (), "none", (), numbers(), Phrase("why.nobody")),
    )
    things = tuple(Checked(guid, "IfcWall", f"W{i}", i) for i, guid in enumerate(GUIDS))
    return CheckReport("ids", "a/house.ifc", "a/r.ids", EVIL, "IFC4", rules, things)


def test_every_code_that_is_written_in_the_program_has_words_in_both_languages() -> None:
    places = [REPO / "loaders" / "ifc" / "ids", REPO / "twin" / "checks", REPO / "twin"]
    text = "".join(p.read_text("utf-8") for folder in places for p in folder.glob("*.py"))
    codes = set(re.findall(r'Phrase\(\s*"([\w.]+)"', text))
    assert len(codes) > 30
    for language in LANGUAGES:
        assert [c for c in sorted(codes) if not catalogue(language).has(f"check.{c}")] == []


def test_a_rule_counts_each_object_once() -> None:
    first = report().results[0]
    assert first.failed.tolist() == [1, 2]
    assert first.passed.tolist() == [0]
    assert report().counts == {"passed": 0, "failed": 3, "none": 1}
    assert report().status == "failed"


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_equal_results_give_equal_bytes(form: str, language: str) -> None:
    options = Options(AT.at, language)
    assert written([report()], form, options) == written([report()], form, options)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="pdf"):
        written([report()], "pdf", AT)


def test_the_page_escapes_what_strangers_wrote_and_needs_nothing_else() -> None:
    page = written([report()], "html", AT).decode()
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page
    assert "src=" not in page
    assert GUIDS[2] in page


def test_the_page_lists_few_and_says_how_many_more() -> None:
    page = written([report()], "html", Options(AT.at, "en", listed=1)).decode()
    assert "and 1 more" in page


def test_the_document_has_objects_reasons_and_codes() -> None:
    said = json.loads(written([report()], "json", Options(AT.at, "zh")))
    demand = said["checks"][0]["specifications"][0]["requirements"][0]
    assert demand["passed"] == [GUIDS[0]]
    assert demand["failed"][0] == {
        "id": GUIDS[1], "kind": "IfcWall", "name": "W1", "code": "why.attribute",
        "params": {"name": "Name", "found": "=1+1"}, "text": "Name 为 =1+1",
    }  # fmt: skip
    assert said["checks"][0]["counts"] == {"passed": 0, "failed": 3, "none": 1}


def test_the_table_has_a_line_for_every_failure_and_no_formula() -> None:
    content = written([report()], "csv", AT).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(content)))
    assert [line["id"] for line in lines] == [GUIDS[1], GUIDS[2], GUIDS[2], ""]
    evil = report()
    odd = Rule("=1+1", "required", (), "failed", (), numbers(), Phrase("why.nobody"))
    cells = CheckReport("ids", "m", "r", "t", "IFC4", (odd,), evil.objects)
    assert "'=1+1" in written([cells], "csv", AT).decode("utf-8-sig")


def test_the_workbook_has_rules_and_failures(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(written([report()], "xlsx", Options(AT.at, "zh")))
    book = load_workbook(path)
    assert book.sheetnames == ["规则", "未通过"]
    assert book["规则"].max_row == 5
    assert [cell.value for cell in book["未通过"]["F"]][1:3] == [GUIDS[1], GUIDS[2]]
    with zipfile.ZipFile(path) as archive:
        assert {item.date_time[0] for item in archive.infolist()} == {1980}


def test_failed_requirements_become_topics_with_their_objects_selected(tmp_path: Path) -> None:
    path = tmp_path / "a.bcf"
    told = Told(AT.at, "me@example.org")
    path.write_bytes(packed(bundle([(report(), lambda ids: None)], told), AT.at))
    found = read(str(path))
    assert len(found.topics) == 3
    first = next(topic for topic in found.topics if topic.title.startswith("Named"))
    scene = first.viewpoints[0].scene
    assert scene is not None
    assert {item.ifc_guid for item in scene.selection} == {GUIDS[1], GUIDS[2]}
    assert first.created == AT.at
    again = bundle([(report(), lambda ids: None)], told)
    assert packed(again, AT.at) == path.read_bytes()
