"""Where a tileset's own coordinates lie: on the Earth, on a map that was taken for it, or nowhere."""

import numpy as np

from loaders.tiles3d.volumes import on_earth
from twin.geometry import F64
from twin.records import Problem
from twin.tiles import TileTree

GEOCENTRIC = "EPSG:4978"
MERCATOR = 20_037_508.4
"""Half the width of the world in EPSG:3857, metres."""
TALL = 12_000.0
"""Heights of a map's tileset stay below this, metres."""


def system_of(tree: TileTree, given: str, title: str) -> tuple[str, tuple[Problem, ...]]:
    """Return the coordinate system: geocentric if the root box meets the Earth's surface, else none.

    Where there is none, problems say so and what the numbers look like.
    """
    if given:
        return given, ()
    center, axes = tree.center[0], tree.axes[0].astype(np.float64)
    if on_earth(center, axes):
        return GEOCENTRIC, ()
    looks = looks_like(center, axes)
    far = round(float(np.linalg.norm(center)) / 1000, 1)
    text = (
        f"{title}: the tileset's coordinates are local ({far} km from the geocentre), not on the "
        "Earth. It stays where its own numbers put it; assign a system to place it."
    )
    found = [Problem("crs.missing", text, title, {"title": title, "distance_km": far})]
    if looks:
        x, y = round(float(center[0]), 1), round(float(center[1]), 1)
        said = f"{title}: its middle is ({x}, {y}). {ADVICE[looks]}"
        found.append(Problem(f"tiles3d.{looks}", said, title, {"title": title, "x": x, "y": y}))
    return "", tuple(found)


ADVICE = {
    "mercator": "That looks like web Mercator: open it with --crs EPSG:3857, or assign that system.",
    "grid": "That looks like eastings and northings of a national grid or of UTM (near Greenwich also "
    "web Mercator): find out which and open it with --crs EPSG:..., or assign that system.",
    "degrees": "That looks like longitude and latitude in degrees: open it with --crs EPSG:4979, or "
    "assign that system.",
}


def looks_like(center: F64, axes: F64) -> str:
    """Return what numbers f64(3) of a root box with half-axes f64(3, 3) look like.

    "mercator", "grid" (eastings, northings), "degrees", or '' for metres of its own.
    """
    x, y, z = (float(v) for v in center)
    wide, _, tall = (float(v) for v in np.abs(axes).sum(axis=0))
    flat = abs(z) + tall < TALL and tall < 5 * max(wide, 1.0) + TALL
    if abs(x) <= 180 and abs(y) <= 90 and wide < 1 and tall > 1 and max(abs(x), abs(y)) > 1:
        return "degrees"
    if not flat or on_earth(center, axes):
        return ""
    most, least = max(abs(x), abs(y)), min(abs(x), abs(y))
    if abs(x) > MERCATOR:
        return "grid" if x < 6.1e7 and 5e5 < y < 6e6 else ""  # the zone stands in front
    if abs(x) >= 1e6:
        return "mercator" if abs(y) <= MERCATOR else ""
    return "grid" if most > 1e5 and least > 1e4 and abs(y) < 1e7 else ""
