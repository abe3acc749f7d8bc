"""Attributes of an object as items of a sheet: property sets grouped, rare ones from the JSON column."""

from collections.abc import Iterator
from typing import Any

import orjson

from twin.features import EXTRA, iterate
from twin.scene import CityObject
from ui.desk import Desk
from ui.panels.sheet import Field, Heading, Item, Note


def attribute_items(desk: Desk, thing: CityObject, wanted: str) -> list[Item]:
    """Return the attributes whose group, name or value contains the text."""
    wanted = wanted.lower()
    groups: dict[str, list[Field]] = {}
    for name, value, source in _attributes(thing):
        group, _, short = name.rpartition(".") if "." in name else ("", "", name)
        text = desk.words.value(value)
        if wanted and wanted not in f"{name} {text}".lower():
            continue
        groups.setdefault(group, []).append(Field(short, text, source))
    items: list[Item] = []
    for group in sorted(groups):
        title = group or desk.say("attributes.title")
        items.append(Heading(title, desk.words.count(len(groups[group]))))
        items += groups[group]
    if not items:
        items.append(Note(desk.say("attributes.none" if not wanted else "attributes.no_match")))
    return items


def _attributes(thing: CityObject) -> Iterator[tuple[str, Any, str]]:
    table = thing.layer.features
    yield "id", thing.id, ""
    yield "kind", thing.kind, ""
    for name, value in iterate(table, thing.row):
        yield name, value, ""
    extra = table.columns.get(EXTRA)
    if extra is None or not extra[thing.row]:
        return
    try:
        rare = orjson.loads(str(extra[thing.row]))
    except orjson.JSONDecodeError:
        yield EXTRA, str(extra[thing.row]), EXTRA
        return
    yield from _flat(rare, "")


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and len(value) > 6:
        yield name, f"[{len(value)}]", ""
    else:
        yield name, value if isinstance(value, str | int | float | bool) else str(value), ""


def column_of(thing: CityObject, label: str) -> str:
    """Return the column of the table that a shown attribute stands for ('' when there is none)."""
    table = thing.layer.features
    if label in ("id", "kind", "name", "lod") or label in table.columns:
        return label
    return next((name for name in table.names if name.rpartition(".")[2] == label), "")
