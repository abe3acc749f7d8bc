"""Rules of the specification that a tileset may break without harm to the picture: named, once each."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from twin.records import Problem
from twin.tiles import TileTree

VERSIONS = ("0.0", "1.0", "1.1")
LISTS = ("extensionsUsed", "extensionsRequired")


def broken_rules(json: dict[str, Any], tree: TileTree, document: str) -> list[Problem]:
    """Return a problem for each rule that a tileset breaks. ``tree`` is what was read of it."""
    found = [*_asset(json), *_extensions(json), *_tileset(json), *_tiles(tree)]
    return [
        Problem(
            "tiles3d.rule", f"{document}: {rule}", document, {"document": document, "rule": rule}
        )
        for rule in found
    ]


def _asset(json: dict[str, Any]) -> Iterator[str]:
    asset = json.get("asset")
    asset = asset if isinstance(asset, dict) else {}
    version = asset.get("version")
    if isinstance(version, str) and version not in VERSIONS:
        yield f"asset.version is {version!r}, none of {', '.join(VERSIONS)}"
    if not isinstance(asset.get("tilesetVersion", ""), str):
        yield "asset.tilesetVersion is no text"


def _extensions(json: dict[str, Any]) -> Iterator[str]:
    for key in LISTS:
        names = json.get(key)
        if names is None:
            continue
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            yield f"{key} is not a list of names"
        elif not names:
            yield f"{key} is empty"
        elif len(set(names)) < len(names):
            yield f"{key} names one twice"
    held = json.get("extensions")
    if held is None:
        return
    if not isinstance(held, dict) or not all(isinstance(item, dict) for item in held.values()):
        yield "extensions is not an object of objects"
        return
    used = json.get("extensionsUsed")
    missing = [name for name in held if not isinstance(used, list) or name not in used]
    if missing:
        yield f"extensionsUsed does not name {', '.join(missing)}"


def _tileset(json: dict[str, Any]) -> Iterator[str]:
    error = json.get("geometricError")
    if not isinstance(error, int | float) or isinstance(error, bool) or not error >= 0:
        yield f"the tileset's geometricError is {error!r}"
    if "schema" in json and "schemaUri" in json:
        yield "there are both a schema and a schemaUri"
    if not isinstance(json.get("schemaUri", ""), str):
        yield "schemaUri is no text"
    if json.get("groups") and not ("schema" in json or "schemaUri" in json):
        yield "there are groups without a schema"


def _tiles(tree: TileTree) -> Iterator[str]:
    below = np.flatnonzero(tree.parent >= 0)
    above = tree.error[tree.parent[below]]
    grows = np.flatnonzero((tree.error[below] > above * 1.001) & np.isfinite(above))
    if len(grows):
        first = int(below[grows[0]])
        yield f"{len(grows)} tiles have a larger geometricError than their parent (the first is #{first})"
