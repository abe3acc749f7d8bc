"""Commands on saved views."""

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord
from twin.errors import UsageError
from twin.records import Bookmark


@command("bookmarks.add")
def add_view(context: Context, id: str, title: str, eye: str, target: str) -> Edit:
    """Save a view under an id: eye and target as "x,y,z" in the project frame, metres."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    bookmark = Bookmark(id, title.strip(), point_of(eye), point_of(target))
    return SetRecord("bookmarks", id, bookmark)


def point_of(text: str) -> tuple[float, float, float]:
    """Return the point that "x,y,z" names. Raises UsageError."""
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(reason=f"{text!r} is not x,y,z") from None
    return x, y, z


@command("bookmarks.remove")
def remove_bookmark(context: Context, id: str) -> Edit:
    """Remove a saved view."""
    if id not in context.twin.records["bookmarks"]:
        raise UsageError(reason=f"there is no saved view {id!r}")
    return SetRecord("bookmarks", id, None)
