"""The audit in the formats that others open: equal bytes, sound files, the rules of their standards."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio
import pytest
from lxml import etree

from tests.twin.maintenance.making import NOW, observed, rules, table
from twin.auditing import FORMATS, written
from twin.features import texts
from twin.maintenance.assess import assess
from twin.maintenance.audit import OBJECT_COLUMNS, Audit, Audited, Beside, report
from twin.maintenance.exports.iso19115 import SPACES, rule_holds
from twin.maintenance.exports.options import Options
from twin.maintenance.exports.pdf import charts, fonts
from twin.maintenance.trend import snapshot
from twin.messages import LANGUAGES
from twin.records import Party, Policy, Problem

POLICIES = (
    Policy("P-1", kind="Building", frequency="annually", title="Every year"),
    Policy("P-2", kind="Road", frequency="asNeeded"),
    Policy("P-3", kind="Bridge", frequency="TRIENNIAL"),
)
ORDER = {
    "MD_Metadata": "defaultLocale contact dateInfo referenceSystemInfo identificationInfo",
    "MD_DataIdentification": "citation abstract pointOfContact topicCategory extent resourceMaintenance defaultLocale",
    "MD_MaintenanceInformation": "maintenanceAndUpdateFrequency maintenanceDate userDefinedMaintenanceFrequency maintenanceScope maintenanceNote contact",
    "CI_Responsibility": "role party", "CI_Date": "date dateType", "CI_Citation": "title date",
    "CI_Organisation": "name contactInfo", "CI_Individual": "positionName",
    "EX_GeographicBoundingBox": "westBoundLongitude eastBoundLongitude southBoundLatitude northBoundLatitude",
}  # fmt: skip
"""The order in which the schemas of ISO 19115-3 list the children that are written here."""


def audit() -> Audit:
    people = (
        Party("a", "=cmd()", email="a@x.example"),
        Party("b", "Ann Example", organisation=False, position="Surveyor"),
    )
    found = rules(*POLICIES, parties=people)
    said = observed(
        (0, "2025-06-01", "captured", "", "object"), (1, "2020-06-01", "published", "", "object"),
        (2, "2024-06-01", "captured", "", "object"),
        parties=[(0, "a", "custodian", "object"), (1, "b", "custodian", "object")],
    )  # fmt: skip
    boxes = [[84_000.0 + 20 * i, 447_000, 0, 84_010.0 + 20 * i, 447_020, 9] for i in range(4)]
    columns = {"zone": texts(["north", None, "-south", None])}
    there = table(["Building", "Road", "Bridge", "Tree"], boxes=boxes, columns=columns)
    verdict = assess(there, said, found, NOW)
    layer = Audited(
        "city.json", there, said, verdict, (Problem("x", "bad ring", "o3"),), rules=found, orders={0: "7"}
    )  # fmt: skip
    first = report([layer], NOW, (), Beside(found, crs="EPSG:28992"))
    beside = Beside(found, snapshots={"2025-10-01": snapshot(first)}, crs="EPSG:28992", title="T")
    return report([layer], NOW, (), beside)


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_equal_audits_give_equal_bytes_in_every_format(name: str, language: str) -> None:
    options = Options(language)
    first = written(audit(), name, options)
    assert first == written(audit(), name, options)
    assert len(first) > 100
    assert written(report([], NOW), name, options)


def test_the_workbook_has_its_sheets_and_runs_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(audit(), "xlsx")))
    assert book.sheetnames == [
        "Totals", "Key figures", "Custodians", "Districts", "Classes", "Sources", "Levels of detail", "Ageing",
        "Trend", "Objects", "Problems",
    ]  # fmt: skip
    objects = list(book["Objects"].values)
    assert len(objects[0]) == len(OBJECT_COLUMNS)
    line = dict(zip(OBJECT_COLUMNS, objects[1], strict=True))
    assert (line["id"], line["order"], line["district"]) == ("o0", "7", "north")
    assert line["custodian"] == "'=cmd()"
    assert isinstance(line["priority"], float)
    assert list(book["Trend"].values)[1][0] == "2025-10-01"
    assert [row[0] for row in book["Custodians"].values][1:] == ["'=cmd()", "Ann Example", "none"]


def test_the_package_has_footprints_and_documents_about_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(written(audit(), "gpkg"))
    info = pyogrio.read_info(path, layer="freshness")
    assert (info["crs"], info["features"], info["geometry_type"]) == ("EPSG:28992", 4, "Polygon")
    assert info["fields"].tolist() == list(OBJECT_COLUMNS)
    names = [name for name, _ in pyogrio.list_layers(path).tolist()]
    assert {"totals", "by_custodian", "by_district", "trend"} <= set(names)
    _, _, _, refs = pyogrio.raw.read(
        path, sql="SELECT md_scope, metadata, row_id_value FROM gpkg_metadata JOIN "
        "gpkg_metadata_reference ON md_file_id = id WHERE reference_scope = 'row'",
    )  # fmt: skip
    assert refs[0].tolist() == ["feature"] * 3
    assert sorted(refs[2].tolist()) == [1, 2, 3]
    for text in refs[1].tolist():
        assert rule_holds(etree.fromstring(text))


def informations() -> Iterator[Any]:
    root = etree.fromstring(written(audit(), "iso19115"))
    yield from root.iter(f"{{{SPACES['mmi']}}}MD_MaintenanceInformation")


def test_the_metadata_stand_in_the_order_of_the_schemas_and_obey_their_rule() -> None:
    root = etree.fromstring(written(audit(), "iso19115"))
    for element in root.iter():
        local = etree.QName(element).localname
        if local in ORDER:
            wanted = ORDER[local].split()
            places = [wanted.index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), local
    found = list(informations())
    assert len(found) == 3
    assert all(rule_holds(item) for item in found)
    assert not rule_holds(etree.Element("x"))


def test_a_frequency_is_written_as_code_as_duration_and_as_the_next_date() -> None:
    said = {}
    for item in informations():
        code = item.find("mmi:maintenanceAndUpdateFrequency/*", SPACES).text
        duration = item.findtext("mmi:userDefinedMaintenanceFrequency/gco:TM_PeriodDuration", None, SPACES)  # fmt: skip
        due = item.findtext("mmi:maintenanceDate/cit:CI_Date/cit:date/gco:Date", None, SPACES)
        said[code] = (duration, due)
    assert said == {
        "annually": ("P1Y", "2026-06-01"), "asNeeded": (None, None), "periodic": ("P3Y", "2027-06-01"),
    }  # fmt: skip


def test_published_metadata_name_no_person() -> None:
    for name in ("iso19115", "dcat"):
        text = written(audit(), name).decode()
        assert "Ann Example" not in text
        assert "Surveyor" in text


def test_the_catalogue_speaks_the_frequencies_of_the_eu() -> None:
    document = json.loads(written(audit(), "dcat"))
    (dataset,) = document["dcat:dataset"]
    assert dataset["dct:accrualPeriodicity"]["@id"].endswith("/frequency/ANNUAL")
    assert dataset["dct:modified"]["@value"] == "2025-06-01"
    assert dataset["dct:issued"]["@value"] == "2020-06-01"
    assert [x["foaf:name"] for x in dataset["geodcatap:custodian"]] == ["=cmd()", "Surveyor"]
    assert "POLYGON ((4.3" in dataset["dct:spatial"]["dcat:bbox"]["@value"]


def test_the_sheets_are_one_a_custodian_dated_by_the_audit_with_their_fonts_inside() -> None:
    found = written(audit(), "pdf", Options("en"))
    assert found.startswith(b"%PDF-1.")
    assert b"/CreationDate (D:20251027000000" in found
    pages = found.count(b"/Type /Page\n") + found.count(b"/Type /Page ")
    assert pages == len(audit().groups["custodian"]) + 2
    assert b"Inter-Regular" in found
    assert b"STSong" not in found


def test_where_no_chinese_font_can_be_embedded_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "chinese_font", lambda: "")
    told: list[Problem] = []
    found = written(audit(), "pdf", Options("zh", told=told.append))
    assert b"STSong-Light" in found
    assert [problem.code for problem in told] == ["report.no_chinese_font"]
    assert found == written(audit(), "pdf", Options("zh"))


def test_texts_are_shortened_in_their_middle_and_no_line_begins_with_a_full_stop() -> None:
    letters = fonts.Letters(["中"])
    assert letters.fitted("short", 8, 100) == "short"
    cut = letters.fitted("a very long name that cannot stand there", 8, 60)
    assert "…" in cut
    assert letters.width(cut, 8) <= 60
    said = "数据龄为自有效日期起的整日数。" * 6
    lines = letters.lines(said, 8, 111)
    assert "".join(lines) == said
    assert all(letters.width(line, 8) <= 125 for line in lines)
    assert not any(line.startswith("。") for line in lines)


def test_a_map_of_many_units_is_drawn_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    each = written(audit(), "pdf")
    monkeypatch.setattr(charts, "DRAWN", 0)
    assert written(audit(), "pdf") != each


def test_columns_of_numbers_stay_numbers() -> None:
    line = next(audit().objects())
    assert isinstance(line["p_out_of_date"], float)
    assert np.isclose(line["priority"], 100 * 3 / 5 * (line["ratio"] / 4 + line["p_out_of_date"] / 2), atol=0.01)  # fmt: skip
