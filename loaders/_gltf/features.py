"""EXT_mesh_features and EXT_structural_metadata: which vertex belongs to which row of which table."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gltf.document import Document
from loaders._gltf.primitives import Part
from loaders._gltf.properties import property_column
from twin.errors import OpenError
from twin.features import Column
from twin.geometry import I32

MAX_ROWS = 1 << 27


@dataclass(slots=True)
class FeatureIds:
    """The feature number of each vertex (-1 = none) and the property table they count in (-1 = none)."""

    numbers: I32
    table: int


@dataclass(slots=True)
class PropertyTable:
    """One property table: its class, its number of rows, its columns."""

    kind: str
    count: int
    columns: dict[str, Column] = field(default_factory=dict)


def feature_ids(document: Document, part: Part) -> FeatureIds | None:
    """Return a part's feature ids: the first set with a property table, else the first usable set."""
    found = document.extension(part.holder, "EXT_mesh_features")
    sets = found.get("featureIds") if found is not None else None
    if not isinstance(sets, list):
        old = document.extension(part.holder, "EXT_feature_metadata")
        sets = old.get("featureIdAttributes") if old is not None else None
    best: FeatureIds | None = None
    for item in sets if isinstance(sets, list) else []:
        if not isinstance(item, dict):
            continue
        numbers = _numbers(document, part, item)
        if numbers is None:
            continue
        table = item.get("propertyTable")
        table = table if isinstance(table, int) and not isinstance(table, bool) else -1
        if "featureTable" in item:
            table = _old_table(document, item["featureTable"])
        if best is None or (best.table < 0 <= table):
            best = FeatureIds(numbers, table)
    return best


def _numbers(document: Document, part: Part, item: dict[str, Any]) -> I32 | None:
    null = item.get("nullFeatureId")
    attribute = item.get("attribute")
    if isinstance(item.get("featureIds"), dict):  # EXT_feature_metadata, the draft of 2021
        attribute = item["featureIds"].get("attribute")
    if "texture" in item and item.get("featureCount") == 1:
        return np.zeros(len(part.positions), np.int32)
    if "texture" in item:
        text = "feature ids in a texture are not read: the surface counts as one object"
        document.report("gltf.feature_texture", text)
        return None
    if (
        attribute is None
        and item.get("propertyTable") is None
        and item.get("featureTable") is None
    ):
        return None  # a number for each vertex, and nothing said of any of them: no objects
    if attribute is None:
        found: NDArray[Any] = np.arange(len(part.positions), dtype=np.int32)
    else:
        name = attribute if isinstance(attribute, str) else f"_FEATURE_ID_{attribute}"
        held = part.numbers.get(name)
        if held is None:
            document.report(
                "gltf.attribute", f"{name} is left out: it is not there", name=name, reason=""
            )
            return None
        found = held
    return np.where(found == null, -1, found).astype(np.int32) if isinstance(null, int) else found


def property_tables(document: Document) -> list[PropertyTable]:
    """Return all property tables; a broken property is a problem and its column is left out."""
    found = document.extension(document.json, "EXT_structural_metadata")
    tables = found.get("propertyTables") if found is not None else None
    if found is None:
        found = document.extension(document.json, "EXT_feature_metadata")
        named = found.get("featureTables") if found is not None else None
        tables = list(named.values()) if isinstance(named, dict) else None
    if not isinstance(tables, list) or found is None:
        return []
    schema = _schema(document, found)
    return [_table(document, table, schema) for table in tables]


def _old_table(document: Document, name: Any) -> int:
    found = document.extension(document.json, "EXT_feature_metadata") or {}
    named = found.get("featureTables")
    names = list(named) if isinstance(named, dict) else []
    return names.index(name) if name in names else -1


def _schema(document: Document, found: dict[str, Any]) -> dict[str, Any]:
    schema = found.get("schema")
    uri = found.get("schemaUri")
    if schema is None and isinstance(uri, str):
        try:
            schema = document.schema(uri)
        except OpenError as error:
            document.report(
                "gltf.schema", f"the metadata schema is missing: {error}", reason=str(error)
            )
    return schema if isinstance(schema, dict) else {}


def _table(document: Document, table: Any, schema: dict[str, Any]) -> PropertyTable:
    if not isinstance(table, dict):
        return PropertyTable("", 0)
    name = table.get("class")
    try:
        count = document.integer(table, "count")
        if count > MAX_ROWS:
            raise document.broken(f"a property table declares {count} rows")
    except OpenError as error:
        document.report(
            "gltf.property", f"a property table is left out: {error}", reason=str(error)
        )
        return PropertyTable("", 0)
    classes = schema.get("classes")
    described = classes.get(name) if isinstance(classes, dict) and isinstance(name, str) else None
    kinds = described.get("properties") if isinstance(described, dict) else None
    values = table.get("properties")
    result = PropertyTable(name if isinstance(name, str) else "", count)
    for key, value in values.items() if isinstance(values, dict) else []:
        kind = kinds.get(key) if isinstance(kinds, dict) else None
        try:
            if not isinstance(kind, dict) or not isinstance(value, dict):
                raise document.broken(f"the property {key} is not in the schema")
            result.columns[key] = property_column(document, kind, value, count, schema)
        except OpenError as error:
            document.report(
                "gltf.property", f"{key} is left out: {error}", name=key, reason=str(error)
            )
    if not result.columns and count > 1 << 20:
        document.report("gltf.property", "a table without usable properties", reason="count")
        return PropertyTable(result.kind, 0)
    return result
