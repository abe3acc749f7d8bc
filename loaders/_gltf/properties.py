"""Binary columns of a property table (3D Metadata Specification 1.0) to columns of values."""

from itertools import pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from loaders._gltf.document import Document
from twin.features import TEXT, Column

SCALARS: dict[str, np.dtype[Any]] = {
    "INT8": np.dtype("<i1"), "UINT8": np.dtype("<u1"), "INT16": np.dtype("<i2"),
    "UINT16": np.dtype("<u2"), "INT32": np.dtype("<i4"), "UINT32": np.dtype("<u4"),
    "INT64": np.dtype("<i8"), "UINT64": np.dtype("<u8"), "FLOAT32": np.dtype("<f4"),
    "FLOAT64": np.dtype("<f8"),
}  # fmt: skip
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


def property_column(
    document: Document,
    kind: dict[str, Any],
    value: dict[str, Any],
    count: int,
    schema: dict[str, Any],
) -> Column:
    """Return one property of ``count`` rows. Raises BrokenFile.

    Scalars keep their numbers; vectors, matrices and arrays become JSON texts; normalisation, scale
    and offset are applied to both; the schema's ``noData`` becomes its default, else missing.
    """
    kind = _modern(kind)
    names = _enum(document, kind, schema) if kind.get("type") == "ENUM" else None
    lengths, total = _lengths(document, kind, value, count)
    flat = _flat(document, kind, value, total, names)
    width = WIDTHS.get(str(kind.get("type")), 1)
    if lengths is None and width == 1:
        return _plain(kind, flat, value)
    fixed = (
        total // count if lengths is not None and count and (lengths == lengths[0]).all() else 0
    )
    flat = _transformed(kind, value, flat, width, fixed)
    gone, other = kind.get("noData"), kind.get("default")
    cells = _cells(flat, width, lengths)
    if gone is not None:
        said = _written(document, gone)
        cells = [None if cell == said else cell for cell in cells]
    if other is not None:
        instead = _written(document, other)
        cells = [instead if cell is None else cell for cell in cells]
    return np.array(cells, dtype=TEXT) if cells else np.zeros(0, TEXT)


def default_column(document: Document, kind: dict[str, Any], count: int) -> Column | None:
    """Return the column of a property that a table leaves out: its default, None without one.

    Raises BrokenFile.
    """
    other = kind.get("default")
    if other is None:
        return None
    if isinstance(other, bool | int | float):
        return np.full(count, other)
    text = other if isinstance(other, str) else _written(document, other)
    return np.array([text] * count, dtype=TEXT)


def _written(document: Document, value: Any) -> str:
    """Return the JSON text of a value of the schema, which may be nested without end."""
    try:
        return _json(value)
    except orjson.JSONEncodeError as error:
        raise document.broken(f"a value in the schema: {error}") from error


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _cells(flat: NDArray[Any], width: int, lengths: NDArray[np.int64] | None) -> list[str | None]:
    """Return the JSON text of each row's vector, matrix or array."""
    items: Any = flat if flat.dtype.kind != "T" else flat.tolist()
    if width > 1:
        items = flat.reshape(-1, width)
    if lengths is None:
        return [_json(item) for item in items]
    ends = np.cumsum(lengths)
    return [
        _json(items[end - n : end]) for end, n in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]


def _transformed(
    kind: dict[str, Any], value: dict[str, Any], flat: NDArray[Any], width: int, fixed: int
) -> NDArray[Any]:
    """Return numbers with normalisation, scale and offset applied, one or as many as a row has."""
    if flat.dtype.kind not in "iuf":
        return flat
    found: NDArray[Any] = flat
    if kind.get("normalized") and flat.dtype.kind in "iu":
        found = np.maximum(flat / float(np.iinfo(flat.dtype).max), -1.0)
    for name, act in (("scale", np.multiply), ("offset", np.add)):
        said = _numbers(value.get(name, kind.get(name)))
        if said is None:
            continue
        for size in (1, width, max(fixed, 1) * width):
            if len(said) == size and len(found) % size == 0:
                found = act(found.reshape(-1, size), said).reshape(-1)
                break
    return found


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """Return the numbers of a scale or offset, nested or not, None where it is none."""
    if value is None or isinstance(value, bool | str):
        return None
    try:
        found = np.asarray(value, np.float64).reshape(-1)
    except (TypeError, ValueError):
        return None
    return found if len(found) and np.isfinite(found).all() else None


def _modern(kind: dict[str, Any]) -> dict[str, Any]:
    """Return the property in today's words: the draft of 2021 put the component into ``type``."""
    named = kind.get("type")
    if named == "ARRAY":
        inner = _modern({"type": kind.get("componentType"), "enumType": kind.get("enumType")})
        fixed = {"count": kind["componentCount"]} if "componentCount" in kind else {}
        return {**kind, **inner, "array": True, **fixed}
    if isinstance(named, str) and named in SCALARS:
        return {**kind, "type": "SCALAR", "componentType": named}
    return kind


def _enum(document: Document, kind: dict[str, Any], schema: dict[str, Any]) -> dict[int, str]:
    enums = schema.get("enums")
    found = enums.get(str(kind.get("enumType"))) if isinstance(enums, dict) else None
    values = found.get("values") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(values, list):
        raise document.broken(f"the enum {kind.get('enumType')!r} is not in the schema")
    kind["componentType"] = found.get("valueType", "UINT16")
    return {
        item["value"]: str(item.get("name"))
        for item in values
        if isinstance(item, dict) and isinstance(item.get("value"), int)
    }


