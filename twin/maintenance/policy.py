"""Which policy governs a row, when it is due, and the status that follows (MAINTENANCE.md 1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import ceil

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable, Times
from twin.geometry import I32
from twin.maintenance.dates import as_texts
from twin.maintenance.hierarchy import nearest_with, strongest_above
from twin.maintenance.intervals import Duration, Frequency, add, parse_duration, read_frequency
from twin.maintenance.rules import Choices
from twin.maintenance.zones import Within
from twin.observations import STATUSES
from twin.records import Policy

FIELDS = ("kind", "zone", "source", "lod", "loa", "criticality")
"""What a policy matches on; the rule that names most of them wins."""
WITHIN = "within"
"""Beside FIELDS: the zone that an object lies in."""
CRITICALITY = {"VERYLOW": 1, "LOW": 2, "MODERATE": 3, "HIGH": 4, "VERYHIGH": 5}
DAY_MS = 86_400_000
_CODE = {name: np.uint8(code) for code, name in enumerate(STATUSES)}
_ASSET_CRITICALITY = "Pset_MaintenanceStrategy.AssetCriticality"


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy made ready: its frequency and calendar rule (None = age does not count or is unknown).

    ``defaulted``: the frequency is unknown and the project's default stands in.
    """

    policy: Policy
    frequency: Frequency
    duration: Duration | None
    defaulted: bool = False

    @property
    def strength(self) -> int:
        """Return the number of fields it names."""
        return sum(getattr(self.policy, name) != "*" for name in FIELDS)

    @property
    def order(self) -> tuple[int, int, float, str]:
        """Return the sort key, best first: most fields, higher criticality, shorter interval, id."""
        days = self.duration.nominal_days if self.duration else float("inf")
        return (-self.strength, -CRITICALITY.get(self.policy.criticality, 0), days, self.policy.id)


def ready(policies: Sequence[Policy], default_duration: str = "") -> tuple[Rule, ...]:
    """Return the policies as rules, best first. Raises UsageError for an impossible frequency."""
    rules = []
    for policy in policies:
        frequency, duration = read_frequency(policy.frequency, policy.duration)
        defaulted = frequency.code == "unknown" and duration is None and bool(default_duration)
        rules.append(
            Rule(
                policy,
                frequency,
                parse_duration(default_duration) if defaulted else duration,
                defaulted,
            )
        )
    return tuple(sorted(rules, key=lambda rule: rule.order))


def match(
    features: FeatureTable,
    rules: Sequence[Rule],
    names: Sequence[str],
    choices: Choices,
    within: Within | None = None,
) -> NDArray[np.int16]:
    """Return i16(n): index into ``rules`` (best first), -1 where none matches.

    ``names`` are the names of the source (file name, title, dataset id); ``within`` is the zone in which
    each row lies: a zone is matched by the zone column's value or by that. A row takes its nearest
    ancestor's policy when that names more fields than its own: a part follows its building.
    """
    n = len(features)
    if not rules or not n:
        return np.full(n, -1, np.int16)
    columns = {
        "kind": (features.kind.astype(np.int32), features.kinds),
        "lod": _lods(features),
        "zone": _coded(features, choices.zone_column, rules, "zone"),
        WITHIN: _within(within, rules, n),
        "loa": _coded(features, choices.loa_column, rules, "loa"),
        "criticality": _coded(features, choices.criticality_column, rules, "criticality"),
    }
    combined, combos = _combinations(columns, n)
    table = np.full(len(combos), -1, np.int16)
    for index, combo in enumerate(combos):
        for place, rule in enumerate(rules):
            if _fits(rule.policy, combo, names):
                table[index] = place
                break
    matched = table[combined]
    strength = np.array([rule.strength for rule in rules] + [-1], np.int32)
    holder = (
        strongest_above(features.parent, strength[matched])
        if (features.parent >= 0).any()
        else None
    )
    return matched if holder is None else matched[holder]


def asks_zone(rules: Sequence[Rule]) -> bool:
    """Return whether any rule matches by zone."""
    return any(rule.policy.zone != "*" for rule in rules)


def _within(within: Within | None, rules: Sequence[Rule], n: int) -> Within:
    if within is None or not asks_zone(rules):
        return np.zeros(n, np.int32), ("",)
    return _by_pattern(*within, {rule.policy.zone for rule in rules})


