"""Everything a source says of an object as items of a sheet: sets, materials, relations, documents.

The sections fold; a filter keeps what contains its words in set, name, value or unit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from twin.details import (
    RELATION_KINDS,
    Details,
    Json,
    Property,
    details,
    is_bsdd,
    is_web,
    properties,
)
from twin.scene import CityObject
from ui.desk import Desk
from ui.panels.attribute_words import attribute_title, value_title
from ui.panels.sheet_items import SWATCHES, Field, Heading, Item, Link, Note, Stack
from ui.wording import DASH

MOST_LINKS = 12
"""Objects of one relation that are listed; the rest is counted."""
DEEPER = {
    "Type": "type", "Material": "materials", "Classification": "classifications",
    "System": "groups", "Group": "groups",
}  # fmt: skip
"""Columns that are left out where the details say the same at length."""
DOCUMENT = (
    "id", "state", "revision", "status", "purpose", "description", "owner", "created", "revised",
    "valid_from", "valid_to",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A foldable part of the page; ``note`` stands at the right of its title."""

    key: str
    title: str
    items: tuple[Item, ...]
    note: str = ""


def property_items(
    desk: Desk, thing: CityObject, wanted: str = "", folded: Set[str] = frozenset()
) -> list[Item]:
    """Return the page of an object; with a filter nothing is folded."""
    items: list[Item] = []
    for section in _wanted(sections(desk, thing), wanted):
        closed = section.key in folded and not wanted
        items.append(Heading(section.title, section.note, section.key, closed))
        items += () if closed else section.items
    if not items:
        items.append(Note(desk.say("attributes.no_match")))
    return items


def property_lines(desk: Desk, thing: CityObject, wanted: str = "") -> list[str]:
    """Return what the page shows as lines of tab-separated text: section, name, value, unit, source."""
    return [
        "\t".join(_plain(x) for x in (section.title, *cells))
        for section in _wanted(sections(desk, thing), wanted)
        for item in section.items
        if (cells := _cells(item))
    ]


def _cells(item: Item) -> tuple[str, ...]:
    match item:
        case Field():
            return item.label, item.value, item.unit, item.source
        case Link():
            return item.label, item.whole, "", item.source
        case _:
            return ()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _wanted(found: Iterable[Section], wanted: str) -> Iterator[Section]:
    """Yield the sections with what matches; a title that matches keeps all of its section."""
    words = wanted.lower().split()
    for section in found:
        kept = tuple(x for x in section.items if _matches(section.title, x, words))
        if words and any(_cells(item) for item in kept):
            yield replace(section, items=kept)
        elif not words and section.items:
            yield section


def _matches(title: str, item: Item, words: Sequence[str]) -> bool:
    text = " ".join((title, *_cells(item))).lower()
    return not words or (bool(_cells(item)) and all(word in text for word in words))


def sections(desk: Desk, thing: CityObject) -> Iterator[Section]:
    """Yield the sections of an object's page in reading order."""
    known = details(thing.layer.features, thing.row)
    found = list(properties(thing.layer.features, thing.row, known))
    yield _general(desk, thing, known, [x for x in found if not x.group])
    yield _classifications(desk, known)
    yield _materials(desk, known)
    yield _groups(desk, known)
    yield _relations(desk, thing, known)
    yield _documents(desk, known)
    yield from _sets(desk, [x for x in found if x.group])


def _section(desk: Desk, key: str, items: Iterable[Item], note: str = "") -> Section:
    return Section(key, desk.say(f"attributes.{key}"), tuple(items), note)


# -- attributes and sets ------------------------------------------------------------------------


def _general(desk: Desk, thing: CityObject, known: Details, found: list[Property]) -> Section:
    items: list[Item] = [
        Field("ID", thing.id, key="id"),
        Field(desk.say("attributes.class"), desk.kind(thing.kind), thing.kind, key="kind"),
    ]
    kind = known.mapping("type")
    if kind:
        name = str(kind.get("name") or kind.get("id") or "")
        items.append(
            Field(attribute_title(desk, "Type"), name, str(kind.get("class", "")), key="Type")
        )
    items += [_field(desk, x) for x in found if not known.said.get(DEEPER.get(x.key, ""))]
    return _section(desk, "title", items)