def _lengths(
    document: Document, kind: dict[str, Any], value: dict[str, Any], count: int
) -> tuple[NDArray[np.int64] | None, int]:
    """Return how many elements each row has (None: it is one element), and all rows together.

    Nothing is allocated for the count that a schema declares: it may be far more than there is.
    """
    if not kind.get("array"):
        return None, count
    fixed = kind.get("count")
    if isinstance(fixed, int) and fixed > 0:
        if fixed >= 1 << 53:
            raise document.broken(f"an array of {fixed} elements")
        return np.broadcast_to(np.int64(fixed), count), count * fixed
    at = value.get("arrayOffsets", value.get("arrayOffsetBufferView"))
    named = str(value.get("arrayOffsetType", value.get("offsetType", "UINT32")))
    found = _offsets(document, at, named, count)
    if int(found[0]) != 0:
        raise document.broken(f"the first array begins at {int(found[0])}, not at 0")
    return np.diff(found), int(found[-1])


def _offsets(document: Document, view: Any, named: str, count: int) -> NDArray[np.int64]:
    dtype = SCALARS.get(named)
    if dtype is None or dtype.kind != "u":
        raise document.broken(f"offsets of the type {named}")
    data = document.view(view)
    if (count + 1) * dtype.itemsize > len(data):
        raise document.broken(f"{count + 1} offsets in {len(data)} bytes")
    found = np.frombuffer(data, dtype, count + 1).astype(np.int64)
    if int(found[0]) < 0 or (np.diff(found) < 0).any():
        raise document.broken("offsets do not grow")
    return found


def _flat(
    document: Document,
    kind: dict[str, Any],
    value: dict[str, Any],
    total: int,
    names: dict[int, str] | None,
) -> NDArray[Any]:
    """Return all elements one after another: ``total`` texts or booleans, or total x width numbers."""
    at = value.get("values", value.get("bufferView"))
    data = document.view(at)
    named = kind.get("type")
    if named == "STRING":
        return _strings(document, value, total, data)
    if named == "BOOLEAN":
        if (total + 7) // 8 > len(data):
            raise document.broken(f"{total} booleans in {len(data)} bytes")
        bits = np.frombuffer(data, np.uint8, (total + 7) // 8)
        return np.unpackbits(bits, count=total, bitorder="little").astype(np.bool_)
    dtype = SCALARS.get(str(kind.get("componentType")))
    width = 1 if names is not None else WIDTHS.get(str(named))
    if dtype is None or width is None:
        raise document.broken(f"a property of the type {named} {kind.get('componentType')}")
    n = total * width
    if n * dtype.itemsize > len(data):
        raise document.broken(f"{n} values of {dtype.itemsize} bytes in {len(data)}")
    found = np.frombuffer(data, dtype, n)
    if names is not None:
        return np.array([names.get(v, str(v)) for v in found.tolist()], dtype=TEXT)
    return found


def _strings(
    document: Document, value: dict[str, Any], total: int, data: memoryview
) -> NDArray[Any]:
    at = value.get("stringOffsets", value.get("stringOffsetBufferView"))
    named = str(value.get("stringOffsetType", value.get("offsetType", "UINT32")))
    ends = _offsets(document, at, named, total)
    if total and int(ends[-1]) > len(data):
        raise document.broken(f"texts end at {int(ends[-1])} of {len(data)} bytes")
    raw, marks = bytes(data), ends.tolist()
    found = [raw[a:b].decode("utf-8", "replace") for a, b in pairwise(marks)]
    return np.array(found, dtype=TEXT) if found else np.zeros(0, TEXT)


def _plain(kind: dict[str, Any], flat: NDArray[Any], value: dict[str, Any]) -> Column:
    """Return scalars, texts or booleans: noData is missing or the default, scale and offset applied."""
    missing, other = kind.get("noData"), kind.get("default")
    if flat.dtype.kind == "T":
        if missing is None:
            return flat
        instead = other if isinstance(other, str) else None
        return np.array([instead if v == missing else v for v in flat.tolist()], dtype=TEXT)
    if flat.dtype.kind == "b":
        return flat
    numeric = isinstance(missing, int | float) and not isinstance(missing, bool)
    gone = flat == missing if numeric else np.zeros(len(flat), np.bool_)
    found: Column = _transformed(kind, value, flat, 1, 0)
    if gone.any():
        return _with_gaps(found, gone, _numbers(other))
    if found.dtype.kind in "iu" and found.dtype != np.uint64:
        return found.astype(np.int64)
    return np.array(found)


def _with_gaps(
    found: Column, gone: NDArray[np.bool_], other: NDArray[np.float64] | None
) -> Column:
    """Return numbers of which some are missing: NaN, or texts where a double would change them."""
    if other is not None:
        return np.where(gone, other[0], found.astype(np.float64))
    if found.dtype.kind in "iu" and (np.abs(found[~gone].astype(np.float64)) > 2.0**53).any():
        cells = zip(found.tolist(), gone.tolist(), strict=True)
        return np.array([None if no else str(v) for v, no in cells], dtype=TEXT)
    return np.where(gone, np.nan, found.astype(np.float64))
