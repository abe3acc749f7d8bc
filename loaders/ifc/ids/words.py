"""What facets say, as phrases that any language can say."""

from collections.abc import Sequence
from typing import Any

from loaders.ifc.ids.model import (
    AttributeFacet,
    ClassificationFacet,
    EntityFacet,
    Facet,
    MaterialFacet,
    PartOfFacet,
    PropertyFacet,
    Restriction,
    Simple,
    Value,
)
from twin.checks.report import Phrase

MOST_TEXT = 80
SIGNS = {"minInclusive": "≥", "minExclusive": ">", "maxInclusive": "≤", "maxExclusive": "<"}
NAMES = {
    EntityFacet: "entity",
    AttributeFacet: "attribute",
    ClassificationFacet: "classification",
    PropertyFacet: "property",
    MaterialFacet: "material",
    PartOfFacet: "partOf",
}


def name(facet: Facet) -> str:
    """Return the stable word for a kind of facet."""
    return NAMES[type(facet)]


def shown(value: Any) -> str:
    """Return a value of the model as a short text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    if hasattr(value, "is_a"):
        return str(value.is_a())
    text = ", ".join(map(shown, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def words(facet: Facet, *, applies: bool = False) -> Phrase:
    """Return the sentence of a requirement by its cardinality, or of a condition of applicability."""
    how = "applies" if applies else facet.cardinality
    if isinstance(facet, EntityFacet):
        parts = {"name": value(facet.name), "type": facet.predefined}
    elif isinstance(facet, AttributeFacet):
        parts = {"name": value(facet.name), "value": facet.value}
    elif isinstance(facet, ClassificationFacet):
        parts = {"system": value(facet.system), "value": facet.value}
    elif isinstance(facet, PropertyFacet):
        place = Phrase("value.property", {"set": value(facet.group), "name": value(facet.name)})
        kind = (
            Phrase("value.kind", {"kind": facet.kind}) if facet.kind else Phrase("value.no_kind")
        )
        parts = {"name": place, "kind": kind, "value": facet.value}
    elif isinstance(facet, PartOfFacet):
        whole = facet.whole
        parts = {"name": value(whole.name), "relation": _relation(facet), "type": whole.predefined}
    else:
        assert isinstance(facet, MaterialFacet)
        parts = {"value": facet.value}
    return _sentence(f"{name(facet)}.{how}", parts)


def _sentence(code: str, parts: dict[str, Any]) -> Phrase:
    """Return the sentence with or without its last part: ``code.with`` where there is one."""
    last = list(parts)[-1]
    if parts[last] is None:
        return Phrase(code, {key: part for key, part in parts.items() if key != last})
    return Phrase(f"{code}.with", {**parts, last: value(parts[last])})


def _relation(facet: PartOfFacet) -> Phrase:
    code = facet.relation.split(" ")[0].lower() or "any"
    return Phrase(f"relation.{code}")


def value(wanted: Value) -> Phrase:
    """Return the words for a value: itself, a list, a pattern, limits."""
    if isinstance(wanted, Simple):
        return Phrase("value.simple", {"text": wanted.text})
    assert isinstance(wanted, Restriction)
    parts: list[Phrase] = []
    if wanted.values:
        parts.append(_list("value.one_of", wanted.values))
    if wanted.patterns:
        parts.append(_list("value.pattern", [one.source for one in wanted.patterns]))
    for bound, text in wanted.bounds:
        parts.append(Phrase("value.bound", {"sign": SIGNS[bound], "text": text}))
    for limit, number in wanted.lengths:
        parts.append(Phrase(f"value.{limit}", {"number": number}))
    return Phrase("value.all", {"parts": tuple(parts)}) if parts else Phrase("value.anything")


def _list(code: str, texts: Sequence[str]) -> Phrase:
    items = tuple(Phrase("value.simple", {"text": text}) for text in texts)
    return Phrase(code, {"texts": items})
