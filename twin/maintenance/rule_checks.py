"""What is wrong with the rules themselves: contradictions, custodians twice, circles, areas that overlap.

Nothing here changes a rule: each problem names what to do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.errors import UsageError
from twin.maintenance.intervals import Duration, Frequency, read_frequency
from twin.maintenance.placing import in_project
from twin.maintenance.policy import FIELDS
from twin.maintenance.responsibility import acting
from twin.maintenance.rules import Rules, once
from twin.messages import text
from twin.records import Instant, Policy, Problem, Responsibility

SLIVER = 0.001
"""Share of the smaller area below which an overlap is an inexact border, not a double claim."""
MOST = 200
"""Problems of one kind that are listed one by one."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two areas of equal priority and different parties that claim the same ground."""

    first: int
    second: int
    shape: BaseGeometry


def rule_problems(rules: Rules, crs: str, now: Instant) -> tuple[Problem, ...]:
    """Return everything that is wrong with the rules, areas compared in the system ``crs``."""
    placed, problems = in_project(rules, crs)
    found = [*problems, *contradictions(rules.policies), *twice(rules), *dangling(rules)]
    found += [*circles(rules, now), *_overlapping(placed)]
    return tuple(found)


def _problem(code: str, feature: str, **params: Any) -> Problem:
    return Problem(code, text(f"problem.{code}", **params), feature, params)


def _interval(policy: Policy) -> tuple[Frequency, Duration | None] | None:
    try:
        return read_frequency(policy.frequency, policy.duration)
    except UsageError:
        return None


def contradictions(policies: Sequence[Policy]) -> Iterator[Problem]:
    """Yield policies that match the very same objects: one of them never applies."""
    groups: dict[tuple[str, ...], list[Policy]] = {}
    for policy in policies:
        groups.setdefault(tuple(_spelled(getattr(policy, f)) for f in FIELDS), []).append(policy)
    for group in groups.values():
        for other in group[1:]:
            first, code = group[0], "policy.contradicts"
            if _interval(first) == _interval(other):
                code = "policy.repeats"
            yield _problem(code, other.id, first=first.id, second=other.id)


def _spelled(pattern: str) -> str:
    """Return a pattern with its alternatives in order: ``b|a`` matches what ``a|b`` matches."""
    return "|".join(sorted({part.strip() for part in pattern.split("|")}))


def twice(rules: Rules) -> Iterator[Problem]:
    """Yield parties that look like one and the same, and aliases that two claim."""
    seen: dict[str, str] = {}
    for party in rules.parties:
        spellings = {once(party.id), party.name, party.email} - {""}
        others = {seen[word] for word in map(str.casefold, spellings) if word in seen}
        for other in sorted(others - {party.id}):
            yield _problem("party.twice", party.id, first=other, second=party.id)
        for spelling in spellings:
            seen.setdefault(spelling.casefold(), party.id)
    for alias, party_id in rules.aliases.items():
        said = once(alias)
        other_id = rules.aliases.get(said, party_id) if said != alias else party_id
        other_id = seen.get(said.casefold(), other_id) if other_id == party_id else other_id
        if other_id != party_id:
            params = {"alias": said, "first": other_id, "second": party_id}
            yield _problem("party.alias", party_id, **params)


def dangling(rules: Rules) -> Iterator[Problem]:
    """Yield parties that rules name and nobody describes (their ids are shown as names)."""
    known = {party.id for party in rules.parties}
    named = [d.party for d in rules.responsibilities]
    named += [name for a in rules.absences for name in (a.party, a.substitute)]
    for name in sorted(set(named) - known):
        yield _problem("party.unknown", name, party=name)


def circles(rules: Rules, now: Instant) -> Iterator[Problem]:
    """Yield absences whose substitutes lead to nobody: now, or when one of them begins."""
    told: set[str] = set()
    for instant in sorted({now, *(a.start for a in rules.absences)}):
        for problem in acting(rules, instant)[1]:
            if problem.feature not in told:
                told.add(problem.feature)
                yield problem


def overlaps(duties: Sequence[Responsibility]) -> list[Overlap]:
    """Return where areas of equal priority, role and meeting filters claim the same ground.

    Polygons must stand in one system. Slivers below a thousandth of the smaller area are no claim.
    """
    places = tuple((k, d.polygon) for k, d in enumerate(duties) if d.scope == "area" and d.polygon)
    meets = _meeting(tuple(polygon for _, polygon in places))
    found = []
    for a, b, shape in meets:
        one, other = duties[places[a][0]], duties[places[b][0]]
        if one.party != other.party and _alike(one, other):
            found.append(Overlap(places[a][0], places[b][0], shape))
    return found


@lru_cache(maxsize=8)
def _meeting(polygons: tuple[str, ...]) -> tuple[tuple[int, int, BaseGeometry], ...]:
    if not polygons:
        return ()
    shapes = np.array([shapely.from_wkt(polygon) for polygon in polygons], object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    shared = shapely.intersection(shapes[first], shapes[second])
    least = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    kept = np.flatnonzero(shapely.area(shared) > SLIVER * least)
    return tuple((int(first[k]), int(second[k]), shared[k]) for k in kept)


def _alike(one: Responsibility, other: Responsibility) -> bool:
    """Return whether two duties can claim the same object at the same time."""
    if (one.role, one.priority) != (other.role, other.priority):
        return False
    for name in ("kind", "theme", "lod"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if "*" not in (mine, theirs) and not set(mine.split("|")) & set(theirs.split("|")):
            return False
    later = [d.valid_from for d in (one, other) if d.valid_from is not None]
    earlier = [d.valid_to for d in (one, other) if d.valid_to is not None]
    return all(start < end for start in later for end in earlier)


def _overlapping(rules: Rules) -> Iterator[Problem]:
    found = overlaps(rules.responsibilities)
    for one in found[:MOST]:
        names = [rules.party_of(rules.responsibilities[k].party) for k in (one.first, one.second)]
        area = f"{one.shape.area:.0f}"
        params = {"first": names[0], "second": names[1], "area": area}
        yield _problem("area.overlap", names[1], **params)


def mergers(rules: Rules) -> list[tuple[str, str]]:
    """Return (party to keep, party to merge into it) for every custodian that stands twice."""
    found = [p for p in twice(rules) if p.code == "party.twice"]
    return [(str(p.params["first"]), str(p.params["second"])) for p in found]


def pairs_of(policies: Sequence[Policy]) -> dict[str, str]:
    """Return policy id -> id of the one it contradicts or repeats, for marking both in a list."""
    found: dict[str, str] = {}
    for problem in contradictions(policies):
        for one, other in combinations((problem.params["first"], problem.params["second"]), 2):
            found[str(one)], found[str(other)] = str(other), str(one)
    return found
