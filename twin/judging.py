"""Rules as records of the twin, and the verdict on one layer as frozen work for a thread."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from twin.edits import Edit, SetRecord, Together
from twin.geometry import Rows
from twin.maintenance.assess import assess
from twin.maintenance.dates import parse_column, zone_offsets
from twin.maintenance.memory import Memory
from twin.maintenance.responsibility import Origin
from twin.maintenance.rule_files import read_rules
from twin.maintenance.rules import CUSTODIAN_SWITCHES, Choices, Rules
from twin.observations import FLAG_TZ_ASSUMED, Assessment, Observations
from twin.ports import Feedback
from twin.records import Instant
from twin.scene import Layer, Twin

REFERENCE_FIELDS = ("reference_date", "referenceDate", "export_date", "exported")
"""Facts of ``About.fields`` that are the delivery's own dates (rule U1 compares with them)."""

Asked = tuple[Instant, Instant | None, Instant | None]
"""When the question is asked (``at``), valid time (``as_of``) and transaction time (``known_at``)."""

UNCHOSEN = Choices()
"""The switches where neither a file nor the settings chose."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a layer, and how many rows it covers."""

    assessment: Assessment
    rows: int


def judge(
    layer: Layer,
    rules: Rules,
    asked: Asked,
    earlier: tuple[Layer, ...],
    memory: Memory,
    feedback: Feedback,
) -> Judged:
    """Judge every row of a layer at the instant asked for (UTC), as the world was at valid time.

    An object that an ``earlier`` layer counts already (another representation of the dataset) has
    the verdict it has there: one object, one passport.

    ``asked`` is (at, as_of, known_at); an object that ended by then is retired by its lifespan, so
    the earlier of ``at`` and ``as_of`` is when the question is asked. ``memory`` is the layer's own.
    """
    at, as_of, _ = asked
    now = at if as_of is None else min(at, as_of)
    zone = rules.choices.time_zone
    said = memory.recall(
        "said", (layer.observations,), (zone,), lambda: in_zone(layer.observations, zone)
    )
    verdict = assess(layer.features, said, rules, now, origin_of(layer), memory)
    for other in earlier:
        there = memory.recall(
            f"there {other.id}", (layer.features, other.features), (len(other.assessment),),
            partial(_there, layer, other),
        )  # fmt: skip
        verdict = _borrowed(verdict, there, other)
    return Judged(verdict, len(layer.features))


SHARED = (
    "t_eff", "t_kind", "t_level", "confidence", "age_days", "due", "ratio", "overdue", "status",
    "suspect", "rung", "dq", "conflict", "contact_only", "change",
)  # fmt: skip


def _there(layer: Layer, other: Layer) -> tuple[Rows, Rows]:
    """Return the rows that another layer has too and that are judged there, and their rows there."""
    known = other.features.rows_by_id
    keys = layer.features.id.tolist()
    found = np.fromiter((known.get(key, -1) for key in keys), np.int32, len(keys))
    rows = np.flatnonzero((found >= 0) & (found < len(other.assessment))).astype(np.int32)
    return rows, found[rows]


def _borrowed(own: Assessment, both: tuple[Rows, Rows], other: Layer) -> Assessment:
    """Return the verdict with rows that the other layer has too as they were judged there."""
    rows, there = both
    if not len(rows):
        return own
    said = other.assessment
    changes: dict[str, Any] = {}
    for name in SHARED:
        changes[name] = getattr(own, name).copy()
        changes[name][rows] = getattr(said, name)[there]
    for name, names in (("custodian", "custodians"), ("rule", "rules"), ("path", "paths")):
        table = list(getattr(own, names))
        recode = np.array([_code(table, word) for word in getattr(said, names)] + [-1], np.int64)
        codes = getattr(own, name).copy()
        codes[rows] = recode[getattr(said, name)[there]]
        changes[name], changes[names] = codes, tuple(table)
    changes["observation"] = own.observation.copy()
    changes["observation"][rows] = -1
    return replace(own, **changes)


