"""Property sets and quantity sets decoded: (set.property, value, unit), every kind of property."""

from collections.abc import Iterator, Sequence
from typing import Any

from loaders.ifc.unit_names import UnitNames

Said = tuple[str, Any, str]
MOST_PAIRS = 200
"""Rows of a table of values that are spelled out."""
NAMED = ("Name", "Identification", "ItemReference", "Location")
"""What names an entity that a reference points to, the first that is filled; persons are never read."""
PEOPLE = ("IfcPerson", "IfcPostalAddress", "IfcTelecomAddress")


def decoded(definition: Any, names: UnitNames) -> Iterator[Said]:
    """Yield what a property set, a quantity set or a predefined set says."""
    kind = definition.is_a()
    prefix = f"{definition[2] or kind}."
    if kind == "IfcPropertySet":
        yield from _properties(prefix, definition[4] or (), names)
    elif kind == "IfcElementQuantity":
        yield from _quantities(prefix, definition[5] or (), names)
    else:
        yield from _predefined(prefix, definition, names)


def _properties(prefix: str, items: Sequence[Any], names: UnitNames) -> Iterator[Said]:
    for item in items:
        kind = item.is_a()
        if kind == "IfcPropertySingleValue":
            value = item.get_argument(2)
            if value is not None:
                inner = value.get_argument(0)
                unit = ""
                if isinstance(inner, float | int):
                    own = item.get_argument(3)
                    unit = names.measure(value.is_a()) if own is None else names.of_unit(own)
                yield f"{prefix}{item.get_argument(0)}", inner, unit
        elif kind == "IfcComplexProperty":
            yield from _properties(f"{prefix}{item[0]}.", item[3] or (), names)
        else:
            value, unit = _READ.get(kind, _nothing)(item, names)
            if value is not None:
                yield f"{prefix}{item[0]}", value, unit


def _nothing(item: Any, names: UnitNames) -> tuple[Any, str]:
    return None, ""


def _enumerated(item: Any, names: UnitNames) -> tuple[Any, str]:
    source = item[3]
    own = source[2] if source is not None and source.is_a("IfcPropertyEnumeration") else None
    return _several(item[2], own, names)


def _list(item: Any, names: UnitNames) -> tuple[Any, str]:
    return _several(item[2], item[3], names)


def _several(values: Sequence[Any] | None, own: Any, names: UnitNames) -> tuple[Any, str]:
    """Return one value as itself, several as a list."""
    given = [value for value in values or () if value is not None]
    found = [plain(value) for value in given]
    if not found:
        return None, ""
    return (found[0] if len(found) == 1 else found), _unit(given, own, names)


def _bounded(item: Any, names: UnitNames) -> tuple[Any, str]:
    """Return ``2 – 5``, ``≥ 2``, ``≤ 5``; before it the set point that IFC4 may add."""
    given = (item[3], item[2], item[5] if len(item) > 5 else None)
    low, high, point = (plain(value) for value in given)
    if low is not None and high is not None:
        words = f"{_short(low)} – {_short(high)}"
    elif low is not None or high is not None:
        words = f"≥ {_short(low)}" if low is not None else f"≤ {_short(high)}"
    else:
        words = ""
    if point is not None:
        words = f"{_short(point)} ({words})" if words else _short(point)
    return words or None, _unit([x for x in given if x is not None], item[4], names)


def _table(item: Any, names: UnitNames) -> tuple[Any, str]:
    """Return the pairs ``defining: defined`` of a table as a list; the unit of what is defined."""
    keys, values = item[2] or (), item[3] or ()
    pairs = [
        f"{_short(plain(key))}: {_short(plain(value))}"
        for key, value in zip(keys[:MOST_PAIRS], values[:MOST_PAIRS], strict=False)
    ]
    return pairs or None, _unit(list(values), item[6], names)


def _reference(item: Any, names: UnitNames) -> tuple[Any, str]:
    return (None if item[3] is None else named(item[3])), ""


_READ = {
    "IfcPropertyEnumeratedValue": _enumerated,
    "IfcPropertyListValue": _list,
    "IfcPropertyBoundedValue": _bounded,
    "IfcPropertyTableValue": _table,
    "IfcPropertyReferenceValue": _reference,
}


def named(entity: Any) -> str | None:
    """Return what names an entity: a material, an organisation, a document, a table; no person."""
    if entity.is_a("IfcPersonAndOrganization"):
        return None if entity[1] is None else named(entity[1])
    if entity.is_a() in PEOPLE:
        return None
    for name in NAMED:
        found = getattr(entity, name, None)
        if isinstance(found, str) and found:
            return found
    layer = getattr(entity, "Material", None)
    return named(layer) if layer is not None and layer.is_a("IfcMaterial") else None


def _quantities(prefix: str, items: Sequence[Any], names: UnitNames) -> Iterator[Said]:
    for item in items:
        kind = item.is_a()
        if kind == "IfcPhysicalComplexQuantity":
            yield from _quantities(f"{prefix}{item[0]}.", item[2] or (), names)
        elif item[3] is not None:
            own = item[2]
            unit = names.quantity(kind) if own is None else names.of_unit(own)
            yield f"{prefix}{item[0]}", item[3], unit


def _predefined(prefix: str, definition: Any, names: UnitNames) -> Iterator[Said]:
    """Yield the attributes of a predefined set (IfcDoorLiningProperties): lengths unless said else."""
    declared = names.declared(definition)
    for index in range(4, len(definition)):
        value = plain(definition[index])
        if value is not None:
            name = definition.attribute_name(index)
            yield prefix + name, value, names.measure(declared.get(name, ""))


def _unit(values: Sequence[Any], own: Any, names: UnitNames) -> str:
    if own is not None:
        return names.of_unit(own)
    first = next((value for value in values if not isinstance(value, str | int | float)), None)
    if first is None or isinstance(plain(first), str | bool):
        return ""
    return names.measure(first.is_a())


def plain(value: Any) -> Any:
    """Return a number, text, list or None; references to other objects say nothing here."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return plain(value[0]) if value.id() == 0 else None


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
