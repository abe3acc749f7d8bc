"""From the twin to its freshness report: the layers as they are judged, and what is told beside them."""

from collections.abc import Mapping
from typing import Any

from twin.judging import rules_of
from twin.maintenance.audit import Audit, Audited, Beside, report
from twin.maintenance.kpis import OrderTimes
from twin.maintenance.rule_checks import rule_problems
from twin.maintenance.rules import Rules
from twin.records import Instant
from twin.scene import Layer, Twin
from twin.screen import existing


def audited(
    twin: Twin, rules: Rules, at: Instant, instants: tuple[Instant | None, Instant | None]
) -> Audit:
    """Return the report of all layers, judged by ``rules`` (areas in the project's plane) at ``at``.

    ``instants`` are (as_of, known_at): which rows exist.
    """
    layers = [_layer(layer, rules, instants) for layer in twin.layers.values()]
    snapshots: Mapping[str, Any] = twin.records.get("snapshots", {})
    beside = Beside(rules, OrderTimes.none(), dict(snapshots), twin.crs, twin.title)
    return report(layers, at, rule_problems(rules_of(twin), twin.crs, at), beside)


def _layer(layer: Layer, rules: Rules, instants: tuple[Instant | None, Instant | None]) -> Audited:
    return Audited(
        layer.title,
        layer.features,
        layer.observations,
        layer.assessment,
        layer.problems,
        layer.provisional,
        layer.counted_elsewhere,
        existing(layer, *instants),
        rules,
    )
