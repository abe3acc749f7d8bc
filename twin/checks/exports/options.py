"""What the caller decides about an export."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``at`` is the instant of the check, ISO 8601 in UTC; ``listed`` the most objects a page lists."""

    at: str
    language: str = "en"
    listed: int = 200
