"""Dates of tables that people keep: workbook serials, epochs, two-digit years; each shape named and counted.

A format's own dates go through ``twin.maintenance.dates``, which reads nothing into a bare number. In a
column that somebody declared to be dates a number is one: 43831 is a workbook's day, 1577836800000 a
program's millisecond (MAINTENANCE.md 1.3; the issue's list of bad input).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Column
from twin.maintenance.dates import Parsed, as_texts, parse_column
from twin.maintenance.telling import Told
from twin.observations import FLAG_SENTINEL, FLAG_UNPARSED

SERIALS = (18_264, 73_051)
"""Days of a workbook (1899-12-30 = 0) that are taken for dates: 1950 to 2099."""
SECONDS = (10**8, 4 * 10**9)
"""Seconds since 1970 that are taken for such: 1973 to 2096."""
PIVOT = 50
"""A year written with two digits is 20yy below it, else 19yy (a convention; always told)."""
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_SHORT = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{2})((?:[T ].*)?)")
_BEFORE = re.compile(r"-\d{1,6}(?:-\d{2}-\d{2}.*)?|.*\bB\.?C\.?(?:E\.?)?$|公元前.*", re.IGNORECASE)
_ODD_YEAR = re.compile(r"\+?(\d{5,})-\d{1,2}-\d{1,2}.*")
_WORKBOOK = np.datetime64("1899-12-30", "ms")
_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Dates:
    """The intervals of a column; ``raw`` texts as written; ``shapes`` counts what is not plain, by name."""

    parsed: Parsed
    raw: NDArray[Any]
    shapes: Mapping[str, int] = field(default_factory=dict)

    @property
    def written(self) -> NDArray[np.bool_]:
        """Return bool(n): something stands there that is a date, a placeholder or cannot be read."""
        flags = (self.parsed.flags & (FLAG_SENTINEL | FLAG_UNPARSED)) != 0
        return np.asarray(~np.isnat(self.parsed.t_lo) | flags, np.bool_)


def read_dates(raw: Sequence[Any] | Column, zone: str = "UTC") -> Dates:
    """Return the intervals of a column that holds dates, whatever shape they are in.

    Shapes: serial, epoch_s, epoch_ms, two_digit_year (read, told), before_christ, far_year,
    placeholder, unread (not usable), partial (a year or month).
    """
    if isinstance(raw, np.ndarray) and raw.dtype.kind == "M":
        parsed = parse_column(raw)
        return Dates(parsed, as_texts(raw), _counted(parsed, Counter()))
    texts = as_texts(raw)
    shapes: Counter[str] = Counter()
    plain: list[str | None] = []
    known: dict[str, tuple[str | None, str]] = {}
    for said in texts.tolist():
        if said is None:
            plain.append(None)
            continue
        if said not in known:
            known[said] = _plain(said.strip())
        text, shape = known[said]
        plain.append(text)
        if shape:
            shapes[shape] += 1
    parsed = parse_column(plain, zone=zone)
    return Dates(parsed, texts, _counted(parsed, shapes))


def _counted(parsed: Parsed, shapes: Counter[str]) -> dict[str, int]:
    sentinel = int(((parsed.flags & FLAG_SENTINEL) != 0).sum())
    unread = int(((parsed.flags & FLAG_UNPARSED) != 0).sum())
    lost = shapes["before_christ"] + shapes["far_year"]
    width = parsed.t_hi - parsed.t_lo
    partial = int((~np.isnat(width) & (width > np.timedelta64(_DAY, "ms"))).sum())
    found = {
        **shapes,
        "placeholder": sentinel,
        "unread": max(unread - lost, 0),
        "partial": partial,
    }
    return {name: count for name, count in found.items() if count}


def _plain(said: str) -> tuple[str | None, str]:
    """Return a text that dates are read from, and the shape it had ('' = left as it is)."""
    serial = _SERIAL.fullmatch(said)
    if serial and SERIALS[0] <= int(serial[1]) < SERIALS[1]:
        part = float(f"0.{serial[2]}") if serial[2] else 0.0
        at = _WORKBOOK + np.timedelta64(int(serial[1]) * _DAY + round(part * 86_400) * 1000, "ms")
        return str(at.astype("datetime64[D]" if not part else "datetime64[s]")), "serial"
    if _EPOCH.fullmatch(said):
        return _from_epoch(said)
    short = _SHORT.fullmatch(said)
    if short:
        return _long_year(short), "two_digit_year"
    if _BEFORE.fullmatch(said) and said not in ("-1", "-9999"):
        return said, "before_christ"
    odd = _ODD_YEAR.fullmatch(said)
    return (said, "far_year") if odd and int(odd[1]) > 9999 else (said, "")


def _from_epoch(said: str) -> tuple[str | None, str]:
    """Return an instant of seconds or milliseconds; ten digits that spell YYYYMMDDHH stay what they are."""
    number = int(said)
    unit = "s" if len(said) <= 10 else "ms"
    seconds = number if unit == "s" else number // 1000
    if not SECONDS[0] <= seconds < SECONDS[1]:
        return said, ""
    if len(said) == 10 and said[:2] in ("19", "20") and "01" <= said[4:6] <= "12":
        return f"{said[:4]}-{said[4:6]}-{said[6:8]}T{said[8:]}:00", ""
    at = np.datetime64(number if unit == "ms" else number * 1000, "ms")
    return f"{np.datetime_as_string(at, unit='s' if unit == 's' else 'ms')}Z", f"epoch_{unit}"


def _long_year(found: re.Match[str]) -> str:
    """Return a date with its year in four digits; a first number above 31 is the year itself."""
    first, sign, second, last, rest = found.groups()
    if int(first) > 31:
        return f"{_century(int(first))}-{second}-{last}{rest}"
    return f"{first}{sign}{second}{sign}{_century(int(last))}{rest}"


def _century(year: int) -> int:
    return year + (2000 if year < PIVOT else 1900)


READ = frozenset({"serial", "epoch_s", "epoch_ms", "two_digit_year"})
"""Shapes that are read, by a convention that is told."""


def tell(told: Told, name: str, dates: Dates) -> None:
    """Say, once a column, which shapes of dates stand in it and an example of each; partial ones are normal."""
    for shape, count in dates.shapes.items():
        if shape != "partial":
            told.file(f"dates.{shape}", name=name, count=count, example=_example(dates, shape))


def _example(dates: Dates, shape: str) -> str:
    flag = {"placeholder": FLAG_SENTINEL, "unread": FLAG_UNPARSED}.get(shape)
    for row, said in enumerate(dates.raw.tolist()):
        if said is None:
            continue
        if flag is None and _plain(said.strip())[1] == shape:
            return str(said)[:40]
        if flag is not None and dates.parsed.flags[row] & flag and not _plain(said.strip())[1]:
            return str(said)[:40]
    return ""
