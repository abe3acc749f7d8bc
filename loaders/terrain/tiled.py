"""Tiled terrain as a source: layer.json on a disk or a server, numbered folders, or a single tile.

A tile is found when it is first fetched: then it becomes itself, with what lies below it. Where only some
of the four tiles below exist, quarters of the tile itself stand in for the others. Keeps nothing.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from loaders._pictures import pixels
from loaders.terrain.branches import Node, planted
from loaders.terrain.facts import KIND
from loaders.terrain.grids import GEODETIC, MERCATOR, Numbering, Place
from loaders.terrain.imagery import flat
from loaders.terrain.layer import (
    PICTURES,
    Layer,
    folder_layer,
    listed_folder,
    read_layers,
)  # fmt: skip
from loaders.terrain.quantized import (
    ENCODINGS,
    Relief,
    guessed,
)  # fmt: skip
from loaders.terrain.surfaces import drawn, piece_of, quarter
from loaders.terrain.tiles import MOST_TILE, Tiles, centred, decoded, error_of, kind_of, likely
from twin.choices import Option
from twin.errors import BrokenFile, NotSupported
from twin.features import FeatureTable, texts
from twin.files import Folder, Root, open_root, read_reference
from twin.geometry import F64
from twin.maintenance.fields import Where, observe
from twin.maintenance.telling import Told
from twin.observations import ObservationList, Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About

CRS = "EPSG:4979"
"""Degrees and metres above the WGS 84 ellipsoid: what quantized meshes count in."""
MOST_ROOTS = 2048
WIDE = 12.0
"""A tile wider than this, in degrees, is not drawn where there are finer ones: no plane map holds it."""
_NAMED = re.compile(r"(?:^|[^0-9])(\d{1,2})[_-](\d{1,9})[_-](\d{1,9})(?:[^0-9]|$)")
CHOICES = (
    Option("projection", ("auto", GEODETIC, MERCATOR)),
    Option("rows", ("auto", "south", "north")),
    Option("encoding", ("auto", *ENCODINGS)),
)


class Token(NamedTuple):
    """What a tile of the tree is: itself (``draw``), what it becomes (``grow``), or a piece of an ancestor.

    ``known`` is the tile whose metadata say what lies below. It travels as a text.
    """

    what: str
    place: Place
    ancestor: Place | None = None
    known: Place | None = None

    def text(self) -> str:
        """Return it as a text that is fit for the name of a file."""
        parts = ("" if p is None else f"{p.z}.{p.x}.{p.y}" for p in self[1:])
        return "-".join((self.what, *parts))

    @staticmethod
    def of(text: Any) -> "Token | None":
        """Return the token of such a text, None of anything else."""
        if not isinstance(text, str) or not text:
            return None
        what, *rest = text.split("-")
        place, ancestor, known = (
            Place(*map(int, part.split("."))) if part else None for part in rest
        )
        return None if place is None else Token(what, place, ancestor, known)


@dataclass(frozen=True, slots=True)
class TiledSource:
    """Tiled terrain at a location."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        """Return the tree down to the first tiles; the rest grows. Raises OpenError."""
        feedback.progress(0.0, "read")
        told = Told()
        pyramid = self._pyramid(told)
        if pyramid.layers[0].kind == "picture" and not pyramid.encoding:
            return flat.opened(self.location, self.options, feedback)
        first, node = self._roots(pyramid, feedback)
        tree, tokens = planted(node)
        box = self._extent(pyramid, first)
        title = Path(self.location.rstrip("/")).name
        title = Path(self.location).parent.name if title == "layer.json" else title
        own = pyramid.layers[0]
        fields = {**(own.said or {}), "attribution": _plain(own.attribution)}
        about = About(
            "terrain", own.kind, CRS, self.options.vertical, (),
            {key: value for key, value in fields.items() if value}, options=CHOICES, ground=True,
        )  # fmt: skip
        return Opened(
            title=title or self.location, about=about, tree=tree, features=_table(title, box),
            observations=_observed(own), problems=told.problems(), tokens=tokens,
        )  # fmt: skip

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return a tile's meshes, or the tile with what lies below it. Raises OpenError."""
        if isinstance(token, str) and token.startswith(flat.FLAT):
            return flat.fetched(self.location, self.options, token, feedback)
        said = Token.of(token)
        if said is None:
            return None
        feedback.check()
        pyramid = self._pyramid(Told())
        if said.what == "grow":
            return self._grown(pyramid, said)
        relief = pyramid.read(said.ancestor or said.place)
        piece = piece_of(relief)
        if said.ancestor is not None:
            piece = quarter(piece, said.place, said.ancestor)
        error = error_of(pyramid.numbering, said.place, relief)
        skirt = min(error / 2, max(relief.high - relief.low, 10.0))
        return Content(drawn(piece, said.place, pyramid.numbering, skirt))

    # -- what there is --------------------------------------------------------------------------

    def _pyramid(self, told: Told) -> Tiles:
        """Return what lies at the location. Raises OpenError."""
        root, name = open_root(self.location)
        if name.lower().partition("?")[0].endswith(".json"):
            return Tiles(root, self._decided(read_layers(root, name)))
        if (
            not name
            and isinstance(root, Folder)
            and not (Path(self.location) / "layer.json").is_file()
        ):
            return self._folders(root, told)
        if not name:
            return Tiles(root, self._decided(read_layers(root, "layer.json")))
        return self._single(root, name, told)

    def _decided(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """Return the layers with what a person said of their numbering."""
        return tuple(replace(x, numbering=self._said(x.numbering)) for x in layers)

    def _said(self, numbering: Numbering) -> Numbering:
        values = self.options.values
        projection, rows = values.get("projection", "auto"), values.get("rows", "auto")
        return Numbering(
            numbering.projection if projection == "auto" else projection,
            numbering.from_south if rows == "auto" else rows == "south",
        )

    def _folders(self, root: Folder, told: Told) -> Tiles:
        """Return the pyramid of numbered folders; their numbering is guessed from the tiles. Raises OpenError."""
        ending, tiles = listed_folder(Path(root.location))
        z = max(tiles)
        x, y = tiles[z][len(tiles[z]) // 2]
        sample = f"{z}/{x}/{y}{ending}"
        if ending in PICTURES:
            encoding = self._encoding(root, sample)
            numbering = self._said(Numbering(MERCATOR, False))
            layer = folder_layer(root, ending, tiles, numbering, "picture")
            return Tiles(root, (layer,), encoding)
        data = read_reference(root, sample, MOST_TILE)
        kind = kind_of(data)
        relief = decoded(data, f"{root.location}/{sample}", kind, "")
        numbering = self._said(likely(relief, (z, x, y)))
        if self.options.values.get("projection", "auto") == "auto":
            told.file("terrain.numbering", projection=numbering.projection)
        return Tiles(root, (folder_layer(root, ending, tiles, numbering, kind),))

    def _encoding(self, root: Root, sample: str) -> str:
        said = self.options.values.get("encoding", "auto")
        if said != "auto":
            return said
        location = f"{root.location}/{sample}"
        return guessed(pixels(read_reference(root, sample, MOST_TILE), location))

    def _single(self, root: Root, name: str, told: Told) -> Tiles:
        """Return the pyramid of a single tile: its name, its folders or its header say where it is."""
        data = read_reference(root, name, MOST_TILE)
        location = f"{root.location}/{name}"
        kind = kind_of(data)
        relief = decoded(data, location, kind, "")
        parts = _NAMED.search(Path(name).name) or re.search(
            r"(\d{1,2})/(\d{1,9})/(\d{1,9})\.terrain", f"{root.location}/{name}".replace("\\", "/")
        )
        if parts is not None:
            z, x, y = map(int, parts.groups())
            numbering = self._said(likely(relief, (z, x, y)))
            place: Place | None = numbering.named(z, x, y)
        else:
            numbering = self._said(Numbering())
            place = centred(relief, numbering)
        if place is None:
            advice = "Name it z_x_y.terrain, or put it into folders z/x."
            raise NotSupported(location=location, what="a tile that nothing places", advice=advice)
        if not numbering.valid(place):
            reason = f"there is no tile {place.z}/{place.x}/{place.y}"
            raise BrokenFile(location=location, format="terrain tile", reason=reason)
        only = tuple(
            ((place.x, place.y, place.x, place.y),) if z == place.z else ()
            for z in range(place.z + 1)
        )
        return Tiles(root, (Layer("", (_literal(name),), kind, numbering, only),))

    # -- the tree -------------------------------------------------------------------------------

    def _roots(self, pyramid: Tiles, feedback: Feedback) -> tuple[list[Place], Node]:
        """Return the first tiles that exist and the tree down to them."""
        first: list[Place] = []
        known = any(layer.available for layer in pyramid.layers)

        def node(place: Place) -> Node | None:
            feedback.check()
            there = pyramid.has(place, None)
            if there or len(first) > MOST_ROOTS:
                first.append(place)
                box = _box(pyramid.numbering, place, (-500.0, 9000.0))
                return Node(box, 1e6, Token("grow", place).text())
            if not (known and pyramid.below(place)):
                return None
            below = tuple(x for part in place.below() if (x := node(part)) is not None)
            return _joined(below) if below else None

        parts = tuple(x for root in pyramid.numbering.roots() if (x := node(root)) is not None)
        if not parts:
            reason = "it has no tiles"
            raise BrokenFile(location=self.location, format="terrain", reason=reason)
        return first, _joined(parts) if len(parts) > 1 else parts[0]

    def _grown(self, pyramid: Tiles, token: Token) -> Growth | None:
        """Return a tile with what lies below it."""
        place = token.place
        relief = pyramid.read(place)
        known = place if "available" in relief.metadata else token.known
        there = [
            self._below(pyramid, part, known, relief, at) for at, part in enumerate(place.below())
        ]
        error = error_of(pyramid.numbering, place, relief)
        heights = relief.low - error, relief.high + error
        below: tuple[Node, ...] = ()
        if any(there):
            below = tuple(
                Node(
                    _box(pyramid.numbering, part, heights), error / 2,
                    Token(*(("grow", part, None, known) if yes else ("draw", part, place))).text(),
                )
                for part, yes in zip(place.below(), there, strict=True)
            )  # fmt: skip
        box = _box(pyramid.numbering, place, (relief.low - error, relief.high))
        if below and pyramid.numbering.width(place.z) > WIDE:
            tree, tokens = planted(Node(box, math.inf, "", below))
        else:
            own = Token("draw", place).text()
            tree, tokens = planted(Node(box, error if below else 0.0, own, below))
        return Growth(tree, tokens)

    def _below(
        self, pyramid: Tiles, part: Place, known: Place | None, relief: Relief, at: int
    ) -> bool:
        if relief.children is not None and not any(x.available for x in pyramid.layers):
            return bool(relief.children >> at & 1) and pyramid.numbering.valid(part)
        own = relief if known is not None and known.z == part.z - 1 else None
        return pyramid.has(part, known, own)

    def _extent(self, pyramid: Tiles, first: list[Place]) -> F64:
        """Return the box f64(6) of what there is, degrees and metres."""
        said = pyramid.layers[0].bounds
        boxes = np.array([pyramid.numbering.rectangle(place) for place in first])
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        if said is not None:
            low, high = np.maximum(low, said[:2]), np.minimum(high, said[2:])
        return np.array([*low, 0.0, *np.maximum(low, high), 0.0])


def _literal(name: str) -> str:
    """Return a name as a template that stands for itself."""
    return name.replace("{", "%7B")


def _box(numbering: Numbering, place: Place, heights: tuple[float, float]) -> F64:
    west, south, east, north = numbering.rectangle(place)
    return np.array([west, south, heights[0], east, north, heights[1]])


def _joined(parts: tuple[Node, ...]) -> Node:
    boxes = np.stack([part.box for part in parts])
    box = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
    return Node(box, math.inf, "", parts)


def _table(name: str, box: F64) -> FeatureTable:
    return FeatureTable(
        id=texts([name]), kind=np.zeros(1, np.uint16), kinds=(KIND,), parent=np.full(1, -1, np.int32),
        bounds=box[None, :], name=texts([name]),
    )  # fmt: skip


def _observed(layer: Layer) -> Observations:
    """Return what a layer says of currency and parties: nothing usually."""
    found = ObservationList()
    said: Mapping[str, str] = layer.said or {}
    columns = {name: texts([value]) for name, value in said.items()}
    observe(found, columns, np.array([-1], np.int32), Where("dataset", "layer.json:"))
    return found.frozen()


def _plain(attribution: str) -> str:
    """Return an attribution without its markup."""
    return " ".join(re.sub(r"<[^<>]*>", " ", attribution).split())
