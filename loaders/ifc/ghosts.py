"""Spaces and openings, when they are shown: see-through, so that they hide nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from loaders.ifc import meshes
from loaders.ifc.shapes import Geometry, Shape
from twin.geometry import Drawable, Instances, Material, Mesh

LOOKS: Mapping[str, Material] = {
    "": meshes.PLAIN,
    "spaces": Material("space", (0.10, 0.42, 0.80, 0.22), alpha_mode="blend"),
    "openings": Material("opening", (0.85, 0.33, 0.05, 0.35), alpha_mode="blend"),
}


def ghostly(
    shapes: Sequence[Shape],
    geometries: Mapping[str, Geometry],
    row_of: Mapping[int, int],
    ghosts: Mapping[int, str],
) -> tuple[Drawable, ...]:
    """Return the drawables of shapes; those of ``ghosts`` (step id -> option) are see-through."""
    groups: dict[str, list[Shape]] = {}
    for shape in shapes:
        groups.setdefault(ghosts.get(shape.step, ""), []).append(shape)
    found: list[Drawable] = []
    for name, group in groups.items():
        made = meshes.drawables(group, geometries, row_of)
        found.extend(_through(item, LOOKS[name]) if name else item for item in made)
    return tuple(found)


def _through(item: Drawable, look: Material) -> Drawable:
    """Return a drawable in another material; one that is see-through itself keeps its own."""
    if isinstance(item, Instances):
        mesh = _through(item.mesh, look)
        return replace(item, mesh=mesh) if isinstance(mesh, Mesh) else item
    return item if item.material.alpha_mode == "blend" else replace(item, material=look)
