"""How a tile says that it divides itself: implicitTiling of 3D Tiles 1.1 and the extension before it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from loaders.tiles3d.subdivision import divisible
from loaders.tiles3d.tokens import Implicit, Said

EXTENSION = "3DTILES_implicit_tiling"
SCHEMES = {"QUADTREE": 2, "OCTREE": 3}
MAX_LEVELS = 52
"""The most levels: deeper tiles have no place of their own in 64-bit floats."""


class Divided(NamedTuple):
    """What an implicit tile has like any other: content templates, what is said of their groups,
    geometric error in metres, refinement, and the metadata schema of its tileset."""

    contents: tuple[str, ...]
    groups: tuple[Said, ...]
    error: float
    refine: int
    schema: dict[str, Any]


def tiling_of(node: dict[str, Any]) -> Any:
    """Return what a tile says of its division; None where it has none."""
    found = node.get("implicitTiling")
    if found is None and "extensions" in node:
        extensions = node["extensions"]
        found = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    return found


def divided(
    node: dict[str, Any], tiling: Any, own: Divided, resolve: Callable[[str], str]
) -> Implicit:
    """Return how a tile divides itself. Raises ValueError with what is wrong, OutsideRoot.

    ``resolve`` gives the address of a reference that stands in the tileset.
    """
    tiling = tiling if isinstance(tiling, dict) else {}
    axes = SCHEMES.get(str(tiling.get("subdivisionScheme")))
    if axes is None:
        raise ValueError(f"subdivisionScheme is {tiling.get('subdivisionScheme')!r}")
    span = _count(tiling, "subtreeLevels")
    if "availableLevels" not in tiling and "maximumLevel" in tiling:
        levels = _count(tiling, "maximumLevel", 0) + 1
    else:
        levels = _count(tiling, "availableLevels")
    if max(span, levels) > MAX_LEVELS:
        raise ValueError(f"more than {MAX_LEVELS} levels")
    subtrees = tiling.get("subtrees")
    template = subtrees.get("uri") if isinstance(subtrees, dict) else None
    if not isinstance(template, str) or not template:
        raise ValueError("subtrees.uri is not an address")
    if node.get("children"):
        raise ValueError("a tile that divides itself cannot have children")
    volume = node.get("boundingVolume")
    if not divisible(volume):
        raise ValueError("only a box, a region or an S2 cell can be subdivided")
    assert isinstance(volume, dict)
    return Implicit(
        axes, span, levels, resolve(template), own.contents, own.groups,
        volume, own.error, own.refine, own.schema,
    )  # fmt: skip


def _count(holder: dict[str, Any], name: str, least: int = 1) -> int:
    found = holder.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise ValueError(f"{name} is {found!r}, not a number of levels")
    return found
