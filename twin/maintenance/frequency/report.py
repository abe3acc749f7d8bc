"""Advice on how often as JSON, as sentences and as a table; the same inputs give the same bytes."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from twin.maintenance.frequency.advice import LADDER, Advice, Alternative
from twin.maintenance.frequency.cycle import YEAR_DAYS, mean_age, out_of_date
from twin.maintenance.frequency.rate import Rate
from twin.messages import catalogue
from twin.tables import Table

THIN = "\N{NARROW NO-BREAK SPACE}"
HEAD = ("duration", "code", "cost", "surveys", "missed", "stale", "worst", "note")
"""Columns of the table of alternatives."""
MONEY = frozenset({"cost", "surveys", "missed"})
DAYS_BELOW, MONTHS_BELOW = 60, 2
"""Days below which an interval is told in days, and years below which in months."""


def number(value: float) -> float | None:
    """Return a number as JSON has it, nine digits after the point; None for what is infinite or missing."""
    return round(value, 9) + 0.0 if math.isfinite(value) else None


def document(advice: Advice) -> dict[str, Any]:
    """Return advice as ``plan frequency --json`` prints it. Intervals in years, money a year, shares 0..1."""
    case = advice.case
    return {
        "interval_years": number(advice.interval),
        "kappa": number(advice.kappa),
        "event_driven": advice.event_driven,
        "expected_stale_share": number(advice.stale),
        "cost_per_year": number(advice.cost),
        "code": advice.chosen.code,
        "duration": advice.chosen.duration or None,
        "alternatives": [_alternative(one) for one in advice.alternatives],
        "optimum_years": number(advice.optimum),
        "sqrt_years": number(advice.quick),
        "limited_by": "max_out_of_date" if advice.limited else None,
        "out_of_date_at_end": number(float(out_of_date(case.rate, advice.interval))),
        "mean_age_years": _age(advice),
        "never_cost_per_year": number(case.neglected),
        "inputs": {
            "rate": case.rate,
            "objects": case.objects,
            "stale_cost": case.stale_cost,
            "survey_cost": case.survey_cost,
            "max_out_of_date": advice.worst,
        },
    }


def _age(advice: Advice) -> float | None:
    if math.isinf(advice.interval):
        return None
    return number(float(mean_age(advice.case.rate, advice.interval)))


def _alternative(one: Alternative) -> dict[str, Any]:
    return {
        "duration": one.step.duration,
        "code": one.step.code,
        "cost_per_year": number(one.cost),
        "survey_cost_per_year": number(one.surveys),
        "stale_cost_per_year": number(one.missed),
        "expected_stale_share": number(one.stale),
        "out_of_date_at_end": number(one.worst),
        "within_limit": one.within,
    }


def rate_document(rate: Rate) -> dict[str, Any]:
    """Return a rate with its interval as plain values; changes an object-year."""
    return {
        "rate": number(rate.value),
        "ci95": [number(rate.low), number(rate.high)],
        "bias_reduced": number(rate.reduced),
        "naive": number(rate.naive),
        "changed": rate.changed,
        "objects": rate.objects,
        "object_years": number(rate.object_years),
        "few": rate.few,
    }


def sentences(advice: Advice, language: str = "en", currency: str = "") -> list[str]:
    """Return the answer in words: what to do, what it costs, how sure the rule of thumb is."""
    say = catalogue(language).text
    parts = {
        "interval": span(advice.interval, language),
        "cost": money(advice.cost, language, currency),
        "stale": percent(advice.stale),
        "worst": percent(float(out_of_date(advice.case.rate, advice.interval))),
    }
    if math.isinf(advice.interval):
        reason = "still" if advice.case.rate == 0 else "never"
        cost = money(advice.case.neglected, language, currency)
        return [say(f"plan.say.{reason}", cost=cost, kappa=plain(advice.kappa, language))]
    lines = [say("plan.say.limited" if advice.limited else "plan.say.best", **parts)]
    lines.append(_choice(advice, language, currency))
    if advice.interval < LADDER[0].years:
        lines.append(say("plan.say.feed"))
    lines.append(
        say(
            "plan.say.quick", quick=span(advice.quick, language), kappa=plain(advice.kappa, language),
            optimum=span(advice.optimum, language),
        )
    )  # fmt: skip
    return lines


def _choice(advice: Advice, language: str, currency: str) -> str:
    say = catalogue(language).text
    step = advice.chosen
    if advice.event_driven:
        return say("plan.say.as_needed", cap=span(step.years, language))
    cost = _cost_of(advice, step.duration)
    more = cost / advice.cost - 1 if advice.cost else 0.0
    return say(
        "plan.say.take",
        step=step_words(step.duration, language),
        code=step.code,
        duration=step.duration,
        cost=money(cost, language, currency),
        more=f"{100 * more:+.2f} %",
    )


def _cost_of(advice: Advice, duration: str) -> float:
    return next(one.cost for one in advice.alternatives if one.step.duration == duration)


def span(years: float, language: str = "en") -> str:
    """Return a length of time in words: years, below two of them months, below two months days."""
    say = catalogue(language).text
    if math.isinf(years):
        return say("plan.span.never")
    days = years * YEAR_DAYS
    if days < DAYS_BELOW:
        return say("plan.span.days", n=f"{days:.3g}")
    if years < MONTHS_BELOW:
        return say("plan.span.months", n=f"{years * 12:.1f}")
    return say("plan.span.years", n=f"{years:.3g}" if years < 100 else f"{years:.0f}")


def step_words(duration: str, language: str = "en") -> str:
    """Return a calendar interval in words: every 5 years."""
    say = catalogue(language).text
    if not duration:
        return say("plan.step.never")
    unit, n = duration[-1], duration[1:-1]
    key = f"plan.step.{unit}{'' if n != '1' else '1'}"
    return say(key, n=n)


def money(value: float, language: str = "en", currency: str = "") -> str:
    """Return an amount with groups of three digits (Chinese: from five digits on) and its currency."""
    digits = 0 if abs(value) >= 100 or value == round(value) else 2
    text = f"{value:,.{digits}f}"
    small = language == "zh" and abs(value) < 10_000
    return f"{text.replace(',', '' if small else THIN)} {currency}".strip()


def plain(value: float, language: str = "en") -> str:
    """Return a number without unit with three digits, a large one in groups of three."""
    if math.isinf(value):
        return "∞"
    return f"{value:.3g}" if value < 1000 else money(value, language)


def unit_of(currency: str, language: str = "en") -> str:
    """Return what stands behind a head of money: the currency in brackets, nothing without."""
    return catalogue(language).text("plan.unit", currency=currency) if currency else ""


def percent(share: float) -> str:
    """Return a share as per cent."""
    value = 100 * share
    return f"{value:.2f} %" if 0 < value < 1 else f"{value:.1f} %"


def table(
    advice: Advice,
    language: str = "en",
    currency: str = "",
    notes: Mapping[str, str] | None = None,
) -> Table:
    """Return the alternatives as a table; ``notes`` by duration stand in the last column."""
    say = catalogue(language).text
    unit = unit_of(currency, language)
    head = [say(f"plan.head.{name}") + (unit if name in MONEY else "") for name in HEAD]
    said = dict(notes or {})
    rows: list[Sequence[Any]] = []
    for one in advice.alternatives:
        words = [said.get(one.step.duration, "")]
        if one.step.duration == advice.chosen.duration:
            words.insert(0, say("plan.note.chosen"))
        if not one.within:
            words.append(say("plan.note.beyond"))
        rows.append(
            (
                step_words(one.step.duration, language), one.step.code, round(one.cost, 2), round(one.surveys, 2),
                round(one.missed, 2), round(one.stale, 6), round(one.worst, 6), "; ".join(filter(None, words)),
            )
        )  # fmt: skip
    return Table(say("plan.sheet"), head, rows)


def as_text(advice: Advice, language: str = "en", currency: str = "") -> str:
    """Return the answer and the alternatives as lines for a terminal."""
    lines = [*sentences(advice, language, currency), ""]
    found = table(advice, language, currency)
    cells = [list(found.head)]
    for row in found.rows:
        step, code, cost, surveys, missed, stale, worst, note = row
        amounts = [money(x, language) for x in (cost, surveys, missed)]
        cells.append([step, code, *amounts, percent(stale), percent(worst), note])
    return "\n".join([*lines, *aligned(cells)]) + "\n"


def aligned(cells: Sequence[Sequence[str]], left: int = 2, *, note: bool = True) -> list[str]:
    """Return lines with columns one above the other, all but the first ``left`` (and a last ``note``) right."""
    widths = [max(map(shown_width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        parts = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - shown_width(cell))
            start = place < left or (note and place == len(row) - 1)
            parts.append(cell + space if start else space + cell)
        lines.append("  ".join(parts).rstrip())
    return lines


def shown_width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
