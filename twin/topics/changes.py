"""Topics as records of the project: taken from BCF files, changed by edits, given back.

A topic that comes a second time is merged, not replaced: a file that went round others brings their
comments, and ours stay.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.exchange.bcf.binding import guid_of, time_of
from twin.exchange.bcf.model import (
    Attachment,
    Bcf,
    Comment,
    Component,
    Extensions,
    Frame,
    Related,
    Scene,
    StoredFile,
    Topic,
    Viewpoint,
)
from twin.scene import Twin

EXCHANGE = "bcf"
"""The key of what stands round the topics of a project."""
CLOSED = "Closed"
FIELDS = (
    "title", "type", "status", "priority", "assigned", "due", "stage", "description", "labels", "index",
)  # fmt: skip
"""What ``topics.set`` changes. ``labels`` are separated by commas."""
TYPES = ("Clash", "Error", "Info", "Request", "Unknown")
STATUSES = ("Open", "In Progress", "Resolved", CLOSED)
PRIORITIES = ("Low", "Medium", "High", "Critical")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who does something and when (``xs:dateTime``)."""

    author: str
    at: str


def topics_of(twin: Twin) -> dict[str, Topic]:
    """Return the topics of a project by guid."""
    return twin.records["topics"]


def topic_of(twin: Twin, guid: str) -> Topic:
    """Return a topic by its guid or its beginning. Raises UsageError."""
    found = [x for key, x in topics_of(twin).items() if key == guid.lower()]
    if not found and guid:
        found = [x for key, x in topics_of(twin).items() if key.startswith(guid.lower())]
    if len(found) != 1:
        raise UsageError(reason=f"there is no topic {guid[:40]!r}")
    return found[0]


def frame_of(twin: Twin) -> Frame:
    """Return what stands round the topics of a project."""
    found: Frame = twin.records["exchanges"].get(EXCHANGE, Frame())
    return found


def allowed(twin: Twin, field: str) -> tuple[str, ...]:
    """Return the values to choose from: those the project allows, else usual ones and those in use."""
    names = {"type": "types", "status": "statuses", "priority": "priorities", "assigned": "users",
             "stage": "stages"}  # fmt: skip
    usual = {"type": TYPES, "status": STATUSES, "priority": PRIORITIES}
    said: tuple[str, ...] = getattr(frame_of(twin).extensions, names[field])
    used = sorted({getattr(x, field) for x in topics_of(twin).values()} - {""})
    return tuple(dict.fromkeys([*(said or usual.get(field, ())), *used]))


# -- from files and back ----------------------------------------------------------------------


def imported(twin: Twin, bcf: Bcf) -> Edit:
    """Return the edit that takes a file's topics into the project, merged with those that are there."""
    edits: list[Edit] = [_stored(data) for data in bcf.blobs.values()]
    edits = [x for x in edits if isinstance(x, SetRecord) and x.key not in twin.records["files"]]
    frame = _joined(frame_of(twin), bcf.frame)
    if frame != frame_of(twin):
        edits.append(SetRecord("exchanges", EXCHANGE, frame))
    for topic in bcf.topics:
        before = topics_of(twin).get(topic.guid)
        after = topic if before is None else merged(before, topic)
        if after != before:
            edits.append(SetRecord("topics", topic.guid, after))
    return Together(tuple(edits))


def exported(twin: Twin, guids: Iterable[str] = ()) -> Bcf:
    """Return the project's topics (of these guids; none = all) as a file."""
    wanted = set(guids) or set(topics_of(twin))
    topics = tuple(x for key, x in topics_of(twin).items() if key in wanted)
    files: dict[str, StoredFile] = twin.records["files"]
    return Bcf(topics, frame_of(twin), {key: item.data for key, item in files.items()})


def merged(mine: Topic, theirs: Topic) -> Topic:
    """Return one topic of two states of it: the later one's words, everybody's comments and views."""
    base, other = (theirs, mine) if theirs.touched >= mine.touched else (mine, theirs)
    return replace(
        base,
        comments=tuple(
            sorted(_union(base.comments, other.comments, "guid"), key=lambda x: x.date)
        ),
        viewpoints=_union(base.viewpoints, other.viewpoints, "guid"),
        documents=_union(base.documents, other.documents, "guid"),
        related=_union(base.related, other.related, "guid"),
        files=_union(base.files, other.files, "name"),
        models=base.models or other.models,
    )


def _union(first: Sequence[Item], second: Sequence[Item], key: str) -> tuple[Item, ...]:
    known = {getattr(x, key) for x in first}
    return (*first, *(x for x in second if getattr(x, key) not in known))


def _joined(mine: Frame, theirs: Frame) -> Frame:
    names = ("types", "statuses", "priorities", "labels", "users", "snippets", "stages")
    lists: dict[str, Any] = {
        name: tuple(
            dict.fromkeys([*getattr(mine.extensions, name), *getattr(theirs.extensions, name)])
        )
        for name in names
    }
    more = mine.extensions.more if mine.extensions.more.elements else theirs.extensions.more
    base = theirs if mine == Frame() else mine
    return replace(
        base,
        extensions=Extensions(**lists, more=more),
        documents=_union(mine.documents, theirs.documents, "guid"),
        files=_beside(mine.files, theirs.files),
    )


