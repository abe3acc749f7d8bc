"""When a file of a city model changed: the weakest thing there is to know of its currency."""

from pathlib import Path

import numpy as np

from twin.features import texts
from twin.observations import ObservationList


def observe_file(location: str, observations: ObservationList) -> None:
    """Add the file's time of change: the weakest observation there is."""
    try:
        seconds = Path(location).stat().st_mtime
    except OSError:
        return
    day = np.datetime64(int(seconds * 1000), "ms")
    observations.add_column(
        np.full(1, -1, np.int32),
        (np.array([day]), np.array([day + np.timedelta64(1, "s")])),
        texts([f"{day}Z"]),
        ("file", "", "file", "mtime"),
    )
