"""Failures as a table, one line an object and requirement: CSV and XLSX."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from twin.checks.exports.json import failures
from twin.checks.exports.options import Options
from twin.checks.report import CheckReport, Demand, Phrase, Rule
from twin.messages import Catalogue, catalogue
from twin.tables import Table, as_csv, as_xlsx

COLUMNS = ("model", "rules", "specification", "requirement", "cardinality", "id", "kind", "name",
           "code", "reason")  # fmt: skip
RULES = ("model", "rules", "specification", "usage", "status", "applicable", "passed", "failed")


def write_csv(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return CSV with a byte order mark (spreadsheets need it for Chinese)."""
    rows = list(lines(reports, catalogue(options.language)))
    return as_csv(Table("failures", COLUMNS, rows), bom=True)


def write_xlsx(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return a workbook: a sheet of the rules, and one of the failures with a filter on its head."""
    words = catalogue(options.language)
    sheets = [
        _sheet("rules", RULES, list(_rules(reports, words)), words),
        _sheet("failures", COLUMNS, list(lines(reports, words)), words),
    ]
    return as_xlsx(sheets, np.datetime64(options.at.removesuffix("Z"), "s"))


def _sheet(name: str, heads: Sequence[str], rows: list[list[Any]], words: Catalogue) -> Table:
    titles = [words.text(f"check.column.{head}") for head in heads]
    return Table(words.text(f"check.sheet.{name}"), titles, rows)


def _rules(reports: Sequence[CheckReport], words: Catalogue) -> Iterator[list[Any]]:
    for one in reports:
        for rule in one.results:
            yield [
                one.model, one.said(words.language), rule.said(words.language), words.text(f"check.usage.{rule.usage}"),
                words.text(f"check.status.{rule.status}"),
                rule.passing + len(rule.failed), rule.passing, len(rule.failed),
            ]  # fmt: skip


def lines(reports: Sequence[CheckReport], words: Catalogue) -> Iterator[list[Any]]:
    """Yield the cells of every failure; a rule that no object can be blamed for has a line of its own."""
    for one in reports:
        for rule in one.results:
            head = [one.model, one.said(words.language), rule.said(words.language)]
            for demand in rule.demands:
                yield from ([*head, *cells] for cells in _of_demand(demand, one, words))
            if rule.status == "failed" and rule.why is not None:
                yield from ([*head, *cells] for cells in _of_rule(rule, rule.why, one, words))


def _of_demand(demand: Demand, one: CheckReport, words: Catalogue) -> Iterator[list[Any]]:
    said = demand.words.said(words.language)
    how = words.text(f"check.cardinality.{demand.cardinality}")
    for thing, why in failures(demand, one):
        text = why.said(words.language)
        yield [said, how, thing.id, thing.kind, thing.name, why.code, text]


def _of_rule(rule: Rule, why: Phrase, one: CheckReport, words: Catalogue) -> Iterator[list[Any]]:
    how, text = words.text(f"check.usage.{rule.usage}"), why.said(words.language)
    for number in rule.failed:
        thing = one.objects[number]
        yield ["", how, thing.id, thing.kind, thing.name, why.code, text]
    if not len(rule.failed):
        yield ["", how, "", "", "", why.code, text]
