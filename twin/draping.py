"""Imagery draped on tiles: a picture for each tile's plan, and where on it every vertex lies.

A tile's picture is asked for at places of the project frame, so imagery of any system and tiling fits any
terrain. Pictures are kept beside the tile cache. Files that C code reads are read in a worker process.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from twin import cache
from twin.dividing import Part, cut, divided, meshes, plan_of, quarters
from twin.errors import CrsError, OpenError, WorkerCrashed
from twin.features import Bool
from twin.geometry import F32, F64, U8, Image, Material, Mesh
from twin.georeference import Placed, Standing, problem
from twin.georeference.frames import plane
from twin.imagery import SHIFT, Imagery, datum_of, reader, with_datum
from twin.jobs import Outcome
from twin.opening import Cached
from twin.ports import Content, Feedback, Growth, Lane, Opened
from twin.problems import Problem
from twin.records import SourceRef
from twin.tiles import TileTree

FLAT = "imagery"
"""Format of layers that are pictures themselves."""
LARGEST = 1024
"""Pixels of a tile's picture each way, at most."""
LEAST = 16
STEPS = 16
"""Places of a picture are exact at so many steps each way, and straight between."""
COARSER = 1.5
"""A picture is fine enough when its pixels are this many times as coarse as those of the imagery, or finer."""
ALLOWED = 16.0
"""Pixels of error at which a tile is refined: its picture is then about as fine as the screen."""
BARE = (0.44, 0.45, 0.38)
"""Linear colour of the ground where there is no picture."""
SHADE = 0.82
"""How bright level ground is drawn: bare terrain is shaded as relief, pictures are not."""


GROWING = ("more", "grow", "flat-grow")
"""What begins the tokens of tiles that become more tree: they have nothing to drape themselves."""


def grows(token: Any) -> bool:
    """Return whether a token of terrain stands for more tree."""
    return not token or (isinstance(token, str) and token.startswith(GROWING))


