"""A source's points into the project frame: exact, and by local maps that were verified."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference.crs import WGS84, Crs, geographic_of, parse_crs, plane_unit, problem
from twin.georeference.fitting import TOLERANCE, Local, fit
from twin.georeference.frames import ProjectFrame, inverse_cart, plane, to_lonlat
from twin.georeference.heights import SEA, Ground, convert, explain_heights, route, said
from twin.georeference.places import inside
from twin.records import About, Placement, Problem

Matrix = tuple[float, ...]
"""Sixteen numbers, row by row: a frame that stays hashable and small when pickled."""


@dataclass(frozen=True, slots=True)
class Georeference:
    """From a source's coordinates into the project frame. Plain data: PROJ is built where needed.

    ``frame`` (16 numbers, () = none) is applied to the source's points first and gives metres or
    degrees in ``source``. Without a source system or a project the points stay where the frame
    puts them.
    """

    source: Crs
    project: ProjectFrame | None
    frame: Matrix = ()

    @staticmethod
    def of(
        about: About, frame: F64 | None, placement: Placement | None, overrides: tuple[str, str]
    ) -> "Georeference":
        """Return the georeference of an opened source, its project still to be set.

        ``overrides`` are the user's (crs, vertical), '' = as the file says. A placement replaces
        the file's own frame and system. Raises CrsError for an unknown system.
        """
        crs, vertical = overrides
        if placement is not None:
            placed = parse_crs(placement.crs, vertical)
            return Georeference(placed, None, placed_at(placement, placed))
        source = parse_crs(crs or about.crs, vertical or _upright(crs, about))
        return Georeference(source, None, matrix(frame))

    @staticmethod
    def unknown() -> "Georeference":
        """Return the georeference that leaves everything where it is."""
        return Georeference(Crs(), None)

    def into(self, project: ProjectFrame | None, placed: bool = False) -> "Georeference":
        """Return this with its project; a placement's unnamed heights are the project's own."""
        source = self.source
        if placed and project is not None and source and not source.vertical:
            source = parse_crs(source.horizontal, project.vertical)
        return Georeference(source, project, self.frame)

    @property
    def stays(self) -> bool:
        """Return whether points are left exactly where they are."""
        return not self.frame and self.linear

    @property
    def linear(self) -> bool:
        """Return whether the whole map is one affine map (frame only, same system)."""
        if not self.source or self.project is None:
            return True
        same = self.source.horizontal == self.project.crs
        return same and self.source.rise == 1.0 and self._route in ("same", "unknown", "equal")

    @property
    def _route(self) -> str:
        assert self.project is not None
        return route(self.source.vertical, self.project.vertical).how

    def move(self, points: F64) -> F64:
        """Return points f64(n, 3) in the project frame, exactly; infinite where PROJ has no answer.

        ~1.8 s per million points.
        """
        points = self.framed(np.asarray(points, np.float64))
        if self.linear or not len(points):
            return points
        assert self.project is not None
        crs, rise = self.source, self.project.parsed().rise
        if crs.kind == "geocentric":
            lon, lat, z = inverse_cart(crs.horizontal).transform(
                points[:, 0], points[:, 1], points[:, 2]
            )
            x, y = plane(geographic_of(crs.horizontal), self.project.crs)[0].transform(lon, lat)
        else:
            z = points[:, 2] * crs.rise
            x, y = points[:, 0], points[:, 1]
            if crs.horizontal != self.project.crs:
                x, y = plane(crs.horizontal, self.project.crs)[0].transform(x, y)
        if self._route not in ("same", "unknown", "equal"):
            lonlat = plane(self.project.crs, WGS84)[0].transform(x, y)
            z = convert(z, lonlat, crs.vertical, self.project.vertical)
        return np.column_stack([x, y, np.asarray(z) / rise])

    def framed(self, points: F64) -> F64:
        """Return points f64(n, 3) after the frame, in the source's system."""
        if not self.frame:
            return points
        frame = np.array(self.frame).reshape(4, 4)
        return np.asarray(points @ frame[:3, :3].T + frame[:3, 3], np.float64)

    def local(self, box: F64, samples: F64, tolerance: float = TOLERANCE) -> Local | None:
        """Return a verified cheap map for a tile's box f64(6) and farthest vertices f64(n, 3)."""
        return fit(self.move, box, samples, self.floor, tolerance)

    @property
    def floor(self) -> F64:
        """Return the least half size of a tile to fit over: a metre each way, in source units."""
        degrees = self.source.kind == "geographic" and not self.frame
        return np.array([1e-5, 1e-5, 1.0]) if degrees else np.ones(3)

    def affine(self, at: F64, reach: float) -> tuple[F64, F64] | None:
        """Return (A f64(3, 3), b f64(3)), moved = A @ (p - at) + b, None when it misses by 1 mm.

        ``at`` f64(3) is the place, ``reach`` the metres around it that must fit.
        """
        around = reach * self.floor
        found = fit(self.move, np.concatenate([at - around, at + around]), at[None, :], self.floor)
        if found is None or len(found.coefficients) != 3:
            return None
        return found.jacobian(at[None, :])[0], found(at[None, :])[0]

    def lonlat(self, points: F64) -> F64:
        """Return WGS 84 degrees and heights f64(n, 3) of the source's own points f64(n, 3)."""
        return to_lonlat(self.source, self.framed(np.asarray(points, np.float64)))

    def said(self, title: str, box: F64, ground: Ground = SEA) -> tuple[Problem, ...]:
        """Return all that a user must know: systems, accuracy, heights, coordinates out of area.

        ``box`` f64(6) holds the source, in its own coordinates; ``ground`` is the level known here.
        """
        if not self.source:
            return (problem("crs.missing", title=title),)
        if self.project is None:
            return ()
        found: list[Problem] = []
        names: dict[str, Any] = {"title": title, "source": self.source.title}
        flat = self.source.horizontal
        if self.source.kind == "geocentric":
            flat = geographic_of(flat)
        if flat != self.project.crs and plane(flat, self.project.crs)[1]:
            found.append(problem("crs.ballpark", project=self.project.title, **names))
        if self.source.unit not in ("metre", "degree", ""):
            found.append(problem("crs.unit", unit=self.source.unit, **names))
        found += said(title, self.source.vertical, self.project.vertical)
        found += self._place(names, box, ground)
        return tuple(found)

    def _place(self, names: dict[str, Any], box: F64, at: Ground) -> list[Problem]:
        """Return problems of the place itself: outside of the area, heights that look wrong."""
        if not np.isfinite(box).all():
            return []
        low = (box[:3] + box[3:]) / 2 * [1, 1, 0] + box[:3] * [0, 0, 1]
        if self.source.kind == "geocentric":
            low = (box[:3] + box[3:]) / 2
        lon, lat, _ = self.lonlat(low[None, :])[0]
        if not (np.isfinite(lon) and np.isfinite(lat)):
            return []
        found: list[Problem] = []
        if self.source.area is not None and not inside(self.source.area, float(lon), float(lat)):
            where = f"{lon:.4f}, {lat:.4f}"
            found.append(
                problem("crs.outside", where=where, area=_short(self.source.area_name), **names)
            )
        if not self.source.vertical:
            ground = float(self.framed(low[None, :])[0, 2]) * self.source.rise
            guess = explain_heights(ground, float(lon), float(lat), at, str(names["title"]))
            found += [] if guess is None else [guess]
        return found


