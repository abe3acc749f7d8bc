"""Commands on scenarios: the city as it might be. The layers themselves are never changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from twin.analyses.massing import HIGHEST, STOREY, checked_ring
from twin.analyses.scenarios import Scenario, ScenarioEdit
from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, SetScenario, Together
from twin.errors import UsageError

LOWEST = 0.01
"""Metres that a block is high at the least."""
FARTHEST = 1e7
"""Metres that an object can be moved: more is a slip of the pen."""


@command("scenarios.add")
def add_scenario(context: Context, title: str, id: str = "") -> Edit:
    """Begin a scenario that is as the city stands, and see it."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    key = id.strip() or _free(context.twin.records["scenarios"], "S")
    if key in context.twin.records["scenarios"]:
        raise UsageError(reason=f"there is a scenario {key!r} already")
    return Together((SetRecord("scenarios", key, Scenario(key, title.strip())), SetScenario(key)))


@command("scenarios.copy")
def copy_scenario(context: Context, id: str, title: str = "", to: str = "") -> Edit:
    """Begin another scenario with the edits of one, and see it."""
    found = _known(context, id)
    key = to.strip() or _free(context.twin.records["scenarios"], "S")
    if key in context.twin.records["scenarios"]:
        raise UsageError(reason=f"there is a scenario {key!r} already")
    other = replace(found, id=key, title=title.strip() or found.title)
    return Together((SetRecord("scenarios", key, other), SetScenario(key)))


@command("scenarios.rename")
def rename_scenario(context: Context, id: str, title: str) -> Edit:
    """Give a scenario another title."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    return SetRecord("scenarios", id, replace(_known(context, id), title=title.strip()))


@command("scenarios.remove")
def remove_scenario(context: Context, id: str) -> Edit:
    """Remove a scenario with its edits; the city itself stays as it is."""
    _known(context, id)
    gone: tuple[Edit, ...] = (SetRecord("scenarios", id, None),)
    return Together((*gone, SetScenario("")) if context.twin.scenario == id else gone)


@command("scenarios.show")
def show_scenario(context: Context, id: str = "") -> Edit:
    """See a scenario; without an id the city as it stands."""
    if id:
        _known(context, id)
    return SetScenario(id)


@command("scenarios.hide")
def hide_in_scenario(context: Context, id: str = "", layer: str = "", objects: str = "") -> Edit:
    """Take objects away in a scenario (the one that is seen): "id,id" of a layer, else what is selected."""
    return _added(context, id, (_edit("hide", *one) for one in _objects(context, layer, objects)))


@command("scenarios.replace")
def replace_in_scenario(
    context: Context, source: str, id: str = "", layer: str = "", objects: str = ""
) -> Edit:
    """Show the layer ``source`` (an IFC model, another city) in the place of objects. It is then seen in no
    other scenario, nor in the city as it stands."""
    context.twin.layer(source)
    chosen = _objects(context, layer, objects)
    if any(key == source for key, _ in chosen):
        raise UsageError(reason="a layer does not take the place of its own objects")
    return _added(context, id, (replace(_edit("replace", *one), source=source) for one in chosen))


@command("scenarios.move")
def move_in_scenario(
    context: Context,
    id: str = "",
    shift: str = "0,0,0",
    turn: str = "0",
    layer: str = "",
    objects: str = "",
) -> Edit:
    """Move objects by "dx,dy,dz" metres and turn them by degrees counter-clockwise round their middle."""
    by = _shift(shift)
    turned = _number("turn", turn, -3600.0, 3600.0)
    chosen = _objects(context, layer, objects)
    moved = (replace(_edit("move", *one), shift=by, turn=turned) for one in chosen)
    return _added(context, id, moved)


@command("scenarios.block")
def add_block(
    context: Context, ring: str, height: str, base: str = "0", title: str = "", id: str = ""
) -> Edit:
    """Build a massing block on corners "x,y;x,y;x,y" in the project frame, from the height ``base`` up.

    ``height`` is in metres, or storeys and their height: "18x3".
    """
    tall, levels = _tall(height)
    low = _number("base", base, -HIGHEST, HIGHEST)
    corners = ring_of(ring)
    block = ScenarioEdit("", "block", ring=corners, base=low, height=tall, storeys=levels)
    return _added(context, id, (replace(block, title=title.strip()),))


@command("scenarios.change")
def change_edit(context: Context, edit: str, what: str, value: str, id: str = "") -> Edit:
    """Change one edit of a scenario: ``what`` is height ("54" or "18x3"), base, ring, shift, turn or title."""
    change = _CHANGES.get(what)
    if change is None:
        raise UsageError(reason=f"what: {what!r} is none of {', '.join(_CHANGES)}")
    scenario = _chosen(context, id)
    found = replace(_edit_of(scenario, edit), **change(value))
    edits = tuple(found if one.id == edit else one for one in scenario.edits)
    return SetRecord("scenarios", scenario.id, replace(scenario, edits=edits))


@command("scenarios.drop")
def drop_edit(context: Context, edit: str, id: str = "") -> Edit:
    """Take edits out of a scenario: "id,id"."""
    scenario = _chosen(context, id)
    names = {one.strip() for one in edit.split(",") if one.strip()}
    for one in names:
        _edit_of(scenario, one)
    left = tuple(one for one in scenario.edits if one.id not in names)
    return SetRecord("scenarios", scenario.id, replace(scenario, edits=left))


@command("scenarios.order")
def order_edit(context: Context, edit: str, place: str, id: str = "") -> Edit:
    """Put an edit at another place of the order, counted from 1."""
    scenario = _chosen(context, id)
    found = _edit_of(scenario, edit)
    left = [one for one in scenario.edits if one.id != edit]
    left.insert(round(_number("place", place, 1, len(left) + 1)) - 1, found)
    return SetRecord("scenarios", scenario.id, replace(scenario, edits=tuple(left)))


def ring_of(text: str) -> tuple[tuple[float, float], ...]:
    """Return the corners that "x,y;x,y;x,y" names, counter-clockwise. Raises UsageError."""
    try:
        pairs = [tuple(map(float, part.split(","))) for part in text.split(";") if part.strip()]
        ring = [(x, y) for x, y in pairs]
    except ValueError:
        raise UsageError(reason=f"ring: {text[:60]!r} is not x,y;x,y;x,y") from None
    return checked_ring(ring)


def _shift(text: str) -> tuple[float, float, float]:
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(reason=f"shift: {text!r} is not dx,dy,dz") from None
    if not np.isfinite([x, y, z]).all() or max(abs(x), abs(y), abs(z)) > FARTHEST:
        raise UsageError(reason=f"shift: {text} is farther than objects can be moved")
    return x, y, z


def _tall(text: str) -> tuple[float, int]:
    """Return height in metres and storeys (0 = not said) of "54" or "18x3". Raises UsageError."""
    levels, times, storey = text.lower().partition("x")
    if not times:
        return _number("height", text, LOWEST, HIGHEST), 0
    count = round(_number("storeys", levels, 1, HIGHEST))
    tall = count * _number("storey", storey or str(STOREY), LOWEST, HIGHEST)
    return _number("height", str(tall), LOWEST, HIGHEST), count


def _number(name: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(reason=f"{name}: {text!r} is not a number") from None
    if not low <= value <= high:
        raise UsageError(reason=f"{name}: {text} does not lie in {low:g} to {high:g}")
    return value


def _objects(context: Context, layer: str, objects: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return layers with ids of objects: those named, else those selected. Raises UsageError."""
    if layer:
        known = context.twin.layer(layer).features.rows_by_id
        ids = tuple(one for one in (part.strip() for part in objects.split(",")) if one)
        missing = [one for one in ids if one not in known]
        if missing or not ids:
            raise UsageError(reason=f"{layer} has no object {', '.join(missing[:3]) or repr('')}")
        return [(layer, ids)]
    found = [
        (key, tuple(map(str, context.twin.layer(key).features.id[rows].tolist())))
        for key, rows in context.selected.items()
        if len(rows)
    ]
    if not found:
        raise UsageError(reason="select objects first, or name layer and objects")
    return found


