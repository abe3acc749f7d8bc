"""Where the coordinates of viewpoints stand: the coordinates of a model, in the project frame.

BCF counts in the coordinates of the model itself, in metres: those of an IFC before its map conversion.
So a viewpoint is placed by the layer of the model that it is about: by its objects, else by the models
of its topic, else by the first building model. Some programs write map coordinates instead: where the
camera would stand far off the model and as map coordinates does not, they are taken for those. Without
any building model the coordinates are those of the project.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from twin.exchange.bcf.model import Scene, Topic, Vector
from twin.features import Bool
from twin.geometry import F64
from twin.georeference import Georeference
from twin.scene import Layer, LayerId, Twin
from twin.topics.links import is_building_model, is_open, rows_of

FAR = 20.0
"""Sizes of a model beyond which a camera does not stand off it by intention."""
SPACES = frozenset({"IfcSpace", "IfcSpatialZone"})
BOUNDARIES = frozenset({"IfcVirtualElement"})
OPENINGS = frozenset({"IfcOpeningElement", "IfcOpeningStandardCase", "IfcVoidingFeature"})
Located = Callable[[LayerId], Georeference | None]
"""Answers how a layer's own coordinates come into the project frame."""


@dataclass(frozen=True, slots=True)
class Place:
    """From a model's coordinates into the project frame and back; heights as the layer is shown."""

    georeference: Georeference | None = None
    lift: float = 0.0

    def moved(self, points: F64) -> F64:
        """Return points f64(n, 3) in the project frame; infinite where there is no answer."""
        found = points if self.georeference is None else self.georeference.move(points)
        return np.asarray(found + np.array([0.0, 0.0, self.lift]), np.float64)

    def linear(self, at: F64) -> F64:
        """Return the derivative f64(3, 3) of ``moved`` at a point f64(3)."""
        around = self.moved(np.vstack([at + np.eye(3), at - np.eye(3)]))
        return np.asarray((around[:3] - around[3:]).T / 2, np.float64)

    def back(self, point: F64) -> F64:
        """Return the point f64(3) that ``moved`` brings to a point of the project frame (Newton)."""
        at = np.zeros(3)
        for _ in range(12):
            miss = point - self.moved(at[None, :])[0]
            if not np.isfinite(miss).all() or float(np.abs(miss).max()) < 1e-7:
                break
            at = at + np.linalg.solve(self.linear(at), miss)
        return at


def model_of(twin: Twin, topic: Topic | None, scene: Scene) -> LayerId:
    """Return the layer in whose coordinates a viewpoint counts; '' = those of the project."""
    found = rows_of(twin, (x for x in scene.components() if x.ifc_guid))
    if found:
        return max(found, key=lambda key: len(found[key]))
    models = [x for x in twin.layers.values() if is_building_model(x)]
    for wanted in topic.models if topic is not None else ():
        for layer in models:
            if is_open(replace(twin, layers={layer.id: layer}), wanted):
                return layer.id
    return models[0].id if models else ""


def place_of(twin: Twin, model: LayerId, located: Located) -> Place:
    """Return how a model's coordinates stand in the project frame."""
    if not model:
        return Place()
    return Place(located(model), twin.layers[model].display.height_offset)


def believed(place: Place, layer: Layer, point: F64) -> Place:
    """Return the place as a model's coordinates, unless only map coordinates make sense of a point."""
    own, box = place.georeference, layer.bounds
    if own is None or not own.frame or not np.isfinite(box).all():
        return place
    mapped = replace(place, georeference=replace(own, frame=()))
    size = float(np.linalg.norm(box[3:] - box[:3])) + 100.0
    near, far = (_off(x.moved(point[None, :])[0], box) for x in (mapped, place))
    return mapped if far > FAR * size and near < far / FAR else place


def _off(point: F64, box: F64) -> float:
    gap = np.maximum(np.maximum(box[:3] - point, point - box[3:]), 0.0)
    return float(np.linalg.norm(gap)) if np.isfinite(gap).all() else np.inf


def unit(vector: F64) -> F64 | None:
    """Return a vector of length one; None for one without a direction."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length, np.float64) if np.isfinite(length) and length > 0 else None


def vector(values: F64) -> Vector:
    """Return three numbers as records have them."""
    x, y, z = (float(value) for value in values)
    return x, y, z


def of_kinds(layer: Layer, kinds: frozenset[str]) -> Bool:
    """Return bool(n): rows of these classes."""
    wanted = np.array([kind in kinds for kind in layer.features.kinds] or [False], np.bool_)
    return np.asarray(wanted[layer.features.kind], np.bool_)
