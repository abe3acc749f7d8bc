"""The custodian board: maintained units by class and district, the load of every custodian, and who is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import I32, Rows
from twin.maintenance.currency import DQ_STRADDLE
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.maintenance.rules import Rules
from twin.maintenance.what_if import SHOWN, shown_codes
from twin.observations import Assessment

FLAGS = ("orphan", "conflict", "straddle", "contact_only")
"""What is wrong with who answers: nobody; two with half each; nobody with half; a contact alone."""
AXES = ("kind", "district", "custodian")
LATE = tuple(SHOWN.index(key) for key in ("stale", "suspect"))


@dataclass(frozen=True)
class Part:
    """The maintained units of one layer. Codes count in this part's names; -1 = none."""

    layer: str
    row: Rows
    codes: Mapping[str, I32]
    names: Mapping[str, tuple[str, ...]]
    shown: NDArray[np.uint8]
    overdue: I32
    rung: NDArray[np.uint8]
    flags: Mapping[str, Bool]


@dataclass(frozen=True)
class Board:
    """The units of all layers as columns; names are shared by the layers and sorted."""

    parts: tuple[Part, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[str, I32] = field(default_factory=dict)
    shown: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    overdue: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    rung: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    flags: Mapping[str, Bool] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.shown)

    def where(self, flag: str = "", **wanted: str) -> Bool:
        """Return bool(n): the units with names on axes ('' = none) and a flag ('' = any)."""
        found = self.flags[flag].copy() if flag else np.ones(len(self), np.bool_)
        for axis, name in wanted.items():
            names = self.names[axis]
            found &= self.codes[axis] == (names.index(name) if name in names else -1)
        return found

    def rows(self, chosen: Bool) -> dict[str, Rows]:
        """Return the rows of chosen units by layer."""
        found, begun = {}, 0
        for part in self.parts:
            mine = part.row[chosen[begun : begun + len(part.row)]]
            begun += len(part.row)
            if len(mine):
                found[part.layer] = mine.astype(np.int32)
        return found


def part_of(
    layer: str,
    verdict: Assessment,
    units: Rows,
    kinds: tuple[I32, tuple[str, ...]],
    districts: tuple[I32, tuple[str, ...]],
) -> Part:
    """Return the units of a layer; ``kinds`` and ``districts`` are codes of all its rows, and names."""
    axes = {
        "kind": kinds,
        "district": districts,
        "custodian": (verdict.custodian, verdict.custodians),
    }
    flags = {
        "orphan": verdict.custodian[units] < 0,
        "conflict": verdict.conflict[units],
        "straddle": (verdict.dq[units] & DQ_STRADDLE) != 0,
        "contact_only": verdict.contact_only[units],
    }
    return Part(
        layer, units,
        {axis: codes[units].astype(np.int32) for axis, (codes, _) in axes.items()},
        {axis: names for axis, (_, names) in axes.items()},
        shown_codes(verdict)[units], verdict.overdue[units], verdict.rung[units], flags,
    )  # fmt: skip


def board_of(parts: Iterable[Part]) -> Board:
    """Return the units of layers as one board."""
    found = tuple(parts)
    names: dict[str, tuple[str, ...]] = {}
    codes: dict[str, I32] = {}
    for axis in AXES:
        used = [np.unique(part.codes[axis][part.codes[axis] >= 0]) for part in found]
        every = {
            p.names[axis][k] for p, some in zip(found, used, strict=True) for k in some.tolist()
        }
        names[axis] = tuple(sorted(every))
        number = {name: k for k, name in enumerate(names[axis])}
        columns = []
        for part in found:
            table = np.array([number.get(x, -1) for x in part.names[axis]] + [-1], np.int32)
            columns.append(table[part.codes[axis]])
        codes[axis] = np.concatenate([np.zeros(0, np.int32), *columns])
    return Board(
        found, names, codes,
        np.concatenate([np.zeros(0, np.uint8), *(part.shown for part in found)]),
        np.concatenate([np.zeros(0, np.int32), *(part.overdue for part in found)]),
        np.concatenate([np.zeros(0, np.uint8), *(part.rung for part in found)]),
        {f: np.concatenate([np.zeros(0, np.bool_), *(p.flags[f] for p in found)]) for f in FLAGS},
    )  # fmt: skip


