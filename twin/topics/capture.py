"""What is seen as a viewpoint: camera, selection, what is hidden, colours, sections.

Spaces and openings have no picture here: their hints say that they are not seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.exchange.bcf.model import (
    ClippingPlane,
    Coloring,
    Component,
    Hints,
    Perspective,
    Scene,
    Topic,
)
from twin.features import Bool
from twin.geometry import Rows
from twin.records import SectionPlane
from twin.scene import Layer, LayerId, Twin
from twin.shown import Tint
from twin.tiles import View
from twin.topics.links import components_of, is_building_model
from twin.topics.places import (
    BOUNDARIES,
    OPENINGS,
    SPACES,
    Located,
    Place,
    model_of,
    of_kinds,
    place_of,
    unit,
    vector,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the screen shows: the camera, what is selected, and colours that a viewpoint gave."""

    view: View
    selected: Mapping[LayerId, Rows] = field(default_factory=dict)
    tints: Mapping[LayerId, Sequence[Tint]] = field(default_factory=dict)


def taken(twin: Twin, topic: Topic | None, seen: Seen, located: Located) -> Scene:
    """Return the viewpoint of what is seen, in the coordinates of the model it is about."""
    selection = components_of(twin, seen.selected)
    colors = tuple(
        Coloring("".join(f"{x:02X}" for x in rgb), components_of(twin, {key: rows}))
        for key, tints in seen.tints.items()
        for rows, rgb in tints
    )
    scene = Scene(selection, coloring=colors)
    place = place_of(twin, model_of(twin, topic, scene), located)
    visible, exceptions = _visibility(twin)
    return replace(
        scene,
        visible=visible,
        hints=Hints(),
        exceptions=exceptions,
        perspective=_perspective(seen.view, place),
        planes=tuple(
            _clipping(plane, place)
            for section in twin.records["sections"].values()
            if section.visible
            for plane in section.planes
        ),
    )


def _perspective(view: View, place: Place) -> Perspective:
    point = place.back(np.asarray(view.eye, np.float64))
    turn = place.linear(point)
    direction, up = (
        unit(np.asarray(np.linalg.solve(turn, x), np.float64)) for x in (view.forward, view.up)
    )
    assert direction is not None
    assert up is not None
    aspect = view.size[0] / max(view.size[1], 1)
    return Perspective(vector(point), vector(direction), vector(up), float(view.fov_y), aspect)


def _clipping(plane: SectionPlane, place: Place) -> ClippingPlane:
    point = place.back(np.array(plane.point))
    normal = unit(place.linear(point).T @ np.array(plane.normal))
    return ClippingPlane(vector(point), plane.normal if normal is None else vector(normal))


def _visibility(twin: Twin) -> tuple[bool, tuple[Component, ...]]:
    """Return the default for objects and the exceptions, whichever list is shorter.

    Of the city around the building models only what is hidden is named, and only where the default is
    to be seen: a viewpoint that shows three walls alone says nothing of the city.
    """
    seen, gone = {}, {}
    for key, layer in twin.layers.items():
        if is_building_model(layer):
            hidden = _gone(layer)
            gone[key] = _rows(hidden)
            seen[key] = _rows(~hidden & ~of_kinds(layer, SPACES | OPENINGS | BOUNDARIES))
    if sum(map(len, gone.values())) > sum(map(len, seen.values())):
        return False, components_of(twin, seen)
    for key, layer in twin.layers.items():
        if key not in gone and layer.hidden is not None:
            gone[key] = _rows(_gone(layer))
    return True, components_of(twin, gone)


def _gone(layer: Layer) -> Bool:
    """Return bool(n): rows that are not shown, spaces and openings aside (hints speak of them)."""
    found = np.full(len(layer.features), not layer.visible)
    if layer.hidden is not None:
        found[: len(layer.hidden)] |= layer.hidden
    return found & ~of_kinds(layer, SPACES | OPENINGS | BOUNDARIES)


def _rows(mask: Bool) -> Rows:
    return np.flatnonzero(mask).astype(np.int32)
