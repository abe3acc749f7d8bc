"""Attribute buffers to columns: counts, texts, numbers; domains' codes as their texts, dates as ISO."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.i3s.buffers import TYPES
from loaders.i3s.layer import Layer, dict_of
from twin.errors import BrokenFile
from twin.features import TEXT, Column, texts

OID = ("esriFieldTypeOID",)
DATE = "esriFieldTypeDate"
STRING = "String"


def id_column(layer: Layer) -> str:
    """Return the name of the stored field that holds object ids, '' for none."""
    stored = {str(item["name"]): item for item in layer.columns}
    for name, field in _fields(layer).items():
        if field.get("type") in OID and name in stored:
            return name
    for name, item in stored.items():
        value = dict_of(item.get("attributeValues")).get("valueType", "")
        if "ObjectIds" in _order(item) or str(value).startswith("Oid"):
            return name
    return ""


def read_column(data: bytes, storage: dict[str, Any], layer: Layer, where: str) -> Column:
    """Return the values of one stored attribute, one a feature of the node. Raises BrokenFile.

    The header's count must fit the bytes; nothing is taken before that is known.
    """
    kind = value_type(storage)
    head = _header(data, storage, where)
    count = head.get("count", 0)
    at = head["_size"]
    if kind == STRING:
        found: Column = _strings(data, count, at, where)
    else:
        found = _numbers(data, count, at, TYPES.get(kind, ""), where)
    return meant(found, _fields(layer).get(str(storage["name"]), {}))


def value_type(storage: dict[str, Any]) -> str:
    """Return the type of a stored attribute's values."""
    for key in ("attributeValues", "objectIds"):
        found = dict_of(storage.get(key)).get("valueType")
        if isinstance(found, str):
            return found
    return "Oid32" if "ObjectIds" in _order(storage) else ""


def meant(values: Column, field: dict[str, Any]) -> Column:
    """Return the values as the field means them: a domain's texts, a date's ISO text."""
    domain = dict_of(field.get("domain"))
    coded = domain.get("codedValues")
    if isinstance(coded, list):
        names = {_code(i.get("code")): str(i.get("name")) for i in map(dict_of, coded)}
        said = [None if v is None else names.get(_code(v), str(v)) for v in values.tolist()]
        return texts(said)
    if field.get("type") == DATE and values.dtype.kind in "iuf":
        return _dates(values)
    return values


def _code(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else str(value)


def _dates(values: Column) -> Column:
    """Return milliseconds since 1970 UTC as ISO texts."""
    number = values.astype(np.float64)
    sound = np.isfinite(number) & (np.abs(number) < 8.64e15)
    moments = np.where(sound, number, 0.0).astype(np.int64).astype("datetime64[ms]")
    said = np.datetime_as_string(moments).tolist()
    return texts([f"{t}Z" if ok else None for t, ok in zip(said, sound.tolist(), strict=True)])


def _header(data: bytes, storage: dict[str, Any], where: str) -> dict[str, int]:
    at, found = 0, {}
    held = storage.get("header")
    for item in (
        held if isinstance(held, list) else ({"property": "count", "valueType": "UInt32"},)
    ):
        kind = TYPES.get(str(dict_of(item).get("valueType")), "<u4")
        if at + np.dtype(kind).itemsize > len(data):
            raise _broken(where, "it ends within its header")
        found[str(dict_of(item).get("property"))] = int(np.frombuffer(data, kind, 1, at)[0])
        at += np.dtype(kind).itemsize
    return {**found, "_size": at}


def _numbers(data: bytes, count: int, at: int, kind: str, where: str) -> NDArray[Any]:
    """Return numbers; values of eight bytes stand at a multiple of eight."""
    if not kind:
        raise _broken(where, "its values have an unknown type")
    size = np.dtype(kind).itemsize
    at += -at % size
    if count < 0 or at + count * size > len(data):
        raise _broken(where, f"{count} values of {size} bytes do not fit its {len(data)} bytes")
    return np.frombuffer(data, kind, count, at).astype(np.dtype(kind).newbyteorder("="))


def _strings(data: bytes, count: int, at: int, where: str) -> Column:
    if at + count * 4 > len(data):
        raise _broken(where, f"{count} texts do not fit its {len(data)} bytes")
    sizes = np.frombuffer(data, "<u4", count, at).astype(np.int64)
    ends = at + count * 4 + np.cumsum(sizes)
    if count and int(ends[-1]) > len(data):
        raise _broken(where, f"its texts need {int(ends[-1])} bytes, it has {len(data)}")
    found: list[str | None] = []
    for end, size in zip(ends.tolist(), sizes.tolist(), strict=True):
        raw = data[end - size : end].partition(b"\0")[0]
        found.append(None if not size else raw.decode("utf-8", "replace"))
    return np.array(found, dtype=TEXT)


def _order(storage: dict[str, Any]) -> list[Any]:
    found = storage.get("ordering")
    return found if isinstance(found, list) else []


def _fields(layer: Layer) -> dict[str, dict[str, Any]]:
    found = layer.doc.get("fields")
    fields = [dict_of(item) for item in found] if isinstance(found, list) else []
    return {str(item.get("name")): item for item in fields}


def _broken(where: str, reason: str) -> BrokenFile:
    return BrokenFile(location=where, format="I3S", reason=reason)
