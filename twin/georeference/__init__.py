"""Where on Earth: coordinate systems, heights, the project frame, sources placed in it.

The only place that knows PROJ. Everything handed out is plain data and pickles.
"""

from twin.georeference.crs import (
    ELLIPSOIDAL,
    Crs,
    definition,
    is_datum,
    mistagged,
    parse_crs,
    parse_vertical,
    plane_unit,
    problem,
    vertical_title,
)
from twin.georeference.fitting import TOLERANCE, Local
from twin.georeference.frames import ProjectFrame, local_zone, site_frame
from twin.georeference.heights import SEA, Ground, explain_heights, undulation
from twin.georeference.moving import Georeference, placed_at
from twin.georeference.placed import Placed, Standing, open_in, stand
from twin.georeference.places import (
    Spot,
    bearing,
    fits,
    in_plane,
    inside,
    metres_between,
    spot,
    stretch,
    true_north,
)
from twin.georeference.scale import MATTERS, grid_scale

__all__ = [
    "ELLIPSOIDAL",
    "MATTERS",
    "SEA",
    "TOLERANCE",
    "Crs",
    "Georeference",
    "Ground",
    "Local",
    "Placed",
    "ProjectFrame",
    "Spot",
    "Standing",
    "bearing",
    "definition",
    "explain_heights",
    "fits",
    "grid_scale",
    "in_plane",
    "inside",
    "is_datum",
    "local_zone",
    "metres_between",
    "mistagged",
    "open_in",
    "parse_crs",
    "parse_vertical",
    "placed_at",
    "plane_unit",
    "problem",
    "site_frame",
    "spot",
    "stand",
    "stretch",
    "true_north",
    "undulation",
    "vertical_title",
]
