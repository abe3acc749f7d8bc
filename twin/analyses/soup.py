"""Tiles taken in one by one, and the bodies that come of them: instances multiplied out, order made lasting."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twin.analyses.study import Bodies
from twin.features import Bool
from twin.geometry import F32, F64, I32, Drawable, Instances, Mesh, Rows
from twin.jobs import SILENT, Feedback


@dataclass(frozen=True)
class Piece:
    """Triangles of one drawable: ``origin`` f64(3), ``positions`` f32(v, 3), ``triangles`` i32(t, 3), ``row`` i32(t)."""

    origin: F64
    positions: F32
    triangles: I32
    row: I32

    @property
    def key(self) -> tuple[float, ...]:
        """Return what pieces are put in order by: tiles come in any order, studies must not differ."""
        first = self.positions[0].tolist() if len(self.positions) else [0.0, 0.0, 0.0]
        row = int(self.row[0]) if len(self.row) else -1
        return (*self.origin.tolist(), len(self.triangles), row, *first)


@dataclass
class Soup:
    """The surfaces of one layer. ``most`` triangles are taken; then it is ``full`` and takes no more."""

    most: int
    pieces: list[Piece] = field(default_factory=list)
    triangles: int = 0

    @property
    def full(self) -> bool:
        """Return whether there were too many triangles."""
        return self.triangles > self.most

    def add(self, drawables: tuple[Drawable, ...], rows: Rows) -> None:
        """Take in a tile whose local feature numbers stand for ``rows`` i32(k)."""
        for item in drawables:
            if self.full:
                self.pieces.clear()
                return
            if isinstance(item, Mesh) and len(item.triangles):
                row = _rows(item.feature[item.triangles[:, 0]], rows)
                self._keep(Piece(item.origin, item.positions, item.triangles, row))
            elif isinstance(item, Instances) and len(item.transforms):
                self._instances(item, rows)

    def _instances(self, item: Instances, rows: Rows) -> None:
        mesh, k = item.mesh, len(item.transforms)
        self.triangles += len(mesh.triangles) * k
        if not len(mesh.triangles) or self.full:
            return
        self.triangles -= len(mesh.triangles) * k
        local = mesh.positions.astype(np.float64) + mesh.origin
        world = np.einsum("kij,vj->kvi", item.transforms[:, :3, :3], local)
        world += item.transforms[:, None, :3, 3]
        origin = world.reshape(-1, 3).mean(axis=0)
        shift = (np.arange(k, dtype=np.int32) * len(local))[:, None, None]
        faces = (mesh.triangles[None] + shift).reshape(-1, 3)
        row = np.repeat(_rows(item.feature, rows), len(mesh.triangles))
        positions = (world.reshape(-1, 3) - origin).astype(np.float32)
        self._keep(Piece(origin, positions, faces.astype(np.int32), row))

    def _keep(self, piece: Piece) -> None:
        self.triangles += len(piece.triangles)
        self.pieces.append(piece)


def _rows(feature: I32, rows: Rows) -> I32:
    """Return the rows i32(k) behind local feature numbers; -1 = belongs to no object."""
    if not len(rows):
        return np.full(len(feature), -1, np.int32)
    known = (feature >= 0) & (feature < len(rows))
    return np.where(known, rows[np.where(known, feature, 0)], -1).astype(np.int32)


def bodies_of(
    pieces: Sequence[Sequence[Piece]],
    lifts: Sequence[float],
    there: Sequence[Bool] = (),
    feedback: Feedback = SILENT,
) -> Bodies:
    """Return the bodies of layers: their pieces, how much higher each layer stands (metres), and bool(n)
    which rows are there. Faces with corners that are no numbers are left out. Raises Cancelled."""
    parts: list[tuple[int, Piece, Bool]] = []
    for number, some in enumerate(pieces):
        for piece in sorted(some, key=lambda one: one.key):
            feedback.check()
            kept = _there(piece, there[number])
            if kept.any():
                parts.append((number, piece, kept))
    if not parts:
        return Bodies.none()
    middle = np.stack([piece.origin for _, piece, _ in parts]).mean(axis=0)
    origin: F64 = np.round(middle, 3)
    return _joined(parts, lifts, origin, feedback)


def _there(piece: Piece, there: Bool) -> Bool:
    """Return bool(t): triangles of rows that are there; what belongs to no object always is."""
    kept = np.asarray(piece.row < 0, np.bool_)
    known = (piece.row >= 0) & (piece.row < len(there))
    kept[known] = there[piece.row[known]]
    sound = np.asarray(np.isfinite(piece.positions).all(axis=1), np.bool_)
    return np.asarray(kept & sound[piece.triangles].all(axis=1), np.bool_)


def _joined(
    parts: Sequence[tuple[int, Piece, Bool]],
    lifts: Sequence[float],
    origin: F64,
    feedback: Feedback,
) -> Bodies:
    positions, triangles, layers, rows = [], [], [], []
    start = 0
    for done, (number, piece, kept) in enumerate(parts):
        feedback.check()
        feedback.progress(done / len(parts))
        shift = piece.origin - origin + np.array([0.0, 0.0, lifts[number]])
        moved = (piece.positions.astype(np.float64) + shift).astype(np.float32)
        positions.append(np.nan_to_num(moved))
        triangles.append(piece.triangles[kept] + np.int32(start))
        rows.append(piece.row[kept])
        layers.append(np.full(int(kept.sum()), number, np.int16))
        start += len(moved)
    return Bodies(
        origin, np.concatenate(positions), np.concatenate(triangles).astype(np.int32),
        np.concatenate(layers), np.concatenate(rows).astype(np.int32),
    )  # fmt: skip
