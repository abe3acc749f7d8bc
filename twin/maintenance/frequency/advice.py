"""From the best interval to one that a calendar has: the nearest steps above and below, the cheaper wins.

The cap of ten years follows the cyclic revision of Ordnance Survey ("all areas revised at least once
per 10 years"). An optimum beyond twenty years is no schedule: surveyed as needed, under the same cap
(a decision of this program).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twin.maintenance.frequency.cycle import YEAR_DAYS, out_of_date, stale_share
from twin.maintenance.frequency.optimum import (
    Case,
    best_interval,
    cost_per_year,
    interval_for_worst,
    kappa,
    quick_interval,
)
from twin.maintenance.intervals import FREQUENCIES, parse_duration

CAP_YEARS = 10
AS_NEEDED_FROM = 20.0
"""Years from which an optimum is no schedule any more."""
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """An interval that a calendar has: ISO 19115 ``code``, ISO 8601 ``duration``, nominal ``years``."""

    code: str
    duration: str
    years: float


def _ladder() -> tuple[Step, ...]:
    named = [
        Step(one.code, one.duration, one.nominal_days / YEAR_DAYS)
        for one in FREQUENCIES
        if one.nominal_days is not None and one.code != "continual"
    ]
    whole = [Step("periodic", f"P{n}Y", float(n)) for n in range(3, CAP_YEARS + 1)]
    return (*named, *whole)


LADDER = _ladder()
"""From daily to the cap, shortest first."""


def step_of(duration: str) -> Step:
    """Return a duration as a step, with the code it has among the ISO ones. Raises UsageError."""
    for step in LADDER:
        if step.duration == duration:
            return step
    return Step("periodic", duration, parse_duration(duration).nominal_days / YEAR_DAYS)


def step_above(years: float) -> Step:
    """Return the shortest step that is not shorter than an interval, so that a budget is kept.

    Beyond the cap whole years; what would be longer than twenty is surveyed on evidence only.
    """
    if years > AS_NEEDED_FROM:
        return Step("asNeeded", "", math.inf)
    if years > CAP_YEARS + _HAIR:
        whole = math.ceil(years - _HAIR)
        return Step("periodic", f"P{whole}Y", float(whole))
    return next(step for step in LADDER if step.years >= years - _HAIR)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One interval and what it costs: ``surveys`` and ``missed`` add up to ``cost``, money a year.

    ``stale`` is the average share out of date, ``worst`` the share at the end of a cycle; ``within``
    says whether it keeps the limit asked for.
    """

    step: Step
    cost: float
    surveys: float
    missed: float
    stale: float
    worst: float
    within: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """How often to survey a class.

    ``interval`` years is what costs least, shortened where the limit asks for it (``limited``); infinite
    where no schedule pays. ``chosen`` is the step to write into a policy; its code ``asNeeded`` means
    surveyed on evidence, at the latest after its duration ('' = never by schedule).
    """

    case: Case
    optimum: float
    quick: float
    interval: float
    limited: bool
    chosen: Step
    alternatives: tuple[Alternative, ...]
    worst: float | None = None

    @property
    def kappa(self) -> float:
        """Return rate C / (c N)."""
        return kappa(self.case)

    @property
    def event_driven(self) -> bool:
        """Return whether evidence of change, not a calendar, asks for surveys."""
        return self.chosen.code == "asNeeded"

    @property
    def stale(self) -> float:
        """Return the average share out of date at ``interval``."""
        return float(stale_share(self.case.rate, self.interval))

    @property
    def cost(self) -> float:
        """Return money a year at ``interval``."""
        return cost_at(self.case, self.interval)


def advise(case: Case, worst: float | None = None, also: Sequence[Step] = ()) -> Advice:
    """Return how often to survey. ``worst`` 0..1 limits the share out of date at the end of a cycle.

    ``also`` are further steps to cost, such as the present policy's. Raises PlanInput.
    """
    optimum = best_interval(case)
    longest = math.inf if worst is None else interval_for_worst(case.rate, worst)
    interval = min(optimum, longest)
    chosen = choose(case, interval, longest)
    shown = {step.duration: step for step in _worth_showing(interval, (*also, chosen))}
    steps = sorted(shown.values(), key=lambda step: step.years)
    return Advice(
        case,
        optimum,
        quick_interval(case),
        interval,
        longest < optimum,
        chosen,
        tuple(alternative(case, step, longest) for step in steps),
        worst,
    )


def choose(case: Case, interval: float, longest: float = math.inf) -> Step:
    """Return the step to take for a best ``interval`` in years: next below or above, the cheaper.

    Steps above ``longest`` (the limit) are left out; a limit below a day leaves the shortest step.
    """
    if math.isinf(interval):
        return Step("asNeeded", "", math.inf)
    if interval > AS_NEEDED_FROM:
        return Step("asNeeded", f"P{CAP_YEARS}Y", float(CAP_YEARS))
    below = [step for step in LADDER if step.years <= interval + _HAIR]
    above = [step for step in LADDER if interval < step.years <= longest + _HAIR]
    near = [*below[-1:], *above[:1]] or [LADDER[0]]
    return min(near, key=lambda step: (cost_at(case, step.years), step.years))


def alternative(case: Case, step: Step, longest: float = math.inf) -> Alternative:
    """Return a step with its costs."""
    cost = cost_at(case, step.years)
    surveys = case.survey_cost / step.years if math.isfinite(step.years) else 0.0
    return Alternative(
        step,
        cost,
        surveys,
        cost - surveys,
        float(stale_share(case.rate, step.years)),
        float(out_of_date(case.rate, step.years)),
        step.years <= longest + _HAIR,
    )


def cost_at(case: Case, years: float) -> float:
    """Return money a year at one interval in years."""
    return float(cost_per_year(case, years)) if math.isfinite(years) else case.neglected


def _worth_showing(interval: float, also: Sequence[Step]) -> list[Step]:
    """Return the steps round an interval and those that offices use, the ones to cost besides."""
    usual = [step for step in LADDER if step.duration in ("P6M", "P1Y", "P2Y", "P5Y", "P10Y")]
    close: list[Step] = []
    if math.isfinite(interval):
        aim = math.log(max(interval, 1e-6))
        close = sorted(LADDER, key=lambda step: abs(math.log(step.years) - aim))[:4]
    return [*usual, *close, *(step for step in also if step.duration)]
