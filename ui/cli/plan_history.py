"""``plan frequency PATH... --history OLD...``: the rate of change from deliveries, and the advice it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import UsageError
from twin.maintenance.frequency import Advice, Case, Rate, advise
from twin.maintenance.frequency.report import (
    aligned,
    as_text,
    document,
    number,
    percent,
    rate_document,
)
from twin.messages import catalogue
from twin.planning import (
    ALL,
    Step,
    changed_by_class,
    delivery_date,
    rates,
    unit_counts,
    usual_rule,
    years_between,
)
from twin.records import Instant
from twin.scene import Layer
from twin.session import Session, instant
from ui.cli.loading import opened, settle
from ui.cli.opening import Opening


@dataclass(frozen=True, slots=True)
class Asked:
    """The deliveries to look at: the current ones, the older ones, their dates and the identifying attribute."""

    paths: Sequence[str]
    history: Sequence[str]
    dates: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """The money, None where it is not told; ``rate`` stands in for an estimate that is asked to."""

    rate: float | None = None
    stale: float | None = None
    survey: float | None = None
    worst: float | None = None


@dataclass(frozen=True)
class Line:
    """One class: what it is called (``ALL``: everything), its rate, its units, its policy, the advice."""

    name: str
    rate: Rate
    units: int
    policy: str
    advice: Advice | None


@dataclass(frozen=True)
class Found:
    """The deliveries (path, date), oldest first, and what they say of every class."""

    deliveries: tuple[tuple[str, Instant], ...]
    lines: tuple[Line, ...]


def from_history(asked: Asked, costs: Costs, opening: Opening) -> Found:
    """Return rates and advice from deliveries. Raises UsageError, OpenError, PlanInput."""
    if not asked.history or not asked.paths:
        raise UsageError(
            reason="name the current delivery and at least one older one: plan frequency NEW --history OLD"
        )
    session = opened([*asked.history, *asked.paths], opening)
    try:
        layers = list(session.twin.layers.values())
        expected = len(asked.history) + len(asked.paths)
        if len(layers) != expected:
            raise UsageError(
                reason=f"{len(layers)} layers opened of {expected} deliveries: each must be one layer"
            )
        dated = _dated(layers, asked.dates)
        chains = _chains(dated, by_name=len(asked.paths) > 1)
        steps = [_step(session, *pair, asked.key) for chain in chains for pair in pairwise(chain)]
        lines = tuple(_lines(rates(steps), [chain[-1][0] for chain in chains], costs))
        told = sorted(((layer.source.path, at) for layer, at in dated), key=lambda x: (x[1], x[0]))
        return Found(tuple(told), lines)
    finally:
        session.close()


def _dated(layers: Sequence[Layer], dates: str) -> list[tuple[Layer, Instant]]:
    """Return layers with the dates of their deliveries. Raises UsageError for one without."""
    given = [instant(word.strip()) for word in dates.split(",") if word.strip()]
    if given and len(given) != len(layers):
        raise UsageError(reason=f"--dates names {len(given)} dates for {len(layers)} deliveries")
    found: list[tuple[Layer, Instant]] = []
    for place, layer in enumerate(layers):
        at = given[place] if given else delivery_date(layer)
        if at is None:
            raise UsageError(
                reason=f"{layer.source.path}: no date of the delivery is named; give --dates OLD,...,NEW"
            )
        found.append((layer, at))
    return found


def _chains(
    dated: Sequence[tuple[Layer, Instant]], *, by_name: bool
) -> list[list[tuple[Layer, Instant]]]:
    """Return the deliveries of each area, oldest first: one area, or sheets told apart by their file names."""
    found: dict[str, list[tuple[Layer, Instant]]] = {}
    for layer, at in dated:
        name = Path(layer.source.path).name if by_name else ""
        found.setdefault(name, []).append((layer, at))
    for name, chain in found.items():
        chain.sort(key=lambda pair: pair[1])
        if len(chain) == 1:
            raise UsageError(
                reason=f"{name}: there is no other delivery of this name; with several current files each "
                "needs an older one of the same name"
            )
        if any(b[1] <= a[1] for a, b in pairwise(chain)):
            raise UsageError(
                reason="two deliveries have the same date: no rate follows; give --dates OLD,...,NEW"
            )
    return list(found.values())


def _step(
    session: Session, old: tuple[Layer, Instant], new: tuple[Layer, Instant], key: str
) -> Step:
    work = session.comparing(old[0].id, new[0].id, None, key)
    while not work.done:
        work.step()
        settle(session)
    compared = work.compared()
    return Step(years_between(old[1], new[1]), changed_by_class(compared.revision, old[0]))


def _lines(found: dict[str, Rate], newest: Sequence[Layer], costs: Costs) -> list[Line]:
    counts: dict[str, int] = {}
    for layer in newest:
        for name, n in unit_counts(layer).items():
            counts[name] = counts.get(name, 0) + n
    lines = []
    for name, rate in found.items():
        units = counts.get(name, 0)
        rules = (usual_rule(x, name) for x in newest if name == ALL or name in x.features.kinds)
        policy = next(filter(None, rules), "") if units else ""
        advice = _advice(rate, units, units / max(counts[ALL], 1), costs)
        lines.append(Line(name, rate, units, policy, advice))
    return lines


def _advice(rate: Rate, units: int, share: float, costs: Costs) -> Advice | None:
    """Return the advice for a class; it bears its share of the money for a survey of everything."""
    value = costs.rate if costs.rate is not None else rate.value
    if costs.stale is None or costs.survey is None or not units or not np.isfinite(value):
        return None
    return advise(Case(value, units, costs.stale, costs.survey * share), costs.worst)


def history_document(found: Found) -> dict[str, Any]:
    """Return what ``--json`` prints: the advice for everything where costs were given, rates by class."""
    whole = found.lines[0]
    advice = {} if whole.advice is None else document(whole.advice)
    return {
        **advice,
        **rate_document(whole.rate),
        "deliveries": [{"path": path, "date": f"{at}Z"} for path, at in found.deliveries],
        "by_class": [
            {
                "class": line.name,
                **rate_document(line.rate),
                "units": line.units,
                "policy": line.policy or None,
                "advice": None if line.advice is None else document(line.advice),
            }
            for line in found.lines[1:]
        ],
    }


def history_text(found: Found, language: str, currency: str) -> str:
    """Return what deliveries say, in words and lines."""
    say = catalogue(language).text
    (_, first), (_, last) = found.deliveries[0], found.deliveries[-1]
    years = years_between(first, last)
    lines = [
        say(
            "plan.history.title", n=len(found.deliveries), first=str(first)[:10], last=str(last)[:10],
            years=f"{years:.2f}",
        ),
        "",
    ]  # fmt: skip
    head = [say(f"plan.history.{x}") for x in ("class", "changed", "rate", "interval", "policy")]
    cells = [head]
    for line in found.lines:
        rate = line.rate
        name = say("plan.history.all") if line.name == ALL else line.name
        bounds = f"{_shown(rate.low)} … {_shown(rate.high)}"
        cells.append(
            [name, f"{rate.changed} / {rate.objects}", _shown(rate.value), bounds, line.policy]
        )
    lines += aligned(cells, left=1)
    if found.lines[0].rate.few:
        lines += ["", say("plan.history.few")]
    whole = found.lines[0].advice
    return "\n".join(lines) + "\n" + ("\n" + as_text(whole, language, currency) if whole else "")


def _shown(rate: float) -> str:
    return "∞" if number(rate) is None else percent(rate)
