"""What a tileset says of itself: version, extensions, whom to credit, its own properties."""

from typing import Any

from loaders.tiles3d.metadata import entity
from loaders.tiles3d.objects import ID_NAMES
from loaders.tiles3d.tileset import DRAFT
from loaders.tiles3d.tokens import as_text
from twin.records import Problem

KNOWN = (
    "3DTILES_batch_table_hierarchy", "3DTILES_bounding_volume_S2", "3DTILES_content_gltf",
    "3DTILES_draco_point_compression", "3DTILES_implicit_tiling", "3DTILES_metadata",
    "3DTILES_multiple_contents",
)  # fmt: skip
"""The extensions of a tileset that are read."""
ASSET = {
    "generator": "generator", "generatetool": "generatetool", "tilesetVersion": "tileset_version",
    "extras": "extras",
}  # fmt: skip
METADATA = "metadata.properties."
CREDITS = ("copyright", "attribution", "credit", "credits")


def version(json: dict[str, Any]) -> str:
    """Return the version of 3D Tiles that the tileset names, '' if none."""
    found = _object(json, "asset").get("version")
    return found if isinstance(found, str) else ""


def facts(json: dict[str, Any], schema: dict[str, Any]) -> dict[str, str]:
    """Return other facts worth showing: generator, extensions, credit, metadata, identity rule."""
    asset = _object(json, "asset")
    found = {name: as_text(asset[key]) for key, name in ASSET.items() if asset.get(key)}
    credit = _credit(json)
    lists = {
        "attribution": [credit] if credit else [],
        "extensions_used": _names(json, "extensionsUsed"),
        "extensions_required": _names(json, "extensionsRequired"),
        "unsupported": unknown(json),
        "properties": list(_object(json, "properties")),
    }
    found.update({name: ", ".join(items) for name, items in lists.items() if items})
    metadata = said(json, schema).get(METADATA)
    if metadata:
        found["metadata"] = "; ".join(f"{name}: {value}" for name, value in metadata.items())
    found["ids"] = (
        f"{', '.join(ID_NAMES)} where unique in a tile; else tile address # number (weak)"
    )
    return found


def _credit(json: dict[str, Any]) -> str:
    """Return whom to credit: asset.copyright, else what extras say in the usual words."""
    asset = _object(json, "asset")
    places = (asset, _object(asset, "extras"), _object(json, "extras"))
    found = [place.get(name) for place in places for name in CREDITS]
    texts = [text.strip() for text in found if isinstance(text, str) and text.strip()]
    return texts[0] if texts else ""


def unknown(json: dict[str, Any]) -> list[str]:
    """Return the extensions of the tileset itself that nothing here reads.

    A 1.1 tileset also names those of its glTF (``KHR_``, ``EXT_``): contents answer for them.
    """
    names = [*_names(json, "extensionsUsed"), *_names(json, "extensionsRequired")]
    inside = ("KHR_", "EXT_", "CESIUM_")
    return list(dict.fromkeys(n for n in names if n not in KNOWN and not n.startswith(inside)))


def extension_problems(json: dict[str, Any], title: str) -> tuple[Problem, ...]:
    """Return a problem for each required extension that nothing here reads."""
    required = _names(json, "extensionsRequired")
    return tuple(
        Problem(
            "tiles3d.extension",
            f"{title}: it requires the extension {name}, which is not read. What can be read "
            "without it is shown.",
            title,
            {"title": title, "name": name},
        )
        for name in unknown(json)
        if name in required
    )


def said(json: dict[str, Any], schema: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the tileset's own properties by field path: metadata (1.1), extras, asset extras."""
    held = _object(_object(json, "extensions"), DRAFT)
    groups = {METADATA: dict(entity(schema, _object(json, "metadata") or held.get("tileset")))}
    for prefix, holder in (("extras.", json), ("asset.extras.", _object(json, "asset"))):
        found = _object(holder, "extras")
        groups[prefix] = {str(k): as_text(v) for k, v in found.items() if v is not None}
    return {prefix: found for prefix, found in groups.items() if found}


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _names(json: dict[str, Any], key: str) -> list[str]:
    found = json.get(key)
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