def _sets(desk: Desk, found: list[Property]) -> Iterator[Section]:
    """Yield a section a set: quantities last; what most values are is said once, at the title."""
    found.sort(key=lambda x: (x.mark == "quantity", x.group.lower(), x.group))
    for group, members in groupby(found, lambda x: x.group):
        mine = list(members)
        marks = [x.mark for x in mine]
        usual = max(dict.fromkeys(marks), key=marks.count)
        count = desk.words.count(len(mine))
        note = f"{desk.say(f'attributes.mark_{usual}')} · {count}"
        items = [_field(desk, x, "" if x.mark == usual else x.mark) for x in mine]
        yield Section(f"set:{group}", group, tuple(items), note)


def _field(desk: Desk, said: Property, mark: str = "") -> Field:
    source = desk.say(f"attributes.mark_{mark}") if mark else ""
    text = value_text(desk, said.value)
    if isinstance(said.value, str) and not said.group:
        text = value_title(desk, said.key, text)
    name = said.name if said.group else attribute_title(desk, said.key)
    tone = "t1" if text else "t3"
    return Field(name, text or DASH, source, tone=tone, unit=said.unit, key=said.key)


def value_text(desk: Desk, value: Any) -> str:
    """Return a value as read: seven digits, more for large numbers; a logical in words."""
    if isinstance(value, np.floating | float):
        number = float(value)
        digits = 10 if abs(number) >= 1e6 else 7
        return f"{number:.{digits}g}".replace("-", "\N{MINUS SIGN}")
    if value in ("true", "false"):
        return desk.words.value(value == "true")
    return desk.words.value(value)


# -- classifications, materials, groups ---------------------------------------------------------


def _inherited(desk: Desk, entry: Json) -> str:
    return desk.say("attributes.mark_type") if entry.get("type") else ""


def _classifications(desk: Desk, known: Details) -> Section:
    items: list[Item] = []
    for entry in known.entries("classifications"):
        system = " ".join(str(entry[key]) for key in ("system", "edition") if key in entry)
        words = " ".join(str(entry[key]) for key in ("code", "title") if key in entry)
        label = system or desk.say("attributes.system")
        items.append(Field(label, words or system, _inherited(desk, entry), key="Classification"))
        if "uri" in entry:
            items.append(_address(desk, str(entry["uri"])))
    return _section(desk, "classifications", items)


def _address(desk: Desk, uri: str) -> Field | Link:
    """Return a link for what a browser may open, else a field to copy."""
    label = "bSDD" if is_bsdd(uri) else desk.say("attributes.address")
    return Link(label, uri, uri=uri) if is_web(uri) else Field(label, uri)


def _materials(desk: Desk, known: Details) -> Section:
    items: list[Item] = []
    depth = 0.0
    for entry in known.entries("materials"):
        parts = [x for x in entry.get("parts", ()) if isinstance(x, dict)]
        mark = _inherited(desk, entry)
        if entry.get("name") and entry.get("kind") != "material":
            words = desk.say(f"attributes.{entry['kind']}")
            items.append(Field(words, str(entry["name"]), mark))
            mark = ""
        if entry.get("kind") == "layers":
            depth += sum(float(x.get("thickness") or 0.0) for x in parts)
            items += _layers(desk, parts, mark)
        else:
            items += [_part(desk, x, mark) for x in parts]
    note = f"{_millimetres(desk, depth)} mm" if depth else ""
    return _section(desk, "materials", items, note)


def _millimetres(desk: Desk, depth: float) -> str:
    return f"{depth * 1000:.4g}"


