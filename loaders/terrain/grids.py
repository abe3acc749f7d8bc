"""Numbered tiles: which piece of the Earth z/x/y is, geodetic or Web Mercator, counted from south or north."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from loaders._ellipsoid import A
from twin.geometry import F64

GEODETIC, MERCATOR = "geodetic", "mercator"
DEEPEST = 30
_LIMIT = float(np.degrees(2 * np.arctan(np.exp(np.pi)) - np.pi / 2))
"""The latitude at which Web Mercator ends, degrees."""


class Place(NamedTuple):
    """A tile: level, column from the west, row from the south."""

    z: int
    x: int
    y: int

    def below(self) -> "tuple[Place, Place, Place, Place]":
        """Return the four tiles that divide it: southwest, southeast, northwest, northeast."""
        z, x, y = self.z + 1, 2 * self.x, 2 * self.y
        return Place(z, x, y), Place(z, x + 1, y), Place(z, x, y + 1), Place(z, x + 1, y + 1)


@dataclass(frozen=True, slots=True)
class Numbering:
    """How tiles are numbered: the projection, and whether rows count from the south (TMS) or the north."""

    projection: str = GEODETIC
    from_south: bool = True

    @property
    def across(self) -> int:
        """Return how many tiles level 0 has across."""
        return 2 if self.projection == GEODETIC else 1

    def roots(self) -> tuple[Place, ...]:
        """Return the tiles of level 0."""
        return tuple(Place(0, x, 0) for x in range(self.across))

    def valid(self, place: Place) -> bool:
        """Return whether there is such a tile."""
        side = 1 << place.z if 0 <= place.z <= DEEPEST else 0
        return 0 <= place.x < side * self.across and 0 <= place.y < side

    def named(self, z: int, x: int, y: int) -> Place:
        """Return the tile that a path names."""
        return Place(z, x, y if self.from_south else (1 << z) - 1 - y)

    def row(self, place: Place) -> int:
        """Return the row as a path names it."""
        return place.y if self.from_south else (1 << place.z) - 1 - place.y

    def rectangle(self, place: Place) -> tuple[float, float, float, float]:
        """Return west, south, east, north in degrees."""
        side = float(1 << place.z)
        if self.projection == GEODETIC:
            step = 180.0 / side
            west, south = -180.0 + place.x * step, -90.0 + place.y * step
            return west, south, west + step, south + step
        step = 360.0 / side
        west = -180.0 + place.x * step
        south, north = self.latitudes(place, np.array([0.0, 1.0])).tolist()
        return west, south, west + step, north

    def latitudes(self, place: Place, v: F64) -> F64:
        """Return the latitude in degrees at v from 0 (south edge) to 1."""
        side = float(1 << place.z)
        if self.projection == GEODETIC:
            return np.asarray(-90.0 + (place.y + v) * 180.0 / side, np.float64)
        level = np.pi * (2 * (place.y + v) / side - 1)
        return np.asarray(np.degrees(2 * np.arctan(np.exp(level)) - np.pi / 2), np.float64)

    def width(self, z: int) -> float:
        """Return the width of a tile of a level, degrees."""
        return (180.0 if self.projection == GEODETIC else 360.0) / (1 << z)

    def half_diagonal(self, place: Place) -> float:
        """Return half the diagonal of a tile on the ground, metres."""
        west, south, east, north = np.radians(self.rectangle(place)).tolist()
        middle = float(np.cos((south + north) / 2))
        return A * float(np.hypot((east - west) * middle, north - south)) / 2

    def error(self, z: int) -> float:
        """Return the error of a level whose tiles do not say theirs, metres: twice what Cesium assumes.

        Cesium: a quarter of the spacing of 65 posts at the equator, for which it allows 2 pixels.
        """
        return 2 * A * 2 * np.pi * 0.25 / (65 * self.across) / (1 << z)
