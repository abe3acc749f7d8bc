"""Commands on annotations: labels, arrows, measured lines and pictures anchored in space."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from twin.commands.measurements import points_of
from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import NotFound, NotReadable, UsageError
from twin.exchange.bcf.model import StoredFile
from twin.presenting.records import KINDS, PICTURE_BYTES, Annotation, suffix_of
from twin.scene import Twin

LEAST: Mapping[str, int] = {"label": 1, "arrow": 2, "line": 2, "picture": 1}
MOST: Mapping[str, int] = {"label": 1, "arrow": 2, "line": 1000, "picture": 1}
"""Points that a kind has, at least and at most."""
MOST_TEXT = 10_000
COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@command("annotations.add")
def add_annotation(
    context: Context, id: str, kind: str, points: str, text: str = "", picture: str = ""
) -> Edit:
    """Put a mark into space: kind label, arrow, line or picture at points "x,y,z;x,y,z" in the project
    frame, metres. ``picture`` is the path of a PNG or JPEG file, whose bytes are kept in the project."""
    if id in context.twin.records["annotations"] or not id.strip():
        raise UsageError(reason=f"there is an annotation {id!r} already")
    if kind not in KINDS:
        raise UsageError(reason=f"kind {kind!r} is none of {', '.join(KINDS)}")
    if (kind == "picture") != bool(picture):
        raise UsageError(reason="a picture needs an image file, and nothing else has one")
    twin = context.twin
    edits: list[Edit] = []
    key = ""
    if picture:
        data = image_of(Path(picture))
        key = hashlib.sha256(data).hexdigest()
        edits.append(SetRecord("files", key, StoredFile(key, data)))
    place = max((x.place for x in twin.records["annotations"].values()), default=0.0) + 1
    made = Annotation(
        id, kind, _points(kind, points), _text(text), picture=key, crs=twin.crs,
        vertical=twin.vertical, place=place,
    )  # fmt: skip
    return Together((*edits, SetRecord("annotations", id, made)))


@command("annotations.set")
def set_annotation(context: Context, id: str, field: str, value: str) -> Edit:
    """Change a mark: text, note, color (#RRGGBB or nothing), visible (on or off) or points."""
    mark = _known(context, id)
    changes: dict[str, Any] = {field: value}
    if field == "points":
        changes = {"points": _points(mark.kind, value)}
        changes |= {"crs": context.twin.crs, "vertical": context.twin.vertical}
    elif field == "visible":
        changes = {"visible": _on(value)}
    elif field == "color":
        if value and not COLOR.fullmatch(value):
            raise UsageError(reason=f"color: {value!r} is not #RRGGBB")
    elif field in ("text", "note"):
        changes = {field: _text(value)}
    else:
        raise UsageError(reason=f"{field!r} is none of text, note, color, visible, points")
    return SetRecord("annotations", id, replace(mark, **changes), journal=field != "visible")


@command("annotations.remove")
def remove_annotation(context: Context, id: str) -> Edit:
    """Remove a mark; several at once as "id,id". An image file that nothing else needs goes with it."""
    ids = [one for one in (part.strip() for part in id.split(",")) if one]
    gone = [_known(context, one) for one in ids]
    needed = _needed(context.twin, set(ids))
    files = sorted({x.picture for x in gone if x.picture} - needed)
    known = context.twin.records["files"]
    edits = [SetRecord("annotations", x.id, None) for x in gone]
    return Together((*edits, *(SetRecord("files", key, None) for key in files if key in known)))


def image_of(path: Path) -> bytes:
    """Return the bytes of a PNG or JPEG file. Raises NotFound, NotReadable, UsageError."""
    try:
        size = path.stat().st_size
        if size > PICTURE_BYTES:
            raise UsageError(reason=f"{path.name}: {size} bytes are more than {PICTURE_BYTES}")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=str(path)) from error
    except OSError as error:
        raise NotReadable(location=str(path), reason=error.strerror or str(error)) from error
    if not suffix_of(data):
        raise UsageError(reason=f"{path.name}: this is neither a PNG nor a JPEG file")
    return data


def marks_in_order(twin: Twin) -> list[Annotation]:
    """Return the marks as they stand in the list."""
    return sorted(twin.records["annotations"].values(), key=lambda x: x.place)


def length_of(mark: Annotation) -> float:
    """Return the length along the points of a mark, metres."""
    points = np.asarray(mark.points, np.float64)
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _needed(twin: Twin, without: set[str]) -> set[str]:
    found = {x.picture for key, x in twin.records["annotations"].items() if key not in without}
    for kind in ("topics", "exchanges"):
        found |= {x.sha256 for one in twin.records[kind].values() for x in one.files}
    return found


def _known(context: Context, id: str) -> Annotation:
    found = context.twin.records["annotations"].get(id)
    if not isinstance(found, Annotation):
        raise UsageError(reason=f"there is no annotation {id!r}")
    return found


def _points(kind: str, text: str) -> tuple[tuple[float, float, float], ...]:
    found = points_of(text)
    if not LEAST[kind] <= len(found) <= MOST[kind]:
        raise UsageError(
            reason=f"{kind}: {len(found)} points; it has {LEAST[kind]} to {MOST[kind]}"
        )
    return tuple((float(x), float(y), float(z)) for x, y, z in found)


def _text(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise UsageError(reason=f"text: more than {MOST_TEXT} characters")
    return text.strip()


def _on(value: str) -> bool:
    if value not in ("on", "off"):
        raise UsageError(reason=f"visible: {value!r} is neither on nor off")
    return value == "on"
