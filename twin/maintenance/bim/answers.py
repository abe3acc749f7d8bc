"""Everything that was found out at once, and the same as JSON, as text and as a table."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twin.features import Bool
from twin.jobs import Feedback
from twin.maintenance.bim.inputs import Candidates
from twin.maintenance.bim.method import PARTS, Method
from twin.maintenance.bim.scoring import Scores, score
from twin.maintenance.bim.selection import Bundle, Choice, Wanted, choose
from twin.maintenance.bim.stability import Stability, stability
from twin.maintenance.bim.triggers import UNDECIDED, YES, Applied, Trigger, applied
from twin.messages import Catalogue, catalogue
from twin.tables import Table

LISTED = 40
"""Buildings of the ranking that a text lists, besides the chosen ones."""


@dataclass(frozen=True)
class Question:
    """What is asked: the budget (None: no limit), the lowest score, ids ``forced`` in and ``barred`` by a person,
    the rules that count, and whether the candidates are building projects."""

    budget: int | None = None
    min_score: float = 40.0
    forced: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    rules: tuple[Trigger, ...] = ()
    projects: bool = False
    stable: bool = True


@dataclass(frozen=True, eq=False)
class Answer:
    """The candidates with costs filled in by the rule, their scores, what rules say, the choice and how far to trust it.

    ``guessed`` bool(n): the cost is the rule's. ``trust`` None: nobody asked for it (yet).
    """

    found: Candidates
    method: Method
    question: Question
    scores: Scores
    rules: Applied
    choice: Choice
    trust: Stability | None
    wanted: Wanted
    guessed: Bool

    @property
    def forced(self) -> Bool:
        """Return bool(n): what must be chosen, by a person or a rule."""
        none = np.zeros(len(self.scores), np.bool_)
        return none if self.wanted.forced is None else self.wanted.forced


def answer(
    found: Candidates, method: Method, question: Question, feedback: Feedback | None = None
) -> Answer:
    """Return the whole answer; fit for a worker thread. Raises Cancelled."""
    full = found
    for column, value in method.assume.items():
        full = full.with_values(column, np.where(full.known(column), np.nan, value))
    guessed = ~full.known("cost") & full.known("gfa_m2")
    if method.cost.base_k or method.cost.per_m2:
        full = full.with_values("cost", np.where(guessed, method.cost(full["gfa_m2"]), np.nan))
    scores = score(full, method)
    rules = applied(full, question.rules, method, projects=question.projects)
    ids = full.id.tolist()
    forced = np.array([key in question.forced for key in ids], np.bool_) | rules.must
    barred = np.array([key in question.barred for key in ids], np.bool_)
    wanted = Wanted(question.budget, question.min_score, forced, barred)
    choice = choose(scores, full["cost"], wanted, feedback)
    made = Answer(full, method, question, scores, rules, choice, None, wanted, guessed)
    return trusted(made, feedback) if question.stable else made


def trusted(found: Answer, feedback: Feedback | None = None) -> Answer:
    """Return an answer that says how far to trust it too. Raises Cancelled."""
    costs = found.found["cost"]
    told = stability(found.scores, costs, found.wanted, found.choice, found.method, feedback)
    return replace(found, trust=told)


def as_document(found: Answer) -> dict[str, Any]:
    """Return the answer as plain values for JSON: scores in the order of the ranking."""
    choice = found.choice
    ids = found.found.id
    return {
        "scores": [_score(found, row) for row in found.scores.ranking().tolist()],
        "selected": [str(ids[row]) for row in choice.chosen.rows],
        "total": round(choice.chosen.total, 4),
        "cost": choice.chosen.cost,
        "runner_up": None if choice.runner_up is None else _bundle(found, choice.runner_up),
        "infeasible": _shortage(found),
        "collect": [str(ids[row]) for row in choice.collect],
        "budget": found.question.budget,
        "min_score": found.question.min_score,
        "currency": f"k{found.method.currency}",
        "exact": choice.exact,
        "stability": _trust(found),
        "method": {
            "title": found.method.title,
            "weights": dict(found.method.weights),
            "note": "weights and ramps are design decisions, kept in an editable file",
        },
        "rules": [_rule(found, place) for place in range(len(found.rules.rules))],
        "problems": [
            {"code": x.code, "text": x.text, "object": x.feature} for x in found.found.problems
        ],
    }


def _shortage(found: Answer) -> dict[str, Any] | None:
    wrong, ids = found.choice.infeasible, found.found.id
    if wrong is None:
        return None
    return {
        "forced": [str(ids[row]) for row in wrong.forced],
        "forced_cost": wrong.forced_cost,
        "budget": wrong.budget,
        "shortage": wrong.shortage,
        "without_cost": [str(ids[row]) for row in wrong.unpriced],
    }


def _trust(found: Answer) -> dict[str, Any] | None:
    if found.trust is None:
        return None
    return {
        "weightings": found.trust.weightings,
        "change": found.method.change,
        "rank_one": round(found.trust.rank_one, 4),
        "same_set": round(found.trust.same_set, 4),
    }


def _score(found: Answer, row: int) -> dict[str, Any]:
    scores, columns = found.scores, found.found
    values = {part: _number(scores.points[row, i]) for i, part in enumerate(PARTS)}
    entry: dict[str, Any] = {
        "id": str(columns.id[row]),
        "name": str(columns.name[row]),
        "score": round(float(scores.low[row]), 4),
        "low": round(float(scores.low[row]), 4),
        "high": round(float(scores.high[row]), 4),
        "known_weight": round(float(scores.known[row]), 4),
        "parts": values,
        "n": {part: _number(scores.measures[row, i], 6) for i, part in enumerate(PARTS)},
        "missing": list(columns.missing(row)),
        "cost": _number(np.ceil(columns["cost"][row])),
        "cost_by_rule": bool(found.guessed[row]),
        "rules": [rule.id for rule in found.rules.of(row)],
    }
    if found.trust is not None:
        entry["varied"] = [_number(found.trust.low[row]), _number(found.trust.high[row])]
    return entry


def _number(value: float, digits: int = 4) -> float | int | None:
    if not np.isfinite(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded


def _bundle(found: Answer, bundle: Bundle) -> dict[str, Any]:
    return {
        "selected": [str(found.found.id[row]) for row in bundle.rows],
        "total": round(bundle.total, 4),
        "cost": bundle.cost,
    }


def _rule(found: Answer, place: int) -> dict[str, Any]:
    rule = found.rules.rules[place]
    said = found.rules.verdict[:, place]
    ids = found.found.id
    return {
        "pack": rule.pack, "id": rule.id, "force": rule.force, "mark": rule.mark, "source": rule.source,
        "text": rule.words["en"], "warning": catalogue("en").text("bim.check_circular"),
        "applies": [str(ids[row]) for row in np.flatnonzero(said == YES)],
        "undecided": int((said == UNDECIDED).sum()),
    }  # fmt: skip


def as_text(found: Answer, language: str = "en") -> str:
    """Return the answer in words for a terminal."""
    words = catalogue(language)
    lines = [headline(found, words)]
    second = runner_up_line(found, words)
    lines += [second] if second else []
    lines.append("")
    chosen = set(found.choice.chosen.rows)
    ranked = found.scores.ranking().tolist()
    listed = [row for place, row in enumerate(ranked) if place < LISTED or row in chosen]
    lines += [_line(found, row, words, chosen=row in chosen) for row in listed]
    if len(ranked) > len(listed):
        lines.append(words.text("bim.not_listed", count=len(ranked) - len(listed)))
    for place, rule in enumerate(found.rules.rules):
        said = found.rules.verdict[:, place]
        lines.append("")
        lines.append(
            words.text("bim.rule", pack=rule.pack, force=words.text(f"bim.force.{rule.force}"),
                       text=rule.words[words.language], source=rule.source,
                       applies=int((said == YES).sum()), undecided=int((said == UNDECIDED).sum()))
        )  # fmt: skip
    if found.rules.rules:
        lines.append(words.text("bim.check_circular"))
    if found.trust is not None:
        lines += ["", trust_line(found, words)]
    lines += [problem.said(language) for problem in found.found.problems]
    return "\n".join(lines)


def _line(found: Answer, row: int, words: Catalogue, *, chosen: bool) -> str:
    low, high = float(found.scores.low[row]), float(found.scores.high[row])
    span = f"{low:.1f}" if high - low < 0.05 else f"{low:.1f}–{high:.1f}"
    cost = found.found["cost"][row]
    money = "?" if not np.isfinite(cost) else f"{int(np.ceil(cost))}"
    missing = ", ".join(words.text(f"bim.column.{name}") for name in found.found.missing(row))
    tail = f"  {words.text('bim.missing', columns=missing)}" if missing else ""
    mark = "*" if chosen else "?" if row in found.choice.collect else " "
    return f"{mark} {span:>11}  {money:>7}  {found.found.name[row]}{tail}"


def headline(found: Answer, words: Catalogue) -> str:
    """Return the answer in one line: how many, what score, for how much; or why there is none."""
    choice = found.choice
    unit = f"k{found.method.currency}"
    wrong = choice.infeasible
    if wrong is not None and wrong.unpriced:
        return words.text("bim.unpriced", count=len(wrong.unpriced))
    if wrong is not None:
        return words.text("bim.infeasible", short=_grouped(wrong.shortage, words), unit=unit)
    if not choice.chosen.rows:
        return words.text("bim.none")
    key = "bim.answer_one" if len(choice.chosen.rows) == 1 else "bim.answer"
    return words.text(
        key, count=_grouped(len(choice.chosen.rows), words), total=f"{choice.chosen.total:.1f}",
        cost=_grouped(choice.chosen.cost, words), unit=unit,
    )  # fmt: skip


def runner_up_line(
    found: Answer, words: Catalogue, title: Callable[[int], str] | None = None, most: int = 3
) -> str:
    """Return the next best set in one line, '' where there is none; ``title`` names a row."""
    other = found.choice.runner_up
    if other is None:
        return ""
    best = sorted(other.rows, key=lambda row: -found.scores.low[row])[:most]
    names = [title(row) if title is not None else str(found.found.name[row]) for row in best]
    mark = "、" if words.language == "zh" else ", "
    more = len(other.rows) - len(names)
    listed = mark.join(names) + (words.text("bim.more", count=more) if more else "")
    return words.text(
        "bim.runner_up", names=listed, total=f"{other.total:.1f}",
        cost=_grouped(other.cost, words), unit=f"k{found.method.currency}",
    )  # fmt: skip


def trust_line(found: Answer, words: Catalogue) -> str:
    """Return how far the answer depends on the weights, in one or two sentences."""
    trust = found.trust
    assert trust is not None
    key = "bim.trust" if found.choice.chosen.rows else "bim.trust_rank"
    return words.text(
        key, rank=f"{trust.rank_one:.0%}".replace("%", " %"), same=f"{trust.same_set:.0%}".replace("%", " %"),
        count=trust.weightings, change=f"{found.method.change:.0%}".replace("%", " %"),
    )  # fmt: skip


def _grouped(number: int, words: Catalogue) -> str:
    """Return a whole number as the language groups it: thin spaces, in Chinese only from 10 000 on."""
    if words.language == "zh" and abs(number) < 10_000:
        return str(number)
    return f"{number:,}".replace(",", "\u2009")


def table_of(found: Answer, language: str = "en") -> Table:
    """Return the ranked list as a table: every part, what is missing, cost, rules, whether chosen."""
    words = catalogue(language)
    chosen, collect = set(found.choice.chosen.rows), set(found.choice.collect)
    head = [
        words.text("bim.head.id"), words.text("bim.head.name"), words.text("bim.head.state"),
        words.text("bim.head.low"), words.text("bim.head.high"),
        *(words.text(f"bim.part.{part}") for part in PARTS),
        words.text("bim.head.cost", unit=f"k{found.method.currency}"), words.text("bim.head.missing"),
        words.text("bim.head.rules"),
    ]  # fmt: skip
    rows = []
    for row in found.scores.ranking().tolist():
        state = "chosen" if row in chosen else "collect" if row in collect else "not_chosen"
        points = [_number(x) for x in found.scores.points[row]]
        rows.append(
            [
                str(found.found.id[row]), str(found.found.name[row]), words.text(f"bim.state.{state}"),
                round(float(found.scores.low[row]), 4), round(float(found.scores.high[row]), 4), *points,
                _number(np.ceil(found.found["cost"][row])),
                ", ".join(words.text(f"bim.column.{name}") for name in found.found.missing(row)),
                ", ".join(rule.id for rule in found.rules.of(row)),
            ]
        )  # fmt: skip
    return Table(words.text("bim.title"), head, rows)
