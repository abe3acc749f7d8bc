"""Heights of buildings: base, eaves, ridge, above the datum and above the ground."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.findings import Findings, Sheet
from twin.analyses.grounding import Ground
from twin.analyses.sighting import doubled_normals
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.features import Bool
from twin.geometry import F64, Rows
from twin.jobs import SILENT, Feedback

FOOT = 0.5
"""Metres over its lowest point up to which corners of a building are its base."""
FLAT, STEEP = 0.985, 0.05
"""Upward part of a unit normal: above the first a roof is flat (10 degrees), below the second a wall."""
GROUNDS = ("lowest", "mean")
COLUMNS = (
    "object",
    "kind",
    "layer",
    "base",
    "eaves",
    "ridge",
    "ground",
    "above_ground",
    "eaves_above_ground",
)


@dataclass(frozen=True)
class Heights:
    """Heights of buildings, metres: ``numbers`` i32(k) of things, base, eaves (NaN = none can be told),
    ridge and ground f64(k)."""

    numbers: Rows
    base: F64
    eaves: F64
    ridge: F64
    ground: F64

    @property
    def above(self) -> F64:
        """Return the height f64(k) of the highest point above the ground."""
        return self.ridge - self.ground


def heights_of(
    things: Things, ground: Ground, from_ground: str = "lowest", feedback: Feedback = SILENT
) -> Heights:
    """Return the heights of all buildings of a study.

    Base and ridge are the lowest and the highest corner, eaves the lowest corner of pitched roof (10 to
    87 degrees) over the base. The ground is terrain at the corners of the base, the lowest of them or
    their mean; without terrain the base itself. Raises Cancelled.
    """
    numbers, triangles = things.groups(things.buildings & ~things.meshes)
    corners = things.study.bodies.corners()
    base, ridge = things.boxes[numbers, 2], things.boxes[numbers, 5]
    eaves = np.full(len(numbers), np.nan)
    feet, owner = [], []
    for place, mine in enumerate(triangles):
        if not place % 256:
            feedback.check()
            feedback.progress(place / max(len(triangles), 1))
        shape = corners[mine]
        eaves[place] = eaves_of(shape, float(base[place]))
        low = shape.reshape(-1, 3)
        low = low[low[:, 2] <= base[place] + FOOT]
        feet.append(low)
        owner.append(np.full(len(low), place))
    level = _under(ground, feet, owner, base, from_ground)
    return Heights(numbers, base, eaves, ridge, level)


def eaves_of(corners: F64, base: float) -> float:
    """Return the lowest height of pitched roof of triangles f64(t, 3, 3); NaN without any."""
    normal = doubled_normals(corners)
    size = np.linalg.norm(normal, axis=1)
    up = np.abs(normal[:, 2]) / np.maximum(size, 1e-30)
    roof = (size > 0) & (up > STEEP) & (up < FLAT) & (corners[:, :, 2].mean(axis=1) > base + 1.0)
    return float(corners[roof][:, :, 2].min()) if roof.any() else float("nan")


def _under(
    ground: Ground, feet: list[F64], owner: list[np.ndarray], base: F64, from_ground: str
) -> F64:
    """Return the height f64(k) of the ground under the feet of buildings."""
    if ground.kind != "terrain" or not feet:
        return base.copy()
    height = ground.heights(np.concatenate(feet))
    whose = np.concatenate(owner)
    known = ~np.isnan(height)
    height, whose = height[known], whose[known]
    if from_ground == "mean":
        count = np.bincount(whose, minlength=len(base))
        total = np.bincount(whose, height, len(base))
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), base))
    lowest = np.full(len(base), np.inf)
    np.minimum.at(lowest, whose, height)
    return np.where(np.isfinite(lowest), lowest, base)


@dataclass(frozen=True)
class BuildingHeights:
    """How high are buildings, above the datum and above the ground?

    ``from_ground``: from the lowest or the mean ground along the building's base.
    """

    from_ground: str = asked("lowest", choices=GROUNDS)

    name = "building_heights"

    def reach(self) -> None:
        """Need everything."""
        return

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        if self.from_ground not in GROUNDS:
            raise UsageError(reason=f"{self.from_ground!r} is none of {', '.join(GROUNDS)}")
        things, ground = Things(study), Ground(study)
        found = heights_of(things, ground, self.from_ground, feedback)
        if not len(found.numbers):
            return Findings({"objects": 0.0}, notes=(things.nothing,))
        notes = {"own_base": ground.kind != "terrain", "eaves_derived": _known(found.eaves).any(),
                 "flat_objects": bool((found.ridge - found.base < 0.01).any()),
                 "no_datum": not study.vertical}  # fmt: skip
        above = found.above
        return Findings(
            {"objects": float(len(above)), "buildings": float(things.named_buildings[found.numbers].sum()), "highest": float(above.max()), "mean": float(above.mean()),
             "median": float(np.median(above)), "highest_datum": float(found.ridge.max())},
            dict.fromkeys(("highest", "mean", "median", "highest_datum"), "m"),
            (_sheet(study, things, found),),
            values=things.values("above_ground", found.numbers, above, "m"),
            used=things.used(found.numbers),
            notes=tuple(note for note, wanted in notes.items() if wanted),
        )  # fmt: skip


def _known(values: F64) -> Bool:
    return np.isfinite(values)


def _sheet(study: Study, things: Things, found: Heights) -> Sheet:
    order = np.argsort(-found.above, kind="stable").tolist()
    numbers = found.numbers.tolist()
    rows = []
    for n in order:
        eaves = float(found.eaves[n])
        told = None if np.isnan(eaves) else eaves
        ground = float(found.ground[n])
        rows.append(
            (
                things.title(numbers[n]), things.kind(numbers[n]), study.layers[int(things.layer[numbers[n]])].title,
                float(found.base[n]), told, float(found.ridge[n]), ground, float(found.above[n]),
                None if told is None else told - ground,
            )
        )  # fmt: skip
    keys = [things.key(numbers[n]) for n in order]
    return Sheet("buildings", COLUMNS, ("", "", "", *["m"] * 6), rows, keys)