@dataclass(frozen=True)
class Matrix:
    """Counts i64(rows + 1, columns + 1, SHOWN): the last row and column are sums.

    Where units have no row or column of their own, '' stands last among the names.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int64]

    def late(self) -> NDArray[np.int64]:
        """Return i64(rows + 1, columns + 1): stale and suspect units."""
        return np.asarray(self.counts[:, :, list(LATE)].sum(axis=2), np.int64)


def matrix(board: Board, rows: str, columns: str, chosen: Bool | None = None) -> Matrix:
    """Return how many (chosen) units there are per pair of names on two axes, by what they show."""
    picked = np.ones(len(board), np.bool_) if chosen is None else chosen
    along, row = _axis(board, rows, picked)
    across, column = _axis(board, columns, picked)
    cells = (row * len(across) + column) * len(SHOWN) + board.shown[picked]
    size = (len(along), len(across), len(SHOWN))
    plain = np.bincount(cells, minlength=int(np.prod(size))).reshape(size).astype(np.int64)
    counts = np.zeros((size[0] + 1, size[1] + 1, size[2]), np.int64)
    counts[:-1, :-1] = plain
    counts[-1, :-1], counts[:-1, -1] = plain.sum(axis=0), plain.sum(axis=1)
    counts[-1, -1] = plain.sum(axis=(0, 1))
    return Matrix(along, across, counts)


def _axis(board: Board, axis: str, picked: Bool) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    codes = board.codes[axis][picked].astype(np.int64)
    names = board.names[axis]
    if not len(codes) or (codes < 0).any():
        names = (*names, "")
    return names, np.where(codes < 0, len(names) - 1, codes)


@dataclass(frozen=True, slots=True)
class Load:
    """What one custodian ('' = nobody) has to do: units, those past their due date, flags, open orders."""

    custodian: str
    units: int
    overdue: int
    flagged: Mapping[str, int]
    orders: int
    most_overdue: int


def loads(board: Board, rules: Rules, orders: Sequence[WorkOrder]) -> tuple[Load, ...]:
    """Return the load of every custodian, the one with most overdue units first."""
    names = (*board.names.get("custodian", ()), "")
    code = board.codes.get("custodian", np.zeros(0, np.int32))
    code = np.where(code < 0, len(names) - 1, code)
    units = np.bincount(code, minlength=len(names))
    overdue = np.bincount(code[board.overdue > 0], minlength=len(names))
    most = np.zeros(len(names), np.int64)
    np.maximum.at(most, code, board.overdue)
    flagged = {f: np.bincount(code[board.flags[f]], minlength=len(names)) for f in board.flags}
    waiting: dict[str, int] = {}
    for order in orders:
        if is_open(order):
            holder = rules.party_of(order.assignee or order.accountable)
            waiting[holder] = waiting.get(holder, 0) + 1
    found = [
        Load(name, int(units[k]), int(overdue[k]), {f: int(flagged[f][k]) for f in flagged},
             waiting.pop(name, 0), int(most[k]))
        for k, name in enumerate(names)
    ]  # fmt: skip
    found += [Load(name, 0, 0, dict.fromkeys(FLAGS, 0), n, 0) for name, n in waiting.items()]
    kept = [load for load in found if load.units or load.orders]
    return tuple(sorted(kept, key=lambda load: (-load.overdue, -load.units, load.custodian)))


def rungs_of(board: Board, chosen: Bool) -> list[tuple[int, str, int]]:
    """Return (rung, custodian, units) of chosen units, most units first: how each decision fell."""
    names = board.names["custodian"]
    pairs = (
        board.rung[chosen].astype(np.int64) * (len(names) + 1)
        + board.codes["custodian"][chosen]
        + 1
    )
    values, counts = np.unique(pairs, return_counts=True)
    found = [
        (int(v) // (len(names) + 1), ("", *names)[int(v) % (len(names) + 1)], int(n))
        for v, n in zip(values, counts, strict=True)
    ]
    return sorted(found, key=lambda item: (-item[2], item[0], item[1]))
