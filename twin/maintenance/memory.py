"""What the parts of a verdict were made from: a part whose inputs are the same is not made again.

Changing one policy then costs what the policy decides, not the dates, areas and hints of a million rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Made:
    things: tuple[Any, ...]
    values: tuple[Any, ...]
    result: Any


@dataclass
class Memory:
    """The parts of the last verdict on one layer. ``judge`` in two threads at once is harmless: each part
    is put in place whole, and equal inputs give equal parts."""

    made: dict[str, _Made] = field(default_factory=dict)

    def recall(
        self, part: str, things: tuple[Any, ...], values: tuple[Any, ...], make: Callable[[], T]
    ) -> T:
        """Return a part as it was made, or make it.

        ``things`` (tables, arrays, parts) must be the very same objects; ``values`` must be equal,
        arrays among them element by element.
        """
        found = self.made.get(part)
        if found is not None and _same(found, things, values):
            result: T = found.result
            return result
        new = make()
        self.made[part] = _Made(things, values, new)
        return new


def _same(made: _Made, things: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
    if len(things) != len(made.things) or len(values) != len(made.values):
        return False
    if any(a is not b for a, b in zip(things, made.things, strict=True)):
        return False
    return all(map(_equal, values, made.values))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return one is other or np.array_equal(one, other)
    return bool(one is other or one == other)
