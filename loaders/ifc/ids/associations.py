"""Classifications and materials of an object, or of its type where it has none of its own."""

from collections.abc import Iterator
from typing import Any

from loaders.ifc.ids.facts import Facts
from loaders.ifc.ids.model import ClassificationFacet, MaterialFacet
from loaders.ifc.ids.outcomes import Outcome, State
from loaders.ifc.ids.values import fits
from twin.checks.report import Phrase

MOST_STEPS = 64
"""No classification is deeper; a circle of references ends here."""

Reference = tuple[str, tuple[str, ...]]
"""The name of a system, and the codes of a reference and of those above it."""


def classification(facet: ClassificationFacet, item: Any, facts: Facts) -> Outcome:
    """Compare system and code of the same reference (or of one above it)."""
    found = references(item, facts)
    inside = [one for one in found if fits(facet.system, one[0])]
    if not found:
        return Outcome(State.ABSENT, Phrase("why.no_classification"))
    if not inside:
        systems = tuple(dict.fromkeys(system for system, _ in found))
        return Outcome(State.ABSENT, Phrase("why.system", {"found": systems}))
    codes = tuple(code for _, series in inside for code in series)
    said = Phrase("why.code", {"system": inside[0][0], "found": codes or ("–",)})
    if facet.value is None or any(fits(facet.value, code) for code in codes):
        return Outcome(State.MATCH, said)
    return Outcome(State.OTHER if codes else State.ABSENT, said)


def references(item: Any, facts: Facts) -> list[Reference]:
    """Return the references of an object; per system those of its type only where it has none."""
    own = [_series(one) for one in facts.references.get(item.id(), ())]
    about = facts.kind_of.get(item.id())
    if about is None:
        return own
    known = {system for system, _ in own}
    above = [_series(one) for one in facts.references.get(about.id(), ())]
    return own + [one for one in above if one[0] not in known]


def _series(source: Any) -> Reference:
    codes: list[str] = []
    for _ in range(MOST_STEPS):
        if source is None:
            break
        if source.is_a("IfcClassification"):
            return source.Name or "", tuple(codes)
        if not source.is_a("IfcClassificationReference"):
            break
        if source[1]:  # Identification, called ItemReference in IFC2X3
            codes.append(str(source[1]))
        source = source.ReferencedSource
    return "", tuple(codes)


def material(facet: MaterialFacet, item: Any, facts: Facts) -> Outcome:
    """Compare the names and categories of all materials, sets and their parts."""
    found = facts.materials.get(item.id())
    about = facts.kind_of.get(item.id())
    if not found and about is not None:
        found = facts.materials.get(about.id())
    if not found:
        return Outcome(State.ABSENT, Phrase("why.no_material"))
    texts = tuple(dict.fromkeys(text for one in found for text in _texts(one, facts)))
    said = Phrase("why.material", {"found": texts or ("–",)})
    if facet.value is None or any(fits(facet.value, text) for text in texts):
        return Outcome(State.MATCH, said)
    return Outcome(State.OTHER, said)


PARTS = ("ForLayerSet", "ForProfileSet", "MaterialLayers", "MaterialProfiles", "MaterialConstituents",
         "Materials", "Material")  # fmt: skip
TEXTS = ("Name", "LayerSetName", "Category")


def _texts(thing: Any, facts: Facts) -> tuple[str, ...]:
    """Return the names and categories of a material or a set of materials, worked out once."""
    known: tuple[str, ...] | None = facts.kept.get(thing.id())
    if known is None:
        known = facts.kept[thing.id()] = tuple(text for text in _names(thing) if text)
    return known


def _names(thing: Any, depth: int = 0) -> Iterator[str | None]:
    for name in TEXTS:
        yield getattr(thing, name, None)
    if depth > 4:
        return
    for name in PARTS:
        inside = getattr(thing, name, None)
        for part in inside if isinstance(inside, tuple) else (inside,):
            if part is not None:
                yield from _names(part, depth + 1)
