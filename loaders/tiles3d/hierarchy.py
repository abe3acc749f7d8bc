"""3DTILES_batch_table_hierarchy: features as instances of classes, with attributes of their own."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.tiles3d.batch import CODES, COMPONENTS, Table, column, columns_of
from loaders.tiles3d.gathering import Gathering
from twin.errors import BrokenFile
from twin.features import Column

DEEPEST = 16
"""The most generations of ancestors whose attributes are looked at (a cycle ends here)."""


def add_hierarchy(
    table: Table, columns: dict[str, Column], count: int, into: Gathering
) -> tuple[str, ...] | None:
    """Add the attributes of the features' classes to the columns and return each feature's class.

    Only the features themselves (the first ``count`` instances) are rows; their ancestors'
    attributes are added to them where they have none of that name.
    """
    extensions = table.json.get("extensions")
    found = (
        extensions.get("3DTILES_batch_table_hierarchy") if isinstance(extensions, dict) else None
    )
    found = table.json.get("HIERARCHY") if found is None else found
    if not isinstance(found, dict):
        return None
    try:
        classes, kinds, places = _instances(table, found, count)
        parents = _parents(table, found, len(kinds))
        values = [_class_columns(table, item) for item in classes]
    except (BrokenFile, TypeError, ValueError, KeyError, IndexError) as error:
        text = f"the batch hierarchy is left out: {error}"
        into.report("tiles3d.batch_table", text, reason=str(error))
        return None
    at = np.arange(count)
    names = dict.fromkeys(name for item in values for name in item)
    gathered: dict[str, list[Any]] = {name: [None] * count for name in names}
    for _ in range(DEEPEST):
        for row in np.flatnonzero(at >= 0).tolist():
            instance = int(at[row])
            for name, held in values[int(kinds[instance])].items():
                if gathered[name][row] is None:
                    gathered[name][row] = held[int(places[instance])]
        above = np.where(at >= 0, parents[at], -1)
        at = np.where(above == at, -1, above)
        if (at < 0).all():
            break
    for name, cells in gathered.items():
        columns.setdefault(name, column(cells))
    return tuple(str(classes[int(k)].get("name", "Feature")) for k in kinds[:count])


def _instances(
    table: Table, found: dict[str, Any], count: int
) -> tuple[list[dict[str, Any]], NDArray[np.int64], NDArray[np.int64]]:
    """Return the classes, the class of each instance, and its place among the class's instances."""
    classes = found["classes"]
    total = int(found["instancesLength"])
    if not count <= total <= 1 << 22:
        raise table.broken(f"instancesLength is {total} for {count} features")
    kinds = _integers(table, found["classIds"], total)
    if len(kinds) and not 0 <= int(kinds.min()) <= int(kinds.max()) < len(classes):
        raise table.broken("a class id is out of range")
    places = np.zeros(total, np.int64)
    for code in range(len(classes)):
        at = np.flatnonzero(kinds == code)
        places[at] = np.arange(len(at))
        if len(at) > int(classes[code].get("length", len(at))):
            raise table.broken(f"class {code} has fewer instances than are used")
    return classes, kinds, places


def _class_columns(table: Table, item: dict[str, Any]) -> dict[str, list[Any]]:
    length = int(item["length"])
    inner = Table(item["instances"], table.body, table.location)
    columns, wrong = columns_of(inner, length)
    if wrong:
        raise table.broken(wrong[0])
    return {name: values.tolist() for name, values in columns.items()}


def _parents(table: Table, found: dict[str, Any], total: int) -> NDArray[np.int64]:
    """Return the (first) parent of each instance; an instance that is its own has none."""
    if found.get("parentIds") is None:
        return np.full(total, -1, np.int64)
    firsts = np.arange(total)
    length = total
    if found.get("parentCounts") is not None:
        counts = _integers(table, found["parentCounts"], total)
        if (counts < 0).any() or int(counts.sum()) > 1 << 22:
            raise table.broken("parentCounts are out of range")
        firsts, length = np.cumsum(counts) - counts, int(counts.sum())
        ids = _integers(table, found["parentIds"], length)
        held = np.full(total, -1, np.int64)
        some = counts > 0
        held[some] = ids[firsts[some]]
        parents = held
    else:
        parents = _integers(table, found["parentIds"], length)
    if len(parents) and int(parents.max()) >= total:
        raise table.broken("a parent is out of range")
    return np.where(parents == np.arange(total), -1, parents)


def _integers(table: Table, value: Any, count: int) -> NDArray[np.int64]:
    if isinstance(value, dict):
        named = value.get("componentType", "UNSIGNED_SHORT")
        dtype = COMPONENTS.get(CODES.get(named, str(named)), COMPONENTS["UNSIGNED_SHORT"])
        return table.binary(value.get("byteOffset"), (count, 1), dtype, "ids")[:, 0].astype(
            np.int64
        )
    found = np.asarray(value, np.int64).reshape(-1)
    if len(found) != count:
        raise table.broken(f"{len(found)} ids for {count} instances")
    return found
