"""One date text, as found in the field, to a half-open interval. No column logic here (see ``dates``).

An interval is two naive seconds-since-1970 in milliseconds; ``offset`` says which zone was written.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from re import Match, Pattern

MISSING = frozenset({"", "none", "nan", "nat", "<na>"})
"""Texts that say nothing was written at all."""
PLACEHOLDERS = frozenset(
    {
        *("null", "nil", "n/a", "na", "unset", "undefined", "-", "--", "?", "不明", "未知", "无"),
        *("unknown", "unbekannt", "onbekend", "geenwaarde", "inconnu"),
        *("-9999", "9999", "99991231", "0", "0000", "-1", "00000000"),
    }
)
"""Texts that were written to say that the date is not known (MAINTENANCE.md 0.4)."""

_DAY = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name}


@dataclass(frozen=True, slots=True)
class Span:
    """``lo``/``hi`` milliseconds since 1970 as written; ``offset`` minutes east, None = not written.

    ``ambiguous`` = day and month could be swapped; ``day_first`` = the order this text proves;
    ``partial`` = only the year or the month is known.
    """

    lo: int
    hi: int
    offset: int | None = None
    ambiguous: bool = False
    day_first: bool | None = None
    partial: bool = False


_TIME = (
    r"(?:[T ]\s*(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
_YMD = re.compile(r"(\d{4})([-/.:])(\d{1,2})\2(\d{1,2})" + _TIME, re.IGNORECASE)
_DMY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})(?:\.0+)?(?:Z|[+-]\d{2}:\d{2})?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_COMPACT_MONTH = re.compile(r"((?:1[89]|2[01])\d{2})(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
_COMPACT = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})(\d{0,3})?)?(Z)?", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?:(\d{1,2})[ -])?([A-Za-z]{3,9})\.?[ -](\d{4})" + _TIME,
    re.IGNORECASE,
)
_CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?")


def parse_text(text: str, day_first: bool | None = None) -> Span | None:
    """Return the interval of one stripped text, or None when it is no date.

    ``day_first`` decides 03-04-2020; without it such a text comes back ``ambiguous``.
    Intervals are accepted as ISO 8601 ``start/end``.
    """
    for pattern, read in _READERS:
        match = pattern.fullmatch(text)
        if match:
            try:
                return read(match, day_first)
            except (ValueError, OverflowError):
                return None
    first, slash, last = text.partition("/")
    if slash and "/" not in last:
        start, end = parse_text(first.strip(), day_first), parse_text(last.strip(), day_first)
        if start and end and start.lo < end.hi:
            return Span(start.lo, end.hi, start.offset, start.ambiguous or end.ambiguous)
    return None


def day(year: int, month: int, number: int) -> int:
    """Return milliseconds since 1970 of a calendar day. Raises ValueError for an impossible one."""
    return (date(year, month, number).toordinal() - _EPOCH) * _DAY


def month_span(year: int, month: int, count: int = 1) -> Span:
    """Return the interval of ``count`` months from a month's first day."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    index = year * 12 + month - 1 + count
    return Span(day(year, month, 1), day(index // 12, index % 12 + 1, 1), partial=True)


def _timed(lo: int, parts: tuple[str | None, ...]) -> Span:
    hours, minutes, seconds, fraction, zone = parts
    if hours is None or minutes is None:
        return Span(lo, lo + _DAY, _offset(zone))
    if int(hours) > 24 or int(minutes) > 59 or int(seconds or 0) > 60:
        raise ValueError(hours)
    moment = timedelta(hours=int(hours), minutes=int(minutes), seconds=min(int(seconds or 0), 59))
    if moment > timedelta(days=1):
        raise ValueError(hours)
    at = lo + int(moment.total_seconds()) * 1000
    if fraction:
        at += int(f"{fraction:0<3}"[:3])
        return Span(at, at + 1, _offset(zone))
    return Span(at, at + (60_000 if seconds is None else 1000), _offset(zone))


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    if minutes > 14 * 60:
        raise ValueError(zone)
    return -minutes if zone[0] == "-" else minutes


def _year(found: Match[str], _: bool | None) -> Span:
    return month_span(int(found[1]), 1, 12)


def _month(found: Match[str], _: bool | None) -> Span:
    return month_span(int(found[1]), int(found[2]))


def _quarter(found: Match[str], _: bool | None) -> Span:
    return month_span(int(found[1]), 3 * int(found[2]) - 2, 3)


def _ymd(found: Match[str], _: bool | None) -> Span:
    year, _sep, month, number, *rest = found.groups()
    return _timed(day(int(year), int(month), int(number)), tuple(rest))


def _dmy(found: Match[str], day_first: bool | None) -> Span:
    first, separator, second, year, *rest = found.groups()
    a, b = int(first), int(second)
    proven = True if a > 12 else False if b > 12 else None
    dotted = separator == "."
    order = proven if proven is not None else True if dotted else day_first
    undecided = order is None and a != b
    a, b = (b, a) if order is False else (a, b)
    span = _timed(day(int(year), b, a), tuple(rest))
    return Span(span.lo, span.hi, span.offset, undecided, None if dotted else proven)


def _compact(found: Match[str], _: bool | None) -> Span:
    year, month, number, hours, minutes, seconds, fraction, zone = found.groups()
    return _timed(
        day(int(year), int(month), int(number)), (hours, minutes, seconds, fraction or None, zone)
    )


def _named(found: Match[str], _: bool | None) -> Span:
    number, name, year, *rest = found.groups()
    month = _MONTHS.get(name[:3].lower(), 0)
    if number is None:
        return month_span(int(year), month)
    return _timed(day(int(year), month, int(number)), tuple(rest))


def _chinese(found: Match[str], _: bool | None) -> Span:
    year, month, number = found.groups()
    if month is None:
        return month_span(int(year), 1, 12)
    if number is None:
        return month_span(int(year), int(month))
    at = day(int(year), int(month), int(number))
    return Span(at, at + _DAY)


_READERS: tuple[tuple[Pattern[str], Callable[[Match[str], bool | None], Span]], ...] = (
    (_YMD, _ymd),
    (_YEAR, _year),
    (_MONTH, _month),
    (_COMPACT, _compact),
    (_COMPACT_MONTH, _month),
    (_DMY, _dmy),
    (_QUARTER, _quarter),
    (_NAMED, _named),
    (_CHINESE, _chinese),
)
