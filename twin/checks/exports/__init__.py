"""Checks in every format they are handed on in. A format is one file here and one line in ``EXPORTS``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twin.checks.exports import html, json, table, text
from twin.checks.exports.options import Options
from twin.checks.report import CheckReport
from twin.errors import UsageError

Write = Callable[[Sequence[CheckReport], Options], bytes]


@dataclass(frozen=True, slots=True)
class Export:
    """A format: its name on the command line, its file suffix, and how it is written."""

    name: str
    suffix: str
    write: Write


EXPORTS: Mapping[str, Export] = {
    "text": Export("text", ".txt", text.write),
    "json": Export("json", ".json", json.write),
    "html": Export("html", ".html", html.write),
    "csv": Export("csv", ".csv", table.write_csv),
    "xlsx": Export("xlsx", ".xlsx", table.write_xlsx),
}


def written(reports: Sequence[CheckReport], name: str, options: Options) -> bytes:
    """Return reports in a format; equal inputs give equal bytes. Raises UsageError for an unknown one."""
    found = EXPORTS.get(name)
    if found is None:
        raise UsageError(reason=f"there is no check format {name!r}; known: {', '.join(EXPORTS)}")
    return found.write(reports, options)
