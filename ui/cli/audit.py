"""The verb ``audit``: the freshness report; it starts without Qt and VTK."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from twin.auditing import FORMATS, written
from twin.errors import NotReadable, UsageError
from twin.maintenance.exports.options import Options
from twin.records import Problem
from ui.cli.loading import opened
from ui.cli.opening import RULES, SOURCE, TIME, Opening, Paths, opening_options

FINDINGS = {
    "stale": "stale",
    "in_grace": "in_grace",
    "suspect": "suspect",
    "unknown": "unknown",
    "orphan": "orphans",
    "conflict": "conflicts",
}
Format = Annotated[
    str, typer.Option("--format", help="text, json, csv, xlsx, pdf, gpkg, iso19115 or dcat.")
]
Out = Annotated[Path | None, typer.Option("--out", help="A file instead of stdout.")]
Bom = Annotated[
    bool, typer.Option("--bom", help="CSV: begin with a byte order mark, for spreadsheets.")
]
FailOn = Annotated[
    list[str] | None,
    typer.Option("--fail-on", help="Exit 1 on such findings (comma or repeated)."),
]


@opening_options(*RULES, "evidence", *TIME, *SOURCE, "sidecar", "run")
def audit_(
    paths: Paths,
    opening: Opening,
    form: Format = "text",
    out: Out = None,
    fail_on: FailOn = None,
    bom: Bom = False,
) -> None:
    """Audit how fresh the data is, who answers for it, and what is overdue."""
    wanted = findings(fail_on or [])
    if form not in FORMATS:
        raise UsageError(reason=f"--format {form!r} is none of {', '.join(FORMATS)}")
    session = opened(paths, opening)
    try:
        audit = session.audit()
        content = written(
            audit, form, Options(language=opening.lang, bom=bom, told=partial(tell, opening.lang))
        )
    finally:
        session.close()
    put(content, out)
    if any(audit.totals_units[key] for key in wanted):
        raise typer.Exit(1)


def tell(language: str, problem: Problem) -> None:
    """Say on stderr what went wrong with the export itself."""
    print(f"warning[{problem.code}] {problem.said(language)}", file=sys.stderr)


def findings(words: list[str]) -> list[str]:
    """Return the keys of totals to fail on. Raises UsageError."""
    named = [word.strip() for text in words for word in text.split(",") if word.strip()]
    unknown = [word for word in named if word not in FINDINGS]
    if unknown:
        known = ", ".join(FINDINGS)
        raise UsageError(reason=f"--fail-on {unknown[0]!r} is none of {known}")
    return [FINDINGS[word] for word in named]


def put(content: bytes, out: Path | None) -> None:
    """Write bytes to a file or to stdout. Raises NotReadable where the file cannot be written."""
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise NotReadable(location=str(out), reason=error.strerror or "not writable") from error
