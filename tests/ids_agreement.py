"""Compare with ifctester on real models: ``python -m tests.ids_agreement MODEL.ifc...``.

ifctester needs libraries under other licences than ours, so it is never installed beside CityTwin:
name an interpreter that has it in IDS_PEER_PYTHON (else this one is used, if it has it). For every
model a wide IDS is made from what the model holds: each facet, each way of naming a value. Compared are,
for every requirement, the sets of objects that pass and fail.
"""

import importlib.util
import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loaders.ifc.ids.document import read_rules
from loaders.ifc.ids.facts import Facts
from loaders.ifc.ids.properties import groups, held
from loaders.ifc.ids.running import plain, run
from tests.loaders.ids_files import (
    Facet,
    Limits,
    attribute,
    classification,
    document,
    entity,
    material,
    one_of,
    part_of,
    pattern,
    prop,
    specification,
    within,
    write,
)
from tests.loaders.ids_table import ifc_file
from twin.checks.report import CheckReport, Demand
from twin.ports import SILENT

RELATIONS = (
    "",
    "IFCRELAGGREGATES",
    "IFCRELASSIGNSTOGROUP",
    "IFCRELCONTAINEDINSPATIALSTRUCTURE",
    "IFCRELNESTS",
    "IFCRELVOIDSELEMENT IFCRELFILLSELEMENT",
)
WHOLES = ("IFCBUILDINGSTOREY", "IFCBUILDING", "IFCSPACE", "IFCWALLSTANDARDCASE", "IFCSYSTEM")
MOST_CLASSES = 14
MOST_PROPERTIES = 12
SIDE = Path(__file__).parent / "ids_peer_side.py"


def peer_python() -> str | None:
    """Return an interpreter that has ifctester, None where there is none."""
    named = os.environ.get("IDS_PEER_PYTHON")
    if named:
        return named
    return sys.executable if importlib.util.find_spec("ifctester") else None


def wide(file: Any) -> str:
    """Return an IDS that asks of the most frequent classes everything that can be asked."""
    schema = {"IFC4X3": "IFC4X3_ADD2"}.get(file.schema, file.schema)
    facts = Facts(file)
    counts = Counter({kind: len(file.by_type(kind, False)) for kind in file.types()})
    objects = [k for k, _ in counts.most_common() if file.by_type(k, False)[0].is_a("IfcObject")]
    kinds = [k for k, _ in counts.most_common() if file.by_type(k, False)[0].is_a("IfcTypeObject")]
    found = [
        specification([entity(kind.upper())], list(_wanted(file, facts, kind)), name=kind, schemas=schema)
        for kind in [*objects[:MOST_CLASSES], *kinds[:4]]
    ]  # fmt: skip
    found += [
        specification(
            [entity(pattern("IFC(WALL|SLAB|DOOR|WINDOW).*"))], [attribute("Name")], usage=usage,
            name=f"pattern {usage}", schemas=schema,
        )
        for usage in ("required", "optional", "prohibited")
    ]  # fmt: skip
    found += [
        specification([entity(one_of(*(k.upper() for k in objects[:5]))), *more], [attribute("Tag")],
                      name=f"applies {i}", schemas=schema)
        for i, more in enumerate([[material()], [attribute("Name", pattern(".*1.*"))],
                                  [part_of("IFCBUILDINGSTOREY")]])
    ]  # fmt: skip
    return document(*found)


def _wanted(file: Any, facts: Facts, kind: str) -> Iterator[Facet]:
    items = file.by_type(kind, False)
    yield entity(kind.upper())
    texts = [str(x) for x in dict.fromkeys(getattr(i, "PredefinedType", None) for i in items) if x]
    yield from (entity(kind.upper(), text) for text in [*texts[:2], "NONESUCH"])
    for name in ("Name", "Description", "ObjectType", "Tag", "GlobalId", "NoSuch", "OwnerHistory"):
        for how in ("required", "prohibited"):
            yield attribute(name, None, how)
        texts = [str(getattr(items[0], name, None) or "x")]
        yield from (
            attribute(name, texts[0], how) for how in ("required", "optional", "prohibited")
        )
        yield attribute(name, pattern("[A-Za-z].*[0-9]+"))
        yield attribute(name, Limits((("minLength", "4"), ("maxLength", "30"))))
    yield attribute(
        pattern("(Overall)?(Height|Width)"), within(minInclusive="0.9", maxInclusive="2.5")
    )
    yield from _of_sets(facts, items)
    names = [one.Name or "" for one in file.by_type("IfcMaterial")][:3]
    for value in (None, *names, pattern(".*[Cc]onc.*"), one_of("Glass", "Wood", *names)):
        for how in (
            ("required", "prohibited") if value is None else ("required", "optional", "prohibited")
        ):
            yield material(value, how)
    for relation, whole in itertools.product(RELATIONS, WHOLES):
        yield part_of(whole, relation)
    yield part_of(pattern("IFCBUILDING.*"), RELATIONS[3], None, "prohibited")
    yield classification(pattern(".*"))
    yield classification(pattern(".*"), pattern(".*[0-9]"), "optional")


