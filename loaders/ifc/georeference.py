"""Where the model stands, by the four routes of IFC. (Placeholder reading of units only.)"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.geometry import F64
from twin.records import Problem


@dataclass(frozen=True)
class Place:
    """What the file says about its place."""

    crs: str = ""
    vertical: str = ""
    frame: F64 | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read(file: Any) -> Place:
    """Return the place."""
    return Place()
