"""Objects that topics name, found in the layers that are open; models that they need and that are not.

An IFC object is named by its IfcGuid, in whatever layer it is. An object of a city has none: it is a
component of the system ``CityTwin`` whose tool id is its uid, a space, and its id in the source. The uid
says which dataset is meant; the id finds the object without asking every row of every layer. An object
that only another tool's id names is looked for in the column ``Tag``, where IFC keeps that id.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import numpy as np

from twin.exchange.bcf.model import Component, ModelFile, Topic
from twin.geometry import Rows
from twin.identity import uid
from twin.scene import Layer, LayerId, Twin

SYSTEM = "CityTwin"
TAG = "Tag"
_IFC_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")
_SAMPLE = 20
"""So many ids tell whether a layer's objects have IfcGuids."""
MANY = 1000
"""More selected objects than other programs are ready for."""


def is_building_model(layer: Layer) -> bool:
    """Return whether the objects of a layer are named by IfcGuids."""
    ids = layer.features.id[:_SAMPLE].tolist()
    return bool(ids) and sum(bool(_IFC_GUID.fullmatch(str(x))) for x in ids) * 2 > len(ids)


def component_of(layer: Layer, row: int) -> Component:
    """Return how a BCF file names an object."""
    key = str(layer.features.id[row])
    if _IFC_GUID.fullmatch(key):
        return Component(key)
    return Component("", SYSTEM, f"{uid(layer.source.dataset or layer.id, key)} {key}")


def components_of(twin: Twin, rows: Mapping[LayerId, Rows]) -> tuple[Component, ...]:
    """Return the components of rows; an object that several layers show is named once."""
    found = [
        component_of(twin.layers[key], int(row))
        for key, some in rows.items()
        if key in twin.layers
        for row in some
    ]
    return tuple(dict.fromkeys(found))


def rows_of(twin: Twin, components: Iterable[Component]) -> dict[LayerId, Rows]:
    """Return the rows of components in every open layer."""
    wanted = tuple(components)
    found = {}
    for layer in twin.layers.values():
        rows = [row for item in wanted for row in found_in(layer, item)]
        if rows:
            found[layer.id] = np.unique(np.array(rows, np.int32))
    return found


def found_in(layer: Layer, item: Component) -> list[int]:
    """Return the rows of a layer that a component means."""
    index = layer.features.rows_by_id
    if item.ifc_guid:
        row = index.get(item.ifc_guid)
        return [] if row is None else [row]
    if item.system == SYSTEM:
        stable, _, key = item.tool_id.partition(" ")
        row = index.get(key)
        own = layer.source.dataset or layer.id
        meant = uid(own, key) == stable or own == layer.id  # nobody named a dataset: the id counts
        return [row] if row is not None and meant else []
    tags = layer.features.columns.get(TAG)
    if not item.tool_id or tags is None or tags.dtype.kind != "T":
        return []
    return [int(x) for x in np.flatnonzero(tags == item.tool_id)]


def unfound(twin: Twin, components: Iterable[Component]) -> tuple[Component, ...]:
    """Return the components that no open layer has."""
    layers = tuple(twin.layers.values())
    return tuple(x for x in components if not any(found_in(layer, x) for layer in layers))


def components_in(topic: Topic) -> tuple[Component, ...]:
    """Return every object that a topic's viewpoints select or colour, each once; else what they except."""
    scenes = [view.scene for view in topic.viewpoints if view.scene is not None]
    chosen = [x for scene in scenes for x in scene.selection]
    chosen += [x for scene in scenes for part in scene.coloring for x in part.components]
    excepted = [x for scene in scenes for x in scene.exceptions]
    return tuple(dict.fromkeys(chosen or excepted))


def is_open(twin: Twin, model: ModelFile) -> bool:
    """Return whether a model that a topic names is open: by its project's IfcGuid or by its file's name."""
    name = _stem(model.filename or model.reference)
    return any(
        (model.ifc_project and model.ifc_project in layer.features.rows_by_id)
        or (name and name in (_stem(layer.source.path), layer.title.lower()))
        for layer in twin.layers.values()
    )


def _stem(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).stem.lower()


def wanted_models(twin: Twin) -> tuple[str, ...]:
    """Return the names of the models that topics need and that are not open, each once."""
    topics: Iterable[Topic] = twin.records["topics"].values()
    names = [name for topic in topics for name in missing_models(twin, topic)]
    return tuple(dict.fromkeys(filter(None, names)))


def missing_models(twin: Twin, topic: Topic) -> tuple[str, ...]:
    """Return the names of the models a topic needs and that are not open; '' = one without a name.

    A topic whose objects are all there needs nothing, whatever its models are called.
    """
    models = [x for x in topic.models if x.filename or x.reference or x.ifc_project]
    away = [x for x in models if not is_open(twin, x)]
    components = components_in(topic)
    if components and not unfound(twin, components):
        return ()
    if away:
        return tuple(x.filename or x.reference or x.ifc_project for x in away)
    found = not components or models or any(rows_of(twin, components).values())
    return () if found else ("",)
