"""Whether a value of the model is what an IDS asks for.

Rules: IDS documentation, DataTypes.md (spelling of numbers and truth values), tolerance.md (equal
means within 1e-6 of the value plus 1e-6; limits are exact), restrictions.md. Values of measures
come here in SI units already.
"""

import re
from datetime import date, datetime, time
from typing import Any

from loaders.ifc.ids.model import Restriction, Simple, Value

TOLERANCE = 1e-6
_DOUBLE = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|NaN|\+?INF|-INF")
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_DURATION = re.compile(
    r"([-+]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_FAR = {"INF": "inf", "+INF": "inf", "-INF": "-inf", "NaN": "nan"}
MONTH = 30.436875
"""Days in a mean month: durations of months and of days are compared through it."""


def is_number(text: str) -> bool:
    """Return whether a text is a number as IDS spells it: a dot, no separators of thousands."""
    return _DOUBLE.fullmatch(text.strip()) is not None


def number(text: str) -> float:
    """Return the number that a text spells (``is_number`` said so)."""
    found = text.strip()
    return float(_FAR.get(found, found))


def is_empty(value: Any) -> bool:
    """Return whether a value says nothing: none, an empty text, an empty list."""
    return value is None or value in ("", ())


def fits(wanted: Value, value: Any) -> bool:
    """Return whether a text, number or truth value is what is wanted; objects and lists never are."""
    if not isinstance(value, str | bool | int | float):
        return False
    if isinstance(wanted, Simple):
        return _equal(wanted.text, value)
    return _within(wanted, value)


def _equal(text: str, value: Any) -> bool:
    if isinstance(value, bool):
        return _TRUTHS.get(text) is value
    if isinstance(value, int):
        return _INTEGER.fullmatch(text) is not None and int(text) == value
    if isinstance(value, float):
        if not is_number(text):
            return False
        wanted = number(text)
        margin = abs(wanted) * TOLERANCE + TOLERANCE
        return wanted == value or wanted - margin < value < wanted + margin
    return bool(text == value)


def _within(wanted: Restriction, value: Any) -> bool:
    if wanted.values and not any(_equal(text, value) for text in wanted.values):
        return False
    if wanted.patterns and not (
        isinstance(value, str) and any(one.matches(value) for one in wanted.patterns)
    ):
        return False
    if wanted.lengths and not (
        isinstance(value, str) and all(_long(*limit, len(value)) for limit in wanted.lengths)
    ):
        return False
    return all(bounded(name, text, wanted.base, value) for name, text in wanted.bounds)


def _long(name: str, limit: int, length: int) -> bool:
    if name == "length":
        return length == limit
    return length >= limit if name == "minLength" else length <= limit


def bounded(name: str, text: str, base: str, value: Any) -> bool:
    """Return whether a value keeps one limit, exactly. Dates and durations compare as what they are."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        if not is_number(text):
            return False
        limit: Any = number(text)
    else:
        limit, value = _ordered(base, text), _ordered(base, value)
        if limit is None or value is None:
            return False
    try:
        if name == "minInclusive":
            return bool(value >= limit)
        if name == "minExclusive":
            return bool(value > limit)
        return bool(value <= limit) if name == "maxInclusive" else bool(value < limit)
    except TypeError:  # an instant with a zone and one without have no order
        return False


def _ordered(base: str, text: str) -> Any:
    """Return something that has an order: an instant, a day, a time, the days of a duration; else None."""
    kinds: dict[str, Any] = {"xs:date": date, "xs:dateTime": datetime, "xs:time": time}
    try:
        if base in kinds:
            return kinds[base].fromisoformat(text)
        if base == "xs:duration":
            return _days(text)
    except ValueError:
        pass
    return None


def _days(text: str) -> float | None:
    found = _DURATION.fullmatch(text)
    if found is None or text.lstrip("+-") == "P" or text.endswith("T"):
        return None
    years, months, days, hours, minutes, seconds = (float(x or 0) for x in found.groups()[1:])
    size = (years * 12 + months) * MONTH + days + (hours * 60 + minutes) / 1440 + seconds / 86400
    return -size if found.group(1) == "-" else size
