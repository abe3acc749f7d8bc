"""A source in the project frame: trees, tables and contents moved on the worker, PROJ not in sight."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from twin.errors import CrsError
from twin.features import FeatureTable
from twin.geometry import F32, F64
from twin.georeference.contents import moved_bounds, moved_content
from twin.georeference.crs import problem
from twin.georeference.fitting import grid
from twin.georeference.frames import ProjectFrame
from twin.georeference.heights import SEA, Ground
from twin.georeference.moving import Georeference
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options, Source
from twin.records import Problem, SourceRef
from twin.tiles import Gates, TileTree

_CHUNK = 20_000
_WORLD = 2e7
"""Half the size in metres of a box that PROJ cannot place: everything."""


class Finish(Protocol):
    """What is done to a tile once it stands in the project frame. Picklable."""

    def asked(self, token: Any) -> Any:
        """Return the token of the source's own tile that is fetched for a token."""
        ...

    def __call__(self, found: Content | Growth, name: str, feedback: Feedback) -> Content | Growth:
        """Return the tile, whose name in the source is ``name``, as it is shown. Raises OpenError."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A source in the project frame: the same port, answers moved.

    Made by ``open_in``; fetches are moved by ``georeference``, which is plain data: this pickles.
    ``finish`` comes after: imagery is draped by it.
    """

    source: Source
    georeference: Georeference
    title: str = ""
    finish: Finish | None = None

    @property
    def lane(self) -> Lane:
        """Return where the source's work must run."""
        return self.source.lane

    def open(self, feedback: Feedback) -> Opened:
        """Open the source and move what it says. Raises OpenError."""
        return moved_opened(self.source.open(feedback), self.georeference, self.title)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Fetch a tile and move it. Raises OpenError."""
        asked = token if self.finish is None else self.finish.asked(token)
        found = moved(self.source.fetch(tile, asked, feedback), self.georeference)
        if found is None or self.finish is None:
            return found
        return self.finish(
            found, token if isinstance(token, str) and token else str(tile), feedback
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """An opened source in its project frame: what to show, where to fetch, the frame (chosen).

    ``project`` is None while no source has named a coordinate system.
    """

    opened: Opened
    source: Placed
    project: ProjectFrame | None


def open_in(
    source: Source, decided: Options | SourceRef, project: ProjectFrame | None, feedback: Feedback
) -> Standing:
    """Open a source in the project frame; None = the source decides it, and that is said.

    ``decided`` holds the user's system, vertical datum and placement. A missing or unknown system
    is a problem in the answer, and the source is left where it is. Raises OpenError.
    """
    return stand(source, source.open(feedback), decided, project)


def stand(
    source: Source,
    opened: Opened,
    decided: Options | SourceRef,
    project: ProjectFrame | None,
    ground: Ground = SEA,
) -> Standing:
    """Return what ``open_in`` does for a source that was opened already.

    ``ground`` is the level that other layers show here: it explains heights of unknown datum.
    """
    said: list[Problem] = []
    try:
        georeference = Georeference.of(
            opened.about, opened.frame, decided.placement, (decided.crs, decided.vertical)
        )
        if project is None and georeference.source:
            project = _chosen(georeference, opened)
            said += project.said(opened.title)
        georeference = georeference.into(project, decided.placement is not None)
        said += georeference.said(opened.title, opened.tree.boxes()[0], ground)
        if not np.isfinite(georeference.move(_location(opened)[None, :])).all():
            said.append(
                problem("crs.no_place", title=opened.title, source=georeference.source.title)
            )
            georeference = Georeference.unknown()
    except CrsError as error:
        name = str(error.params.get("crs", ""))
        reason = str(error.params.get("reason", ""))
        said.append(problem("crs.unknown", title=opened.title, crs=name, reason=reason))
        georeference = Georeference.unknown()
    # a loader may have told it already, in words of its own (ifc.crs_missing)
    codes = {item.code for item in opened.problems}
    known = {code.replace(".", "_") for code in codes} | {
        code.rpartition(".")[2] for code in codes
    }
    said = [item for item in said if item.code.replace(".", "_") not in known]
    opened = replace(opened, problems=(*opened.problems, *said))
    placed = Placed(source, georeference, opened.title)
    return Standing(moved_opened(opened, georeference, opened.title), placed, project)


def _chosen(georeference: Georeference, opened: Opened) -> ProjectFrame:
    location = georeference.framed(_location(opened)[None, :])[0]
    return ProjectFrame.choose(georeference.source, location)


def _location(opened: Opened) -> F64:
    """Return a typical point of a source, in its own coordinates: of its objects, else its tree."""
    boxes = opened.features.bounds
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if len(boxes):
        return np.asarray(np.median((boxes[:, :3] + boxes[:, 3:]) / 2, axis=0), np.float64)
    return np.asarray(opened.tree.center[0], np.float64)


def moved(found: Content | Growth | None, georeference: Georeference) -> Content | Growth | None:
    """Return what a fetch brought, in the project frame."""
    if georeference.stays or found is None:
        return found
    if isinstance(found, Growth):
        return replace(found, tree=moved_tree(found.tree, georeference))
    return moved_content(found, georeference)


def moved_opened(opened: Opened, georeference: Georeference, title: str = "") -> Opened:
    """Return what opening brought, in the project frame; the frame is used up."""
    if georeference.stays:
        return replace(opened, frame=None)
    ready = {tile: moved_content(content, georeference) for tile, content in opened.ready.items()}
    return replace(
        opened,
        tree=moved_tree(opened.tree, georeference),
        features=moved_table(opened.features, georeference),
        ready=ready,
        frame=None,
    )


def moved_tree(tree: TileTree, georeference: Georeference) -> TileTree:
    """Return the tree in the project frame: oriented boxes that still bound what they bounded.

    27 exact points of each box are moved and boxed along the moved axes, with a margin for the
    bend between them; a box that PROJ cannot place becomes the whole world.
    """
    center, axes = np.empty_like(tree.center), np.empty_like(tree.axes)
    for low in range(0, len(tree), _CHUNK):
        part = slice(low, low + _CHUNK)
        center[part], axes[part] = _moved_boxes(tree.center[part], tree.axes[part], georeference)
    return replace(tree, center=center, axes=axes, gates=_moved_gates(tree.gates, georeference))


def _moved_gates(gates: Gates, georeference: Georeference) -> Gates:
    """Return the gates in the project frame; a ball stays one, as large as its longest axis."""
    if not len(gates):
        return gates
    center, axes = _moved_boxes(gates.center, gates.axes, georeference)
    radius = np.linalg.norm(axes, axis=2).max(axis=1).astype(np.float32)
    balls = radius[:, None, None] * np.eye(3, dtype=np.float32)
    axes = np.where(gates.ball[:, None, None], balls, axes)
    return replace(gates, center=center, axes=axes)


def _moved_boxes(center: F64, axes: F32, georeference: Georeference) -> tuple[F64, F32]:
    cube = grid(np.array([-1.0, -1, -1, 1, 1, 1]), 3)
    points = center[:, None, :] + np.einsum("ca,nai->nci", cube, axes.astype(np.float64))
    exact = georeference.move(points.reshape(-1, 3)).reshape(points.shape)
    bad = ~np.isfinite(exact).all(axis=(1, 2))
    exact[bad] = _WORLD * cube
    middle = exact[:, 13]
    spans = np.stack(
        [exact[:, 22] - exact[:, 4], exact[:, 16] - exact[:, 10], exact[:, 14] - exact[:, 12]]
    )
    basis = np.linalg.qr(np.moveaxis(spans, 0, 2))[0]
    along = np.einsum("nci,nij->ncj", exact - middle[:, None, :], basis)
    low, high = along.min(axis=1), along.max(axis=1)
    straight = middle[:, None, :] + 0.5 * np.einsum("ca,ani->nci", cube, spans)
    bend = np.abs(exact - straight).max(axis=(1, 2), keepdims=False)[:, None]
    half = (high - low) / 2 * (1 + 1e-6) + 0.3 * bend + 1e-3
    new_center = middle + np.einsum("nj,nij->ni", (low + high) / 2, basis)
    new_axes = np.swapaxes(basis, 1, 2) * half[:, :, None]
    return new_center, new_axes.astype(np.float32)


def moved_table(table: FeatureTable, georeference: Georeference) -> FeatureTable:
    """Return the table with its bounds in the project frame (boxes around the moved boxes)."""
    return replace(table, bounds=moved_bounds(table.bounds, georeference))
