"""The history of an object: journal entries that name it, and the dates it carries, newest first."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from twin.observations import KINDS
from twin.replacing import Thing, replaced
from twin.scene import CityObject
from twin.store.journal_table import action_text, named, parts
from ui.desk import Desk
from ui.panels.passport import line_of
from ui.panels.sheet_items import Field, Heading, Item, Note


def history_items(desk: Desk, thing: CityObject) -> list[Item]:
    """Return what happened to the object in our records, then what its sources say happened."""
    items: list[Item] = [Heading(desk.say("history.journal"))]
    twin = desk.session.twin
    before = [
        twin.object(x.layer, x.row) for x in replaced(twin, Thing(thing.layer.id, thing.row))
    ]
    ids = [thing.id, *[other.id for other in before]]
    entries = [entry for entry in desk.journal() if any(names(entry, key) for key in ids)]
    for entry in reversed(entries[-50:]):
        items += [
            _change(desk, entry, part)
            for part in parts(entry)
            if any(about(part, key) for key in ids)
        ]
    if not entries:
        items.append(Note(desk.say("history.none")))
    items.append(Heading(desk.say("history.sources")))
    items += _events(desk, thing)
    for other in before:
        items.append(Heading(desk.say("history.replaced", what=desk.title(other))))
        items += _events(desk, other)
    return items


def _change(desk: Desk, entry: Mapping[str, Any], part: Mapping[str, Any]) -> Field:
    """Return one change: when, what, by whom."""
    when = str(entry.get("at", ""))[:16].replace("T", " ")
    who = named(str(entry.get("actor", "")), desk.session.twin.records["parties"])
    return Field(when, action_text(part, desk.words.catalogue), who)


def names(entry: Mapping[str, Any], key: str) -> bool:
    """Return whether a journal entry, or a part of it, is about an object's id."""
    return any(about(part, key) for part in parts(entry))


def about(part: Mapping[str, Any], key: str) -> bool:
    """Return whether one change is about an object's id."""
    which = part.get("object")
    return key in which if isinstance(which, list) else which == key


def _events(desk: Desk, thing: CityObject) -> list[Field]:
    found = thing.layer.observations
    mine = np.flatnonzero(np.isin(found.row, line_of(thing)) & ~np.isnat(found.t_lo))
    mine = mine[np.argsort(found.t_lo[mine], kind="stable")[::-1]]
    fields = [
        Field(
            desk.words.date(found.t_lo[entry]),
            desk.say(f"date_kind.{KINDS[int(found.kind[entry])]}"),
            found.paths[int(found.path[entry])],
        )
        for entry in mine[:40]
    ]
    for name in ("valid_from", "valid_to", "created", "terminated"):
        times = thing.layer.features.get(name)
        if times is not None and not np.isnat(times[thing.row]):
            fields.append(
                Field(desk.words.date(times[thing.row]), desk.say(f"passport.{name}"), name)
            )
    return fields
