"""What a route names, found in a city: layers, sections, objects, columns. What is gone is a warning."""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from twin.flythrough.faults import warning
from twin.flythrough.records import Cue, Keyframe, Route
from twin.geometry import Rows
from twin.identity import uids
from twin.problems import Problem
from twin.records import Section
from twin.scene import Layer, LayerId, Twin
from twin.style import PLAIN

COLORINGS = ("own", "freshness", "custodian", "kind", "source", PLAIN)
"""What a city can be coloured by besides the columns of its layers."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def layer_named(twin: Twin, name: str) -> LayerId:
    """Return the id of the layer with this id, else with this title; '' = there is none."""
    if name in twin.layers:
        return name
    return next((x.id for x in twin.layers.values() if x.title == name), "")


def layers_flown(route: Route, twin: Twin, visible: Mapping[LayerId, bool]) -> tuple[LayerId, ...]:
    """Return the layers that stand along a route: those ``visible`` at first, and those it shows later."""
    said: list[Keyframe | Cue] = [*route.keyframes, *route.cues]
    shown = {layer_named(twin, name) for key in said for name, on in key.layers.items() if on}
    return tuple(key for key in twin.layers if visible.get(key, False) or key in shown)


def section_named(twin: Twin, name: str) -> Section | None:
    """Return the section with this id, else with this title."""
    known: Sequence[Section] = tuple(twin.records["sections"].values())
    same = [x for x in known if x.id == name] or [x for x in known if x.title == name]
    return same[0] if same else None


def rows_named(twin: Twin, names: Sequence[str]) -> dict[LayerId, Rows]:
    """Return the rows of objects by uid, by layer id and object id (``layer#id``), or by id alone."""
    found: dict[LayerId, Rows] = {}
    for layer in twin.layers.values():
        rows = [row for name in names if (row := _row(layer, name)) >= 0]
        if rows:
            found[layer.id] = np.unique(np.array(rows, np.int32))
    return found


def _row(layer: Layer, name: str) -> int:
    index = layer.features.rows_by_id
    if name in index:
        return index[name]
    own, _, key = name.partition("#")
    if key and own == layer.id:
        return index.get(key, -1)
    if not _UUID.fullmatch(name):
        return -1
    stable = uids(layer.source.dataset or layer.id, index)
    return stable.index(name) if name in stable else -1


def colorable(twin: Twin, name: str) -> bool:
    """Return whether a city can be coloured by this."""
    return name in COLORINGS or any(name in x.features.columns for x in twin.layers.values())


def missing(route: Route, twin: Twin) -> tuple[Problem, ...]:
    """Return a warning for everything that a route names and the city has not, each once."""
    told: dict[tuple[str, str], Problem] = {}
    said_at: list[tuple[Keyframe | Cue, int, str]] = [
        *((key, n, "keyframes") for n, key in enumerate(route.keyframes, 1)),
        *((cue, _before(route, cue), "cues") for cue in route.cues),
    ]
    for key, number, kind in said_at:
        for code, name in _gone(key, twin):
            place = f"{kind}/{number}"
            said = warning(f"gone.{code}", place, name=name[:80], keyframe=number)
            told.setdefault((code, name), said)
    return tuple(told.values())


def _before(route: Route, cue: Cue) -> int:
    """Return the number of the keyframe that a cue follows, counted from 1."""
    return max(sum(key.t <= cue.t for key in route.keyframes), 1)


def _gone(key: Keyframe | Cue, twin: Twin) -> Iterator[tuple[str, str]]:
    for name in key.layers:
        if not layer_named(twin, name):
            yield "layer", name
    if key.section and section_named(twin, key.section) is None:
        yield "section", key.section
    if key.color_by and not colorable(twin, key.color_by):
        yield "column", key.color_by
    for name in key.highlight or ():
        if not rows_named(twin, [name]):
            yield "object", name
