"""What is associated with objects and their types: materials, classifications, documents."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loaders.ifc.calendar import date_text
from loaders.ifc.states import of_document
from loaders.ifc.structure import by_type
from loaders.ifc.unread import Unread

Said = dict[str, Any]
DATES = (
    ("created", "CreationTime"), ("revised", "LastRevisionTime"),
    ("valid_from", "ValidFrom"), ("valid_to", "ValidUntil"),
)  # fmt: skip


@dataclass
class Associations:
    """Row -> entries as ``twin.details`` keeps them."""

    materials: dict[int, list[Said]] = field(default_factory=dict)
    classifications: dict[int, list[Said]] = field(default_factory=dict)
    documents: dict[int, list[Said]] = field(default_factory=dict)


@dataclass
class _Tying:
    """The file, where rows stand, and what could not be read."""

    file: Any
    row_of: Mapping[int, int]
    rows_of_type: Mapping[int, list[int]]
    unread: Unread

    def of(self, kind: str, read: Callable[[Any], Said | None]) -> dict[int, list[Said]]:
        """Return row -> entries of one kind of association, each associated thing read once."""
        known: dict[int, Said | None] = {}
        found: dict[int, list[Said]] = {}
        for relation in by_type(self.file, kind):
            with self.unread.reading(relation):
                thing = relation[5]
                if thing is None:
                    continue
                key = thing.id()
                if key not in known:
                    known[key] = read(thing)
                said = known[key]
                if said is not None:
                    self._put(found, relation, said)
        return found

    def _put(self, found: dict[int, list[Said]], relation: Any, said: Said) -> None:
        inherited = {**said, "type": True}
        for item in relation[4] or ():
            step = item.id()
            row = self.row_of.get(step)
            if row is not None:
                _add(found, row, said)
            for below in self.rows_of_type.get(step, ()):
                _add(found, below, inherited)


def associate(
    file: Any, row_of: Mapping[int, int], type_of: Iterable[int], unit: float, unread: Unread
) -> Associations:
    """Return what is associated; ``type_of[row]`` step id of its type, ``unit`` metres a length unit.

    A material of the object stands for that of its type; classifications and documents add up.
    """
    rows_of_type: dict[int, list[int]] = {}
    for row, key in enumerate(type_of):
        if key:
            rows_of_type.setdefault(key, []).append(row)
    tying = _Tying(file, row_of, rows_of_type, unread)
    owners = document_owners(file, unread)
    materials = tying.of("IfcRelAssociatesMaterial", lambda item: material(item, unit))
    return Associations(
        materials={
            row: [x for x in entries if "type" not in x] or entries
            for row, entries in materials.items()
        },
        classifications=tying.of("IfcRelAssociatesClassification", classification),
        documents=tying.of("IfcRelAssociatesDocument", lambda item: document(item, owners)),
    )


def _add(found: dict[int, list[Said]], row: int, said: Said) -> None:
    entries = found.setdefault(row, [])
    if said not in entries:
        entries.append(said)


# -- materials ----------------------------------------------------------------------------------


def material(item: Any, unit: float) -> Said | None:
    """Return the entry of an IfcMaterialSelect; a usage stands for its set. Thickness in metres."""
    kind = item.is_a()
    if kind in ("IfcMaterialLayerSetUsage", "IfcMaterialProfileSetUsage"):
        return None if item[0] is None else material(item[0], unit)
    reader = _MATERIALS.get(kind)
    if reader is not None:
        return reader(item, unit)
    single = _MATERIAL_PARTS.get(kind)
    if single is not None:
        return _entry(single[0], None, [single[1](item, unit)])
    return _entry("material", item[0], [{"material": item[0] or ""}]) if len(item) else None


def _entry(kind: str, name: Any, parts: list[Said]) -> Said:
    return {"kind": kind, "parts": parts, **({"name": name} if name else {})}


def _layer(item: Any, unit: float) -> Said:
    part: Said = {"material": _material_name(item[0])}
    if item[1] is not None:
        part["thickness"] = round(float(item[1]) * unit, 9)
    if item[2] in (True, "UNKNOWN"):
        part["ventilated"] = item[2] is True
    return _more(part, item, ("Name", "Category"))


def _profile(item: Any, unit: float) -> Said:
    part: Said = {"material": _material_name(item[2])}
    if item[3] is not None and item[3][1]:
        part["profile"] = item[3][1]
    return _more(part, item, ("Name", "Category"))


def _constituent(item: Any, unit: float) -> Said:
    part: Said = {"material": _material_name(item[2])}
    if item[3] is not None:
        part["fraction"] = item[3]
    return _more(part, item, ("Name", "Category"))


def _more(part: Said, item: Any, names: tuple[str, ...]) -> Said:
    for name in names:
        value = getattr(item, name, None)
        if value:
            part[name.lower()] = value
    return part


def _material_name(item: Any) -> str:
    return "" if item is None else str(item[0] or "")


_MATERIAL_PARTS: dict[str, tuple[str, Callable[[Any, float], Said]]] = {
    "IfcMaterialLayer": ("layers", _layer),
    "IfcMaterialLayerWithOffsets": ("layers", _layer),
    "IfcMaterialProfile": ("profiles", _profile),
    "IfcMaterialProfileWithOffsets": ("profiles", _profile),
    "IfcMaterialConstituent": ("constituents", _constituent),
}
_MATERIALS: dict[str, Callable[[Any, float], Said]] = {
    "IfcMaterialLayerSet": lambda x, u: _entry("layers", x[1], [_layer(y, u) for y in x[0] or ()]),
    "IfcMaterialProfileSet": lambda x, u: _entry(
        "profiles", x[0], [_profile(y, u) for y in x[2] or ()]
    ),
    "IfcMaterialConstituentSet": lambda x, u: _entry(
        "constituents", x[0], [_constituent(y, u) for y in x[2] or ()]
    ),
    "IfcMaterialList": lambda x, u: _entry(
        "list", None, [{"material": _material_name(y)} for y in x[0] or ()]
    ),
}


# -- classifications ----------------------------------------------------------------------------


def classification(item: Any) -> Said | None:
    """Return the entry of a classification reference, its system found through its sources."""
    kind = item.is_a()
    if kind == "IfcClassification":
        return _filled(_system(item))
    if kind == "IfcClassificationNotation":
        code = ".".join(str(facet[0]) for facet in item[0] or ())
        return _filled({"code": code})
    source, steps = item[3], 0
    while source is not None and source.is_a("IfcClassificationReference") and steps < 32:
        source, steps = source[3], steps + 1
    system = _system(source) if source is not None and source.is_a("IfcClassification") else {}
    uri = item[0] or ""
    return _filled({**system, "code": item[1], "title": item[2], "uri": uri or system.get("uri")})


def _system(item: Any) -> Said:
    """Return system, edition and address: the address is the source, location or specification."""
    where = getattr(item, "Location", None) or getattr(item, "Specification", None)
    source = item[0] or ""
    address = where or (source if "://" in source else "")
    return {"system": item[3] or source, "edition": item[1], "uri": address}


def _filled(said: Said) -> Said | None:
    found = {key: value for key, value in said.items() if value}
    return found or None


# -- documents ----------------------------------------------------------------------------------


def document_owners(file: Any, unread: Unread) -> dict[int, Any]:
    """Return reference -> document; before IFC4 the document names its references."""
    found: dict[int, Any] = {}
    for item in by_type(file, "IfcDocumentInformation"):
        with unread.reading(item):
            for reference in getattr(item, "DocumentReferences", None) or ():
                found[reference.id()] = item
    return found


def information(item: Any, owners: Mapping[int, Any]) -> Any:
    """Return the document that an association points to, directly or by reference; None for none."""
    if item.is_a("IfcDocumentInformation"):
        return item
    return getattr(item, "ReferencedDocument", None) or owners.get(item.id())


def document(item: Any, owners: Mapping[int, Any]) -> Said | None:
    """Return the entry of a document or of a reference into one."""
    said: Said = {}
    if not item.is_a("IfcDocumentInformation"):
        said = {"name": item[2], "id": item[1], "location": item[0]}
    whole = information(item, owners)
    if whole is not None:
        known: Said = {
            "name": whole[1],
            "id": whole[0],
            "location": getattr(whole, "Location", None),
            "description": whole[2],
            "purpose": whole[4],
            "revision": whole[7],
            "owner": organisation(whole[8]),
            "status": whole[16],
        }
        known.update({key: date_text(getattr(whole, name, None)) for key, name in DATES})
        said = {**known, **{key: value for key, value in said.items() if value}}
    filled = _filled(said)
    state = of_document(filled or {})
    return {**filled, "state": state.text} if filled and state.state else filled


def organisation(actor: Any) -> str | None:
    """Return the organisation of an IfcActorSelect; persons are personal data and stay unread."""
    if actor is None or actor.is_a("IfcPerson"):
        return None
    firm = actor[1] if actor.is_a("IfcPersonAndOrganization") else actor
    return None if firm is None else firm[1]
