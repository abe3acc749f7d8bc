"""Rules of jurisdictions: which candidates one applies to, which it does not, and where that cannot be told.

Off until asked for. ``must`` forces a building into the set; should, information and mark are shown only.
No rule is printed as a fact: each carries its source, how it was read, and the words "check the circular".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64
from twin.maintenance.bim.inputs import Candidates
from twin.maintenance.bim.method import Method

FORCES = ("must", "should", "information", "mark")
MARKS = ("V", "V2")
MEASURES = ("gfa_m2", "height_m", "storeys", "dwellings", "project_m", "occupancy")
CONDITIONS = (
    "use", "public", "new", *(f"{name}_{how}" for name in MEASURES for how in ("over", "from")),
)  # fmt: skip
"""What a line of ``when`` may hold."""
NO, UNDECIDED, YES = 0, 1, 2
"""What a rule says of a building."""


@dataclass(frozen=True)
class Trigger:
    """One rule of a pack (see ``presets/packs.toml``). ``words`` language -> what it asks."""

    pack: str
    id: str
    force: str
    mark: str
    source: str
    words: Mapping[str, str]
    when: tuple[Mapping[str, object], ...]
    projects: bool = False


@dataclass(frozen=True)
class Applied:
    """What rules say: ``verdict`` u8(n, r) NO, UNDECIDED or YES of each rule; ``must`` bool(n)."""

    rules: tuple[Trigger, ...]
    verdict: NDArray[np.uint8]
    must: Bool

    def of(self, row: int, verdict: int = YES) -> tuple[Trigger, ...]:
        """Return the rules with this verdict on a building."""
        return tuple(
            rule
            for rule, found in zip(self.rules, self.verdict[row], strict=True)
            if found == verdict
        )


def applied(
    found: Candidates, rules: Sequence[Trigger], method: Method, *, projects: bool = False
) -> Applied:
    """Return what rules say of candidates. ``projects``: all of them are building projects."""
    verdict = np.zeros((len(found), len(rules)), np.uint8)
    for place, rule in enumerate(rules):
        lines = [_line(found, line, method) for line in rule.when]
        said = np.max(lines, axis=0) if lines else np.full(len(found), NO)
        if rule.projects and not projects:
            said = np.minimum(said, _flag(found["new"], True))
        verdict[:, place] = said
    forcing = [place for place, rule in enumerate(rules) if rule.force == "must"]
    return Applied(tuple(rules), verdict, np.asarray((verdict[:, forcing] == YES).any(axis=1)))


def _line(found: Candidates, line: Mapping[str, object], method: Method) -> NDArray[np.int64]:
    said = np.full(len(found), YES)
    for name, value in line.items():
        said = np.minimum(said, _condition(found, name, value, method))
    return said


def _condition(found: Candidates, name: str, value: object, method: Method) -> NDArray[np.int64]:
    if name == "use":
        ids = [use.id for use in method.uses]
        wanted = [
            ids.index(str(x)) for x in (value if isinstance(value, list) else [value]) if x in ids
        ]
        return _three(np.isin(found["use"], wanted), found["use"])
    if name in ("public", "new"):
        return _flag(found[name], bool(value))
    measure, _, how = name.rpartition("_")
    values = found[measure]
    limit = float(str(value))
    with np.errstate(invalid="ignore"):
        return _three(values > limit if how == "over" else values >= limit, values)


def _flag(values: F64, wanted: bool) -> NDArray[np.int64]:
    with np.errstate(invalid="ignore"):
        return _three((values > 0) == wanted, values)


def _three(holds: Bool, values: F64) -> NDArray[np.int64]:
    """Return YES, NO, and UNDECIDED where the value is missing."""
    return np.where(np.isnan(values), UNDECIDED, np.where(holds, YES, NO)).astype(np.int64)
