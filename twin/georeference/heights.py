"""Heights: from one vertical datum to another, never silently.

PROJ's wheel holds no geoid grid, and PROJ then passes heights through unchanged without an error.
So heights are moved apart from the plane: through an operation that is no ballpark where its grid
is installed, else through the bundled EGM96 15' grid, and the accuracy is said.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import Transformer
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from twin.geometry import F64
from twin.georeference.crs import ELLIPSOIDAL, WGS84, compound, problem, vertical_title
from twin.records import Problem

# what is missing is told in our own words; for good, because another thread may end a filter of a moment
warnings.filterwarnings("ignore", "Best transformation is not available")
ELLIPSOID_3D = "EPSG:4979"
GRID = "egm96_15.gtx"
_EGM96 = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
    f"+step +proj=vgridshift +grids={GRID} +multiplier=1 "
    "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
)
_NEAR = 8.0
"""Metres within which a height difference is taken for the geoid's undulation."""
_TELLING = 15.0
"""Below this undulation (metres) ellipsoidal and orthometric heights cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Route:
    """How heights get from one datum to another.

    ``how`` is same, unknown (nothing is done), grid (exact), equal (two datums without a grid, taken
    as equal) or egm96. ``by`` is the datum that EGM96 stands in for; ``missing`` names PROJ grids
    that would do better.
    """

    how: str
    by: str = ""
    missing: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _geoid() -> Transformer:
    return Transformer.from_pipeline(_EGM96)


def undulation(lon: F64, lat: F64) -> F64:
    """Return EGM96's geoid height above the WGS 84 ellipsoid, metres f64(n), at degrees f64(n)."""
    lon = np.asarray(lon, np.float64)
    with np.errstate(invalid="ignore"):
        lon = (lon + 180.0) % 360.0 - 180.0
    height = _geoid().transform(lon, np.asarray(lat, np.float64), np.zeros_like(lon))[2]
    return np.asarray(height, np.float64)


@lru_cache(maxsize=128)
def _operation(source: str, target: str) -> Transformer | None:
    """Return the transformer between two vertical datums over WGS 84, None where only a ballpark is."""
    try:
        return Transformer.from_crs(
            _with(source), _with(target), always_xy=True, allow_ballpark=False
        )
    except ProjError:
        return None


def _with(vertical: str) -> str:
    return ELLIPSOID_3D if vertical == ELLIPSOIDAL else compound(WGS84, vertical)


@lru_cache(maxsize=128)
def missing_grids(vertical: str) -> tuple[str, ...]:
    """Return the names of PROJ grids that are not installed and would convert this datum."""
    if vertical in ("", ELLIPSOIDAL):
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = TransformerGroup(_with(vertical), ELLIPSOID_3D, always_xy=True)
    names = [
        grid.short_name
        for operation in group.unavailable_operations
        for grid in operation.grids
        if not grid.available and grid.short_name.endswith((".tif", ".gtx"))
    ]
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=128)
def route(source: str, target: str) -> Route:
    """Return how heights get from one vertical datum to another."""
    if source == target:
        return Route("same" if source else "unknown")
    if not source or not target:
        return Route("unknown")
    if _operation(source, target) is not None:
        return Route("grid")
    ends = [end for end in (source, target) if _operation(end, ELLIPSOIDAL) is None]
    ends = [end for end in ends if end != ELLIPSOIDAL]
    if not ends:
        return Route("grid")
    missing = tuple(name for end in ends for name in missing_grids(end))
    if len(ends) == 2:
        return Route("equal", missing=missing)
    return Route("egm96", ends[0], missing)


def convert(heights: F64, lonlat: tuple[F64, F64], source: str, target: str) -> F64:
    """Return metres f64(n) above ``target`` for metres above ``source`` at WGS 84 degrees.

    Unknown datums change nothing: ``route`` says so, and whoever calls tells the user. Where an
    installed grid ends, EGM96 takes over.
    """
    if route(source, target).how in ("same", "unknown", "equal"):
        return heights
    direct = _operation(source, target)
    if direct is not None:
        moved = _through(direct, lonlat, heights)
        if np.isfinite(moved).all():
            return moved
    return _from_ellipsoid(_to_ellipsoid(heights, lonlat, source), lonlat, target)


def _to_ellipsoid(heights: F64, lonlat: tuple[F64, F64], source: str) -> F64:
    if source == ELLIPSOIDAL:
        return heights
    rough = heights + undulation(*lonlat)
    operation = _operation(source, ELLIPSOIDAL)
    if operation is None:
        return rough
    moved = _through(operation, lonlat, heights)
    return np.where(np.isfinite(moved), moved, rough)


def _from_ellipsoid(heights: F64, lonlat: tuple[F64, F64], target: str) -> F64:
    if target == ELLIPSOIDAL:
        return heights
    rough = heights - undulation(*lonlat)
    operation = _operation(ELLIPSOIDAL, target)
    if operation is None:
        return rough
    moved = _through(operation, lonlat, heights)
    return np.where(np.isfinite(moved), moved, rough)


def _through(operation: Transformer, lonlat: tuple[F64, F64], heights: F64) -> F64:
    return np.asarray(operation.transform(lonlat[0], lonlat[1], heights)[2], np.float64)


def said(title: str, source: str, target: str) -> tuple[Problem, ...]:
    """Return what a user must know of the heights of a source; () when all is exact."""
    found = route(source, target)
    names = {
        "title": title,
        "source": vertical_title(source),
        "target": vertical_title(target),
    }
    if found.how == "unknown":
        if source == target:
            return (problem("heights.unknown", **names),)
        code = "heights.unknown" if not source else "heights.project_unknown"
        return (problem(code, **names),)
    if found.how == "equal":
        return (problem("heights.equal", **names),)
    if found.how == "egm96":
        names["datum"] = vertical_title(found.by)
        if found.missing:
            grid = ", ".join(found.missing[:2]) + (", ..." if len(found.missing) > 2 else "")
            return (problem("heights.grid_missing", grid=grid, **names),)
        return (problem("heights.no_grid", **names),)
    return ()


@dataclass(frozen=True, slots=True)
class Ground:
    """The level of the ground known from other layers: metres above ``vertical`` (a datum, '' = sea)."""

    level: float
    vertical: str = ""


SEA = Ground(0.0)


def explain_heights(
    z_ground: float, lon: float, lat: float, ground: Ground = SEA, title: str = ""
) -> Problem | None:
    """Return a guess about heights of unknown datum, None when nothing is suspicious.

    ``z_ground`` is the source's ground level in metres, ``ground`` what is known here (without other
    layers the sea, which only tells on low ground). The geoid's undulation at ``lon``, ``lat``
    (degrees) decides: a difference that equals it means that one of the two is above the ellipsoid.
    """
    n = float(undulation(np.array([lon]), np.array([lat]))[0])
    off = z_ground - ground.level
    if not np.isfinite(n) or abs(n) < _TELLING or not np.isfinite(off):
        return None
    where = "above" if off > 0 else "below"
    params = {"title": title, "offset": f"{abs(off):.0f}", "undulation": f"{n:.1f}"}
    if ground.vertical == ELLIPSOIDAL:
        if abs(off + n) <= _NEAR:
            return problem(f"heights.look_orthometric.{where}", **params)
        return None
    if abs(off - n) <= _NEAR:
        return problem(f"heights.look_ellipsoidal.{where}", **params)
    if ground != SEA and abs(off + n) <= _NEAR:
        return problem(f"heights.shifted_twice.{where}", **params)
    return None
