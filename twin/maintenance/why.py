"""Why one object has its policy and its custodian: every rule that could, every rung, and what decided.

Looks at one object's line of ancestors alone, so that it answers at once in a city of a million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from twin.features import FeatureTable, taken
from twin.geometry import F64, Rows
from twin.maintenance.areas import place
from twin.maintenance.dates import as_texts
from twin.maintenance.footings import Footings, footprints
from twin.maintenance.hierarchy import DEPTH
from twin.maintenance.policy import FIELDS, WITHIN, Rule, field_fits
from twin.maintenance.responsibility import (
    CONTACT_ROLES,
    CONTACTS,
    CUSTODIAN,
    R1_LEVELS,
    Climb,
)
from twin.maintenance.rules import Choices
from twin.observations import ROLES
from twin.records import Responsibility


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule beside an object: which of its named fields fit, the object's values, whether it governs."""

    rule: Rule
    fits: Mapping[str, bool]
    values: Mapping[str, str]
    won: bool = False

    @property
    def matches(self) -> bool:
        """Return whether every field fits."""
        return all(self.fits.values())


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody that a rung yields. ``via``: the key of a rule, or the field path; ``share`` of the footprint
    (NaN = not by area). ``contact``: named as a contact only, so passed over."""

    party: str
    via: str = ""
    share: float = float("nan")
    priority: int = 0
    contact: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder: what it yields, the winner first; ``won`` = it decides."""

    number: int
    claims: tuple[Claim, ...] = ()
    won: bool = False
    conflict: bool = False
    straddle: bool = False


@dataclass(frozen=True)
class Line:
    """An object and its ancestors as a little table: row 0 is the object, ``unit`` the row of its maintained
    unit, ``box`` f64(4) that unit's plan rectangle with all its parts."""

    rows: Rows
    table: FeatureTable
    unit: int
    box: F64


def line_of(features: FeatureTable, unit: Rows, row: int) -> Line:
    """Return the line of an object; its unit's box is taken with all the unit's parts."""
    rows, above = [row], int(features.parent[row])
    while above >= 0 and above not in rows and len(rows) <= DEPTH:
        rows.append(above)
        above = int(features.parent[above])
    chosen = np.array(rows, np.int32)
    parent = np.append(np.arange(1, len(rows), dtype=np.int32), np.int32(-1))
    members = features.bounds[unit == unit[row]]
    sound = members[np.isfinite(members).all(axis=1)]
    box = np.full(4, np.nan)
    if len(sound):
        box = np.concatenate([sound[:, :2].min(axis=0), sound[:, 3:5].max(axis=0)])
    at = rows.index(int(unit[row])) if int(unit[row]) in rows else 0
    return Line(chosen, replace(taken(features, chosen), parent=parent), at, box)


# -- policies ---------------------------------------------------------------------------------


def why_policy(
    line: Line,
    rules: tuple[Rule, ...],
    names: tuple[str, ...],
    choices: Choices,
    within: str,
) -> tuple[Candidate, ...]:
    """Return the rules that match an object, the governing one first, then those that nearly do.

    ``rules`` best first; ``within`` is the zone that the unit lies in. A part follows the ancestor whose rule names more fields than its own.
    """
    values = [_values(line, step, choices, within) for step in range(len(line.rows))]
    best = [
        next((k for k, rule in enumerate(rules) if _all_fit(rule, value, names)), -1)
        for value in values
    ]
    holder = 0
    for step in range(1, len(best)):
        if best[step] >= 0 and (
            best[holder] < 0 or rules[best[step]].strength > rules[best[holder]].strength
        ):
            holder = step
    found = []
    for k, rule in enumerate(rules):
        fits = field_fits(rule.policy, values[holder], names)
        named = {f: fits[f] for f in FIELDS if getattr(rule.policy, f) != "*"}
        found.append(Candidate(rule, named, values[holder], k == best[holder]))
    order = sorted(range(len(found)), key=lambda k: (not found[k].won, not found[k].matches, k))
    return tuple(found[k] for k in order)