def _beside(
    mine: tuple[Attachment, ...], theirs: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    """Return both files' attachments; one of the same name and other bytes gets a folder of its own."""
    known = {x.name: x.sha256 for x in mine}
    more = []
    for item in theirs:
        if known.get(item.name, item.sha256) != item.sha256:
            item = replace(item, name=f"kept/{item.sha256[:8]}/{item.name}")
        if item.name not in known:
            more.append(item)
    return (*mine, *more)


# -- changes ----------------------------------------------------------------------------------


def _stored(data: bytes) -> Edit:
    key = hashlib.sha256(data).hexdigest()
    return SetRecord("files", key, StoredFile(key, data))


def new_guid(said: str = "") -> str:
    """Return a guid: the one that was said, else a new one. Raises UsageError."""
    try:
        return guid_of(said) if said else str(uuid4())
    except ValueError:
        raise UsageError(reason=f"{said!r} is no guid") from None


def added(twin: Twin, topic: Topic) -> Edit:
    """Return the edit that adds a topic. Raises UsageError."""
    if not topic.title.strip():
        raise UsageError(reason="a title cannot be empty")
    if topic.guid in topics_of(twin):
        raise UsageError(reason=f"there is a topic {topic.guid} already")
    return SetRecord("topics", topic.guid, topic)


def commented(topic: Topic, comment: Comment) -> Edit:
    """Return the edit that adds a comment. Raises UsageError."""
    if not comment.text.strip() and not comment.viewpoint:
        raise UsageError(reason="a comment cannot be empty")
    if comment.viewpoint and topic.viewpoint(comment.viewpoint) is None:
        raise UsageError(reason=f"the topic has no viewpoint {comment.viewpoint!r}")
    return SetRecord("topics", topic.guid, replace(topic, comments=(*topic.comments, comment)))


def changed(topic: Topic, stamp: Stamp, field: str, value: str) -> Edit:
    """Return the edit that changes a field of ``FIELDS``. Raises UsageError."""
    if field not in FIELDS:
        raise UsageError(reason=f"{field!r} is none of {', '.join(FIELDS)}")
    found: Any = value.strip()
    if field == "title" and not found:
        raise UsageError(reason="a title cannot be empty")
    if field == "labels":
        found = tuple(filter(None, (x.strip() for x in value.split(","))))
    elif field == "due":
        found = time_of(found)
    elif field == "index":
        found = _whole(found)
    return touched(replace(topic, **{field: found}), stamp)


def _whole(text: str) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        raise UsageError(reason=f"{text!r} is no whole number") from None


def touched(topic: Topic, stamp: Stamp) -> Edit:
    """Return the edit that puts a topic as somebody changed it."""
    return SetRecord(
        "topics", topic.guid, replace(topic, modified=stamp.at, modified_by=stamp.author)
    )


def related(topic: Topic, stamp: Stamp, other: str) -> Edit:
    """Return the edit that ties two topics together, or takes the tie away."""
    kept = tuple(x for x in topic.related if x.guid != other)
    ties = kept if len(kept) < len(topic.related) else (*kept, Related(other))
    return touched(replace(topic, related=ties), stamp)


def relinked(topic: Topic, stamp: Stamp, old: str, new: Component) -> Edit:
    """Return the edit that lets every viewpoint name another object. Raises UsageError."""

    def other(item: Component) -> Component:
        return new if old in (item.ifc_guid, item.tool_id) else item

    def seen(scene: Scene | None) -> Scene | None:
        return None if scene is None else _each(scene, other)

    views = tuple(replace(x, scene=seen(x.scene)) for x in topic.viewpoints)
    if views == topic.viewpoints:
        raise UsageError(reason=f"no viewpoint of the topic names {old!r}")
    return touched(replace(topic, viewpoints=views), stamp)


def _each(scene: Scene, change: Callable[[Component], Component]) -> Scene:
    return replace(
        scene,
        selection=tuple(map(change, scene.selection)),
        exceptions=tuple(map(change, scene.exceptions)),
        coloring=tuple(
            replace(x, components=tuple(map(change, x.components))) for x in scene.coloring
        ),
    )


def seen_from(topic: Topic, scene: Scene, guid: str, picture: bytes = b"") -> tuple[Topic, Edit]:
    """Return the topic with another viewpoint, and the edit that puts its picture (a PNG) and it."""
    snapshot = f"{guid}.png" if picture else ""
    index = max((x.index or 0 for x in topic.viewpoints), default=-1) + 1
    view = Viewpoint(guid, f"{guid}.bcfv", snapshot, index, scene)
    files = topic.files
    edits: list[Edit] = []
    if picture:
        key = hashlib.sha256(picture).hexdigest()
        files = (*files, Attachment(snapshot, key, len(picture)))
        edits.append(_stored(picture))
    after = replace(topic, viewpoints=(*topic.viewpoints, view), files=files)
    return after, Together((*edits, SetRecord("topics", topic.guid, after)))


def deleted(twin: Twin, topic: Topic) -> Edit:
    """Return the edit that deletes a topic and the files that nothing else needs."""
    rest = [x for key, x in topics_of(twin).items() if key != topic.guid]
    needed = {x.sha256 for one in rest for x in one.files}
    needed |= {x.sha256 for x in frame_of(twin).files}
    needed |= {x.picture for x in twin.records["annotations"].values()}
    gone = {x.sha256 for x in topic.files} - needed
    files = [SetRecord("files", key, None) for key in sorted(gone) if key in twin.records["files"]]
    return Together((SetRecord("topics", topic.guid, None), *files))


def file_of(twin: Twin, topic: Topic, name: str) -> bytes | None:
    """Return the bytes of an attachment by name; None where it is missing."""
    item = topic.file(name)
    found = None if item is None else twin.records["files"].get(item.sha256)
    return None if found is None else bytes(found.data)
