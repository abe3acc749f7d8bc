"""Dates of the two generations of the schema as ISO text."""

from typing import Any


def date_text(value: Any) -> str:
    """Return a date as ISO text: a text since IFC4, an IfcCalendarDate (in a date-time) before."""
    if value is None or isinstance(value, str):
        return value or ""
    day = value[0] if value.is_a("IfcDateAndTime") else value
    if not day.is_a("IfcCalendarDate"):
        return ""
    return f"{day[2]:04d}-{day[1]:02d}-{day[0]:02d}"