def _fits(policy: Policy, combo: Mapping[str, str], names: Sequence[str]) -> bool:
    return all(field_fits(policy, combo, names).values())


def field_fits(policy: Policy, combo: Mapping[str, str], names: Sequence[str]) -> dict[str, bool]:
    """Return per field of FIELDS whether an object's values fit a policy's pattern."""
    found = {}
    for name in FIELDS:
        pattern = getattr(policy, name)
        values = (*names, "") if name == "source" else (combo[name],)
        if name == "zone" and combo.get(WITHIN):
            values = (*values, combo[WITHIN])
        found[name] = any(matches(pattern, value) for value in values)
    return found


def matches(pattern: str, value: str) -> bool:
    """Return whether a value fits a pattern: ``*``, shell patterns, ``a|b``."""
    return pattern == "*" or any(fnmatchcase(value, part.strip()) for part in pattern.split("|"))


def _lods(features: FeatureTable) -> tuple[I32, tuple[str, ...]]:
    if features.lod is None:
        return np.zeros(len(features), np.int32), ("",)
    return features.lod.astype(np.int32), features.lods


def _coded(
    features: FeatureTable, column: str, rules: Sequence[Rule], name: str
) -> tuple[I32, tuple[str, ...]]:
    """Return (codes, values) of a column, filled from the nearest ancestor; trivial if no rule asks."""
    nothing = np.zeros(len(features), np.int32), ("",)
    if all(getattr(rule.policy, name) == "*" for rule in rules):
        return nothing
    found = features.get(column)
    if found is None and name == "criticality":
        found = features.get(_ASSET_CRITICALITY)
    if found is None:
        return nothing
    items = [item or "" for item in as_texts(found).tolist()]
    index = {value: code for code, value in enumerate(dict.fromkeys(("", *items)))}
    codes = np.fromiter(map(index.__getitem__, items), np.int32, len(items))
    source = nearest_with(features.parent, codes > 0)
    filled = np.where(source >= 0, codes[np.maximum(source, 0)], 0).astype(np.int32)
    return _by_pattern(filled, tuple(index), {getattr(rule.policy, name) for rule in rules})


def _by_pattern(
    codes: I32, values: tuple[str, ...], patterns: set[str]
) -> tuple[I32, tuple[str, ...]]:
    """Join the values that no pattern tells apart, so that few combinations remain."""
    asked = sorted(patterns - {"*"})
    signatures: dict[tuple[bool, ...], int] = {}
    kept: list[str] = []
    group = np.zeros(len(values), np.int32)
    for code, value in enumerate(values):
        signature = tuple(matches(pattern, value) for pattern in asked)
        if signature not in signatures:
            signatures[signature] = len(kept)
            kept.append(value)
        group[code] = signatures[signature]
    return group[codes], tuple(kept)


def _combinations(
    columns: Mapping[str, tuple[I32, tuple[str, ...]]], n: int
) -> tuple[I32, list[dict[str, str]]]:
    """Return i32(n) codes of the combinations that occur, and each combination's values."""
    combined = np.zeros(n, np.int64)
    for codes, values in columns.values():
        if len(values) > 1:
            combined = combined * len(values) + codes
            combined = _dense(combined)
    count = int(combined.max()) + 1
    first = np.zeros(count, np.int64)
    first[combined[::-1]] = np.arange(n - 1, -1, -1)
    combos = [
        {
            name: values[int(codes[row])] if values else ""
            for name, (codes, values) in columns.items()
        }
        for row in first.tolist()
    ]
    return combined.astype(np.int32), combos


