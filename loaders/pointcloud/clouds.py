"""What a worker process knows of a file, read once and remembered: header, system, tree, colours."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.pointcloud.building import Built
from loaders.pointcloud.decoding import MOST_CHUNK, laszip, unpacked
from loaders.pointcloud.formats import Points, places, taken
from loaders.pointcloud.header import Header, broken, read_header
from loaders.pointcloud.hierarchy import NODE, Copc, Place, copc_of, first_page, grove, said_by
from loaders.pointcloud.looks import Look, look_of
from loaders.pointcloud.planting import REFINE, depths
from loaders.pointcloud.store import built_of, points_of, store_of
from loaders.pointcloud.systems import System, system_of
from loaders.pointcloud.tallying import Tally
from twin.errors import CrsError, NotReadable, TooLarge
from twin.geometry import F64
from twin.georeference import Crs, parse_crs, plane_unit
from twin.ports import Feedback, Options

_DEGREE = 111_320.0
"""Metres in a degree of latitude, about."""
_MOST_KEPT = 2


@dataclass(frozen=True)
class Cloud:
    """A file: ``metres`` f64(3) is what a coordinate counts each way, ``look`` how its points are coloured.

    Either ``copc`` and the points of its ``root``, or ``built``, the tree that was made of it, whose points
    stand in ``store`` (None: in memory). ``tally`` counts all points, of a COPC those of the root.
    """

    header: Header
    system: System
    metres: F64
    look: Look
    tally: Tally
    copc: Copc | None = None
    root: Points | None = None
    built: Built | None = None
    store: Path | None = None

    def spacing(self, level: int, below: int) -> float:
        """Return how far apart points of a COPC stand below a node, metres; 0 = as far as its own do."""
        assert self.copc is not None
        own = self.copc.spacing * float(self.metres[1])
        return own / 2.0 ** (level + below) if below else 0.0

    def spacing_at(self, tile: int) -> float:
        """Return the same for a tile of a tree that was made."""
        assert self.built is not None
        tree, below = self.built.tree, int(self.below[tile])
        return float(tree.error[tile]) / REFINE / 2.0**below if below else 0.0

    @cached_property
    def below(self) -> NDArray[np.int64]:
        """Return how many levels stand below each tile of a tree that was made."""
        assert self.built is not None
        return depths(self.built.tree.parent)

    def points(self, tile: int) -> Points:
        """Return the points of a tile of a tree that was made. Raises OpenError."""
        assert self.built is not None
        return points_of(self.store, self.built, tile)


def cloud_of(location: str, options: Options, feedback: Feedback) -> Cloud:
    """Return what is known of a file; a tree that it lacks is made. Raises OpenError, Cancelled."""
    key = _key(location, options)
    found = _KEPT.get(key)
    if found is not None and (found.store is None or found.store.is_file()):
        return found
    found = _read(location, options, feedback)
    while len(_KEPT) >= _MOST_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT[key] = found
    return found


def _key(location: str, options: Options) -> tuple[Any, ...]:
    try:
        stat = Path(location).stat()
    except OSError:
        return (location,)
    return (location, stat.st_size, stat.st_mtime_ns, str(options))


def _read(location: str, options: Options, feedback: Feedback) -> Cloud:
    header = read_header(location)
    system = system_of(header)
    crs = _crs(options.crs or system.crs)
    metres = _metres(crs, header, system)
    copc = copc_of(header)
    wanted = options.values.get("color", "auto")
    geocentric = crs.kind == "geocentric"
    if copc is not None:
        root, tally = _root(header, copc), Tally()
        tally.add(root, np.array(copc.times))
        look = look_of(wanted, tally, places(root, header), geocentric=geocentric)
        return Cloud(header, system, metres, look, tally, copc, root)
    built = built_of(header, metres, options, feedback)
    store = store_of(header, metres, options)
    seen = places(points_of(store, built, 0), header)
    look = look_of(wanted, built.tally, seen, geocentric=geocentric)
    return Cloud(header, system, metres, look, built.tally, built=built, store=store)


def _crs(name: str) -> Crs:
    try:
        return parse_crs(name)
    except CrsError:
        return Crs()


def _metres(crs: Crs, header: Header, system: System) -> F64:
    """Return the metres f64(3) of a coordinate each way."""
    if crs.kind == "geographic":
        middle = float(np.clip((header.box[1] + header.box[4]) / 2, -89.0, 89.0))
        return np.array([_DEGREE * np.cos(np.radians(middle)), _DEGREE, 1.0])
    unit = plane_unit(crs)
    return np.array([unit, unit, abs(crs.rise) * system.rise if crs else 1.0])


def _root(header: Header, copc: Copc) -> Points:
    """Return the points of the first node that has any, as a rule the root. Raises BrokenFile."""
    for token in grove(header, copc, first_page(copc), 1.0).tokens:
        if token.startswith(NODE):
            return node(header, said_by(header, token))
    raise broken(header.location, reason="its COPC hierarchy names no points")


def node(header: Header, place: Place) -> Points:
    """Return the points of a node of a COPC. Raises OpenError."""
    start, size, count = place.start, place.size, place.count
    if count > min(MOST_CHUNK, header.count):
        limit = min(MOST_CHUNK, header.count)
        raise TooLarge(
            location=header.location, what="a node of the COPC", size=count, limit=limit
        )
    try:
        with Path(header.location).open("rb") as stream:
            stream.seek(start)
            data = stream.read(size)
    except OSError as error:
        raise NotReadable(location=header.location, reason=error.strerror or str(error)) from error
    raw = unpacked(header, data, laszip(header), [(count, size)])
    return taken(raw, header)[0]


_KEPT: dict[tuple[Any, ...], Cloud] = {}
"""The files last read, oldest first; can be read again at any time."""


def forget() -> None:
    """Let go of what was read."""
    _KEPT.clear()
