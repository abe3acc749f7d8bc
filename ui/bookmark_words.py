"""What a saved view shows, in words: colours, how many layers, what time."""

import numpy as np

from twin.presenting.looks import mapping_of
from twin.records import Bookmark
from ui.desk import Desk
from ui.panels.plates import column_words


def note_of(desk: Desk, view: Bookmark) -> str:
    """Return one line: what it is coloured by, how many layers, the valid time where one is set."""
    said, parts = view.settings, []
    column = said.get("color_by")
    if isinstance(column, str):
        parts.append(column_words(desk, column))
    layers = mapping_of(said, "layers")
    if layers:
        count = sum(bool(x) for x in layers.values())
        parts.append(desk.say("bookmarks.layers", count=desk.words.count(count)))
    when = said.get("as_of")
    if when:
        parts.append(desk.say("bookmarks.as_of", date=_date(desk, str(when))))
    return " · ".join(parts)


def _date(desk: Desk, text: str) -> str:
    try:
        return desk.words.date(np.datetime64(text, "ms"))
    except ValueError:
        return text
