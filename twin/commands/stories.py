"""Commands on stories: scenes in the order in which they are told."""

from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord
from twin.errors import UsageError
from twin.presenting.records import Story, StoryScene
from twin.presenting.stories import MOST_MINUTES, stories_of

FIELDS = ("bookmark", "title_en", "title_zh", "text_en", "text_zh", "notes", "minutes", "route")
MOST_TEXT = 100_000
"""Characters of a text of a scene."""


@command("stories.add")
def add_story(context: Context, id: str, title: str) -> Edit:
    """Begin a story without scenes."""
    if id in context.twin.records["stories"] or not id.strip():
        raise UsageError(reason=f"there is a story {id!r} already")
    place = max((x.place for x in stories_of(context.twin)), default=0.0) + 1
    return SetRecord("stories", id, Story(id, _title(title), place=place))


@command("stories.rename")
def rename_story(context: Context, id: str, title: str) -> Edit:
    """Give a story another title."""
    return _put(replace(_known(context, id), title=_title(title)))


@command("stories.remove")
def remove_story(context: Context, id: str) -> Edit:
    """Remove a story; its saved views stay."""
    return SetRecord("stories", _known(context, id).id, None)


@command("stories.freshness")
def say_freshness(context: Context, id: str, on: str) -> Edit:
    """Say to the audience how old the data is: on or off."""
    if on not in ("on", "off"):
        raise UsageError(reason=f"on: {on!r} is neither on nor off")
    return _put(replace(_known(context, id), freshness=on == "on"))


@command("stories.add_scene")
def add_scene(context: Context, id: str, bookmark: str, title: str = "", at: str = "") -> Edit:
    """Add a scene that shows a saved view: at the end, or at place 1, 2, 3 ..."""
    story = _known(context, id)
    view = context.twin.records["bookmarks"].get(bookmark)
    if view is None:
        raise UsageError(reason=f"there is no saved view {bookmark!r}")
    words = title.strip() or view.title
    made = StoryScene(_free(story, bookmark), bookmark, title_en=words, title_zh=words)
    place = _place(at, len(story.scenes) + 1) if at else len(story.scenes) + 1
    scenes = list(story.scenes)
    scenes.insert(place - 1, made)
    return _put(replace(story, scenes=tuple(scenes)))


@command("stories.set_scene")
def set_scene(context: Context, id: str, scene: str, field: str, value: str) -> Edit:
    """Change a scene: bookmark, title_en, title_zh, text_en, text_zh, notes, minutes or route."""
    story = _known(context, id)
    if field not in FIELDS:
        raise UsageError(reason=f"{field!r} is none of {', '.join(FIELDS)}")
    if len(value) > MOST_TEXT:
        raise UsageError(reason=f"{field}: more than {MOST_TEXT} characters")
    if field == "bookmark" and value not in context.twin.records["bookmarks"]:
        raise UsageError(reason=f"there is no saved view {value!r}")
    if field == "route" and value and value not in context.twin.records["routes"]:
        raise UsageError(reason=f"there is no route {value!r}")
    found: Any = _minutes(value) if field == "minutes" else value
    changed = replace(_scene(story, scene), **{field: found})
    return _put(
        replace(story, scenes=tuple(changed if x.id == scene else x for x in story.scenes))
    )


@command("stories.move_scene")
def move_scene(context: Context, id: str, scene: str, to: str) -> Edit:
    """Move a scene to place 1, 2, 3 ..."""
    story = _known(context, id)
    moved = _scene(story, scene)
    rest = [x for x in story.scenes if x.id != scene]
    rest.insert(_place(to, len(rest) + 1) - 1, moved)
    return _put(replace(story, scenes=tuple(rest)))


@command("stories.remove_scene")
def remove_scene(context: Context, id: str, scene: str) -> Edit:
    """Remove a scene from a story; its saved view stays."""
    story = _known(context, id)
    gone = _scene(story, scene)
    return _put(replace(story, scenes=tuple(x for x in story.scenes if x.id != gone.id)))


def _put(story: Story) -> Edit:
    return SetRecord("stories", story.id, story)


def _known(context: Context, id: str) -> Story:
    found = context.twin.records["stories"].get(id)
    if not isinstance(found, Story):
        raise UsageError(reason=f"there is no story {id!r}")
    return found


def _scene(story: Story, scene: str) -> StoryScene:
    found = next((x for x in story.scenes if x.id == scene), None)
    if found is None:
        raise UsageError(reason=f"the story has no scene {scene!r}")
    return found


def _free(story: Story, bookmark: str) -> str:
    """Return an id that no scene of the story has; the same story gives the same one."""
    taken = {x.id for x in story.scenes}
    names = (uuid5(NAMESPACE_URL, f"{story.id}/{bookmark}/{n}").hex[:12] for n in range(10_000))
    return next(x for x in names if x not in taken)


def _title(text: str) -> str:
    if not text.strip():
        raise UsageError(reason="a title cannot be empty")
    return text.strip()


def _place(text: str, last: int) -> int:
    try:
        return min(max(int(text), 1), last)
    except ValueError:
        raise UsageError(reason=f"to: {text!r} is not a whole number") from None


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(reason=f"minutes: {text!r} is not a number") from None
    if not (np.isfinite(value) and 0 <= value <= MOST_MINUTES):
        raise UsageError(reason=f"minutes: {text!r} lies outside of 0 to {MOST_MINUTES:g}")
    return value
