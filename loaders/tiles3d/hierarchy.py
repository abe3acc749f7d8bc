"""3DTILES_batch_table_hierarchy: features as instances of classes, with attributes of their own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.tiles3d.batch import COMPONENTS, Table, column, columns_of, component_of
from loaders.tiles3d.gathering import Gathering
from twin.errors import BrokenFile
from twin.features import Column

MOST_ANCESTORS = 64
"""The most instances above one feature whose attributes are looked at (cycles end before)."""
MOST_INSTANCES = 1 << 22


def batch_rows(into: Gathering, table: Table, count: int) -> int:
    """Add the features of a batch table and return the number of the first."""
    columns, wrong = columns_of(table, count)
    for reason in wrong:
        text = f"a batch property is left out: {reason}"
        into.report("tiles3d.batch_table", text, reason=reason)
    kinds = add_hierarchy(table, columns, count, into)
    return into.block(count, columns, kinds)


@dataclass(frozen=True, slots=True)
class _Instances:
    """All instances: class number and place within the class; ``starts`` i64(n + 1) into ``parents``."""

    classes: list[dict[str, Any]]
    kinds: NDArray[np.int64]
    places: NDArray[np.int64]
    starts: NDArray[np.int64]
    parents: NDArray[np.int64]

    def above(self, instance: int) -> list[int]:
        """Return the first parents of an instance; itself as a parent means that it has none."""
        start = int(self.starts[instance])
        end = min(int(self.starts[instance + 1]), start + MOST_ANCESTORS)
        found = self.parents[start:end].tolist()
        return [parent for parent in found if parent != instance]


def add_hierarchy(
    table: Table, columns: dict[str, Column], count: int, into: Gathering
) -> tuple[str, ...] | None:
    """Add the attributes of the features' classes to the columns and return each feature's class.

    Only the features themselves (the first ``count`` instances) are rows; the attributes of what
    stands above them, over every parent, nearest first, are added where a name is free.
    """
    extensions = table.json.get("extensions")
    found = (
        extensions.get("3DTILES_batch_table_hierarchy") if isinstance(extensions, dict) else None
    )
    found = table.json.get("HIERARCHY") if found is None else found
    if not isinstance(found, dict):
        return None
    try:
        instances = _instances(table, found, count)
        values = [_class_columns(table, item) for item in instances.classes]
        names = [str(item.get("name", "Feature")) for item in instances.classes]
    except (BrokenFile, TypeError, ValueError, KeyError, IndexError, AttributeError,
            OverflowError) as error:  # fmt: skip
        text = f"the batch hierarchy is left out: {error}"
        into.report("tiles3d.batch_table", text, reason=str(error))
        return None
    free = dict.fromkeys(name for item in values for name in item if name not in columns)
    gathered: dict[str, list[Any]] = {name: [None] * count for name in free}
    for row in range(count):
        for instance in _line(instances, row):
            for name, held in values[int(instances.kinds[instance])].items():
                cells = gathered.get(name)
                if cells is not None and cells[row] is None:
                    cells[row] = held[int(instances.places[instance])]
    columns.update((name, column(cells)) for name, cells in gathered.items())
    return tuple(names[int(kind)] for kind in instances.kinds[:count])


def _line(instances: _Instances, row: int) -> list[int]:
    """Return a feature and all above it, nearest first, each once."""
    found = [row]
    for instance in found:  # grows while it is walked
        for parent in instances.above(instance):
            if parent not in found:
                found.append(parent)
            if len(found) > MOST_ANCESTORS:
                return found
    return found


def _instances(table: Table, found: dict[str, Any], count: int) -> _Instances:
    classes = found["classes"]
    total = int(found["instancesLength"])
    if not count <= total <= MOST_INSTANCES:
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
    starts, parents = _parents(table, found, total)
    return _Instances(classes, kinds, places, starts, parents)


def _class_columns(table: Table, item: dict[str, Any]) -> dict[str, list[Any]]:
    length = int(item["length"])
    if not 0 <= length <= MOST_INSTANCES:
        raise table.broken(f"a class declares {length} instances")
    inner = Table(item["instances"], table.body, table.location)
    columns, wrong = columns_of(inner, length)
    if wrong:
        raise table.broken(wrong[0])
    return {name: values.tolist() for name, values in columns.items()}


def _parents(
    table: Table, found: dict[str, Any], total: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each instance's parents begin i64(n + 1), and all parents one after another."""
    if found.get("parentIds") is None:
        return np.zeros(total + 1, np.int64), np.zeros(0, np.int64)
    counts = np.ones(total, np.int64)
    if found.get("parentCounts") is not None:
        counts = _integers(table, found["parentCounts"], total)
    length = int(counts.sum())
    if (counts < 0).any() or length > MOST_INSTANCES:
        raise table.broken("parentCounts are out of range")
    parents = _integers(table, found["parentIds"], length)
    if len(parents) and not 0 <= int(parents.min()) <= int(parents.max()) < total:
        raise table.broken("a parent is out of range")
    return np.concatenate([[0], np.cumsum(counts)]), parents


def _integers(table: Table, value: Any, count: int) -> NDArray[np.int64]:
    if isinstance(value, dict):
        named = value.get("componentType", "UNSIGNED_SHORT")
        dtype = component_of(named) or COMPONENTS["UNSIGNED_SHORT"]
        cells = table.binary(value.get("byteOffset"), (count, 1), dtype, "ids")[:, 0]
        return cells.astype(np.int64)
    found = np.asarray(value, np.int64).reshape(-1)
    if len(found) != count:
        raise table.broken(f"{len(found)} ids for {count} instances")
    return found
