"""What a reader may ask of every export."""

from collections.abc import Callable
from dataclasses import dataclass

from twin.records import Problem


def _unheard(problem: Problem) -> None:
    """Hear of a problem that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Options:
    """``language`` en or zh (texts only, never codes); ``bom`` for spreadsheets that need it (CSV).

    ``listed``: how many of the objects that need somebody the text report names. ``told`` hears what
    went wrong with the export itself, such as a font that this machine lacks.
    """

    language: str = "en"
    bom: bool = False
    listed: int = 20
    told: Callable[[Problem], None] = _unheard
