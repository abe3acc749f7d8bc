"""Raw date columns to half-open intervals in UTC (MAINTENANCE.md 1.3). Parsed once per distinct value.

What cannot be used comes back as NaT with a flag: FLAG_UNPARSED (V0), FLAG_SENTINEL (V1). What was
never written (None, NaN, '') comes back as NaT without a flag.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from twin.errors import UsageError
from twin.features import TEXT, Column, Times
from twin.maintenance.date_text import MISSING, PLACEHOLDERS, Span, parse_text
from twin.observations import FLAG_SENTINEL, FLAG_TZ_ASSUMED, FLAG_UNPARSED

UNITS = {"s": 1000, "ms": 1}
NAT = np.datetime64("NaT", "ms")
SENTINELS = np.array(
    [
        "1970-01-01",
        "1601-01-01",
        "1900-01-01",
        "1904-01-01",
        "1980-01-01",
        "1980-01-06",
        "0001-01-01",
    ],
    "datetime64[ms]",
)
"""Epochs and placeholders that programs write when they know nothing (rule V1)."""
_FIRST = np.datetime64("0002-01-01", "ms")
_LAST = np.datetime64("9998-01-01", "ms")
_GPS_EPOCH = np.datetime64("1980-01-06", "ms")
_LEAPS = (
    np.array(
        ["2006-01-01", "2009-01-01", "2012-07-01", "2015-07-01", "2017-01-01"], "datetime64[ms]"
    ),
    np.array([0, 14, 15, 16, 17, 18]),
)


class Parsed(NamedTuple):
    """``t_lo``, ``t_hi`` datetime64[ms](n), half-open, NaT = unusable; ``flags`` u8(n) of FLAG_*."""

    t_lo: Times
    t_hi: Times
    flags: NDArray[np.uint8]


def parse_column(
    raw: Sequence[Any] | Column,
    *,
    zone: str = "UTC",
    zone_known: bool = False,
    unit: str = "",
    plateau: bool = False,
    day_first: bool | None = None,
) -> Parsed:
    """Return the intervals of a whole column of texts, numbers or datetime64.

    ``zone`` (IANA) is taken for what is written without an offset and flagged FLAG_TZ_ASSUMED;
    ``zone_known=True`` for formats whose rule is UTC (IFC FILE_NAME, BCF): no flag.
    ``unit='s'``/``'ms'``: the numbers are seconds (IfcTimeStamp) or milliseconds (I3S) since 1970.
    ``plateau``: YYYY-01-01 means the year, YYYY-MM-01 the month (PLATEAU's placeholder rule).
    ``day_first`` decides 03-04-2020; by default another value of the column must prove the order.
    Raises UsageError for an unknown zone or unit.
    """
    if unit and unit not in UNITS:
        raise UsageError(reason=f"a date column's unit is 's' or 'ms', not {unit!r}")
    values = raw if isinstance(raw, np.ndarray) else None
    if values is not None and values.dtype.kind == "M":
        return _from_times(values)
    if unit:
        return from_epoch(raw, unit)
    distinct, codes = distinct_texts(raw)
    lo, hi, offset, flags, partial = _parse_distinct(distinct, day_first)
    if plateau:
        _widen(lo, hi, partial)
    flags |= np.where(_sentinel(lo, offset, partial, plateau), FLAG_SENTINEL, 0).astype(np.uint8)
    naive = np.isnan(offset) & ~np.isnat(lo)
    shift = np.where(naive, 0, offset * 60_000)
    if zone not in ("UTC", "") and naive.any():
        shift[naive] = zone_offsets(lo[naive], zone)
    lo, hi = _minus(lo, shift), _minus(hi, shift)
    dead = (flags & (FLAG_SENTINEL | FLAG_UNPARSED)) != 0
    if not zone_known:
        flags[naive & ~dead] |= FLAG_TZ_ASSUMED
    lo[dead], hi[dead] = NAT, NAT
    return Parsed(lo[codes], hi[codes], flags[codes])


def distinct_texts(raw: Sequence[Any] | Column) -> tuple[list[str | None], NDArray[np.int32]]:
    """Return the distinct values as texts in order of appearance, and each row's code into them."""
    items = as_texts(raw).tolist()
    index = {value: code for code, value in enumerate(dict.fromkeys(items))}
    codes = np.fromiter(map(index.__getitem__, items), np.int32, len(items))
    return list(index), codes


def as_texts(raw: Sequence[Any] | Column) -> NDArray[Any]:
    """Return a column as texts, whole floats without ``.0``, missing as None."""
    values = raw if isinstance(raw, np.ndarray) else _guess(raw)
    if values.dtype.kind == "T":
        return values
    if values.dtype.kind in "iu":
        return values.astype(TEXT)
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 2**62)
        texts = np.where(whole, values, 0).astype(np.int64).astype(TEXT)
        texts[np.isnan(values)] = None
        for row in np.flatnonzero(~whole & ~np.isnan(values)):
            texts[row] = repr(float(values[row]))
        return texts
    return np.array([None if item is None else str(item) for item in values.tolist()], TEXT)


