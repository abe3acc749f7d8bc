"""Counts, heights above ground and volumes of objects: the plainest question to the city's geometry."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.findings import Findings, Sheet, Values
from twin.analyses.ground import Ground
from twin.analyses.study import GROUND, Bodies, Study, StudyLayer
from twin.analyses.things import elements
from twin.errors import UsageError
from twin.features import Bool
from twin.geometry import F64, Rows
from twin.jobs import Feedback

FLAT = 0.01
"""Metres between lowest and highest corner below which an object has no height: a footprint."""
CLOSED = 0.02
"""Share of its area by which a body's faces may be open and still enclose a volume."""


@dataclass(frozen=True)
class Heights:
    """How many objects there are, how high they stand and what they enclose.

    ``kind`` is the class of objects ('' = all); ``lowest`` leaves out what is lower, metres.
    """

    kind: str = asked("")
    lowest: float = asked(0.0, low=0.0, high=1000.0, unit="m")

    name = "heights"
    heavy = False

    def reach(self) -> F64 | None:
        """Return None: the whole city."""
        return None

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Return counts, heights above ground and volumes. Raises UsageError where nothing has a shape."""
        if not (study.bodies.row >= 0).any():
            raise UsageError(reason="nothing here has a shape that can be measured")
        ground = Ground.of(study)
        rows: list[tuple[StudyLayer, Rows, F64]] = []
        for number, layer in enumerate(study.layers):
            feedback.check()
            feedback.progress(number / len(study.layers))
            if not layer.ground:
                rows.append((layer, *self._measured(study, number, ground)))
        return _findings([one for one in rows if len(one[1])], known=ground.known)

    def _measured(self, study: Study, number: int, ground: Ground) -> tuple[Rows, F64]:
        """Return the units of a layer with a shape and f64(k, 4): low, high, above ground, volume."""
        layer = study.layers[number]
        mine = (study.bodies.layer == number) & (study.bodies.row >= 0)
        bodies = study.bodies.only(mine)
        unit = layer.assessment.unit[bodies.row]
        low, high, volume = _sums(bodies, unit, len(layer.features))
        volume[unit[elements(layer.features, layer.assessment.unit, bodies.row)]] = np.nan
        chosen = self._chosen(layer) & np.isfinite(low)
        rows = np.flatnonzero(chosen).astype(np.int32)
        middle = _middles(bodies, unit, len(layer.features))[rows]
        foot = np.where(ground.known, ground.below(middle), np.nan)
        foot = np.where(np.isfinite(foot), foot, low[rows])
        above = high[rows] - foot
        kept = above >= self.lowest
        found = np.column_stack([low[rows], high[rows], above, volume[rows]])
        return rows[kept], found[kept]

    def _chosen(self, layer: StudyLayer) -> Bool:
        """Return bool(n): the maintained units of the kind asked for; terrain is none."""
        table = layer.features
        wanted = [
            (not self.kind or name == self.kind) and name not in GROUND for name in table.kinds
        ]
        unit = layer.assessment.unit == np.arange(len(table))
        return np.asarray(np.array(wanted or [False], np.bool_)[table.kind] & unit)


def _sums(bodies: Bodies, unit: Rows, n: int) -> tuple[F64, F64, F64]:
    """Return of each unit the lowest and highest corner, metres, and the volume, m³ (NaN = not closed).

    Volume by the divergence theorem: the sum of the signed tetrahedra between the faces and a point.
    """
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    corners = bodies.positions[bodies.triangles].astype(np.float64)
    z = corners[:, :, 2] + bodies.origin[2]
    np.minimum.at(low, unit, z.min(axis=1))
    np.maximum.at(high, unit, z.max(axis=1))
    middle = _middles(bodies, unit, n)[unit] - bodies.origin
    a, b, c = (corners[:, k] - middle for k in range(3))
    volume = np.bincount(unit, np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0, n)
    normal = np.cross(b - a, c - a) / 2.0
    area = np.bincount(unit, np.linalg.norm(normal, axis=1), n)
    gap = np.linalg.norm([np.bincount(unit, normal[:, k], n) for k in range(3)], axis=0)
    closed = (area > 0.0) & (gap <= CLOSED * area)
    return np.where(np.isfinite(low), low, np.nan), high, np.where(closed, np.abs(volume), np.nan)


def _middles(bodies: Bodies, unit: Rows, n: int) -> F64:
    """Return f64(n, 3) the mean of the corners of each unit, NaN where it has none."""
    corners = bodies.positions[bodies.triangles].astype(np.float64).mean(axis=1) + bodies.origin
    count = np.bincount(unit, minlength=n).astype(np.float64)
    sums = np.column_stack([np.bincount(unit, corners[:, k], n) for k in range(3)])
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.where(count, count, np.nan)[:, None])


def _findings(rows: list[tuple[StudyLayer, Rows, F64]], *, known: bool) -> Findings:
    every = np.concatenate([found for _, _, found in rows]) if rows else np.zeros((0, 4))
    lines, objects, values = [], [], []
    for layer, units, found in rows:
        for row, (low, high, above, volume) in zip(units.tolist(), found.tolist(), strict=True):
            key = str(layer.features.id[row])
            name = None if layer.features.name is None else layer.features.name[row]
            kind = layer.features.kinds[int(layer.features.kind[row])]
            closed = round(volume, 2) if volume == volume else None
            lines.append(
                (str(name or key), kind, round(low, 2), round(high, 2), round(above, 2), closed)
            )
            objects.append((layer.id, key))
        values.append(Values(layer.id, "above", units, found[:, 2], "m"))
    columns = ("object", "kind", "low", "high", "above", "volume")
    sheet = Sheet("objects", columns, ("", "", "m", "m", "m", "m³"), lines, objects)
    enclosed = every[:, 3][np.isfinite(every[:, 3])]
    flat = int((every[:, 1] - every[:, 0] < FLAT).sum())
    figures = {
        "objects": float(len(every)), "highest": float(every[:, 2].max(initial=0.0)),
        "mean": float(every[:, 2].mean()) if len(every) else 0.0, "volume": float(enclosed.sum()),
        "open": float(len(every) - len(enclosed)), "flat": float(flat),
    }  # fmt: skip
    return Findings(
        figures, {"highest": "m", "mean": "m", "volume": "m³"}, (sheet,), (), tuple(values),
        {layer.id: units for layer, units, _ in rows},
        (*(() if known else ("no_ground",)), *(("flat",) if flat else ())),
    )  # fmt: skip
