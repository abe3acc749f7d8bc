"""Viewpoints as views of the project.

What a viewpoint says of visibility holds for the layers with its objects, for all building models when
none is found; the city around them stays as it is. A whole stands for its parts. A clipping plane points
to the side that is not seen, like the planes of a section.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.edits import Edit, SetHidden, SetRecord, Together
from twin.exchange.bcf.model import ClippingPlane, Hints, Orthogonal, Perspective, Scene, Topic
from twin.geometry import F64, Rows
from twin.records import Section, SectionPlane
from twin.scene import Layer, LayerId, Twin
from twin.shown import Tint, with_parts
from twin.topics.links import is_building_model, is_open, rows_of
from twin.topics.places import (
    BOUNDARIES,
    OPENINGS,
    SPACES,
    Located,
    Place,
    believed,
    model_of,
    of_kinds,
    place_of,
    unit,
    vector,
)

SECTION = "viewpoint"
"""The key of the section that shows the clipping planes of a viewpoint."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera in the project frame: unit directions, vertical field of view in degrees.

    ``height`` metres fill the picture of a camera without perspective; 0 = it has perspective.
    """

    eye: F64
    direction: F64
    up: F64
    field: float
    aspect: float
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Applied:
    """What a viewpoint does to the view: one undoable step, and what only the screen knows.

    ``model`` is the layer in whose coordinates the viewpoint counts ('' = the project's).
    """

    edit: Edit
    camera: Camera | None
    selected: Mapping[LayerId, Rows] = field(default_factory=dict)
    tints: Mapping[LayerId, Sequence[Tint]] = field(default_factory=dict)
    model: LayerId = ""


def applied(twin: Twin, topic: Topic, scene: Scene, located: Located) -> Applied:
    """Return what a viewpoint does to the view."""
    model = model_of(twin, topic, scene)
    place = place_of(twin, model, located)
    camera = scene.perspective or scene.orthogonal
    if model and camera is not None:
        place = believed(place, twin.layers[model], np.array(camera.point))
    edit = Together((*_hidden(twin, topic, scene), *_sections(twin, scene, place)))
    tints: dict[LayerId, list[Tint]] = {}
    for item in scene.coloring:
        for key, rows in rows_of(twin, item.components).items():
            whole = with_parts(twin.layers[key].features, rows)
            tints.setdefault(key, []).append((whole, rgb_of(item.color)))
    return Applied(
        edit,
        None if camera is None else _camera(camera, place),
        rows_of(twin, scene.selection),
        tints,
        model,
    )


def _camera(camera: Perspective | Orthogonal, place: Place) -> Camera | None:
    point = np.array(camera.point)
    eye, turn = place.moved(point[None, :])[0], place.linear(point)
    direction, up = unit(turn @ camera.direction), unit(turn @ camera.up)
    if not np.isfinite(eye).all() or direction is None:
        return None
    up = np.array([0.0, 0.0, 1.0]) if up is None else up
    if isinstance(camera, Perspective):
        return Camera(eye, direction, up, camera.field, camera.aspect)
    size = float(np.cbrt(abs(np.linalg.det(turn))))
    return Camera(eye, direction, up, 0.0, camera.aspect, camera.height * size)


def _hidden(twin: Twin, topic: Topic, scene: Scene) -> list[Edit]:
    """Return the edits that hide and show: default, then hints for virtual objects, then exceptions."""
    visible = scene.visible is not False
    hints = scene.hints or Hints()
    exceptions = rows_of(twin, scene.exceptions)
    edits: list[Edit] = []
    for layer in _concerned(twin, topic, scene):
        table = layer.features
        hidden = np.full(len(table), not visible)
        for kinds, seen in ((SPACES, hints.spaces), (BOUNDARIES, hints.boundaries),
                            (OPENINGS, hints.openings)):  # fmt: skip
            hidden[of_kinds(layer, kinds)] = not seen
        rows = exceptions.get(layer.id)
        if rows is not None:
            hidden[with_parts(table, rows)] = visible
        edits.append(SetHidden(layer.id, np.arange(len(table), dtype=np.int32), hidden))
    return edits


def _concerned(twin: Twin, topic: Topic, scene: Scene) -> list[Layer]:
    """Return the layers that a viewpoint's visibility is about."""
    found = rows_of(twin, scene.components())
    named = [
        layer.id
        for layer in twin.layers.values()
        if any(is_open(replace(twin, layers={layer.id: layer}), x) for x in topic.models)
    ]
    chosen = {*found, *named}
    if not chosen:
        return [x for x in twin.layers.values() if is_building_model(x)]
    return [x for x in twin.layers.values() if x.id in chosen]


def _sections(twin: Twin, scene: Scene, place: Place) -> list[Edit]:
    """Return the edits that cut as the viewpoint does: its planes as one section, no others."""
    edits: list[Edit] = []
    for key, section in twin.records["sections"].items():
        if section.visible and key != SECTION:
            edits.append(
                SetRecord("sections", key, replace(section, visible=False), journal=False)
            )
    planes = tuple(x for x in (_plane(plane, place) for plane in scene.planes) if x is not None)
    made = Section(SECTION, SECTION, planes) if planes else None
    if made is not None or SECTION in twin.records["sections"]:
        edits.append(SetRecord("sections", SECTION, made, journal=False))
    return edits


def _plane(plane: ClippingPlane, place: Place) -> SectionPlane | None:
    """Return a plane in the project frame; normals turn with the inverse transpose."""
    at = np.array(plane.location)
    point = place.moved(at[None, :])[0]
    turn = place.linear(at)
    if not np.isfinite(turn).all() or not np.isfinite(point).all():
        return None
    normal = unit(np.linalg.solve(turn.T, np.array(plane.direction)))
    return None if normal is None else SectionPlane(vector(point), vector(normal))


def rgb_of(color: str) -> tuple[int, int, int]:
    """Return red, green, blue of RRGGBB or AARRGGBB; grey for what is no colour."""
    try:
        r, g, b = bytes.fromhex(color.removeprefix("#")[-6:])
    except ValueError:
        return 128, 128, 128
    return r, g, b