def _upright(override: str, about: About) -> str:
    """Return the vertical datum the file names beside its system; an override with heights wins."""
    if override and parse_crs(override).vertical:
        return ""
    return about.vertical


def _short(area: str) -> str:
    """Return the first words of an area: the registry lists every county."""
    words = area.rstrip(".").partition(":")[0]
    return words if len(words) <= 80 else words[:77] + "..."


def matrix(frame: F64 | None) -> Matrix:
    """Return a frame as numbers; () for none or the identity. Raises CrsError for a broken one."""
    if frame is None or np.array_equal(frame, np.eye(4)):
        return ()
    if frame.shape != (4, 4) or not np.isfinite(frame).all():
        raise CrsError(crs="", reason="the source's frame holds numbers that are none")
    return tuple(float(value) for value in frame.ravel())


def placed_at(placement: Placement, crs: Crs) -> Matrix:
    """Return the frame of a placement in its system: translate @ units @ scale * turn @ -anchor.

    Raises CrsError for a system in degrees: no model in metres can be turned in it.
    """
    if crs and crs.kind != "projected":
        reason = f"a placement needs a projected system, this one is {crs.kind}"
        raise CrsError(crs=placement.crs, reason=reason)
    turn = np.radians(placement.rotation)
    cos, sin = np.cos(turn), np.sin(turn)
    linear = placement.scale * np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    linear /= np.array([plane_unit(crs), plane_unit(crs), crs.rise])[:, None]
    frame = np.eye(4)
    frame[:3, :3] = linear
    base = np.array([placement.easting, placement.northing, placement.height / crs.rise])
    frame[:3, 3] = base - linear @ np.array(placement.anchor)
    return matrix(frame) or tuple(np.eye(4).ravel().tolist())
