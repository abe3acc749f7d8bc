"""The unified scene graph: Twin, Layer, CityObject, Change, Announcer.

Layers and tiles are few and are objects; city objects are rows. Nothing changes the twin but
``Edit.apply`` (and arriving tiles, which are growth); whoever listens never edits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import UsageError
from twin.features import Bool, FeatureTable
from twin.geometry import F64, Rows, empty_box
from twin.observations import Assessment, Observations
from twin.records import PLAIN, About, Display, Problem, SourceRef
from twin.style import ColorBy, usual_colors
from twin.tiles import TileTree

LayerId = str


class Aspect(Enum):
    """What a change is about."""

    LAYERS = "layers"
    FEATURES = "features"
    TREE = "tree"
    VISIBILITY = "visibility"
    DISPLAY = "display"
    ASSESSMENT = "assessment"
    RECORDS = "records"
    TOPICS = "topics"
    BIM = "bim"
    ORDERS = "orders"
    SNAPSHOTS = "snapshots"
    PLANS = "plans"
    SECTIONS = "sections"
    ROUTES = "routes"
    STYLE = "style"
    PROBLEMS = "problems"
    SELECTION = "selection"
    HOVER = "hover"
    FILTER = "filter"
    INSTANTS = "instants"
    SUN = "sun"
    JOBS = "jobs"
    CHECKS = "checks"
    PROJECT = "project"
    SETTINGS = "settings"
    RESULTS = "results"
    VIEWS = "views"
    SCENARIOS = "scenarios"


@dataclass(frozen=True, slots=True)
class Change:
    """One coarse message: an aspect, a layer (None = all), rows (None = all)."""

    aspect: Aspect
    layer: LayerId | None = None
    rows: Rows | None = None


Observer = Callable[[Change], None]


class Announcer:
    """The only signal of the core. An observer that edits while being told raises."""

    def __init__(self) -> None:
        """Start without observers."""
        self._observers: list[Observer] = []
        self._telling = False

    def connect(self, observer: Observer) -> Callable[[], None]:
        """Tell the observer of every change from now on; the returned call stops that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def check(self) -> None:
        """Raise when an observer is being told: observers never edit."""
        if self._telling:
            raise RuntimeError("an observer tried to change the twin while being told of a change")

    def emit(self, change: Change) -> None:
        """Tell every observer."""
        self.check()
        self._telling = True
        try:
            for observer in tuple(self._observers):
                observer(change)
        finally:
            self._telling = False


@dataclass(frozen=True)
class Layer:
    """One opened source in the project frame: objects as a table, space as a tile tree.

    ``hidden`` bool(n) marks rows a person hid; ``counted_elsewhere`` bool(n) marks rows whose uid
    is counted in an earlier layer (another representation of the same dataset); ``provisional``
    says that not all objects are known yet; ``order`` is its place among the layers.
    """

    id: LayerId
    source: SourceRef
    title: str
    about: About
    tree: TileTree
    features: FeatureTable
    observations: Observations
    assessment: Assessment
    problems: tuple[Problem, ...] = ()
    visible: bool = True
    hidden: Bool | None = None
    counted_elsewhere: Bool | None = None
    unit_kinds: tuple[str, ...] = ()
    provisional: bool = False
    attribution: str = ""
    order: int = 0
    display: Display = PLAIN

    @property
    def bounds(self) -> F64:
        """Return the box f64(6), as shown, of all objects with geometry, else of the tile tree."""
        if np.isfinite(self.features.box).all():
            return self._lifted(self.features.box)
        if len(self.tree):
            return self._lifted(self.tree.boxes()[0])
        return empty_box()

    @property
    def ground(self) -> bool:
        """Return whether it is terrain."""
        return self.about.ground

    def boxes(self, rows: Rows) -> F64:
        """Return the boxes f64(k, 6) of rows as they are shown: the height offset is in them."""
        return self._lifted(self.features.bounds[rows])

    def _lifted(self, boxes: F64) -> F64:
        lift = self.display.height_offset
        return np.asarray(boxes + np.array([0.0, 0, lift, 0, 0, lift]), np.float64)

    def is_hidden(self, row: int) -> bool:
        """Return whether a person hid the row."""
        return bool(self.hidden is not None and self.hidden[row])


@dataclass(frozen=True, slots=True)
class CityObject:
    """A handle for people, made on demand: layer and row."""

    layer: Layer
    row: int

    def __getitem__(self, name: str) -> Any:
        """Return one attribute value."""
        return self.layer.features[name][self.row]

    @property
    def id(self) -> str:
        """Return the object's id in its source."""
        return str(self.layer.features.id[self.row])

    @property
    def kind(self) -> str:
        """Return the class of the object."""
        table = self.layer.features
        return table.kinds[int(table.kind[self.row])]

    @property
    def name(self) -> str:
        """Return a readable name: the source's own, else the id."""
        names = self.layer.features.name
        found = None if names is None else names[self.row]
        return str(found) if found else self.id

    @property
    def bounds(self) -> F64:
        """Return the box f64(6) in the project frame, at the object's own heights."""
        return np.asarray(self.layer.features.bounds[self.row], np.float64)

    @property
    def shown_bounds(self) -> F64:
        """Return the box f64(6) where the object is shown: the layer's height offset is in it."""
        return np.asarray(self.layer.boxes(np.array([self.row]))[0], np.float64)

    @property
    def parent(self) -> "CityObject | None":
        """Return the object this one is part of."""
        above = int(self.layer.features.parent[self.row])
        return None if above < 0 else CityObject(self.layer, above)


