"""What is ill-typed beside the objects: a relation that cannot be read is told and left out, not the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from twin.messages import text
from twin.records import Problem

WRONG = (RuntimeError, AttributeError, TypeError, IndexError, KeyError, ValueError)
"""What ifcopenshell and Python make of an attribute that is not of the type it must be."""


@dataclass
class Unread:
    """Class -> number of entities that could not be read, the first one's step id and what was wrong."""

    found: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    @contextmanager
    def reading(self, entity: Any) -> Iterator[None]:
        """Read one entity; if it is ill-typed, note it and go on behind the block."""
        try:
            yield
        except WRONG as error:
            kind = entity.is_a()
            count, step, reason = self.found.get(kind, (0, entity.id(), str(error)))
            self.found[kind] = (count + 1, step, reason)

    def problems(self) -> tuple[Problem, ...]:
        """Return a problem a class."""
        problems = []
        for kind, (count, step, reason) in self.found.items():
            params = {"kind": kind, "count": count, "step": step, "reason": reason[:200]}
            code = "ifc.relation_unread"
            problems.append(Problem(code, text(f"problem.{code}", **params), "", params))
        return tuple(problems)
