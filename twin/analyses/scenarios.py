"""Scenarios: the city as it might be, as an ordered list of edits; and a study with them applied.

The layers themselves are never changed: a scenario holds what would be hidden, replaced, moved or built.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from twin.analyses.massing import Block, body_of, table_of
from twin.analyses.study import Bodies, Study, StudyLayer
from twin.features import Bool, FeatureTable
from twin.geometry import F32, F64, Rows
from twin.observations import Assessment
from twin.shown import with_parts

KINDS = ("hide", "replace", "move", "block")
"""What an edit of a scenario does."""
BUILT = "scenario"
"""The layer of a study that holds the blocks of its scenario."""
Place3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ScenarioEdit:
    """One step of a scenario. ``kind`` is one of ``KINDS``; ``id`` is its own within the scenario.

    hide, replace and move name ``objects`` of a ``layer`` by id (with all their parts). replace shows
    the layer ``source`` instead, which is seen in no other scenario. move shifts by ``shift`` metres and
    turns by ``turn`` degrees counter-clockwise round the middle of the object. block stands on ``ring``
    (x, y in the project frame, not closed) from height ``base`` and is ``height`` metres high.
    """

    id: str
    kind: str
    layer: str = ""
    objects: tuple[str, ...] = ()
    source: str = ""
    shift: Place3 = (0.0, 0.0, 0.0)
    turn: float = 0.0
    ring: tuple[tuple[float, float], ...] = ()
    base: float = 0.0
    height: float = 0.0
    storeys: int = 0
    title: str = ""

    def block(self) -> Block:
        """Return the block of an edit of kind block."""
        title = self.title or self.id
        return Block(self.id, title, self.ring, self.base, self.height, self.storeys)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named variant of the city: its edits hold in their order."""

    id: str
    title: str
    edits: tuple[ScenarioEdit, ...] = ()
    note: str = ""

    def of_kind(self, kind: str) -> tuple[ScenarioEdit, ...]:
        """Return the edits of one kind."""
        return tuple(edit for edit in self.edits if edit.kind == kind)

    @property
    def sources(self) -> frozenset[str]:
        """Return the layers that stand only in this scenario: what replaces objects."""
        return frozenset(edit.source for edit in self.edits if edit.kind == "replace")

    @property
    def balance(self) -> tuple[int, int]:
        """Return how many things come (blocks, replacements) and how many objects go."""
        come = sum(edit.kind in ("block", "replace") for edit in self.edits)
        go = {(e.layer, x) for e in self.edits if e.kind in ("hide", "replace") for x in e.objects}
        return come, len(go)


def left_out(scenarios: Iterable[Scenario], chosen: Scenario | None) -> frozenset[str]:
    """Return the layers that are not there: replacements of scenarios other than the chosen one."""
    every = frozenset(key for one in scenarios for key in one.sources)
    return every - (chosen.sources if chosen is not None else frozenset())


def rows_named(table: FeatureTable, objects: Iterable[str]) -> Rows:
    """Return the rows of objects by id with all their parts; ids that the table lacks are left out."""
    known = table.rows_by_id
    rows = np.array([known[key] for key in objects if key in known], np.int32)
    return with_parts(table, rows) if len(rows) else rows


def gone(table: FeatureTable, layer: str, scenario: Scenario | None) -> Rows:
    """Return the rows of a layer that a scenario takes away: hidden or replaced."""
    edits = () if scenario is None else scenario.edits
    names = [
        x for e in edits if e.layer == layer and e.kind in ("hide", "replace") for x in e.objects
    ]
    return rows_named(table, names)


def applied(study: Study, scenario: Scenario | None) -> Study:
    """Return the study with the edits of a scenario in it; None = as it stands."""
    if scenario is None:
        return study
    found = replace(study, scenario=scenario.id)
    for edit in scenario.edits:
        found = _APPLY[edit.kind](found, edit)
    return _built(found, scenario)


def _hidden(study: Study, edit: ScenarioEdit) -> Study:
    number = study.number(edit.layer)
    if number < 0:
        return study
    layer = study.layers[number]
    rows = rows_named(layer.features, edit.objects)
    there = layer.there.copy()
    there[rows] = False
    bodies = study.bodies.only(~study.of(number, rows))
    return replace(study, layers=_with(study, number, replace(layer, there=there)), bodies=bodies)


