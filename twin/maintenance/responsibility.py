"""Who should update a row: the ladder R1 object, R2 dataset, R3 area, R4 default (MAINTENANCE.md 2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable
from twin.geometry import I32, Rows
from twin.maintenance.areas import place
from twin.maintenance.footings import Footings
from twin.maintenance.hierarchy import nearest_with
from twin.maintenance.policy import matches
from twin.maintenance.rules import Rules, within
from twin.observations import LEVELS, ROLES, Observations
from twin.records import Problem, Responsibility

CUSTODIAN = ROLES.index("custodian")
CONTACTS = (ROLES.index("pointOfContact"), ROLES.index("publisher"))
CONTACT_ROLES = ("pointOfContact", "publisher")
R1_LEVELS = (LEVELS.index("object"), LEVELS.index("tile"))
ABSENCE_DEPTH = 3
_AT_OBJECT = np.isin(np.arange(256), R1_LEVELS)
_IS_CONTACT = np.isin(np.arange(256), CONTACTS)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a layer comes from: what datasets, sources and users said about the whole of it.

    ``source`` is the file's name or address, ``title`` the dataset's title, ``dataset`` its id;
    ``publisher`` is a contact, never a custodian; ``custodian`` is what the user decided about this
    source (R2). ``unit_kinds`` as in ``Opened``; ``references`` the delivery's reference and export
    dates; ``frequency``/``duration`` the dataset's own maintenance frequency.
    """

    source: str = ""
    dataset: str = ""
    title: str = ""
    publisher: str = ""
    custodian: str = ""
    unit_kinds: tuple[str, ...] = ()
    references: tuple[np.datetime64, ...] = ()
    frequency: str = "unknown"
    duration: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name by which a rule may call this source, empty ones left out."""
        stem = self.source.replace("\\", "/").rsplit("/", 1)[-1]
        found = (self.dataset, self.title, self.source, stem, stem.partition(".")[0])
        return tuple(dict.fromkeys(name for name in found if name))


@dataclass
class Ladder:
    """The state while climbing: who was found on which rung. ``names`` -> code into custodians."""

    custodian: I32
    rung: NDArray[np.uint8]
    contact_only: Bool
    conflict: Bool
    straddle: Bool
    names: dict[str, int] = field(default_factory=dict)

    def take(self, rows: Rows, code: I32 | int, rung: int) -> None:
        """Give rows that have nobody yet to somebody."""
        self.custodian[rows] = code
        self.rung[rows] = rung

    def code(self, name: str) -> int:
        """Return the code of a display name."""
        return self.names.setdefault(name, len(self.names))

    @property
    def free(self) -> Bool:
        """Return the rows that have nobody yet."""
        free: Bool = self.rung == 0
        return free


def resolve(
    features: FeatureTable,
    observations: Observations,
    rules: Rules,
    origin: Origin,
    now: np.datetime64,
    footings: Footings,
) -> Ladder:
    """Climb the ladder for every row; first hit wins.

    A rung that yields only a point of contact or publisher marks ``contact_only`` and is passed.
    A row takes what its nearest ancestor has on the same rung. Nobody at all = rung 0, code -1.
    """
    n = len(features)
    no = np.zeros(n, np.bool_)
    ladder = Ladder(
        np.full(n, -1, np.int32), np.zeros(n, np.uint8), no.copy(), no.copy(), no.copy()
    )
    climb = Climb(features, observations, rules, origin, now)
    climb.objects(ladder)
    steps = [climb.dataset, lambda ladder: climb.areas(ladder, footings)]
    for step in reversed(steps) if rules.choices.area_before_dataset else steps:
        step(ladder)
    climb.defaults(ladder)
    return ladder


class Climb:
    """One layer on its way up: each method is one rung."""

    def __init__(
        self,
        features: FeatureTable,
        observations: Observations,
        rules: Rules,
        origin: Origin,
        now: np.datetime64,
    ) -> None:
        self.features, self.observations, self.origin = features, observations, origin
        self.rules, self.now = rules, now
        self.known = rules.names()
        self.acting = acting(rules, now)[0]
        self.duties = [d for d in rules.responsibilities if within(now, d.valid_from, d.valid_to)]

    def shown(self, party: str) -> str:
        """Return the display name of whoever acts for a party now."""
        name = self.known.get(party.casefold(), party)
        return self.acting.get(name, name)

    def scoped(
        self, scope: str, roles: tuple[str, ...] = ("custodian",)
    ) -> Iterator[Responsibility]:
        """Yield the duties of a scope and role that apply now, highest priority first."""
        found = [d for d in self.duties if d.scope == scope and d.role in roles]
        yield from sorted(found, key=lambda d: (-d.priority, d.party))

    def admits(self, duty: Responsibility) -> Bool:
        """Return the rows whose kind and LoD a duty's filters admit; parts follow their parents."""
        n = len(self.features)
        if duty.kind == "*" and duty.theme == "*" and duty.lod == "*":
            return np.ones(n, np.bool_)
        kinds = [matches(duty.kind, k) and matches(duty.theme, k) for k in self.features.kinds]
        fits = np.array([*kinds, False], np.bool_)[self.features.kind]
        if duty.kind != "*" or duty.theme != "*":
            fits = nearest_with(self.features.parent, fits) >= 0
        if duty.lod != "*" and self.features.lod is not None:
            lods = np.array([*(matches(duty.lod, x) for x in self.features.lods), False], np.bool_)
            fits &= lods[self.features.lod]
        return fits

    def give(self, ladder: Ladder, duty: Responsibility, rows: Bool, rung: int) -> None:
        """Give the free rows among ``rows`` to a duty's party."""
        at = np.flatnonzero(rows & ladder.free).astype(np.int32)
        if len(at):
            ladder.take(at, ladder.code(self.shown(duty.party)), rung)

    def objects(self, ladder: Ladder) -> None:
        """R1: named for the object by a rule, or by its own data at object or tile level."""
        for duty in self.scoped("object"):
            marked: Bool = np.asarray(self.features.id == duty.target)
            self.give(
                ladder,
                duty,
                (nearest_with(self.features.parent, marked) >= 0) & self.admits(duty),
                1,
            )
        self.claims(ladder, 1, at_object=True)

    def dataset(self, ladder: Ladder) -> None:
        """R2: the dataset's custodian by a rule, by the user's word, or by its own metadata."""
        for duty in self.scoped("dataset"):
            if self.ours(duty):
                self.give(ladder, duty, self.admits(duty), 2)
        if self.origin.custodian and ladder.free.any():
            rows = np.flatnonzero(ladder.free).astype(np.int32)
            ladder.take(rows, ladder.code(self.shown(self.origin.custodian)), 2)
        self.claims(ladder, 2, at_object=False)
        contact = bool(self.origin.publisher) or any(
            map(self.ours, self.scoped("dataset", CONTACT_ROLES))
        )
        if contact:
            ladder.contact_only |= ladder.free

    def ours(self, duty: Responsibility) -> bool:
        """Return whether a dataset duty means this source."""
        return not duty.target or any(matches(duty.target, name) for name in self.origin.names)

    def claims(self, ladder: Ladder, rung: int, at_object: bool) -> None:
        """Read the data's own custodians and contacts of one rung."""
        o = self.observations
        level: Bool = _AT_OBJECT[o.party_level] == at_object
        if not level.any():
            return
        free = np.flatnonzero(ladder.free).astype(np.int32)
        claimed = self.claim_of(level & (o.party_role == CUSTODIAN))[free]
        used = np.bincount(claimed[claimed >= 0], minlength=len(o.parties)) > 0
        codes = self.codes(ladder, o.parties, used)
        hit = claimed >= 0
        ladder.take(free[hit], codes[claimed[hit]], rung)
        contact = self.claim_of(level & _IS_CONTACT[o.party_role]) >= 0
        ladder.contact_only |= contact & ladder.free

    def codes(self, ladder: Ladder, parties: Sequence[str], used: Bool) -> I32:
        """Return each party's code into the custodians; -1 for one that nobody needs."""
        found = [
            ladder.code(self.shown(p)) if u else -1 for p, u in zip(parties, used, strict=True)
        ]
        return np.array(found, np.int32)

    def claim_of(self, wanted: Bool) -> I32:
        """Return i32(n): the party of each row's first wanted claim, from itself or an ancestor, else of all."""
        o, n = self.observations, len(self.features)
        found = np.full(n, -1, np.int32)
        at = np.flatnonzero(wanted & (o.party_row >= 0))[::-1]
        found[o.party_row[at]] = o.party[at]
        if len(at):
            source = nearest_with(self.features.parent, found >= 0)
            found = np.where(source >= 0, found[np.maximum(source, 0)], np.int32(-1))
        whole = np.flatnonzero(wanted & (o.party_row < 0))
        if len(whole):
            found = np.where(found < 0, np.int32(o.party[whole[0]]), found)
        return found.astype(np.int32)

    def areas(self, ladder: Ladder, footings: Footings) -> None:
        """R3: the area that covers most of the unit's footprint; parts follow their unit."""
        duties = list(self.scoped("area"))
        contacts = list(self.scoped("area", CONTACT_ROLES))
        free = np.flatnonzero(ladder.free)
        if not (duties or contacts) or not len(free):
            return
        back = footings.place
        placing = place(footings, duties, [self.admits(d) for d in duties])
        duty = placing.duty[back[free]]
        used = np.bincount(duty[duty >= 0], minlength=len(duties)) > 0
        codes = self.codes(ladder, [d.party for d in duties], used)
        hit = free[duty >= 0].astype(np.int32)
        ladder.take(hit, codes[duty[duty >= 0]], 3)
        ladder.conflict[hit] = placing.conflict[back[hit]]
        ladder.straddle[hit] = placing.straddle[back[hit]]
        if contacts:
            reach = place(footings, contacts, [self.admits(d) for d in contacts])
            left = np.flatnonzero(ladder.free)
            ladder.contact_only[left] |= reach.duty[back[left]] >= 0

    def defaults(self, ladder: Ladder) -> None:
        """R4: whoever takes what nobody else has."""
        for duty in self.scoped("default"):
            self.give(ladder, duty, self.admits(duty), 4)
        if any(True for _ in self.scoped("default", CONTACT_ROLES)):
            ladder.contact_only |= ladder.free


def acting(rules: Rules, now: np.datetime64) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return display name -> display name of the substitute who acts now, and what is wrong with them.

    At most three steps; a circle or a longer chain goes to the default custodian and is a problem.
    """
    known = rules.names()
    away = {a.party: a.substitute for a in rules.absences if within(now, a.start, a.end)}
    defaults = sorted(
        (d for d in rules.responsibilities if d.scope == "default" and d.role == "custodian"),
        key=lambda d: (-d.priority, d.party),
    )
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for party in away:
        chain = [party]
        while chain[-1] in away and len(chain) <= ABSENCE_DEPTH:
            chain.append(away[chain[-1]])
        end = chain[-1]
        if end in away:
            end = next((d.party for d in defaults if d.party not in away), party)
            problems.append(
                Problem(
                    "absence.cycle",
                    f"{party}: the substitutes lead to nobody",
                    party,
                    {"party": party},
                )
            )
        found[known.get(party.casefold(), party)] = known.get(end.casefold(), end)
    return found, tuple(problems)


def unknown_crs(duties: Sequence[Responsibility], crs: str) -> tuple[Responsibility, ...]:
    """Return the areas that must still be moved into the project's system."""
    return tuple(d for d in duties if d.polygon and d.crs and d.crs != crs)
