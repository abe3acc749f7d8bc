"""What metadata say of a source's upkeep: per policy its frequency, next date, units and custodians."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.geometry import F64, Rows
from twin.georeference import parse_crs
from twin.georeference.frames import to_lonlat
from twin.maintenance.audited import RETIRED, Audited
from twin.maintenance.intervals import Duration, Frequency, eu_code, read_frequency
from twin.records import Instant, Party, Policy

MOST = 8
"""Custodians that one document names: those of most units."""


@dataclass(frozen=True)
class Upkeep:
    """How one policy keeps a source: ``duration`` None = no interval; ``rows`` are its units (not retired).

    ``next_update`` is their earliest due date, None = none has one; ``custodians`` of most units first.
    """

    policy: Policy
    frequency: Frequency
    duration: Duration | None
    rows: Rows
    next_update: Instant | None
    custodians: tuple[Party, ...]

    @property
    def eu(self) -> str:
        """Return the frequency in the list of the EU."""
        return eu_code(self.frequency, self.duration)


def upkeep_of(layer: Audited) -> list[Upkeep]:
    """Return the policies that govern units of a layer, most units first; no policy, no entry."""
    a = layer.assessment
    policies = {policy.id: policy for policy in layer.rules.policies}
    units = layer.counted() & (a.unit == np.arange(len(a))) & (a.status != RETIRED)
    found = []
    for code, name in enumerate(a.rules):
        rows = np.flatnonzero(units & (a.rule == code)).astype(np.int32)
        if not len(rows) or name not in policies:
            continue
        policy = policies[name]
        frequency, duration = read_frequency(policy.frequency, policy.duration)
        due = a.due[rows]
        due = due[~np.isnat(due)]
        first = due.min() if len(due) else None
        people = _custodians(layer, rows)
        found.append(Upkeep(policy, frequency, duration, rows, first, people))
    return sorted(found, key=lambda item: (-len(item.rows), item.policy.id))


def _custodians(layer: Audited, rows: Rows) -> tuple[Party, ...]:
    a = layer.assessment
    by_name = {party.name or party.id: party for party in layer.rules.parties}
    codes = a.custodian[rows]
    counts = np.bincount(codes[codes >= 0], minlength=len(a.custodians))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda c: (-counts[c], a.custodians[c]))
    names = [a.custodians[code] for code in order[:MOST]]
    return tuple(by_name.get(name, Party(name, name)) for name in names)


def public_name(party: Party) -> str:
    """Return how published metadata name a party: a person by position, else by id, never by name."""
    return (party.name or party.id) if party.organisation else (party.position or party.id)


def lonlat_box(layers: Sequence[Audited], crs: str) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) in degrees of the objects; None without a place on Earth."""
    boxes = [box for layer in layers if np.isfinite(box := layer.features.box).all()]
    if not boxes or not crs:
        return None
    stack = np.array(boxes)
    low, high = stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)
    corners: F64 = np.array([[x, y, low[2]] for x in (low[0], high[0]) for y in (low[1], high[1])])
    found = to_lonlat(parse_crs(crs), corners)
    if not np.isfinite(found[:, :2]).all():
        return None
    west, south = found[:, :2].min(axis=0).tolist()
    east, north = found[:, :2].max(axis=0).tolist()
    return round(west, 7), round(south, 7), round(east, 7), round(north, 7)