@dataclass(frozen=True, slots=True)
class Draping:
    """What drapes ``imagery`` (opened) on tiles that stand in the plane of ``crs``.

    ``folder`` keeps pictures; ``here`` says whether missing ones may be made in this process.
    """

    imagery: Imagery
    crs: str
    folder: str
    here: bool = True

    def asked(self, token: Any) -> Any:
        """Return the token of the source's tile that a token is a piece of, else the token itself."""
        part = Part.of(token)
        return token if part is None else part.base

    def __call__(self, found: Content | Growth, name: str, feedback: Feedback) -> Content | Growth:
        """Return the tile with its picture, a tree with errors that ask for pictures fine enough."""
        if isinstance(found, Growth):
            tree, tokens = self.refined(found.tree, found.tokens)
            return replace(found, tree=tree, tokens=tokens)
        drawn, part = meshes(found.drawables), Part.of(name)
        if part is not None and part.grows and drawn:
            return quarters(part, drawn, self._wanted)
        if part is not None and drawn:
            drawn = cut(drawn, part, *plan_of(drawn))
            found = replace(found, drawables=tuple(drawn))
        if not drawn:
            return found
        low, high = plan_of(drawn)
        try:
            picture = self._picture(name, low, high, feedback)
        except OpenError as error:
            if not self.here:
                raise
            said = Problem(error.full_code, str(error), name, dict(error.params))
            return replace(found, problems=(*found.problems, said))
        if picture is None:  # a worker was to make and keep it first, and could not
            said = problem("imagery.unread", place=name)
            return replace(found, problems=(*found.problems, said))
        if picture.pixels is not None and picture.pixels.shape[:2] == (1, 1):
            return found  # the imagery does not come so far: bare relief
        items = tuple(
            _dressed(item, picture, low, high) if isinstance(item, Mesh) else item
            for item in found.drawables
        )
        credits = (*found.credits, self.imagery.credit) if self.imagery.credit else found.credits
        return replace(found, drawables=items, credits=credits)

    def _wanted(self, boxes: F64) -> F64:
        """Return the errors f64(n) of boxes f64(n, 6) whose pictures are coarser than the imagery there, else 0."""
        texel = (boxes[:, 3:5] - boxes[:, :2]).max(axis=1, initial=0.0) / LARGEST
        coarse = np.flatnonzero(texel > COARSER * self.imagery.finest)
        found = np.zeros(len(boxes))
        found[coarse] = np.where(self._covers(boxes[coarse]), ALLOWED * texel[coarse], 0.0)
        return found

    def _covers(self, boxes: F64) -> Bool:
        """Return bool(n): the imagery may cover something of the plan of boxes f64(n, 6)."""
        share = np.stack(np.meshgrid(*(np.linspace(0, 1, 3),) * 2), -1).reshape(1, -1, 2)
        points = boxes[:, None, :2] + share * (boxes[:, 3:5] - boxes[:, :2])[:, None, :]
        way = plane(self.crs, self.imagery.crs)[0]
        moved = np.stack(way.transform(points[..., 0], points[..., 1]), -1)
        low, high = moved.min(axis=1), moved.max(axis=1)
        bend = (high - low) / 8
        extent = np.array(self.imagery.extent)
        meets = (low - bend <= extent[2:]) & (high + bend >= extent[:2])
        return np.asarray(meets.all(axis=1) | ~np.isfinite(moved).all(axis=(1, 2)), np.bool_)

    def refined(self, tree: TileTree, tokens: Sequence[Any]) -> tuple[TileTree, tuple[Any, ...]]:
        """Return a tree whose tiles are refined while their pictures are coarser than the imagery is.

        Where the terrain ends first, its finest tiles are divided (``twin.dividing``).
        """
        wanted = self._wanted(tree.boxes())
        error = np.where(tree.count > 0, np.maximum(tree.error, wanted), tree.error)
        tree = replace(tree, error=error.astype(np.float32))
        if not len(tokens):
            return tree, ()
        drawn = np.array([not grows(token) for token in tokens], np.bool_)
        return divided(tree, tokens, np.where(drawn, wanted, 0.0))

    def file(self, name: str) -> Path:
        """Return where the picture of a tile is kept."""
        return Path(self.folder) / f"{name}.ctc"

    def _picture(self, name: str, low: F64, high: F64, feedback: Feedback) -> Image | None:
        """Return the picture of a plan low..high f64(2); None where it may not be made here."""
        kept = cache.load(self.file(name))
        if isinstance(kept, Image):
            return kept
        if not self.here:
            return None
        size = high - low
        spacing = max(float(size.max()) / LARGEST, self.imagery.finest)
        shape = np.clip(np.ceil(size / spacing), LEAST, LARGEST).astype(int)
        places = self._places(low, high, (int(shape[0]), int(shape[1])))
        colors = self.imagery.colors(places, float((size / shape).max()), feedback)
        # the tile's place is part of the key: every tile has a picture of its own
        key = hashlib.sha256(f"{self.folder}/{name}".encode()).hexdigest()[:32]
        seen = colors if colors[..., 3].any() else colors[:1, :1]  # bare ground needs one pixel
        made = Image(key, pixels=_over(seen))
        cache.save(self.file(name), made)
        return made

    def _places(self, low: F64, high: F64, shape: tuple[int, int]) -> F64:
        """Return the places f64(rows, columns, 2) of pixels' centres in the imagery's plane, north first."""
        width, height = shape
        x = low[0] + np.linspace(0, 1, STEPS + 1) * (high[0] - low[0])
        y = high[1] - np.linspace(0, 1, STEPS + 1) * (high[1] - low[1])
        grid = np.stack(np.meshgrid(x, y), axis=-1)
        moved = np.stack(
            plane(self.crs, self.imagery.crs)[0].transform(grid[..., 0], grid[..., 1]), -1
        )
        across = (np.arange(width) + 0.5) / width * STEPS
        down = (np.arange(height) + 0.5) / height * STEPS
        return _between(_between(moved, down, 0), across, 1)


def _between(grid: F64, at: F64, axis: int) -> F64:
    """Return a grid read at fractions of its steps along an axis."""
    first = np.minimum(at.astype(int), grid.shape[axis] - 2)
    share = (at - first).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    low, high = np.take(grid, first, axis), np.take(grid, first + 1, axis)
    return np.asarray(low * (1 - share) + high * share, np.float64)


def _dressed(item: Mesh, picture: Image, low: F64, high: F64) -> Mesh:
    """Return a mesh with a picture that covers low..high of the plan."""
    plan = item.positions[:, :2].astype(np.float64) + item.origin[:2]
    uv: F32 = ((plan - low) / (high - low)).astype(np.float32)
    material = Material("imagery", image=picture, double_sided=True, wrap="clamp")
    return replace(item, material=material, uv=uv, colors=None)


def _over(colors: U8) -> U8:
    """Return RGBA over the colour of bare ground, as RGB."""
    share = colors[..., 3:].astype(np.float32) / 255
    bare = np.array([SHADE * 255 * value ** (1 / 2.2) for value in BARE], np.float32)
    mixed = colors[..., :3].astype(np.float32) * share + bare * (1 - share)
    return np.ascontiguousarray(mixed + 0.5, np.uint8)


