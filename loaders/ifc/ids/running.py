"""Checking one file by one IDS, in a worker process."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from loaders.ifc.ids.associations import classification, material
from loaders.ifc.ids.attributes import attribute
from loaders.ifc.ids.document import read_rules
from loaders.ifc.ids.entities import candidates, entity, part_of
from loaders.ifc.ids.facts import Facts
from loaders.ifc.ids.model import (
    AttributeFacet,
    ClassificationFacet,
    EntityFacet,
    Facet,
    MaterialFacet,
    PartOfFacet,
    PropertyFacet,
    Rules,
    Specification,
)
from loaders.ifc.ids.outcomes import Outcome, verdict
from loaders.ifc.ids.properties import property_
from loaders.ifc.ids.values import fits
from loaders.ifc.ids.words import name, words
from loaders.ifc.reading import read, sound
from loaders.ifc.structure import arrange, by_type
from twin.checks.report import Checked, CheckReport, Demand, Phrase, Rule
from twin.geometry import I32
from twin.ports import Feedback

SCHEMAS = {"IFC4X3": "IFC4X3_ADD2"}
"""ifcopenshell's name of a schema -> the name in an IDS, where they differ."""
EVERYTHING = ("IfcObjectDefinition", "IfcMaterialDefinition", "IfcMaterial", "IfcProfileDef")
"""What a condition without a class may apply to."""
CHECK_EVERY = 256

Look = Callable[[Any], Sequence[Outcome]]


def check(location: str, rules_path: str, feedback: Feedback) -> CheckReport:
    """Return what an IDS finds in an IFC. Raises OpenError, Cancelled."""
    rules = read_rules(rules_path)
    feedback.progress(0.0, "reading")
    model = read(location, feedback)
    with sound(location):
        ids = _shown_ids(model.file)
        return run(model.file, rules, _Run(feedback, ids), (location, rules_path))


def run(file: Any, rules: Rules, running: "_Run", named: tuple[str, str]) -> CheckReport:
    """Return the report of rules on an open file; ``named`` are the two locations."""
    facts = Facts(file)
    schema = SCHEMAS.get(file.schema, file.schema)
    running.facts = facts
    results = []
    for number, specification in enumerate(rules.specifications):
        running.begin(0.2 + 0.8 * number / len(rules.specifications), specification.name)
        results.append(_rule(specification, facts, schema, running))
    title = rules.info.get("title", Path(named[1]).stem)
    notes = tuple(
        Phrase("note.anchors", {"line": line, "pattern": text}) for line, text in rules.anchored
    )
    return CheckReport(
        "ids", named[0], named[1], title, schema, tuple(results), tuple(running.objects),
        rules.info, notes,
    )  # fmt: skip


def plain(feedback: Feedback) -> "_Run":
    """Return a run without a table of ids: objects are known by GlobalId."""
    return _Run(feedback, {})


@dataclass
class _Run:
    """The objects numbered so far, and the way to say how far it is."""

    feedback: Feedback
    ids: dict[int, str]
    objects: list[Checked] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    looked: int = 0
    facts: Facts | None = None

    def begin(self, share: float, what: str) -> None:
        self.feedback.progress(share, what)
        self.feedback.check()

    def look(self) -> None:
        self.looked += 1
        if self.looked % CHECK_EVERY == 0:
            self.feedback.check()

    def number(self, item: Any) -> int:
        step = int(item.id())
        known = self.numbers.get(step)
        if known is None:
            known = self.numbers[step] = len(self.objects)
            rooted = item.is_a("IfcRoot")
            key = self.ids.get(step) or (item[0] if rooted else None) or f"#{step}"
            called = getattr(item, "Name", None)
            shown = self._occurrences(step) if item.is_a("IfcTypeObject") else ()
            told = Checked(str(key), str(item.is_a()), str(called or ""), step, shown)
            self.objects.append(told)
        return known

    def _occurrences(self, step: int) -> tuple[str, ...]:
        """Return the ids of the objects of a type."""
        assert self.facts is not None
        found = self.facts.occurrences.get(step, [])
        return tuple(self.ids[one] for one in found if one in self.ids)


def _shown_ids(file: Any) -> dict[int, str]:
    """Return step -> id as the layer's table has it (doubled GlobalIds are told apart there)."""
    structure = arrange(file)
    return {step: structure.ids[row] for step, row in structure.row_of.items()}


