"""The surfaces of some objects gathered tile by tile, one piece an object and material."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.features import Bool
from twin.geometry import F64, I32, Drawable, Instances, Material, Mesh, Rows

Color = tuple[float, float, float, float]


@dataclass(frozen=True)
class Piece:
    """One material of one object: positions f64(v, 3) in the project frame, metres; triangles i32(t, 3);
    ``color`` linear RGBA 0..1, ``material`` its name."""

    key: int
    positions: F64
    triangles: I32
    color: Color
    material: str


@dataclass(frozen=True)
class Scene:
    """What is written: pieces, what names their objects (``key`` -> id, class, name), CRS and origin.

    ``origin`` f64(3) is taken off every position, so that programs with small numbers draw them well.
    """

    pieces: Sequence[Piece]
    objects: Mapping[int, Mapping[str, str]]
    crs: str
    origin: F64

    @staticmethod
    def of(pieces: Sequence[Piece], objects: Mapping[int, Mapping[str, str]], crs: str) -> "Scene":
        """Return the scene with a round origin near its middle."""
        points = [piece.positions for piece in pieces if len(piece.positions)]
        origin = np.zeros(3)
        if points:
            low = np.min([part.min(axis=0) for part in points], axis=0)
            high = np.max([part.max(axis=0) for part in points], axis=0)
            origin = np.round((low + high) / 2)
            origin[2] = np.floor(low[2])
        return Scene(pieces, objects, crs, origin)


@dataclass
class Pieces:
    """Gathers (see ``Survey``) what belongs to ``wanted`` rows; ``key`` is the row plus ``offset``."""

    wanted: Bool
    offset: int = 0
    found: list[Piece] = field(default_factory=list)

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Take what belongs to a wanted row; local feature numbers stand for ``rows`` i32(k)."""
        for item in drawables:
            if isinstance(item, Mesh):
                self._mesh(item, rows)
            elif isinstance(item, Instances):
                self._instances(item, rows)

    def _mesh(self, mesh: Mesh, rows: Rows) -> None:
        number = (
            mesh.feature[mesh.triangles[:, 0]] if len(mesh.triangles) else np.zeros(0, np.int32)
        )
        row = (
            np.where(number >= 0, rows[np.maximum(number, 0)], -1) if len(rows) else number * 0 - 1
        )
        own = (row >= 0) & self.wanted[row]
        points = mesh.positions.astype(np.float64) + mesh.origin
        for one in np.unique(row[own]).tolist():
            used, corners = np.unique(mesh.triangles[own & (row == one)], return_inverse=True)
            self._take(one, points[used], corners.reshape(-1, 3).astype(np.int32), mesh.material)

    def _instances(self, item: Instances, rows: Rows) -> None:
        mesh = item.mesh
        points = mesh.positions.astype(np.float64) + mesh.origin
        for transform, number in zip(item.transforms, item.feature.tolist(), strict=True):
            if number >= 0 and self.wanted[rows[number]]:
                moved = points @ transform[:3, :3].T + transform[:3, 3]
                faces = mesh.triangles
                if np.linalg.det(transform[:3, :3]) < 0:
                    faces = faces[:, ::-1]  # a mirror turns surfaces inside out
                self._take(int(rows[number]), moved, faces, mesh.material)

    def _take(self, row: int, points: F64, faces: I32, material: Material) -> None:
        self.found.append(
            Piece(row + self.offset, points, faces.astype(np.int32), material.color, material.name)
        )

    def pieces(self) -> list[Piece]:
        """Return what was gathered, in order of objects, one piece an object and material."""
        groups: dict[tuple[int, Color, str], list[Piece]] = {}
        for piece in self.found:
            groups.setdefault((piece.key, piece.color, piece.material), []).append(piece)
        return [_joined(groups[key]) for key in sorted(groups)]


def _joined(parts: Sequence[Piece]) -> Piece:
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part.positions) for part in parts[:-1])])
    faces = [part.triangles + start for part, start in zip(parts, starts, strict=True)]
    return replace(
        parts[0],
        positions=np.concatenate([part.positions for part in parts]),
        triangles=np.concatenate(faces).astype(np.int32),
    )
