"""What is known of the candidates, one row a building: columns in which a missing value is NaN."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import TEXT, Bool
from twin.geometry import F64
from twin.problems import Problem

NUMBERS = (
    "gfa_m2", "height_m", "use", "public", "occupancy", "heritage", "gap", "cost",
    "storeys", "dwellings", "project_m", "new",
)  # fmt: skip
"""The columns of a candidate, all of them numbers here: ``use`` is a place in ``Method.uses``, ``public`` and
``new`` are 0 or 1, ``heritage`` a grade 0, 1 or 2, ``gap`` 0..1, ``cost`` thousands of the currency, ``project_m`` the
value of the project in millions of the rule's currency."""
SCORED: Mapping[str, str] = {
    "gfa": "gfa_m2",
    "height": "height_m",
    "use": "use",
    "occ": "occupancy",
    "heritage": "heritage",
    "gap": "gap",
}
"""Part of the score -> the column that it is made of."""


@dataclass(frozen=True)
class Candidates:
    """Buildings to choose from. ``id`` and ``name`` text(n); ``columns`` name -> f64(n), NaN = not known;
    ``sources`` name -> text(n): where a value came from ('' = nowhere); ``problems`` name what was left out."""

    id: NDArray[Any]
    name: NDArray[Any]
    columns: Mapping[str, F64]
    sources: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        """Return the number of buildings."""
        return len(self.id)

    def __getitem__(self, column: str) -> F64:
        """Return a column f64(n), NaN throughout where nobody said anything."""
        found = self.columns.get(column)
        return np.full(len(self), np.nan) if found is None else found

    def known(self, column: str) -> Bool:
        """Return bool(n): where a column has a value."""
        return np.asarray(np.isfinite(self[column]), np.bool_)

    def with_values(self, column: str, values: F64) -> "Candidates":
        """Return the candidates with another column; NaN leaves what was known."""
        kept = np.where(np.isfinite(values), values, self[column])
        return replace(self, columns={**self.columns, column: kept})

    def missing(self, row: int) -> tuple[str, ...]:
        """Return the columns of the score that a building lacks, and the cost."""
        wanted = (*SCORED.values(), "cost")
        return tuple(name for name in wanted if not np.isfinite(self[name][row]))


def candidates(
    names: Mapping[str, str], columns: Mapping[str, F64], problems: tuple[Problem, ...] = ()
) -> Candidates:
    """Return candidates of (id -> name) and columns f64(n)."""
    return Candidates(
        np.array(list(names), dtype=TEXT),
        np.array(list(names.values()), dtype=TEXT),
        {key: np.asarray(value, np.float64) for key, value in columns.items()},
        problems=problems,
    )
