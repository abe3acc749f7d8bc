"""Attributes and their values in the language of the window, where the catalogue has them."""

from ui.desk import Desk


def attribute_title(desk: Desk, key: str) -> str:
    """Return the title of an attribute by its full name; one that the catalogue lacks keeps its own."""
    said = f"attribute.{_slug(key)}"
    return desk.say(said) if desk.words.has(said) else key


def value_title(desk: Desk, column: str, value: str | None) -> str:
    """Return the title of a value that objects are grouped, coloured or described by."""
    if value is None:
        return desk.say("not_stated")
    if column == "kind":
        return desk.kind(value)
    said = f"{column.lower()}.{_slug(value)}"
    return desk.say(said) if column == "Discipline" and desk.words.has(said) else value


def _slug(text: str) -> str:
    return text.lower().replace(" ", "_")
