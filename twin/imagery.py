"""What pictures of the ground look like to the core: colours at places."""

from collections.abc import Mapping
from typing import Protocol

from twin.choices import Option
from twin.geometry import F64, U8
from twin.jobs import Feedback
from twin.ports import registered
from twin.records import Problem

GCJ02 = "gcj02"
"""The datum of Chinese web maps."""
_DATUM = "datum="
SHIFT = Option("datum", ("wgs84", GCJ02))
"""What a person decides about pictures that are a layer of their own."""


def datum_of(address: str) -> tuple[str, str]:
    """Return the address of imagery without what it says of its datum, and that: ``...#datum=gcj02``."""
    plain, mark, rest = address.partition("#")
    parts = rest.split("&") if mark else []
    said = [part.removeprefix(_DATUM) for part in parts if part.startswith(_DATUM)]
    other = "&".join(part for part in parts if not part.startswith(_DATUM))
    return (f"{plain}#{other}" if other else plain), (said[-1].strip().lower() if said else "")


def with_datum(address: str, datum: str) -> str:
    """Return the address of imagery that says in which datum its pictures are ('' = as they are)."""
    plain = datum_of(address)[0]
    if not datum or not plain:
        return plain
    return f"{plain}{'&' if '#' in plain else '#'}{_DATUM}{datum}"


class Imagery(Protocol):
    """An opened source of pictures. Frozen and picklable."""

    @property
    def crs(self) -> str:
        """Return the system of its plane, 'EPSG:n' or WKT."""
        ...

    @property
    def finest(self) -> float:
        """Return metres in a pixel where it is finest."""
        ...

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Return least x and y, greatest x and y of its plane, beyond which there is no picture."""
        ...

    @property
    def credit(self) -> str:
        """Return the attribution that must stand on the screen ('' = none)."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what a user must know of it."""
        ...

    def colors(self, places: F64, spacing: float, feedback: Feedback) -> U8:
        """Return RGBA u8(h, w, 4) at places f64(h, w, 2) of its plane, ``spacing`` metres apart.

        Alpha is 0 where there is no picture. Raises OpenError, Cancelled.
        """
        ...


class ImageryReader(Protocol):
    """What opens imagery (entry points ``citytwin.imagery``)."""

    def is_file(self, location: str) -> bool:
        """Return whether a location is read by C code, which belongs into a worker process."""
        ...

    def datum(self, location: str) -> str:
        """Return the datum in which pictures of a location are known to be; '' where none is known."""
        ...

    def open(self, location: str, feedback: Feedback) -> Imagery:
        """Return the imagery at a location. Raises OpenError."""
        ...


READERS: Mapping[str, ImageryReader] = registered("citytwin.imagery")


def reader() -> ImageryReader:
    """Return what opens imagery."""
    return next(iter(READERS.values()))
