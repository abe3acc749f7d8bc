"""What lies in a thin pyramid round a pixel: through boxes of runs of triangles, kept a tile.

The runs are made when a tile is first looked at; a pyramid meets few of them, whatever is resident.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from twin.features import Bool
from twin.geometry import F64, I32, Drawable, Instances, Mesh, Points
from twin.measuring.nearest import in_z_order
from twin.picking import Ray, around, box_entry, instance_boxes
from twin.scene import LayerId
from twin.streaming import GHOST, VISIBLE, Frame, LayerFrame, Resident

RUN = 32
MOST = 600
"""Triangles (and points) looked at; where more crowd the pyramid, it grows thinner."""
MOST_COPIES = 48
AT_ONCE = 40_000
"""The runs of a mesh with more triangles are owed: made elsewhere; until then only its triangles under the
cursor are known, so it has faces but no edges."""
Owner = NDArray[np.int64]
"""One number an object: its layer's number in the frame and its row; see ``owner_of``."""
_ROW = 40


def owner_of(layer: int, row: I32) -> Owner:
    """Return the numbers of objects; row -1 is background."""
    return np.asarray(row, np.int64) + 1 | np.int64(layer) << _ROW


def layer_and_row(owner: int) -> tuple[int, int]:
    """Return the number of the layer in the frame and the row of an object's number."""
    return owner >> _ROW, (owner & ((1 << _ROW) - 1)) - 1


@dataclass(frozen=True, slots=True)
class Near:
    """What lies in the pyramid, by kind: ``parts`` f64(n, k, 3) with k = 3 corners of triangles, 2 ends of
    strokes or 1 point; ``owner`` i64(n); ``one_sided`` bool(n): drawn only from the front."""

    parts: F64
    owner: Owner
    one_sided: Bool

    @staticmethod
    def none(corners: int) -> "Near":
        """Return nothing."""
        return Near(np.zeros((0, corners, 3)), np.zeros(0, np.int64), np.zeros(0, np.bool_))

    def only(self, chosen: NDArray[np.intp] | Bool) -> "Near":
        """Return some of them."""
        return Near(self.parts[chosen], self.owner[chosen], self.one_sided[chosen])


@dataclass(frozen=True, slots=True)
class Runs:
    """Boxes f64(k, 6) of runs of items that lie near each other, in an order i(n), and boxes of runs of
    those boxes f64(j, 6): a ray asks few of half a million."""

    order: NDArray[np.intp]
    boxes: F64
    wide: F64

    @staticmethod
    def of(low: F64, high: F64) -> "Runs":
        """Return the runs of items with boxes low, high f(n, 3)."""
        if not len(low):
            return Runs(np.zeros(0, np.intp), np.zeros((0, 6)), np.zeros((0, 6)))
        order = in_z_order((low + high) / 2)
        boxes = _grouped(np.concatenate([low[order], high[order]], axis=1).astype(np.float64))
        return Runs(order, boxes, _grouped(boxes))

    def along(self, ray: Ray, radius: float) -> NDArray[np.intp]:
        """Return the items of the runs that come within ``radius`` pixels of a ray."""
        runs = _members(np.flatnonzero(_met(self.wide, ray, radius)), len(self.boxes))
        runs = runs[_met(self.boxes[runs], ray, radius)]
        return self.order[_members(runs, len(self.order))]


def _grouped(boxes: F64) -> F64:
    """Return the boxes f64(k, 6) round every ``RUN`` of boxes f64(n, 6)."""
    starts = np.arange(0, len(boxes), RUN)
    low = np.minimum.reduceat(boxes[:, :3], starts)
    return np.concatenate([low, np.maximum.reduceat(boxes[:, 3:], starts)], axis=1)


