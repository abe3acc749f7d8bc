"""The classes a city is surveyed by - its policies, else its kinds - with their units, ages and holders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.geometry import Rows
from twin.maintenance.frequency.advice import Step, step_of
from twin.maintenance.intervals import read_frequency
from twin.observations import STATUSES
from twin.records import Policy
from twin.scene import Layer

KIND = "kind:"
"""Before the name of a class of objects that is no policy's."""
_RETIRED = STATUSES.index("retired")


@dataclass(frozen=True, slots=True)
class Held:
    """One class: its ``key`` (a policy's id, or ``kind:`` and a name), its maintained units, the policy that
    judges most of them ('' = none) and the interval that this asks for (None = none by age)."""

    key: str
    units: int
    policy: str
    present: Step | None

    @property
    def kind(self) -> str:
        """Return the name of the class of objects, '' where the class is a policy's."""
        return self.key.removeprefix(KIND) if self.key.startswith(KIND) else ""


def living(layer: Layer) -> Rows:
    """Return the maintained units that no earlier layer counts already and that are not retired."""
    units: Rows = layer.assessment.unit_rows()
    units = units[units < len(layer.features)]
    if layer.counted_elsewhere is not None:
        units = units[~layer.counted_elsewhere[units]]
    left: Rows = units[layer.assessment.status[units] != _RETIRED]
    return left


def classes(layers: Sequence[Layer], policies: Mapping[str, Policy]) -> tuple[Held, ...]:
    """Return the policies that judge something, then the kinds; those with most units first."""
    by_rule: dict[str, int] = {}
    by_kind: dict[str, dict[str, int]] = {}
    for layer in layers:
        units = living(layer)
        kinds, verdict = layer.features.kinds, layer.assessment
        rules = (*verdict.rules, "")
        pairs = layer.features.kind[units].astype(np.int64) * len(rules) + (
            verdict.rule[units] % len(rules)
        )
        counts = np.bincount(pairs)
        for pair in np.flatnonzero(counts).tolist():
            n = int(counts[pair])
            kind, rule = kinds[pair // len(rules)], rules[pair % len(rules)]
            of_kind = by_kind.setdefault(kind, {})
            of_kind[rule] = of_kind.get(rule, 0) + n
            if rule in policies:
                by_rule[rule] = by_rule.get(rule, 0) + n
    found = [Held(rule, n, rule, interval_of(policies[rule])) for rule, n in _most(by_rule)]
    for kind, n in _most({kind: sum(rules.values()) for kind, rules in by_kind.items()}):
        rule = max(by_kind[kind].items(), key=lambda item: item[1])[0]
        policy = policies.get(rule)
        present = None if policy is None else interval_of(policy)
        found.append(Held(f"{KIND}{kind}", n, rule if policy else "", present))
    return tuple(found)


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def interval_of(policy: Policy) -> Step | None:
    """Return the interval a policy asks for, None where age does not count."""
    _, duration = read_frequency(policy.frequency, policy.duration)
    return None if duration is None else step_of(str(duration))


def members(layer: Layer, key: str) -> Rows:
    """Return the units of a class in a layer."""
    units, kinds, rules = living(layer), layer.features.kinds, layer.assessment.rules
    name = key.removeprefix(KIND)
    if name not in (kinds if key.startswith(KIND) else rules):
        return np.zeros(0, np.int32)
    if key.startswith(KIND):
        mine: Rows = units[layer.features.kind[units] == kinds.index(name)]
    else:
        mine = units[layer.assessment.rule[units] == rules.index(name)]
    return mine
