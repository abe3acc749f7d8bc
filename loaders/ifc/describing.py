"""The details of all objects: grouping columns as texts, the deep rest as JSON (``twin.details``)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from loaders.ifc.associations import Associations, associate
from loaders.ifc.disciplines import discipline
from loaders.ifc.groups import groups
from loaders.ifc.presentation import layers
from loaders.ifc.properties import Sheet
from loaders.ifc.relations import Relations, relate
from loaders.ifc.structure import Structure
from loaders.ifc.units import metres
from loaders.ifc.unread import Unread
from twin.details import DETAILS, SEVERAL
from twin.features import Column, texts

Said = dict[str, Any]


@dataclass(frozen=True)
class _Known:
    ties: Associations
    relations: Relations
    groups: Mapping[int, list[Said]]
    types: Mapping[int, Said]


def describe(file: Any, structure: Structure, sheet: Sheet, unread: Unread) -> dict[str, Column]:
    """Return the grouping columns that anybody fills, and the column of details."""
    row_of = structure.row_of
    known = _Known(
        associate(file, row_of, sheet.type_of, metres(file), unread),
        relate(file, row_of, unread),
        groups(file, row_of, unread),
        {key: _type(item) for key, item in sheet.types.items()},
    )
    n = len(structure.objects)
    found: dict[str, Sequence[str | None]] = {
        "Type": sheet.type_names,
        "System": [_named(known.groups.get(row, ()), ("system",)) for row in range(n)],
        "Group": [_named(known.groups.get(row, ()), ("zone", "group")) for row in range(n)],
        "Material": [_materials(known.ties.materials.get(row, ())) for row in range(n)],
        "Classification": [_codes(known.ties.classifications.get(row, ())) for row in range(n)],
        "Layer": layers(file, structure.objects, unread),
        "Discipline": _disciplines(structure, sheet),
        "Storey": structure.storeys,
        DETAILS: [_text(row, known, sheet) for row in range(n)],
    }
    return {name: texts(values) for name, values in found.items() if any(values)}


def _text(row: int, known: _Known, sheet: Sheet) -> str | None:
    said: Said = {}
    kind = known.types.get(sheet.type_of[row])
    if kind:
        said["type"] = kind
    for key, entries in (
        ("materials", known.ties.materials.get(row)),
        ("classifications", known.ties.classifications.get(row)),
        ("documents", known.ties.documents.get(row)),
        ("groups", known.groups.get(row)),
        ("quantities", sheet.measured.get(row)),
        ("units", sheet.odd.get(row)),
    ):
        if entries:
            said[key] = entries
    said.update(known.relations.said(row))
    return orjson.dumps(said).decode() if said else None


def _type(item: Any) -> Said:
    said = {"name": item[2], "class": item.is_a(), "id": item[0], "description": item[3]}
    return {key: value for key, value in said.items() if value}


def _named(entries: Iterable[Said], kinds: tuple[str, ...]) -> str | None:
    return _joined(entry["name"] for entry in entries if entry["kind"] in kinds)


def _materials(entries: Iterable[Said]) -> str | None:
    return _joined(part.get("material", "") for entry in entries for part in entry["parts"])


def _codes(entries: Iterable[Said]) -> str | None:
    return _joined(_code(entry) for entry in entries)


def _code(entry: Said) -> str:
    """Return ``system: code title`` with what there is."""
    words = " ".join(str(entry[key]) for key in ("code", "title") if key in entry)
    system = entry.get("system", "")
    return f"{system}: {words}" if system and words else str(system or words)


def _joined(names: Iterable[str]) -> str | None:
    return SEVERAL.join(dict.fromkeys(name for name in names if name)) or None


def _disciplines(structure: Structure, sheet: Sheet) -> list[str | None]:
    """Return the discipline of each row, each pair of classes looked up once."""
    known: dict[tuple[str, str], str | None] = {}
    classes = {key: item.is_a() for key, item in sheet.types.items()}
    found = []
    for kind, step in zip(structure.kinds, sheet.type_of, strict=True):
        pair = (kind, classes.get(step, ""))
        if pair not in known:
            known[pair] = discipline(*pair)
        found.append(known[pair])
    return found
