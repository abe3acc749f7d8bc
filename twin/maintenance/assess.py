"""The verdict per row: when last updated, too old or not, who must act. Pure: same inputs, same verdict.

observations -> currency -> policy -> status;  evidence -> suspect;  ladder -> custodian
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable
from twin.geometry import I32
from twin.maintenance.currency import (
    DQ_STRADDLE,
    DQ_UNDECIDED,
    Choice,
    Judged,
    choose,
    confidence_of,
    data_quality,
    judge,
)
from twin.maintenance.evidence import Interval, Suspicion, suspicion
from twin.maintenance.footings import Footings
from twin.maintenance.hierarchy import maintained_units
from twin.maintenance.memory import Memory
from twin.maintenance.policy import (
    Rule,
    asks_zone,
    classify,
    match,
    named_units,
    never_units,
    ready,
    retired,
)
from twin.maintenance.responsibility import Ladder, Origin, resolve
from twin.maintenance.rules import Rules
from twin.maintenance.zones import Within, zones_of
from twin.observations import ASPECTS, STATUSES, Assessment, Observations

_NAT = np.datetime64("NaT", "ms")
_RETIRED = STATUSES.index("retired")
_NO_KIND = 255
NOWHERE = Origin()
"""A layer of which nothing is said as a whole."""


def assess(
    features: FeatureTable,
    observations: Observations,
    rules: Rules,
    now: np.datetime64,
    origin: Origin = NOWHERE,
    memory: Memory | None = None,
) -> Assessment:
    """Judge every row of a layer at the instant ``now`` (UTC).

    The policy's required aspects decide which observations count; without any, the best of
    whichever aspect. Uniform dates are judged over the whole of ``observations``, so these must be
    the delivery's; while a tileset is still arriving the verdict is provisional. ``memory`` holds the
    parts of the verdict before: what rests on the same inputs is not made again.
    """
    now = np.datetime64(now).astype("datetime64[ms]")
    parts = _Parts(features, observations, rules, now, origin, memory or Memory())
    ready_rules = prepared(rules, origin)
    footings = parts.footings(ready_rules)
    within = zoned(footings, rules, parts.kept) if asks_zone(ready_rules) else None
    rule = match(features, ready_rules, origin.names, rules.choices, within)
    dates = _Dates(features.parent, parts.judged(), parts.kept).required(ready_rules, rule)
    verdict = classify(dates.t_eff, dates.confidence, rule, ready_rules, now)
    doubt, ladder = parts.doubt(footings, dates), parts.ladder(footings)
    footings.forget_shapes()
    path, paths = parts.paths(dates.choice)
    return Assessment(
        t_eff=dates.t_eff, t_kind=dates.kind, t_level=dates.level, confidence=dates.confidence,
        age_days=verdict.age_days, due=verdict.due, ratio=verdict.ratio, overdue=verdict.overdue,
        status=np.where(parts.gone(), np.uint8(_RETIRED), verdict.status), suspect=doubt.suspect,
        custodian=ladder.custodian, custodians=tuple(ladder.names), rung=ladder.rung, rule=rule,
        rules=tuple(one.policy.id for one in ready_rules), path=path, paths=paths,
        dq=parts.quality(dates.choice, doubt, ladder), conflict=ladder.conflict,
        contact_only=ladder.contact_only, unit=footings.unit, observation=dates.choice.index,
        change=doubt.p.astype(np.float32),
    )  # fmt: skip


@dataclass(frozen=True)
class _Parts:
    """The parts of a verdict, each remembered with what it was made from."""

    features: FeatureTable
    observations: Observations
    rules: Rules
    now: np.datetime64
    origin: Origin
    kept: Memory

    def judged(self) -> Judged:
        said, now, references = self.observations, self.now, self.origin.references
        return self.kept.recall(
            "judged", (said,), (now, references), lambda: judge(said, now, references)
        )

    def footings(self, rules: Sequence[Rule]) -> Footings:
        features = self.features
        kinds = (*self.origin.unit_kinds, *named_units(features, rules))
        never = never_units(features, rules)
        return self.kept.recall(
            "footings", (features,), (kinds, never),
            lambda: Footings(features, maintained_units(features, kinds, never)),
        )  # fmt: skip

    def doubt(self, footings: Footings, dates: "_Dates") -> Suspicion:
        hints, now = self.rules.evidence, self.now
        return self.kept.recall(
            "doubt", (footings, dates.t_eff, dates.t_hi), (hints, now),
            lambda: suspicion(footings, dates.interval, hints, now),
        )  # fmt: skip

    def ladder(self, footings: Footings) -> Ladder:
        features, said, rules = self.features, self.observations, self.rules
        who = (rules.parties, rules.responsibilities, rules.absences, rules.aliases)
        values = (*who, rules.choices.area_before_dataset, self.origin, self.now)
        return self.kept.recall(
            "ladder", (features, said, footings), values,
            lambda: resolve(features, said, rules, self.origin, self.now, footings),
        )  # fmt: skip

    def gone(self) -> Bool:
        features, now = self.features, self.now
        return self.kept.recall("gone", (features,), (now,), lambda: retired(features, now))

    def paths(self, choice: Choice) -> tuple[I32, tuple[str, ...]]:
        said = self.observations
        return self.kept.recall("path", (said, choice), (), lambda: _field_paths(said, choice))

    def quality(self, choice: Choice, doubt: Suspicion, ladder: Ladder) -> NDArray[np.uint8]:
        features, judged = self.features, self.judged()
        return self.kept.recall(
            "quality", (features, judged, choice, doubt, ladder), (),
            lambda: _quality(features, judged, choice, doubt, ladder.straddle),
        )  # fmt: skip


def zoned(footings: Footings, rules: Rules, kept: Memory) -> Within | None:
    """Return the zone that each row lies in; None where no zone is drawn."""
    if not rules.zones:
        return None
    return kept.recall(
        "zones", (footings,), (rules.zones,), lambda: zones_of(footings, rules.zones)
    )


def prepared(rules: Rules, origin: Origin) -> tuple[Rule, ...]:
    """Return the policies, best first; an unknown frequency takes the dataset's own, then the default."""
    policies = rules.policies
    if origin.frequency not in ("", "unknown") or origin.duration:
        policies = tuple(
            replace(policy, frequency=origin.frequency or "periodic", duration=origin.duration)
            if policy.frequency == "unknown" and not policy.duration
            else policy
            for policy in policies
        )
    return ready(policies, rules.choices.default_duration)