def _guess(raw: Sequence[Any]) -> NDArray[Any]:
    """Return a list as a text array; ints and whole floats keep their plain spelling."""
    return np.array([_spell(item) for item in raw], TEXT)


def _spell(item: Any) -> str | None:
    if item is None or isinstance(item, str):
        return item
    if isinstance(item, float | np.floating):
        if np.isnan(item):
            return None
        return str(int(item)) if np.isfinite(item) and item == int(item) else repr(float(item))
    return str(item)


def _from_times(values: NDArray[Any]) -> Parsed:
    lo = values.astype("datetime64[ms]")
    unit = np.datetime_data(values.dtype)[0]
    following = (values + 1).astype("datetime64[ms]") if unit in "YMWDhms" else lo + 1
    zero = np.zeros(len(lo))
    dead = _sentinel(lo, zero, zero != 0)
    flags = np.where(dead, FLAG_SENTINEL, 0).astype(np.uint8)
    return Parsed(np.where(dead, NAT, lo), np.where(dead, NAT, following), flags)


def from_epoch(raw: Sequence[Any] | Column, unit: str) -> Parsed:
    """Return intervals of seconds (``s``) or milliseconds (``ms``) since 1970 UTC; <= 0 is a sentinel."""
    values = raw if isinstance(raw, np.ndarray) and raw.dtype.kind in "iuf" else _numbers(raw)
    numbers = values.astype(np.float64)
    said = ~np.isnan(numbers)
    scaled = np.where(said & (np.abs(numbers) < 2.0**53), numbers, 0) * UNITS[unit]
    usable = said & (scaled < (_LAST - np.datetime64(0, "ms")).astype(np.float64))
    lo = np.where(usable, scaled, 0).astype(np.int64).astype("datetime64[ms]")
    zero = np.zeros(len(lo))
    sentinel = said & ((numbers <= 0) | _sentinel(lo, zero, zero != 0))
    flags = np.where(sentinel, FLAG_SENTINEL, np.where(said & ~usable, FLAG_UNPARSED, 0))
    if values is not raw:
        flags = np.where(_unreadable(raw, numbers), FLAG_UNPARSED, flags)
    lo = np.where(said & (flags == 0), lo, NAT)
    return Parsed(lo, lo + UNITS[unit], flags.astype(np.uint8))


def _numbers(raw: Sequence[Any] | Column) -> NDArray[np.float64]:
    found = np.full(len(raw), np.nan)
    for row, item in enumerate(raw):
        try:
            found[row] = np.nan if item is None or item == "" else float(item)
        except (TypeError, ValueError):
            found[row] = np.nan
    return found


