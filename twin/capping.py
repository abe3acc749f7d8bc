"""The caps of the frame's tiles: which are needed, which are known, which a worker computes now.

One piece of work at a time, a bounded number of triangles each: a plane that is being dragged never waits
behind what it looked like before, and until new caps come the old ones are good enough (what they show
beyond a plane is cut away like everything else).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from twin.geometry import F64, triangle_count
from twin.jobs import SILENT, Feedback, Jobs, Outcome
from twin.records import Section
from twin.scene import Aspect, Change, LayerId, Twin
from twin.sections import NO_PLANES, Cap, cap_of, crossing, equations, gone, lowered
from twin.streaming import Frame, Resident

MOST = 150_000
"""Triangles of the tiles that one piece of work cuts (at least one tile)."""
AT_ONCE = 0.015
"""Seconds of cutting that are not worth a worker: the face then moves with the plane that is dragged."""
Tile = tuple[LayerId, int]


@dataclass(frozen=True, slots=True)
class Task:
    """A tile to be cut by ``planes`` f64(k, 4), as the tile's own heights see them."""

    key: Tile
    resident: Resident
    planes: F64
    crossed: tuple[int, ...]

    @property
    def said(self) -> bytes:
        """Return what tells one cut from another."""
        return self.planes.tobytes()


@dataclass(frozen=True, slots=True)
class Made:
    """What a piece of work brings: the caps, and what they took."""

    caps: tuple[tuple[Task, tuple[Cap, ...]], ...]
    triangles: int
    seconds: float


@dataclass
class Capping:
    """Keeps the caps of tiles up to date with frame and planes."""

    jobs: Jobs
    known: dict[Tile, tuple[Resident, bytes, tuple[Cap, ...]]] = field(default_factory=dict)
    busy: bool = False
    count: int = 0
    pace: float = np.inf
    """Seconds a triangle took to be cut, lately."""
    waiting: int = 0
    """Tiles whose caps are not those of the planes now."""
    told: Callable[[], None] = lambda: None
    """Called when caps came."""

    def completed(self, frame: Frame, planes: F64) -> Frame:
        """Return the frame with its planes f64(k, 4) and the caps known; ask for those that lack."""
        if not len(planes):
            if self.known:
                self.known.clear()
            self.waiting = 0
            return frame
        if self.count != len(
            planes
        ):  # what another number of planes left says nothing about these
            self.known.clear()
            self.count = len(planes)
        tasks = tasks_of(frame, planes)
        wanted = {task.key for task in tasks}
        for key in [key for key in self.known if key not in wanted]:
            del self.known[key]
        lacking = [task for task in tasks if not self._has(task)]
        size = sum(triangle_count(task.resident.drawables) for task in lacking)
        if lacking and not self.busy and size * self.pace < AT_ONCE:
            self._keep(cut_all(lacking, SILENT))
            lacking = []
        self.waiting = len(lacking)
        if lacking and not self.busy:
            self._ask(lacking)
        caps = {task.key: self._caps(task) for task in tasks}
        return replace(frame, planes=planes, caps={k: c for k, c in caps.items() if c})

    def _has(self, task: Task) -> bool:
        found = self.known.get(task.key)
        return found is not None and found[0] is task.resident and found[1] == task.said

    def _caps(self, task: Task) -> tuple[Cap, ...]:
        found = self.known.get(task.key)
        if found is None or found[0] is not task.resident or len(found[1]) != len(task.said):
            return ()
        return found[2]

    def _ask(self, lacking: list[Task]) -> None:
        chosen: list[Task] = []
        triangles = 0
        for task in lacking:
            triangles += triangle_count(task.resident.drawables)
            if chosen and triangles > MOST:
                break
            chosen.append(task)
        self.busy = True
        self.jobs.submit(partial(cut_all, chosen), self._came, title="sections", quiet=True)

    def _came(self, outcome: Outcome) -> None:
        self.busy = False
        if outcome.error is not None:
            return
        self._keep(outcome.value)
        self.told()

    def _keep(self, made: Made) -> None:
        for task, caps in made.caps:
            self.known[task.key] = (task.resident, task.said, caps)
        if made.triangles:
            self.pace = made.seconds / made.triangles

    @property
    def caps(self) -> Mapping[Tile, tuple[Cap, ...]]:
        """Return the caps known."""
        return {key: found[2] for key, found in self.known.items() if found[2]}


@dataclass
class Sectioning:
    """The sections of a twin as they cut now: those in hand in place of the saved ones."""

    twin: Twin
    jobs: Jobs
    draft: Mapping[str, Section] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin without caps."""
        changed = Change(Aspect.SECTIONS)
        self.capping = Capping(self.jobs, told=lambda: self.twin.changed.emit(changed))

    @property
    def now(self) -> tuple[Section, ...]:
        """Return the sections, visible or not."""
        return tuple({**self.twin.records["sections"], **self.draft}.values())

    def set_draft(self, sections: Mapping[str, Section]) -> None:
        """Let sections in hand, by id, cut in place of the saved ones ({} = as saved); no edit yet."""
        if sections != self.draft:
            self.draft = dict(sections)
            self.twin.changed.emit(Change(Aspect.SECTIONS))

    def completed(self, frame: Frame) -> Frame:
        """Return the frame as the sections cut it now."""
        return self.capping.completed(frame, equations(self.now))


def tasks_of(frame: Frame, planes: F64) -> list[Task]:
    """Return the tiles that a plane goes through and no plane cuts away whole, in a lasting order."""
    found = []
    for layer, part in frame.layers.items():
        if not part.tiles:
            continue
        numbers = list(part.tiles)
        boxes = np.stack([part.tiles[number].box for number in numbers])
        local = lowered(planes, part.lift)
        crossed, away = crossing(boxes, local), gone(boxes, local)
        for i in np.flatnonzero(crossed.any(axis=1) & ~away).tolist():
            which = tuple(np.flatnonzero(crossed[i]).tolist())
            key = (layer, numbers[i])
            found.append(Task(key, part.tiles[numbers[i]], local, which))
    return found


def cut_all(tasks: list[Task], feedback: Feedback) -> Made:
    """Return the caps of each task's tile. Raises Cancelled."""
    started = time.perf_counter()
    done: list[tuple[Task, tuple[Cap, ...]]] = []
    for task in tasks:
        feedback.check()
        done.append((task, caps_of(task)))
    triangles = sum(triangle_count(task.resident.drawables) for task in tasks)
    return Made(tuple(done), triangles, time.perf_counter() - started)


def caps_of(task: Task) -> tuple[Cap, ...]:
    """Return the caps of one tile, a plane each."""
    box, planes = task.resident.box, task.planes
    middle = (box[:3] + box[3:]) / 2
    found: list[Cap | None] = []
    for index in task.crossed:
        others = np.delete(planes, index, axis=0) if len(planes) > 1 else NO_PLANES
        found.append(cap_of(task.resident.drawables, planes[index], middle, others))
    return tuple(cap for cap in found if cap is not None)


def areas(caps: Mapping[Tile, tuple[Cap, ...]]) -> tuple[float, int, int]:
    """Return the area cut, m², how many objects are cut, and how many of them stay open."""
    total, cut, open_ = 0.0, 0, 0
    for found in caps.values():
        total += float(sum(cap.area.sum() for cap in found))
        features = [cap.feature[cap.feature >= 0] for cap in found]
        cut += len(np.unique(np.concatenate(features))) if features else 0
        opened = [cap.feature[cap.open] for cap in found]
        open_ += len(np.unique(np.concatenate(opened))) if opened else 0
    return total, cut, open_
