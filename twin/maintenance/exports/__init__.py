"""The audit in every format it is handed on in. A format is one file here and one line in ``EXPORTS``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twin.errors import UsageError
from twin.maintenance.audit import Audit
from twin.maintenance.exports import csv, dcat, iso19115, json, pdf, text, xlsx
from twin.maintenance.exports.options import Options

Write = Callable[[Audit, Options], bytes]


@dataclass(frozen=True, slots=True)
class Export:
    """A format: its name on the command line, its file suffix, and how it is written."""

    name: str
    suffix: str
    write: Write


EXPORTS: Mapping[str, Export] = {
    "text": Export("text", ".txt", text.write),
    "json": Export("json", ".json", json.write),
    "csv": Export("csv", ".csv", csv.write),
    "xlsx": Export("xlsx", ".xlsx", xlsx.write),
    "pdf": Export("pdf", ".pdf", pdf.write),
    "iso19115": Export("iso19115", ".xml", iso19115.write),
    "dcat": Export("dcat", ".jsonld", dcat.write),
}


PLAIN = Options()
"""English, nothing special."""


def written(audit: Audit, name: str, options: Options = PLAIN) -> bytes:
    """Return the audit in a format. Raises UsageError for an unknown one."""
    found = EXPORTS.get(name)
    if found is None:
        raise UsageError(reason=f"there is no audit format {name!r}; known: {', '.join(EXPORTS)}")
    return found.write(audit, options)
