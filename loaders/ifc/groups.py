"""Systems, zones and groups of objects, with what they serve and what they stand within."""

from collections.abc import Mapping
from typing import Any

from loaders.ifc.structure import by_type
from loaders.ifc.unread import Unread

Said = dict[str, Any]


def groups(file: Any, row_of: Mapping[int, int], unread: Unread) -> dict[int, list[Said]]:
    """Return row -> its groups as ``twin.details`` keeps them."""
    relations = by_type(file, "IfcRelAssignsToGroup")
    if not relations:
        return {}
    serves = _serves(file, unread)
    within = _within(relations, unread)
    known: dict[int, Said] = {}
    found: dict[int, list[Said]] = {}
    for relation in relations:
        with unread.reading(relation):
            group = relation[6]
            if group is None:
                continue
            key = group.id()
            if key not in known:
                known[key] = _said(group, serves.get(key, []), within.get(key, []))
            for item in relation[4] or ():
                row = row_of.get(item.id(), -1)
                if row >= 0 and known[key] not in found.setdefault(row, []):
                    found[row].append(known[key])
    return found


def _said(group: Any, serves: list[str], within: list[str]) -> Said:
    said: Said = {
        "name": name_of(group),
        "class": group.is_a(),
        "id": group[0],
        "kind": _kind(group),
    }
    for key, value in (
        ("description", group[3]),
        ("long_name", getattr(group, "LongName", None)),
        ("predefined", getattr(group, "PredefinedType", None)),
        ("serves", serves),
        ("within", within),
    ):
        if value:
            said[key] = value
    return said


def name_of(group: Any) -> str:
    """Return the name of a group; its class and id where it has none."""
    return str(group[2] or getattr(group, "LongName", None) or f"{group.is_a()} {group[0]}")


def _kind(group: Any) -> str:
    """Return system, zone or group; a zone is a kind of system since IFC4."""
    if group.is_a("IfcZone"):
        return "zone"
    return "system" if group.is_a("IfcSystem") else "group"


def _serves(file: Any, unread: Unread) -> dict[int, list[str]]:
    """Return system -> names of the buildings and spaces it serves."""
    found: dict[int, list[str]] = {}
    for relation in by_type(file, "IfcRelServicesBuildings"):
        with unread.reading(relation):
            if relation[4] is not None:
                names = [str(item[2] or item[0]) for item in relation[5] or ()]
                found.setdefault(relation[4].id(), []).extend(names)
    return found


def _within(relations: Any, unread: Unread) -> dict[int, list[str]]:
    """Return group -> names of the groups that hold it."""
    found: dict[int, list[str]] = {}
    for relation in relations:
        with unread.reading(relation):
            for item in relation[4] or ():
                if relation[6] is not None and item.is_a("IfcGroup"):
                    found.setdefault(item.id(), []).append(name_of(relation[6]))
    return found
