"""What a look at one object finds, and what each cardinality makes of it.

IDS documentation, facet-configurations.md and specifications.md ("Cardinality of requirements").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from twin.checks.report import Phrase


class State(Enum):
    """How far what is asked for is there."""

    MATCH = "match"
    ABSENT = "absent"
    NULL = "null"
    """It is there and holds nothing: a property without a value."""
    EMPTY = "empty"
    """It is there and holds an empty text, an empty list or an unknown."""
    OTHER = "other"
    """It is there and is something else."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A state and the words for it."""

    state: State
    why: Phrase


def verdict(cardinality: str, outcomes: Sequence[Outcome], *, bare: bool) -> Phrase | None:
    """Return why an object fails, None when it passes.

    ``bare`` says that only presence was asked for: prohibited then forbids the empty ones too.
    """
    if cardinality == "required":
        return _first(outcomes, tuple(state for state in State if state is not State.MATCH))
    if cardinality == "optional":
        return _first(outcomes, (State.EMPTY, State.OTHER))
    there = (State.MATCH, State.EMPTY, State.NULL) if bare else (State.MATCH,)
    return _first(outcomes, there)


def _first(outcomes: Sequence[Outcome], states: tuple[State, ...]) -> Phrase | None:
    return next((one.why for one in outcomes if one.state in states), None)
