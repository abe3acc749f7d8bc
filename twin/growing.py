"""Objects that arrive with their tiles: append-only growth of a layer's table and observations."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from twin.completing import Again, completed
from twin.features import Bool, FeatureTable, extended, taken
from twin.geometry import F32, F64, I32, Rows
from twin.observations import Assessment, Observations, joined, picked
from twin.streaming import Fetched


@dataclass(frozen=True, slots=True)
class Grown:
    """A table after growth, and the rows that each tile's own objects got; ``errors`` f32(n) is the
    geometric error (metres) of the content a row's bounds come from."""

    table: FeatureTable
    observations: Observations
    rows: tuple[Rows, ...]
    added: int
    errors: F32


def merge(
    table: FeatureTable,
    observations: Observations,
    known: dict[str, int],
    arrived: Sequence[tuple[Fetched, float]],
    errors: F32,
) -> Grown:
    """Return the table with the tiles' new objects appended; objects known by id keep their row.

    ``arrived`` pairs each tile with its geometric error, ``known`` (id -> row) is brought up to date.
    What a later tile says of a known object is added where nothing was said. The bounds of an object
    seen in several tiles are those of the finest, joined where equally fine.
    """
    news: list[FeatureTable] = []
    said: list[Observations] = []
    rows: list[Rows] = []
    seen: list[tuple[Rows, F64, float]] = []
    again: list[Again] = []
    size = len(table)
    for item, error in arrived:
        assert item.features is not None
        part = item.features
        fresh, numbers = _numbered(part.id.tolist(), known, size)
        rows.append(numbers)
        seen.append((numbers, part.bounds, error))
        if not fresh.all():
            again.append(_again(item, ~fresh, numbers))
        if fresh.any():
            news.append(_part(part, fresh, numbers))
            size += int(fresh.sum())
            if item.observations is not None:
                said.append(_mapped(item.observations, fresh, numbers))
    grown = extended(table, news)
    fresh_errors = np.full(size - len(errors), np.inf, np.float32)
    errors = np.concatenate([errors, fresh_errors])
    grown = _bounded(grown, seen, errors)
    added = size - len(table)
    grown, every = completed(grown, joined([observations, *said]), again)
    return Grown(grown, every, tuple(rows), added, errors)


def _numbered(ids: list[str], known: dict[str, int], size: int) -> tuple[Bool, Rows]:
    """Return which ids are new, and each one's row; new ones follow after ``size`` and become known."""
    fresh = np.array([key not in known for key in ids], np.bool_)
    numbers = np.empty(len(ids), np.int32)
    numbers[fresh] = size + np.arange(int(fresh.sum()), dtype=np.int32)
    numbers[~fresh] = [known[key] for key, new in zip(ids, fresh, strict=True) if not new]
    known.update((key, int(row)) for key, row in zip(ids, numbers, strict=True))
    return fresh, numbers


def _again(item: Fetched, known: Bool, numbers: Rows) -> Again:
    assert item.features is not None
    said = item.observations
    return Again(
        taken(item.features, known),
        numbers[known],
        None if said is None else _mapped(said, known, numbers),
    )


def _bounded(
    table: FeatureTable, seen: Sequence[tuple[Rows, F64, float]], errors: F32
) -> FeatureTable:
    """Return the table with the bounds of the finest content each object was seen in.

    ``errors`` f32(n), changed here, is the geometric error of what a row's bounds come from.
    """
    bounds = table.bounds.copy()
    for rows, boxes, error in seen:
        finer, same = error < errors[rows], error == errors[rows]
        bounds[rows[finer]] = boxes[finer]
        errors[rows[finer]] = error
        old, new = bounds[rows[same]], boxes[same]
        bounds[rows[same], :3] = np.minimum(old[:, :3], new[:, :3])
        bounds[rows[same], 3:] = np.maximum(old[:, 3:], new[:, 3:])
    return replace(table, bounds=bounds)


def _part(part: FeatureTable, keep: Bool, numbers: Rows) -> FeatureTable:
    """Return the kept rows of a small table, parents counted in the joined table."""
    parent = part.parent[keep]
    above = np.where(parent >= 0, numbers[np.maximum(parent, 0)], np.int32(-1)).astype(np.int32)
    return replace(taken(part, keep), parent=above)


def _mapped(said: Observations, keep: Bool, numbers: Rows) -> Observations:
    """Return the observations about kept rows, counted in the joined table."""
    dated = (said.row >= 0) & keep[np.maximum(said.row, 0)]
    claims = (said.party_row >= 0) & keep[np.maximum(said.party_row, 0)]
    found = picked(said, dated, claims)
    return replace(found, row=numbers[found.row], party_row=numbers[found.party_row])


def padded(assessment: Assessment, n: int) -> Assessment:
    """Return the verdict with rows that arrived since as unknown."""
    missing = n - len(assessment)
    if missing <= 0:
        return assessment
    rest = Assessment.unknown(missing)
    arrays: dict[str, Any] = {
        f.name: np.concatenate([getattr(assessment, f.name), getattr(rest, f.name)])
        for f in fields(Assessment)
        if f.name not in ("custodians", "rules", "paths")
    }
    arrays["unit"][-missing:] += len(assessment)
    return replace(assessment, **arrays)


def rows_of(fetched: Fetched, grown: Rows | None) -> I32:
    """Return i32(k): the layer's rows behind a tile's local numbers."""
    return fetched.numbers if grown is None else grown[fetched.numbers]
