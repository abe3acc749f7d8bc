"""What terrain says of itself: one object for the whole, its dates, its provenance."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from loaders.terrain import gdal
from loaders.terrain.relief import Grid
from twin.choices import Option
from twin.features import FeatureTable, texts
from twin.geometry import F32
from twin.maintenance.fields import Where, observe
from twin.observations import ObservationList, Observations
from twin.ports import Options
from twin.records import About
from twin.tiles import TileTree

KIND = "TINRelief"
UNIT = Option("unit", ("auto", "m", "ft", "us-ft"))
_DATES = {"TIFFTAG_DATETIME": "fileCreationDate"}
"""Tags that hold a date under a name of their own."""
_CREDITS = ("TIFFTAG_COPYRIGHT", "ATTRIBUTION", "COPYRIGHT")


def about_of(grid: Any, band: int, place: Grid, options: Options) -> About:
    """Return what a grid says of itself."""
    fields = {
        "generator": str(grid.tags().get("TIFFTAG_SOFTWARE", "")),
        "cells": f"{grid.width} x {grid.height}",
        "spacing": f"{place.spacing:.4g} m",
        "attribution": credit_of(grid.tags()),
    }
    offered = [UNIT]
    if grid.count > 1:
        offered.append(Option("band", tuple(str(n + 1) for n in range(min(grid.count, 64)))))
    crs = gdal.system_of(grid)
    return About(
        "terrain", grid.driver, crs, options.vertical, (), {k: v for k, v in fields.items() if v},
        options=tuple(offered), ground=True,
    )  # fmt: skip


def credit_of(tags: Mapping[str, str]) -> str:
    """Return the attribution that tags ask for."""
    return next((str(tags[name]) for name in _CREDITS if tags.get(name)), "")


def table_of(name: str, about: About, tree: TileTree, heights: F32) -> FeatureTable:
    """Return the one object of terrain: it has dates and a custodian; its surface is background."""
    box = tree.boxes()[:1].copy()
    there = heights[np.isfinite(heights)]
    if len(there):
        box[0, [2, 5]] = float(there.min()), float(there.max())
    return FeatureTable(
        id=texts([name]),
        kind=np.zeros(1, np.uint16),
        kinds=(KIND,),
        parent=np.full(1, -1, np.int32),
        bounds=box,
        name=texts([name]),
        columns={
            key: texts([about.fields[key]]) for key in ("cells", "spacing") if key in about.fields
        },
    )


def observed(tags: Mapping[str, str]) -> Observations:
    """Return what a file's tags say of currency and parties."""
    found = ObservationList()
    said = {_DATES.get(name, name): _iso(str(value)) for name, value in tags.items()}
    columns = {name: texts([value]) for name, value in said.items()}
    observe(found, columns, np.array([-1], np.int32), Where("dataset", "tag:"))
    return found.frozen()


def _iso(text: str) -> str:
    """Return TIFF's date (2021:03:05 10:00:00) as ISO 8601; other texts as they are."""
    day, _, time = text.partition(" ")
    parts = day.split(":")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        return f"{'-'.join(parts)}T{time}" if time else "-".join(parts)
    return text
