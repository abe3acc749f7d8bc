"""Commands on sections: planes and boxes that cut the city open, saved by name."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.features import absent
from twin.geometry import F64
from twin.records import Section, SectionPlane
from twin.scene import Layer
from twin.sections import box_planes, flipped, plane_through

MOST_PLANES = 64
"""Planes that one section may have: a box has six, what others exchange a few more."""
MARGIN = 0.5
"""Metres that a box leaves round what it is drawn round."""
WALLS = "ifcwall"
"""Storeys begin where most of their walls do: slabs hang lower, windows sit higher."""


@command("sections.add")
def add_section(
    context: Context,
    title: str,
    planes: str = "",
    box: str = "",
    turned: str = "0",
    id: str = "",
) -> Edit:
    """Cut by planes "x,y,z,nx,ny,nz" (several with ; between them) or to the inside of a box.

    What lies on the side of the normal (nx, ny, nz) goes away. ``box`` is "x0,y0,z0,x1,y1,z1", turned by
    degrees counter-clockwise. Metres in the project frame.
    """
    return _saved(context, title, _planes(planes, box, turned), id)


@command("sections.box_around")
def box_around(
    context: Context, title: str, what: str = "selection", margin: str = str(MARGIN), id: str = ""
) -> Edit:
    """Cut away all but a box round what is selected, or round "all", with a margin in metres."""
    if what not in ("selection", "all"):
        raise UsageError(reason=f"what: {what!r} is neither selection nor all")
    around = _selected_box(context) if what == "selection" else context.twin.bounds
    if not np.isfinite(around).all():
        raise UsageError(reason="there is nothing with a place to put a box round")
    edge = _number("margin", margin)
    grown = around + np.array([-edge, -edge, -edge, edge, edge, edge])
    if not (grown[3:] > grown[:3]).all():
        raise UsageError(reason=f"margin: {edge:g} m leaves nothing")
    return _saved(context, title, box_planes(grown), id)


@command("sections.at")
def at_height(
    context: Context,
    title: str,
    height: str = "1.2",
    storey: str = "",
    layer: str = "",
    id: str = "",
) -> Edit:
    """Cut away what is above a height in metres; with ``storey`` so far above that storey's floor."""
    level = _number("height", height)
    if storey:
        level += floor_of(context, storey, layer)
    bounds = context.twin.bounds
    middle = (bounds[:2] + bounds[3:5]) / 2 if np.isfinite(bounds).all() else np.zeros(2)
    plane = plane_through((*middle.tolist(), level), (0.0, 0.0, 1.0))
    return _saved(context, title, (plane,), id)


@command("sections.set")
def set_section(
    context: Context, id: str, planes: str = "", box: str = "", turned: str = "0"
) -> Edit:
    """Move a section to other planes "x,y,z,nx,ny,nz;..." or to another box."""
    return _changed(context, id, planes=_planes(planes, box, turned))


@command("sections.move")
def move_section(context: Context, id: str, distance: str) -> Edit:
    """Move a section along the normal of its first plane by metres; a box moves as a whole."""
    section, far = _known(context, id), _number("distance", distance)
    normal = section.planes[0].normal
    shift = np.array(normal if len(section.planes) == 1 else (0.0, 0.0, 1.0)) * far
    moved = tuple(
        plane_through(np.array(plane.point) + shift, plane.normal) for plane in section.planes
    )
    return _changed(context, id, planes=moved)


@command("sections.flip")
def flip_section(context: Context, id: str) -> Edit:
    """Cut away the other side of a plane."""
    section = _known(context, id)
    if len(section.planes) != 1:
        raise UsageError(
            reason=f"{id!r} has {len(section.planes)} planes: only one can be turned round"
        )
    return _changed(context, id, planes=(flipped(section.planes[0]),))


@command("sections.rename")
def rename_section(context: Context, id: str, title: str) -> Edit:
    """Give a section another title."""
    return _changed(context, id, title=_title(title))


@command("sections.show")
def show_section(context: Context, id: str) -> Edit:
    """Let a section cut."""
    return _changed(context, id, visible=True)


@command("sections.hide")
def hide_section(context: Context, id: str = "") -> Edit:
    """Let a section (every one, without a name) cut nothing; it stays in the project."""
    known = context.twin.records["sections"]
    chosen = [_known(context, id)] if id else [x for x in known.values() if x.visible]
    return Together(tuple(SetRecord("sections", x.id, replace(x, visible=False)) for x in chosen))


@command("sections.remove")
def remove_section(context: Context, id: str) -> Edit:
    """Remove a section from the project."""
    return SetRecord("sections", _known(context, id).id, None)


