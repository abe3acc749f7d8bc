"""A block as a source: opening looks at the heads of its root files, fetching reads one file.

A tile that stands for a whole file grows when it is fetched: it becomes the tiles of that file, whose
contents are fetched as they are wanted. Decoding is numpy and zlib, so it runs on threads.
"""

import math
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from loaders.osgb import block
from loaders.osgb.block import Block
from loaders.osgb.metadata import System, read_system
from loaders.osgb.objects import Reader, placed_bound, read
from loaders.osgb.outline import FAR, Knot, Outline, joined
from loaders.osgb.pictures import Painter
from loaders.osgb.shapes import drawn
from loaders.osgb.tree import flat
from twin.errors import BrokenFile, NotFound, OpenError
from twin.features import FeatureTable, texts
from twin.files import Root, read_reference
from twin.geometry import F64, Drawable, empty_box
from twin.georeference import problem
from twin.maintenance.fields import Where, observe
from twin.observations import ObservationList, Observations
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About, Problem

KIND = "TexturedMesh"
MOST_BYTES = 1 << 30
"""The most bytes of one file."""
HEAD = 4096
"""Bytes of a root file that nearly always tell where it is."""
MOST_TRAIL = 64
"""The longest chain of files that name each other."""
UNREAD = 0.1
"""The error of a file that was not read yet, as a part of its size: it orders the first fetches."""
FINEST = "osgb.finest"
"""Files that were not delivered: normal, so it is said once of the whole source."""
DEFAULT = Options()


class Token(NamedTuple):
    """What a tile is: parts of a file, or (None) a file whose tiles it will become.

    ``row`` is the object it belongs to; ``kept`` the file and parts that stand in when this file cannot
    be used; ``trail`` the files on the way here.
    """

    address: str
    parts: tuple[int, ...] | None
    row: int
    kept: tuple[str, tuple[int, ...]] = ("", ())
    trail: tuple[str, ...] = ()


@dataclass(slots=True)
class Said:
    """Collects what is wrong with a file, each kind once and counted."""

    feature: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, code: str, reason: str) -> None:
        """Count one more."""
        self.counts[code, reason] += 1

    def read(self, reader: Reader, outline: Outline) -> None:
        """Add what reading a file left out."""
        for kind, count in reader.skipped.items():
            self.counts["osgb.class", kind] += count
        if reader.cycles:
            self.counts["osgb.cycle", ""] += reader.cycles

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems."""
        return tuple(
            problem(code, "" if code == FINEST else self.feature, reason=reason, count=count)
            for (code, reason), count in self.counts.items()
        )


@dataclass(frozen=True, slots=True)
class OsgbSource:
    """A block or a single file at a location. Keeps nothing between calls."""

    location: str
    options: Options = DEFAULT
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        """Return a tile for each root file, placed by its head; a single file is read whole."""
        found = block.find(self.location)
        if not found.files:
            raise NotFound(location=f"{self.location}/*.osgb")
        system = read_system(found.metadata, found.title, self.options.crs)
        with np.errstate(all="ignore"):
            if len(found.files) == 1:
                knot, tokens, problems, version = self._single(found)
            else:
                knot, tokens, problems, version = _heads(found, feedback)
        feedback.progress(1.0)
        boxes = [child.box for child in knot.children] if len(found.files) > 1 else [knot.box]
        tree, order = flat(knot)
        return Opened(
            title=found.title,
            about=About("osgb", version, system.crs, self.options.vertical, (), _facts(found)),
            tree=tree,
            features=_table(found, boxes),
            observations=_said(system),
            problems=(*system.problems, *problems),
            tokens=tuple(tokens[id(item)] for item in order),
            frame=system.frame,
        )

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return what one tile draws, or the tiles of the file it stands for."""
        if not isinstance(token, Token) or (token.parts is not None and not token.parts):
            return None
        root = block.root_of(self.location)
        feedback.check()
        with np.errstate(all="ignore"):
            if token.parts is not None:
                return _content(root, token.address, token.parts, token.row)
            return _grown(root, token)

    def _single(self, found: Block) -> tuple[Knot, dict[int, Token], tuple[Problem, ...], str]:
        """Return the tiles of the only file."""
        address = found.files[0]
        knot, tokens, problems, version = _outlined(found.root, Token(address, None, 0))
        return knot, tokens, problems, version


def _heads(
    found: Block, feedback: Feedback
) -> tuple[Knot, dict[int, Token], tuple[Problem, ...], str]:
    """Return a tile that is not read yet for each root file; where one is stands in its head."""
    knots: list[Knot] = []
    tokens: dict[int, Token] = {}
    problems: list[Problem] = []
    version = ""
    for row, address in enumerate(found.files):
        if not row % 64:
            feedback.check()
            feedback.progress(row / len(found.files), address)
        try:
            box = _box_of(found.root, address)
        except OpenError as error:
            problems.append(
                Problem(error.full_code, str(error), _stem(address), dict(error.params))
            )
            box = empty_box()
        size = float(np.linalg.norm(box[3:] - box[:3])) if np.isfinite(box).all() else 0.0
        knot = Knot(box, UNREAD * size, file=address)
        knots.append(knot)
        tokens[id(knot)] = Token(address, None if size else (), row, trail=(address,))
    if all(not np.isfinite(knot.box).all() for knot in knots) and problems:
        raise BrokenFile(location=found.root.location, format="OSGB", reason=problems[0].text)
    top = Knot(joined([knot.box for knot in knots]), math.inf, children=knots)
    tokens[id(top)] = Token("", (), 0)
    return top, tokens, tuple(problems), version


