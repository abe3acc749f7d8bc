"""What hours of sun at samples say: figures, tables of objects, facades and points, values and marks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.analyses.exposure import Exposure
from twin.analyses.findings import Findings, Marks, Sheet, Values
from twin.analyses.sampling import Samples
from twin.analyses.study import Study
from twin.analyses.sun_rules import Rule, Steps
from twin.geometry import F64, Rows

MOST_ROWS = 100_000
"""Rows of the sheet of single points; the marks have all of them."""


@dataclass(frozen=True)
class Answer:
    """Hours at samples by a rule. ``days`` are the counted steps; ``tile`` is the side in metres of the
    squares that samples of the ground stand for, 0 = they are points."""

    rule: Rule
    study: Study
    samples: Samples
    hours: Exposure
    days: tuple[Steps, ...]
    tile: float = 0.0

    @property
    def judged(self) -> F64:
        """Return the hours f64(n) that the rule looks at."""
        return self.hours.longest if self.rule.measure == "longest" else self.hours.total

    def findings(self, steps: int) -> Findings:
        """Return figures, sheets, marks and values; ``steps`` is how many have a sun that counts."""
        codes, rows = self._objects()
        best, mean, worst = (self._by(codes, len(rows), how) for how in ("best", "mean", "worst"))
        chosen = {"best": best, "mean": mean, "worst": worst}[self.rule.judged]
        figures, units = self._figures(chosen, steps)
        notes = self._notes(steps)
        sheets = [self._points_sheet()]
        values: tuple[Values, ...] = ()
        if len(rows):
            sheets = [
                self._objects_sheet(rows, codes, (best, mean, worst, chosen)),
                self._histogram(chosen), self._facades(), *sheets,
            ]  # fmt: skip
            values = self._values(rows, chosen)
        used = {
            self.study.layers[number].id: np.unique(rows[rows[:, 0] == number, 1]).astype(np.int32)
            for number in np.unique(rows[:, 0]).tolist()
        }
        return Findings(figures, units, tuple(sheets), self._marks(), values, used, tuple(notes))

    def _objects(self) -> tuple[Rows, Rows]:
        """Return the object's number of each sample i32(n), -1 = none, and (layer, row) i32(m, 2)."""
        known = self.samples.row >= 0
        pairs = np.stack([self.samples.layer, self.samples.row], axis=1)
        rows, inverse = np.unique(pairs[known], axis=0, return_inverse=True)
        codes = np.full(len(self.samples), -1, np.int32)
        codes[known] = inverse.reshape(-1)
        return codes, rows.astype(np.int32).reshape(-1, 2)

    def _by(self, codes: Rows, count: int, how: str) -> F64:
        return _gathered(self.judged[codes >= 0], codes[codes >= 0], count, how)

    @property
    def _possible(self) -> float:
        """Return the hours of the counted time."""
        return max((len(day.instants) * day.each for day in self.days), default=1.0)

    def _figures(self, chosen: F64, steps: int) -> tuple[Mapping[str, float], Mapping[str, str]]:
        of = chosen if len(chosen) else self.judged
        below = of < self.rule.required - 1e-9
        figures = {
            "sun_below": float(below.sum()), "sun_examined": float(len(of)), "sun_share_below": 100.0 * float(below.mean()),
            "sun_required": self.rule.required, "sun_hours_mean": float(of.mean()), "sun_hours_least": float(of.min()),
            "sun_hours_most": float(of.max()), "sun_samples": float(len(self.samples)), "sun_steps": float(steps),
            "sun_possible": self._possible,
        }  # fmt: skip
        hours = (
            "sun_required",
            "sun_hours_mean",
            "sun_hours_least",
            "sun_hours_most",
            "sun_possible",
        )
        units = {**dict.fromkeys(hours, "h"), "sun_share_below": "%"}
        return figures, units

    def _notes(self, steps: int) -> list[str]:
        notes = ["sun_refraction", "sun_level_place"]
        if not steps:
            notes.append("sun_never_counts")
        if not self.study.on_ground.any():
            notes.append("sun_no_terrain")
        if len(self.days) > 1:
            notes.append("sun_poorest_day")
        return notes

    # -- tables -------------------------------------------------------------------------------

    def _objects_sheet(self, rows: Rows, codes: Rows, told: tuple[F64, ...]) -> Sheet:
        best, mean, worst, chosen = told
        count = np.bincount(codes[codes >= 0], minlength=len(rows))
        ids, names, kinds = self._named(rows)
        lines = [
            [names[n], kinds[n], _h(chosen[n]), _h(best[n]), _h(mean[n]), _h(worst[n]),
             _h(chosen[n] - self.rule.required), int(count[n]), bool(chosen[n] >= self.rule.required - 1e-9)]
            for n in range(len(rows))
        ]  # fmt: skip
        order = np.argsort(chosen, kind="stable")
        columns = (
            "object", "kind", "sun_hours", "sun_best", "sun_mean", "sun_worst", "sun_over", "sun_samples", "sun_meets",
        )  # fmt: skip
        units = ("", "", "h", "h", "h", "h", "h", "", "")
        return Sheet(
            "sun_objects", columns, units, [lines[n] for n in order], [ids[n] for n in order]
        )

    def _named(self, rows: Rows) -> tuple[list[tuple[str, str]], list[str], list[str]]:
        ids, names, kinds = [], [], []
        for number, row in rows.tolist():
            layer = self.study.layers[number]
            table = layer.features
            key = str(table.id[row])
            said = None if table.name is None else table.name[row]
            ids.append((layer.id, key))
            names.append(str(said) if said else key)
            kinds.append(table.kinds[int(table.kind[row])])
        return ids, names, kinds

    def _histogram(self, chosen: F64) -> Sheet:
        """Return how many objects get how many hours, in classes of an hour."""
        edges = np.arange(0.0, max(np.ceil(self._possible), 1.0) + 1.0)
        count, _ = np.histogram(np.minimum(chosen, edges[-1] - 1e-9), edges)
        lines = [[float(edges[n]), float(edges[n + 1]), int(count[n])] for n in range(len(count))]
        return Sheet(
            "sun_histogram", ("sun_from", "sun_to", "sun_examined"), ("h", "h", ""), lines
        )

    def _facades(self) -> Sheet:
        """Return the hours of each facade: which way it looks, best and mean."""
        face = self.samples.face
        known = np.flatnonzero(face >= 0)
        used, first, codes = np.unique(face[known], return_index=True, return_inverse=True)
        codes = codes.reshape(-1).astype(np.int64)
        best, mean = (_gathered(self.judged[known], codes, len(used), x) for x in ("best", "mean"))
        many, at = np.bincount(codes, minlength=len(used)), known[first]
        rows = np.stack([self.samples.layer[at], self.samples.row[at]], axis=1)
        owned = np.flatnonzero(rows[:, 1] >= 0) if len(rows) else np.zeros(0, np.int64)
        _, names, _ = self._named(rows[owned].astype(np.int32))
        looks = (self.samples.bearing[at] - self.study.north) % 360.0
        lines = [
            [names[k], round(float(looks[n]), 1), _h(best[n]), _h(mean[n]), int(many[n])]
            for k, n in enumerate(owned.tolist())
        ]  # fmt: skip
        columns = ("object", "sun_looks", "sun_best", "sun_mean", "sun_samples")
        return Sheet("sun_facades", columns, ("", "°", "h", "h", ""), lines[:MOST_ROWS])

    def _points_sheet(self) -> Sheet:
        columns = ("sun_x", "sun_y", "sun_z", "sun_total", "sun_longest")
        shown = slice(0, MOST_ROWS)
        table = np.column_stack(
            [self.samples.points[shown], self.hours.total[shown], self.hours.longest[shown]]
        )
        lines = np.round(table, 3).tolist()
        return Sheet("sun_points", columns, ("m", "m", "m", "h", "h"), lines)

    def _values(self, rows: Rows, chosen: F64) -> tuple[Values, ...]:
        found = []
        for number, layer in enumerate(self.study.layers):
            mine = rows[:, 0] == number
            if mine.any():
                found.append(Values(layer.id, "sun_hours", rows[mine, 1], chosen[mine], "h"))
        return tuple(found)

    def _marks(self) -> tuple[Marks, ...]:
        """Return the samples: squares on the ground, points elsewhere."""
        scale, spots = (0.0, self._possible), self.samples.points
        if not self.tile:
            return (Marks("sun_samples", "points", spots[:, None, :], self.judged, scale, "h"),)
        half = self.tile / 2
        around = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0.0]]) * half
        corners = spots[:, None, :] + around
        squares = corners[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3, 3)
        return (Marks("sun_ground", "areas", squares, np.repeat(self.judged, 2), scale, "h"),)


def _gathered(values: F64, codes: NDArray[np.int64] | Rows, count: int, how: str) -> F64:
    """Return the best, mean or worst f64(count) of values by code."""
    if how == "mean":
        many = np.bincount(codes, minlength=count)
        return np.asarray(np.bincount(codes, values, count) / np.maximum(many, 1), np.float64)
    found = np.full(count, -np.inf if how == "best" else np.inf)
    (np.maximum if how == "best" else np.minimum).at(found, codes, values)
    return found


def _h(hours: float) -> float:
    return round(float(hours), 3) + 0.0  # no minus before a zero
