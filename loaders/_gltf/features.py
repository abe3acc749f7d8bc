"""EXT_mesh_features, EXT_instance_features, EXT_feature_metadata: which vertex is which row of which table.

A mesh may have several sets of feature numbers. The one that a mapping names counts (``feature_ids``);
else the first with a property table, else the first that can be used; the choice is listed.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from loaders._gltf.document import Document
from loaders._gltf.feature_textures import sampled
from loaders._gltf.primitives import Part
from loaders._gltf.tables import old_table
from twin.errors import OpenError
from twin.geometry import I32

FAR = 1 << 40
"""What a number declared in JSON is cut to: beyond every feature number, safe to add and divide."""


@dataclass(slots=True)
class FeatureIds:
    """The feature number of each vertex (-1 = none) and the property table they count in (-1 = none)."""

    numbers: I32
    table: int


class IdSet(NamedTuple):
    """One declared set: an attribute, a texture, or numbers that follow from the vertex's place."""

    name: str
    attribute: str
    texture: dict[str, Any] | None
    offset: int
    repeat: int
    null: int | None
    table: int
    single: bool


def feature_ids(document: Document, part: Part, wanted: str = "") -> FeatureIds | None:
    """Return a part's feature ids, None without any. Numbers in a texture may part the vertices."""
    sets = _sets(document, part.holder)
    named = [item for item in sets if wanted and wanted in _spellings(document, item)]
    if wanted and sets and not named:
        text = f"there is no set of feature numbers {wanted!r}"
        document.report("gltf.feature_set", text, name=wanted, names=_listed(sets))
    with_table = [item for item in sets if item.table >= 0]
    rest = [item for item in sets if item.table < 0]
    for item in [*named, *with_table, *rest]:
        numbers = _numbers(document, part, item)
        if numbers is None:
            continue
        if len(sets) > 1 and not named:
            text = f"there are several sets of feature numbers; {item.name} is used"
            document.report("gltf.feature_sets", text, name=item.name, names=_listed(sets))
        return FeatureIds(numbers, item.table)
    return None


def instance_ids(
    document: Document, node: dict[str, Any], held: dict[str, I32], count: int
) -> FeatureIds:
    """Return the feature ids of a node's ``count`` instances; without a set each is itself.

    ``held`` are the instances' integer attributes by name.
    """
    instancing = document.extension(node, "EXT_mesh_gpu_instancing") or {}
    sets: list[IdSet] = []
    for holder, name in (
        (node, "EXT_instance_features"), (instancing, "EXT_instance_features"), (node, "EXT_mesh_features"),
        (instancing, "EXT_mesh_features"), (instancing, "EXT_feature_metadata"),
    ):  # fmt: skip
        found = document.extension(holder, name)
        sets = sets or ([] if found is None else _declared(document, found))
    every = np.arange(count, dtype=np.int32)
    for item in sorted(sets, key=lambda one: one.table < 0):
        numbers = held.get(item.attribute) if item.attribute else _implicit(every, item)
        if numbers is not None and len(numbers) == count:
            return FeatureIds(_without(numbers, item.null), item.table)
    spare = held.get("_FEATURE_ID_0")
    return FeatureIds(every if spare is None or len(spare) != count else spare, -1)


def _sets(document: Document, holder: dict[str, Any]) -> list[IdSet]:
    found = document.extension(holder, "EXT_mesh_features")
    if found is None:
        found = document.extension(holder, "EXT_feature_metadata")
    return [] if found is None else _declared(document, found)


def _declared(document: Document, found: dict[str, Any]) -> list[IdSet]:
    """Return the sets of one extension object, whichever edition it is of."""
    sets: list[IdSet] = []
    tables = found.get("propertyTables")
    for key in ("featureIds", "featureIdAttributes", "featureIdTextures"):
        items = found.get(key)
        for place, item in enumerate(items if isinstance(items, list) else []):
            if not isinstance(item, dict):
                continue
            table = item.get("propertyTable", _at(tables, place))
            if "featureTable" in item:
                table = old_table(document, item["featureTable"])
            sets.append(_set(item, _index(table), len(sets)))
    return sets


def _at(items: Any, place: int) -> Any:
    return items[place] if isinstance(items, list) and place < len(items) else None


def _index(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else -1


def _set(item: dict[str, Any], table: int, place: int) -> IdSet:
    inner = item.get("featureIds")  # EXT_feature_metadata, the draft of 2021
    said = inner if isinstance(inner, dict) else item
    attribute = said.get("attribute")
    if isinstance(attribute, int) and not isinstance(attribute, bool):
        attribute = f"_FEATURE_ID_{attribute}"
    texture = said.get("texture")
    if isinstance(texture, dict):
        texture = {**texture, "channels": said.get("channels", texture.get("channels", [0]))}
    label = item.get("label")
    name = label if isinstance(label, str) and label else str(attribute or f"#{place}")
    null = item.get("nullFeatureId")
    start, step = (
        said.get("offset", said.get("constant", 0)),
        said.get("repeat", said.get("divisor")),
    )
    return IdSet(
        name, attribute.upper() if isinstance(attribute, str) else "",
        texture if isinstance(texture, dict) else None,
        max(-FAR, min(start, FAR)) if isinstance(start, int) else 0,
        min(step, FAR) if isinstance(step, int) and step >= 0 else (0 if "constant" in said else 1),
        null if isinstance(null, int) else None, table, item.get("featureCount") == 1,
    )  # fmt: skip


def _spellings(document: Document, item: IdSet) -> set[str]:
    """Return the names under which a mapping may call a set."""
    found = {item.name, item.attribute, item.name.removeprefix("#")}
    extension = document.extension(document.json, "EXT_structural_metadata") or {}
    table = _at(extension.get("propertyTables"), item.table) if item.table >= 0 else None
    if isinstance(table, dict):
        found |= {str(table.get("class", "")), str(table.get("name", ""))}
    return found - {""}


def _listed(sets: list[IdSet]) -> str:
    return ", ".join(item.name for item in sets)


def _numbers(document: Document, part: Part, item: IdSet) -> I32 | None:
    count = len(part.positions)
    if item.texture is not None:
        if item.single:
            return np.zeros(count, np.int32)
        try:
            return sampled(document, part, item.texture, item.null)
        except OpenError as error:
            text = f"feature numbers in a picture are left out: {error}"
            document.report("gltf.feature_texture", text, reason=str(error))
            return None
    if not item.attribute:
        if item.table < 0:
            return None  # a number for each vertex, and nothing said of any of them: no objects
        return _without(_implicit(np.arange(count, dtype=np.int32), item), item.null)
    held = part.numbers.get(item.attribute)
    if held is None:
        text = f"{item.attribute} is left out: it is not there"
        document.report("gltf.attribute", text, name=item.attribute, reason="")
        return None
    return _without(held, item.null)


def _implicit(every: I32, item: IdSet) -> I32:
    """Return offset + place // repeat; repeat 0 is one number for all."""
    steps = (
        every.astype(np.int64) // item.repeat if item.repeat else np.zeros(len(every), np.int64)
    )
    found = np.clip(np.int64(item.offset) + steps, -1, 2**31 - 1)
    numbers: I32 = found.astype(np.int32)
    return numbers


def _without(numbers: I32, null: int | None) -> I32:
    return numbers if null is None else np.where(numbers == null, -1, numbers).astype(np.int32)
