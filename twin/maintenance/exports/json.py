"""The audit as one JSON document (spec: ``audit --format json``)."""

from typing import Any

import numpy as np
import orjson

from twin.maintenance.audit import DIMENSIONS, Audit, instants
from twin.maintenance.exports.options import Options
from twin.maintenance.trend import points
from twin.records import Problem


def write(audit: Audit, options: Options) -> bytes:
    """Return UTF-8 JSON with a final newline; equal audits give equal bytes."""
    return orjson.dumps(
        document(audit, options), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def document(audit: Audit, options: Options) -> dict[str, Any]:
    """Return the document as plain values. Codes are not translated, only the problems' texts are."""
    return {
        "at": instants(np.array([audit.at], "datetime64[ms]"))[0],
        "provisional": list(audit.provisional),
        "totals": dict(audit.totals),
        "totals_units": dict(audit.totals_units),
        "by_custodian": list(audit.by_custodian),
        "by_custodian_units": [
            group.plain("custodian") for group in audit.groups["custodian"] if group.key
        ],
        **{
            f"by_{name}": [group.plain(name) for group in audit.groups[name]]
            for name in DIMENSIONS
            if name != "custodian"
        },
        "ageing": dict(audit.whole.ageing),
        "kpis": audit.kpis,
        "trend": points(audit.beside.snapshots),
        "objects": list(audit.objects()),
        "problems": [
            {
                "code": problem.code,
                "text": said(problem, options.language),
                "object": problem.feature,
                "source": source,
            }
            for source, problem in audit.problems
        ],
    }


def said(problem: Problem, language: str) -> str:
    """Return a problem's sentence in a language; one that the catalogue lacks keeps its own text."""
    return problem.said(language)