@dataclass(frozen=True, slots=True)
class Draped(Cached):
    """What a worker process runs first for a draped layer whose imagery C code reads.

    ``source`` is the placed source that makes pictures; it keeps them where ``draping`` looks.
    """

    @property
    def lane(self) -> Lane:
        """Return the lane of files that are not trusted."""
        return Lane.PROCESS

    def has(self, tile: int, token: Any) -> bool:
        """Return whether the tile and its picture are kept already."""
        placed = self.source
        if not isinstance(placed, Placed) or not isinstance(placed.finish, Draping):
            return False
        inner = placed.source
        while not isinstance(inner, Cached) and hasattr(inner, "source"):
            inner = inner.source
        asked = placed.finish.asked(token)
        if isinstance(inner, Cached) and not inner.has(tile, asked):
            return False
        name = token if isinstance(token, str) and token else str(tile)
        part = Part.of(token)
        return (
            placed.finish.file(name).is_file() or grows(asked) or (part is not None and part.grows)
        )

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Fetch and drape; what comes is thrown away, its picture is kept."""
        return self.source.fetch(tile, token, feedback)


@dataclass(frozen=True, slots=True)
class Header:
    """Work that reads what imagery says of itself; for files of C code the work of a worker process."""

    location: str

    def __call__(self, feedback: Feedback) -> Imagery:
        """Return the opened imagery. Raises OpenError."""
        return reader().open(self.location, feedback)

    @property
    def lane(self) -> Lane:
        """Return where it must run: a file that kills its library must not take the window along."""
        return Lane.PROCESS if reader().is_file(self.location) else Lane.THREAD


def header_of(ref: SourceRef, opened: Opened) -> Header | None:
    """Return what reads the imagery of a source: draped on its terrain, or itself; None without any."""
    if opened.about.format == FLAT:
        said = dict(ref.options).get(SHIFT.name, SHIFT.choices[0])
        return Header(with_datum(ref.path, said if said != SHIFT.choices[0] else ""))
    return Header(ref.drape) if ref.drape and opened.about.ground else None


def draped(
    placed: Placed, header: Header, imagery: Imagery, crs: str, folder: Path
) -> tuple[Placed, Draped | None]:
    """Return a placed source under opened imagery, and what a worker must run first (None: nothing).

    Raises OpenError, CrsError.
    """
    if not crs:
        raise CrsError(crs="", reason="imagery needs a project that stands somewhere on Earth")
    plane(crs, imagery.crs)
    kept = folder / f"drape-{_key(header.location, crs, placed)}"
    apart = header.lane is Lane.PROCESS
    draping = Draping(imagery, crs, str(kept), here=not apart)
    shown = replace(placed, finish=draping)
    if not apart:
        return shown, None
    worker = replace(placed, finish=replace(draping, here=True))
    return shown, Draped(worker, str(kept))


def under_imagery(
    standing: Standing, header: Header, outcome: Outcome, folder: Path
) -> tuple[Standing, Draped | None]:
    """Return an opened source with imagery draped on it, and what a worker must run first.

    ``outcome`` is what ``header`` came to. Imagery that cannot be used is a problem of the layer: it is
    shown without.
    """
    opened, crs = standing.opened, "" if standing.project is None else standing.project.crs
    try:
        if outcome.error is not None:
            raise outcome.error
        imagery: Imagery = outcome.value
        placed, worker = draped(standing.source, header, imagery, crs, folder)
    except (OpenError, CrsError, WorkerCrashed) as error:
        said = problem("imagery.unusable", reason=str(error))
        return replace(standing, opened=replace(opened, problems=(*opened.problems, said))), None
    assert isinstance(placed.finish, Draping)
    tree, tokens = placed.finish.refined(opened.tree, opened.tokens)
    told = (*opened.problems, *imagery.problems)
    opened = replace(opened, tree=tree, tokens=tokens, ready={}, problems=told)
    return replace(standing, opened=opened, source=placed), worker


def lifted_by(level: float) -> F64 | None:
    """Return the frame f64(4, 4) that lifts by metres; None where nothing is lifted."""
    if not level:
        return None
    frame = np.eye(4)
    frame[2, 3] = level
    return frame


def _key(location: str, crs: str, placed: Placed) -> str:
    """Return what pictures depend on: the imagery as it is now, the terrain and where it stands."""
    path = Path(datum_of(location)[0])
    same = f"{cache.fingerprint(str(path))}{location}" if path.exists() else location
    text = f"{same}|{crs}|{placed.georeference}|{placed.source}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
