"""Properties and quantities of an object, its type's included, and how their kinds are compared.

IDS documentation, property-facet.md: a single value, one of a list, a range. Complex and reference
properties are not supported by IDS: they never fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.ifc.ids.facts import Facts
from loaders.ifc.ids.model import PropertyFacet, Restriction, Simple, Value
from loaders.ifc.ids.outcomes import Outcome, State
from loaders.ifc.ids.values import bounded, fits
from loaders.ifc.ids.words import shown
from twin.checks.report import Phrase

Typed = tuple[str, Any]
"""The IFC type of a value (IfcLabel) and the value, in SI."""


@dataclass(frozen=True, slots=True)
class Held:
    """A property as it is compared: a number of values, or a range with ends that may be open."""

    values: tuple[Typed, ...] = ()
    low: Typed | None = None
    high: Typed | None = None
    point: Typed | None = None
    ranged: bool = False
    supported: bool = True

    def all(self) -> tuple[Typed, ...]:
        """Return all values, the ends of a range too."""
        return (
            *self.values,
            *(one for one in (self.low, self.high, self.point) if one is not None),
        )


def property_(facet: PropertyFacet, item: Any, facts: Facts) -> list[Outcome]:
    """Compare every property that fits by set and name; a set without such a property is an outcome."""
    found: list[Outcome] = []
    for group, entries in groups(item, facts, facet.group).items():
        inside = [(name, one) for name, one in entries.items() if fits(facet.name, name)]
        if not inside:
            found.append(Outcome(State.ABSENT, Phrase("why.no_property", {"set": group})))
        for name, (definition, part) in inside:
            found.append(_compare(facet, f"{group}.{name}", _held(definition, part, facts)))
    return found or [Outcome(State.ABSENT, Phrase("why.no_set"))]


Entries = dict[str, tuple[Any, Any]]


def groups(item: Any, facts: Facts, wanted: Value | None = None) -> dict[str, Entries]:
    """Return set -> property -> (set's entity, property); the object's own stand before its type's.

    Only sets whose names are ``wanted`` (None = all).
    """
    found: dict[str, Entries] = {}
    step = item.id()
    about = facts.kind_of.get(step)
    for key in (step,) if about is None else (about.id(), step):
        for definition in facts.sets.get(key, ()):
            name, entries = _read(definition, facts)
            if wanted is None or fits(wanted, name):
                found.setdefault(name, {}).update(entries)
    return found


def _read(definition: Any, facts: Facts) -> tuple[str, Entries]:
    """Return the name of a set and its properties, read once."""
    key = definition.id()
    known: tuple[str, Entries] | None = facts.kept.get(key)
    if known is None:
        name = getattr(definition, "Name", None) or definition.is_a()
        entries = {name: (definition, part) for name, part in _parts(definition)}
        known = facts.kept[key] = (name, entries)
    return known


def _parts(definition: Any) -> Iterator[tuple[str, Any]]:
    """Yield the properties of a set; those of a predefined one are attributes, by their index."""
    kind = definition.is_a()
    holders = {
        "IfcPropertySet": "HasProperties",
        "IfcElementQuantity": "Quantities",
        "IfcExtendedMaterialProperties": "ExtendedProperties",
    }
    holder = holders.get(kind) or ("Properties" if hasattr(definition, "Properties") else None)
    if holder is not None:
        for part in getattr(definition, holder) or ():
            yield part[0] or "", part
    else:
        for index in range(4, len(definition)):
            yield definition.attribute_name(index), index


def _held(definition: Any, part: Any, facts: Facts) -> Held:
    """Return ``held``, worked out once for every property."""
    key = (definition.id(), part) if isinstance(part, int) else part.id()
    known: Held | None = facts.kept.get(key)
    if known is None:
        known = facts.kept[key] = held(definition, part, facts)
    return known


def held(definition: Any, part: Any, facts: Facts) -> Held:
    """Return a property as typed values in SI."""
    if isinstance(part, int):
        value = definition[part]
        kind = facts.attributes(definition.is_a())[part][1]
        return _single(kind, value, None, facts)
    kind = part.is_a()
    if kind == "IfcPropertySingleValue":
        return Held(tuple(_typed((part[2],), part[3], facts)))
    if kind == "IfcPropertyEnumeratedValue":
        unit = part[3].Unit if part[3] is not None else None
        return Held(tuple(_typed(part[2], unit, facts)))
    if kind == "IfcPropertyListValue":
        return Held(tuple(_typed(part[2], part[3], facts)))
    if kind == "IfcPropertyTableValue":
        defining = _typed(part[2], part[5], facts)
        return Held((*defining, *_typed(part[3], part[6], facts)))
    if kind == "IfcPropertyBoundedValue":
        point = part[5] if len(part) > 5 else None
        ends = [
            next(iter(_typed((one,), part[4], facts)), None) for one in (part[3], part[2], point)
        ]
        return Held(low=ends[0], high=ends[1], point=ends[2], ranged=True)
    if part.is_a("IfcPhysicalSimpleQuantity"):
        return _single(facts.attributes(kind)[3][1], part[3], part[2], facts)
    return Held(supported=False)


def _single(kind: str, value: Any, unit: Any, facts: Facts) -> Held:
    if value is None or not isinstance(value, str | bool | int | float):
        return Held(supported=value is None)
    return Held(((kind, facts.measures.si(kind, value, unit)),))


def _typed(values: Sequence[Any] | None, unit: Any, facts: Facts) -> list[Typed]:
    return [
        (one.is_a(), facts.measures.si(one.is_a(), one[0], unit))
        for one in values or ()
        if one is not None
    ]


def _compare(facet: PropertyFacet, name: str, found: Held) -> Outcome:
    if not found.supported:
        return Outcome(State.OTHER, Phrase("why.unsupported", {"name": name}))
    everything = found.all()
    if not everything:
        return Outcome(State.NULL, Phrase("why.property_null", {"name": name}))
    if all(_blank(one) for one in everything):
        return Outcome(State.EMPTY, Phrase("why.property_empty", {"name": name}))
    kept = _of_kind(found, facet.kind)
    if not kept.all():
        kinds = tuple(dict.fromkeys(kind for kind, _ in everything))
        return Outcome(State.OTHER, Phrase("why.kind", {"name": name, "found": kinds}))
    texts = tuple(shown(value) for _, value in kept.all())
    said = Phrase("why.property", {"name": name, "found": texts})
    if facet.value is None or _answers(facet.value, kept):
        return Outcome(State.MATCH, said)
    return Outcome(State.OTHER, said)


def _blank(typed: Typed) -> bool:
    kind, value = typed
    return value in (None, "") or (kind == "IfcLogical" and value == "UNKNOWN")


def _of_kind(found: Held, wanted: str) -> Held:
    """Return what is of the type asked for: a table has two types, and may hold either."""
    if not wanted:
        return found

    def right(typed: Typed | None) -> bool:
        return typed is not None and typed[0].upper() == wanted

    return Held(
        tuple(one for one in found.values if right(one)),
        found.low if right(found.low) else None,
        found.high if right(found.high) else None,
        found.point if right(found.point) else None,
        ranged=found.ranged,
    )


def _answers(wanted: Value, found: Held) -> bool:
    """Return whether values are what is wanted: limits bind every value, all else any one."""
    if isinstance(wanted, Restriction) and wanted.bounds:
        if found.ranged:
            return _inside(wanted, found)
        return all(fits(wanted, value) for _, value in found.values)
    if found.ranged and isinstance(wanted, Simple):
        return _spans(wanted, found)
    return any(fits(wanted, value) for _, value in found.all())


def _inside(wanted: Restriction, found: Held) -> bool:
    """Return whether a range lies within the limits: each limit needs the end that could break it."""
    for name, text in wanted.bounds:
        end = found.low if name.startswith("min") else found.high
        other = found.high if name.startswith("min") else found.low
        if end is None or not bounded(name, text, wanted.base, end[1]):
            return False
        if other is not None and not bounded(name, text, wanted.base, other[1]):
            return False
    return True


def _spans(wanted: Simple, found: Held) -> bool:
    """Return whether a range holds a value: one of its points, or, without a set point, anything between."""
    if any(fits(wanted, value) for _, value in found.all()):
        return True
    if found.point is not None:
        return False
    # the value is above the low end when the low end is not above it, and so on
    above = found.low is None or bounded("maxInclusive", wanted.text, "", found.low[1])
    below = found.high is None or bounded("minInclusive", wanted.text, "", found.high[1])
    return above and below
