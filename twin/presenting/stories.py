"""What is told and in which order: the story of a project, or its saved views where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from twin.presenting.records import Story, StoryScene
from twin.records import Bookmark
from twin.scene import Twin

OWN = ""
"""The id of the story that the saved views make by themselves."""
MOST_MINUTES = 24 * 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """A scene with its saved view; ``view`` is None where that was removed."""

    scene: StoryScene
    view: Bookmark | None


def stories_of(twin: Twin) -> list[Story]:
    """Return the stories as they stand in the list."""
    found: list[Story] = sorted(twin.records["stories"].values(), key=lambda x: x.place)
    return found


def views_of(twin: Twin) -> list[Bookmark]:
    """Return the saved views as they stand in the list."""
    found: list[Bookmark] = sorted(twin.records["bookmarks"].values(), key=lambda x: x.place)
    return found


def own_story(twin: Twin) -> Story:
    """Return the story of all saved views in their order, with their titles."""
    views = views_of(twin)
    scenes = tuple(StoryScene(x.id, x.id, title_en=x.title, title_zh=x.title) for x in views)
    return Story(OWN, twin.title, scenes)


def story_of(twin: Twin, key: str = "") -> Story:
    """Return the story of an id; without one the first, else that of the saved views."""
    found = twin.records["stories"].get(key)
    if isinstance(found, Story):
        return found
    known = stories_of(twin)
    return known[0] if known and not key else own_story(twin)


def told(twin: Twin, story: Story) -> list[Told]:
    """Return the scenes of a story with their saved views."""
    views = twin.records["bookmarks"]
    return [Told(x, views.get(x.bookmark)) for x in story.scenes]


def words_of(scene: StoryScene, language: str) -> tuple[str, str]:
    """Return title and text in a language; what it lacks in the other one."""
    titles, texts = (scene.title_en, scene.title_zh), (scene.text_en, scene.text_zh)
    first = 1 if language == "zh" else 0
    return titles[first] or titles[1 - first], texts[first] or texts[1 - first]


def caption_words(caption: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return title (the first line) and text of a route's caption in a language, else in the other."""
    said = caption.get(language) or next((x for x in caption.values() if x), "")
    title, _, text = said.strip().partition("\n")
    return title.strip(), text.strip()


def planned(story: Story) -> float:
    """Return the planned minutes of a story."""
    return float(sum(x.minutes for x in story.scenes))
