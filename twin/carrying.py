"""Objects carried out as meshes: looked through tile by tile, gathered, written on a worker.

Never blocks: ``step`` is called after ``drain``, until ``done``. A file is there whole or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from twin.errors import NotReadable, TwinError, UsageError
from twin.exchange.meshes import FORMATS, Pieces, Scene, write_glb, write_obj
from twin.geometry import F64, Rows
from twin.jobs import Feedback, Jobs, Outcome
from twin.scene import LayerId, Twin
from twin.shown import with_parts
from twin.streaming import Stream
from twin.surveying import Survey, survey


@dataclass
class Carrying:
    """Rows of layers on their way into a file. ``count`` objects with a surface were written."""

    twin: Twin
    streams: Mapping[LayerId, Stream]
    jobs: Jobs
    rows: Mapping[LayerId, Rows]
    path: Path
    count: int | None = None
    error: TwinError | None = None
    _surveys: list[Survey] = field(default_factory=list)
    _gathered: list[Pieces] = field(default_factory=list)
    _objects: dict[int, Mapping[str, str]] = field(default_factory=dict)
    _asked: bool = False
    _told: bool = False

    def __post_init__(self) -> None:
        """Begin. Raises UsageError for an ending that is none of FORMATS, or for nothing to carry."""
        if self.path.suffix.lower().removeprefix(".") not in FORMATS:
            raise UsageError(reason=f"{self.path.name!r} ends in none of {', '.join(FORMATS)}")
        offset = 0
        for key, rows in self.rows.items():
            layer = self.twin.layer(key)
            table = layer.features
            own = with_parts(table, rows)
            wanted = np.zeros(len(table), np.bool_)
            wanted[own] = True
            for row in own.tolist():
                name = None if table.name is None else table.name[row]
                about = {"id": str(table.id[row]), "kind": table.kinds[int(table.kind[row])]}
                self._objects[row + offset] = {**about, **({"name": str(name)} if name else {})}
            pieces = Pieces(wanted, offset)
            self._gathered.append(pieces)
            box = _union(table.bounds[own])
            self._surveys.append(survey(self.streams[key], layer, pieces, within=box))
            offset += len(table)
        if not self._objects:
            raise UsageError(reason="nothing is selected")

    @property
    def done(self) -> bool:
        """Return whether it was written, or went wrong."""
        return self.count is not None or self.error is not None

    def step(self) -> bool:
        """Go on; return whether it has just ended."""
        if self.done and not self._told:
            self._told = True
            return True
        if self._asked:
            return False
        for one in self._surveys:
            one.step()
        if all(one.done for one in self._surveys):
            self._asked = True
            pieces = [piece for gathered in self._gathered for piece in gathered.pieces()]
            scene = Scene.of(pieces, self._objects, self.twin.crs)
            self.jobs.submit(partial(_written, scene, self.path), self._came, title=self.path.name)
        return False

    def _came(self, outcome: Outcome) -> None:
        self.error = outcome.error
        if outcome.error is None:
            self.count = outcome.value


def _union(boxes: F64) -> F64:
    sound = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(sound):
        return np.full(6, np.nan)
    return np.concatenate([sound[:, :3].min(axis=0), sound[:, 3:].max(axis=0)])


def _written(scene: Scene, path: Path, feedback: Feedback) -> int:
    feedback.check()
    if path.suffix.lower() == ".glb":
        _put(path, write_glb(scene))
    else:
        library = path.with_suffix(".mtl")
        shapes, looks = write_obj(scene, library.name)
        _put(library, looks)
        _put(path, shapes)
    return len({piece.key for piece in scene.pieces if len(piece.triangles)})


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotReadable(location=str(path), reason=error.strerror or "not writable") from error
