"""What an analysis gets: the finest geometry of an area and the tables of its layers, frozen."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool, FeatureTable
from twin.geometry import F32, F64, I32, Arrays, Rows
from twin.observations import Assessment
from twin.records import Instant

GROUND = frozenset({
    "TINRelief", "ReliefFeature", "MassPointRelief", "BreaklineRelief", "RasterRelief", "Terrain"
})  # fmt: skip
"""Kinds of objects that are terrain."""


@dataclass(frozen=True)
class Bodies(Arrays):
    """Triangles in the project frame, metres: vertex = ``origin`` f64(3) + ``positions`` f32(v, 3).

    ``triangles`` i32(t, 3); ``layer`` i16(t) is the number of the study's layer and ``row`` i32(t) the
    row of its table (-1 = belongs to no object: terrain, photogrammetry).
    """

    origin: F64
    positions: F32
    triangles: I32
    layer: NDArray[np.int16]
    row: I32

    def __len__(self) -> int:
        """Return the number of triangles."""
        return len(self.triangles)

    @staticmethod
    def none() -> "Bodies":
        """Return bodies without a triangle."""
        return Bodies(
            np.zeros(3), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32),
            np.zeros(0, np.int16), np.zeros(0, np.int32),
        )  # fmt: skip

    def corners(self) -> F64:
        """Return the corners f64(t, 3, 3) in the project frame."""
        return np.asarray(self.positions[self.triangles].astype(np.float64) + self.origin)

    def box(self) -> tuple[F64, F64]:
        """Return the lowest and the highest corner f64(3) of all triangles."""
        used = self.positions[np.unique(self.triangles)].astype(np.float64) + self.origin
        return used.min(axis=0), used.max(axis=0)

    def only(self, kept: Bool) -> "Bodies":
        """Return the triangles of a mask bool(t); vertices are shared, not thinned out."""
        return Bodies(
            self.origin, self.positions, self.triangles[kept], self.layer[kept], self.row[kept]
        )


@dataclass(frozen=True, slots=True)
class StudyLayer:
    """A layer of a study: its table, its verdicts and how whole its geometry is.

    ``ground`` says that it is terrain. ``path`` and ``sha256`` name the source ('' = not known);
    ``tiles`` of the finest level were used, ``failed`` of them could not be had. Rows that are hidden,
    or do not exist at the study's instants, have no triangles and are False in ``there`` bool(n).
    """

    id: str
    title: str
    features: FeatureTable
    assessment: Assessment
    there: Bool
    ground: bool = False
    path: str = ""
    sha256: str = ""
    tiles: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Spots:
    """Points of a cloud along a line: ``at`` f64(n, 2) distance and height, metres; ``row`` i32(n) of its table.

    ``layer`` is its number in the study; ``thinned``: there were more.
    """

    layer: int
    at: F64
    row: I32
    thinned: bool = False


@dataclass(frozen=True)
class Study:
    """The city as an analysis sees it: no camera, no budget of tiles.

    ``bodies`` are those of the area with the layers' height offsets and the scenario's edits in them.
    ``lonlat`` f64(2) is the WGS 84 place of its middle, degrees (NaN = no CRS); ``north`` the direction of
    true north there, degrees clockwise from the frame's +y. ``scenario`` '' is the city as it stands.
    ``spots`` are points of clouds, for an analysis that has a corridor (``twin.analyses.spots``).
    """

    layers: tuple[StudyLayer, ...]
    bodies: Bodies
    crs: str
    vertical: str
    at: Instant
    as_of: Instant | None = None
    known_at: Instant | None = None
    lonlat: tuple[float, float] = (float("nan"), float("nan"))
    north: float = 0.0
    scenario: str = ""
    spots: tuple[Spots, ...] = ()

    @cached_property
    def on_ground(self) -> Bool:
        """Return bool(t): triangles of terrain, whether a whole layer is one or some of its objects are."""
        found = np.zeros(len(self.bodies), np.bool_)
        for number, layer in enumerate(self.layers):
            mine = self.bodies.layer == number
            if layer.ground:
                found |= mine
            elif GROUND.intersection(layer.features.kinds):
                table, some = layer.features, np.flatnonzero(mine & (self.bodies.row >= 0))
                relief = np.array([kind in GROUND for kind in table.kinds], np.bool_)[table.kind]
                found[some] = relief[self.bodies.row[some]]
        return found

    def number(self, layer: str) -> int:
        """Return the number of a layer by its id, -1 when it is not in the study."""
        return next((n for n, one in enumerate(self.layers) if one.id == layer), -1)

    def of(self, number: int, rows: Rows) -> Bool:
        """Return bool(t): the triangles of rows of a layer."""
        return np.asarray((self.bodies.layer == number) & np.isin(self.bodies.row, rows), np.bool_)
