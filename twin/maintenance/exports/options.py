"""What a reader may ask of every export."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``language`` en or zh (texts only, never codes); ``bom`` for spreadsheets that need it (CSV).

    ``listed``: how many of the objects that need somebody the text report names.
    """

    language: str = "en"
    bom: bool = False
    listed: int = 20
