"""Feature and batch tables of b3dm, i3dm and pnts: JSON header and binary body to columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from twin.errors import BrokenFile
from twin.features import TEXT, Column

COMPONENTS: dict[str, np.dtype[Any]] = {
    "BYTE": np.dtype("<i1"), "UNSIGNED_BYTE": np.dtype("<u1"), "SHORT": np.dtype("<i2"),
    "UNSIGNED_SHORT": np.dtype("<u2"), "INT": np.dtype("<i4"), "UNSIGNED_INT": np.dtype("<u4"),
    "FLOAT": np.dtype("<f4"), "DOUBLE": np.dtype("<f8"),
}  # fmt: skip
CODES = {5120: "BYTE", 5121: "UNSIGNED_BYTE", 5122: "SHORT", 5123: "UNSIGNED_SHORT",
         5124: "INT", 5125: "UNSIGNED_INT", 5126: "FLOAT", 5130: "DOUBLE"}  # fmt: skip
RESERVED = ("extensions", "extras", "HIERARCHY")
"""Members of a batch table that are no properties."""
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass(frozen=True, slots=True)
class Table:
    """A table's JSON and body. Every read is checked against the body's size."""

    json: dict[str, Any]
    body: memoryview
    location: str

    def broken(self, reason: str) -> BrokenFile:
        """Return the error that says what is wrong where."""
        return BrokenFile(location=self.location, format="3D Tiles", reason=reason)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a global count. Raises BrokenFile."""
        value = self.json.get(name, default)
        if isinstance(value, dict):
            return int(self.array(name, 1, (COMPONENTS["UNSIGNED_INT"], 1))[0, 0])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 31:
            raise self.broken(f"{name} is {value!r}")
        return value

    def array(self, name: str, count: int, shape: tuple[np.dtype[Any], int]) -> NDArray[Any]:
        """Return (count, width) of a semantic of known type, from body or JSON. Raises BrokenFile."""
        value, (dtype, width) = self.json.get(name), shape
        if isinstance(value, dict):
            named = value.get("componentType")
            if named is not None and name == "BATCH_ID":
                dtype = component_of(named) or dtype
            return self.binary(value.get("byteOffset"), (count, width), dtype, name)
        try:
            found: NDArray[Any] = np.asarray(value, np.float64).reshape(count, width)
        except (TypeError, ValueError) as error:
            raise self.broken(f"{name} is not {count} x {width} numbers") from error
        return found

    def vector(self, name: str, width: int) -> NDArray[np.float64] | None:
        """Return a global of ``width`` numbers, None where it is absent. Raises BrokenFile."""
        if self.json.get(name) is None:
            return None
        dtype = COMPONENTS["UNSIGNED_BYTE" if name == "CONSTANT_RGBA" else "FLOAT"]
        found: NDArray[np.float64] = self.array(name, 1, (dtype, width))[0].astype(np.float64)
        if not np.isfinite(found).all():
            raise self.broken(f"{name} is not finite")
        return found

    def binary(
        self, offset: Any, shape: tuple[int, int], dtype: np.dtype[Any], name: str
    ) -> NDArray[Any]:
        """Return an array out of the body, without a copy. Raises BrokenFile."""
        count, width = shape
        need = count * width * dtype.itemsize
        if not isinstance(offset, int) or offset < 0 or offset + need > len(self.body):
            raise self.broken(f"{name}: {need} bytes at {offset} of {len(self.body)}")
        return np.ndarray(shape, dtype, self.body, offset)


def read_table(json: memoryview, body: memoryview, location: str) -> Table:
    """Return a table; an empty header is an empty table. Raises BrokenFile."""
    text = bytes(json).strip(b" \0\n\r\t")
    if not text:
        return Table({}, body, location)
    try:
        found = orjson.loads(text)
    except ValueError as error:
        raise BrokenFile(location=location, format="3D Tiles", reason=f"table: {error}") from error
    if not isinstance(found, dict):
        raise BrokenFile(location=location, format="3D Tiles", reason="a table is not an object")
    return Table(found, body, location)


def columns_of(table: Table, count: int) -> tuple[dict[str, Column], list[str]]:
    """Return the columns of a batch table with ``count`` rows, and what was wrong, one text each."""
    columns: dict[str, Column] = {}
    wrong: list[str] = []
    for name, value in table.json.items():
        if name in RESERVED:
            continue
        try:
            if isinstance(value, list):
                columns[name] = _listed_column(table, name, value, count)
            elif isinstance(value, dict):
                columns[name] = _binary_column(table, name, value, count)
            else:
                raise table.broken(f"{name} is neither a list nor a reference")
        except BrokenFile as error:
            wrong.append(str(error.params["reason"]))
    return columns, wrong


def component_of(value: Any) -> np.dtype[Any] | None:
    """Return the type of a ``componentType``, by its name or its number; None where it is none."""
    known = CODES.get(value, "") if isinstance(value, int) else str(value)
    return COMPONENTS.get(known)


def _listed_column(table: Table, name: str, values: list[Any], count: int) -> Column:
    if len(values) != count:
        raise table.broken(f"{name} has {len(values)} values for {count} features")
    try:
        return column(values)
    except orjson.JSONEncodeError as error:  # nested without end
        raise table.broken(f"{name}: {error}") from error


def column(values: list[Any]) -> Column:
    """Return JSON values as a column: numbers as numbers, all else as text, nested values as JSON."""
    kinds = {type(v) for v in values}
    if kinds <= {int} and all(abs(v) < 1 << 62 for v in values):
        return np.array(values, np.int64)
    exact = kinds <= {int, type(None)} and any(v is not None and abs(v) > 1 << 53 for v in values)
    if kinds <= {int, float, type(None)} and kinds - {type(None)} and not exact:
        return np.array([np.nan if v is None else float(v) for v in values])
    if kinds == {bool}:
        return np.array(values, np.bool_)
    return np.array([_text(v) for v in values], dtype=TEXT)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _binary_column(table: Table, name: str, value: Mapping[str, Any], count: int) -> Column:
    component, kind = value.get("componentType"), value.get("type", "SCALAR")
    dtype = component_of(component)
    width = WIDTHS.get(kind) if isinstance(kind, str) else None
    if dtype is None or width is None:
        raise table.broken(f"{name} is of the type {component!r} {kind!r}")
    found = table.binary(value.get("byteOffset"), (count, width), dtype, name)
    if width == 1:
        return found[:, 0].copy()
    return np.array([orjson.dumps(row).decode() for row in found.tolist()], dtype=TEXT)
