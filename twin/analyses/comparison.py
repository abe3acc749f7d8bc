"""Two answers to one question, before and after, as one answer: what changed, object by object."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from twin.analyses.findings import Findings, Marks, Sheet, Values


def change_of(before: Findings, after: Findings) -> Findings:
    """Return the findings ``after`` with those ``before`` beside them.

    A sheet of objects gets, for every column of numbers with a unit, ``<column>:before`` and
    ``<column>:change``; an object that stands on one side only has no value on the other. So does a
    sheet of numbered points, for what changes there. Figures get the same endings; values of objects become their changes beside what they are after.
    """
    figures, units = _figures(before, after)
    earlier = {sheet.name: sheet for sheet in before.sheets}
    sheets = tuple(
        _sheet(earlier[one.name], one)
        if one.name in earlier and _told_apart(one) and _told_apart(earlier[one.name])
        else one
        for one in after.sheets
    )
    changes = _values(before.values, after.values)
    notes = tuple(dict.fromkeys((*before.notes, *after.notes)))
    return replace(
        after, figures=figures, units=units, sheets=sheets, values=(*after.values, *changes),
        marks=tuple(_marks(before.marks, one) for one in after.marks), notes=notes,
    )  # fmt: skip


def _marks(before: Sequence[Marks], after: Marks) -> Marks:
    """Return marks with their change as values, where the same places had a value before and any is another."""
    for one in before:
        if one.name != after.name or one.values is None or after.values is None:
            continue
        if one.places.shape == after.places.shape and np.allclose(one.places, after.places):
            change = after.values - one.values
            most = float(np.nanmax(np.abs(change), initial=0.0))
            if most > 0:
                return replace(
                    after, name=f"{after.name}:change", values=change, scale=(-most, most)
                )
    return after


def _told_apart(sheet: Sheet) -> bool:
    """Return whether the rows of a sheet are of objects, or numbered in their first column."""
    return bool(sheet.objects) or (
        not sheet.units[0] and len({row[0] for row in sheet.rows}) == len(sheet.rows)
    )


def _keys(sheet: Sheet) -> Sequence[Any]:
    return sheet.objects or [row[0] for row in sheet.rows]


def _figures(before: Findings, after: Findings) -> tuple[Mapping[str, float], Mapping[str, str]]:
    figures, units = dict(after.figures), dict(after.units)
    for name, value in after.figures.items():
        if name in before.figures:
            figures[f"{name}:before"] = before.figures[name]
            figures[f"{name}:change"] = value - before.figures[name]
            units[f"{name}:before"] = units[f"{name}:change"] = after.units.get(name, "")
    return figures, units


def _sheet(before: Sheet, after: Sheet) -> Sheet:
    """Return one table of the objects of both: those after, then those that are gone."""
    rows = dict(zip(_keys(after), after.rows, strict=True))
    old = dict(zip(_keys(before), before.rows, strict=True))
    same = [name for name in after.columns if name in before.columns]
    place = {name: after.columns.index(name) for name in after.columns}
    was = {name: before.columns.index(name) for name in same}
    told = [name for name in same if after.units[place[name]]]
    if not after.objects:  # places of points are what they were
        both = [(rows[key], old[key]) for key in rows if key in old]
        told = [x for x in told if any(new[place[x]] != then[was[x]] for new, then in both)]
    columns, units = _columns(after, told)
    objects = [*rows, *(key for key in old if key not in rows)]
    lines = []
    for key in objects:
        new, earlier = rows.get(key), old.get(key)
        line: list[Any] = []
        for name in after.columns:
            now = None if new is None else new[place[name]]
            then = earlier[was[name]] if earlier is not None and name in was else None
            if name not in told:
                line.append(then if new is None else now)
            else:
                line += [then, now, _less(now, then)]
        lines.append(tuple(line))
    return Sheet(after.name, tuple(columns), tuple(units), lines, objects if after.objects else ())


def _columns(after: Sheet, told: Sequence[str]) -> tuple[list[str], list[str]]:
    columns: list[str] = []
    units: list[str] = []
    for name, unit in zip(after.columns, after.units, strict=True):
        names = [f"{name}:before", name, f"{name}:change"] if name in told else [name]
        columns += names
        units += [unit] * len(names)
    return columns, units


def _less(now: Any, then: Any) -> float | None:
    numbers = isinstance(now, int | float) and isinstance(then, int | float)
    return round(now - then, 6) if numbers else None


def _values(before: Sequence[Values], after: Sequence[Values]) -> list[Values]:
    earlier = {(one.layer, one.name): one for one in before}
    found = []
    for one in after:
        old = earlier.get((one.layer, one.name))
        if old is None:
            continue
        known = dict(zip(old.rows.tolist(), old.numbers.tolist(), strict=True))
        then = np.array([known.get(row, np.nan) for row in one.rows.tolist()], np.float64)
        both = np.isfinite(then) & np.isfinite(one.numbers)
        if both.any():
            change = one.numbers[both] - then[both]
            found.append(Values(one.layer, f"{one.name}:change", one.rows[both], change, one.unit))
    return found
