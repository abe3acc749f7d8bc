"""Everything read from a city model, still in file order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from loaders._city.columns import Columns
from loaders._city.looks import Looks
from loaders._city.soup import Soup
from twin.geometry import F64, I32
from twin.records import Problem


class Rows(Protocol):
    """The objects of a city model, one entry a row, in file order."""

    @property
    def ids(self) -> list[str]:
        """Return the unique ids."""
        ...

    @property
    def kinds(self) -> list[str]:
        """Return the kinds."""
        ...

    @property
    def names(self) -> list[str | None]:
        """Return the names."""
        ...

    @property
    def columns(self) -> Columns:
        """Return the attributes."""
        ...

    @property
    def problems(self) -> list[Problem]:
        """Return what was wrong with the objects."""
        ...

    def hierarchy(self) -> tuple[I32, I32]:
        """Return rows in their final order and the parents i32(n) in final rows."""
        ...


@dataclass(slots=True)
class Loose:
    """Points or segments of all objects: ``vertex`` parts f64(v, 3), ``row`` parts i32(v), and
    for lines ``segments`` parts i32(s, 2), numbered over all parts."""

    vertex: list[F64] = field(default_factory=list)
    row: list[I32] = field(default_factory=list)
    segments: list[I32] = field(default_factory=list)
    count: int = 0

    def add(self, points: F64, row: int, sizes: Sequence[int] = ()) -> None:
        """Add points of one object; ``sizes`` are the lengths of the lines they make."""
        begin = self.count
        for size in sizes:
            at = np.arange(begin, begin + size, dtype=np.int32)
            self.segments.append(np.stack([at[:-1], at[1:]], axis=1))
            begin += size
        self.vertex.append(points)
        self.row.append(np.full(len(points), row, np.int32))
        self.count += len(points)


@dataclass(slots=True)
class City:
    """Everything read from a document, still in file order. ``geographic``: x and y are degrees."""

    objects: Rows
    looks: Looks
    soups: list[Soup] = field(default_factory=list)
    points: Loose = field(default_factory=Loose)
    lines: Loose = field(default_factory=Loose)
    templates: dict[int, Soup] = field(default_factory=dict)
    placed: dict[int, list[tuple[int, F64]]] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    lods: list[str] = field(default_factory=list)
    all_lods: set[str] = field(default_factory=set)
    geographic: bool = False
