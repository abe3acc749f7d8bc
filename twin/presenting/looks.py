"""What makes the picture, as plain values that a bookmark keeps, and what such values do to the city.

Every part is optional: what a bookmark does not speak of stays as it is. Objects are named by their ids in
their layer, so that a bookmark outlives another numbering of the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from twin.edits import Edit, SetColorBy, SetHidden, SetRecord, SetVisible, Together
from twin.errors import TwinError
from twin.features import Bool
from twin.geometry import Rows
from twin.records import Bookmark, Instant, Section
from twin.scene import Layer, LayerId, Twin
from twin.sections import plane_through
from twin.settings import Settings, declared, with_values
from twin.shown import Filter
from twin.style import ColorBy

SECTION = "bookmark"
"""The key of the section that cuts as a bookmark does where its own section was changed or removed."""
MOST_IDS = 200_000
"""Objects that a bookmark names of one layer, hidden or selected, at most."""
HABITS = frozenset({"navigation", "snapping", "length_unit"})
"""Settings of the view that change no picture."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the session shows beside the twin: what passes, the three instants, the sun's, selection, settings."""

    filter: Filter = field(default_factory=Filter)
    at: Instant | None = None
    as_of: Instant | None = None
    known_at: Instant | None = None
    sun: Instant | None = None
    selected: Mapping[LayerId, Rows] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    exploded: Mapping[LayerId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a bookmark does: one step of edits, the look after it, and titles or ids of what is gone."""

    edit: Together
    look: Look
    missing: tuple[str, ...] = ()


def taken(twin: Twin, look: Look) -> dict[str, Any]:
    """Return what makes the picture now, as values that JSON has."""
    layers = twin.layers
    sections = [x for x in twin.records["sections"].values() if x.visible]
    return {
        "layers": {key: layer.visible for key, layer in layers.items()},
        "titles": {key: layer.title for key, layer in layers.items()},
        "hidden": {key: _hidden(layer) for key, layer in layers.items() if _some(layer.hidden)},
        "color_by": twin.color_by.column,
        "annotations": [key for key, x in twin.records["annotations"].items() if x.visible],
        "filter": sorted(look.filter.keys),
        "isolate": look.filter.isolate,
        "sections": [_section(x) for x in sections],
        "at": _said(look.at),
        "as_of": _said(look.as_of),
        "known_at": _said(look.known_at),
        "sun": _said(look.sun),
        "selected": {key: _ids(layers[key], rows) for key, rows in look.selected.items()
                     if key in layers and 0 < len(rows) <= MOST_IDS},
        "exploded": {key: gap for key, gap in look.exploded.items() if gap and key in layers},
        "look": {name: getattr(look.settings, name) for name in look_names()},
    }  # fmt: skip


def look_names() -> list[str]:
    """Return the names of the settings that change the picture."""
    return [x.name for x in declared() if x.metadata["group"] == "view" and x.name not in HABITS]


def shown(twin: Twin, look: Look, bookmark: Bookmark) -> Shown:
    """Return what a bookmark does to the city as it is; damaged parts of it do nothing."""
    said = bookmark.settings
    edits = (*_layers(twin, said), *_hides(twin, said), *_cuts(twin, said), *_marks(twin, said))
    color = said.get("color_by")
    if isinstance(color, str) and color != twin.color_by.column:
        edits = (*edits, SetColorBy(ColorBy(color)))
    return Shown(Together(edits), _look(twin, look, said), _missing(twin, said))


# -- taking -----------------------------------------------------------------------------------


def _some(hidden: Bool | None) -> bool:
    return hidden is not None and bool(hidden.any())


def _hidden(layer: Layer) -> dict[str, list[str]]:
    """Return the ids that are hidden; where most are, those that are not. Too many are left out."""
    assert layer.hidden is not None
    ids = layer.features.id[: len(layer.hidden)]
    most = 2 * int(layer.hidden.sum()) > len(layer.hidden)
    chosen = ids[~layer.hidden] if most else ids[layer.hidden]
    return {"all_but" if most else "ids": chosen.tolist()} if len(chosen) <= MOST_IDS else {}


def _ids(layer: Layer, rows: Rows) -> list[str]:
    return [str(x) for x in layer.features.id[rows[rows < len(layer.features)]]]


def _section(section: Section) -> dict[str, Any]:
    planes = [[*plane.point, *plane.normal] for plane in section.planes]
    return {"id": section.id, "title": section.title, "planes": planes}


def _said(instant: Instant | None) -> str | None:
    return None if instant is None or np.isnat(instant) else str(instant)


# -- showing ----------------------------------------------------------------------------------


def mapping_of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that has to be a mapping; anything else counts as nothing said."""
    found = said.get(name)
    return found if isinstance(found, Mapping) else {}


def _layers(twin: Twin, said: Mapping[str, Any]) -> list[Edit]:
    wanted = mapping_of(said, "layers")
    return [
        SetVisible(key, bool(wanted[key]))
        for key, layer in twin.layers.items()
        if key in wanted and layer.visible != bool(wanted[key])
    ]


def _hides(twin: Twin, said: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that hide what the bookmark hides and show the rest, where that differs."""
    if "hidden" not in said:
        return []
    wanted, edits = mapping_of(said, "hidden"), []
    for key, layer in twin.layers.items():
        if key not in mapping_of(said, "layers"):
            continue
        now = _whole(layer)
        then = _wanted(layer, mapping_of(wanted, key))
        if (now != then).any():
            rows = np.flatnonzero(now != then).astype(np.int32)
            edits.append(SetHidden(key, rows, then[rows]))
    return list(edits)


def _whole(layer: Layer) -> Bool:
    found = np.zeros(len(layer.features), np.bool_)
    if layer.hidden is not None:
        found[: len(layer.hidden)] = layer.hidden
    return found


def _wanted(layer: Layer, said: Mapping[str, Any]) -> Bool:
    but = "all_but" in said
    rows = rows_of(layer, said.get("all_but" if but else "ids"))
    found = np.full(len(layer.features), but)
    found[rows] = not but
    return found


def rows_of(layer: Layer, ids: Any) -> Rows:
    """Return the rows of ids that the layer has; what is no list of ids has none."""
    if not isinstance(ids, list | tuple):
        return np.zeros(0, np.int32)
    index = layer.features.rows_by_id
    return np.array([index[str(x)] for x in ids if str(x) in index], np.int32)


def _cuts(twin: Twin, said: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that cut as the bookmark does. A section that is as it was is shown; where it was
    changed or removed since, its planes cut under a key of their own: nobody's section is changed."""
    if not isinstance(said.get("sections"), list | tuple):
        return []
    known, edits = twin.records["sections"], []
    wanted = [x for x in (_cut(item) for item in said["sections"]) if x is not None]
    same = {x.id for x in wanted if x.id in known and known[x.id].planes == x.planes}
    for key, section in known.items():
        if section.visible != (key in same) and key != SECTION:
            edits.append(SetRecord("sections", key, replace(section, visible=key in same), False))
    planes = tuple(plane for x in wanted if x.id not in same for plane in x.planes)
    title = next((x.title for x in wanted if x.id not in same), SECTION)
    made = Section(SECTION, title, planes) if planes else None
    if made != known.get(SECTION):
        edits.append(SetRecord("sections", SECTION, made, journal=False))
    return list(edits)


def _marks(twin: Twin, said: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that show the marks that the bookmark shows, and no others."""
    wanted = said.get("annotations")
    if not isinstance(wanted, list | tuple):
        return []
    shown = {str(x) for x in wanted}
    return [
        SetRecord("annotations", key, replace(mark, visible=key in shown), journal=False)
        for key, mark in twin.records["annotations"].items()
        if mark.visible != (key in shown)
    ]


def _cut(said: Any) -> Section | None:
    try:
        rows = [[float(x) for x in plane] for plane in said["planes"]]
        planes = tuple(plane_through(row[:3], row[3:6]) for row in rows)
        return Section(str(said["id"]), str(said["title"]), planes) if planes else None
    except (TypeError, ValueError, KeyError):
        return None


def _look(twin: Twin, look: Look, said: Mapping[str, Any]) -> Look:
    changed: dict[str, Any] = {}
    keys = said.get("filter")
    if isinstance(keys, list | tuple):
        changed["filter"] = Filter(frozenset(map(str, keys)), bool(said.get("isolate")))
    for name in ("at", "as_of", "known_at", "sun"):
        if name in said and not (name == "at" and said[name] is None):
            changed[name] = _instant(said[name], getattr(look, name))
    if "selected" in said:
        chosen = mapping_of(said, "selected")
        found = {key: rows_of(x, chosen.get(key)) for key, x in twin.layers.items()}
        changed["selected"] = {key: rows for key, rows in found.items() if len(rows)}
    if "exploded" in said:
        changed["exploded"] = _gaps(twin, mapping_of(said, "exploded"))
    return replace(look, **changed, settings=_settings(look.settings, mapping_of(said, "look")))


def _gaps(twin: Twin, said: Mapping[str, Any]) -> dict[LayerId, float]:
    return {
        key: max(float(gap), 0.0)
        for key, gap in said.items()
        if key in twin.layers and isinstance(gap, int | float) and np.isfinite(gap)
    }


def _instant(said: Any, usual: Instant | None) -> Instant | None:
    if said is None:
        return None
    try:
        found = np.datetime64(str(said), "ms")
    except ValueError:
        return usual
    return usual if np.isnat(found) else found


def _settings(settings: Settings, said: Mapping[str, Any]) -> Settings:
    """Return the settings with the bookmark's look; a value that is none today is left out."""
    for name in look_names():
        if name in said and said[name] != getattr(settings, name):
            try:
                settings = with_values(settings, {name: said[name]}, "bookmark")
            except TwinError:
                continue
    return settings


def _missing(twin: Twin, said: Mapping[str, Any]) -> tuple[str, ...]:
    titles = mapping_of(said, "titles")
    wanted = mapping_of(said, "layers")
    return tuple(
        str(titles.get(key, key)) for key, on in wanted.items() if on and key not in twin.layers
    )
