"""Property sets and quantities as columns: common ones by name, the rest as JSON per object.

A value from the type stands in the same column as one of the object itself; the names that came
from the type are listed under ``(type)`` in the object's ``_extra``.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.ifc.structure import by_type
from twin.features import EXTRA, Column, texts

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
FROM_TYPE = "(type)"
MOST_COLUMNS = 64
MIN_SHARE = 0.05

Values = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """``own[i]`` and ``inherited[i]``: full name -> value of row i."""

    own: tuple[Values, ...]
    inherited: tuple[Values, ...]
    types: tuple[str | None, ...]


def gather(file: Any, row_of: Mapping[int, int]) -> Sheet:
    """Return every property and quantity of every row, each set decoded once."""
    n = len(row_of)
    sets: dict[int, Values] = {}
    own: list[Values] = [{} for _ in range(n)]
    inherited: list[Values] = [{} for _ in range(n)]
    types: list[str | None] = [None] * n
    for relation in by_type(file, "IfcRelDefinesByProperties"):
        definitions = relation[5]
        for item in relation[4] or ():
            row = row_of.get(item.id())
            if row is not None:
                for one in _definitions(definitions):
                    own[row].update(_values(one, sets))
    for relation in by_type(file, "IfcRelDefinesByType"):
        kind = relation[5]
        if kind is None:
            continue
        values: Values = {}
        for one in kind[5] or ():
            values.update(_values(one, sets))
        for item in relation[4] or ():
            row = row_of.get(item.id())
            if row is not None:
                types[row] = kind[2]
                inherited[row] = values
    return Sheet(tuple(own), tuple(inherited), tuple(types))


def _definitions(found: Any) -> Sequence[Any]:
    """Return one or several sets (IFC4 allows a list in a relation)."""
    if found is None:
        return ()
    if isinstance(found, tuple):
        return found
    if found.is_a() == "IfcPropertySetDefinitionSet":
        return tuple(found[0])
    return (found,)


def _values(definition: Any, sets: dict[int, Values]) -> Values:
    key = definition.id()
    known = sets.get(key)
    if known is None:
        known = sets[key] = dict(_decoded(definition))
    return known


def _decoded(definition: Any) -> Iterator[tuple[str, Any]]:
    """Yield (set.property, value) of a property set or an element quantity."""
    kind = definition.is_a()
    prefix = f"{definition[2] or kind}."
    if kind == "IfcPropertySet":
        yield from _properties(prefix, definition[4] or ())
    elif kind == "IfcElementQuantity":
        yield from _quantities(prefix, definition[5] or ())
    else:
        for index in range(4, len(definition)):
            value = _plain(definition[index])
            if value is not None:
                yield prefix + definition.attribute_name(index), value


def _properties(prefix: str, items: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for item in items:
        kind = item.is_a()
        if kind == "IfcPropertySingleValue":
            value = item.get_argument(2)
            if value is not None:
                yield f"{prefix}{item.get_argument(0)}", value.get_argument(0)
        elif kind in ("IfcPropertyEnumeratedValue", "IfcPropertyListValue"):
            found = [value[0] for value in item[2] or ()]
            if found:
                yield f"{prefix}{item[0]}", found[0] if len(found) == 1 else found
        elif kind == "IfcPropertyBoundedValue":
            yield f"{prefix}{item[0]}", [_plain(item[3]), _plain(item[2])]
        elif kind == "IfcComplexProperty":
            yield from _properties(f"{prefix}{item[0]}.", item[3] or ())


def _quantities(prefix: str, items: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for item in items:
        if item.is_a() == "IfcPhysicalComplexQuantity":
            yield from _quantities(f"{prefix}{item[0]}.", item[2] or ())
        elif item[3] is not None:
            yield f"{prefix}{item[0]}", item[3]


def _plain(value: Any) -> Any:
    """Return a number, text or None; references to other objects say nothing here."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _plain(value[0]) if value.id() == 0 else None


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
            rest[FROM_TYPE] = sorted(inherited.keys() - own.keys())
        extra.append(json.dumps(rest, ensure_ascii=False) if rest else None)
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
    return json.dumps(value, ensure_ascii=False)
