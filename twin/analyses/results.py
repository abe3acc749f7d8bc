"""A result as it is kept: the answer, its settings and the stamp that says how far to trust it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

import numpy as np

from twin.analyses.documents import Tables, as_document, from_document
from twin.analyses.findings import Analysis, Findings
from twin.analyses.fingerprints import (
    cells_print,
    column_prints,
    object_prints,
    packed_ids,
    packed_prints,
    unpacked_ids,
)
from twin.analyses.study import Study, StudyLayer
from twin.features import FeatureTable
from twin.geometry import Rows
from twin.records import Instant

MOST_NAMED = 10_000
"""Overdue and undated objects that a stamp names; it counts all of them."""
MOST_MARKED = 100_000
"""Objects of a layer up to which each has a fingerprint; of more one knows that some changed, not how many."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a result rests on, a layer each. ``objects`` of it were used, out of ``tiles`` of which
    ``failed`` could not be had.

    ``source`` and ``hidden`` are fingerprints of the layer's source with its decisions and of what a
    person hid of it; ``cells`` that of the attributes of the used objects, whose ids are ``ids`` (packed),
    ``columns`` that of each attribute, ``marks`` those of each object (packed, see ``object_prints``).
    ``rows`` counts all objects of the layer, 0 = nobody knew how many.
    """

    layer: str
    title: str
    path: str = ""
    sha256: str = ""
    objects: int = 0
    tiles: int = 0
    failed: int = 0
    ground: bool = False
    source: str = ""
    hidden: str = ""
    cells: str = ""
    ids: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    marks: str = ""
    rows: int = 0

    @property
    def named(self) -> list[str]:
        """Return the ids of the used objects."""
        return unpacked_ids(self.ids)


@dataclass(frozen=True, slots=True)
class Stamp:
    """How far to trust a result: its inputs and how current they were when it was made.

    ``used`` counts maintained units; ``overdue`` of them were past their due date, ``undated`` have no
    date; ``late`` and ``bare`` name them as (layer id, object id). ``first`` and ``last`` are the oldest
    and the newest date of the data. ``reach`` is the box that was looked at, () = all.
    """

    inputs: tuple[Input, ...] = ()
    crs: str = ""
    vertical: str = ""
    made: Instant | None = None
    at: Instant | None = None
    as_of: Instant | None = None
    known_at: Instant | None = None
    program: str = ""
    used: int = 0
    overdue: int = 0
    undated: int = 0
    first: Instant | None = None
    last: Instant | None = None
    late: tuple[tuple[str, str], ...] = ()
    bare: tuple[tuple[str, str], ...] = ()
    reach: tuple[float, ...] = ()
    edits: str = ""
    fingerprint: str = ""
    steps: tuple[tuple[str, ...], ...] = ()
    """The edits of the scenarios: scenario, id, kind, title, how many objects, fingerprint."""

    @property
    def tiles(self) -> int:
        """Return how many tiles were used."""
        return sum(one.tiles for one in self.inputs)

    @property
    def failed(self) -> int:
        """Return how many tiles could not be had."""
        return sum(one.failed for one in self.inputs)

    @property
    def sound(self) -> bool:
        """Return whether nothing asks for a second look: all tiles, no object overdue or without a date."""
        return not (self.failed or self.overdue or self.undated)


@dataclass(frozen=True, slots=True)
class Result:
    """An answer of an analysis. ``scenario`` '' = the city as it stands; ``against`` the scenario that it
    is compared with ('-' = none); ``layers`` those asked for, () = all visible ones; ``findings`` in document form (``twin.analyses.documents``)."""

    id: str
    title: str
    analysis: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    scenario: str = ""
    against: str = "-"
    layers: tuple[str, ...] = ()
    findings: Mapping[str, Any] = field(default_factory=dict)
    stamp: Stamp = Stamp()

    def answer(self, tables: Tables) -> Findings:
        """Return the findings for the tables of layers. Raises ValueError for a damaged document."""
        return from_document(self.findings, tables)


@dataclass(frozen=True)
class Circumstances:
    """What the stamp says beside the study: prints of layers by id (source, hidden), the scenario's
    print and its edits, the program's version, when it was made. ``tables`` are those of layers all of whose
    objects are known, as they stand without the scenario."""

    prints: Mapping[str, tuple[str, str]]
    edits: str
    program: str
    made: Instant
    reach: tuple[float, ...] = ()
    steps: tuple[tuple[str, ...], ...] = ()
    tables: Mapping[str, FeatureTable] = field(default_factory=dict)


def settings_of(analysis: Analysis) -> dict[str, Any]:
    """Return the settings of an analysis as plain values."""
    return _plain(asdict(analysis)) if is_dataclass(analysis) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.datetime64):
        return str(value)
    return value.item() if isinstance(value, np.generic) else value


def result_of(
    key: str,
    title: str,
    analysis: Analysis,
    answered: tuple[Study, Findings],
    around: Circumstances,
) -> Result:
    """Return an answer as a result with its stamp. For a worker thread."""
    study, findings = answered
    settings = settings_of(analysis)
    stamp = stamp_of(study, findings, around)
    fingerprint = print_of(
        [analysis.name, settings, *(_said(x) for x in stamp.inputs), stamp.edits]
    )
    stamp = Stamp(**{**_shallow(stamp), "fingerprint": fingerprint})
    document = as_document(findings, {layer.id: layer.features for layer in study.layers})
    return Result(
        key, title, analysis.name, settings, study.scenario, findings=document, stamp=stamp
    )


def _shallow(stamp: Stamp) -> dict[str, Any]:
    return {name: getattr(stamp, name) for name in Stamp.__slots__}


def _said(one: Input) -> list[str]:
    return [one.layer, one.source, one.hidden, one.cells]


def print_of(value: Any) -> str:
    """Return the fingerprint of plain values."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stamp_of(study: Study, findings: Findings, around: Circumstances) -> Stamp:
    """Return the stamp without its fingerprint."""
    inputs: list[Input] = []
    dates: list[Any] = []
    used = overdue = undated = 0
    late: list[tuple[str, str]] = []
    bare: list[tuple[str, str]] = []
    for layer in study.layers:
        rows = np.asarray(findings.used.get(layer.id, np.zeros(0, np.int32)), np.int32)
        inputs.append(_input(layer, rows, around))
        units, past, no_date = _currency(layer, rows)
        used, overdue, undated = used + len(units), overdue + len(past), undated + len(no_date)
        late += _names(layer, past)
        bare += _names(layer, no_date)
        told = layer.assessment.t_eff[units]
        dates.append(told[~np.isnat(told)])
    every = np.concatenate(dates) if dates else np.zeros(0, "M8[ms]")
    return Stamp(
        tuple(inputs), study.crs, study.vertical, around.made, study.at, study.as_of, study.known_at,
        around.program, used, overdue, undated, every.min() if len(every) else None,
        every.max() if len(every) else None, tuple(late[:MOST_NAMED]), tuple(bare[:MOST_NAMED]),
        around.reach, around.edits, steps=around.steps,
    )  # fmt: skip


