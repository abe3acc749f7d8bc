"""Saved views as viewpoints of BCF 3.0, and viewpoints of 2.1 and 3.0 as saved views, their lines as marks."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from twin.exchange.bcf.model import Attachment, Bcf, Topic, Viewpoint
from twin.geometry import F64
from twin.presenting.bcf_marks import TYPE as MARK
from twin.presenting.bcf_marks import Marks, topic_of
from twin.presenting.carried import AHEAD, Carried, triple
from twin.presenting.looks import Look, shown, taken
from twin.records import Bookmark
from twin.scene import Announcer, Twin
from twin.tiles import View
from twin.topics.capture import Seen
from twin.topics.capture import taken as captured
from twin.topics.places import Located
from twin.topics.views import applied

SIZE = (1920, 1080)
TYPE = "Bookmark"


def to_bcf(twin: Twin, carried: Carried, located: Located, at: str) -> Bcf:
    """Return saved views and marks as topics with a viewpoint each; ``at`` (ISO) is when they were made."""
    blobs: dict[str, bytes] = {}
    topics = []
    for number, view in enumerate(carried.views):
        then = _copy(twin)
        change = shown(then, Look(), view)
        change.edit.apply(then)
        seen = Seen(_view(view), change.look.selected)
        guid = str(uuid5(NAMESPACE_URL, f"citytwin/bookmark/{view.id}"))
        scene = captured(then, None, seen, located)
        name = f"{guid}.jpg" if view.picture else ""
        files: tuple[Attachment, ...] = ()
        if view.picture:
            key = hashlib.sha256(view.picture).hexdigest()
            blobs[key] = view.picture
            files = (Attachment(name, key, len(view.picture)),)
        point = Viewpoint(guid, f"{guid}.bcfv", name, 0, scene)
        topics.append(
            Topic(
                guid, view.title, TYPE, "Open", index=number, created=at, author="CityTwin",
                viewpoints=(point,), files=files,
            )
        )  # fmt: skip
    for number, mark in enumerate(carried.marks, len(topics)):
        data = carried.files.get(mark.picture, b"")
        topic, pictures = topic_of(twin, mark, located, data, at)
        topics.append(replace(topic, index=number))
        blobs |= pictures
    return Bcf(tuple(topics), blobs=blobs)


def from_bcf(twin: Twin, bcf: Bcf, located: Located) -> Carried:
    """Return the viewpoints of a file as saved views and their lines and pictures as marks.

    Viewpoints without a camera are left out; those of marks that were written here are no views.
    """
    views, left = [], []
    marks = Marks(twin, located, bcf.blobs)
    for topic in bcf.topics:
        for number, point in enumerate(topic.viewpoints):
            marks.take(topic, point)
            if topic.type == MARK:
                continue
            made = _bookmark(twin, topic, point, located)
            if made is None:
                left.append("no camera")
                continue
            title = topic.title if number == 0 else f"{topic.title} {number + 1}"
            picture = _picture(topic, point, bcf.blobs)
            views.append(replace(made, title=title or point.guid, picture=picture))
    return Carried(views, marks.marks, [*left, *marks.left], marks.files)


def _bookmark(twin: Twin, topic: Topic, point: Viewpoint, located: Located) -> Bookmark | None:
    if point.scene is None:
        return None
    found = applied(twin, topic, point.scene, located)
    camera = found.camera
    if camera is None:
        return None
    then = _copy(twin)
    found.edit.apply(then)
    settings = taken(then, Look(selected=found.selected))
    kept = ("layers", "titles", "hidden", "sections", "selected")
    fov = camera.field if camera.field > 0 else 45.0
    far = AHEAD if camera.height <= 0 else camera.height
    return Bookmark(
        point.guid, "", triple(camera.eye), triple(camera.eye + camera.direction * far),
        triple(camera.up), float(fov), {name: settings[name] for name in kept},
    )  # fmt: skip


def _picture(topic: Topic, point: Viewpoint, blobs: Mapping[str, bytes]) -> bytes:
    item = topic.file(point.snapshot) if point.snapshot else None
    return b"" if item is None else blobs.get(item.sha256, b"")


def _copy(twin: Twin) -> Twin:
    """Return a twin that can be changed while the other stays: what is in it is frozen anyway."""
    records = {kind: dict(kept) for kind, kept in twin.records.items()}
    return replace(twin, changed=Announcer(), layers=dict(twin.layers), records=records)


def _view(view: Bookmark) -> View:
    eye, target = np.array(view.eye), np.array(view.target)
    forward = _unit(target - eye, np.array([0.0, 1.0, 0.0]))
    right = _unit(np.cross(forward, np.array(view.up)), np.array([1.0, 0.0, 0.0]))
    return View(eye, forward, np.cross(right, forward), view.fov, SIZE)


def _unit(line: F64, usual: F64) -> F64:
    length = float(np.linalg.norm(line))
    return line / length if length > 1e-9 else usual