def _moved(study: Study, edit: ScenarioEdit) -> Study:
    number = study.number(edit.layer)
    if number < 0:
        return study
    layer, bodies = study.layers[number], study.bodies
    rows = rows_named(layer.features, edit.objects)
    corners = np.unique(bodies.triangles[study.of(number, rows)])
    bounds = layer.features.bounds.copy()
    positions = bodies.positions.copy()
    middle = pivot(bounds[rows])
    if len(corners) and np.isfinite(middle).all():
        world = positions[corners].astype(np.float64) + bodies.origin
        positions[corners] = (moved(world, middle, edit) - bodies.origin).astype(np.float32)
    known = rows[np.isfinite(bounds[rows]).all(axis=1)]
    bounds[known] = moved_boxes(bounds[known], middle, edit)
    table = replace(layer.features, bounds=bounds)
    layers = _with(study, number, replace(layer, features=table))
    return replace(study, layers=layers, bodies=replace(bodies, positions=positions))


def _same(study: Study, edit: ScenarioEdit) -> Study:
    return study


_APPLY: Mapping[str, Callable[[Study, ScenarioEdit], Study]] = {
    "hide": _hidden, "replace": _hidden, "move": _moved, "block": _same,
}  # fmt: skip


def pivot(boxes: F64) -> F64:
    """Return the middle f64(3) of boxes f64(k, 6), those without geometry left out; NaN = none has any."""
    known = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(known):
        return np.full(3, np.nan)
    return np.asarray((known[:, :3].min(axis=0) + known[:, 3:].max(axis=0)) / 2)


def moved(points: F64, middle: F64, edit: ScenarioEdit) -> F64:
    """Return points f64(n, 3) turned round a middle f64(3) and shifted as an edit says."""
    cos, sin = np.cos(np.radians(edit.turn)), np.sin(np.radians(edit.turn))
    turned = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray((points - middle) @ turned.T + middle + np.asarray(edit.shift))


def moved_boxes(boxes: F64, middle: F64, edit: ScenarioEdit) -> F64:
    """Return the boxes f64(k, 6) round boxes that were moved."""
    if not len(boxes):
        return boxes
    axes = [[0, 1, 2], [3, 1, 2], [0, 4, 2], [3, 4, 2], [0, 1, 5], [3, 1, 5], [0, 4, 5], [3, 4, 5]]
    corners = moved(boxes[:, axes].reshape(-1, 3), middle, edit).reshape(-1, 8, 3)
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def _with(study: Study, number: int, layer: StudyLayer) -> tuple[StudyLayer, ...]:
    return (*study.layers[:number], layer, *study.layers[number + 1 :])


def _built(study: Study, scenario: Scenario) -> Study:
    """Return the study with a layer of the scenario's blocks."""
    blocks = [edit.block() for edit in scenario.of_kind("block")]
    if not blocks:
        return study
    table = table_of(blocks)
    there: Bool = np.ones(len(table), np.bool_)
    verdict = Assessment.unknown(len(table))
    layer = StudyLayer(BUILT, scenario.title, table, verdict, there)
    bodies = joined(study.bodies, [body_of(block) for block in blocks], len(study.layers))
    return replace(study, layers=(*study.layers, layer), bodies=bodies)


def joined(bodies: Bodies, blocks: list[tuple[F64, Rows]], number: int) -> Bodies:
    """Return bodies with blocks (corners f64(v, 3), triangles i32(t, 3)) appended as rows of a layer."""
    origin = bodies.origin if len(bodies) else blocks[0][0].mean(axis=0)
    positions: list[F32] = [bodies.positions]
    triangles: list[Rows] = [bodies.triangles]
    rows = [bodies.row]
    start = len(bodies.positions)
    for row, (corners, faces) in enumerate(blocks):
        positions.append((corners - origin).astype(np.float32))
        triangles.append((faces + start).astype(np.int32))
        rows.append(np.full(len(faces), row, np.int32))
        start += len(corners)
    row_of = np.concatenate(rows)
    own = np.full(len(row_of) - len(bodies), number, np.int16)
    return Bodies(
        origin, np.concatenate(positions), np.concatenate(triangles),
        np.concatenate([bodies.layer, own]), row_of,
    )  # fmt: skip