def _box_of(root: Root, address: str) -> F64:
    """Return where a root file is, by its head, else by reading it. Raises OpenError."""
    bound = None
    with suppress(OpenError):  # too short to tell: the whole file says what is wrong with it
        bound = placed_bound(block.head_of(root, address, HEAD), address)
    if bound is not None and (np.abs(bound) < FAR).all():
        center, radius = np.array(bound[:3]), bound[3]
        return np.concatenate([center - radius, center + radius])
    thing, _ = read(_bytes(root, address), _shown(root, address))
    return Outline().of(thing).box


def _outlined(root: Root, token: Token) -> tuple[Knot, dict[int, Token], tuple[Problem, ...], str]:
    """Return the tiles of a file, their tokens by identity, problems, version. Raises OpenError."""
    address = token.address
    said = Said(_stem(address))
    lying: dict[str, str] = {}
    delivered = block.Delivered(root)

    def exists(name: str) -> bool:
        try:
            there = delivered(block.beside(root, address, name))
        except OpenError as error:
            said("osgb.child", str(error))
            return False
        if there is not None:
            lying[name] = there
        return there is not None

    thing, reader = read(_bytes(root, address), _shown(root, address))
    outline = Outline(exists)
    knot = outline.of(thing)
    said.read(reader, outline)
    if outline.absent:
        said.counts[FINEST, ""] += outline.absent
    trail = (*token.trail, address) if address not in token.trail else token.trail
    tokens: dict[int, Token] = {}
    waiting = [knot]
    while waiting:
        item = waiting.pop()
        waiting += item.children
        if item.file:
            kept = (address, item.kept)
            tokens[id(item)] = Token(lying[item.file], None, token.row, kept, trail)
        else:
            tokens[id(item)] = Token(address, item.parts, token.row)
    return knot, tokens, said.problems(), str(reader.octets.version)


def _grown(root: Root, token: Token) -> Content | Growth:
    """Return the tiles of a file; where it cannot be used, what it should have refined stays."""
    try:
        if token.kept[0] and (token.address in token.trail or len(token.trail) > MOST_TRAIL):
            raise BrokenFile(
                location=_shown(root, token.address),
                format="OSGB",
                reason="a file that names itself as its own detail",
            )
        knot, tokens, problems, _ = _outlined(root, token)
    except OpenError as error:
        address, parts = token.kept
        if not parts:
            raise
        told = Problem(error.full_code, str(error), _stem(token.address), dict(error.params))
        if isinstance(error, NotFound):  # on a server or in an archive it is known only now
            told = problem(FINEST, "", reason="", count=1)
        content = _content(root, address, parts, token.row)
        return Content(content.drawables, problems=(told, *content.problems))
    tree, order = flat(knot)
    return Growth(tree, tuple(tokens[id(item)] for item in order), problems)


def _content(root: Root, address: str, parts: tuple[int, ...], row: int) -> Content:
    """Return what some parts of a file draw. Raises OpenError."""
    thing, _ = read(_bytes(root, address), _shown(root, address))
    outline = Outline()
    outline.of(thing)
    said = Said(_stem(address))
    delivered = block.Delivered(root)

    def picture(name: str) -> bytes:
        there = block.beside(root, address, name)
        return read_reference(root, delivered(there) or there, MOST_BYTES)

    painter = Painter(picture, said)
    drawables: list[Drawable] = []
    for part in parts:
        if part < len(outline.parts):
            drawables += drawn(outline.parts[part], row, painter, said)
    return Content(tuple(drawables), problems=said.problems())


def _bytes(root: Root, address: str) -> bytes:
    return read_reference(root, address, MOST_BYTES)


def _shown(root: Root, address: str) -> str:
    return f"{root.location}/{block.plain(address)}"


def _stem(address: str) -> str:
    name = block.plain(address).rpartition("/")[2]
    return name[: -len(block.SUFFIX)] if name.lower().endswith(block.SUFFIX) else name


def _table(found: Block, boxes: list[F64]) -> FeatureTable:
    """Return one object for each root file; equal names are told apart by their folders."""
    names = [_stem(address) for address in found.files]
    ids = names if len(set(names)) == len(names) else [block.plain(x) for x in found.files]
    count = len(ids)
    return FeatureTable(
        id=texts(ids),
        kind=np.zeros(count, np.uint16),
        kinds=(KIND,),
        parent=np.full(count, -1, np.int32),
        bounds=np.stack(boxes) if boxes else np.zeros((0, 6)),
        name=texts(names),
    )


def _said(system: System) -> Observations:
    """Return what metadata.xml says of currency: nothing else in the format does."""
    found = ObservationList()
    columns = {name: texts([value]) for name, value in system.said.items()}
    observe(found, columns, np.array([-1], np.int32), Where("dataset", "metadata.xml:"))
    return found.frozen()


def _facts(found: Block) -> dict[str, str]:
    facts = {"root_files": str(len(found.files))}
    if found.metadata is not None:
        facts["metadata"] = f"{found.root.location}/metadata.xml"
    return facts
