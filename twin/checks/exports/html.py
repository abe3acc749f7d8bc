"""Checks as one page of HTML that needs nothing else: to mail, to print, to put beside the model.

Texts of rules and models are escaped by the template engine; the page has no script.
"""

from collections.abc import Sequence
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from itertools import islice
from typing import Any

from twin.checks.exports.json import failures
from twin.checks.exports.options import Options
from twin.checks.report import CheckReport, Demand, Rule
from twin.messages import catalogue

GLYPHS = {"passed": "✓", "failed": "✕", "none": "–"}


def write(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return the UTF-8 page."""
    words = catalogue(options.language)
    page: str = _template().render(
        reports=reports, at=options.at, language=options.language, glyphs=GLYPHS,
        say=words.text, said=lambda phrase: phrase.said(options.language),
        share=_share, few=partial(_few, most=options.listed), blamed=partial(_blamed, most=options.listed),
    )  # fmt: skip
    return page.encode("utf-8")


@cache
def _template() -> Any:
    library: Any = import_module("jinja2")
    text = files("twin.checks.exports").joinpath("page.html").read_text("utf-8")
    engine = library.Environment(
        autoescape=True, undefined=library.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return engine.from_string(text)


def _share(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.1f}" if whole else "0"


def _few(demand: Demand, one: CheckReport, most: int) -> dict[str, Any]:
    """Return the failed objects that a page lists, and how many more there are."""
    return {
        "lines": list(islice(failures(demand, one), most)),
        "more": max(0, len(demand.failed) - most),
    }


def _blamed(rule: Rule, one: CheckReport, most: int) -> dict[str, Any]:
    """Return the objects of a prohibited rule, as ``_few`` does."""
    found = rule.failed if rule.usage == "prohibited" else ()
    return {"lines": [one.objects[i] for i in found[:most]], "more": max(0, len(found) - most)}
