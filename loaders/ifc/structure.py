"""The rows of the table: every IfcProduct, parents first, with their relations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.geometry import I32
from twin.records import Problem

ABOVE = (
    ("IfcRelAggregates", 4, 5),
    ("IfcRelNests", 4, 5),
    ("IfcRelContainedInSpatialStructure", 5, 4),
    ("IfcRelVoidsElement", 4, 5),
    ("IfcRelProjectsElement", 4, 5),
    ("IfcRelAdheresToElement", 4, 5),
    ("IfcRelFillsElement", 4, 5),
    ("IfcRelConnectsPortToElement", 5, 4),
)
"""Relation, index of the whole, index of the part(s); the first that names a parent wins."""
UNITS = (
    "IfcBuilding",
    "IfcBridge",
    "IfcRoad",
    "IfcRailway",
    "IfcMarineFacility",
    "IfcFacility",
)
HOLES = ("IfcOpeningElement", "IfcOpeningStandardCase", "IfcVoidingFeature")


@dataclass(frozen=True)
class Structure:
    """``objects`` in row order; ``row_of`` step id -> row; ``parent`` i32(n); ids as shown."""

    objects: tuple[Any, ...]
    row_of: dict[int, int]
    parent: I32
    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    storeys: tuple[str | None, ...]
    problems: tuple[Problem, ...]


def arrange(file: Any) -> Structure:
    """Return all products of a file in row order, parents before their parts."""
    projects = file.by_type("IfcProject")
    products = {item.id(): item for item in (*projects, *file.by_type("IfcProduct"))}
    above = _above(file, products)
    tops = {item.id() for item in projects}
    order, lost = _ordered(products, above, tops)
    order = [key for key in order if key not in tops]  # the layer itself stands for the project
    row_of = {key: row for row, key in enumerate(order)}
    parent = np.fromiter((row_of.get(above.get(k, -1), -1) for k in order), np.int32, len(order))
    objects = tuple(products[key] for key in order)
    kinds = tuple(item.is_a() for item in objects)
    ids, problems = _unique([item[0] for item in objects], order)
    if lost:
        problems.append(_problem_lost(lost, [ids[row_of[key]] for key in lost]))
    return Structure(
        objects, row_of, parent, ids, kinds, _storeys(objects, kinds, parent), tuple(problems)
    )


def of_types(file: Any, names: Sequence[str]) -> set[int]:
    """Return the step ids of all instances of some classes, where the schema has them."""
    found: set[int] = set()
    for name in names:
        found.update(item.id() for item in by_type(file, name))
    return found


def by_type(file: Any, name: str) -> Sequence[Any]:
    """Return the instances of a class; none where this schema does not know the class."""
    try:
        return tuple(file.by_type(name))
    except RuntimeError:
        return ()


def _above(file: Any, products: dict[int, Any]) -> dict[int, int]:
    """Return part -> whole by step id."""
    above: dict[int, int] = {}
    for name, whole, parts in ABOVE:
        for relation in by_type(file, name):
            top, below = relation[whole], relation[parts]
            if top is None or below is None or top.id() not in products:
                continue
            for item in below if isinstance(below, tuple) else (below,):
                key = item.id()
                if key in products and key != top.id():
                    above.setdefault(key, top.id())
    return above


def _ordered(
    products: dict[int, Any], above: dict[int, int], projects: set[int]
) -> tuple[list[int], list[int]]:
    """Return the step ids with parents first, and those whose chain is a circle or reaches no project.

    What hangs nowhere counts as the project's, so that the tree shows it.
    """
    parts: dict[int, list[int]] = {}
    for key, top in above.items():
        parts.setdefault(top, []).append(key)
    order: list[int] = []
    seen: set[int] = set()
    lost: list[int] = []
    for key in (*projects, *products):
        if key in seen or (key in above and key not in projects):
            continue
        if key not in projects:
            lost.append(key)
            above[key] = next(iter(projects))
        _walk(key, parts, seen, order)
    for key in [key for key in products if key not in seen]:
        if key not in seen:
            lost.append(key)
            above[key] = next(iter(projects))
            _walk(key, parts, seen, order)
    return order, lost


def _walk(top: int, parts: dict[int, list[int]], seen: set[int], order: list[int]) -> None:
    stack = [top]
    while stack:
        key = stack.pop()
        if key not in seen:
            seen.add(key)
            order.append(key)
            stack.extend(reversed(parts.get(key, ())))


def _unique(
    keys: Sequence[str | None], order: Sequence[int]
) -> tuple[tuple[str, ...], list[Problem]]:
    """Return GlobalIds made unique with the step number, and what was wrong with them."""
    problems, seen = [], set()
    found = []
    for key, step in zip(keys, order, strict=True):
        name = key or ""
        if not name or name in seen:
            code = "ifc.id_missing" if not name else "ifc.id_duplicate"
            name = f"{name}#{step}"
            text = f"GlobalId {key!r} is missing or used twice: #{step} is shown as {name}"
            problems.append(Problem(code, text, name, {"id": key or "", "shown": name}))
        seen.add(name)
        found.append(name)
    return tuple(found), problems


def _problem_lost(lost: Sequence[int], names: Sequence[str]) -> Problem:
    text = f"{len(lost)} objects are in no spatial structure; shown under the project"
    return Problem("ifc.no_place", text, names[0], {"count": len(lost)})


def _storeys(objects: Sequence[Any], kinds: Sequence[str], parent: I32) -> tuple[str | None, ...]:
    """Return the storey's name of each row, its own for a storey."""
    found: list[str | None] = []
    for row, item in enumerate(objects):
        if kinds[row] == "IfcBuildingStorey":
            found.append(item[2] or item[7] or item[0])
        else:
            top = int(parent[row])
            found.append(found[top] if 0 <= top < row else None)
    return tuple(found)