def _dense(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the codes renumbered without gaps."""
    if int(codes.max()) > 4 * len(codes) + 1024:
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)
    renumber = np.cumsum(np.bincount(codes) > 0) - 1
    return renumber[codes].astype(np.int64)


@dataclass(frozen=True)
class Verdict:
    """Status per row and the numbers behind it; fields as in ``Assessment``."""

    due: Times
    age_days: I32
    ratio: NDArray[np.float32]
    overdue: I32
    status: NDArray[np.uint8]


def classify(
    t_eff: Times,
    confidence: NDArray[np.float32],
    rule: NDArray[np.int16],
    rules: Sequence[Rule],
    now: np.datetime64,
) -> Verdict:
    """Return due date, age, ratio, overdue and status of every row (not: retired, suspect).

    age = whole days since t_eff; I = days from t_eff to due by the calendar; warn = a fifth and grace
    a tenth of I, rounded up, at least one day, unless the policy sets them.
    """
    n = len(t_eff)
    known = ~np.isnat(t_eff)
    since = np.where(known, (now - t_eff).astype(np.int64), -1)
    age = (since // DAY_MS).astype(np.int32)
    due = np.full(n, np.datetime64("NaT"), "datetime64[ms]")
    ratio, overdue = np.full(n, np.nan, np.float32), np.zeros(n, np.int32)
    status = np.full(n, _CODE["unknown"], np.uint8)
    for index, one in enumerate(rules):
        rows = np.flatnonzero((rule == index) & known)
        if not len(rows):
            continue
        enough = confidence[rows] >= np.float32(one.policy.c_min) - np.float32(1e-6)
        if not one.frequency.by_age:
            status[rows[enough]] = _CODE["event_driven"]
        elif one.duration is not None:
            due[rows], days = _due(t_eff[rows], one.duration)
            ratio[rows] = age[rows] / days
            overdue[rows] = np.maximum(0, np.floor(age[rows] - days)).astype(np.int32)
            status[rows[enough]] = _by_age(age[rows], days, one.policy)[enough]
    return Verdict(due, age, ratio, overdue, status)


def _due(t_eff: Times, duration: Duration) -> tuple[Times, NDArray[np.float64]]:
    due = add(t_eff, duration)
    return due, (due - t_eff).astype(np.int64) / DAY_MS


def _by_age(age: I32, days: NDArray[np.float64], policy: Policy) -> NDArray[np.uint8]:
    warn = policy.warn_days if policy.warn_days is not None else share_of(days, 0.20)
    grace = policy.grace_days if policy.grace_days is not None else share_of(days, 0.10)
    status = np.full(len(age), _CODE["stale"], np.uint8)
    status[age <= days + grace] = _CODE["in_grace"]
    status[age <= days] = _CODE["due_soon"]
    status[age <= days - warn] = _CODE["fresh"]
    return status


def share_of(days: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return max(1, ceil(share * days)); a hair is taken off first, so that 0.2 * 365 is 73, not 74."""
    return np.maximum(1.0, np.ceil(days * share - 1e-9))


def warn_and_grace(policy: Policy, days: float) -> tuple[int, int]:
    """Return the warning and grace days of one interval, as ``classify`` uses them."""
    warn = max(1, ceil(days * 0.20 - 1e-9)) if policy.warn_days is None else policy.warn_days
    grace = max(1, ceil(days * 0.10 - 1e-9)) if policy.grace_days is None else policy.grace_days
    return warn, grace


def never_units(features: FeatureTable, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return the kinds that a policy says are no maintained units."""
    return _said(features, rules, False)


def named_units(features: FeatureTable, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return the kinds that a policy says are maintained units by themselves."""
    return _said(features, rules, True)


def _said(features: FeatureTable, rules: Sequence[Rule], unit: bool) -> tuple[str, ...]:
    patterns = [r.policy.kind for r in rules if r.policy.unit is unit and r.policy.kind != "*"]
    return tuple(kind for kind in features.kinds if any(matches(p, kind) for p in patterns))


def retired(features: FeatureTable, now: np.datetime64) -> Bool:
    """Return where valid_to or terminated <= now."""
    gone = np.zeros(len(features), np.bool_)
    for times in (features.valid_to, features.terminated):
        if times is not None:
            gone |= times <= now
    return gone


def present(
    features: FeatureTable,
    as_of: np.datetime64 | None = None,
    known_at: np.datetime64 | None = None,
) -> Bool:
    """Return the rows that belong to the city ``as_of`` an instant, as it was known at ``known_at``.

    Valid time: valid_from <= as_of < valid_to. Transaction time: created <= known_at < terminated.
    None = no condition; a missing bound is unbounded.
    """
    there = np.ones(len(features), np.bool_)
    pairs = (
        (as_of, features.valid_from, features.valid_to),
        (known_at, features.created, features.terminated),
    )
    for instant, start, end in pairs:
        if instant is None:
            continue
        if start is not None:
            there &= ~(start > instant)
        if end is not None:
            there &= ~(end <= instant)
    return there
