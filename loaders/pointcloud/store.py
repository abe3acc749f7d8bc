"""Where the tree of a large cloud is kept: a folder of the tile cache, which can be made again at any time."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from loaders.pointcloud.building import SMALL, Built, build
from loaders.pointcloud.formats import POINT, Points, joined
from loaders.pointcloud.header import Header
from twin.cache import fingerprint, load, save
from twin.errors import NotReadable
from twin.geometry import F64
from twin.ports import Feedback, Options

VERSION = "2"
_POINTS, _TREE = "points.bin", "tree.ctc"


@cache
def _own_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for who gave none: it goes with the process."""
    return tempfile.TemporaryDirectory(prefix="citytwin-points-")


def store_of(header: Header, metres: F64, options: Options) -> Path | None:
    """Return the file of a cloud's points in the order of their tiles; None for a small cloud. Raises OpenError."""
    if header.count <= SMALL:
        return None
    root = Path(options.cache or _own_folder().name)
    shape = f"{metres[0] / metres[2]:.6g}".replace("+", "")
    return root / f"{fingerprint(header.location)}-points-{VERSION}-{shape}" / _POINTS


def built_of(header: Header, metres: F64, options: Options, feedback: Feedback) -> Built:
    """Return the tree of a cloud, made now or kept from before. Raises OpenError, Cancelled."""
    store = store_of(header, metres, options)
    if store is None:
        return build(header, metres, None, feedback)
    kept = _kept(store, header)
    if kept is not None:
        return kept
    try:
        store.parent.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="points-", dir=store.parent.parent))
    except OSError as error:
        raise NotReadable(location=str(store), reason=error.strerror or str(error)) from error
    try:
        made = build(header, metres, draft / _POINTS, feedback)
        save(draft / _TREE, dict(made.state()))
        _take_place(draft, store.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def _take_place(draft: Path, folder: Path) -> None:
    """Put what was made where it is looked for; whoever was faster made the same."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        draft.rename(folder)
    except OSError as error:
        if not (folder / _TREE).is_file():
            raise NotReadable(location=str(folder), reason=str(error)) from error


def _kept(store: Path, header: Header) -> Built | None:
    """Return what was kept, None where it is not whole."""
    try:
        if store.stat().st_size != header.count * POINT.itemsize:
            return None
        state = load(store.parent / _TREE)
        return Built.of(state) if isinstance(state, dict) else None
    except (OSError, KeyError, TypeError, ValueError):
        return None


def points_of(store: Path | None, built: Built, tile: int) -> Points:
    """Return the points of a tile. Raises NotReadable."""
    parts = list(built.parts(tile))
    if built.points is not None:
        return joined([built.points[start : start + count] for start, count in parts])
    assert store is not None
    try:
        with store.open("rb") as stream:
            found = []
            for start, count in parts:
                stream.seek(start * POINT.itemsize)
                found.append(np.frombuffer(stream.read(count * POINT.itemsize), POINT))
    except (OSError, ValueError) as error:
        raise NotReadable(location=str(store), reason=str(error)) from error
    return joined(found)
