"""What a point cloud says of itself: its classes as objects, its dates, its provenance."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from loaders.pointcloud.header import Header
from loaders.pointcloud.looks import COLOR
from loaders.pointcloud.systems import System
from twin.features import FeatureTable, Times, texts
from twin.geometry import F64
from twin.maintenance.dates import from_adjusted_gps
from twin.maintenance.fields import Where, observe
from twin.observations import ObservationList, Observations
from twin.ports import Options
from twin.records import About

CLOUD = "PointCloud"
_NAMES = (
    "NeverClassified", "Unclassified", "Ground", "LowVegetation", "MediumVegetation", "HighVegetation",
    "Building", "LowNoise", "ModelKey", "Water", "Rail", "Road", "Overlap", "WireGuard", "WireConductor",
    "TransmissionTower", "WireConnector", "BridgeDeck", "HighNoise", "OverheadStructure", "IgnoredGround",
    "Snow", "TemporalExclusion",
)  # fmt: skip
"""The classes of LAS 1.4 R16, table 17; 0 to 12 are those of older versions too."""
KINDS = (CLOUD, *(f"Points{name}" for name in _NAMES), "PointsOther")
"""Kinds of objects: the cloud, a kind for each class of LAS, one for all that a maker defined."""
_FIRST, _LAST = np.datetime64("1990-01-01", "ms"), np.datetime64("2100-01-01", "ms")


def about_of(header: Header, system: System, options: Options, copc: bool) -> About:
    """Return what the header says."""
    packing = "COPC" if copc else "LAZ" if header.packed else "LAS"
    fields = {
        "generator": header.software, "system identifier": header.system, "project": header.project,
        "points": f"{header.count}", "point format": f"{header.form}",
        "precision": " x ".join(f"{value:.6g}" for value in header.scale),
        "system from": system.route,
    }  # fmt: skip
    return About(
        "pointcloud", f"{packing} {header.version}", system.crs, options.vertical or system.vertical,
        (), {key: value for key, value in fields.items() if value}, options=(COLOR,), points=True,
    )  # fmt: skip


def kind_of(code: int) -> int:
    """Return the place in KINDS of a class."""
    return code + 1 if code < len(_NAMES) else len(KINDS) - 1


def table_of(
    header: Header, classes: Sequence[int], box: F64, counts: Sequence[int] | None = None
) -> FeatureTable:
    """Return the cloud (row 0) and its classes; ``counts`` are the points of each, None = not known."""
    name = Path(header.location).name
    n = len(classes) + 1
    kind = np.array([0, *(kind_of(code) for code in classes)], np.uint16)
    parent = np.zeros(n, np.int32)
    parent[0] = -1
    many = [np.nan] * len(classes) if counts is None else list(counts)
    return FeatureTable(
        id=texts([name, *(f"{name}#class-{code}" for code in classes)]), kind=kind, kinds=KINDS,
        parent=parent, bounds=np.tile(box, (n, 1)),
        name=texts([name, *(None if code < len(_NAMES) else f"class {code}" for code in classes)]),
        columns={
            "classification": np.array([np.nan, *classes], np.float64),
            "points": np.array([header.count, *many], np.float64),
        },
    )  # fmt: skip


def observed(header: Header, times: tuple[float, float]) -> Observations:
    """Return the dates: when points were measured, by their GPS time, and when the file was made."""
    found = ObservationList()
    row = np.array([-1], np.int32)
    span = captured(header, times)
    if span is not None:
        low, high = span
        raw = texts([f"{times[0]:.3f} / {times[1]:.3f}"])
        labels = ("captured", "", "dataset", "GPS time")
        found.add_column(row, (low, high), raw, labels)
    made = creation(header)
    if made:
        observe(found, {"file creation date": texts([made])}, row, Where("file", "header:"))
    return found.frozen()


def captured(header: Header, times: tuple[float, float]) -> tuple[Times, Times] | None:
    """Return the first and (excluded) the last instant, datetime64[ms](1) each; None = nobody said."""
    if (
        not header.timed
        or not np.isfinite(times).all()
        or abs(times[0]) > 1e10
        or abs(times[1]) > 1e10
    ):
        return None
    first, last = from_adjusted_gps(np.array(times))
    if not _FIRST <= first <= last < _LAST:
        return None
    return np.array([first]), np.array([last + np.timedelta64(1, "ms")])


def creation(header: Header) -> str:
    """Return the day a file was made as ISO 8601, the year where the day is none, '' = not said."""
    if not 1990 <= header.year < 2100:
        return ""
    if not 1 <= header.day <= 366:
        return f"{header.year}"
    return (date(header.year, 1, 1) + timedelta(days=header.day - 1)).isoformat()
