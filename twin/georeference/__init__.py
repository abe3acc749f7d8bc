"""Where on Earth: coordinate systems, heights, the project frame, sources placed in it.

The only place that knows PROJ. Everything handed out is plain data and pickles.
"""

from twin.georeference.crs import (
    ELLIPSOIDAL,
    Crs,
    mistagged,
    parse_crs,
    parse_vertical,
    problem,
    vertical_title,
)
from twin.georeference.fitting import TOLERANCE, Local
from twin.georeference.frames import ProjectFrame, local_zone, site_frame
from twin.georeference.heights import SEA, Ground, explain_heights, undulation
from twin.georeference.moving import Georeference
from twin.georeference.placed import Placed, Standing, open_in, stand

__all__ = [
    "ELLIPSOIDAL",
    "SEA",
    "TOLERANCE",
    "Crs",
    "Georeference",
    "Ground",
    "Local",
    "Placed",
    "ProjectFrame",
    "Standing",
    "explain_heights",
    "local_zone",
    "mistagged",
    "open_in",
    "parse_crs",
    "parse_vertical",
    "problem",
    "site_frame",
    "stand",
    "undulation",
    "vertical_title",
]
