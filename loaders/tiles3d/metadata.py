"""Metadata of tilesets, groups, tiles, contents and subtrees: JSON values by their schema, as texts.

Enums stand by name, ``noData`` is missing or the default, normalisation, scale and offset are applied.
Subtrees keep theirs in property tables, whose reader is ``loaders._gltf.tables.read_tables``.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import orjson

from loaders._gltf.tables import kinds_of
from loaders.tiles3d.tokens import as_text
from twin.errors import OpenError
from twin.records import Problem

TOPS = {
    f"{sign}INT{bits}": float(2 ** (bits - (not sign)) - 1)
    for sign in ("", "U")
    for bits in (8, 16, 32, 64)
}
"""Component type -> the integer that means 1 where it is normalised."""


def schema_of(
    json: dict[str, Any], read: Callable[[str], bytes], problems: list[Problem]
) -> dict[str, Any]:
    """Return a tileset's schema, of 1.1 or of 3DTILES_metadata, in it or beside it; {} without one.

    A schema that is missing is added to ``problems``: the values then stand as they are written.
    """
    extensions = json.get("extensions")
    old = extensions.get("3DTILES_metadata") if isinstance(extensions, dict) else None
    holder = json if "schema" in json or "schemaUri" in json else old
    holder = holder if isinstance(holder, dict) else {}
    found, uri = holder.get("schema"), holder.get("schemaUri")
    if found is None and isinstance(uri, str):
        try:
            found = orjson.loads(read(uri))
        except (OpenError, ValueError) as error:
            text = f"the metadata schema is missing: {error}"
            problems.append(Problem("gltf.schema", text, uri, {"reason": str(error)}))
    return found if isinstance(found, dict) else {}


def entity(schema: dict[str, Any], found: Any) -> Iterator[tuple[str, str]]:
    """Yield (property, text) of a metadata entity ``{class, properties}``; missing values are left out."""
    if not isinstance(found, dict):
        return
    values = found.get("properties")
    values = values if isinstance(values, dict) else {}
    kinds = kinds_of(schema, found.get("class"))
    for name in dict.fromkeys([*values, *kinds]):
        kind = kinds.get(name)
        value = _value(values.get(name), kind if isinstance(kind, dict) else {})
        if value is not None:
            yield str(name), as_text(value)


def _value(value: Any, kind: dict[str, Any]) -> Any:
    """Return a value as its property says."""
    if value is None or (kind.get("noData") is not None and value == kind["noData"]):
        return kind.get("default")
    if not isinstance(value, int | float | list) or isinstance(value, bool):
        return value
    top = TOPS.get(str(kind.get("componentType"))) if kind.get("normalized") else None
    scale, offset = kind.get("scale"), kind.get("offset")
    if top is None and scale is None and offset is None:
        return value
    try:
        cells = np.asarray(value, np.float64)
        cells = cells if top is None else np.maximum(cells / top, -1.0)
        cells = cells * np.asarray(1.0 if scale is None else scale, np.float64)
        cells = cells + np.asarray(0.0 if offset is None else offset, np.float64)
    except (TypeError, ValueError):
        return value
    return cells.tolist()
