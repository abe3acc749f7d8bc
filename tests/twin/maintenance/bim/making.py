"""The eight buildings of MAINTENANCE.md 4 and what is expected of them."""

import json
from typing import Any

import numpy as np

from tests.conftest import DATA
from twin.maintenance.bim import Candidates, Method, Scores, read_method, score
from twin.maintenance.bim.inputs import candidates

METHOD: Method = read_method()
VECTORS: dict[str, Any] = json.loads(
    (DATA / "maintenance" / "bim_vectors.json").read_text("utf-8")
)
NAN = float("nan")
EIGHT = {
    "B1 city hospital": (42_000, 62, "hospital", 1, 3200, 0, 1, 900),
    "B2 metro interchange": (18_500, 14, "transport", 1, 6000, 0, 1, 1100),
    "B3 office tower": (96_000, 188, "office", 0, 5200, 0, 0.5, 1500),
    "B4 listed museum": (9_800, 24, "culture", 1, 900, 2, 1, 420),
    "B5 primary school": (7_400, 16, "school", 1, 820, 0, 1, 210),
    "B6 housing slab": (12_500, 54, "residential", 0, 640, 0, 1, 380),
    "B7 warehouse": (21_000, 12, "warehouse", 0, 60, 0, 1, 160),
    "B8 town hall": (6_100, 31, "government", 1, NAN, 1, 0.5, 260),
}
COLUMNS = ("gfa_m2", "height_m", "use", "public", "occupancy", "heritage", "gap", "cost")


def eight() -> Candidates:
    """Return the table of the specification."""
    rows = [
        [METHOD.use_of(x) if isinstance(x, str) else float(x) for x in row]
        for row in EIGHT.values()
    ]
    found = np.array(rows, np.float64)
    return candidates(
        {name: name for name in EIGHT}, {c: found[:, i] for i, c in enumerate(COLUMNS)}
    )


def eight_scores() -> Scores:
    return score(eight(), METHOD)
