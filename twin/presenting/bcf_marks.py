"""Marks as topics of BCF: lines and bitmaps of a viewpoint, the words as title and comment; and back.

BCF has no labels in space: the place of one is the foot of a short upright line. Lines and bitmaps of other
programs become measured lines and pictures, in the coordinates of the model that their viewpoint is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from twin.exchange.bcf.model import (
    Attachment,
    Bitmap,
    Comment,
    Hints,
    Line,
    Perspective,
    Scene,
    Topic,
    Viewpoint,
)
from twin.geometry import F64
from twin.presenting.carried import MOST, mark_from
from twin.presenting.records import KINDS, PICTURE_BYTES, Annotation, suffix_of
from twin.scene import Twin
from twin.topics.places import Located, Place, believed, model_of, place_of, unit, vector

TYPE = "Annotation"
FIELD = 60.0
LOOK = np.array([1.0, 1.0, -0.8]) / np.linalg.norm([1.0, 1.0, -0.8])
"""The way that the camera of a mark looks."""
NEAREST = 25.0
"""Metres that it stands off at least."""
POLE = np.array([0.0, 0.0, 2.0])
TALL = 3.0
"""Metres of height of a picture in space."""
MOST_POINTS = 1000
"""Points of one line."""
MISSING = "picture that is not in the file"


def topic_of(
    twin: Twin, mark: Annotation, located: Located, data: bytes, at: str
) -> tuple[Topic, Mapping[str, bytes]]:
    """Return a mark as a topic, and the bytes of its picture by SHA-256. ``at`` (ISO) is when it was made."""
    place = place_of(twin, model_of(twin, None, Scene()), located)
    guid = str(uuid5(NAMESPACE_URL, f"citytwin/annotation/{mark.id}"))
    points = np.array(mark.points, np.float64)
    shown = suffix_of(data) if mark.kind == "picture" else ""
    name = f"{mark.picture[:16]}{shown}"
    files = (Attachment(name, mark.picture, len(data)),) if shown else ()
    scene = Scene(
        visible=True, hints=Hints(), perspective=_camera(points, place),
        lines=() if shown else _lines(points, place),
        bitmaps=(_bitmap(points[0], name, shown, place),) if shown else (),
    )  # fmt: skip
    said = (Comment(guid, at, "CityTwin", mark.text, guid),) if mark.text.strip() else ()
    made = Topic(
        guid, mark.text.strip() or mark.kind, TYPE, "Open", created=at, author="CityTwin",
        labels=(mark.kind, *((mark.color,) if mark.color else ())), description=mark.note,
        comments=said, viewpoints=(Viewpoint(guid, f"{guid}.bcfv", "", 0, scene),), files=files,
    )  # fmt: skip
    return made, {mark.picture: data} if shown else {}


def _camera(points: F64, place: Place) -> Perspective:
    middle, size = (points.min(0) + points.max(0)) / 2, np.ptp(points, axis=0)
    away = max(float(np.linalg.norm(size)) / np.tan(np.radians(FIELD / 2)), NEAREST)
    at = place.back(middle - LOOK * away)
    turn = place.linear(at)
    direction, up = (unit(np.linalg.solve(turn, x)) for x in (LOOK, np.array([0.0, 0.0, 1.0])))
    assert direction is not None
    assert up is not None
    return Perspective(vector(at), vector(direction), vector(up), FIELD, 16 / 9)


def _lines(points: F64, place: Place) -> tuple[Line, ...]:
    ends = points if len(points) > 1 else np.vstack([points, points + POLE])
    own = [vector(place.back(x)) for x in ends]
    return tuple(Line(a, b) for a, b in pairwise(own))


def _bitmap(point: F64, name: str, suffix: str, place: Place) -> Bitmap:
    at = place.back(point)
    turn = place.linear(at)
    level = np.array([-LOOK[0], -LOOK[1], 0.0])
    normal, up = (unit(np.linalg.solve(turn, x)) for x in (level, np.array([0.0, 0.0, 1.0])))
    assert normal is not None
    assert up is not None
    return Bitmap(suffix[1:], name, vector(at), vector(normal), vector(up), TALL)


# -- reading ----------------------------------------------------------------------------------


@dataclass
class Marks:
    """Marks of a BCF file as they are found, their pictures by SHA-256, and what is left out."""

    twin: Twin
    located: Located
    blobs: Mapping[str, bytes]

    def __post_init__(self) -> None:
        self.marks: list[Annotation] = []
        self.files: dict[str, bytes] = {}
        self.left: list[str] = []

    def take(self, topic: Topic, point: Viewpoint) -> None:
        """Take the lines and pictures of a viewpoint."""
        scene = point.scene
        if scene is None or not (scene.lines or scene.bitmaps):
            return
        place, own = self._place(topic, scene), topic.type == TYPE
        said = {"text": topic.title, "note": topic.description if own else ""}
        if own:
            words = [x.text for x in topic.comments if x.viewpoint == point.guid]
            said["text"] = words[0] if words else ""
            said["kind"] = next((x for x in topic.labels if x in KINDS), "")
            said["color"] = next((x for x in topic.labels if x.startswith("#")), "")
        for run in chains(scene.lines):
            self._add(point, place.moved(run[:1] if said.get("kind") == "label" else run), said)
        for bitmap in scene.bitmaps:
            item = topic.file(bitmap.reference)
            data = b"" if item is None else self.blobs.get(item.sha256, b"")
            if item is None or not suffix_of(data) or len(data) > PICTURE_BYTES:
                self.left.append(MISSING)
                continue
            self.files[item.sha256] = data
            at = place.moved(np.array([bitmap.location], np.float64))
            self._add(point, at, {**said, "picture": item.sha256})

    def _add(self, point: Viewpoint, points: F64, said: Mapping[str, str]) -> None:
        if len(self.marks) >= MOST or not np.isfinite(points).all():
            self.left.append("more" if len(self.marks) >= MOST else "line without a place")
            return
        number = sum(x.id.startswith(point.guid) for x in self.marks)
        key = f"{point.guid}-{number}" if number else point.guid
        frame = (self.twin.crs, self.twin.vertical)
        self.marks.append(mark_from(key, points[:MOST_POINTS], said, frame))

    def _place(self, topic: Topic, scene: Scene) -> Place:
        model = model_of(self.twin, topic, scene)
        place = place_of(self.twin, model, self.located)
        camera = scene.perspective or scene.orthogonal
        if not model or camera is None:
            return place
        return believed(place, self.twin.layers[model], np.array(camera.point))


def chains(lines: Sequence[Line]) -> list[F64]:
    """Return lines that go on where the one before ended as points f64(n, 3) of one line each."""
    found: list[list[tuple[float, float, float]]] = []
    for line in lines:
        if found and found[-1][-1] == line.start:
            found[-1].append(line.end)
        else:
            found.append([line.start, line.end])
    return [np.array(run, np.float64) for run in found]
