"""A model in the place of a city object: which could it be, and the step that replaces one by the other.

The city object is hidden in every tile and level, because rows are hidden and not tiles; a link says who
replaced whom, so that history and custodian are found and the building is counted once.
"""

from dataclasses import dataclass

import numpy as np

from twin.edits import Edit, SetHidden, SetRecord, Together
from twin.errors import UsageError
from twin.features import FeatureTable, absent
from twin.geometry import F64, Rows
from twin.identity import uid
from twin.maintenance.revisions.matching import overlap
from twin.records import Link, Responsibility
from twin.scene import CityObject, Layer, LayerId, Twin
from twin.shown import with_parts

STOREY = "IfcBuildingStorey"
STOREYS = (
    "storeysAboveGround", "b3_bouwlagen", "numberOfStoreys", "storeys", "building:levels", "levels",
    "Pset_BuildingCommon.NumberOfStoreys",
)  # fmt: skip
"""Attributes in which sources say how many storeys a building has, the first that has a number counts."""
MOST = 8
LEAST = 0.02
"""Overlap of boxes in plan (intersection over union) from which an object could be the one."""
REPLACES = "replaces"


@dataclass(frozen=True, slots=True)
class Thing:
    """One object by layer and row."""

    layer: LayerId
    row: int


def neighbours(twin: Twin, model: Thing) -> list[Thing]:
    """Return the units of other layers whose boxes overlap the model's in plan: buildings first, the best
    first; of several representations of one object only the first."""
    box = twin.layer(model.layer).boxes(np.array([model.row], np.int32))
    found: dict[tuple[str, str], tuple[bool, float, Thing]] = {}
    for other in twin.layers.values():
        if other.id == model.layer or not other.visible:
            continue
        units = other.assessment.unit_rows().astype(np.int32)
        shares = _plan_overlap(box, other.boxes(units))
        kinds = other.features.kinds
        for i in np.flatnonzero(shares > LEAST).tolist():
            row = int(units[i])
            known = (other.source.dataset, str(other.features.id[row]))
            built = "building" in kinds[int(other.features.kind[row])].lower()
            found.setdefault(known, (not built, -float(shares[i]), Thing(other.id, row)))
    best = sorted(found.values(), key=lambda entry: entry[:2])
    return [thing for _, _, thing in best[:MOST]]


def _plan_overlap(box: F64, boxes: F64) -> F64:
    """Return intersection over union in plan of one box f64(1, 6) with others; 0 without geometry."""
    plan, sound = boxes.copy(), np.isfinite(boxes).all(axis=1)
    plan[~sound] = 0.0
    one = np.repeat(box, len(plan), axis=0)
    for flat in (plan, one):
        flat[:, 2], flat[:, 5] = 0.0, 1.0
    return np.where(sound, overlap(one, plan), 0.0) if len(plan) else np.zeros(0)


def storeys_of(thing: CityObject) -> int | None:
    """Return how many storeys an object has: those of the model, else what an attribute says."""
    table = thing.layer.features
    if STOREY in table.kinds:
        parts = with_parts(table, np.array([thing.row], np.int32))
        code = table.kinds.index(STOREY)
        return int((table.kind[parts] == code).sum()) or None
    for name in STOREYS:
        found = _whole_number(table, name, thing.row)
        if found is not None:
            return found
    return None


def _whole_number(table: FeatureTable, name: str, row: int) -> int | None:
    column = table.get(name)
    if column is None or absent(column[row : row + 1])[0]:
        return None
    try:
        return int(float(column[row]))
    except (TypeError, ValueError):
        return None


