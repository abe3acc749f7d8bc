"""Levels of detail: which geometries of an object are drawn. LoDs are texts, numbers, null or missing."""

from collections.abc import Sequence
from typing import Any

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


def rank(level: str) -> float:
    """Return the order of LoDs; what is no number stands below all numbers."""
    try:
        found = float(level)
    except ValueError:
        return -1.0
    return found if found == found else -1.0


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


def nearest(levels: Sequence[str], wanted: str) -> str:
    """Return the level an object shows when another level is wanted."""
    if wanted in levels:
        return wanted
    goal = rank(wanted)
    if "." not in wanted:
        refined = [level for level in levels if level.startswith(f"{wanted}.")]
        if refined:
            return max(refined, key=rank)
    below = [level for level in levels if rank(level) <= goal]
    return max(below, key=rank) if below else min(levels, key=rank)