class _Dates:
    """The dates that count, per aspect on demand, and the object's own over its required aspects."""

    def __init__(self, parent: I32, judged: Judged, kept: Memory) -> None:
        self.judged, self.parent, self.kept = judged, parent, kept
        self.choice = self.chosen(-1)
        self.confidence = self.trust(self.choice)

    def required(self, rules: Sequence[Rule], rule: NDArray[np.int16]) -> "_Dates":
        """Return the dates over the aspects that each row's rule requires."""
        demands: dict[tuple[str, ...], int] = {(): 0}
        asked = [demands.setdefault(one.policy.required_aspects, len(demands)) for one in rules]
        code = np.array([*asked, 0], np.uint8)[rule]
        things = (self.judged, self.parent)
        return self.kept.recall(
            "dates", things, (code, tuple(demands)), lambda: self._over(tuple(demands), code)
        )

    def _over(self, demands: tuple[tuple[str, ...], ...], code: NDArray[np.uint8]) -> "_Dates":
        for number, aspects in enumerate(demands):
            if aspects:
                self._require(aspects, code == number)
        self.t_eff, self.t_hi = self.times(self.choice)
        self.kind = _picked(self.judged.kind, self.choice.index, _NO_KIND)
        self.level = _picked(self.judged.observations.level, self.choice.index, 0)
        return self

    def chosen(self, aspect: int) -> Choice:
        """Return the choice for an aspect code, computed once."""
        return self.kept.recall(
            f"aspect {aspect}", (self.judged, self.parent), (),
            lambda: choose(self.judged, self.parent, aspect),
        )  # fmt: skip

    def times(self, choice: Choice) -> Interval:
        """Return (t_lo, t_hi) of a choice."""
        none = choice.index < 0
        if not len(self.judged.t_lo):
            nothing = np.full(len(none), _NAT)
            return nothing, nothing
        low, high = self.judged.t_lo[choice.index], self.judged.observations.t_hi[choice.index]
        if none.any():
            low, high = np.where(none, _NAT, low), np.where(none, _NAT, high)
        return low, np.maximum(high, low + 1)

    def interval(self, aspect: int) -> Interval:
        """Return the dates for an aspect; -1 = the object's own."""
        return (self.t_eff, self.t_hi) if aspect < 0 else self.times(self.chosen(aspect))

    def trust(self, choice: Choice) -> NDArray[np.float32]:
        """Return the confidence of a choice, 0 where there is none."""
        if not len(self.judged.kind):
            return np.zeros(len(choice.index), np.float32)
        each = confidence_of(self.judged.kind, self.judged.observations.level)
        return np.where(choice.index < 0, np.float32(0), each[choice.index]).astype(np.float32)

    def _require(self, aspects: tuple[str, ...], rows: Bool) -> None:
        """Let the earliest of the required aspects stand for the rows; a missing one leaves nothing."""
        first = self.chosen(ASPECTS.index(aspects[0]))
        index, inherited = first.index, first.inherited
        confidence = self.trust(first)
        for name in aspects[1:]:
            other = self.chosen(ASPECTS.index(name))
            mine = self.times(replace_index(first, index, inherited))[0]
            theirs = self.times(other)[0]
            take = (other.index < 0) | ((index >= 0) & (theirs < mine))
            index = np.where(take, other.index, index)
            inherited = np.where(take, other.inherited, inherited)
            confidence = np.minimum(confidence, self.trust(other))
        self.choice = replace_index(
            self.choice,
            np.where(rows, index, self.choice.index).astype(np.int32),
            np.where(rows, inherited, self.choice.inherited),
        )
        self.confidence = np.where(rows, confidence, self.confidence).astype(np.float32)


def replace_index(choice: Choice, index: I32, inherited: Bool) -> Choice:
    """Return a choice with other rows' observations."""
    return replace(choice, index=index, inherited=inherited)


def _picked(values: NDArray[np.uint8], index: I32, none: int) -> NDArray[np.uint8]:
    if not len(values):
        return np.full(len(index), none, np.uint8)
    return np.where(index < 0, np.uint8(none), values[index]).astype(np.uint8)


def _field_paths(observations: Observations, choice: Choice) -> tuple[I32, tuple[str, ...]]:
    """Return codes and paths of the chosen fields; an inherited one reads ``parent:...``."""
    own = observations.paths
    if not len(observations):
        return choice.index, ()
    path = observations.path[choice.index].astype(np.int32)
    if choice.inherited.any():
        path = path + np.where(choice.inherited, np.int32(len(own)), np.int32(0))
        own = (*own, *(f"parent:{item}" for item in own))
    return np.where(choice.index < 0, np.int32(-1), path).astype(np.int32), own


def _quality(
    features: FeatureTable, judged: Judged, choice: Choice, doubt: Suspicion, straddle: Bool
) -> NDArray[np.uint8]:
    dq = data_quality(features, judged, choice)
    dq[doubt.undecided] |= np.uint8(DQ_UNDECIDED)
    dq[straddle] |= np.uint8(DQ_STRADDLE)
    return dq
