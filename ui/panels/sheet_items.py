"""What a sheet is made of: headings, fields, links, notes, bars and stacks."""

from dataclasses import dataclass

SWATCHES = ("#1F5F8B", "#4C97C6", "#8CC3DC", "#C9A227", "#8A5A1C", "#8A949E")
"""The categorical set of the look, for what is neither a status nor active."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of a section, with a note at the right; one with a ``key`` folds what stands below."""

    text: str
    note: str = ""
    key: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One value with its label and, in t3, the field it came from. ``tone``: t1, t3 or stale.

    ``unit`` follows the value in t3; ``swatch`` is a colour before the label; ``key`` names the
    attribute that the field shows.
    """

    label: str
    value: str
    source: str = ""
    status: str = ""
    tone: str = "t1"
    unit: str = ""
    swatch: str = ""
    key: str = ""

    @property
    def whole(self) -> str:
        """Return value and unit, as they are copied."""
        return f"{self.value} {self.unit}" if self.unit else self.value


@dataclass(frozen=True, slots=True)
class Link:
    """A value that leads somewhere: to an object (``layer``, ``row``) or to an address on the web."""

    label: str
    value: str
    source: str = ""
    layer: str = ""
    row: int = -1
    uri: str = ""

    @property
    def whole(self) -> str:
        """Return what is copied: the address, else the text."""
        return self.uri or self.value


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph in t2."""

    text: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Layers beside one another as a cut through them: (colour, metres); what has no thickness is thin."""

    layers: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class DueBar:
    """Time from the update to today: labels above and below, shares of the four zones, today 0..1.

    ``zones`` are the ends of fresh, due soon and grace as shares of the whole bar.
    """

    captions: tuple[str, str, str]
    values: tuple[str, str, str]
    zones: tuple[float, float, float]
    due: float
    today: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the sheet."""


Item = Heading | Field | Link | Note | Stack | DueBar | Rule
Active = Heading | Field | Link
"""What a person can act on."""


def is_active(item: Item) -> bool:
    """Return whether a click or a key does something with an item."""
    return isinstance(item, Field | Link) or (isinstance(item, Heading) and bool(item.key))
