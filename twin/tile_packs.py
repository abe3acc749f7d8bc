"""A pack of tiles for offline: those of a box and of some levels, fetched from a server into a folder z/x/y.

It is made where a person asks for it, never by opening something. The number of tiles is known and limited
before the first request. Tiles are asked for one after the other and written whole or not at all, so a
pack that was cut off goes on where it ended. The folder opens like any imagery.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from twin.errors import BrokenFile, NotReadable, NotSupported, TooLarge, UsageError
from twin.ports import Feedback
from twin.records import Problem

MOST = 20_000
"""Tiles of a pack, unless more are allowed."""
OCTETS = 20_000
"""Bytes of a tile, about: what photographs take as JPEG. Before anything is fetched nobody knows better."""
USUAL = 2_000
"""Tiles of a pack that nobody chose the levels of, at most."""
FINEST = 18
MERCATOR = "EPSG:3857"
NORTHEST = 85.05112877980659
"""Degrees of latitude at which the square of Web Mercator ends."""
ATTRIBUTION = "attribution.txt"
"""File of a pack that says whose the pictures are."""
DATUM = "datum.txt"
"""File of a pack that says in which datum its pictures are, where it is not that of their system."""
_HEADS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


@runtime_checkable
class Numbered(Protocol):
    """Imagery in numbered tiles."""

    @property
    def crs(self) -> str:
        """Return the system in which it is cut."""
        ...

    @property
    def levels(self) -> tuple[int, int]:
        """Return the coarsest and the finest level."""
        ...

    @property
    def credit(self) -> str:
        """Return the attribution."""
        ...

    @property
    def datum(self) -> str:
        """Return in which datum its pictures are known to be ('' = that of its system)."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what a user must know of it."""
        ...

    def read(self, z: int, x: int, y: int) -> bytes | None:
        """Return the bytes of a tile, None where there is none. Raises OpenError."""
        ...


@dataclass(frozen=True, slots=True)
class Area:
    """A box west, south, east, north in degrees (WGS 84) and its levels, both inclusive. Raises UsageError."""

    box: tuple[float, float, float, float]
    levels: tuple[int, int]

    def __post_init__(self) -> None:
        """Refuse what is no area."""
        west, south, east, north = self.box
        if not (all(map(math.isfinite, self.box)) and -180 <= west < east <= 180):
            raise UsageError(reason="the box needs WEST,SOUTH,EAST,NORTH in degrees")
        if not -90 <= south < north <= 90:
            raise UsageError(reason="the box needs WEST,SOUTH,EAST,NORTH in degrees")
        if not 0 <= self.levels[0] <= self.levels[1] <= 30:
            raise UsageError(reason="levels are LOW-HIGH within 0 to 30")

    def spans(self, z: int) -> tuple[range, range]:
        """Return the columns and rows of the tiles of a level that meet the box."""
        west, south, east, north = self.box
        count = 1 << z
        left, right = (math.floor((x + 180) / 360 * count) for x in (west, _before(east)))
        top, bottom = (math.floor(_down(y) * count) for y in (_before(north), south))
        last = count - 1
        return range(left, min(right, last) + 1), range(max(top, 0), min(bottom, last) + 1)

    @property
    def count(self) -> int:
        """Return how many tiles all levels have."""
        spans = (self.spans(z) for z in range(self.levels[0], self.levels[1] + 1))
        return sum(len(columns) * len(rows) for columns, rows in spans)

    def tiles(self) -> Iterator[tuple[int, int, int]]:
        """Yield z, x and y, coarse levels first."""
        for z in range(self.levels[0], self.levels[1] + 1):
            columns, rows = self.spans(z)
            yield from ((z, x, y) for x in columns for y in rows)


def sized(box: tuple[float, float, float, float]) -> tuple[int, int]:
    """Return the levels that a pack of a box usually has: from where it is a tile or four, as deep as is cheap."""
    low = max((z for z in range(FINEST) if Area(box, (z, z)).count <= 4), default=0)
    high = max(
        (z for z in range(low, FINEST + 1) if Area(box, (low, z)).count <= USUAL), default=low
    )
    return low, high


def _before(edge: float) -> float:
    """Return an edge without the tile that only touches it."""
    return math.nextafter(edge, -math.inf)


def _down(latitude: float) -> float:
    """Return how far a latitude lies below the north edge of Web Mercator, 0..1 of its height."""
    bounded = math.radians(min(max(latitude, -NORTHEST), NORTHEST))
    return (1 - math.asinh(math.tan(bounded)) / math.pi) / 2


@dataclass(frozen=True, slots=True)
class Packed:
    """What was done: tiles fetched, those that lay there already, those the server has not, bytes fetched."""

    fetched: int
    kept: int
    missing: int
    octets: int


def checked(imagery: object, area: Area, location: str, most: int = MOST) -> Numbered:
    """Return imagery of which a pack can be made. Raises NotSupported, TooLarge, UsageError."""
    if not isinstance(imagery, Numbered) or imagery.crs != MERCATOR:
        advice = "Packs are made of numbered tiles in Web Mercator."
        raise NotSupported(location=location, what="a pack of this imagery", advice=advice)
    if not imagery.levels[0] <= area.levels[0] <= area.levels[1] <= imagery.levels[1]:
        low, high = imagery.levels
        raise UsageError(reason=f"the imagery has levels {low} to {high}")
    if area.count > most:
        raise TooLarge(location=location, what="the pack", size=area.count, limit=most)
    return imagery


def packed(
    imagery: Numbered, area: Area, folder: Path, feedback: Feedback, datum: str = ""
) -> Packed:
    """Fetch the tiles that the folder lacks. Raises OpenError, Cancelled; what came stays.

    ``datum`` is what a person said of it ('' = what is known of the imagery).
    """
    ending = _ending_there(folder)
    fetched = kept = missing = octets = 0
    whole = area.count
    for number, (z, x, y) in enumerate(area.tiles()):
        feedback.check()
        feedback.progress(number / max(whole, 1), f"{number} / {whole}")
        if ending and (folder / f"{z}/{x}/{y}{ending}").is_file():
            kept += 1
            continue
        data = imagery.read(z, x, y)
        if data is None:
            missing += 1
            continue
        suffix = _ending(data, f"{z}/{x}/{y}")
        ending = ending or suffix
        _write(folder / f"{z}/{x}/{y}{ending}", data)
        fetched, octets = fetched + 1, octets + len(data)
    if imagery.credit and fetched + kept:
        _write(folder / ATTRIBUTION, imagery.credit.encode())
    datum = datum or imagery.datum
    if datum and fetched + kept:
        _write(folder / DATUM, datum.encode())
    return Packed(fetched, kept, missing, octets)


def _ending_there(folder: Path) -> str:
    """Return the ending of the tiles that lie in a folder; '' where there are none. Raises NotReadable."""
    if folder.exists() and not folder.is_dir():
        raise NotReadable(location=str(folder), reason="it is no folder")
    found = (path.suffix for path in folder.glob("[0-9]*/[0-9]*/[0-9]*.*"))
    return next((suffix for suffix in found if suffix in _HEADS.values()), "")


def _ending(data: bytes, name: str) -> str:
    """Return the ending of a picture. Raises BrokenFile where it is none: a page that says no, say."""
    found = next((ending for head, ending in _HEADS.items() if data.startswith(head)), "")
    if not found:
        raise BrokenFile(location=name, format="tile", reason="it is no picture")
    return found


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        raise NotReadable(location=str(path), reason=error.strerror or str(error)) from error
