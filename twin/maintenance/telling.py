"""What is wrong with rows of a table: listed by number, each kind so many times, then counted."""

from dataclasses import dataclass, field
from typing import Any

from twin.messages import text
from twin.records import Problem

MOST_LISTED = 200
"""Rows of one kind of problem that are named one by one; the rest is counted in one more."""


def problem(code: str, feature: str = "", **params: Any) -> Problem:
    """Return a problem with its English text from the catalogue."""
    return Problem(code, text(f"problem.{code}", id=feature, **params), feature, params)


@dataclass(slots=True)
class Told:
    """Collects problems of rows and of the file."""

    whole: list[Problem] = field(default_factory=list)
    rows: dict[str, list[Problem]] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)

    def file(self, code: str, **params: Any) -> None:
        """Add what is wrong with the file."""
        self.whole.append(problem(code, "", **params))

    def row(self, code: str, number: int, **params: Any) -> None:
        """Add what is wrong with a row, by the file's own number."""
        listed = self.rows.setdefault(code, [])
        if len(listed) < MOST_LISTED:
            listed.append(problem(code, str(number), **params))
        else:
            self.more[code] = self.more.get(code, 0) + 1

    def problems(self) -> tuple[Problem, ...]:
        """Return everything: the file's first, then the rows', kind by kind."""
        found = list(self.whole)
        for code, listed in self.rows.items():
            found += listed
            if code in self.more:
                count, shown = self.more[code], listed[0].params
                params = {"count": count, "like": listed[0].feature, "what": code, **shown}
                found.append(problem("vector.more", "", **params))
        return tuple(found)
