"""Everything the rules know about one object, as coded entries; the window and the reports word them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.features import FeatureTable
from twin.maintenance.audit import quality
from twin.maintenance.hierarchy import DEPTH
from twin.maintenance.policy import Rule
from twin.observations import ASPECTS, KINDS, LEVELS, ROLES, STATUSES, Assessment, Observations


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``section`` and ``label`` are message keys; ``path`` is the field it was read from.

    ``value`` is text as it stands (ISO dates, names, raw text); where ``words`` is given, that message
    key with ``params`` words the value instead. A param that is itself a key starts with ``@``.
    """

    section: str
    label: str
    value: str = ""
    path: str = ""
    words: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def passport(
    features: FeatureTable,
    observations: Observations,
    assessment: Assessment,
    row: int,
    rules: tuple[Rule, ...] = (),
) -> tuple[Entry, ...]:
    """Return the entries of one object: verdict, responsibility, every date found, lifespan, quality."""
    return (
        *_currency(assessment, row, rules),
        *_responsibility(features, observations, assessment, row),
        *_dates(features, observations, row),
        *_lifespan(features, row),
        *(
            Entry("judged.section_quality", f"dq.{name}", words=f"dq.{name}")
            for name in quality(int(assessment.dq[row]))
        ),
    )


def _currency(a: Assessment, row: int, rules: tuple[Rule, ...]) -> Iterator[Entry]:
    section = "judged.section_currency"
    if a.observation[row] >= 0:
        params = {
            "kind": f"@date_kind.{KINDS[a.t_kind[row]]}",
            "level": f"@level.{LEVELS[a.t_level[row]]}",
        }
        path = a.paths[a.path[row]]
        yield Entry(section, "judged.effective", iso(a.t_eff[row]), path, params=params)
        yield Entry(
            section, "judged.confidence", f"{float(a.confidence[row]):.2f}", path, "", params
        )
        yield Entry(
            section, "judged.age", words="judged.days", params={"count": int(a.age_days[row])}
        )
    if not np.isnat(a.due[row]):
        yield Entry(section, "judged.due", iso(a.due[row]))
    yield Entry(section, "judged.status", words=f"status.{STATUSES[a.status[row]]}")
    if a.suspect[row]:
        yield Entry(section, "judged.suspect", words="judged.suspect_yes")
    if a.rule[row] >= 0:
        yield _policy(section, a.rules[a.rule[row]], rules)


def _policy(section: str, policy: str, rules: tuple[Rule, ...]) -> Entry:
    for rule in rules:
        if rule.policy.id == policy:
            frequency, duration = rule.frequency, rule.duration
            words = "judged.policy_interval" if duration else "judged.policy_events"
            params = {
                "policy": rule.policy.title or policy,
                "frequency": f"@frequency.{frequency.code}",
                "duration": str(duration or ""),
            }
            return Entry(section, "judged.policy", policy, "", words, params)
    return Entry(section, "judged.policy", policy)


def _responsibility(
    features: FeatureTable, o: Observations, a: Assessment, row: int
) -> Iterator[Entry]:
    section = "judged.section_responsibility"
    rung = f"rung.{int(a.rung[row])}"
    if a.custodian[row] >= 0:
        params = {"rung": f"@{rung}"}
        yield Entry(section, "judged.custodian", a.custodians[a.custodian[row]], "", "", params)
    else:
        yield Entry(section, "judged.custodian", words="judged.nobody")
    for flag, name in ((a.contact_only, "contact_only"), (a.conflict, "conflict")):
        if flag[row]:
            yield Entry(section, f"judged.{name}", words=f"judged.{name}")
    yield Entry(section, "judged.unit", str(features.id[a.unit[row]]))
    for holder, prefix in _line(features, row):
        for claim in np.flatnonzero(o.party_row == holder).tolist():
            path = prefix + o.paths[o.party_path[claim]]
            yield Entry(
                section, f"role.{ROLES[o.party_role[claim]]}", o.parties[o.party[claim]], path
            )


def _dates(features: FeatureTable, o: Observations, row: int) -> Iterator[Entry]:
    for holder, prefix in _line(features, row):
        for index in np.flatnonzero(o.row == holder).tolist():
            aspect = int(o.aspect[index])
            label = f"aspect.{ASPECTS[aspect]}" if aspect >= 0 else "aspect.all"
            params = {
                "kind": f"@date_kind.{KINDS[o.kind[index]]}",
                "level": f"@level.{LEVELS[o.level[index]]}",
                "from": iso(o.t_lo[index]),
                "until": iso(o.t_hi[index]),
                "flags": quality(int(o.flags[index])),
            }
            path = prefix + o.paths[o.path[index]]
            yield Entry("judged.section_dates", label, str(o.raw[index] or ""), path, "", params)


def _line(features: FeatureTable, row: int) -> Iterator[tuple[int, str]]:
    """Yield (row, prefix of its field paths): the object, its ancestors, the whole source."""
    yield row, ""
    above, seen = int(features.parent[row]), {row}
    while above >= 0 and above not in seen and len(seen) <= DEPTH:
        yield above, "parent:"
        seen.add(above)
        above = int(features.parent[above])
    yield -1, ""


def _lifespan(features: FeatureTable, row: int) -> Iterator[Entry]:
    for name in ("valid_from", "valid_to", "created", "terminated"):
        times = features.get(name)
        if times is not None and not np.isnat(times[row]):
            yield Entry("judged.section_lifespan", f"judged.{name}", iso(times[row]), name)


def iso(time: np.datetime64) -> str:
    """Return an instant as ISO 8601 in UTC, a midnight as its date; '' for NaT."""
    if np.isnat(time):
        return ""
    midnight = time == time.astype("datetime64[D]")
    return str(np.datetime_as_string(time, unit="D" if midnight else "s")) + (
        "" if midnight else "Z"
    )
