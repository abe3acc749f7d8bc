"""EXT_structural_metadata and EXT_feature_metadata: property tables, and what has no place in a table.

The reader works on any document with ``bufferViews`` (glTF, and 3D Tiles' subtrees). Values of single
texels and vertices (property textures, property attributes) belong to no object: they are counted as
problems of the content, never dropped in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loaders._gltf.document import Document
from loaders._gltf.properties import default_column, property_column
from twin.errors import OpenError
from twin.features import Column

MAX_ROWS = 1 << 27


@dataclass(slots=True)
class PropertyTable:
    """One property table: its class, its number of rows, its columns."""

    kind: str
    count: int
    columns: dict[str, Column] = field(default_factory=dict)
    name: str = ""


def property_tables(document: Document) -> list[PropertyTable]:
    """Return all property tables; a broken property is a problem and its column is left out."""
    found = document.extension(document.json, "EXT_structural_metadata")
    tables = found.get("propertyTables") if found is not None else None
    if found is None:
        found = document.extension(document.json, "EXT_feature_metadata")
        named = found.get("featureTables") if found is not None else None
        tables = list(named.values()) if isinstance(named, dict) else None
    if found is None:
        return []
    schema = schema_of(document, found)
    for code, name, what in _elsewhere(found, schema):
        text = f"{what}: {name}"
        document.report(code, text, names=name, count=name.count(",") + 1)
    return read_tables(document, tables, schema)


def read_tables(document: Document, tables: Any, schema: dict[str, Any]) -> list[PropertyTable]:
    """Return the tables of a list (also those of a subtree, whose JSON is the document)."""
    return [_table(document, item, schema) for item in tables] if isinstance(tables, list) else []


def old_table(document: Document, name: Any) -> int:
    """Return the place of a feature table that is called by name (the draft of 2021), else -1."""
    found = document.extension(document.json, "EXT_feature_metadata") or {}
    named = found.get("featureTables")
    names = list(named) if isinstance(named, dict) else []
    return names.index(name) if name in names else -1


def schema_of(document: Document, found: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that stands in an extension or beside it; {} with a problem where it is missing."""
    schema = found.get("schema")
    uri = found.get("schemaUri")
    if schema is None and isinstance(uri, str):
        try:
            schema = document.schema(uri)
        except OpenError as error:
            text = f"the metadata schema is missing: {error}"
            document.report("gltf.schema", text, reason=str(error))
    return schema if isinstance(schema, dict) else {}


def kinds_of(schema: dict[str, Any], name: Any) -> dict[str, Any]:
    """Return the properties of a class of a schema, {} where there is none."""
    classes = schema.get("classes")
    found = classes.get(name) if isinstance(classes, dict) and isinstance(name, str) else None
    kinds = found.get("properties") if isinstance(found, dict) else None
    return kinds if isinstance(kinds, dict) else {}


def _elsewhere(found: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (code, property names, words) of the values that belong to texels or vertices."""
    for key, old, code, what in (
        ("propertyTextures", "featureTextures", "gltf.property_texture", "values of single texels are not shown"),
        ("propertyAttributes", "", "gltf.property_attribute", "values of single vertices are not shown"),
    ):  # fmt: skip
        held = found.get(key, found.get(old) if old else None)
        items = list(held.values()) if isinstance(held, dict) else held
        names: dict[str, None] = {}
        for item in items if isinstance(items, list) else []:
            given = item.get("properties") if isinstance(item, dict) else None
            names.update(dict.fromkeys(map(str, given)) if isinstance(given, dict) else {})
        if names:
            yield code, ", ".join(names), what


def _table(document: Document, table: Any, schema: dict[str, Any]) -> PropertyTable:
    if not isinstance(table, dict):
        return PropertyTable("", 0)
    name, shown = table.get("class"), table.get("name")
    try:
        count = document.integer(table, "count")
        if count > MAX_ROWS:
            raise document.broken(f"a property table declares {count} rows")
    except OpenError as error:
        text = f"a property table is left out: {error}"
        document.report("gltf.property", text, reason=str(error))
        return PropertyTable("", 0)
    kinds, values = kinds_of(schema, name), table.get("properties")
    values = values if isinstance(values, dict) else {}
    result = PropertyTable(
        name if isinstance(name, str) else "", count, name=shown if isinstance(shown, str) else ""
    )
    for key, value in values.items():
        try:
            kind = kinds.get(key)
            if not isinstance(kind, dict) or not isinstance(value, dict):
                raise document.broken(f"the property {key} is not in the schema")
            result.columns[key] = property_column(document, kind, value, count, schema)
        except OpenError as error:
            text = f"{key} is left out: {error}"
            document.report("gltf.property", text, name=key, reason=str(error))
    if not result.columns and count > 1 << 20:
        document.report("gltf.property", "a table without usable properties", reason="count")
        return PropertyTable(result.kind, 0)
    _defaults(document, result, kinds, values)
    return result


def _defaults(
    document: Document, result: PropertyTable, kinds: dict[str, Any], values: dict[str, Any]
) -> None:
    """Fill in what the table leaves to the schema; what is required and absent is a problem."""
    for key, kind in kinds.items():
        if key in values or not isinstance(kind, dict):
            continue
        try:
            column = default_column(document, kind, result.count)
            if column is not None:
                result.columns[key] = column
            elif kind.get("required") is True:
                raise document.broken(f"{key} is required and not there")
        except OpenError as error:
            text = f"{key} is left out: {error}"
            document.report("gltf.property", text, name=key, reason=str(error))