def _all_fit(rule: Rule, values: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return all(field_fits(rule.policy, values, names).values())


def _values(line: Line, step: int, choices: Choices, within: str) -> dict[str, str]:
    """Return what an object shows to the policies, each from itself or its nearest ancestor."""
    table = line.table
    found = {
        "kind": table.kinds[int(table.kind[step])],
        "lod": "" if table.lod is None else table.lods[int(table.lod[step])],
        "source": "",
        WITHIN: within,
    }
    columns = {"zone": choices.zone_column, "loa": choices.loa_column,
               "criticality": choices.criticality_column}  # fmt: skip
    for name, column in columns.items():
        values = table.get(column)
        if values is None and name == "criticality":
            values = table.get("Pset_MaintenanceStrategy.AssetCriticality")
        said = [] if values is None else [x or "" for x in as_texts(values[step:]).tolist()]
        found[name] = next((x for x in said if x), "")
    return found


# -- custodians -------------------------------------------------------------------------------


def why_custodian(line: Line, climb: Climb, keys: Mapping[int, str]) -> tuple[Rung, ...]:
    """Return the rungs in the order they are climbed, with everybody each of them yields.

    ``climb`` is of the line's table, its observations those of the whole layer; ``keys`` name the
    responsibilities by ``id``.
    """
    rules = climb.rules
    rungs = [
        _objects(line, climb, keys),
        _dataset(line, climb, keys),
        _areas(line, climb, keys),
        _defaults(climb, keys),
    ]
    if rules.choices.area_before_dataset:
        rungs[1], rungs[2] = rungs[2], rungs[1]
    winner = next((k for k, r in enumerate(rungs) if any(not c.contact for c in r.claims)), -1)
    return tuple(replace(rung, won=k == winner) for k, rung in enumerate(rungs))


def keyed(
    records: Mapping[str, Responsibility], placed: Sequence[Responsibility]
) -> dict[int, str]:
    """Return the key of every placed responsibility, by ``id``: its polygon may have been moved."""
    left = iter(records.items())
    found: dict[int, str] = {}
    for duty in placed:
        for key, record in left:
            if replace(record, polygon=duty.polygon, crs=duty.crs) == duty:
                found[id(duty)] = key
                break
    return found


def _claim(climb: Climb, duty: Responsibility, keys: Mapping[int, str], contact: bool) -> Claim:
    share = float("nan")
    return Claim(climb.shown(duty.party), keys.get(id(duty), ""), share, duty.priority, contact)


def _data(line: Line, climb: Climb, at_object: bool) -> list[Claim]:
    """Return whom the data itself names at object (or file and dataset) level, nearest first."""
    o, found = climb.observations, []
    for row in (*line.rows.tolist(), -1):
        for k in np.flatnonzero(o.party_row == row).tolist():
            role = int(o.party_role[k])
            here = (int(o.party_level[k]) in R1_LEVELS) == at_object
            if here and (role == CUSTODIAN or role in CONTACTS):
                path = o.paths[o.party_path[k]]
                name = climb.shown(o.parties[o.party[k]])
                found.append(Claim(name, path, contact=ROLES[role] in CONTACT_ROLES))
    return found


def _ordered(claims: list[Claim]) -> tuple[Claim, ...]:
    return tuple(sorted(claims, key=lambda claim: claim.contact))


def _objects(line: Line, climb: Climb, keys: Mapping[int, str]) -> Rung:
    ids = set(map(str, line.table.id))
    claims = [
        _claim(climb, duty, keys, False)
        for duty in climb.scoped("object")
        if duty.target in ids and climb.admits(duty)[0]
    ]
    return Rung(1, _ordered([*claims, *_data(line, climb, True)]))


def _dataset(line: Line, climb: Climb, keys: Mapping[int, str]) -> Rung:
    claims = [
        _claim(climb, duty, keys, duty.role in CONTACT_ROLES)
        for roles in (("custodian",), CONTACT_ROLES)
        for duty in climb.scoped("dataset", roles)
        if climb.ours(duty) and climb.admits(duty)[0]
    ]
    if climb.origin.custodian:
        claims.append(Claim(climb.shown(climb.origin.custodian), "source.custodian"))
    claims += _data(line, climb, False)
    if climb.origin.publisher:
        claims.append(
            Claim(climb.shown(climb.origin.publisher), "dataset.publisher", contact=True)
        )
    return Rung(2, _ordered(claims))


def _areas(line: Line, climb: Climb, keys: Mapping[int, str]) -> Rung:
    """Return who covers how much of the unit's footprint, the winner first."""
    footings = UnitFooting(line)
    duties = [d for d in climb.scoped("area") if climb.admits(d)[line.unit]]
    contacts = [d for d in climb.scoped("area", CONTACT_ROLES) if climb.admits(d)[line.unit]]
    found = []
    everywhere = np.ones(len(line.table), np.bool_)
    for duty in (*duties, *contacts):
        share = float(place(footings, [duty], [everywhere]).share[0])
        if share > 0:
            claim = _claim(climb, duty, keys, duty.role in CONTACT_ROLES)
            found.append(replace(claim, share=share))
    if not duties:
        return Rung(3, tuple(found))
    whole = place(footings, duties, [everywhere] * len(duties))
    first = keys.get(id(duties[whole.duty[0]]), "") if whole.duty[0] >= 0 else ""
    found.sort(key=lambda c: (c.contact, c.via != first, -c.priority, -c.share))
    return Rung(
        3, tuple(found), conflict=bool(whole.conflict[0]), straddle=bool(whole.straddle[0])
    )


class UnitFooting(Footings):
    """The footing of one unit: its rectangle is known."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.table, np.zeros(len(line.table), np.int32))
        self.__dict__["boxes"] = np.repeat(line.box[None, :], len(line.table), axis=0)
        self.__dict__["units"] = np.zeros(1, np.int32)
        self.__dict__["shapes"] = footprints(line.box[None, :])


def _defaults(climb: Climb, keys: Mapping[int, str]) -> Rung:
    claims = [
        _claim(climb, duty, keys, duty.role in CONTACT_ROLES)
        for roles in (("custodian",), CONTACT_ROLES)
        for duty in climb.scoped("default", roles)
        if climb.admits(duty)[0]
    ]
    return Rung(4, _ordered(claims))
