"""The notebook bridge: selections as ``pyvista.PolyData`` with their attributes, the scene in a Plotter.

The only place that imports pyvista. Coordinates are float32 offsets from ``origin`` f64(3), which is
kept in ``field_data["origin"]``: add it to get the project frame.
"""

from collections.abc import Mapping

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from twin.errors import UsageError
from twin.features import Column
from twin.geometry import F64, Instances, Mesh, Rows
from twin.observations import STATUSES
from twin.scene import Layer, LayerId
from twin.session import Session
from twin.shown import with_parts
from twin.streaming import LayerFrame, Resident
from twin.style import FRESHNESS
from twin.tiles import View

Selected = Mapping[LayerId, Rows]


def polydata(session: Session, selected: Selected | None = None) -> pv.PolyData:
    """Return the triangles of a selection (None = what is selected, else everything visible).

    Cell data: ``row`` and ``layer`` numbers, ``id``, ``kind``, ``status``, ``age_days`` and every
    attribute that all layers of the selection know. Blocks until the finest tiles are in.
    Raises UsageError when there is nothing to show.
    """
    chosen = _chosen(session, selected)
    frame = session.settle(_overview(session), max_error=0.5)
    origin = session.twin.bounds[:3].copy()
    points: list[NDArray[np.float32]] = []
    faces: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    count = 0
    numbers = {key: i for i, key in enumerate(session.twin.layers)}
    for key, rows in chosen.items():
        wanted = np.zeros(len(session.twin.layer(key).features), np.bool_)
        wanted[rows] = True
        part = frame.layers.get(key)
        for xyz, triangles, row in _triangles(part) if part is not None else ():
            keep = (row >= 0) & wanted[np.maximum(row, 0)]
            if not keep.any():
                continue
            points.append((xyz - origin).astype(np.float32))
            faces.append(triangles[keep].astype(np.int64) + count)
            owners.append(np.stack([np.full(keep.sum(), numbers[key]), row[keep]], axis=1))
            count += len(xyz)
    if not faces:
        raise UsageError(reason="nothing of the selection has geometry that is loaded")
    mesh = _assembled(np.concatenate(points), np.concatenate(faces))
    mesh.field_data["origin"] = origin
    _describe(session, mesh, np.concatenate(owners).astype(np.int64))
    return mesh


def plotter(session: Session, selected: Selected | None = None, **options: object) -> pv.Plotter:
    """Return a Plotter with the scene in the colours of freshness; ``options`` go to the Plotter."""
    mesh = polydata(session, selected)
    colors = np.array([_rgb(FRESHNESS[name]) for name in mesh.cell_data["status"]], np.uint8)
    made = pv.Plotter(**options)
    made.add_mesh(mesh, scalars=colors, rgb=True, name="city")
    return made


def _chosen(session: Session, selected: Selected | None) -> dict[LayerId, Rows]:
    given = selected if selected is not None else session.selected
    if given:
        twin = session.twin
        return {key: with_parts(twin.layer(key).features, rows) for key, rows in given.items()}
    return {
        key: np.arange(len(layer.features), dtype=np.int32)
        for key, layer in session.twin.layers.items()
        if layer.visible
    }


def _overview(session: Session) -> View:
    """Return a camera that sees everything from above, near enough to want the finest tiles."""
    box = session.twin.bounds
    if not np.isfinite(box).all():
        raise UsageError(reason="nothing is open")
    middle = (box[:3] + box[3:]) / 2
    reach = float(np.linalg.norm(box[3:] - box[:3]))
    eye = middle + np.array([0.0, 0.0, reach + 10.0])
    down, north = np.array([0.0, 0.0, -1.0]), np.array([0.0, 1.0, 0.0])
    return View(eye, down, north, 60.0, (4096, 4096))


def _triangles(part: LayerFrame) -> list[tuple[F64, NDArray[np.int32], NDArray[np.int64]]]:
    """Return (points f64(v, 3), triangles i32(t, 3), row i64(t)) of every mesh of a layer."""
    found = []
    for tile in part.tiles.values():
        for item in tile.drawables:
            if isinstance(item, Mesh):
                xyz = item.origin + item.positions.astype(np.float64)
                found.append(
                    (xyz, item.triangles, _rows(tile, item.feature[item.triangles[:, 0]]))
                )
            elif isinstance(item, Instances):
                found += _instances(tile, item)
    return found


def _instances(
    tile: Resident, item: Instances
) -> list[tuple[F64, NDArray[np.int32], NDArray[np.int64]]]:
    base = item.mesh.origin + item.mesh.positions.astype(np.float64)
    found = []
    for matrix, feature in zip(item.transforms, item.feature, strict=True):
        xyz = base @ matrix[:3, :3].T + matrix[:3, 3]
        owner = np.full(len(item.mesh.triangles), feature, np.int32)
        found.append((xyz, item.mesh.triangles, _rows(tile, owner)))
    return found


def _rows(tile: Resident, feature: NDArray[np.int32]) -> NDArray[np.int64]:
    known = feature >= 0
    safe = np.maximum(feature, 0)
    rows = tile.rows[safe] if len(tile.rows) else np.full(len(feature), -1, np.int32)
    return np.where(known, rows, -1).astype(np.int64)


def _assembled(points: NDArray[np.float32], faces: NDArray[np.int64]) -> pv.PolyData:
    used, inverse = np.unique(faces, return_inverse=True)
    cells = np.empty((len(faces), 4), np.int64)
    cells[:, 0] = 3
    cells[:, 1:] = inverse.reshape(-1, 3)
    return pv.PolyData(points[used], faces=cells.ravel())


def _describe(session: Session, mesh: pv.PolyData, owners: NDArray[np.int64]) -> None:
    layers = list(session.twin.layers.values())
    mine = [layers[i] for i in np.unique(owners[:, 0])]
    mesh.cell_data["layer"], mesh.cell_data["row"] = owners[:, 0], owners[:, 1]
    shared = set.intersection(*(set(layer.features.names) for layer in mine))
    basic = {"id": _ids, "kind": _kinds, "status": _statuses, "age_days": _ages}
    for name, read in basic.items():
        mesh.cell_data[name] = _spread(layers, owners, read)
    for name in sorted(shared - set(basic)):
        mesh.cell_data[name] = _spread(
            layers, owners, lambda layer, column=name: _plain(layer.features.columns[column])
        )


def _spread(layers: list[Layer], owners: NDArray[np.int64], read: object) -> NDArray[np.generic]:
    pieces = []
    for number in np.unique(owners[:, 0]):
        at = np.flatnonzero(owners[:, 0] == number)
        pieces.append((at, read(layers[number])[owners[at, 1]]))  # type: ignore[operator]
    joined = np.concatenate([values for _, values in pieces])
    order = np.concatenate([at for at, _ in pieces])
    out = np.empty_like(joined)
    out[order] = joined
    return out


def _ids(layer: Layer) -> NDArray[np.generic]:
    return _plain(layer.features.id)


def _kinds(layer: Layer) -> NDArray[np.generic]:
    return np.array(layer.features.kinds)[layer.features.kind]


def _statuses(layer: Layer) -> NDArray[np.generic]:
    return np.array(STATUSES)[layer.assessment.status]


def _ages(layer: Layer) -> NDArray[np.generic]:
    return layer.assessment.age_days


def _plain(column: Column) -> NDArray[np.generic]:
    """Return a column in a type that VTK can carry: numbers, or texts of fixed width."""
    if column.dtype.kind == "T":
        return np.array(["" if value is None else str(value) for value in column])
    if column.dtype.kind == "M":
        return np.datetime_as_string(column, "D")
    return np.asarray(column)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
