"""Levels of detail: which geometries of an object are drawn. LoDs are texts, numbers, null or missing."""

from collections.abc import Sequence
from typing import Any

from loaders._city.levels import nearest, rank
from loaders.cityjson.reading import Json


def level_of(geometry: Json) -> str:
    """Return a geometry's LoD as text; '' where it has none."""
    said = geometry.get("lod")
    if type(said) is str:
        return said
    if isinstance(said, bool) or said is None:
        return ""
    if isinstance(said, float) and said.is_integer():
        return str(int(said))
    return str(said) if isinstance(said, str | int | float) else ""


def templated(geometry: Json, templates: Sequence[Any]) -> Json:
    """Return the geometry; an instance without an LoD gets its template's."""
    if geometry["type"] != "GeometryInstance" or "lod" in geometry:
        return geometry
    number = geometry.get("template")
    if isinstance(number, int) and 0 <= number < len(templates):
        template = templates[number]
        if isinstance(template, dict) and "lod" in template:
            return {**geometry, "lod": template["lod"]}
    return geometry


def chosen(geometries: Sequence[Json], wanted: str) -> tuple[str, list[Json]]:
    """Return the LoD to draw and its geometries.

    Without a wish the highest. Else the one wished for; an object that does not have it shows its
    finest below (2 finds 2.2 first), or its coarsest above, so that the city has no holes.
    """
    if len(geometries) == 1:
        return level_of(geometries[0]), list(geometries)
    if not geometries:
        return "", []
    levels = [level_of(geometry) for geometry in geometries]
    level = max(levels, key=rank) if not wanted else nearest(levels, wanted)
    return level, [g for g, own in zip(geometries, levels, strict=True) if own == level]
