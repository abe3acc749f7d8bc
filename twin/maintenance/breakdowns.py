"""The maintained units by custodian, district, class, source and level: counts, areas, weights, ages, risk.

Everything by whole columns: one histogram for whatever is counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F32, F64, I32
from twin.maintenance.audited import RETIRED, Audited
from twin.maintenance.risk import limits, ohsome_class
from twin.observations import STATUSES

BUCKETS = (30, 90, 180, 365, 730, 1826)
"""Upper ends of the age classes in days (MAINTENANCE.md 6); older and unknown follow."""
AGES = ("0-30 d", "31-90 d", "91-180 d", "181-365 d", "1-2 y", "2-5 y", "> 5 y", "unknown")
FEW = 25
"""Units below which shares and quantiles say little (ohsome asks for so many)."""
FLAGS = ("suspect", "orphans", "conflicts")
"""Counted beside the statuses, which alone add up. Retired objects are never suspect."""
COUNTS = ("objects", *STATUSES, *FLAGS)
TABLE = 1 << 23
"""Cells up to which ages are counted instead of sorted."""
DIMENSIONS = ("custodian", "district", "class", "source", "lod")
SHAPE = (len(STATUSES), len(AGES), 6, 4)
CELLS = int(np.prod(SHAPE))
Coded = tuple[I32, tuple[str, ...]]
"""Codes of the rows (-1 = none) and their names."""


@dataclass(frozen=True)
class Units:
    """The counted maintained units of all layers as parallel columns; ``groups`` by dimension.

    ``age`` i32 days (-1 = none); ``area`` f64 m² of the plan rectangle; ``weight`` u8 of criticality;
    ``p`` and ``priority`` f32 (NaN = no date); ``currency`` u8: 0 no date, 1 young, 2 between, 3 old for
    its class;
    ``layer`` and ``row`` tell where each stands.
    """

    status: NDArray[np.uint8]
    suspect: Bool
    conflict: Bool
    contact_only: Bool
    age: I32
    area: F64
    weight: NDArray[np.uint8]
    p: F32
    priority: F32
    currency: NDArray[np.uint8]
    layer: I32
    row: I32
    groups: Mapping[str, Coded]

    @cached_property
    def counted(self) -> Bool:
        """Return which units KPIs count: retired ones are left out."""
        return np.asarray(self.status != RETIRED)

    @cached_property
    def bucket(self) -> NDArray[np.intp]:
        """Return the age class of each unit, an index into AGES."""
        found = np.searchsorted(np.array(BUCKETS, np.int32), self.age, "left")
        found[self.age < 0] = len(AGES) - 1
        return found

    @cached_property
    def cell(self) -> NDArray[np.int64]:
        """Return one number for status, age class, weight and currency of each unit, below CELLS."""
        found = (self.status.astype(np.int64) * len(AGES) + self.bucket) * 6 + self.weight
        return np.asarray(found * 4 + np.where(self.counted, self.currency, 0), np.int64)

    @cached_property
    def chance(self) -> F64:
        """Return p where a unit counts and has a date, else 0."""
        return np.where(self.counted & (self.age >= 0), self.p, 0).astype(np.float64)

    @cached_property
    def flags(self) -> tuple[NDArray[np.intp], ...]:
        """Return the units of each of FLAGS."""
        nobody = np.asarray(self.groups["custodian"][0] < 0)
        return tuple(np.flatnonzero(mask) for mask in (self.suspect, nobody, self.conflict))

    @cached_property
    def dated(self) -> Any:
        """Return which units count and have a date, as an index."""
        mask = (self.age >= 0) & self.counted
        return slice(None) if mask.all() else mask

    @cached_property
    def all(self) -> "Group":
        """Return all units as one group."""
        return _groups(self, np.zeros(len(self.status), np.int64), ("",))[0]


def units_of(layers: Sequence[Audited]) -> Units:
    """Return the maintained units that the layers contribute."""
    parts = [_part(number, layer) for number, layer in enumerate(layers)]
    columns: dict[str, Any] = {}
    for name, empty in _EMPTY.items():
        found = [part[name] for part in parts]
        columns[name] = np.concatenate(found) if found else np.zeros(0, empty)
    groups = {name: _merged([part["groups"][name] for part in parts]) for name in DIMENSIONS}
    return Units(**columns, groups=groups)


_EMPTY: Mapping[str, Any] = {
    "status": np.uint8, "suspect": np.bool_, "conflict": np.bool_, "contact_only": np.bool_,
    "age": np.int32, "area": np.float64, "weight": np.uint8, "p": np.float32, "priority": np.float32,
    "currency": np.uint8, "layer": np.int32, "row": np.int32,
}  # fmt: skip


def _part(number: int, layer: Audited) -> dict[str, Any]:
    a, f = layer.assessment, layer.features
    rows = np.flatnonzero(layer.counted() & (a.unit == np.arange(len(a)))).astype(np.int32)
    at: Any = slice(None) if len(rows) == len(a) else rows
    box = layer.footings.boxes[at]
    area = np.fmax((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]), 0)
    kind, age = f.kind[at], a.age_days[at]
    first, last = np.array([limits(name) for name in (*f.kinds, "")], np.float32).T
    currency = 1 + (age > first[kind]).astype(np.uint8) + (age >= last[kind])
    currency[age < 0] = 0
    district, districts = layer.district
    nowhere = np.full(len(rows), -1, np.int32)
    here = np.zeros(len(rows), np.int32)
    return {
        "status": a.status[at], "suspect": a.suspect[at] & (a.status[at] != RETIRED),
        "conflict": a.conflict[at], "contact_only": a.contact_only[at], "age": age, "area": area,
        "weight": layer.risk.weight[at], "p": layer.risk.p[at], "priority": layer.risk.priority[at],
        "currency": currency, "layer": here + np.int32(number), "row": rows,
        "groups": {
            "custodian": (a.custodian[at], a.custodians),
            "district": (district[at], districts),
            "class": (kind.astype(np.int32), f.kinds),
            "source": (here, (layer.source,)),
            "lod": (nowhere if f.lod is None else f.lod[at].astype(np.int32), f.lods),
        },
    }  # fmt: skip


def _merged(parts: Sequence[Coded]) -> Coded:
    """Return the codes of all layers over one list of names; '' is none."""
    names: dict[str, int] = {}
    found = []
    for codes, known in parts:
        table = [names.setdefault(name, len(names)) if name else -1 for name in known]
        same = table == list(range(len(known)))
        found.append(codes if same else np.array([*table, -1], np.int32)[codes])
    return (np.concatenate(found) if found else np.zeros(0, np.int32)), tuple(names)


@dataclass(frozen=True)
class Group:
    """The units of one group. ``key`` is its name, '' = without one; ``counts`` has the keys of COUNTS.

    ``area`` m² and ``weight`` (sum of criticality weights) by status; ``ageing`` by AGES;
    ``expected`` = sum of p over the units with a date; ages in days, None = no unit has a date;
    ``shares`` are (up to date, between, out of date) of the units with a date, ``ohsome`` their class.
    """

    key: str
    counts: Mapping[str, int]
    area: Mapping[str, float]
    weight: Mapping[str, int]
    ageing: Mapping[str, int]
    expected: float
    median_age: float | None
    p90_age: float | None
    shares: tuple[float, float, float] | None
    ohsome: int | None

    @property
    def few(self) -> bool:
        """Return whether there are too few units for shares and quantiles to say much."""
        return self.counts["objects"] - self.counts["retired"] < FEW

    def plain(self, name: str) -> dict[str, Any]:
        """Return plain values: the key under ``name``, the counts beside it."""
        return {
            name: self.key or None, **self.counts, "area_m2": dict(self.area), "weight": dict(self.weight),
            "ageing": dict(self.ageing), "expected_stale": round(self.expected, 3),
            "median_age_days": self.median_age, "p90_age_days": self.p90_age,
            "ohsome_shares": None if self.shares is None else [round(x, 4) for x in self.shares],
            "ohsome_class": self.ohsome, "few": self.few,
        }  # fmt: skip


def whole(units: Units) -> Group:
    """Return all units as one group."""
    return units.all


def grouped(units: Units, dimension: str) -> tuple[Group, ...]:
    """Return the groups of a dimension (DIMENSIONS), most units first; those without a name are the last."""
    codes, names = units.groups[dimension]
    if len(codes) and codes.min() == codes.max():  # one group is the whole under its name
        return (replace(units.all, key=names[codes[0]] if codes[0] >= 0 else ""),)
    found = _groups(units, np.where(codes < 0, len(names), codes).astype(np.int64), (*names, ""))
    there = [group for group in found if group.counts["objects"]]
    return tuple(sorted(there, key=lambda g: (not g.key, -g.counts["objects"], g.key)))


def _groups(units: Units, codes: NDArray[np.int64], names: Sequence[str]) -> list[Group]:
    k, s = len(names), len(STATUSES)
    cells = np.bincount(codes * CELLS + units.cell, minlength=k * CELLS).reshape(k, *SHAPE)
    statuses, ages = cells.sum(axis=(2, 3, 4)), cells.sum(axis=(1, 3, 4))
    weights = (cells.sum(axis=(2, 4)) * np.arange(6)).sum(axis=2)
    currency = cells.sum(axis=(1, 2, 3))
    areas = np.bincount(codes * s + units.status, units.area, k * s).reshape(k, s)
    flags = np.array([np.bincount(codes[rows], minlength=k) for rows in units.flags])
    expected = np.bincount(codes, units.chance, k)
    quantiles = _quantiles(units, codes, k)
    found = []
    for i, name in enumerate(names):
        counts = [int(statuses[i].sum()), *statuses[i].tolist(), *flags[:, i].tolist()]
        shares = _shares(*currency[i, 1:].tolist())
        found.append(
            Group(
                name,
                dict(zip(COUNTS, counts, strict=True)),
                dict(zip(STATUSES, np.round(areas[i], 3).tolist(), strict=True)),
                dict(zip(STATUSES, weights[i].tolist(), strict=True)),
                dict(zip(AGES, ages[i].tolist(), strict=True)),
                float(expected[i]),
                _said(quantiles[i, 0]),
                _said(quantiles[i, 1]),
                shares,
                None if shares is None else ohsome_class(*shares),
            )
        )
    return found


def _said(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 2)


def _shares(young: int, between: int, old: int) -> tuple[float, float, float] | None:
    n = young + between + old
    return None if not n else (young / n, between / n, old / n)


def _quantiles(units: Units, codes: NDArray[np.int64], k: int) -> F64:
    """Return f64(k, 2): median and P90 of the ages of each group, linear between two; NaN = none.

    Whole days are counted in a table of groups by days; where that would be large, they are sorted.
    """
    known = units.dated
    ages, code = units.age[known], codes[known]
    counts = np.bincount(code, minlength=k)
    found = np.full((k, 2), np.nan)
    there = np.flatnonzero(counts)
    if not len(there):
        return found
    pick = _counting(ages, code, k) if k * (int(ages.max()) + 1) <= TABLE else _sorting(ages, code)
    for column, q in enumerate((0.5, 0.9)):
        place = (counts[there] - 1) * q
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, counts[there] - 1)
        below, above = pick(there, low), pick(there, high)
        found[there, column] = below + (above - below) * (place - low)
    return found


Pick = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[Any]]
"""(groups, places) -> the ages that stand there when each group's are sorted."""


def _counting(ages: I32, code: NDArray[np.int64], k: int) -> Pick:
    days = int(ages.max()) + 1
    below = np.bincount(code * days + ages, minlength=k * days).reshape(k, days).cumsum(axis=1)
    return lambda groups, places: (below[groups] <= places[:, None]).sum(axis=1)


def _sorting(ages: I32, code: NDArray[np.int64]) -> Pick:
    ordered = ages[np.lexsort((ages, code))]
    counts = np.bincount(code)
    first = np.cumsum(counts) - counts
    return lambda groups, places: ordered[first[groups] + places]
