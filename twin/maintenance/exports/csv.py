"""The audited objects as CSV (RFC 4180): one line per object, codes untranslated.

A text cell that a spreadsheet would run as a formula is quoted by an apostrophe.
"""

import csv
import io
from typing import Any

from twin.maintenance.audit import OBJECT_COLUMNS, Audit
from twin.maintenance.exports.options import Options

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "−")
BOM = b"\xef\xbb\xbf"


def write(audit: Audit, options: Options) -> bytes:
    """Return UTF-8 CSV with CRLF line ends; ``options.bom`` puts a byte order mark before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(OBJECT_COLUMNS)
    for item in audit.objects():
        writer.writerow([cell(item[name]) for name in OBJECT_COLUMNS])
    return (BOM if options.bom else b"") + out.getvalue().encode("utf-8")


def cell(value: Any) -> Any:
    """Return a value as a cell: None empty, lists joined, booleans in lower case, formulas defused."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
