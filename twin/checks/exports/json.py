"""Checks as one JSON document: codes stay codes, sentences are in the language asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from twin.checks.exports.options import Options
from twin.checks.report import Checked, CheckReport, Demand, Phrase, Rule


def write(reports: Sequence[CheckReport], options: Options) -> bytes:
    """Return UTF-8 JSON with a final newline."""
    return orjson.dumps(
        document(reports, options), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def document(reports: Sequence[CheckReport], options: Options) -> dict[str, Any]:
    """Return the document as plain values."""
    return {"at": options.at, "checks": [_report(one, options.language) for one in reports]}


def _report(one: CheckReport, language: str) -> dict[str, Any]:
    return {
        "checker": one.checker,
        "model": one.model,
        "rules": one.rules,
        "title": one.said(language),
        "schema": one.schema,
        "status": one.status,
        "counts": one.counts,
        "info": dict(one.info),
        "notes": [_phrase(note, language) for note in one.notes],
        "specifications": [_rule(rule, one, language) for rule in one.results],
    }


def _rule(rule: Rule, one: CheckReport, language: str) -> dict[str, Any]:
    return {
        "name": rule.said(language),
        "identifier": rule.identifier or None,
        "description": rule.description or None,
        "usage": rule.usage,
        "status": rule.status,
        "why": None if rule.why is None else _phrase(rule.why, language),
        "applies": [_phrase(phrase, language) for phrase in rule.applies],
        "applicable": [one.objects[i].id for i in rule.applicable],
        "passed": rule.passing,
        "failed": len(rule.failed),
        "requirements": [_demand(demand, one, language) for demand in rule.demands],
    }


def _demand(demand: Demand, one: CheckReport, language: str) -> dict[str, Any]:
    return {
        "facet": demand.facet,
        "cardinality": demand.cardinality,
        **_phrase(demand.words, language),
        "instructions": demand.instructions or None,
        "status": demand.status,
        "passed": [one.objects[i].id for i in demand.passed],
        "failed": [
            {"id": thing.id, "kind": thing.kind, "name": thing.name, **_phrase(why, language)}
            for thing, why in failures(demand, one)
        ],
    }


def failures(demand: Demand, one: CheckReport) -> Iterator[tuple[Checked, Phrase]]:
    """Yield every object that fails a requirement, and why."""
    for number, reason in zip(demand.failed.tolist(), demand.reason.tolist(), strict=True):
        yield one.objects[number], demand.reasons[reason]


def _phrase(phrase: Phrase, language: str) -> dict[str, Any]:
    return {
        "code": phrase.code,
        "params": {name: _plain(value) for name, value in phrase.params.items()},
        "text": phrase.said(language),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Phrase):
        params = {name: _plain(item) for name, item in value.params.items()}
        return {"code": value.code, "params": params}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
