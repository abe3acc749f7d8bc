"""Frozen records of what is prepared to be shown: marks in space, and stories of scenes."""

from dataclasses import dataclass

KINDS = ("label", "arrow", "line", "picture")
"""A word at a point, an arrow to a point, a measured line, a picture at a point."""
LANGUAGES = ("en", "zh")
PICTURE_BYTES = 32 * 1024 * 1024
"""Bytes of an image file at most."""
IMAGES = ((b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"))
"""How the files of pictures begin, and how their names end."""


def suffix_of(data: bytes) -> str:
    """Return the ending of the name of an image file, '' for what is neither PNG nor JPEG."""
    return next((suffix for start, suffix in IMAGES if data.startswith(start)), "")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mark anchored in space: one of ``KINDS``, at ``points`` in the project frame as it was then.

    A label and a picture have one point; an arrow ends at its last point; a line is measured along its
    points. ``crs`` and ``vertical`` name the frame ('' = unknown). ``color`` is '' (as the theme) or
    '#RRGGBB'; ``picture`` the SHA-256 of a file of the project; ``place`` where it stands in the list.
    """

    id: str
    kind: str
    points: tuple[tuple[float, float, float], ...]
    text: str = ""
    note: str = ""
    color: str = ""
    picture: str = ""
    visible: bool = True
    crs: str = ""
    vertical: str = ""
    place: float = 0.0


@dataclass(frozen=True, slots=True)
class StoryScene:
    """One scene: a saved view (``bookmark``), what the audience reads in both languages, what is said.

    ``minutes`` are planned; ``route`` names a route that is flown when the scene begins ('' = none).
    """

    id: str
    bookmark: str
    title_en: str = ""
    title_zh: str = ""
    text_en: str = ""
    text_zh: str = ""
    notes: str = ""
    minutes: float = 0.0
    route: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """Scenes in the order in which they are shown. ``freshness``: say how old the data is."""

    id: str
    title: str
    scenes: tuple[StoryScene, ...] = ()
    freshness: bool = True
    place: float = 0.0
