"""Which rows of a layer want an order, and everything an order says of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from twin.geometry import Rows
from twin.maintenance.districts import districts
from twin.maintenance.evidence import touched
from twin.maintenance.footings import Footings
from twin.maintenance.orders.attaching import registered, stable_uids
from twin.maintenance.orders.parties import AS_BUILT, ids_of
from twin.maintenance.orders.raising import Candidate
from twin.maintenance.orders.records import OrderObject
from twin.maintenance.risk import risk_of
from twin.maintenance.rules import Rules
from twin.observations import STATUSES, Assessment
from twin.records import Evidence, Policy
from twin.scene import Layer

WANTED = (*STATUSES, "suspect")
"""What orders may be raised for in bulk."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Why orders are raised: ``reason`` '' = each row's own status or evidence; ``aspect`` '' = all."""

    reason: str = ""
    aspect: str = ""


USUAL = Asked()


def rows_of(layer: Layer, statuses: Sequence[str]) -> Rows:
    """Return the maintained units with one of the statuses (or ``suspect``) that no other layer counts."""
    verdict = layer.assessment
    wanted = np.isin(verdict.status, [STATUSES.index(x) for x in statuses if x in STATUSES])
    if "suspect" in statuses:
        retired = verdict.status == STATUSES.index("retired")
        wanted |= verdict.suspect & ~retired
    if layer.counted_elsewhere is not None:
        wanted &= ~layer.counted_elsewhere
    units = verdict.unit_rows()
    return units[wanted[units]].astype(np.int32)


def units_of(layer: Layer, rows: Rows) -> Rows:
    """Return the maintained units of rows (a part stands for its unit), each once."""
    return np.unique(layer.assessment.unit[rows]).astype(np.int32)


@dataclass
class _Hints:
    """Open evidence by row: ids, and the most probable piece's kind and processor."""

    ids: dict[int, list[str]] = field(default_factory=dict)
    best: dict[int, Evidence] = field(default_factory=dict)
    works: dict[int, str] = field(default_factory=dict)


def candidates(
    layer: Layer, rows: Rows, rules: Rules, asked: Asked = USUAL
) -> Iterable[Candidate]:
    """Yield a candidate a row (maintained units). ``rules`` hold their areas in the project's plane."""
    verdict, features = layer.assessment, layer.features
    keys = features.id[rows].tolist()
    names = features.name[rows].tolist() if features.name is not None else [None] * len(rows)
    codes, keyed = stable_uids(layer, rows), registered(layer)
    footings = Footings(features, verdict.unit)
    code, district = districts(features, rules, footings)
    urgent = risk_of(features, verdict, rules).priority[rows]
    party = _parties(verdict, ids_of(rules))
    policies = {policy.id: policy for policy in rules.policies}
    hints = _hints(footings, rules, rows)
    warn, grace = _margins(verdict, rows, policies)
    for i, row in enumerate(rows.tolist()):
        rule = int(verdict.rule[row])
        policy = verdict.rules[rule] if rule >= 0 else ""
        accountable = party[int(verdict.custodian[row])]
        due = verdict.due[row]
        yield Candidate(
            OrderObject(codes[i], layer.id, str(keys[i]), str(names[i] or keyed.get(row, ("", ""))[1])),
            asked.reason or _reason(verdict, hints, row), asked.aspect, accountable,
            hints.works.get(row, "") or accountable,
            district[code[row]] if code[row] >= 0 else "",
            None if np.isnat(due) else due, policy,
            0.0 if np.isnan(urgent[i]) else round(float(urgent[i]), 4),
            int(warn[i]), int(grace[i]), tuple(hints.ids.get(row, ())),
        )  # fmt: skip


def _reason(verdict: Assessment, hints: _Hints, row: int) -> str:
    """Return why: the kind of the evidence for a suspect row, else its status."""
    if verdict.suspect[row]:
        return hints.best[row].kind if row in hints.best else "suspect"
    return STATUSES[int(verdict.status[row])]


def _parties(verdict: Assessment, known: Mapping[str, str]) -> list[str]:
    """Return the party id of each custodian, the name where no party is known; the last is nobody."""
    return [*(known.get(name.casefold(), name) for name in verdict.custodians), ""]


def _margins(
    verdict: Assessment, rows: Rows, policies: Mapping[str, Policy]
) -> tuple[list[int], list[int]]:
    """Return warning and grace in days (MAINTENANCE.md 1.4): the policy's, else 0.20 and 0.10 of the interval."""
    span = (verdict.due[rows] - verdict.t_eff[rows]).astype(np.int64) / _DAY_MS
    none = np.isnat(verdict.due[rows]) | np.isnat(verdict.t_eff[rows])
    found: tuple[list[int], list[int]] = ([], [])
    for i, row in enumerate(rows.tolist()):
        rule = int(verdict.rule[row])
        policy = policies.get(verdict.rules[rule]) if rule >= 0 else None
        own = (None, None) if policy is None else (policy.warn_days, policy.grace_days)
        for days, said, share in zip(found, own, (0.20, 0.10), strict=True):
            usual = 1 if none[i] else max(1, int(np.ceil(round(share * span[i], 9))))
            days.append(usual if said is None else said)
    return found


def _hints(footings: Footings, rules: Rules, rows: Rows) -> _Hints:
    """Return the open evidence on rows, the most probable first."""
    found = _Hints()
    items = [x for x in rules.evidence if x.status == "open" and x.event_lo is not None]
    if not items or not len(rows):
        return found
    wanted = np.zeros(len(footings.unit), np.bool_)
    wanted[rows] = True
    number, at = touched(footings, items)
    known = ids_of(rules)
    hits = [(int(k), int(row)) for k, row in zip(number, at, strict=True) if wanted[row]]
    for k, row in sorted(
        hits, key=lambda hit: (hit[1], -items[hit[0]].p_change, items[hit[0]].id)
    ):
        item = items[k]
        found.ids.setdefault(row, []).append(item.id)
        found.best.setdefault(row, item)
        if item.kind == AS_BUILT:
            named = str(getattr(item, "processor", "") or item.source)
            works = known.get(named.casefold(), "")
            if works:
                found.works.setdefault(row, works)
    return found
