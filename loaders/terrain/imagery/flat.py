"""Imagery where there is no terrain: flat tiles in its own plane, divided in four until they are fine enough.

The tiles are bare; their pictures come like those of terrain (``twin.draping``).
"""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from loaders.terrain import imagery
from loaders.terrain.branches import Node, planted
from loaders.terrain.relief import Vertices, closed
from twin.features import FeatureTable, texts
from twin.geometry import F64, Mesh
from twin.imagery import SHIFT, Imagery, with_datum
from twin.observations import Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About

FORMAT = "imagery"
KIND = "Imagery"
POSTS = 9
"""Posts of a tile each way: it bends with the map."""
WIDEST = 300_000.0
"""Metres: wider tiles are not drawn, no plane map holds them."""
PIXELS = 1024
FLAT = "flat"
"""What begins the tokens of flat tiles."""


class Laid(Imagery, Protocol):
    """Imagery that says in what it counts."""

    @property
    def unit(self) -> float:
        """Return metres in a unit of its plane, about."""
        ...


@dataclass(frozen=True, slots=True)
class FlatSource:
    """Imagery at a location as a layer of its own."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        """Return the root; the rest grows. Raises OpenError."""
        return opened(self.location, self.options, feedback)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return a flat tile, or the tile with the four below it. Raises OpenError."""
        return fetched(self.location, self.options, token, feedback)


def opened(location: str, options: Options, feedback: Feedback) -> Opened:
    """Return imagery as a source of flat tiles. Raises OpenError."""
    laid: Any = imagery.READER.open(addressed(location, options), feedback)
    box = _box(laid, 0, 0, 0)
    title = location if "{" in location else Path(location).name
    tree, tokens = planted(Node(box, 1e6, f"{FLAT}-grow-0.0.0"))
    table = FeatureTable(
        id=texts([title]), kind=np.zeros(1, np.uint16), kinds=(KIND,), parent=np.full(1, -1, np.int32),
        bounds=box[None, :], name=texts([title]),
    )  # fmt: skip
    fields = {"attribution": laid.credit} if laid.credit else {}
    return Opened(
        title, About(FORMAT, "", laid.crs, "", (), fields, options=(SHIFT,)), tree, table, Observations.empty(),
        problems=laid.problems, tokens=tokens,
    )  # fmt: skip


def addressed(location: str, options: Options) -> str:
    """Return the address of imagery with what a person said of its datum."""
    said = options.values.get(SHIFT.name, SHIFT.choices[0])
    return with_datum(location, said if said != SHIFT.choices[0] else "")


def fetched(
    location: str, options: Options, token: Any, feedback: Feedback
) -> Content | Growth | None:
    """Return what a token of a flat tile stands for. Raises OpenError."""
    _, what, where = str(token).split("-")
    z, x, y = map(int, where.split("."))
    laid: Any = imagery.READER.open(addressed(location, options), feedback)
    if what == "draw":
        return Content((_mesh(_box(laid, z, x, y)),))
    box = _box(laid, z, x, y)
    below: tuple[Node, ...] = ()
    if z < deepest(laid):
        below = tuple(
            Node(
                _box(laid, z + 1, 2 * x + i, 2 * y + j),
                1e3,
                f"{FLAT}-grow-{z + 1}.{2 * x + i}.{2 * y + j}",
            )
            for j in (0, 1)
            for i in (0, 1)
        )
    wide = (box[3] - box[0]) * laid.unit > WIDEST and bool(below)
    own = Node(box, math.inf if wide else 0.0, "" if wide else f"{FLAT}-draw-{z}.{x}.{y}", below)
    tree, tokens = planted(own)
    return Growth(tree, tokens)


def deepest(laid: Laid) -> int:
    """Return the level whose tiles show every pixel of the imagery."""
    x0, y0, x1, y1 = laid.extent
    size = max(x1 - x0, y1 - y0) * laid.unit
    return int(np.clip(math.ceil(math.log2(max(size / PIXELS / laid.finest, 1.0))), 0, 24))


def _box(laid: Laid, z: int, x: int, y: int) -> F64:
    x0, y0, x1, y1 = laid.extent
    width, height = (x1 - x0) / 2**z, (y1 - y0) / 2**z
    west, south = x0 + x * width, y0 + y * height
    return np.array([west, south, 0.0, west + width, south + height, 0.0])


def _mesh(box: F64) -> Mesh:
    """Return a flat grid over a box."""
    x, y = np.meshgrid(np.linspace(box[0], box[3], POSTS), np.linspace(box[1], box[4], POSTS))
    points = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    number = np.arange(POSTS * POSTS, dtype=np.int32).reshape(POSTS, POSTS)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([b, d, c], -1)], 2).reshape(-1, 3)
    normals = np.tile(np.array([0, 0, 1], np.float32), (len(points), 1))
    none = np.zeros(0, np.int32)
    return closed(Vertices(points, normals, triangles), (none, none), 0.0)
