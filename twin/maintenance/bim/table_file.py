"""A CSV table of candidates: missing cells are missing, a bad cell is named with its line and counts as missing."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from twin.errors import BrokenFile, NotFound, NotReadable, TooLarge
from twin.maintenance.bim.inputs import NUMBERS, Candidates, candidates
from twin.maintenance.bim.method import Method
from twin.problems import Problem

MOST_BYTES = 256 << 20
"""A table larger than this is not read."""
MOST_PROBLEMS = 1000
"""Bad cells that are named one by one; the rest are counted."""
MISSING = frozenset({"", "?", "-", "–", "na", "n/a", "null", "none", "nan"})
_YES = frozenset({"1", "1.0", "true", "yes", "y", "是", "ja"})
_NO = frozenset({"0", "0.0", "false", "no", "n", "否", "nein", "nee"})
Read = Callable[[str], float]
"""Turns a cell into a number. Raises ValueError with the reason."""


def read_table(location: str | Path, method: Method) -> Candidates:
    """Return the candidates of a CSV table with the columns ``id``, optionally ``name``, and any of ``NUMBERS``.

    UTF-8 (with or without mark) or GB 18030; commas, semicolons or tabs; with semicolons a comma may be the
    decimal point. Raises NotFound, NotReadable, TooLarge, or BrokenFile where there is no column ``id``, no row or
    no sound CSV.
    """
    rows, comma = _rows(str(location))
    head = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if "id" not in head:
        raise BrokenFile(
            location=str(location), format="table", reason="line 1: there is no column 'id'"
        )
    twice = next((name for name in head if name and head.count(name) > 1), "")
    if twice:
        raise BrokenFile(
            location=str(location), format="table", reason=f"line 1: {twice!r} occurs twice"
        )
    table = _Table(head, _readers(method, comma=comma), [])
    for line, cells in rows[1:]:
        table.add(line, cells)
    if not table.names:
        raise BrokenFile(location=str(location), format="table", reason="no row has an id")
    unknown = [name for name in head if name and name not in (*NUMBERS, "id", "name")]
    if unknown:
        table.say(1, "bim.unknown_columns", "", columns=", ".join(unknown))
    return table.candidates()


class _Table:
    """Rows that are being read: names by id, numbers by column, and what is wrong."""

    def __init__(
        self, head: Sequence[str], readers: dict[str, Read], problems: list[Problem]
    ) -> None:
        self.head, self.readers, self.problems = head, readers, problems
        self.names: dict[str, str] = {}
        self.columns: dict[str, list[float]] = {name: [] for name in head if name in readers}
        self.more = 0

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take one row in."""
        if not any(cell.strip() for cell in cells):
            return
        by_name = dict(zip(self.head, (cell.strip() for cell in cells), strict=False))
        key = by_name.get("id", "")
        if not key:
            self.say(line, "bim.no_id", "")
            return
        if key in self.names:
            self.say(line, "bim.id_twice", key)
            return
        if len(cells) > len(self.head) and any(cells[len(self.head) :]):
            self.say(line, "bim.too_many_cells", key)
        self.names[key] = by_name.get("name", "") or key
        for name, values in self.columns.items():
            values.append(self._cell(line, key, name, by_name.get(name, "")))

    def _cell(self, line: int, key: str, column: str, text: str) -> float:
        if text.lower() in MISSING:
            return math.nan
        try:
            return self.readers[column](text)
        except ValueError as error:
            self.say(line, "bim.bad_cell", key, column=column, value=text[:60], reason=str(error))
            return math.nan

    def say(self, line: int, code: str, key: str, **params: str) -> None:
        """List what is wrong in a line."""
        if len(self.problems) >= MOST_PROBLEMS:
            self.more += 1
            return
        found = Problem(code, "", key, {"line": line, **params})
        self.problems.append(Problem(code, found.said(), key, found.params))

    def candidates(self) -> Candidates:
        """Return what was read."""
        if self.more:
            found = Problem("bim.more_problems", "", "", {"count": self.more})
            self.problems.append(Problem(found.code, found.said(), "", found.params))
        columns = {name: np.array(values, np.float64) for name, values in self.columns.items()}
        return candidates(self.names, columns, tuple(self.problems))


def _rows(location: str) -> tuple[list[tuple[int, list[str]]], bool]:
    """Return (line, cells) of every row, and whether semicolons part them."""
    text = _text(location)
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BrokenFile(
            location=location, format="table", reason=f"line {reader.line_num}: {error}"
        ) from error
    return rows, mark == ";"


def _text(location: str) -> str:
    path = Path(location)
    if not path.is_file():
        raise NotFound(location=location)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLarge(
                location=location,
                what="the table",
                size=f"{size >> 20} MB",
                limit=f"{MOST_BYTES >> 20} MB",
            )
        content = path.read_bytes()
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    for encoding in (
        ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BrokenFile(location=location, format="table", reason="it is neither UTF-8 nor GB 18030")


def _readers(method: Method, *, comma: bool) -> dict[str, Read]:
    def number(text: str) -> float:
        plain = text.replace(",", ".") if comma else text
        try:
            found = float(plain)
        except ValueError:
            raise ValueError("no number") from None
        if not math.isfinite(found) or found < 0 or found > 1e9:
            raise ValueError("out of range (0..1e9)")
        return found

    def use(text: str) -> float:
        place = method.use_of(text)
        if place < 0:
            raise ValueError(f"no class of use; known: {', '.join(x.id for x in method.uses)}")
        return float(place)

    def grade(text: str) -> float:
        found = number(text)
        if found not in (0.0, 1.0, 2.0):
            raise ValueError("must be 0, 1 or 2")
        return found

    def share(text: str) -> float:
        found = number(text)
        if found > 1:
            raise ValueError("must lie between 0 and 1")
        return found

    special = {"use": use, "public": flag, "new": flag, "heritage": grade, "gap": share}
    return {name: special.get(name, number) for name in NUMBERS}


def flag(text: str) -> float:
    """Return 1.0 or 0.0 for yes or no in several languages. Raises ValueError."""
    plain = text.strip().lower()
    if plain in _YES:
        return 1.0
    if plain in _NO:
        return 0.0
    raise ValueError("neither yes nor no (1, 0)")