def _edit(kind: str, layer: str, objects: tuple[str, ...]) -> ScenarioEdit:
    return ScenarioEdit("", kind, layer, objects)


def _added(context: Context, key: str, edits: Iterable[ScenarioEdit]) -> Edit:
    """Return the step that appends edits, each with an id of its own."""
    scenario = _chosen(context, key)
    kept = list(scenario.edits)
    for edit in edits:
        known = {one.id: one for one in kept}
        kept.append(replace(edit, id=_free(known, "E")))
    return SetRecord("scenarios", scenario.id, replace(scenario, edits=tuple(kept)))


def _free(known: Iterable[str], letter: str) -> str:
    taken = set(known)
    number = len(taken) + 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def _chosen(context: Context, key: str) -> Scenario:
    """Return a scenario by id, else the one that is seen. Raises UsageError."""
    name = key or context.twin.scenario
    if not name:
        raise UsageError(reason="no scenario is seen: add one, or show one")
    return _known(context, name)


def _known(context: Context, key: str) -> Scenario:
    found = context.twin.records["scenarios"].get(key)
    if not isinstance(found, Scenario):
        raise UsageError(reason=f"there is no scenario {key!r}")
    return found


def _edit_of(scenario: Scenario, key: str) -> ScenarioEdit:
    found = next((one for one in scenario.edits if one.id == key), None)
    if found is None:
        raise UsageError(reason=f"{scenario.id} has no edit {key!r}")
    return found


_CHANGES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "height": lambda text: dict(zip(("height", "storeys"), _tall(text), strict=True)),
    "base": lambda text: {"base": _number("base", text, -HIGHEST, HIGHEST)},
    "ring": lambda text: {"ring": ring_of(text)},
    "shift": lambda text: {"shift": _shift(text)},
    "turn": lambda text: {"turn": _number("turn", text, -3600.0, 3600.0)},
    "title": lambda text: {"title": text.strip()},
}
