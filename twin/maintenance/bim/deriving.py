"""Candidates from a model: what attributes say comes first, then what the geometry shows; the rest is missing.

Floor area: an attribute, else area in plan times storeys, else area in plan times height / storey height. Height:
an attribute, else from the lowest to the highest point. How many people use a building stands in hardly any
model: without it the score is an interval.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import EXTRA, TEXT, Bool, FeatureTable, absent
from twin.geometry import F64, Rows
from twin.maintenance.bim.inputs import Candidates
from twin.maintenance.bim.method import Method
from twin.maintenance.bim.plans import Plans
from twin.maintenance.bim.table_file import flag
from twin.observations import STATUSES, Assessment
from twin.problems import Problem

BUILDINGS = ("building", "ifcbuilding")
"""Classes of candidates, in small letters."""
FROM_GEOMETRY = "geometry"
MOST_HEIGHT = 1000.0
"""Metres over which an attribute is no height of a building: the highest one stands at 828."""
CURRENT = ("fresh", "due_soon", "in_grace")
"""States in which a BIM counts as up to date."""
MODELLED = 3.0
"""The level of detail from which a city object is more than LoD2."""


@dataclass(frozen=True)
class Part:
    """One layer as far as candidates are concerned: its table, its verdicts, its surfaces, and the ``rows`` i32(k) that
    are candidates. ``bim`` f64(k): the gap value of a model that stands for the row elsewhere, NaN = none;
    ``prefix`` makes ids unique where another layer has them too."""

    table: FeatureTable
    assessment: Assessment
    plans: Plans
    rows: Rows
    bim: F64
    prefix: str = ""


def building_rows(table: FeatureTable, assessment: Assessment) -> Rows:
    """Return the rows i32(k) of maintained units that are buildings and stand."""
    units = assessment.unit_rows()
    codes = [i for i, kind in enumerate(table.kinds) if kind.lower() in BUILDINGS]
    units = units[units < len(table)]
    retired = assessment.status[units] == STATUSES.index("retired")
    return np.asarray(units[np.isin(table.kind[units], codes) & ~retired], np.int32)


def gap_of_models(table: FeatureTable, assessment: Assessment, rows: Rows, method: Method) -> F64:
    """Return f64(k): the gap that a BIM leaves: current, or outdated where it is stale, suspect or undated."""
    good = np.isin(assessment.status[rows], [STATUSES.index(name) for name in CURRENT])
    good &= ~assessment.suspect[rows]
    return np.where(good, method.gap["current"], method.gap["outdated"])


def derived(parts: Sequence[Part], method: Method) -> Candidates:
    """Return the candidates of all parts as one, in their order."""
    found = [_of_part(part, method) for part in parts if len(part.rows)]
    names = (
        "gfa_m2",
        "height_m",
        "use",
        "public",
        "occupancy",
        "heritage",
        "gap",
        "storeys",
        "dwellings",
    )
    none = np.array([], dtype=TEXT)
    return Candidates(
        np.concatenate([none, *(one.id for one in found)]),
        np.concatenate([none, *(one.name for one in found)]),
        {name: np.concatenate([np.zeros(0), *(one[name] for one in found)]) for name in names},
        {name: np.concatenate([none, *(one.sources[name] for one in found)]) for name in names},
        tuple(problem for one in found for problem in one.problems),
    )


def _of_part(part: Part, method: Method) -> Candidates:
    read = _Attributes(part.table, part.rows, method)
    columns = {
        "gfa_m2": read.numbers("gfa_m2", 1.0),
        "storeys": read.numbers("storeys", 1.0),
        "height_m": read.numbers("height_m", 0.1, MOST_HEIGHT),
        "occupancy": read.numbers("occupancy", 0.0),
        "dwellings": read.numbers("dwellings", 0.0),
        "use": read.words("use", lambda text: _place(method, text)),
        "public": read.words("public", _flag),
        "heritage": read.words("heritage", lambda text: _grade(method, text)),
    }
    _heights(part, read, columns)
    _areas(part, read, columns, method)
    columns["gap"] = _gaps(part, read, method)
    ids = part.table.id[part.rows]
    if part.prefix:
        ids = np.array([f"{part.prefix}{key}" for key in ids.tolist()], dtype=TEXT)
    return Candidates(ids, _names(part, read, method), columns, read.sources, tuple(read.problems))


def _heights(part: Part, read: "_Attributes", columns: dict[str, F64]) -> None:
    shown = part.plans.height[part.rows]
    lacks = ~np.isfinite(columns["height_m"]) & np.isfinite(shown)
    columns["height_m"] = np.where(lacks, shown, columns["height_m"])
    read.say("height_m", lacks, FROM_GEOMETRY)


def _areas(part: Part, read: "_Attributes", columns: dict[str, F64], method: Method) -> None:
    plan = read.numbers("footprint_m2", 1.0)
    plan = np.where(np.isfinite(plan), plan, part.plans.area[part.rows])
    guessed = np.maximum(np.round(columns["height_m"] / method.storey_m), 1.0)
    storeys = np.where(np.isfinite(columns["storeys"]), columns["storeys"], guessed)
    area = np.where(plan * storeys > 0, plan * storeys, np.nan)
    lacks = ~np.isfinite(columns["gfa_m2"]) & np.isfinite(area)
    columns["gfa_m2"] = np.where(lacks, area, columns["gfa_m2"])
    stated = np.isfinite(columns["storeys"])
    read.say("gfa_m2", lacks & stated, f"{FROM_GEOMETRY}: plan x storeys")
    read.say("gfa_m2", lacks & ~stated, f"{FROM_GEOMETRY}: plan x height / {method.storey_m:g} m")


def _gaps(part: Part, read: "_Attributes", method: Method) -> F64:
    table, rows = part.table, part.rows
    found = np.full(len(rows), method.gap["none"])
    if table.lod is not None and table.lods:
        levels = np.array([_level(name) for name in table.lods], np.float64)
        found = np.where(levels[table.lod[rows]] >= MODELLED, method.gap["outdated"], found)
    own = np.array([kind.lower().startswith("ifc") for kind in table.kinds] or [False], np.bool_)
    own_model = own[table.kind[rows]] if len(table.kinds) else np.zeros(len(rows), np.bool_)
    found = np.where(own_model, gap_of_models(table, part.assessment, rows, method), found)
    read.say("gap", np.ones(len(rows), np.bool_), "models that are open")
    return np.where(np.isfinite(part.bim), part.bim, found)


def _level(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return 0.0


def _names(part: Part, read: "_Attributes", method: Method) -> NDArray[Any]:
    ids = part.table.id[part.rows].tolist()
    own = [None] * len(ids) if part.table.name is None else part.table.name[part.rows].tolist()
    for name in method.fields.get("name", ()):
        values = read.column(name)
        if values is not None:
            own = [before or (str(value) if value not in (None, "") else None)
                   for before, value in zip(own, values, strict=True)]  # fmt: skip
    return np.array([name or key for name, key in zip(own, ids, strict=True)], dtype=TEXT)


def _place(method: Method, text: str) -> float:
    place = method.use_of(text)
    return float(place) if place >= 0 else np.nan


def _flag(text: str) -> float:
    try:
        return flag(text)
    except ValueError:
        return np.nan


def _grade(method: Method, text: str) -> float:
    """Return the grade of a monument: 0, 1, 2; yes, or any other word, is the grade of a landmark; no is 0."""
    if text in ("2", "2.0"):
        return 2.0
    if text.strip().lower() in ("unknown", "未知"):
        return np.nan
    said = _flag(text)
    if np.isfinite(said):
        return (
            float(method.landmark) if said and text.strip().lower() not in ("1", "1.0") else said
        )
    return float(method.landmark)


class _Attributes:
    """Reads attributes of some rows: columns, and what is nested, parsed once; remembers which attribute it was."""

    def __init__(self, table: FeatureTable, rows: Rows, method: Method) -> None:
        self._table, self._rows, self._method = table, rows, method
        self._nested: list[Mapping[str, Any]] | None = None
        self.sources: dict[str, NDArray[Any]] = {}
        self.problems: list[Problem] = []

    def say(self, name: str, where: Bool, source: str) -> None:
        """Remember where values came from."""
        known = self.sources.setdefault(name, np.full(len(self._rows), "", TEXT))
        known[where] = source

    def column(self, name: str) -> Sequence[Any] | None:
        """Return an attribute's values, None where missing; None where no row has it."""
        if name not in ("id", "kind", "name", "lod") and name in self._table.columns:
            cells = self._table.columns[name][self._rows]
            gone = absent(cells)
            return [
                None if no else value
                for value, no in zip(cells.tolist(), gone.tolist(), strict=True)
            ]
        found = [item.get(name) for item in self._extras()]
        return found if any(value is not None for value in found) else None

    def _extras(self) -> list[Mapping[str, Any]]:
        if self._nested is None:
            cells = self._table.columns.get(EXTRA)
            texts = [None] * len(self._rows) if cells is None else cells[self._rows].tolist()
            self._nested = [_parsed(text) for text in texts]
        return self._nested

    def numbers(self, name: str, least: float, most: float = 1e9) -> F64:
        """Return f64(k) of the first attribute that has a number within bounds, NaN without one; what lies over
        ``most`` is counted as a problem."""
        return self._first(name, lambda text: _number(text, least, most), most)

    def words(self, name: str, meaning: Callable[[str], float]) -> F64:
        """Return f64(k) of the first attribute whose text means something, NaN without one."""
        return self._first(name, meaning)

    def _first(self, name: str, meaning: Callable[[str], float], most: float = math.inf) -> F64:
        found = np.full(len(self._rows), np.nan)
        for attribute in self._method.fields.get(name, ()):
            values = self.column(attribute)
            if values is None:
                continue
            known: dict[str, float] = {}
            texts = [
                "" if value is None or isinstance(value, dict) else _plain(value)
                for value in values
            ]
            for text in set(texts):
                known[text] = meaning(text) if text.strip() else np.nan
            self._over(attribute, texts, most)
            said = np.fromiter((known[text] for text in texts), np.float64, len(texts))
            take = np.isnan(found) & np.isfinite(said)
            found = np.where(take, said, found)
            self.say(name, take, attribute)
        self.say(name, np.zeros(len(self._rows), np.bool_), "")
        return found

    def _over(self, attribute: str, texts: Sequence[str], most: float) -> None:
        """List how many values of an attribute are too large to be what its name says."""
        if most < 1e9:
            count = sum(np.isfinite(_number(text, most, 1e9)) for text in texts)
            if count:
                found = Problem(
                    "bim.too_large",
                    "",
                    "",
                    {"count": int(count), "field": attribute, "most": f"{most:g}"},
                )
                self.problems.append(replace(found, text=found.said()))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_plain(item) for item in value)
    return str(value)


def _number(text: str, least: float, most: float) -> float:
    try:
        found = float(text)
    except ValueError:
        return np.nan
    return found if np.isfinite(found) and least <= found <= most else np.nan


def _parsed(text: str | None) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