def _layers(desk: Desk, parts: Sequence[Json], mark: str) -> Iterator[Item]:
    """Yield a cut through the layers and a field for each, equal materials in equal colours."""
    names = list(dict.fromkeys(str(part.get("material", "")) for part in parts))
    colours = {name: SWATCHES[k % len(SWATCHES)] for k, name in enumerate(names)}
    if len(parts) > 1:
        cut = (
            (colours[str(x.get("material", ""))], float(x.get("thickness") or 0)) for x in parts
        )
        yield Stack(tuple(cut))
    for part in parts:
        name = str(part.get("material", ""))
        depth = part.get("thickness")
        label = desk.say("not_stated") if depth is None else f"{_millimetres(desk, depth)} mm"
        said = str(part.get("category") or part.get("name") or mark)
        yield Field(
            label, name or desk.say("not_stated"), said, swatch=colours[name], key="Material"
        )


def _part(desk: Desk, part: Json, mark: str) -> Field:
    label = str(part.get("profile") or part.get("name") or desk.say("attributes.material"))
    share = part.get("fraction")
    said = desk.words.percent(share, 1.0, 0) if isinstance(share, float) else mark
    name = str(part.get("material") or desk.say("not_stated"))
    return Field(label, name, str(part.get("category") or said), key="Material")


def _groups(desk: Desk, known: Details) -> Section:
    items: list[Item] = []
    for entry in known.entries("groups"):
        kind = str(entry.get("kind", "group"))
        column = "System" if kind == "system" else "Group"
        said = str(entry.get("predefined") or entry.get("class", ""))
        items.append(
            Field(desk.say(f"attributes.{kind}"), str(entry.get("name")), said, key=column)
        )
        for key in ("long_name", "description", "serves", "within"):
            value = entry.get(key)
            if value:
                text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
                items.append(Field(desk.say(f"attributes.{key}"), text))
    return _section(desk, "groups", items)


# -- relations and documents --------------------------------------------------------------------


def _relations(desk: Desk, thing: CityObject, known: Details) -> Section:
    table = thing.layer.features
    said = known.mapping("relations")
    related = {kind: _rows(said.get(kind), len(table)) for kind in RELATION_KINDS}
    elsewhere = {row for rows in related.values() for row in rows}
    parent = int(table.parent[thing.row])
    parts = [int(row) for row in table.children(thing.row) if int(row) not in elsewhere]
    above = [parent] if parent >= 0 and parent not in elsewhere else []
    totals = known.mapping("totals")
    items: list[Item] = []
    for kind, rows in {"part_of": above, **related, "parts": parts}.items():
        items += _links(desk, thing, kind, rows, totals)
    for kind, names in known.mapping("named").items():
        items += [Field(desk.say(f"relation.{kind}"), str(name)) for name in names]
    return _section(desk, "relations", items)


def _rows(found: Any, n: int) -> list[int]:
    return (
        [x for x in found if isinstance(x, int) and 0 <= x < n] if isinstance(found, list) else []
    )


def _links(
    desk: Desk, thing: CityObject, kind: str, rows: Sequence[int], totals: Mapping[str, Any]
) -> Iterator[Item]:
    layer = thing.layer
    for row in rows[:MOST_LINKS]:
        other = CityObject(layer, row)
        title = desk.title(other)
        yield Link(desk.say(f"relation.{kind}"), title, desk.kind(other.kind), layer.id, row)
    total = max(int(totals.get(kind, 0)), len(rows))
    if total > MOST_LINKS:
        count = desk.words.count(total - MOST_LINKS)
        yield Note(desk.say("attributes.more", kind=desk.say(f"relation.{kind}"), count=count))


def _documents(desk: Desk, known: Details) -> Section:
    say: Callable[[str], str] = desk.say
    items: list[Item] = []
    for entry in known.entries("documents"):
        name = str(entry.get("name") or entry.get("id") or "")
        items.append(Field(say("attributes.document"), name, _inherited(desk, entry)))
        if "location" in entry:
            items.append(_address(desk, str(entry["location"])))
        items += [
            Field(say(f"attributes.document_{key}"), str(entry[key]))
            for key in DOCUMENT
            if entry.get(key) and str(entry[key]) != name
        ]
    return _section(desk, "documents", items)