def _members(groups: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return the members of groups of ``RUN`` among so many."""
    found = (groups[:, None] * RUN + np.arange(RUN)).ravel()
    return np.asarray(found[found < count], np.intp)


def _met(boxes: F64, ray: Ray, radius: float) -> Bool:
    return np.isfinite(box_entry(boxes, ray, slack(boxes, ray, radius)))


def slack(boxes: F64, ray: Ray, radius: float) -> F64:
    """Return by how much boxes f64(n, 6) grow so that a ray meets what is ``radius`` pixels from it."""
    far = np.maximum(np.abs(boxes[:, :3] - ray.eye), np.abs(boxes[:, 3:] - ray.eye)).sum(axis=1)
    return np.asarray(far * ray.pixel * radius + 1e-6, np.float64)


def inside(parts: F64, ray: Ray, radius: float) -> Bool:
    """Return which of parts f64(n, k, 3) reach into the pyramid of ``radius`` pixels round a ray.

    Never a false no: a part is left out only where all its corners lie beyond one of the four sides.
    """
    axes = np.stack([ray.side, ray.up, ray.direction], axis=1)
    spots = ((parts - ray.eye).reshape(-1, 3) @ axes).reshape(*parts.shape)
    ahead = spots[..., 2]
    reach = np.maximum(ahead, 0.0) * (radius * ray.pixel) + 1e-9
    right, above = spots[..., 0], spots[..., 1]
    beyond = (
        _all(right > reach) | _all(right < -reach) | _all(above > reach) | _all(above < -reach)
    )
    return ~beyond & ~_all(ahead <= 0)


def _all(flags: Bool) -> Bool:
    """Return whether all of a few flags bool(n, k) are set: column by column, which is the faster way."""
    found = flags[:, 0].copy()
    for column in range(1, flags.shape[1]):
        found &= flags[:, column]
    return found


@dataclass(frozen=True, slots=True)
class Owed:
    """A drawable, number ``index`` of a tile, whose runs are to be made."""

    key: tuple[LayerId, int]
    tile: Resident
    index: int


def runs_of(owed: Sequence[Owed]) -> tuple[Runs, ...]:
    """Return the runs of drawables: pure work, fit for a worker."""
    return tuple(Runs.of(*_boxes(one.tile.drawables[one.index])) for one in owed)


@dataclass
class Gatherer:
    """Gathers what is near a ray, of a frame; keeps the runs of the tiles it has looked at."""

    _known: dict[tuple[LayerId, int], tuple[Resident, list[Runs | None]]] = field(
        default_factory=dict
    )
    _owed: dict[tuple[LayerId, int, int], Owed | None] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Return whether runs are owed: of what lies near a ray only the part under it is known."""
        return bool(self._owed)

    def owed(self) -> tuple[Owed, ...]:
        """Return what is owed and was not told yet."""
        found = tuple(one for one in self._owed.values() if one is not None)
        self._owed = dict.fromkeys(self._owed)
        return found

    def learn(self, owed: Sequence[Owed], runs: Sequence[Runs]) -> None:
        """Take in runs that were owed."""
        for one, some in zip(owed, runs, strict=True):
            self._owed.pop((*one.key, one.index), None)
            known = self._known.get(one.key)
            if known is not None and known[0] is one.tile:
                known[1][one.index] = some

    def gather(self, frame: Frame, ray: Ray, radius: float) -> tuple[Near, Near, Near]:
        """Return triangles, strokes and points that may be seen within ``radius`` pixels of a ray."""
        found: tuple[list[Near], list[Near], list[Near]] = ([], [], [])
        self._forget(frame)
        for number, (key, part) in enumerate(frame.layers.items()):
            shift = np.array([0.0, 0.0, part.lift])
            own = replace(ray, eye=ray.eye - shift)
            for tile in _tiles_near(part, own, radius):
                for some in self._of_tile((key, tile), part, own, (number, radius)):
                    kind = 3 - some.parts.shape[1]
                    found[kind].append(replace(some, parts=some.parts + shift))
        triangles, strokes, points = (
            _thinned(_joined(some, 3 - kind), ray, radius) for kind, some in enumerate(found)
        )
        return triangles, strokes, points

    def _forget(self, frame: Frame) -> None:
        """Drop the runs of tiles that the frame does not show any more, once there are many."""
        shown = sum(len(part.tiles) for part in frame.layers.values())
        if len(self._known) > 2 * shown + 64:
            now = {(key, n) for key, part in frame.layers.items() for n in part.tiles}
            self._known = {key: runs for key, runs in self._known.items() if key in now}

    def _of_tile(
        self, key: tuple[LayerId, int], part: LayerFrame, ray: Ray, asked: tuple[int, float]
    ) -> Iterator[Near]:
        layer, radius = asked
        tile = part.tiles[key[1]]
        known = self._known.get(key)
        if known is None or known[0] is not tile:
            known = self._known[key] = (tile, [None] * len(tile.drawables))
        flags = part.state[tile.rows, 3]
        pickable = (flags & VISIBLE != 0) & (flags & GHOST == 0)
        for i, item in enumerate(tile.drawables):
            runs = known[1][i]
            if runs is not None:
                near = runs.along(_moved(ray, item), radius)
            elif isinstance(item, Mesh) and len(item.triangles) > AT_ONCE:
                self._owed.setdefault((*key, i), Owed(key, tile, i))
                near = around(item.positions, item.triangles, item.origin, ray)
            else:
                runs = known[1][i] = Runs.of(*_boxes(item))
                near = runs.along(_moved(ray, item), radius)
            if len(near):
                parts, feature = _parts(item, near, ray, radius)
                seen = _seen(feature, pickable) & inside(parts, ray, radius)
                sided = isinstance(item, Mesh) and not item.material.double_sided
                row = _rows(feature[seen], tile.rows)
                yield Near(parts[seen], owner_of(layer, row), np.full(len(row), sided))


def _seen(feature: I32, pickable: Bool) -> Bool:
    """Return which features may be met; background (-1) always may."""
    if not len(pickable):
        return feature < 0
    return np.where(feature < 0, True, pickable[feature])


def _rows(feature: I32, rows: I32) -> I32:
    return np.where(feature < 0, np.int32(-1), rows[feature]) if len(rows) else feature


def _tiles_near(part: LayerFrame, ray: Ray, radius: float) -> list[int]:
    numbers = [number for number in part.tiles if number not in part.under]
    if not numbers:
        return []
    boxes = np.stack([part.tiles[number].box for number in numbers])
    met = _met(boxes, ray, radius)
    return [number for number, hit in zip(numbers, met, strict=True) if hit]


def _moved(ray: Ray, item: Drawable) -> Ray:
    """Return the ray in the frame of the boxes of an item's runs: offsets, but of instances places."""
    return ray if isinstance(item, Instances) else replace(ray, eye=ray.eye - item.origin)


def _boxes(item: Drawable) -> tuple[F64, F64]:
    """Return the boxes of the items of a drawable, as offsets; of instances where they stand."""
    if isinstance(item, Instances):
        boxes = instance_boxes(item)
        return boxes[:, :3], boxes[:, 3:]
    if isinstance(item, Points):
        places = item.positions.astype(np.float64)
        return places, places
    index = item.triangles if isinstance(item, Mesh) else item.segments
    corners = item.positions[index]
    low, high = corners.min(axis=1), corners.max(axis=1)
    return low.astype(np.float64), high.astype(np.float64)


def _parts(
    item: Drawable, near: NDArray[np.intp], ray: Ray, radius: float
) -> tuple[F64, NDArray[np.int32]]:
    """Return the parts f64(n, k, 3) of items that may be near, and their features i32(n)."""
    if isinstance(item, Instances):
        return _copies(item, near, ray, radius)
    if isinstance(item, Points):
        return item.positions[near, None].astype(np.float64) + item.origin, item.feature[near]
    index = (item.triangles if isinstance(item, Mesh) else item.segments)[near]
    return item.positions[index].astype(np.float64) + item.origin, item.feature[index[:, 0]]


def _copies(
    item: Instances, near: NDArray[np.intp], ray: Ray, radius: float
) -> tuple[F64, NDArray[np.int32]]:
    """Return the triangles of the nearest instances that come near the ray."""
    boxes = instance_boxes(replace(item, transforms=item.transforms[near]))
    entry = box_entry(boxes, ray, slack(boxes, ray, radius))
    chosen = near[np.argsort(entry)[: min(MOST_COPIES, int(np.isfinite(entry).sum()))]]
    corners = item.mesh.positions[item.mesh.triangles].astype(np.float64) + item.mesh.origin
    moves = item.transforms[chosen]
    placed = np.einsum("kij,tcj->ktci", moves[:, :3, :3], corners)
    placed += moves[:, None, None, :3, 3]
    return placed.reshape(-1, 3, 3), np.repeat(item.feature[chosen], len(corners))


def _joined(some: list[Near], corners: int) -> Near:
    if not some:
        return Near.none(corners)
    return Near(
        np.concatenate([x.parts for x in some]),
        np.concatenate([x.owner for x in some]),
        np.concatenate([x.one_sided for x in some]),
    )


def _thinned(near: Near, ray: Ray, radius: float) -> Near:
    """Return at most ``MOST``: those of a thinner pyramid, at last the nearest to the eye."""
    for _ in range(12):
        if len(near.parts) <= MOST:
            return near
        radius /= 2
        near = near.only(inside(near.parts, ray, radius))
    depth = ((near.parts - ray.eye) @ ray.direction).min(axis=1)
    return near.only(np.argsort(depth)[:MOST])
