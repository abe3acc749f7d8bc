"""What the relations of a file say of its objects; each kind of relation is read once, when asked for."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

from loaders.ifc.ids.measures import Measures
from loaders.ifc.structure import by_type

Wholes = dict[int, list[Any]]


class Facts:
    """A file, looked at through its relations. Steps (entity numbers) are the keys."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.measures = Measures(file)
        wrapper: Any = import_module("ifcopenshell").ifcopenshell_wrapper
        self._schema = wrapper.schema_by_name(file.schema_identifier)
        self._attributes: dict[str, tuple[tuple[str, str], ...]] = {}
        self.kept: dict[Any, Any] = {}
        """What was worked out of an entity, by its number: most are looked at by many requirements."""

    @property
    def old(self) -> bool:
        """Return whether this is IFC2X3."""
        return bool(self.file.schema == "IFC2X3")

    def has_attributes(self, kind: str) -> bool:
        """Return whether a name in the file is an entity (not a defined type that stands by itself)."""
        return self._schema.declaration_by_name(kind).as_entity() is not None

    def attributes(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Return (name, IFC type or '') of the attributes of a class, in order; derived have type ``*``."""
        known = self._attributes.get(kind)
        if known is None:
            declared = self._schema.declaration_by_name(kind).as_entity()
            known = self._attributes[kind] = tuple(
                (one.name(), "*" if derived else _type_name(one.type_of_attribute()))
                for one, derived in zip(declared.all_attributes(), declared.derived(), strict=True)
            )
        return known

    @cached_property
    def kind_of(self) -> dict[int, Any]:
        """Return object -> type object."""
        return {
            item.id(): relation[5]
            for relation in by_type(self.file, "IfcRelDefinesByType")
            if relation[5] is not None
            for item in relation[4] or ()
        }

    @cached_property
    def occurrences(self) -> dict[int, list[int]]:
        """Return type object -> the steps of the objects of that type."""
        found: dict[int, list[int]] = {}
        for step, about in self.kind_of.items():
            found.setdefault(about.id(), []).append(step)
        return found

    @cached_property
    def sets(self) -> dict[int, list[Any]]:
        """Return object, type, material or profile -> its property sets and quantities."""
        found: dict[int, list[Any]] = {}
        for relation in by_type(self.file, "IfcRelDefinesByProperties"):
            for item in relation[4] or ():
                found.setdefault(item.id(), []).extend(_definitions(relation[5]))
        for kind in by_type(self.file, "IfcTypeObject"):
            found.setdefault(kind.id(), []).extend(kind[5] or ())
        for name in ("IfcMaterialProperties", "IfcProfileProperties"):
            for one in by_type(self.file, name):
                about = _described(one)
                if about is not None:
                    found.setdefault(about.id(), []).append(one)
        return found

    @cached_property
    def materials(self) -> dict[int, list[Any]]:
        """Return object -> the materials, lists and sets that are associated with it."""
        found: dict[int, list[Any]] = {}
        for relation in by_type(self.file, "IfcRelAssociatesMaterial"):
            if relation[5] is not None:
                for item in relation[4] or ():
                    found.setdefault(item.id(), []).append(relation[5])
        return found

    @cached_property
    def references(self) -> dict[int, list[Any]]:
        """Return object or resource -> the classification references associated with it."""
        found: dict[int, list[Any]] = {}
        for relation in by_type(self.file, "IfcRelAssociatesClassification"):
            if relation[5] is not None:
                for item in relation[4] or ():
                    found.setdefault(item.id(), []).append(relation[5])
        for relation in by_type(self.file, "IfcExternalReferenceRelationship"):
            source = relation[2]
            if source is not None and source.is_a("IfcClassificationReference"):
                for item in relation[3] or ():
                    found.setdefault(item.id(), []).append(source)
        return found

    @cached_property
    def aggregates(self) -> Wholes:
        """Return part -> what it is aggregated into."""
        return self._upward("IfcRelAggregates", 4, 5)

    @cached_property
    def nests(self) -> Wholes:
        """Return part -> what it is nested in."""
        return self._upward("IfcRelNests", 4, 5)

    @cached_property
    def groups(self) -> Wholes:
        """Return object -> the groups it is assigned to."""
        return self._upward("IfcRelAssignsToGroup", 6, 4)

    @cached_property
    def containers(self) -> Wholes:
        """Return object -> the place it stands in."""
        return self._upward("IfcRelContainedInSpatialStructure", 5, 4)

    @cached_property
    def hosts(self) -> Wholes:
        """Return opening -> the element it is in, and filling -> its opening."""
        found = self._upward("IfcRelVoidsElement", 4, 5)
        for key, more in self._upward("IfcRelFillsElement", 4, 5).items():
            found.setdefault(key, []).extend(more)
        return found

    def _upward(self, name: str, whole: int, parts: int) -> Wholes:
        found: Wholes = {}
        for relation in by_type(self.file, name):
            top, below = relation[whole], relation[parts]
            if top is not None and below is not None:
                for item in below if isinstance(below, tuple) else (below,):
                    found.setdefault(item.id(), []).append(top)
        return found


def climb(start: Iterable[Any], steps: Sequence[Wholes]) -> list[Any]:
    """Return everything reached by going up from some objects along some relations, circles once."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = list(start)
    while waiting:
        item = waiting.pop()
        for wholes in steps:
            for top in wholes.get(item.id(), ()):
                if top.id() not in seen:
                    seen.add(top.id())
                    found.append(top)
                    waiting.append(top)
    return found


def _type_name(kind: Any) -> str:
    """Return the name of a plain attribute's defined type or enumeration, '' for all else."""
    named = kind.as_named_type()
    if named is None:
        return ""
    declared = named.declared_type()
    return str(declared.name()) if declared.as_entity() is None else ""


def _definitions(found: Any) -> Sequence[Any]:
    if found is None:
        return ()
    if isinstance(found, tuple):
        return found
    return tuple(found[0] or ()) if found.is_a("IfcPropertySetDefinitionSet") else (found,)


def _described(one: Any) -> Any:
    """Return the material or profile that a set of properties is about, in any schema."""
    return getattr(one, "Material", None) or getattr(one, "ProfileDefinition", None)