def replace_edit(twin: Twin, model: Thing, city: Thing) -> Edit:
    """Return the step that puts a model in the place of a city object. Raises UsageError."""
    if model.layer == city.layer:
        raise UsageError(reason="an object is not replaced by one of its own layer")
    new, old = twin.layer(model.layer), twin.layer(city.layer)
    for thing, layer in ((model, new), (city, old)):
        if not 0 <= thing.row < len(layer.features):
            raise UsageError(reason=f"there is no object {thing.row} in {layer.title}")
    ends = _uid(new, model.row), _uid(old, city.row)
    edits: list[Edit] = [
        SetHidden(key, with_parts(twin.layer(key).features, rows), True)
        for key, rows in _representations(twin, city).items()
    ]
    edits.append(SetRecord("links", link_key(old, city.row), Link(REPLACES, *ends, "by hand")))
    duty = _inherited(new, model.row, old, city.row)
    if duty is not None:
        edits.append(SetRecord("responsibilities", f"{REPLACES}:{ends[0]}", duty))
    return Together(tuple(edits))


def restore_edit(twin: Twin, model: Thing) -> Edit:
    """Return the step that shows again what an object replaced. Raises UsageError where it replaced nothing."""
    found = replaced(twin, model)
    if not found:
        raise UsageError(reason="this object replaces nothing")
    edits: list[Edit] = []
    for city in found:
        old = twin.layer(city.layer)
        edits += [
            SetHidden(key, with_parts(twin.layer(key).features, rows), False)
            for key, rows in _representations(twin, city).items()
        ]
        edits.append(SetRecord("links", link_key(old, city.row), None))
    duty = f"{REPLACES}:{_uid(twin.layer(model.layer), model.row)}"
    if duty in twin.records["responsibilities"]:
        edits.append(SetRecord("responsibilities", duty, None))
    return Together(tuple(edits))


def _uid(layer: Layer, row: int) -> str:
    return uid(layer.source.dataset, str(layer.features.id[row]))


def link_key(layer: Layer, row: int) -> str:
    """Return the key of the link that says by whom an object was replaced."""
    return f"{REPLACES}:{layer.id}#{layer.features.id[row]}"


def _representations(twin: Twin, city: Thing) -> dict[LayerId, Rows]:
    """Return the object in every layer of its dataset."""
    layer = twin.layer(city.layer)
    key, found = str(layer.features.id[city.row]), {city.layer: np.array([city.row], np.int32)}
    for other in twin.layers.values():
        same = other.id != city.layer and other.source.dataset == layer.source.dataset
        row = other.features.rows_by_id.get(key) if same else None
        if row is not None:
            found[other.id] = np.array([row], np.int32)
    return found


def _inherited(new: Layer, row: int, old: Layer, gone: int) -> Responsibility | None:
    """Return the duty that the custodian of the replaced object takes over; None where the model has one."""
    theirs, ours = old.assessment.custodian[gone], new.assessment.custodian[row]
    if theirs < 0 or ours >= 0:
        return None
    key = str(old.features.id[gone])
    party = old.assessment.custodians[int(theirs)]
    target = str(new.features.id[row])
    return Responsibility(party, "custodian", "object", target, source=f"{REPLACES} {key}")


def replaced(twin: Twin, model: Thing) -> list[Thing]:
    """Return the objects that a model replaces, as far as their layers are open."""
    own = _uid(twin.layer(model.layer), model.row)
    return [
        thing
        for key, link in twin.records["links"].items()
        if link.kind == REPLACES and link.first == own and (thing := _named(twin, key)) is not None
    ]


def _named(twin: Twin, key: str) -> Thing | None:
    layer, _, name = key.removeprefix(f"{REPLACES}:").partition("#")
    found = twin.layers.get(layer)
    row = found.features.rows_by_id.get(name) if found is not None else None
    return None if row is None else Thing(layer, row)


def gone_rows(twin: Twin, layer: LayerId) -> Rows:
    """Return the rows of a layer that models replace, with their parts: those are counted there."""
    rows = [
        thing.row
        for key, link in twin.records["links"].items()
        if link.kind == REPLACES
        and (thing := _named(twin, key)) is not None
        and thing.layer == layer
    ]
    table = twin.layer(layer).features
    return with_parts(table, np.array(rows, np.int32)) if rows else np.zeros(0, np.int32)
