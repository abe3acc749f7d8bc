"""From the twin to its freshness report: gathered, written in every format, kept as a snapshot for the trend."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from twin.edits import Edit
from twin.errors import UsageError
from twin.judging import rules_of
from twin.maintenance.audit import Audit, Audited, Beside, report
from twin.maintenance.exports import EXPORTS, PLAIN, Export, geopackage
from twin.maintenance.exports.options import Options
from twin.maintenance.order_times import open_orders, order_times
from twin.maintenance.orders.attaching import places_of
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.rule_checks import rule_problems
from twin.maintenance.rules import Rules
from twin.maintenance.trend import day_of, snapshot
from twin.records import Instant
from twin.scene import Layer, Twin
from twin.screen import existing
from twin.store.packages import packaged
from twin.tables import PackageLayer, PackageNote

SNAPSHOTS = "snapshots"
Instants = tuple[Instant | None, Instant | None]
"""(as_of, known_at): which rows exist."""


def gathered(twin: Twin, rules: Rules, at: Instant, instants: Instants) -> Callable[[], Audit]:
    """Return frozen work that makes the report of all layers as they are now, on any thread.

    ``rules`` are those that judged, areas in the project's plane; ``at`` is when it was judged.
    """
    kept = Kept(
        rules, dict(twin.records["orders"]), dict(twin.records[SNAPSHOTS]), twin.crs, twin.title
    )
    return partial(_made, tuple(twin.layers.values()), instants, at, rules_of(twin), kept)


@dataclass(frozen=True)
class Kept:
    """What the twin keeps beside its layers, as it was when the report was asked for."""

    rules: Rules
    orders: Mapping[str, WorkOrder]
    snapshots: Mapping[str, Mapping[str, Any]]
    crs: str
    title: str


def _places(layer: Layer, orders: Iterable[WorkOrder]) -> dict[str, int]:
    """Return where the objects of orders stand in a layer now: deliveries may give them other ids."""
    mine = {x.uid: x.id for order in orders for x in order.objects if x.layer == layer.id}
    return places_of(layer, mine.keys(), mine)


def _made(
    shown: tuple[Layer, ...], instants: Instants, at: Instant, said: Rules, kept: Kept
) -> Audit:
    mine = open_orders(kept.orders.values())
    places = {x.id: _places(x, kept.orders.values()) for x in shown}
    layers = [_layer(x, kept.rules, instants, (mine.get(x.id, {}), places[x.id])) for x in shown]
    known = {layer.key: layer for layer in layers}

    def date_of(key: str, uid: str) -> Instant:
        row = places.get(key, {}).get(uid, -1)
        nothing = np.datetime64("NaT", "ms")
        return nothing if row < 0 else known[key].assessment.t_eff[row]

    evidence = {item.id: item for item in said.evidence}
    times = order_times(tuple(kept.orders.values()), evidence, date_of)
    beside = Beside(kept.rules, times, kept.snapshots, kept.crs, kept.title)
    return report(layers, at, rule_problems(said, kept.crs, at), beside)


def _layer(
    layer: Layer,
    rules: Rules,
    instants: Instants,
    ordered: tuple[Mapping[str, str], Mapping[str, int]],
) -> Audited:
    orders, rows = ordered
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
        {rows[name]: text for name, text in orders.items() if name in rows},
        layer.id,
        layer.source.dataset,
        layer.about.format,
    )


def _package(audit: Audit, options: Options) -> bytes:
    return packaged(*_in_order(audit, options))


def _in_order(
    audit: Audit, options: Options
) -> tuple[list[PackageLayer], np.datetime64, list[PackageNote]]:
    layers, notes = geopackage.layers(audit, options)
    return layers, audit.at, notes


FORMATS: Mapping[str, Export] = {**EXPORTS, "gpkg": Export("gpkg", ".gpkg", _package)}
"""Every format of the report by name."""


def written(audit: Audit, name: str, options: Options = PLAIN) -> bytes:
    """Return the audit in a format. Raises UsageError for an unknown one."""
    found = FORMATS.get(name)
    if found is None:
        raise UsageError(reason=f"there is no audit format {name!r}; known: {', '.join(FORMATS)}")
    return found.write(audit, options)


# -- snapshots ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PutSnapshot:
    """Keep (None: take away) the totals of one day for the trend."""

    day: str
    document: Mapping[str, Any] | None
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Put it; the inverse holds the one before."""
        return PutSnapshot(self.day, twin.put_record(SNAPSHOTS, self.day, self.document))

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say which day, how many units there were and by which rules."""
        return {
            "action": "snapshots.set" if self.document is not None else "snapshots.remove",
            "object": self.day,
            "before": _brief(twin.records[SNAPSHOTS].get(self.day)),
            "after": _brief(self.document),
        }


def _brief(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if document is None:
        return None
    units = document.get("totals_units", {})
    counts = {key: units.get(key) for key in ("objects", "fresh", "stale", "unknown")}
    return {**counts, "policy_sha256": document.get("policy_sha256")}


def kept_as_snapshot(audit: Audit) -> PutSnapshot:
    """Return the edit that keeps an audit's totals under its day; one of that day gives way."""
    return PutSnapshot(day_of(audit.at), snapshot(audit))


def has_month(twin: Twin, at: Instant) -> bool:
    """Return whether a snapshot of the instant's month is kept."""
    month = day_of(at)[:7]
    return any(day.startswith(month) for day in twin.records[SNAPSHOTS])