def _of_sets(facts: Facts, items: list[Any]) -> Iterator[Facet]:
    """Yield what can be asked of the properties that some objects of a class hold."""
    seen: dict[tuple[str, str], tuple[str, Any]] = {}
    for item in items[:20]:
        for group, entries in groups(item, facts).items():
            for name, (definition, part) in entries.items():
                values = held(definition, part, facts).all()
                if values and values[0][1] is not None:
                    seen.setdefault((group, name), values[0])
    for (group, name), (kind, value) in itertools.islice(seen.items(), MOST_PROPERTIES):
        yield prop(group, name)
        yield prop(group, name, "", None, "prohibited")
        yield prop(group, name, kind.upper())
        yield prop(group, name, "IFCTEXT", None, "optional")
        yield from _of_value(group, name, kind.upper(), value)
    yield prop(pattern("Pset_.*"), pattern("(IsExternal|Reference)"))
    yield prop("NoSuch", "NoSuch", "IFCLABEL", "x", "optional")


def _of_value(group: str, name: str, kind: str, value: Any) -> Iterator[Facet]:
    if value in ("", "UNKNOWN"):
        return  # what is empty can only fail
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    for how in ("required", "optional"):
        yield prop(group, name, kind, text, how)
    if isinstance(value, str):
        yield prop(group, name, kind, pattern(".{1,12}"))
        yield prop(group, name, kind, one_of(text, "other"))
    elif not isinstance(value, bool):
        yield prop(group, name, kind, one_of(text, "1", base="xs:double"))
        yield prop(group, name, kind, within(minInclusive="0.5", maxExclusive="100"))


EXPLAINED = {
    "not filled": "optional, and the attribute is not filled: passes (case 'An optional attribute passes if null')",
    "empty is there": "prohibited, and the value is empty: it is there, 'even if empty' (facet-configurations.md)",
    "empty is a value": "optional, and the text is empty or the logical unknown: it is there and is not what is"
    " asked (case 'An optional attribute fails if empty')",
    "place": "a place counts with those above it, a part does not stand where its whole does (cases 'A containment"
    " relationship may be indirect', 'The container must be related using specified relation')",
    "any relation": "without a relation all are followed, all the way up (partof-facet.md)",
    "tolerance": "numbers in a list are equal within the tolerance too (tolerance.md)",
    "units": "values of attributes count in SI units too (ids.xsd, attributeType/value)",
    "predefined set": "properties of predefined sets are asked by name (case 'Predefined properties are supported')",
    "set of the type": "a set that object and type both have: the type's property has type and unit too (case"
    " 'Properties can be inherited from the type')",
    "mapping": "IFC2X3: only the classes of the mapping table are told apart by their type"
    " (ifc2x3-occurrence-type-mapping-table.md)",
}  # fmt: skip
"""Why ifctester 0.9.0 has another result; each by the documentation of buildingSMART/IDS that decides."""


@dataclass(frozen=True)
class Difference:
    """A requirement on which the two differ: steps that only one of them lets pass, and why."""

    rule: str
    words: str
    ours: tuple[int, ...]
    theirs: tuple[int, ...]
    explained: str


def compare(model: str, python: str, folder: Path) -> tuple[int, list[Difference]]:
    """Return the number of requirements compared and the differences."""
    file = ifc_file(Path(model))
    rules = write(folder, wide(file))
    report = run(file, read_rules(rules), plain(SILENT), (model, rules))
    command = [python, str(SIDE), rules, str(Path(model).resolve())]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return _differences(report, json.loads(said.stdout), Facts(file))


