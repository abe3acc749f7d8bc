"""Findings as plain JSON values and back: arrays packed, so that a project stays small.

Objects are named by id: the number of a row is good for one session only.
"""

import base64
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.analyses.findings import Findings, Marks, Sheet, Values
from twin.analyses.fingerprints import packed_ids, unpacked_ids
from twin.errors import UsageError
from twin.features import FeatureTable

MOST_BYTES = 1 << 30
"""Bytes that an array of a document may declare."""
_TYPES = {"f8": np.float64, "i4": np.int32}


Tables = Mapping[str, FeatureTable]
"""The tables of layers by id."""


def as_document(findings: Findings, tables: Tables) -> dict[str, Any]:
    """Return findings as plain values; with equal tables ``from_document`` gives equal findings back.

    The objects used are left out: a stamp names them.
    """
    return {
        "figures": {name: _number(value) for name, value in findings.figures.items()},
        "units": dict(findings.units),
        "sheets": [_sheet(one) for one in findings.sheets],
        "marks": [_marks(one) for one in findings.marks],
        "values": [_values(one, tables) for one in findings.values],
        "notes": list(findings.notes),
    }


def from_document(document: Mapping[str, Any], tables: Tables) -> Findings:
    """Return the findings of a document; values of objects that the tables lack are left out.

    Raises ValueError for a damaged one.
    """
    try:
        return Findings(
            figures={k: _real(v) for k, v in document.get("figures", {}).items()},
            units=dict(document.get("units", {})),
            sheets=tuple(_sheet_from(one) for one in document.get("sheets", ())),
            marks=tuple(_marks_from(one) for one in document.get("marks", ())),
            values=tuple(_values_from(one, tables) for one in document.get("values", ())),
            notes=tuple(map(str, document.get("notes", ()))),
        )
    except (KeyError, TypeError, AttributeError, zlib.error, UsageError) as error:
        raise ValueError(f"a result cannot be read: {error}") from error


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array of f64 or i32 as plain values."""
    kind = "i4" if values.dtype.kind in "iu" else "f8"
    body = np.ascontiguousarray(values, _TYPES[kind]).tobytes()
    data = base64.b85encode(zlib.compress(body, 6)).decode("ascii")
    return {"type": kind, "shape": list(values.shape), "data": data}


def unpacked(said: Mapping[str, Any]) -> NDArray[Any]:
    """Return the array; its size is checked before anything is unpacked. Raises ValueError."""
    kind = _TYPES[said["type"]]
    shape = tuple(int(x) for x in said["shape"])
    size = math.prod(shape) * np.dtype(kind).itemsize
    if len(shape) > 3 or any(x < 0 for x in shape) or size > MOST_BYTES:
        raise ValueError("a result declares an impossible array")
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(base64.b85decode(said["data"]), size + 1)
    if len(body) != size:
        raise ValueError("an array of a result is not as long as it says")
    return np.frombuffer(body, kind).reshape(shape).copy()


def _number(value: Any) -> Any:
    """Return a finite number as it is; JSON knows no other: they are texts."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _cell(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    return _number(value)


def _real(value: Any) -> float:
    return value if isinstance(value, int) else float(value)


def _sheet(one: Sheet) -> dict[str, Any]:
    return {
        "name": one.name,
        "columns": list(one.columns),
        "units": list(one.units),
        "rows": [[_cell(cell) for cell in row] for row in one.rows],
        "objects": [list(pair) for pair in one.objects],
    }


def _sheet_from(said: Mapping[str, Any]) -> Sheet:
    rows: Sequence[Sequence[Any]] = tuple(tuple(row) for row in said["rows"])
    columns = tuple(map(str, said["columns"]))
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a table of a result has rows of unequal length")
    objects = tuple((str(layer), str(key)) for layer, key in said.get("objects", ()))
    return Sheet(str(said["name"]), columns, tuple(map(str, said["units"])), rows, objects)


def _marks(one: Marks) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "places": packed(np.asarray(one.places, np.float64)),
        "values": None if one.values is None else packed(np.asarray(one.values, np.float64)),
        "scale": None if one.scale is None else [float(x) for x in one.scale],
        "unit": one.unit,
        "role": one.role,
    }


def _marks_from(said: Mapping[str, Any]) -> Marks:
    scale = said.get("scale")
    values = said.get("values")
    return Marks(
        str(said["name"]), str(said["kind"]), unpacked(said["places"]),
        None if values is None else unpacked(values),
        None if scale is None else (float(scale[0]), float(scale[1])),
        str(said.get("unit", "")), str(said.get("role", "plain")),
    )  # fmt: skip


def _values(one: Values, tables: Tables) -> dict[str, Any]:
    ids = [str(key) for key in tables[one.layer].id[one.rows].tolist()]
    return {
        "layer": one.layer,
        "name": one.name,
        "ids": packed_ids(ids),
        "numbers": packed(np.asarray(one.numbers, np.float64)),
        "unit": one.unit,
    }


def _values_from(said: Mapping[str, Any], tables: Tables) -> Values:
    layer, numbers, ids = str(said["layer"]), unpacked(said["numbers"]), unpacked_ids(said["ids"])
    if len(ids) != len(numbers):
        raise ValueError("the values of a result do not fit its objects")
    known = tables[layer].rows_by_id if layer in tables else {}
    rows = np.array([known.get(key, -1) for key in ids], np.int32)
    there = rows >= 0
    unit = str(said.get("unit", ""))
    return Values(layer, str(said["name"]), rows[there], numbers[there], unit)
