"""Property sets and quantities as columns: common ones by name, the rest as JSON per object.

A value from the type stands in the same column as one of the object itself; the names that came
from the type are listed under ``(type)`` in the object's ``_extra``.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from loaders.ifc.structure import by_type
from loaders.ifc.unit_names import UnitNames
from loaders.ifc.unread import Unread
from loaders.ifc.values import decoded
from twin.features import EXTRA, INHERITED, Column, texts

ALWAYS = (
    "Pset_BuildingCommon.",
    "Pset_Condition.",
    "Pset_MaintenanceStrategy.",
    "Pset_SiteCommon.",
    "Pset_BuildingUse.",
    "Pset_Asset.",
    "Pset_ManufacturerOccurrence.",
    "Pset_ServiceLife.",
)
"""Sets whose properties are columns however few objects have them: rules and audits read them."""
MOST_COLUMNS = 64
MIN_SHARE = 0.05

Values = dict[str, Any]


@dataclass
class Sheet:
    """``own[i]`` and ``inherited[i]``: full name -> value of row i; ``units``: full name -> unit.

    ``odd[i]``: full name -> unit where it differs from ``units``; ``measured[i]``: the names of the
    quantity sets of row i; ``type_of[i]``: the step id of its type (0 = none), a key of ``types``.
    """

    own: tuple[Values, ...]
    inherited: list[Values]
    type_of: list[int]
    units: dict[str, str] = field(default_factory=dict)
    odd: dict[int, dict[str, str]] = field(default_factory=dict)
    measured: dict[int, tuple[str, ...]] = field(default_factory=dict)
    types: dict[int, Any] = field(default_factory=dict)
    lengths: str = ""
    """The project's unit of length."""

    @property
    def type_names(self) -> list[str | None]:
        """Return the name of each row's type."""
        names = {key: kind[2] for key, kind in self.types.items()}
        return [names.get(key) for key in self.type_of]


@dataclass(frozen=True)
class _Set:
    values: Values
    odd: dict[str, str]
    quantities: str


@dataclass
class _Reading:
    """Every set is decoded once."""

    names: UnitNames
    units: dict[str, str]
    sets: dict[int, _Set] = field(default_factory=dict)

    def of(self, definition: Any) -> _Set:
        key = definition.id()
        known = self.sets.get(key)
        if known is None:
            values: Values = {}
            odd: dict[str, str] = {}
            units = self.units
            for name, value, unit in decoded(definition, self.names):
                values[name] = value
                if units.setdefault(name, unit) != unit:
                    odd[name] = unit
            name = (definition[2] or "") if definition.is_a("IfcElementQuantity") else ""
            known = self.sets[key] = _Set(values, odd, name)
        return known


def gather(file: Any, row_of: Mapping[int, int], unread: Unread) -> Sheet:
    """Return every property and quantity of every row, each set decoded once."""
    n = len(row_of)
    sheet = Sheet(tuple({} for _ in range(n)), [{} for _ in range(n)], [0] * n)
    reading = _Reading(UnitNames.of(file), sheet.units)
    sheet.lengths = reading.names.measure("IfcLengthMeasure")
    for relation in by_type(file, "IfcRelDefinesByProperties"):
        with unread.reading(relation):
            _define(sheet, reading, relation, row_of)
    for relation in by_type(file, "IfcRelDefinesByType"):
        with unread.reading(relation):
            if relation[5] is not None:
                _inherit(sheet, reading, relation, row_of)
    return sheet


def _define(sheet: Sheet, reading: _Reading, relation: Any, row_of: Mapping[int, int]) -> None:
    sets = [reading.of(one) for one in _definitions(relation[5])]
    for item in relation[4] or ():
        row = row_of.get(item.id())
        if row is not None:
            for one in sets:
                sheet.own[row].update(one.values)
                _note(sheet, row, one)


def _inherit(sheet: Sheet, reading: _Reading, relation: Any, row_of: Mapping[int, int]) -> None:
    kind = relation[5]
    sets = [reading.of(one) for one in kind[5] or ()]
    values = {name: value for one in sets for name, value in one.values.items()}
    sheet.types[kind.id()] = kind
    for item in relation[4] or ():
        row = row_of.get(item.id())
        if row is not None:
            sheet.type_of[row] = kind.id()
            sheet.inherited[row] = values
            for one in sets:
                _note(sheet, row, one)


def _note(sheet: Sheet, row: int, one: _Set) -> None:
    if one.odd:
        sheet.odd.setdefault(row, {}).update(one.odd)
    if one.quantities:
        sheet.measured[row] = (*sheet.measured.get(row, ()), one.quantities)


def _definitions(found: Any) -> Sequence[Any]:
    """Return one or several sets (IFC4 allows a list in a relation)."""
    if found is None:
        return ()
    if isinstance(found, tuple):
        return found
    if found.is_a() == "IfcPropertySetDefinitionSet":
        return tuple(found[0])
    return (found,)


def columns(sheet: Sheet) -> dict[str, Column]:
    """Return the common properties as columns and the rest in ``_extra``."""
    counts: Counter[str] = Counter()
    for own, inherited in zip(sheet.own, sheet.inherited, strict=True):
        counts.update(own.keys())
        if inherited:
            counts.update(inherited.keys() - own.keys())
    chosen = _chosen(counts, len(sheet.own))
    found: dict[str, list[Any]] = {name: [None] * len(sheet.own) for name in chosen}
    extra: list[str | None] = []
    for row, (own, inherited) in enumerate(zip(sheet.own, sheet.inherited, strict=True)):
        rest: Values = {}
        for name, value in ({**inherited, **own} if inherited else own).items():
            column = found.get(name)
            if column is not None:
                column[row] = value
            else:
                rest[name] = value
        if inherited:
            rest[INHERITED] = sorted(inherited.keys() - own.keys())
        extra.append(orjson.dumps(rest).decode() if rest else None)
    made = {name: column_of(values) for name, values in found.items()}
    if any(item is not None for item in extra):
        made[EXTRA] = texts(extra)
    return made


def _chosen(counts: Counter[str], n: int) -> list[str]:
    always = [name for name in counts if name.startswith(ALWAYS)]
    least = max(2, math.ceil(MIN_SHARE * n))
    common = [name for name, count in counts.most_common(MOST_COLUMNS) if count >= least]
    return sorted({*always, *common})


def column_of(values: Sequence[Any]) -> Column:
    """Return numbers as float64, all else as text ('true'/'false' for logicals)."""
    if all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values):
        return np.array([np.nan if v is None else float(v) for v in values], np.float64)
    return texts([None if v is None else _spelled(v) for v in values])


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_spelled(item) for item in value if item is not None)
    return orjson.dumps(value).decode()
