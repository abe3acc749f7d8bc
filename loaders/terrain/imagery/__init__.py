"""Imagery to drape on terrain: GeoTIFF, numbered tiles (XYZ, TMS) in folders and on servers, WMTS.

A picture is asked for by places: whatever the system and the tiling of the imagery, the answer is the
colours at those places.
"""

from dataclasses import dataclass

from loaders.terrain.imagery import ortho, tiles, wmts
from twin.files import is_remote
from twin.imagery import Imagery
from twin.ports import Feedback

TIFFS = (".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Reader:
    """What opens imagery."""

    name: str = "imagery"

    def is_file(self, location: str) -> bool:
        """Return whether a location is read by C code, which belongs into a worker process."""
        return not is_remote(location) and location.lower().endswith(TIFFS)

    def open(self, location: str, feedback: Feedback) -> Imagery:
        """Return the imagery at a location. Raises OpenError."""
        if self.is_file(location):
            return ortho.opened(location)
        if wmts.is_capabilities(location):
            return wmts.opened(location)
        return tiles.opened(location)


READER = Reader()