def _differences(
    report: CheckReport, peer: list[dict[str, Any]], facts: Facts
) -> tuple[int, list[Difference]]:
    def steps(numbers: Any) -> set[int]:
        return {report.objects[i].step for i in numbers}

    total, found = 0, []
    for ours, theirs in zip(report.results, peer, strict=True):
        mine, other = steps(ours.applicable), set(theirs["applicable"])
        total += 1
        if mine != other:
            why = "mapping" if facts.old and mine < other else ""
            found.append(_difference(ours.name, "applicability", mine, other, why))
        common = mine & other
        demands = sorted(ours.demands, key=lambda demand: demand.facet.lower())
        asked_of = theirs["requirements"] if demands else ()
        for demand, asked in zip(demands, asked_of, strict=True):
            total += 1
            passed, passes = steps(demand.passed) & common, set(asked["passed"]) & common
            if passed != passes:
                step = min(passed ^ passes)
                why = _explanation(demand, facts, step, _code(report, demand, step))
                found.append(_difference(ours.name, demand.words.said(), passed, passes, why))
    return total, found


def _code(report: CheckReport, demand: Demand, step: int) -> str:
    """Return the code of the reason why an object fails with us, '' when it passes."""
    for number, reason in zip(demand.failed, demand.reason, strict=True):
        if report.objects[number].step == step:
            why = demand.reasons[reason]
            return str(why.params["what"].code if why.code == "why.prohibited" else why.code)
    return ""


def _explanation(demand: Demand, facts: Facts, step: int, code: str) -> str:
    """Return the key of what explains a difference, '' when nothing does."""
    how, words = demand.cardinality, demand.words.said()
    if demand.facet == "attribute":
        if how == "optional" and not code:
            return "not filled"
        if how == "prohibited" and code == "why.attribute_empty":
            return "empty is there"
        return "units" if "≥" in words else ""
    if demand.facet == "partOf":
        if "place it stands" in words:
            return "place"
        return "any relation" if "any relation" in words and not code else ""
    return _of_property(demand, facts, step, code) if demand.facet == "property" else ""


def _of_property(demand: Demand, facts: Facts, step: int, code: str) -> str:
    if code in ("why.property_empty", "why.property_null") and demand.cardinality != "required":
        return "empty is there" if demand.cardinality == "prohibited" else "empty is a value"
    if _kind_of_set(demand, facts, step):
        return _kind_of_set(demand, facts, step)
    return "tolerance" if "one of" in demand.words.said() and not code else ""


def _kind_of_set(demand: Demand, facts: Facts, step: int) -> str:
    item = facts.file.by_id(step)
    about = facts.kind_of.get(step)
    names = {k: part.params.get("text") for k, part in demand.words.params["name"].params.items()}
    definition, part = groups(item, facts).get(names["set"], {}).get(names["name"], (None, None))
    if isinstance(part, int):
        return "predefined set"
    of_type = facts.sets.get(about.id(), []) if about is not None else []
    inherited = definition is not None and any(one.id() == definition.id() for one in of_type)
    return "set of the type" if inherited else ""


def _difference(rule: str, words: str, mine: set[int], other: set[int], why: str) -> Difference:
    return Difference(rule, words, tuple(sorted(mine - other)), tuple(sorted(other - mine)), why)


def main(models: list[str]) -> int:
    """Print the counts and every difference that nothing explains; exit code 1 when there is one."""
    python = peer_python()
    if python is None:
        print("no ifctester: name an interpreter that has it in IDS_PEER_PYTHON")
        return 2
    kinds: Counter[str] = Counter()
    for model in models:
        with TemporaryDirectory() as folder:
            try:
                total, found = compare(model, python, Path(folder))
            except subprocess.CalledProcessError as error:
                print(f"{Path(model).name}: ifctester ends with {error.stderr.splitlines()[-1]}")
                continue
        kinds.update(one.explained for one in found)
        print(f"{Path(model).name}: agree {total - len(found)} of {total}")
        for one in (one for one in found if not one.explained):
            print(f"  {one.rule}: {one.words}\n    only ours pass {one.ours[:3]} ({len(one.ours)}),"
                  f" only theirs {one.theirs[:3]} ({len(one.theirs)})")  # fmt: skip
    for kind, count in kinds.most_common():
        print(f"{count:5}  {EXPLAINED.get(kind, 'not explained')}")
    return int(bool(kinds[""]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