def _rule(one: Specification, facts: Facts, schema: str, running: _Run) -> Rule:
    applies = tuple(words(facet, applies=True) for facet in one.applicability)
    make = partial(
        Rule, one.name, one.usage, applies, identifier=one.identifier,
        description=one.description, instructions=one.instructions,
    )  # fmt: skip
    if schema not in one.schemas:
        why = Phrase("why.other_schema", {"schema": schema, "schemas": one.schemas})
        return make("none", demands=tuple(_unasked(x) for x in one.requirements), why=why)
    items = list(_applicable(one, facts, running))
    numbers = np.array([running.number(item) for item in items], np.int32)
    if one.usage == "prohibited":
        status = "failed" if items else "passed"
        must_not = Phrase("why.must_not_be") if items else None
        return make(status, applicable=numbers, why=must_not)
    demands = tuple(_demand(facet, items, facts, running) for facet in one.requirements)
    if items:
        status = "failed" if any(len(x.failed) for x in demands) else "passed"
        return make(status, demands=demands, applicable=numbers)
    if one.usage == "required":
        return make("failed", demands=demands, why=Phrase("why.nobody"))
    return make("none", demands=demands, why=Phrase("why.nobody"))


def _unasked(facet: Facet) -> Demand:
    return Demand(name(facet), words(facet), facet.cardinality, instructions=facet.instructions)


def _applicable(one: Specification, facts: Facts, running: _Run) -> Iterable[Any]:
    """Yield the objects that meet all conditions, in file order."""
    looks = [_look(facet, facts) for facet in one.applicability]
    bare = [_is_bare(facet) for facet in one.applicability]
    for item in _candidates(one.applicability, facts):
        running.look()
        if all(
            verdict("required", look(item), bare=plain_) is None
            for look, plain_ in zip(looks, bare, strict=True)
        ):
            yield item


def _candidates(facets: Sequence[Facet], facts: Facts) -> Iterable[Any]:
    for facet in facets:
        if isinstance(facet, EntityFacet):
            return candidates(facet.name, facts)
    kinds: set[str] = set()
    for facet in facets:
        if isinstance(facet, AttributeFacet):
            kinds = {
                kind
                for kind in facts.file.types()
                if facts.has_attributes(kind)
                and any(fits(facet.name, known) for known, _ in facts.attributes(kind))
            }
            found = {x.id(): x for kind in kinds for x in facts.file.by_type(kind, False)}
            return [found[step] for step in sorted(found)]
    found = {x.id(): x for kind in EVERYTHING for x in by_type(facts.file, kind)}
    return [found[step] for step in sorted(found)]


def _look(facet: Facet, facts: Facts) -> Look:
    """Return the function that looks at one object for a facet."""
    if isinstance(facet, AttributeFacet):
        return lambda item: attribute(facet, item, facts)
    if isinstance(facet, PropertyFacet):
        return lambda item: property_(facet, item, facts)
    if isinstance(facet, EntityFacet):
        return lambda item: (entity(facet, item, facts),)
    if isinstance(facet, ClassificationFacet):
        return lambda item: (classification(facet, item, facts),)
    if isinstance(facet, MaterialFacet):
        return lambda item: (material(facet, item, facts),)
    assert isinstance(facet, PartOfFacet)
    return lambda item: (part_of(facet, item, facts),)


def _is_bare(facet: Facet) -> bool:
    """Return whether a facet asks for nothing but presence."""
    if isinstance(facet, PropertyFacet):
        return facet.value is None and not facet.kind
    return isinstance(facet, AttributeFacet) and facet.value is None


def _demand(facet: Facet, items: Sequence[Any], facts: Facts, running: _Run) -> Demand:
    look, bare = _look(facet, facts), _is_bare(facet)
    passed: list[int] = []
    failed: list[int] = []
    reason: list[int] = []
    reasons: dict[str, tuple[int, Phrase]] = {}
    for item in items:
        running.look()
        why = verdict(facet.cardinality, look(item), bare=bare)
        if why is None:
            passed.append(running.number(item))
            continue
        failed.append(running.number(item))
        if facet.cardinality == "prohibited":
            why = Phrase("why.prohibited", {"what": why})
        reason.append(reasons.setdefault(repr(why), (len(reasons), why))[0])
    return Demand(
        name(facet), words(facet), facet.cardinality, _numbers(passed), _numbers(failed),
        _numbers(reason), tuple(why for _, why in reasons.values()), facet.instructions,
    )  # fmt: skip


def _numbers(found: list[int]) -> I32:
    return np.array(found, np.int32)
