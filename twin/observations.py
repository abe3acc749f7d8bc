"""Raw dated observations and party claims beside the table, and the verdict derived from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import TEXT, Bool, Column, Times
from twin.geometry import I32, Rows

ASPECTS = ("existence", "footprint", "height", "texture", "interior", "attributes")
KINDS = ("verified", "captured", "modelled", "registered", "published", "delivered", "file")
SPANS = ("valid_from", "valid_to", "created", "terminated")
"""What a mapped date may be instead of an observation: an end of an object's life in the world, or in the records."""
LEVELS = ("object", "tile", "file", "delivery", "dataset")
STATUSES = (
    "fresh",
    "due_soon",
    "in_grace",
    "stale",
    "unknown",
    "event_driven",
    "retired",
)
ROLES = ("custodian", "owner", "pointOfContact", "publisher", "processor", "author", "other")


@dataclass(frozen=True)
class Observations:
    """What loaders and side-cars say about currency, raw and unjudged (MAINTENANCE.md 1.1).

    Parallel arrays, one entry per observation: ``row`` i32 (-1 = the whole source); ``aspect`` i8
    into ASPECTS (-1 = all); ``kind`` u8 into KINDS; ``level`` u8 into LEVELS; ``t_lo``/``t_hi``
    datetime64[ms] half-open; ``path`` u16 into ``paths`` (field path); ``raw`` text as found;
    ``flags`` u8 bit set (see FLAG_*). Parties: ``party_row`` i32, ``party_role`` u8 into ROLES,
    ``party`` u16 into ``parties``, ``party_path`` u16 into ``paths``, ``party_level`` u8.
    """

    row: I32
    aspect: NDArray[np.int8]
    kind: NDArray[np.uint8]
    level: NDArray[np.uint8]
    t_lo: Times
    t_hi: Times
    path: NDArray[np.uint16]
    raw: NDArray[Any]
    flags: NDArray[np.uint8]
    paths: tuple[str, ...]
    party_row: I32
    party_role: NDArray[np.uint8]
    party: NDArray[np.uint16]
    party_path: NDArray[np.uint16]
    party_level: NDArray[np.uint8]
    parties: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of dated observations."""
        return len(self.row)

    @staticmethod
    def empty() -> "Observations":
        """Return observations that say nothing."""
        return ObservationList().frozen()


FLAG_TZ_ASSUMED = 1
FLAG_SENTINEL = 2
FLAG_UNPARSED = 4
FLAG_ORDER = 8


@dataclass(slots=True)
class ObservationList:
    """Collects observations in Python while a source is read; ``frozen()`` makes the arrays.

    It parses nothing: ``twin.maintenance.dates`` turns raw texts into intervals.
    """

    blocks: list[tuple[Any, ...]] = field(default_factory=list)
    paths: dict[str, int] = field(default_factory=dict)
    parties: dict[str, int] = field(default_factory=dict)
    claims: list[tuple[Any, ...]] = field(default_factory=list)

    def add_column(
        self,
        rows: Rows,
        intervals: tuple[Times, Times],
        raw: Column,
        labels: tuple[str, str, str, str],
        flags: NDArray[np.uint8] | None = None,
    ) -> None:
        """Add one observation per row. ``labels`` = (kind, aspect or '', level, field path)."""
        kind, aspect, level, path = labels
        n = len(rows)
        code = self.paths.setdefault(path, len(self.paths))
        self.blocks.append(
            (
                np.asarray(rows, np.int32),
                np.full(n, ASPECTS.index(aspect) if aspect else -1, np.int8),
                np.full(n, KINDS.index(kind), np.uint8),
                np.full(n, LEVELS.index(level), np.uint8),
                np.asarray(intervals[0], "datetime64[ms]"),
                np.asarray(intervals[1], "datetime64[ms]"),
                np.full(n, code, np.uint16),
                np.asarray(raw, TEXT),
                np.zeros(n, np.uint8) if flags is None else flags,
            )
        )

    def add_parties(
        self, rows: Rows, names: Sequence[str], role: str, level: str, path: str
    ) -> None:
        """Claim a party for each row in a role (ROLES) found at a field path."""
        code = self.paths.setdefault(path, len(self.paths))
        n = len(rows)
        found = np.fromiter(
            (self.parties.setdefault(name, len(self.parties)) for name in names), np.uint16, n
        )
        self.claims.append(
            (
                np.asarray(rows, np.int32),
                np.full(n, ROLES.index(role), np.uint8),
                found,
                np.full(n, code, np.uint16),
                np.full(n, LEVELS.index(level), np.uint8),
            )
        )

    def frozen(self) -> Observations:
        """Return the collected observations as arrays."""
        time = np.dtype("datetime64[ms]")
        first = [np.int32, np.int8, np.uint8, np.uint8, time, time, np.uint16, TEXT, np.uint8]
        second = [np.int32, np.uint8, np.uint16, np.uint16, np.uint8]
        row, aspect, kind, level, t_lo, t_hi, path, raw, flags = _columns(self.blocks, first)
        party_row, role, party, party_path, party_level = _columns(self.claims, second)
        return Observations(
            row, aspect, kind, level, t_lo, t_hi, path, raw, flags, tuple(self.paths),
            party_row, role, party, party_path, party_level, tuple(self.parties),
        )  # fmt: skip


def _columns(blocks: Sequence[tuple[Any, ...]], dtypes: Sequence[Any]) -> list[NDArray[Any]]:
    if not blocks:
        return [np.zeros(0, dtype) for dtype in dtypes]
    return [np.concatenate([block[i] for block in blocks]) for i in range(len(dtypes))]


def joined(parts: Sequence[Observations]) -> Observations:
    """Return several observations as one; codes of paths and parties are counted anew."""
    if len(parts) == 1:
        return parts[0]
    paths: dict[str, int] = {}
    parties: dict[str, int] = {}
    recoded = []
    for item in parts:
        path = _codes(item.paths, paths)
        party = _codes(item.parties, parties)
        recoded.append(
            replace(
                item,
                path=path[item.path],
                party_path=path[item.party_path],
                party=party[item.party],
            )
        )
    arrays = {
        f.name: np.concatenate([getattr(item, f.name) for item in recoded])
        for f in fields(Observations)
        if f.name not in ("paths", "parties")
    }
    return Observations(**arrays, paths=tuple(paths), parties=tuple(parties))


def picked(
    said: Observations, dated: NDArray[np.bool_], claims: NDArray[np.bool_]
) -> Observations:
    """Return the dated observations and the parties where the masks are true."""
    names = ("row", "aspect", "kind", "level", "t_lo", "t_hi", "path", "raw", "flags")
    parties = ("party_row", "party_role", "party", "party_path", "party_level")
    changes: dict[str, Any] = {name: getattr(said, name)[dated] for name in names}
    changes |= {name: getattr(said, name)[claims] for name in parties}
    return replace(said, **changes)


def _codes(names: Sequence[str], into: dict[str, int]) -> NDArray[np.uint16]:
    return np.array([into.setdefault(name, len(into)) for name in names] or [0], np.uint16)


@dataclass(frozen=True)
class Assessment:
    """The verdict per row, derived by ``twin.maintenance.assess``; recomputed, never stored as truth.

    ``t_eff`` datetime64[ms] (NaT = none); ``t_kind`` u8 into KINDS (255 = none); ``t_level`` u8
    into LEVELS; ``confidence`` f32; ``age_days`` i32 (-1 = none); ``due`` datetime64[ms];
    ``ratio`` f32 (NaN = none); ``overdue`` i32 days; ``status`` u8 into STATUSES; ``suspect`` bool;
    ``custodian`` i32 into ``custodians`` (-1 = orphan); ``rung`` u8 (0 none, 1..4 = R1..R4);
    ``rule`` i16 into ``rules`` (policy ids, -1 none); ``path`` i32 into ``paths``; ``dq`` u8 bits;
    ``conflict``, ``contact_only`` bool; ``unit`` i32 = row of the maintained unit;
    ``observation`` i32 = index of the chosen observation (-1 none); ``change`` f32 = the probability
    that the world changed since, by the open evidence alone (0 = no evidence).
    """

    t_eff: Times
    t_kind: NDArray[np.uint8]
    t_level: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    age_days: I32
    due: Times
    ratio: NDArray[np.float32]
    overdue: I32
    status: NDArray[np.uint8]
    suspect: Bool
    custodian: I32
    custodians: tuple[str, ...]
    rung: NDArray[np.uint8]
    rule: NDArray[np.int16]
    rules: tuple[str, ...]
    path: I32
    paths: tuple[str, ...]
    dq: NDArray[np.uint8]
    conflict: Bool
    contact_only: Bool
    unit: I32
    observation: I32
    change: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.status)

    @cached_property
    def _units(self) -> Rows:
        return np.flatnonzero(self.unit == np.arange(len(self))).astype(np.int32)

    def unit_rows(self) -> Rows:
        """Return the rows that are maintained units."""
        return self._units

    @staticmethod
    def unknown(n: int) -> "Assessment":
        """Return the verdict before anything is assessed: all unknown, all orphans."""
        nat = np.full(n, np.datetime64("NaT"), "datetime64[ms]")
        no = np.zeros(n, np.bool_)
        minus = np.full(n, -1, np.int32)
        return Assessment(
            t_eff=nat, t_kind=np.full(n, 255, np.uint8), t_level=np.zeros(n, np.uint8),
            confidence=np.zeros(n, np.float32), age_days=minus, due=nat,
            ratio=np.full(n, np.nan, np.float32), overdue=np.zeros(n, np.int32),
            status=np.full(n, STATUSES.index("unknown"), np.uint8), suspect=no, custodian=minus,
            custodians=(), rung=np.zeros(n, np.uint8), rule=np.full(n, -1, np.int16), rules=(),
            path=minus, paths=(), dq=np.zeros(n, np.uint8), conflict=no, contact_only=no,
            unit=np.arange(n, dtype=np.int32), observation=minus, change=np.zeros(n, np.float32),
        )  # fmt: skip
