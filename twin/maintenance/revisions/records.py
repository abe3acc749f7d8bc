"""What a comparison is made of: thresholds, the two sides, the lines, the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.features import FeatureTable
from twin.geometry import F64, Rows
from twin.maintenance.revisions.shapes import Shapes

BUCKETS = (
    "split", "merged", "removed", "new", "replaced", "footprint_modified", "roof_changed",
    "base_changed", "shape_changed", "attr_changed", "unchanged",
)  # fmt: skip
"""The first that fits is an object's bucket."""
MATERIAL = frozenset(BUCKETS) - {"attr_changed", "unchanged"}
"""Buckets in which something about the shape is new."""
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """From when on something differs (MAINTENANCE.md 7.3, 7.4).

    Models: ``metres`` by which places and sizes may differ, ``share`` by which areas and volumes may.
    Cities: ``tau`` metres that a roof or a base may rise (four sigma of 30 cm image clouds, tuned on
    Leiden); overlap of footprints (intersection over union, 0..1) that is ``iou`` the same and below
    ``replaced`` another building; ``least_area`` m2 below which shapes are not judged (0: all are).
    """

    metres: float = 0.005
    share: float = 1e-3
    tau: float = 1.2
    iou: float = 0.99
    replaced: float = 0.5
    least_area: float = 0.0


@dataclass(frozen=True)
class Side:
    """One delivery: its objects, the rows i32(k) to compare, their shapes (None: boxes only), its title.

    ``datum`` is the vertical datum of its heights ('' = not named). ``lasting``: its ids are kept from
    delivery to delivery (a gml:id or the number within a batch need not be: MAINTENANCE.md 7.2). ``lift``
    f64(k) metres by which heights stand above those in the file, as they were brought to another datum.
    """

    features: FeatureTable
    rows: Rows
    shapes: Shapes | None = None
    title: str = ""
    datum: str = ""
    lasting: bool = True
    lift: F64 | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the comparison. ``old`` and ``new`` rows: none, one, or several where objects were
    split or merged; ``also`` are further buckets that fit; ``attributes`` names of what differs; ``shape``
    what differs about the shape (moved, size, area, volume, form, appeared, vanished); ``moved`` metres.

    ``iou`` overlap 0..1 of the footprints (of models: of the boxes); ``area`` m2 in plan before and after;
    ``d_roof``, ``d_base`` metres by which top and bottom rose beyond what all did. Of a group they are those
    of the two that bear one key, where there are such, and of all together else. ``contained``: in a
    group, per object of the side that has more, the share that lies within the other side.
    """

    old: tuple[int, ...]
    new: tuple[int, ...]
    bucket: str
    also: tuple[str, ...] = ()
    match: str = ""
    attributes: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    moved: float = NAN
    iou: float = NAN
    d_roof: float = NAN
    d_base: float = NAN
    area: tuple[float, float] = (NAN, NAN)
    contained: tuple[float, ...] = ()


@dataclass(frozen=True)
class Revision:
    """The whole comparison. ``shift`` f64(3) metres that all objects share (0: none);
    ``counts[side][bucket]`` adds up to ``compared[side]``; ``not_compared`` code -> number of objects
    (0: of the whole delivery). ``cities``: footprints and heights were compared, else bodies."""

    pairs: tuple[Pair, ...]
    compared: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rise: tuple[float, float] = (0.0, 0.0)
    """Median difference of tops and of bottoms among the pairs as they stand in the files, metres."""
    anew: bool = False
    not_compared: Mapping[str, int] = field(default_factory=dict)
    cities: bool = False
    levelled: bool = False
    """Whether ``rise`` was taken out: the heights' datum differs or is not named."""
    datums: tuple[str, str] = ("", "")
    matched: Mapping[str, int] = field(default_factory=dict)
    """By what objects were matched (an attribute, ``id``, ``iou``, ``containment``) -> number of lines."""
    keys: tuple[NDArray[np.object_] | None, NDArray[np.object_] | None] = (None, None)
    """Of each side the identifying key (None: none) of every compared object, by row of its table."""
    shapes: tuple[Shapes | None, Shapes | None] = (None, None)
    throughout: Mapping[str, int] = field(default_factory=dict)
    """Attributes that differ in nearly all pairs -> number of pairs: no change of any of the objects."""
    alone: tuple[str, ...] = ()
    """Attributes that one delivery has of nearly all objects and the other of none: not compared."""


def tallied(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    """Return, of the old and of the new side, how many objects each bucket holds."""
    counts = {side: dict.fromkeys(BUCKETS, 0) for side in ("old", "new")}
    for pair in pairs:
        counts["old"][pair.bucket] += len(pair.old)
        counts["new"][pair.bucket] += len(pair.new)
    return counts


def in_order(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return lines by bucket, then by rows of the new and of the old side."""
    places = {bucket: i for i, bucket in enumerate(BUCKETS)}
    return tuple(sorted(pairs, key=lambda pair: (places[pair.bucket], pair.new, pair.old)))
