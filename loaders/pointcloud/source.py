"""A point cloud as a source: opening reads its tree, or makes one; fetching reads the points of a tile.

Runs in a worker process: the decoder is compiled code and the file is not trusted.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from loaders.pointcloud import facts
from loaders.pointcloud.clouds import Cloud, cloud_of, node
from loaders.pointcloud.drawing import content_of, content_with_classes
from loaders.pointcloud.hierarchy import NODE, PAGE, first_page, grove, said_by
from twin.errors import UsageError
from twin.features import FeatureTable
from twin.geometry import F64
from twin.maintenance.telling import Told
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.tiles import TileTree


@dataclass(frozen=True, slots=True)
class PointSource:
    """One file. Keeps nothing but what can be read again."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Return the tree, made now for a file that has none. Raises OpenError, Cancelled."""
        feedback.progress(0.0, "read")
        cloud = cloud_of(self.location, self.options, feedback)
        tree, tokens = _tree(cloud)
        told = Told()
        if cloud.header.lost:
            told.file("pointcloud.records", found=cloud.header.lost)
        rise = cloud.system.rise
        return Opened(
            title=Path(self.location).name,
            about=facts.about_of(
                cloud.header, cloud.system, self.options, copc=cloud.copc is not None
            ),
            tree=tree,
            features=_table(cloud, tree),
            observations=facts.observed(cloud.header, cloud.tally.times),
            problems=told.problems(),
            ready=_ready(cloud, tree, tokens),
            tokens=tokens,
            unit_kinds=(facts.CLOUD,),
            frame=None if rise == 1.0 else np.diag([1.0, 1.0, rise, 1.0]),
        )

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return the points of a tile, or the tiles of a page of a COPC. Raises OpenError, Cancelled."""
        feedback.check()
        cloud = cloud_of(self.location, self.options, feedback)
        if cloud.built is not None:
            if not 0 <= tile < len(cloud.built.tree):
                raise UsageError(reason=f"there is no tile {tile}")
            return content_of(cloud, tile)
        if not isinstance(token, str) or not token or cloud.copc is None:
            return None
        place = said_by(cloud.header, token)
        if place.kind == PAGE:
            more = grove(cloud.header, cloud.copc, place, float(cloud.metres[1]))
            return Growth(more.tree, more.tokens)
        return content_with_classes(cloud, node(cloud.header, place), place, _whole(cloud))


def _tree(cloud: Cloud) -> tuple[TileTree, tuple[str, ...]]:
    if cloud.copc is None:
        assert cloud.built is not None
        return cloud.built.tree, ()
    found = grove(cloud.header, cloud.copc, first_page(cloud.copc), float(cloud.metres[1]))
    return found.tree, found.tokens


def _whole(cloud: Cloud) -> F64:
    """Return the box f64(6) of a COPC's objects: nobody knows where each class lies."""
    box: F64 = _tree(cloud)[0].boxes()[0]
    return box


def _table(cloud: Cloud, tree: TileTree) -> FeatureTable:
    classes = np.flatnonzero(cloud.tally.classes).tolist()
    counts = None if cloud.copc is not None else cloud.tally.classes[classes].tolist()
    return facts.table_of(cloud.header, classes, tree.boxes()[0], counts)


def _ready(cloud: Cloud, tree: TileTree, tokens: tuple[str, ...]) -> dict[int, Content]:
    """Return the contents that opening has read anyway: a COPC's root, all of a small cloud."""
    if cloud.built is None:
        first = next(n for n, token in enumerate(tokens) if token.startswith(NODE))
        assert cloud.root is not None
        place = said_by(cloud.header, tokens[first])
        return {first: content_with_classes(cloud, cloud.root, place, _whole(cloud))}
    if cloud.built.points is None:
        return {}
    tiles = np.flatnonzero(tree.content).tolist()
    return {tile: content_of(cloud, tile) for tile in tiles}
