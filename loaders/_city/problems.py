"""Problems of a city model with their English texts."""

from typing import Any

from twin.messages import text
from twin.records import Problem


def problem(code: str, feature: str = "", **params: Any) -> Problem:
    """Return a problem with its English text from the catalogue."""
    return Problem(code, text(f"problem.{code}", id=feature, **params), feature, params)
