"""Commands on saved views."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.presenting.looks import Look, shown, taken
from twin.records import Bookmark
from twin.scene import Twin

MOST_TEXT = 64 * 1024 * 1024
"""Characters that the settings of a view may have as text."""


@command("bookmarks.add")
def add_view(
    context: Context, id: str, title: str, eye: str, target: str, fov: str = "45"
) -> Edit:
    """Save a view under an id: eye and target as "x,y,z" in the project frame, metres; fov in degrees.

    It shows the layers, colours and sections of now; ``bookmarks.update`` says otherwise.
    """
    if id in context.twin.records["bookmarks"]:
        raise UsageError(reason=f"there is a saved view {id!r} already")
    made = Bookmark(
        id,
        _title(title),
        point_of(eye),
        point_of(target),
        fov=_field(fov),
        settings=_now(context),
        place=last_place(context.twin) + 1,
    )
    return SetRecord("bookmarks", id, _seen(made))


@command("bookmarks.update")
def update_view(
    context: Context, id: str, eye: str = "", target: str = "", fov: str = "", settings: str = ""
) -> Edit:
    """Let a saved view show something else: another camera, and what is shown now.

    ``settings`` is a JSON object of what to show instead.
    """
    changes: dict[str, Any] = {}
    if eye:
        changes["eye"] = point_of(eye)
    if target:
        changes["target"] = point_of(target)
    if fov:
        changes["fov"] = _field(fov)
    changes["settings"] = _settings(settings) if settings else _now(context)
    view = replace(known(context, id), **changes)
    return SetRecord("bookmarks", view.id, _seen(view))


@command("bookmarks.rename")
def rename_view(context: Context, id: str, title: str) -> Edit:
    """Give a saved view another title."""
    return SetRecord("bookmarks", id, replace(known(context, id), title=_title(title)))


@command("bookmarks.move")
def move_view(context: Context, id: str, to: str) -> Edit:
    """Move a saved view in the list: to place 1, 2, 3 ..."""
    moved = known(context, id)
    try:
        place = int(to)
    except ValueError:
        raise UsageError(reason=f"to: {to!r} is not a whole number") from None
    rest = [x for x in in_order(context.twin) if x.id != id]
    rest.insert(min(max(place, 1), len(rest) + 1) - 1, moved)
    edits = [
        SetRecord("bookmarks", x.id, replace(x, place=float(n)), journal=x.id == id)
        for n, x in enumerate(rest, 1)
        if x.place != n
    ]
    return Together(tuple(edits))


@command("bookmarks.remove")
def remove_bookmark(context: Context, id: str) -> Edit:
    """Remove a saved view; several at once as "id,id"."""
    ids = [one for one in (part.strip() for part in id.split(",")) if one]
    return Together(tuple(SetRecord("bookmarks", known(context, one).id, None) for one in ids))


@command("bookmarks.show")
def show_view(context: Context, id: str) -> Edit:
    """Show the layers, colours and sections of a saved view."""
    return shown(context.twin, Look(), known(context, id)).edit


def in_order(twin: Twin) -> list[Bookmark]:
    """Return the saved views as they stand in the list."""
    return sorted(twin.records["bookmarks"].values(), key=lambda x: x.place)


def last_place(twin: Twin) -> float:
    """Return the place of the last saved view; 0 where there is none."""
    return max((x.place for x in twin.records["bookmarks"].values()), default=0.0)


def known(context: Context, id: str) -> Bookmark:
    """Return a saved view. Raises UsageError where there is none."""
    found = context.twin.records["bookmarks"].get(id)
    if not isinstance(found, Bookmark):
        raise UsageError(reason=f"there is no saved view {id!r}")
    return found


def point_of(text: str) -> tuple[float, float, float]:
    """Return the point that "x,y,z" names. Raises UsageError."""
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(reason=f"{text!r} is not x,y,z") from None
    if not np.isfinite((x, y, z)).all():
        raise UsageError(reason=f"{text!r} is not a place: its numbers have to be finite")
    return x, y, z


def _title(text: str) -> str:
    if not text.strip():
        raise UsageError(reason="a title cannot be empty")
    return text.strip()


def _field(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(reason=f"fov: {text!r} is not a number") from None
    if not 1.0 <= value <= 170.0:
        raise UsageError(reason=f"fov: {text!r} lies outside of 1 to 170 degrees")
    return value


def _seen(view: Bookmark) -> Bookmark:
    """Return the view if it looks anywhere. Raises UsageError."""
    if np.linalg.norm(np.subtract(view.eye, view.target)) < 1e-6:
        raise UsageError(reason="eye and target are the same point: nothing is looked at")
    return view


def _settings(text: str) -> Mapping[str, Any]:
    if len(text) > MOST_TEXT:
        raise UsageError(reason=f"settings: {len(text)} characters are more than {MOST_TEXT}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(reason="settings: this is not JSON") from None
    if not isinstance(found, dict):
        raise UsageError(reason="settings: this is not a JSON object")
    return found


def _now(context: Context) -> Mapping[str, Any]:
    """Return what the twin itself shows; of filter, instants and settings a command knows nothing."""
    found = taken(context.twin, Look(selected=context.selected))
    known = ("layers", "titles", "hidden", "color_by", "sections", "selected", "annotations")
    return {name: found[name] for name in known}
