"""Imagery to drape on terrain: GeoTIFF, numbered tiles (XYZ, TMS) in folders and on servers, WMTS.

A picture is asked for by places: whatever the system and the tiling of the imagery, the answer is the
colours at those places.
"""

from dataclasses import dataclass

from loaders.terrain.imagery import ortho, tiles, wmts
from loaders.terrain.imagery.corrected import corrected
from twin.files import is_remote
from twin.imagery import Imagery, datum_of
from twin.ports import Feedback

TIFFS = (".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Reader:
    """What opens imagery."""

    name: str = "imagery"

    def is_file(self, location: str) -> bool:
        """Return whether a location is read by C code, which belongs into a worker process."""
        return not is_remote(location) and datum_of(location)[0].lower().endswith(TIFFS)

    def datum(self, location: str) -> str:
        """Return the datum in which pictures of a location are known to be; '' where none is known."""
        return tiles.datum_at(datum_of(location)[0])

    def open(self, location: str, feedback: Feedback) -> Imagery:
        """Return the imagery at a location, corrected where it says #datum=gcj02. Raises OpenError."""
        plain, datum = datum_of(location)
        found: Imagery = corrected(self._opened(plain), datum, plain)
        return found

    def _opened(self, location: str) -> Imagery:
        if self.is_file(location):
            return ortho.opened(location)
        if wmts.is_capabilities(location):
            return wmts.opened(location)
        return tiles.opened(location)


READER = Reader()
