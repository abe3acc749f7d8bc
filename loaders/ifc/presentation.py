"""Presentation layers: the names that the drawings of an object are assigned to."""

from collections.abc import Sequence
from typing import Any

from loaders.ifc.structure import by_type
from loaders.ifc.unread import Unread
from twin.details import SEVERAL


def layers(file: Any, objects: Sequence[Any], unread: Unread) -> list[str | None]:
    """Return the layer names of each object, several joined; None where it is on none."""
    assigned: dict[int, list[str]] = {}
    deep = False
    for layer in by_type(file, "IfcPresentationLayerAssignment"):
        with unread.reading(layer):
            for item in layer[2] or ():
                assigned.setdefault(item.id(), []).append(layer[0] or "")
                deep = deep or not item.is_a("IfcRepresentation")
    if not assigned:
        return [None] * len(objects)
    mapped: dict[int, list[str]] = {}
    found: list[str | None] = [None] * len(objects)
    for row, item in enumerate(objects):
        with unread.reading(item):
            found[row] = _names(item, assigned, mapped, deep)
    return found


def _names(
    item: Any, assigned: dict[int, list[str]], mapped: dict[int, list[str]], deep: bool
) -> str | None:
    shape = item.get_argument(6) if item.is_a("IfcProduct") else None
    found: dict[str, None] = {}
    for part in (shape.get_argument(2) or ()) if shape is not None else ():
        for name in _of_part(part, assigned, mapped, deep):
            found[name] = None
    return SEVERAL.join(name for name in found if name) or None


def _of_part(
    part: Any, assigned: dict[int, list[str]], mapped: dict[int, list[str]], deep: bool
) -> list[str]:
    """Return the layers of a representation, else of its items, else of what it repeats."""
    own = assigned.get(part.id())
    if own is not None:
        return own
    if not deep and part.get_argument(2) != "MappedRepresentation":
        return []
    found: list[str] = []
    for item in part.get_argument(3) or ():
        found += assigned.get(item.id(), ())
        if item.is_a() == "IfcMappedItem" and item[0] is not None:
            source = item[0].get_argument(1)
            if source is not None:
                key = source.id()
                if key not in mapped:
                    mapped[key] = []  # a map that repeats itself ends here
                    mapped[key] = _of_part(source, assigned, mapped, deep)
                found += mapped[key]
    return found
