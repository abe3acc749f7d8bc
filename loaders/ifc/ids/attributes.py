"""Attributes of a class itself: not those that are derived, inverse or inherited from the type."""

from typing import Any

from loaders.ifc.ids.facts import Facts
from loaders.ifc.ids.model import AttributeFacet
from loaders.ifc.ids.outcomes import Outcome, State
from loaders.ifc.ids.values import fits, is_empty
from loaders.ifc.ids.words import shown
from twin.checks.report import Phrase


def attribute(facet: AttributeFacet, item: Any, facts: Facts) -> list[Outcome]:
    """Compare every attribute whose name fits; those without a value count only when none has one."""
    matching = [
        (index, name, kind)
        for index, (name, kind) in enumerate(facts.attributes(item.is_a()))
        if kind != "*" and fits(facet.name, name)
    ]
    if not matching:
        return [Outcome(State.ABSENT, Phrase("why.no_attribute"))]
    found = [_look(facet, item, facts, *one) for one in matching]
    told = [one for one in found if one.state not in (State.ABSENT, State.EMPTY)]
    return told or [one for one in found if one.state is State.EMPTY] or found[:1]


def _look(
    facet: AttributeFacet, item: Any, facts: Facts, index: int, name: str, kind: str
) -> Outcome:
    value = item[index]
    if value is None:
        return Outcome(State.ABSENT, Phrase("why.attribute_null", {"name": name}))
    if is_empty(value) or (kind == "IfcLogical" and value == "UNKNOWN"):
        return Outcome(State.EMPTY, Phrase("why.attribute_empty", {"name": name}))
    said = Phrase("why.attribute", {"name": name, "found": shown(value)})
    if facet.value is None or fits(facet.value, facts.measures.si(kind, value)):
        return Outcome(State.MATCH, said)
    return Outcome(State.OTHER, said)
