"""By what a layer stands, said in words: the verdict, what is odd about it, how far it is from the others."""

import numpy as np

from twin.georeference import ProjectFrame, problem
from twin.records import Placement, Problem
from twin.scene import Layer
from twin.siting import CITY, Around, length, neighbourhood, system_of

PLACING = frozenset({
    "angles", "axes_swapped", "context_bare", "contexts_differ", "conversion_zero", "crs_bare_code",
    "crs_by_name", "crs_degrees", "crs_distorted", "crs_missing", "crs_unknown", "crs_wkt_differs",
    "crs_wkt_name", "datum_unknown", "eastings_mm", "elevation_differs", "elevation_geoid", "map_unit",
    "map_unit_differs", "north_differs", "rigid_kind", "rotation_sign", "routes_differ", "scale_missing",
    "scale_odd", "scale_units", "site_conflict", "site_default", "site_only", "site_wrong", "strays",
    "twice", "units_missing", "units_mm", "vertical_unknown", "world_geometry",
})  # fmt: skip
"""Last parts of the codes of all findings about places."""


def standing(layer: Layer) -> Placement | None:
    """Return by which numbers a layer stands: the project's override, else the route of its file."""
    used = next((route for route in layer.about.routes if route.state == "used"), None)
    return layer.source.placement or (used.placement if used is not None else None)


def heights_of(layer: Layer, project: ProjectFrame | None) -> str:
    """Return the vertical datum of a layer's heights as they stand ('' = unknown)."""
    source, about = layer.source, layer.about
    own = source.vertical or about.vertical
    if source.placement is None:
        return own
    return source.vertical or (project.vertical if project is not None else "")


def verdict(layer: Layer) -> Problem:
    """Return in one sentence by what a layer stands."""
    override = layer.source.placement
    if override is not None:
        name = system_of(override.crs).title or override.crs
        return problem("siting.stands_override", crs=name, title=override.title)
    used = next((route for route in layer.about.routes if route.state == "used"), None)
    if used is None or used.placement is None:
        own = system_of(layer.source.crs or layer.about.crs)
        return (
            problem("siting.stands_own", crs=own.title)
            if own
            else problem("siting.stands_nowhere")
        )
    crs = system_of(used.placement.crs)
    if not crs:
        return problem("siting.stands_unknown", name=used.name)
    return problem("siting.stands_route", name=used.name, crs=crs.title)


def findings(layer: Layer) -> tuple[Problem, ...]:
    """Return what is wrong with where a layer stands, out of all its problems."""
    return tuple(
        item
        for item in layer.problems
        if item.code.startswith(("crs.", "heights.")) or item.code.rpartition(".")[2] in PLACING
    )


def told_around(layer: Layer, there: Around) -> tuple[Problem, ...]:
    """Return how far a layer stands from the nearest object of the others, where that is odd."""
    box = layer.features.box
    if not np.isfinite(box).all():
        return ()
    corners = np.array([box[[0, 1]], box[[3, 4]]])
    nearest, _ = neighbourhood(corners, float(box[2]), there)
    if not nearest > CITY:
        return ()
    return (problem("siting.astray", distance=length(nearest)),)
