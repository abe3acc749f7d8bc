"""Snapshots of the totals, and the trend that they make: stored, never recomputed, because policies change."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from twin.maintenance.audit import Audit, instants
from twin.maintenance.risk import DEFAULT_RATE
from twin.observations import STATUSES
from twin.records import Policy

VERSION = 1


def day_of(at: np.datetime64) -> str:
    """Return the key of a snapshot: its day in UTC."""
    return str(np.datetime_as_string(at.astype("datetime64[ms]"), unit="D"))


def snapshot(audit: Audit) -> dict[str, Any]:
    """Return what is kept of an audit: totals, ages, key figures, custodians, and the rules that applied.

    A custodian who is a person stands there by id: a name could not be erased from what is stored.
    """
    policies = audit.beside.rules.policies
    persons = {x.name or x.id: x.id for x in audit.beside.rules.parties if not x.organisation}
    return {
        "version": VERSION,
        "at": instants(np.array([audit.at], "datetime64[ms]"))[0],
        "provisional": bool(audit.provisional),
        "totals": dict(audit.totals),
        "totals_units": dict(audit.totals_units),
        "ageing": dict(audit.whole.ageing),
        "kpis": dict(audit.kpis),
        "by_custodian_units": [
            {**line, "custodian": persons.get(line["custodian"], line["custodian"])}
            for line in audit.by_custodian_units
        ],
        "policies": sorted(policy.id for policy in policies),
        "policy_sha256": fingerprint(policies),
        "default_rate": DEFAULT_RATE,
    }


def fingerprint(policies: Sequence[Policy]) -> str:
    """Return the SHA-256 of policies as canonical JSON, whatever their order: equal rules, equal hash."""
    listed = sorted((asdict(policy) for policy in policies), key=lambda item: str(item["id"]))
    text = json.dumps(listed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def months(snapshots: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the last sound snapshot of each month, oldest first."""
    last: dict[str, Mapping[str, Any]] = {}
    for day in sorted(snapshots):
        if _is_sound(snapshots[day]):
            last[day[:7]] = snapshots[day]
    return list(last.values())


def points(snapshots: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a line per stored snapshot, oldest first: units by status, shares and the rules' hash.

    ``new_rules`` says that the policies differ from those of the line before.
    """
    lines: list[dict[str, Any]] = []
    for day in sorted(snapshots):
        kept = snapshots[day]
        if not _is_sound(kept):
            continue
        units, figures = kept["totals_units"], kept.get("kpis", {})
        rules = str(kept.get("policy_sha256", ""))
        before = lines[-1]["policy_sha256"] if lines else rules
        lines.append(
            {
                "day": day,
                **{key: int(units.get(key, 0)) for key in ("objects", *STATUSES, "suspect")},
                "fresh_share": figures.get("fresh_share"),
                "unknown_share": figures.get("unknown_share"),
                "expected_stale": figures.get("expected_stale"),
                "policy_sha256": rules,
                "new_rules": rules != before,
            }
        )
    return lines


def _is_sound(kept: Any) -> bool:
    """Return whether a stored document holds what a line needs; foreign ones are left out."""
    units = kept.get("totals_units") if isinstance(kept, Mapping) else None
    return isinstance(units, Mapping) and all(isinstance(x, int) for x in units.values())
