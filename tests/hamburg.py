"""Two deliveries of a tile of Hamburg (2016, 2022): footprints, heights, keys; ids made anew in between."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.features import FeatureTable, encode, texts
from twin.maintenance.revisions import Shapes, Side

PATH = Path(__file__).parent / "data/maintenance/hamburg_pair.json"
DATUMS = {"2016": "DHHN92", "2022": "DHHN2016"}


def side(year: str, **columns: Any) -> Side:
    """Return a delivery; the id of a building is its gml:id, its ALKIS key an attribute."""
    document = json.loads(PATH.read_text())
    origin, found = np.array(document["origin"]), document[year]
    plans = np.empty(len(found), object)
    for i, item in enumerate(found):
        parts = [[np.array(ring) / 1000 + origin for ring in part] for part in item["plan"]]
        plans[i] = shapely.union_all([shapely.Polygon(rings[0], rings[1:]) for rings in parts])
    flat = shapely.bounds(plans)
    base, roof = (np.array([item[name] for item in found]) for name in ("base", "roof"))
    box = np.column_stack([flat[:, :2], base, flat[:, 2:], roof])
    kind, kinds = encode(["Building"] * len(found))
    keys = texts([item["alkis"] for item in found])
    table = FeatureTable(
        texts([item["gmlid"] for item in found]), kind, kinds, np.full(len(found), -1, np.int32),
        box, columns={"externalReference": keys, **columns},
    )  # fmt: skip
    shapes = Shapes(
        shapely.area(plans), np.zeros(len(found)), (box[:, :3] + box[:, 3:]) / 2,
        np.zeros(len(found)), box, plans,
    )  # fmt: skip
    rows = np.arange(len(found), dtype=np.int32)
    return Side(table, rows, shapes, year, DATUMS[year], lasting=False)


def pair() -> tuple[Side, Side]:
    """Return both deliveries."""
    return side("2016"), side("2022")
