"""What the city would show by other rules, before they are applied, and why an object shows what it does.

Previews are judged on a worker; nothing here changes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from twin.geometry import Rows
from twin.intake import Intake
from twin.jobs import Feedback, Work
from twin.judging import Asked, judge, origin_of
from twin.maintenance.assess import prepared
from twin.maintenance.board import Board, board_of, part_of
from twin.maintenance.districts import districts
from twin.maintenance.footings import Footings
from twin.maintenance.memory import Memory
from twin.maintenance.policy import asks_zone
from twin.maintenance.responsibility import Climb
from twin.maintenance.rules import Rules
from twin.maintenance.what_if import Difference, difference, together
from twin.maintenance.why import (
    Candidate,
    Rung,
    UnitFooting,
    keyed,
    line_of,
    why_custodian,
    why_policy,
)
from twin.maintenance.zones import Within, zones_of
from twin.records import Instant
from twin.scene import Layer, LayerId, Twin


@dataclass(frozen=True)
class Preview:
    """Counts of all layers before and after, and the units of each layer that would show another status."""

    total: Difference
    changed: Mapping[LayerId, Rows]

    @property
    def count(self) -> int:
        """Return how many units would change."""
        return sum(len(rows) for rows in self.changed.values())


def preview_work(intake: Intake, rules: Rules, asked: Asked) -> Work:
    """Return work for a worker that judges every visible layer by other rules; its value is a Preview.

    Parts of the present verdict that the rules leave alone are not made again.
    """
    layers = tuple(
        (layer, intake.memories.setdefault(key, Memory()))
        for key, layer in intake.twin.layers.items()
        if layer.visible and len(layer.assessment) == len(layer.features)
    )
    return partial(_previewed, layers, rules, asked)


def _previewed(
    layers: tuple[tuple[Layer, Memory], ...], rules: Rules, asked: Asked, feedback: Feedback
) -> Preview:
    parts, changed = [], {}
    for number, (layer, memory) in enumerate(layers):
        feedback.check()
        feedback.progress(number / len(layers))
        after = judge(layer, rules, asked, (), Memory(dict(memory.made)), feedback).assessment
        part = difference(layer.features, layer.assessment, after, layer.counted_elsewhere)
        parts.append(part)
        if len(part.changed):
            changed[layer.id] = part.changed
    return Preview(together(parts), changed)


@dataclass(frozen=True)
class Reasons:
    """Why one object has its policy (the governing one first) and its custodian (rungs as climbed)."""

    policies: tuple[Candidate, ...]
    rungs: tuple[Rung, ...]


def reasons(twin: Twin, layer: Layer, row: int, rules: Rules, now: Instant) -> Reasons:
    """Return what decides about one object. ``rules`` stand in the project's plane."""
    origin = origin_of(layer)
    line = line_of(layer.features, layer.assessment.unit, row)
    ready = prepared(rules, origin)
    within = ""
    if asks_zone(ready) and rules.zones:
        codes, names = zones_of(UnitFooting(line), rules.zones)
        within = names[codes[0]]
    climb = Climb(line.table, layer.observations, rules, origin, now)
    keys = keyed(twin.records["responsibilities"], rules.responsibilities)
    return Reasons(
        why_policy(line, ready, origin.names, rules.choices, within),
        why_custodian(line, climb, keys),
    )


def board_work(intake: Intake, rules: Rules) -> Work:
    """Return work for a worker that gathers the units of all visible layers; its value is a Board."""
    layers = tuple(
        (layer, intake.memories.setdefault(key, Memory()))
        for key, layer in intake.twin.layers.items()
        if layer.visible and len(layer.assessment) == len(layer.features)
    )
    return partial(_boarded, layers, rules)


def _boarded(layers: tuple[tuple[Layer, Memory], ...], rules: Rules, feedback: Feedback) -> Board:
    parts = []
    for layer, memory in layers:
        feedback.check()
        verdict = layer.assessment
        units = verdict.unit_rows()
        if layer.counted_elsewhere is not None:
            units = units[~layer.counted_elsewhere[units]]
        kinds = layer.features.kind.astype(np.int32), layer.features.kinds
        parts.append(part_of(layer.id, verdict, units, kinds, _districts(layer, rules, memory)))
    return board_of(parts)


def _districts(layer: Layer, rules: Rules, memory: Memory) -> Within:
    """Return the district of every row (codes, names); remembered like a part of the verdict."""
    features, unit = layer.features, layer.assessment.unit
    footings = memory.recall(
        "board footings", (features, unit), (), lambda: Footings(features, unit)
    )
    found = memory.recall(
        "districts", (footings,), (rules.zones, rules.choices.zone_column),
        lambda: districts(features, rules, footings),
    )  # fmt: skip
    footings.forget_shapes()
    return found
