"""How probably an object is out of date, and how pressing that is (MAINTENANCE.md 1.4, 3, 6)."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from twin.features import FeatureTable
from twin.geometry import F32, F64
from twin.maintenance.dates import as_texts
from twin.maintenance.hierarchy import nearest_with
from twin.maintenance.policy import CRITICALITY
from twin.maintenance.rules import Rules
from twin.observations import Assessment

DEFAULT_RATE = 0.018
"""Changes of an object in a year where its policy states no rate: ordinary fabric (MAINTENANCE.md 3, case A)."""
YEAR = 365.25
MIDDLE = CRITICALITY["MODERATE"]
PRIORITIES = {5: "critical", 4: "highImportance", 3: "mediumImportance", 2: "lowImportance", 1: "lowImportance"}  # fmt: skip
"""Criticality weight -> MI_PriorityCode of ISO 19115-2."""
MONTHS = {"default": (36, 96), "road": (48, 96), "rail": (96, 132)}
"""Months up to which a class counts as up to date, and from which as out of date (ohsome thresholds.yaml)."""
_ROADS = ("Road", "Square", "Track", "TransportSquare", "IfcRoad")
_RAILS = ("Railway", "IfcRailway")
_ASSET_CRITICALITY = "Pset_MaintenanceStrategy.AssetCriticality"


Numbers = TypeVar("Numbers", F32, F64)


def out_of_date(years: Numbers, rate: Numbers, change: Numbers) -> Numbers:
    """Return p = 1 - exp(-rate * years) * prod(1 - p_e) (MAINTENANCE.md 1.4).

    Floats (n) each: ``years`` since the effective date, ``rate`` changes per object-year (Poisson),
    ``change`` = 1 - prod(1 - p_e) over the open evidence. NaN years give NaN.
    """
    p: Numbers = 1 - np.exp(-rate * years) * (1 - change)
    return p


def priority(weight: NDArray[np.uint8], ratio: Numbers, p: Numbers) -> Numbers:
    """Return 100 * W/5 * (min(ratio/2, 1)/2 + p/2), 0..100 (MAINTENANCE.md 1.4).

    ``weight`` 5..1 for VERYHIGH..VERYLOW; ``ratio`` age over interval, NaN = has no interval.
    """
    late = np.minimum(np.fmax(ratio, 0) / 2, 1)  # fmax: NaN counts as 0
    found: Numbers = (weight * (10 * late + 10 * p)).astype(p.dtype)
    return found


def ohsome_class(up: float, middle: float, out: float) -> int:
    """Return the class of currentness 5 (best) .. 1 by shares that add up to 1 (ohsome quality API)."""
    if out >= 0.30:
        return 1
    if up >= 0.75:
        return 5
    if up >= 0.50:
        return 4
    if up + middle >= 0.75:
        return 3
    return 2 if up + middle >= 0.50 else 1


def limits(kind: str) -> tuple[float, float]:
    """Return the ages in days up to which a class is up to date, and from which it is out of date."""
    group = "road" if kind in _ROADS else "rail" if kind in _RAILS else "default"
    first, last = MONTHS[group]
    return first * YEAR / 12, last * YEAR / 12


@dataclass(frozen=True)
class Risk:
    """Per row: ``p`` f32 that it is out of date (NaN = no date), ``weight`` u8 of its criticality 1..5,
    ``priority`` f32 0..100 (NaN = no date)."""

    p: F32
    weight: NDArray[np.uint8]
    priority: F32


def risk_of(features: FeatureTable, verdict: Assessment, rules: Rules) -> Risk:
    """Return the risk of every row of a layer.

    The rate is the policy's, else DEFAULT_RATE; the weight is that of the object's own criticality, else
    of its policy's, else of the policy's severity, else MODERATE.
    """
    by_id = {policy.id: policy for policy in rules.policies}
    known = [by_id.get(name) for name in verdict.rules]
    rates = [DEFAULT_RATE if p is None or p.rate is None else p.rate for p in known]
    weights = [MIDDLE if p is None else CRITICALITY.get(p.criticality, CRITICALITY.get(p.severity, MIDDLE))
               for p in known]  # fmt: skip
    rate = np.array([*rates, DEFAULT_RATE], np.float32)[verdict.rule]
    weight = np.array([*weights, MIDDLE], np.uint8)[verdict.rule]
    own = _own_weight(features, rules)
    if own is not None:
        weight = np.where(own > 0, own, weight).astype(np.uint8)
    years = verdict.age_days.astype(np.float32) / np.float32(YEAR)
    years[verdict.age_days < 0] = np.nan
    p: F32 = out_of_date(years, rate, verdict.change)
    return Risk(p, weight, priority(weight, verdict.ratio, p))


def _own_weight(features: FeatureTable, rules: Rules) -> NDArray[np.uint8] | None:
    """Return the weight of what the object says of its criticality, 0 = nothing; None = no such column."""
    found = features.get(rules.choices.criticality_column)
    found = features.get(_ASSET_CRITICALITY) if found is None else found
    if found is None:
        return None
    said = [CRITICALITY.get((item or "").strip().upper(), 0) for item in as_texts(found).tolist()]
    codes = np.array(said, np.uint8)
    source = nearest_with(features.parent, codes > 0)
    return np.where(source >= 0, codes[np.maximum(source, 0)], 0).astype(np.uint8)