def _unreadable(raw: Sequence[Any] | Column, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    said = np.array([item is not None and item != "" and item == item for item in raw], np.bool_)
    return said & np.isnan(numbers)


def from_day_of_year(number: int, year: int) -> Parsed:
    """Return the day of a LAS header (1 January = day 1, GMT). Raises UsageError outside the year."""
    first, after = (np.datetime64(f"{y:04d}-01-01", "D") for y in (year, year + 1))
    lo = first + (number - 1)
    if number < 1 or lo >= after:
        raise UsageError(reason=f"{year} has no day {number}")
    return _from_times(np.array([lo], "datetime64[D]"))


def from_adjusted_gps(seconds: NDArray[np.float64]) -> Times:
    """Return UTC instants of LAS 'adjusted standard GPS time' (GPS seconds - 1e9 since 1980-01-06)."""
    gps = _GPS_EPOCH + np.round((np.asarray(seconds, np.float64) + 1e9) * 1000).astype("m8[ms]")
    starts, leaps = _LEAPS
    utc: Times = gps - leaps[np.searchsorted(starts, gps, "right")].astype("m8[s]")
    return utc


_Arrays = tuple[Times, Times, NDArray[np.float64], NDArray[np.uint8], NDArray[np.bool_]]


def _parse_distinct(distinct: list[str | None], day_first: bool | None) -> _Arrays:
    """Return (lo, hi, offset minutes or NaN, flags, partial) of distinct texts, as written."""
    n = len(distinct)
    lo, hi = np.full(n, NAT), np.full(n, NAT)
    offset, flags, partial = np.full(n, np.nan), np.zeros(n, np.uint8), np.zeros(n, np.bool_)
    rest = fast_iso(distinct, lo, hi, offset) if n > 1000 else range(n)
    spans: dict[int, Span] = {}
    for code in rest:
        text = (distinct[code] or "").strip()
        lower = text.lower()
        if lower in MISSING:
            continue
        span = None if lower in PLACEHOLDERS else parse_text(text, day_first)
        if span is None:
            flags[code] = FLAG_SENTINEL if lower in PLACEHOLDERS else FLAG_UNPARSED
        else:
            spans[code] = span
    for code, found in _settled(spans, distinct).items():
        if found.ambiguous:
            flags[code] = FLAG_UNPARSED
            continue
        lo[code], hi[code] = np.datetime64(found.lo, "ms"), np.datetime64(found.hi, "ms")
        partial[code] = found.partial
        offset[code] = np.nan if found.offset is None else found.offset
    return lo, hi, offset, flags, partial


def _settled(spans: dict[int, Span], distinct: list[str | None]) -> dict[int, Span]:
    """Let the values that prove an order (13-01-2020) decide those that do not (03-04-2020)."""
    proofs = {span.day_first for span in spans.values()} - {None}
    if len(proofs) != 1:
        return spans
    order = proofs.pop()
    return {
        code: (parse_text((distinct[code] or "").strip(), order) or span)
        if span.ambiguous
        else span
        for code, span in spans.items()
    }


def fast_iso(
    distinct: list[str | None], lo: Times, hi: Times, offset: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Fill what is plain ISO (date, or date-time with ``Z`` or nothing) by arrays; return the rest.

    A million distinct stamps take 0.3 s here and 5 s one by one.
    """
    plain = np.array(
        [t if t is not None and len(t) in _ISO_LENGTHS and t.isascii() else "" for t in distinct],
        "S24",
    )
    grid = plain.view(np.uint8).reshape(len(plain), 24).astype(np.int32)
    length = np.strings.str_len(plain)
    zulu = (length > 10) & (grid[np.arange(len(grid)), np.maximum(length - 1, 0)] == ord("Z"))
    body = length - zulu
    parts = {name: _digits(grid, at, k) for name, (at, k) in _ISO_PARTS.items()}
    good = (grid[:, 4] == 45) & (grid[:, 7] == 45) & np.isin(body, (10, 19, 23))
    good &= (parts["year"] > 1) & (parts["month"] - 1 < 12) & (parts["day"] <= 28)
    good &= (parts["month"] > 0) & (parts["day"] > 0)
    timed = body > 10
    clock = ((grid[:, 10] == 84) | (grid[:, 10] == 32)) & (grid[:, 13] == 58) & (grid[:, 16] == 58)
    clock &= (parts["hour"] >= 0) & (parts["hour"] < 24) & (parts["second"] >= 0)
    clock &= (parts["minute"] >= 0) & (parts["minute"] < 60) & (parts["second"] < 60)
    fine = (body != 23) | (((grid[:, 19] == 46) | (grid[:, 19] == 44)) & (parts["milli"] >= 0))
    good &= ~timed | (clock & fine)
    months = (parts["year"] - 1970) * 12 + parts["month"] - 1
    days = np.where(good, months, 0).astype("datetime64[M]").astype("datetime64[D]")
    at = (days + np.where(good, parts["day"] - 1, 0)).astype("datetime64[ms]").astype(np.int64)
    seconds = (parts["hour"].astype(np.int64) * 60 + parts["minute"]) * 60 + parts["second"]
    at += np.where(timed & good, seconds * 1000 + np.where(body == 23, parts["milli"], 0), 0)
    width = np.where(timed, np.where(body == 23, 1, 1000), 86_400_000)
    lo[good], hi[good] = at[good].astype("M8[ms]"), (at + width)[good].astype("M8[ms]")
    offset[good & zulu] = 0.0
    return np.flatnonzero(~good)


_ISO_LENGTHS = frozenset((10, 19, 20, 23, 24))
_ISO_PARTS = {
    "year": (0, 4), "month": (5, 2), "day": (8, 2), "hour": (11, 2), "minute": (14, 2),
    "second": (17, 2), "milli": (20, 3),
}  # fmt: skip


def _digits(grid: NDArray[np.int32], at: int, count: int) -> NDArray[np.int32]:
    """Return the number in ``count`` columns of a grid of ASCII codes, -1 where not all are digits."""
    window = grid[:, at : at + count] - 48
    fine = ((window >= 0) & (window <= 9)).all(axis=1)
    powers = 10 ** np.arange(count - 1, -1, -1)
    return np.where(fine, window @ powers, -1).astype(np.int32)


def _sentinel(
    lo: Times, offset: NDArray[np.float64], partial: NDArray[np.bool_], plateau: bool = False
) -> NDArray[np.bool_]:
    """Return where an instant is a placeholder, in its own zone or in UTC. A bare year is no sentinel."""
    outside = ~np.isnat(lo) & ((lo < _FIRST) | (lo >= _LAST))
    if plateau:
        return outside
    utc = _minus(lo, np.where(np.isnan(offset), 0, offset * 60_000))
    found = np.isin(lo, SENTINELS) | np.isin(utc, SENTINELS)
    return outside | (found & ~partial)


def _widen(lo: Times, hi: Times, partial: NDArray[np.bool_]) -> None:
    """Apply PLATEAU's rule in place: the first of a month or year stands for the whole of it."""
    whole = (hi - lo == np.timedelta64(1, "D")) & ~np.isnat(lo)
    month = lo.astype("datetime64[M]")
    first = whole & (lo == month)
    january = first & (month == month.astype("datetime64[Y]"))
    hi[first] = (month[first] + 1).astype("datetime64[ms]")
    hi[january] = (month[january] + 12).astype("datetime64[ms]")
    partial |= first


def _minus(times: Times, milliseconds: NDArray[Any]) -> Times:
    moved: Times = times - np.nan_to_num(milliseconds).astype(np.int64).astype("m8[ms]")
    return moved


def zone_offsets(local: Times, zone: str) -> NDArray[np.float64]:
    """Return milliseconds east of UTC for local times in an IANA zone, per distinct hour.

    Raises UsageError when the system knows no such zone.
    """
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            reason=f"there is no time zone {zone!r} here (IANA names; the package tzdata has them)"
        ) from error
    hours, codes = np.unique(local.astype("datetime64[h]"), return_inverse=True)
    found = []
    for hour in hours.tolist():
        moment: datetime = hour.replace(tzinfo=known)
        shift = moment.utcoffset()
        found.append(shift.total_seconds() * 1000 if shift else 0.0)
    return np.array(found)[codes]
