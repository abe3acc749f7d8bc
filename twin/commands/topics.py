"""Commands on topics: taken from BCF files, added, said something to, changed, closed, deleted."""

import datetime

import numpy as np

from twin.commands.registry import Context, command
from twin.commands.views import point_of
from twin.edits import Edit
from twin.errors import UsageError
from twin.exchange.bcf.binding import time_of
from twin.exchange.bcf.model import Comment, Component, Topic
from twin.exchange.bcf.reading import read
from twin.tiles import View
from twin.topics.capture import Seen, taken
from twin.topics.changes import (
    CLOSED,
    Stamp,
    added,
    changed,
    commented,
    deleted,
    imported,
    new_guid,
    related,
    relinked,
    seen_from,
    topic_of,
)
from twin.topics.links import component_of

PICTURE = (1600, 900)
"""Width and height of the picture that a viewpoint without one is for."""


def _stamp(context: Context, author: str, at: str) -> Stamp:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Stamp(author or context.author, time_of(at) if at else now)


@command("bcf.import")
def import_topics(context: Context, path: str) -> Edit:
    """Take the topics of a BCF file into the project; topics that are there already are merged."""
    return imported(context.twin, read(path))


@command("topics.add")
def add_topic(  # noqa: PLR0913  the arguments of a command
    context: Context,
    title: str,
    type: str = "",
    status: str = "Open",
    priority: str = "",
    assigned: str = "",
    due: str = "",
    description: str = "",
    labels: str = "",
    guid: str = "",
    author: str = "",
    at: str = "",
) -> Edit:
    """Add a topic. ``due`` and ``at`` are ISO 8601; ``labels`` are separated by commas."""
    stamp = _stamp(context, author, at)
    words = tuple(filter(None, (x.strip() for x in labels.split(","))))
    topic = Topic(
        new_guid(guid), title.strip(), type, status, priority, None, words,
        created=stamp.at, author=stamp.author, due=time_of(due) if due else "", assigned=assigned,
        description=description,
    )  # fmt: skip
    return added(context.twin, topic)


@command("topics.comment")
def comment_topic(  # noqa: PLR0913  the arguments of a command
    context: Context,
    topic: str,
    text: str,
    viewpoint: str = "",
    author: str = "",
    at: str = "",
    guid: str = "",
) -> Edit:
    """Comment on a topic (its guid or the beginning of it), perhaps on one of its viewpoints."""
    stamp = _stamp(context, author, at)
    comment = Comment(new_guid(guid), stamp.at, stamp.author, text, viewpoint.lower())
    return commented(topic_of(context.twin, topic), comment)


@command("topics.set")
def set_topic(
    context: Context, topic: str, field: str, value: str, author: str = "", at: str = ""
) -> Edit:
    """Change a topic: title, type, status, priority, assigned, due, stage, description, labels or index."""
    stamp = _stamp(context, author, at)
    return changed(topic_of(context.twin, topic), stamp, field, value)


@command("topics.close")
def close_topic(context: Context, topic: str, author: str = "", at: str = "") -> Edit:
    """Close a topic."""
    stamp = _stamp(context, author, at)
    return changed(topic_of(context.twin, topic), stamp, "status", CLOSED)


@command("topics.delete")
def delete_topic(context: Context, topic: str) -> Edit:
    """Delete a topic with its comments and viewpoints."""
    return deleted(context.twin, topic_of(context.twin, topic))


@command("topics.relate")
def relate_topics(
    context: Context, topic: str, other: str, author: str = "", at: str = ""
) -> Edit:
    """Tie a topic to another, or take the tie away; the other need not be in the project."""
    stamp = _stamp(context, author, at)
    return related(topic_of(context.twin, topic), stamp, new_guid(other))


@command("topics.relink")
def relink_topic(
    context: Context, topic: str, old: str, new: str = "", author: str = "", at: str = ""
) -> Edit:
    """Let a topic's viewpoints name another object: an IfcGuid, or ("") the one that is selected."""
    stamp = _stamp(context, author, at)
    item = Component(new) if new else _selected(context)
    return relinked(topic_of(context.twin, topic), stamp, old, item)


def _selected(context: Context) -> Component:
    found = [(key, row) for key, rows in context.selected.items() for row in rows]
    if len(found) != 1:
        raise UsageError(reason="select one object, or name one by new=")
    key, row = found[0]
    return component_of(context.twin.layer(key), int(row))


@command("viewpoints.add")
def add_viewpoint(  # noqa: PLR0913  the arguments of a command
    context: Context,
    topic: str,
    eye: str,
    target: str,
    fov: str = "60",
    up: str = "0,0,1",
    guid: str = "",
) -> Edit:
    """Add a viewpoint to a topic: eye and target as "x,y,z" in the project frame, metres; what is
    selected, hidden and cut comes with it."""
    found = topic_of(context.twin, topic)
    start, end, above = (np.array(point_of(text)) for text in (eye, target, up))
    line = end - start
    length = float(np.linalg.norm(line))
    if not np.isfinite(length) or length < 1e-6:
        raise UsageError(reason="eye and target are the same point")
    forward = line / length
    right = np.cross(forward, above)
    if np.linalg.norm(right) < 1e-9:
        right = np.cross(forward, [0.0, 1.0, 0.0])
    upward = np.cross(right / np.linalg.norm(right), forward)
    view = View(start, forward, upward, _degrees(fov), PICTURE)
    scene = taken(context.twin, found, Seen(view, context.selected), context.located)
    return seen_from(found, scene, new_guid(guid))[1]


def _degrees(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.0 < found < 180.0:
        raise UsageError(reason=f"{text!r} is no field of view between 0 and 180 degrees")
    return found