def _currency(layer: StudyLayer, rows: Rows) -> tuple[Rows, Rows, Rows]:
    """Return the maintained units of rows, those that are overdue and those without a date."""
    verdict = layer.assessment
    rows = rows[rows < len(verdict)]
    units = np.unique(verdict.unit[rows]).astype(np.int32)
    if not layer.path:
        return units[:0], units[:0], units[:0]  # what a scenario builds is no data
    return units, units[verdict.overdue[units] > 0], units[np.isnat(verdict.t_eff[units])]


def _names(layer: StudyLayer, rows: Rows) -> list[tuple[str, str]]:
    return [(layer.id, str(key)) for key in layer.features.id[rows[:MOST_NAMED]].tolist()]


def _input(layer: StudyLayer, rows: Rows, around: Circumstances) -> Input:
    source, hidden = around.prints.get(layer.id, ("", ""))
    ids = sorted(str(key) for key in layer.features.id[rows].tolist()) if layer.path else []
    whole = around.tables.get(layer.id)
    marks = (
        "" if whole is None or len(ids) > MOST_MARKED else packed_prints(object_prints(whole, ids))
    )
    return Input(
        layer.id, layer.title, layer.path, layer.sha256, len(rows), layer.tiles, layer.failed,
        layer.ground, source, hidden, cells_print(layer.features, ids), packed_ids(ids),
        column_prints(layer.features, ids), marks, 0 if whole is None else len(whole),
    )  # fmt: skip
