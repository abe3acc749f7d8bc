"""What is exchanged: saved views and marks, and what had to be left out. The shape that all formats share."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.edits import Edit, SetRecord, Together
from twin.exchange.bcf.model import StoredFile
from twin.geometry import F64
from twin.presenting.records import KINDS, Annotation
from twin.records import Bookmark
from twin.scene import Twin

MOST = 10_000
"""Features that are taken in from a file."""
MOST_BYTES = 64 * 1024 * 1024
MOST_SETTINGS = 200_000
"""Characters of a view's settings that are written into a file; longer ones are left out."""
AHEAD = 300.0
"""Metres to what a camera looks at where a file does not say."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Views and marks in the project's frame; ``left_out`` says why others are not among them.

    ``files`` are the image files of pictures by SHA-256.
    """

    views: Sequence[Bookmark] = ()
    marks: Sequence[Annotation] = ()
    left_out: Sequence[str] = field(default_factory=tuple)
    files: Mapping[str, bytes] = field(default_factory=dict)


def brought_in(twin: Twin, carried: Carried) -> Edit:
    """Return the one step that adds what was carried: same ids are replaced, places go on at the end."""
    known = twin.records["files"]
    edits: list[Edit] = [
        SetRecord("files", key, StoredFile(key, data))
        for key, data in carried.files.items()
        if key not in known
    ]
    views = max((x.place for x in twin.records["bookmarks"].values()), default=0.0)
    marks = max((x.place for x in twin.records["annotations"].values()), default=0.0)
    for number, view in enumerate(carried.views, 1):
        edits.append(SetRecord("bookmarks", view.id, _placed(view, views + number)))
    for number, mark in enumerate(carried.marks, 1):
        edits.append(SetRecord("annotations", mark.id, _placed(mark, marks + number)))
    return Together(tuple(edits))


def _placed(record: Any, place: float) -> Any:
    return type(record)(**{**{x: getattr(record, x) for x in record.__slots__}, "place": place})


def key_of(*said: object) -> str:
    """Return an id that the same words always have."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def settings_text(view: Bookmark) -> str:
    """Return what a view shows as JSON text; '' where that is too long for a file of others."""
    text = json.dumps(view.settings, sort_keys=True, allow_nan=False, default=str)
    return text if len(text) <= MOST_SETTINGS else ""


def settings_of(text: Any) -> Mapping[str, Any]:
    """Return the settings of a text or of an object; {} where it is neither."""
    if isinstance(text, Mapping):
        return dict(text)
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def triple(point: F64) -> tuple[float, float, float]:
    """Return a point f64(3) as three numbers."""
    x, y, z = (float(v) for v in point)
    return x, y, z


def view_from(key: str, title: str, eye: F64, target: F64, said: Mapping[str, Any]) -> Bookmark:
    """Return a saved view of a file: eye and target in the project's frame, metres."""
    try:
        fov = float(said.get("fov", 45.0))
    except (TypeError, ValueError):
        fov = 45.0
    fov = fov if 1.0 <= fov <= 170.0 else 45.0
    if float(np.linalg.norm(eye - target)) < 1e-3:
        target = eye + np.array([0.0, 1.0, 0.0]) * AHEAD
    settings = settings_of(said.get("settings", "{}"))
    return Bookmark(key, title, triple(eye), triple(target), fov=fov, settings=settings)


def mark_from(
    key: str, points: F64, said: Mapping[str, Any], frame: tuple[str, str]
) -> Annotation:
    """Return a mark of a file at points f64(n, 3) of the project's frame (crs, vertical).

    ``picture`` of what is said is the SHA-256 of an image file that is taken in, '' or missing without one.
    """
    picture = str(said.get("picture", "")) if len(points) == 1 else ""
    kind = "picture" if picture else str(said.get("kind", ""))
    fits = {"label": len(points) == 1, "arrow": len(points) == 2, "line": len(points) > 1,
            "picture": bool(picture)}  # fmt: skip
    if kind not in KINDS or not fits.get(kind, False):
        kind = "label" if len(points) == 1 else "line"
    color = str(said.get("color", ""))
    sound = (
        len(color) == 7
        and color[0] == "#"
        and all(x in "0123456789abcdefABCDEF" for x in color[1:])
    )
    return Annotation(
        key, kind, tuple(triple(x) for x in points), str(said.get("text", ""))[:10_000],
        str(said.get("note", ""))[:10_000], color if sound else "", picture,
        crs=frame[0], vertical=frame[1],
    )  # fmt: skip


def heading_of(eye: F64, target: F64) -> tuple[float, float, float]:
    """Return heading (degrees from true north), tilt (0 = straight down) and metres between two places in
    degrees and heights f64(3), on a sphere: what lies within a view's reach is flat enough."""
    radius = 6_371_008.8
    north = math.radians(float(target[1] - eye[1])) * radius
    east = math.radians(float(target[0] - eye[0])) * radius * math.cos(math.radians(float(eye[1])))
    up = float(target[2] - eye[2])
    level = math.hypot(north, east)
    heading = math.degrees(math.atan2(east, north)) % 360.0 if level > 1e-9 else 0.0
    return heading, 90.0 + math.degrees(math.atan2(up, level)), math.hypot(level, up)


def looked_at(eye: F64, heading: float, tilt: float, far: float) -> F64:
    """Return what a camera in degrees and heights f64(3) looks at, so many metres ahead."""
    radius = 6_371_008.8
    down = math.radians(tilt - 90.0)
    level, turn = math.cos(down) * far, math.radians(heading)
    lat = eye[1] + math.degrees(math.cos(turn) * level / radius)
    wide = radius * max(math.cos(math.radians(float(eye[1]))), 1e-6)
    lon = eye[0] + math.degrees(math.sin(turn) * level / wide)
    return np.array([lon, lat, eye[2] + math.sin(down) * far])
