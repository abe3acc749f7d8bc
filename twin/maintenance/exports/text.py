"""The audit as a page of text for a terminal, a mail or a diff, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from twin.geometry import Rows
from twin.maintenance.audit import FLAGS, RETIRED, Audit, Audited, object_columns
from twin.maintenance.exports.json import said
from twin.maintenance.exports.options import Options
from twin.maintenance.exports.summary import aligned, broken_down
from twin.messages import Catalogue, catalogue
from twin.observations import STATUSES, Assessment

_URGENT = ("stale", "in_grace")


def write(audit: Audit, options: Options) -> bytes:
    """Return the UTF-8 text; lines end with a newline."""
    words = catalogue(options.language)
    lines = [words.text("report.title", at=_day(audit.at)), ""]
    if audit.provisional:
        lines += [words.text("report.provisional", sources=", ".join(audit.provisional)), ""]
    lines += _totals(audit, words)
    lines += ["", words.text("report.by_custodian"), *_custodians(audit, words)]
    lines += broken_down(audit, words)
    urgent = list(_urgent(audit, options.listed))
    if urgent:
        lines += ["", words.text("report.urgent", count=len(urgent)), *_objects(urgent, words)]
    if audit.problems:
        lines += [
            "",
            words.text("report.problems", count=len(audit.problems)),
            *_problems(audit, words, options),
        ]
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode("utf-8")


def _day(at: np.datetime64) -> str:
    return f"{np.datetime_as_string(at, unit='s')}Z"


def _totals(audit: Audit, words: Catalogue) -> list[str]:
    rows, units = audit.totals, audit.totals_units
    table = [
        ["", words.text("report.units"), words.text("report.rows"), words.text("report.share")]
    ]
    for key in ("objects", *STATUSES):
        name = words.text("report.objects") if key == "objects" else words.text(f"status.{key}")
        share = units[key] / units["objects"] if units["objects"] else 0.0
        table.append([name, str(units[key]), str(rows[key]), f"{100 * share:.1f} %"])
    table += [[words.text(f"report.{key}"), str(units[key]), str(rows[key]), ""] for key in FLAGS]
    return aligned(table)


def _custodians(audit: Audit, words: Catalogue) -> list[str]:
    head = [words.text("report.custodian"), words.text("report.objects")]
    head += [words.text(f"status.{key}") for key in (*STATUSES, "suspect")]
    keys = ("custodian", "objects", *STATUSES, "suspect")
    table = [head, *([str(item[key]) for key in keys] for item in audit.by_custodian_units)]
    orphans = audit.totals_units["orphans"]
    if orphans:
        table.append([words.text("report.nobody"), str(orphans), *[""] * (len(head) - 2)])
    return aligned(table)


def _urgent(audit: Audit, most: int) -> Iterator[Mapping[str, Any]]:
    """Yield the units that need somebody: suspect and stale ones first, longest overdue first."""
    ranked = []
    for number, layer in enumerate(audit.layers):
        rows = _wanted(layer)
        a = layer.assessment
        ranked += [
            (not a.suspect[row], -float(np.nan_to_num(a.ratio[row])), number, int(row))
            for row in rows
        ]
    for _suspect, _ratio, number, row in sorted(ranked)[:most]:
        columns = object_columns(audit.layers[number], np.array([row], np.int32))
        yield {name: values[0] for name, values in columns.items()}


def _wanted(layer: Audited) -> Rows:
    a: Assessment = layer.assessment
    late = np.isin(a.status, [STATUSES.index(name) for name in _URGENT])
    wanted = (
        layer.counted()
        & (a.unit == np.arange(len(a)))
        & (late | a.suspect)
        & (a.status != RETIRED)
    )
    rows = np.flatnonzero(wanted)
    order = np.lexsort((rows, -np.nan_to_num(a.ratio[rows]), ~a.suspect[rows]))
    return rows[order][:1000].astype(np.int32)


def _objects(items: Sequence[Mapping[str, Any]], words: Catalogue) -> list[str]:
    names = ("id", "kind", "status", "observed", "age", "due", "custodian", "policy")
    head = [words.text(f"report.{name}") for name in names]
    return aligned([head, *(_line(item, words) for item in items)])


def _line(item: Mapping[str, Any], words: Catalogue) -> list[str]:
    status = "suspect" if item["suspect"] else item["status"]
    kind = (
        f" ({words.text('date_kind.' + item['observed_kind'])})" if item["observed_kind"] else ""
    )
    return [
        item["id"],
        item["kind"] or "",
        words.text(f"status.{status}"),
        (item["observed"] or "")[:10] + kind,
        "" if item["age_days"] is None else str(item["age_days"]),
        (item["due"] or "")[:10],
        item["custodian"] or words.text("report.nobody"),
        item["policy"] or "",
    ]


def _problems(audit: Audit, words: Catalogue, options: Options) -> list[str]:
    lines = []
    for source, problem in audit.problems[: options.listed]:
        sentence = said(problem, options.language)
        feature = "" if problem.feature in sentence else problem.feature
        where = ": ".join(part for part in (source, feature) if part)
        lines.append(f"  [{problem.code}] {where}: {sentence}")
    if len(audit.problems) > options.listed:
        lines.append("  " + words.text("report.more", count=len(audit.problems) - options.listed))
    return lines
