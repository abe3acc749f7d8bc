"""A class five years ahead under several intervals, as a whole and for each custodian or district."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from twin.geometry import F64, I32
from twin.judging import origin_of
from twin.maintenance.assess import prepared
from twin.maintenance.districts import districts
from twin.maintenance.footings import Footings
from twin.maintenance.frequency.assumptions import Assumption
from twin.maintenance.frequency.cycle import YEAR_DAYS
from twin.maintenance.frequency.simulation import Course, Stock, simulate
from twin.maintenance.rules import Rules
from twin.planning.classes import members
from twin.ports import Feedback
from twin.records import Instant
from twin.scene import Layer

MOST_GROUPS = 100
"""Custodians or districts whose course is told by itself, those with most objects first."""
GROUPINGS = ("custodian", "district")
PRESENT = "present"
DRAWS = 100
SEED = 20_261
"""Of the draws: the same city gives the same band."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to look ahead for: a class, what is assumed of it, the instant, and the intervals to compare.

    ``scenarios``: name -> years (infinite = never); the present policies' are always among the answers.
    ``group`` is one of ``GROUPINGS``; ``drawn`` names the scenario that gets a band of chance.
    """

    key: str
    assumed: Assumption
    at: Instant
    scenarios: Mapping[str, float]
    group: str = "custodian"
    drawn: str = ""


@dataclass(frozen=True)
class Part:
    """A custodian or district ('' = nobody, not stated; the whole has ``whole``): objects and courses by scenario."""

    name: str
    objects: int
    courses: Mapping[str, Course]
    whole: bool = False


@dataclass(frozen=True)
class Gathered:
    """The objects of a class as a simulation takes them, with the codes i32(n) of their groups."""

    stock: Stock
    groups: I32
    names: tuple[str, ...]


def outlook(
    layers: Sequence[Layer], rules: Rules, asked: Question, feedback: Feedback
) -> tuple[Part, ...]:
    """Return the whole class first, then its groups, those with most objects first."""
    found = gather(layers, rules, asked)
    whole = _part("", found.stock, asked, drawn=True)
    parts = [replace(whole, whole=True)]
    counts = np.bincount(found.groups, minlength=len(found.names))
    for code in np.argsort(-counts, kind="stable")[:MOST_GROUPS].tolist():
        feedback.check()
        rows = np.flatnonzero(found.groups == code).astype(np.int32)
        if len(rows):
            parts.append(_part(found.names[code], found.stock.of(rows), asked, drawn=False))
    return tuple(parts)


def _part(name: str, stock: Stock, asked: Question, *, drawn: bool) -> Part:
    courses = {PRESENT: simulate(stock, draws=_draws(asked, PRESENT, drawn), seed=SEED)}
    for scenario, years in asked.scenarios.items():
        courses[scenario] = simulate(stock, years, draws=_draws(asked, scenario, drawn), seed=SEED)
    return Part(name, len(stock), courses)


def _draws(asked: Question, scenario: str, drawn: bool) -> int:
    return DRAWS if drawn and scenario == asked.drawn else 0


def gather(layers: Sequence[Layer], rules: Rules, asked: Question) -> Gathered:
    """Return the units of a class over all layers; money and rate are those assumed, spread evenly."""
    ages: list[F64] = []
    intervals: list[F64] = []
    names: dict[str, int] = {}
    groups: list[I32] = []
    for layer in layers:
        rows = members(layer, asked.key)
        since = (asked.at - layer.assessment.t_eff[rows]) / np.timedelta64(1, "D")
        ages.append(np.maximum(np.asarray(since, np.float64), 0.0) / YEAR_DAYS)
        intervals.append(_intervals(layer, rules)[layer.assessment.rule[rows]])
        groups.append(_groups(layer, asked.group, rules, names)[rows])
    age = np.concatenate([*ages, np.zeros(0)])
    n = len(age)
    assumed = asked.assumed
    stock = Stock(
        age,
        np.full(n, assumed.rate),
        np.full(n, assumed.survey_cost / max(n, 1)),
        np.full(n, assumed.stale_cost),
        np.concatenate([*intervals, np.zeros(0)]),
    )
    return Gathered(stock, np.concatenate([*groups, np.zeros(0, np.int32)]), tuple(names))


def _intervals(layer: Layer, rules: Rules) -> F64:
    """Return f64(rules + 1) years of each rule of a layer's verdict, infinite without; the last is no rule's."""
    by_id = {one.policy.id: one.duration for one in prepared(rules, origin_of(layer))}
    found = [by_id.get(name) for name in layer.assessment.rules]
    years = [np.inf if x is None else x.nominal_days / YEAR_DAYS for x in found]
    return np.array([*years, np.inf])


def _groups(layer: Layer, group: str, rules: Rules, names: dict[str, int]) -> I32:
    """Return i32(n) codes into ``names``, which grows."""
    verdict = layer.assessment
    if group == "custodian":
        own = [names.setdefault(name, len(names)) for name in verdict.custodians]
        own.append(names.setdefault("", len(names)))
        return np.array(own, np.int32)[verdict.custodian]
    footings = Footings(layer.features, verdict.unit)
    codes, found = districts(layer.features, rules, footings)
    table = [names.setdefault(name, len(names)) for name in (*found, "")]
    return np.array(table, np.int32)[codes]