def _code(table: list[str], word: str) -> int:
    if word not in table:
        table.append(word)
    return table.index(word)


def in_zone(observations: Observations, zone: str) -> Observations:
    """Return observations whose times without an offset are read in an IANA zone instead of UTC.

    Raises UsageError for a zone that the system does not know.
    """
    if zone in ("", "UTC"):
        return observations
    assumed = (observations.flags & FLAG_TZ_ASSUMED) != 0
    moved = {}
    for name in ("t_lo", "t_hi"):
        times = getattr(observations, name).copy()
        at = assumed & ~np.isnat(times)
        times[at] -= zone_offsets(times[at], zone).astype("m8[ms]")
        moved[name] = times
    return replace(observations, **moved)


def origin_of(layer: Layer) -> Origin:
    """Return what is known of the whole source of a layer."""
    said = [layer.about.fields[name] for name in REFERENCE_FIELDS if name in layer.about.fields]
    dates = parse_column(said).t_lo if said else np.zeros(0, "datetime64[ms]")
    return Origin(
        source=layer.source.path,
        dataset=layer.source.dataset,
        title=layer.title,
        publisher=layer.about.fields.get("publisher", ""),
        custodian=layer.source.custodian,
        unit_kinds=layer.unit_kinds,
        references=tuple(date for date in dates if not np.isnat(date)),
    )


def rules_of(twin: Twin, default: Choices = UNCHOSEN) -> Rules:
    """Return the twin's records as one value of rules; ``default`` holds where no file chose."""
    kept = twin.records
    return Rules(
        policies=tuple(kept["policies"].values()),
        parties=tuple(kept["parties"].values()),
        responsibilities=tuple(kept["responsibilities"].values()),
        absences=tuple(kept["absences"].values()),
        evidence=tuple(kept["evidence"].values()),
        aliases=dict(kept["aliases"]),
        choices=kept["choices"].get("choices", default),
        zones=tuple(kept["zones"].values()),
    )


def with_file(rules: Rules, kind: str, path: str) -> Rules:
    """Return rules with the part that one file gives: ``policy``, ``custodians`` or ``evidence``.

    An empty path takes the part away. Raises NotFound, NotReadable, BrokenFile.
    """
    found = read_rules(**{kind: path})
    if kind == "evidence":
        return replace(rules, evidence=found.evidence)
    if kind == "policy":
        kept = {name: getattr(rules.choices, name) for name in CUSTODIAN_SWITCHES}
        choices = replace(found.choices, **kept)
        return replace(rules, policies=found.policies, zones=found.zones, choices=choices)
    read = {name: getattr(found.choices, name) for name in CUSTODIAN_SWITCHES}
    return replace(
        rules,
        parties=found.parties,
        responsibilities=found.responsibilities,
        absences=found.absences,
        aliases=found.aliases,
        choices=replace(rules.choices, **read),
    )


def rules_edit(twin: Twin, rules: Rules) -> Edit:
    """Return the edit that puts rules in the place of the twin's own."""
    wanted: dict[str, dict[str, Any]] = {
        "policies": {policy.id: policy for policy in rules.policies},
        "zones": {zone.id: zone for zone in rules.zones},
        "parties": {party.id: party for party in rules.parties},
        "responsibilities": _numbered("R", rules.responsibilities),
        "absences": _numbered("A", rules.absences),
        "evidence": {item.id: item for item in rules.evidence},
        "aliases": dict(rules.aliases),
        "choices": {"choices": rules.choices},
    }
    edits: list[Edit] = []
    for kind, records in wanted.items():
        before = twin.records[kind]
        edits += [SetRecord(kind, key, None) for key in before if key not in records]
        edits += [SetRecord(kind, k, v) for k, v in records.items() if before.get(k) != v]
    return Together(tuple(edits))


def _numbered(letter: str, records: tuple[Any, ...]) -> dict[str, Any]:
    return {f"{letter}{number:04d}": record for number, record in enumerate(records, 1)}
