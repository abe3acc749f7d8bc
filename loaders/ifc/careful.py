"""Elements made one by one after a worker process died of one of them: the guilty ones are found and left out.

Before each element its number is written to a journal. When the process dies, the next try reads which
one it was at, never asks for it again, and lists it.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from loaders.ifc import shapes
from loaders.ifc.extents import Sizes
from loaders.ifc.makers import Taken
from loaders.ifc.shapes import Geometry, Shape
from twin.errors import BrokenFile
from twin.messages import text
from twin.ports import Feedback
from twin.records import Problem

MOST_TRIES = 6
"""Tries after a crash; each finds one element that kills, then the whole tile is given up."""


@dataclass
class Journal:
    """Which elements killed a process (``guilty``), kept in a small file between the tries."""

    path: Path
    guilty: list[int] = field(default_factory=list)

    @classmethod
    def at(cls, location: str, what: str, cache: str, attempt: int) -> "Journal":
        """Return the journal of a piece of work; its first try begins an empty one.

        Raises BrokenFile when the last try died of something else than an element.
        """
        name = sha256(f"{location}:{what}".encode()).hexdigest()[:32]
        folder = Path(cache) if cache else Path(tempfile.gettempdir())
        made = cls(folder / f"crashes-{name}.txt")
        if attempt <= 1:
            made.note(None)
            return made
        with suppress(OSError, ValueError):
            made.guilty = [int(word) for word in made.path.read_text("ascii").split()]
        if len(made.guilty) < attempt - 1:
            made.close()
            reason = "the program that reads it dies of it, and not of a single element"
            raise BrokenFile(location=location, format="IFC", reason=reason)
        return made

    def note(self, step: int | None) -> None:
        """Write down what is being made now (None: nothing)."""
        words = [*self.guilty] if step is None else [*self.guilty, step]
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(" ".join(map(str, words)), "ascii")

    def safe(self, steps: Iterable[int]) -> Iterator[int]:
        """Yield the elements that are not guilty, each noted while it is being made."""
        for step in steps:
            if step not in self.guilty:
                self.note(step)
                yield step
        self.note(None)

    def close(self) -> None:
        """Forget it: the work is done."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


@dataclass
class OneByOne:
    """Makers that ask the exact kernel for one element at a time and leave out the guilty ones."""

    file: Any
    journal: Journal
    sizes: Sizes
    own: None = None

    def order(self, steps: Sequence[int]) -> list[list[int]]:
        """Return the elements in the order of the file."""
        return [[step] for step in steps]

    def take(self, steps: Iterable[int], feedback: Feedback, *, keep: bool = False) -> Taken:
        """Return the shapes of some elements and the geometries they share; ``keep`` costs nothing."""
        found: list[Shape] = []
        geometries: dict[str, Geometry] = {}
        for step in self.journal.safe(steps):
            feedback.check()
            stream = shapes.start(self.file, [step], shapes.SECOND)
            found += stream.take([step], feedback)
            geometries.update(stream.geometries)
        return found, geometries

    def problems(self, steps: Iterable[int]) -> list[Problem]:
        """Return a problem for each of some elements that kills the kernel."""
        return [_problem(self.file.by_id(x)) for x in steps if x in self.journal.guilty]


def _problem(item: Any) -> Problem:
    params = {"kind": item.is_a(), "step": item.id()}
    words = text("problem.ifc.kills_kernel", **params)
    return Problem("ifc.kills_kernel", words, item[0] or f"#{item.id()}", params)
