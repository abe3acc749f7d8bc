"""The audit as a workbook: totals, figures, groups, ages, trend, objects, problems; a sheet each."""

from collections.abc import Sequence
from typing import Any

from twin.maintenance.audit import COUNTS, DIMENSIONS, OBJECT_COLUMNS, Audit
from twin.maintenance.breakdowns import AGES, Group
from twin.maintenance.exports.json import said
from twin.maintenance.exports.options import Options
from twin.maintenance.exports.summary import age_words, figures
from twin.maintenance.risk import DEFAULT_RATE
from twin.maintenance.trend import points
from twin.messages import Catalogue, catalogue
from twin.observations import STATUSES
from twin.tables import Table, as_xlsx

ROWS = 1_048_575
"""Lines below its head that a sheet can have."""


def write(audit: Audit, options: Options) -> bytes:
    """Return the workbook; its time is the audit's."""
    words = catalogue(options.language)
    return as_xlsx(tables(audit, words, options), audit.at)


def tables(audit: Audit, words: Catalogue, options: Options) -> list[Table]:
    """Return the sheets in order; objects beyond what a sheet holds go on in another one."""
    sheets = [_totals(audit, words), _figures(audit, words)]
    sheets += [_groups(audit.groups[name], name, words) for name in DIMENSIONS]
    sheets += [_ages(audit, words), _trend(audit, words), *_objects(audit, words)]
    return [*sheets, _problems(audit, words, options)]


def count_words(words: Catalogue) -> list[str]:
    """Return the names of COUNTS."""
    return [words.text(f"status.{key}" if key in STATUSES else f"report.{key}") for key in COUNTS]


def _totals(audit: Audit, words: Catalogue) -> Table:
    head = ["", words.text("report.units"), words.text("report.rows"), words.text("report.area"),
            words.text("report.weight")]  # fmt: skip
    area, weight = audit.whole.area, audit.whole.weight
    rows = [
        [name, audit.totals_units[key], audit.totals[key], area.get(key), weight.get(key)]
        for key, name in zip(COUNTS, count_words(words), strict=True)
    ]
    return Table(words.text("report.sheet_totals"), head, rows)


def _figures(audit: Audit, words: Catalogue) -> Table:
    rows = [[text, value] for _, text, value in figures(audit, words)]
    rows += [["", words.text("report.rate_note", rate=DEFAULT_RATE)]]
    head = [words.text("report.figure"), words.text("report.value")]
    return Table(words.text("report.sheet_kpis"), head, rows)


def _groups(groups: Sequence[Group], name: str, words: Catalogue) -> Table:
    head = [words.text(f"report.{name}"), *count_words(words)]
    head += [words.text("report.area"), words.text("report.area_stale")]
    head += [words.text("report.weight"), words.text("report.weight_stale")]
    head += [words.text(f"kpi.{key}") for key in ("expected_stale", "median_age_days", "p90_age_days")]  # fmt: skip
    head += ["ohsome", words.text("report.few_head"), *age_words(words)]
    rows = []
    for group in groups:
        line: list[Any] = [group.key or words.text("report.none"), *group.counts.values()]
        line += [sum(group.area.values()), group.area["stale"]]
        line += [sum(group.weight.values()), group.weight["stale"]]
        line += [round(group.expected, 3), group.median_age, group.p90_age, group.ohsome]
        rows.append([*line, words.text("report.few_mark") if group.few else "", *group.ageing.values()])  # fmt: skip
    return Table(words.text(f"report.sheet_{name}"), head, rows)


def _ages(audit: Audit, words: Catalogue) -> Table:
    head = [words.text("report.age_class"), words.text("report.units")]
    counts = audit.whole.ageing
    rows = [[text, counts[key]] for key, text in zip(AGES, age_words(words), strict=True)]
    return Table(words.text("report.sheet_ages"), head, rows)


def _trend(audit: Audit, words: Catalogue) -> Table:
    keys = ("objects", *STATUSES, "suspect")
    head = [words.text("report.day"), words.text("report.units")]
    head += [words.text(f"status.{key}") for key in keys[1:]]
    head += [words.text("report.rules_hash"), words.text("report.new_rules")]
    rows = [
        [line["day"], *(line[key] for key in keys), line["policy_sha256"][:16],
         words.text("report.yes") if line["new_rules"] else ""]
        for line in points(audit.beside.snapshots)
    ]  # fmt: skip
    return Table(words.text("report.sheet_trend"), head, rows)


def _objects(audit: Audit, words: Catalogue) -> list[Table]:
    head = [words.text(f"audit_column.{name}") for name in OBJECT_COLUMNS]
    rows = [[_cell(item[name]) for name in OBJECT_COLUMNS] for item in audit.objects()]
    title = words.text("report.sheet_objects")
    parts = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)] or [[]]
    return [
        Table(title if number == 1 else f"{title} {number}", head, part)
        for number, part in enumerate(parts, 1)
    ]


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value


def _problems(audit: Audit, words: Catalogue, options: Options) -> Table:
    head = [words.text(f"report.{key}") for key in ("code", "source", "id", "text")]
    rows = [
        [problem.code, source, problem.feature, said(problem, options.language)]
        for source, problem in audit.problems
    ]
    return Table(words.text("report.sheet_problems"), head, rows)