RECORDS = (
    "parties",
    "responsibilities",
    "absences",
    "aliases",
    "choices",
    "policies",
    "assumptions",
    "zones",
    "evidence",
    "sidecars",
    "orders",
    "datasets",
    "links",
    "bookmarks",
    "stories",
    "annotations",
    "sections",
    "measurements",
    "topics",
    "exchanges",
    "files",
    "snapshots",
    "bim_settings",
    "bim_inputs",
    "scenarios",
    "results",
    "routes",
)
"""The kinds of records a twin keeps beside its layers; all are kept by a stable key."""

TOPICS = frozenset({"topics", "exchanges", "files"})
"""Kinds that nothing in the city is judged by: they have an aspect of their own."""
_BIM = ("bim_settings", "bim_inputs")
VIEWS = ("bookmarks", "stories", "annotations")
"""Kinds that are shown and judge nothing."""
_ASPECTS = {
    **dict.fromkeys(TOPICS, Aspect.TOPICS),
    **dict.fromkeys(_BIM, Aspect.BIM),
    **dict.fromkeys(VIEWS, Aspect.VIEWS),
    "orders": Aspect.ORDERS,
    "routes": Aspect.ROUTES,
    "snapshots": Aspect.SNAPSHOTS,
    "assumptions": Aspect.PLANS,
    "scenarios": Aspect.SCENARIOS,
    "results": Aspect.RESULTS,
}


@dataclass
class Twin:
    """The whole city: layers, records, style. Changed by edits only; tells by ``changed``."""

    changed: Announcer = field(default_factory=Announcer)
    layers: dict[LayerId, Layer] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: {} for name in RECORDS}
    )
    color_by: ColorBy = field(default_factory=lambda: usual_colors(""))
    crs: str = ""
    vertical: str = ""
    title: str = ""
    scenario: str = ""
    """The scenario that is seen and asked about, by id; '' = the city as it stands."""

    def layer(self, key: LayerId) -> Layer:
        """Return a layer by id. Raises UsageError when there is none."""
        found = self.layers.get(key)
        if found is None:
            raise UsageError(reason=f"there is no layer {key!r}")
        return found

    def put_layer(self, layer: Layer, aspect: Aspect, rows: Rows | None = None) -> None:
        """Keep a new state of a layer and tell. For edits and growth only."""
        self.changed.check()
        known = layer.id in self.layers
        self.layers[layer.id] = layer
        if not known:
            placed = sorted(self.layers.values(), key=lambda item: item.order)
            self.layers = {item.id: item for item in placed}
        self.changed.emit(Change(aspect, layer.id, rows))

    def drop_layer(self, key: LayerId) -> Layer:
        """Remove a layer and return it. For edits only."""
        self.changed.check()
        layer = self.layers.pop(key)
        self.changed.emit(Change(Aspect.LAYERS, key))
        return layer

    def put_record(self, kind: str, key: str, record: Any | None) -> Any | None:
        """Keep (None: remove) a record and return the one before. For edits only."""
        self.changed.check()
        before = self.records[kind].get(key)
        if record is None:
            self.records[kind].pop(key, None)
        else:
            self.records[kind][key] = record
        self.changed.emit(Change(_ASPECTS.get(kind, Aspect.RECORDS)))
        return before

    def put_records(self, kind: str, records: Mapping[str, Any | None]) -> dict[str, Any | None]:
        """Keep (None: remove) many records of a kind, tell once, return those before. For edits only."""
        self.changed.check()
        kept = self.records[kind]
        before = {key: kept.get(key) for key in records}
        kept.update(records)
        for key in [key for key, record in records.items() if record is None]:
            del kept[key]
        self.changed.emit(Change(_ASPECTS.get(kind, Aspect.RECORDS)))
        return before

    def put_color_by(self, color_by: ColorBy) -> ColorBy:
        """Colour by another column; return the one before. For edits only."""
        self.changed.check()
        before, self.color_by = self.color_by, color_by
        self.changed.emit(Change(Aspect.STYLE))
        return before

    def put_scenario(self, key: str) -> str:
        """See another scenario ('' = as it stands); return the one before. For edits only."""
        self.changed.check()
        before, self.scenario = self.scenario, key
        self.changed.emit(Change(Aspect.SCENARIOS))
        return before

    @property
    def bounds(self) -> F64:
        """Return the box f64(6) of all visible layers (of all, when none is visible)."""
        shown = [x for x in self.layers.values() if x.visible] or list(self.layers.values())
        boxes = [b for b in (layer.bounds for layer in shown) if np.isfinite(b).all()]
        if not boxes:
            return empty_box()
        stack = np.stack(boxes)
        low, high = stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)
        return np.asarray(np.concatenate([low, high]), np.float64)

    def object(self, layer: LayerId, row: int) -> CityObject:
        """Return the handle of one object."""
        return CityObject(self.layer(layer), row)


def with_hidden(layer: Layer, rows: Rows, hidden: NDArray[np.bool_]) -> Layer:
    """Return the layer with ``hidden[rows]`` set; grown tables keep what was hidden."""
    mask = np.zeros(len(layer.features), np.bool_)
    if layer.hidden is not None:
        mask[: len(layer.hidden)] = layer.hidden
    mask[rows] = hidden
    return replace(layer, hidden=mask if mask.any() else None)
