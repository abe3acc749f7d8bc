"""Checks as a page of text for a terminal, a mail or a log, in the reader's language."""

from collections.abc import Iterator, Sequence

from twin.checks.exports.json import failures
from twin.checks.exports.options import Options
from twin.checks.report import CheckReport, Demand, Rule
from twin.messages import Catalogue, catalogue

MARKS = {"passed": "+", "failed": "!", "none": "-"}
FEW = 10
"""Objects listed under a requirement; the other formats have them all."""


def write(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return the UTF-8 text; lines end with a newline."""
    words = catalogue(options.language)
    pages = ("\n".join(_report(one, words, options)) for one in reports)
    return ("\n\n".join(pages) + "\n").encode("utf-8")


def _report(one: CheckReport, words: Catalogue, options: Options) -> Iterator[str]:
    yield words.text("check.page.title", title=one.said(words.language), model=one.model)
    yield words.text("check.page.at", at=options.at, schema=one.schema)
    yield words.text("check.page.counts", **one.counts)
    for note in one.notes:
        yield note.said(options.language)
    for rule in one.results:
        yield ""
        yield from _rule(rule, one, words)


def _rule(rule: Rule, one: CheckReport, words: Catalogue) -> Iterator[str]:
    status = words.text(f"check.status.{rule.status}")
    total = rule.passing + len(rule.failed)
    counts = words.text(
        "check.page.objects", passed=rule.passing, failed=len(rule.failed),
        applicable=total,
    )  # fmt: skip
    yield f"{MARKS[rule.status]} {rule.said(words.language)}: {status}" + (
        f". {counts}" if total else ""
    )
    if rule.why is not None:
        yield f"    {rule.why.said(words.language)}"
    for demand in rule.demands:
        yield from _demand(demand, one, words)


def _demand(demand: Demand, one: CheckReport, words: Catalogue) -> Iterator[str]:
    counts = f"{demand.passing} / {demand.passing + len(demand.failed)}"
    yield f"  {MARKS[demand.status]} {demand.words.said(words.language)} {counts}"
    for place, (thing, why) in enumerate(failures(demand, one)):
        if place == FEW:
            yield "      " + words.text("check.page.more", count=len(demand.failed) - FEW)
            return
        named = f" {thing.name}" if thing.name else ""
        yield f"      {thing.kind} {thing.id}{named}: {why.said(words.language)}"