def section_named(sections: Iterable[Section], name: str) -> Section | None:
    """Return the section with this id, else the one with this title."""
    known = list(sections)
    same = [x for x in known if x.id == name] or [x for x in known if x.title == name]
    return same[0] if same else None


def free_id(context: Context) -> str:
    """Return an id that no section has."""
    known = context.twin.records["sections"]
    return next(name for n in range(1, len(known) + 2) if (name := f"section-{n}") not in known)


def _saved(context: Context, title: str, planes: tuple[SectionPlane, ...], id: str) -> Edit:
    key = id or free_id(context)
    if key in context.twin.records["sections"]:
        raise UsageError(reason=f"there is a section {key!r} already")
    return SetRecord("sections", key, Section(key, _title(title), planes))


def _title(text: str) -> str:
    if not text.strip():
        raise UsageError(reason="a title cannot be empty")
    return text.strip()


def _known(context: Context, id: str) -> Section:
    found = section_named(context.twin.records["sections"].values(), id)
    if found is None:
        raise UsageError(reason=f"there is no section {id!r}")
    return found


def _changed(context: Context, id: str, **values: Any) -> Edit:
    section = _known(context, id)
    return SetRecord("sections", section.id, replace(section, **values))


def _planes(planes: str, box: str, turned: str) -> tuple[SectionPlane, ...]:
    if bool(planes) == bool(box):
        raise UsageError(reason="a section is given by planes or by a box")
    if box:
        corners = np.array(_numbers("box", box, 6))
        if not (np.abs(corners[3:] - corners[:3]) > 0).all():
            raise UsageError(reason=f"box: {box!r} has no inside")
        return box_planes(corners, _number("turned", turned))
    return parse_planes(planes)


def parse_planes(text: str) -> tuple[SectionPlane, ...]:
    """Return the planes that "x,y,z,nx,ny,nz;..." names. Raises UsageError."""
    parts = [part for part in text.split(";") if part.strip()]
    if not 1 <= len(parts) <= MOST_PLANES:
        raise UsageError(reason=f"planes: {len(parts)} planes; 1 to {MOST_PLANES} can cut")
    found = []
    for part in parts:
        numbers = _numbers("planes", part, 6)
        try:
            found.append(plane_through(numbers[:3], numbers[3:]))
        except ValueError:
            raise UsageError(reason=f"planes: {part!r} has a normal without length") from None
    return tuple(found)


def _numbers(name: str, text: str, count: int) -> list[float]:
    numbers = [_number(name, part) for part in text.split(",")]
    if len(numbers) != count:
        raise UsageError(
            reason=f"{name}: {text!r} is not {count} numbers with commas between them"
        )
    return numbers


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UsageError(reason=f"{name}: {text!r} is not a number") from None
    if not np.isfinite(value):
        raise UsageError(reason=f"{name}: {text!r} is not a finite number")
    return value


def _selected_box(context: Context) -> F64:
    boxes = [
        context.twin.layer(key).boxes(rows)
        for key, rows in context.selected.items()
        if len(rows) and key in context.twin.layers
    ]
    if not boxes:
        raise UsageError(reason="nothing is selected")
    stack = np.concatenate(boxes)
    stack = stack[np.isfinite(stack).all(axis=1)]
    if not len(stack):
        return np.full(6, np.nan)
    return np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)])


def floor_of(context: Context, storey: str, layer: str = "") -> float:
    """Return the height of a storey's floor as shown, metres: where most of its walls begin, else its
    objects. Raises UsageError where no object says that it is on this storey."""
    chosen = [context.twin.layer(layer)] if layer else list(context.twin.layers.values())
    for found in chosen:
        bottoms = _bottoms(found, storey)
        if len(bottoms):
            return float(np.median(bottoms))
    raise UsageError(reason=f"there is no storey {storey!r} with anything on it")


def _bottoms(layer: Layer, storey: str) -> F64:
    """Return the lowest heights of a storey's walls, of everything on it where it has no walls."""
    table = layer.features
    column = table.columns.get("Storey")
    if column is None or column.dtype.kind != "T":
        return np.zeros(0)
    rows = np.flatnonzero(~absent(column))
    rows = rows[np.asarray(column[rows] == storey, np.bool_)]
    bottoms = layer.boxes(rows.astype(np.int32))[:, 2]
    walls = np.array([kind.lower().startswith(WALLS) for kind in table.kinds], np.bool_)
    upright = walls[table.kind[rows]] & np.isfinite(bottoms)
    return bottoms[upright] if upright.any() else bottoms[np.isfinite(bottoms)]
