"""Tables as CSV and XLSX: equal bytes for equal tables, cells that come back, nothing that is run."""

import csv
import io

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.tables import Table, as_csv, as_xlsx, defused

AT = np.datetime64("2026-11-23T12:00", "ms")
CELLS = st.one_of(st.none(), st.integers(-1000, 1000), st.text(max_size=12))
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6)


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_a_table_gives_the_same_bytes_twice_and_its_cells_come_back(
    rows: list[list[object]],
) -> None:
    rows = [[number, *row[1:]] for number, row in enumerate(rows)]  # a workbook drops empty lines
    table = Table("Objects", ["id", "名称", "n"], rows)
    assert as_csv(table) == as_csv(table)
    first = as_xlsx([table], AT)
    assert first == as_xlsx([table], AT)
    sheet = openpyxl.load_workbook(io.BytesIO(first))["Objects"]
    assert [cell.value for cell in sheet[1]] == ["id", "名称", "n"]
    for line, row in zip(sheet.iter_rows(min_row=2), rows, strict=True):
        for cell, value in zip(line, row, strict=True):
            assert cell.data_type != "f"
            if isinstance(value, int):
                assert cell.value == value
    found = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))
    assert len(found) == 1 + len(rows)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1"])
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3", "+5.25", "+2 415", "plain", "12 %"])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


def test_a_title_that_no_sheet_may_have_is_made_to_fit() -> None:
    content = as_xlsx([Table("a/b:c*" + "x" * 40, ["h"], [])], AT)
    (name,) = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert len(name) <= 31
