"""What is wrong with an object, a tile or a source: listed and counted, never raised."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twin.messages import text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one object or one tile; listed, counted, audited, never raised.

    ``code`` is stable and stands in the message catalogue under ``problem.<code>`` with ``params``;
    ``feature`` is the object's id or the tile's address.
    """

    code: str
    text: str
    feature: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def said(self, language: str = "en") -> str:
        """Return the sentence in a language; a code that the catalogue lacks keeps its own text."""
        key = f"problem.{self.code}"
        found = text(key, language, **{"id": self.feature, **self.params})
        return self.text if found == key else found


def counted(told: tuple[Problem, ...], more: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return problems with more of them; one that differs from an earlier in ``count`` alone adds to it.

    So what is found file by file about a whole source (``feature`` '') is said once, with its number.
    """
    found = list(told)
    for problem in more:
        key = _uncounted(problem)
        at = (
            None
            if key is None
            else next(
                (
                    i
                    for i, other in enumerate(found)
                    if other.code == problem.code and _uncounted(other) == key
                ),
                None,
            )
        )
        if at is None:
            found.append(problem)
            continue
        params = {**problem.params, "count": found[at].params["count"] + problem.params["count"]}
        again = replace(problem, params=params)
        found[at] = replace(again, text=again.said())
    return tuple(found)


def _uncounted(problem: Problem) -> dict[str, Any] | None:
    """Return what a counted problem of a whole source says besides its number; None for all others."""
    if problem.feature or not isinstance(problem.params.get("count"), int):
        return None
    return {name: value for name, value in problem.params.items() if name != "count"}
