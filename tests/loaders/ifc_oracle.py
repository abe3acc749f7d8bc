"""What is made without a kernel beside what the geometry kernel makes of the same elements."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from loaders.ifc import makers, reading, shapes
from loaders.ifc.choosing import choose
from loaders.ifc.faces import volume
from loaders.ifc.shapes import Geometry, Shape
from twin.geometry import F64
from twin.ports import SILENT

NEAR = 1e-3
"""Metres by which bounds may differ."""
SHARE = 0.01
"""Part of an area or a volume that may differ."""
SOLIDS = (
    "IfcExtrudedAreaSolid",
    "IfcFacetedBrep",
    "IfcBooleanResult",
    "IfcBooleanClippingResult",
)


@dataclass
class Seen:
    """What one element looks like: its box, its volume and its area by colour."""

    low: F64
    high: F64
    volume: float
    areas: dict[Any, float] = field(default_factory=dict)


def seen(found: list[Shape], geometries: dict[str, Geometry]) -> dict[int, Seen]:
    """Return step -> look of shapes that have triangles."""
    result: dict[int, Seen] = {}
    for shape in found:
        geometry = geometries[shape.geometry]
        if not len(geometry.triangles):
            continue
        points = geometry.positions @ shape.matrix[:3, :3].T + shape.matrix[:3, 3]
        corners = points[geometry.triangles]
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(cross, axis=1) / 2
        used = corners.reshape(-1, 3)
        look = Seen(used.min(axis=0), used.max(axis=0), volume(points, geometry.triangles))
        for number in np.unique(geometry.material):
            material = geometry.materials[number] if number >= 0 else None
            look.areas[material] = float(area[geometry.material == number].sum())
        result[shape.step] = look
    return result


@dataclass
class Compared:
    """How many elements were made here, which proved unsound, and what differs from the kernel."""

    made: int
    drawn: int
    refused: list[int]
    wrong: list[str]


def compared(path: Path | str) -> Compared:
    """Compare every element of a file that is made here with what the kernel makes of it."""
    reading.forget()
    model = reading.read(str(path), SILENT)
    drawn = list(choose(model.file, {}).bodies)
    with shapes.quiet(model.file):
        own = makers.start(model, drawn, SILENT).own
    if own is None:
        return Compared(0, len(drawn), [], [])
    steps = list(own.bodies)
    found, geometries, refused = own.take(steps)
    stream = shapes.start(model.file, steps)
    with shapes.quiet(model.file):
        theirs = seen(stream.take(steps, SILENT), stream.geometries)
    mine = seen(found, geometries)
    wrong = []
    for step in steps:
        if step in refused:
            continue
        kinds = {model.file.by_id(part.item).is_a() for part in own.bodies[step].parts}
        wrong += [
            f"#{step} {model.file.by_id(step).is_a()}: {text}"
            for text in differences(mine.get(step), theirs.get(step), kinds <= set(SOLIDS))
        ]
    return Compared(len(mine), len(drawn), refused, wrong)


def differences(mine: Seen | None, theirs: Seen | None, solid: bool) -> list[str]:
    """Return what differs by more than is allowed. Nothing is right where nothing is left, and what
    the hybrid kernel fails to cut is no measure."""
    if mine is None or theirs is None:
        return ["nothing is left, but the kernel leaves something"] if theirs else []
    found = []
    if max(np.abs(mine.low - theirs.low).max(), np.abs(mine.high - theirs.high).max()) > NEAR:
        found.append(f"box {mine.low} {mine.high} {theirs.low} {theirs.high}")
    if solid and abs(mine.volume - abs(theirs.volume)) > SHARE * abs(theirs.volume):
        found.append(f"volume {mine.volume} {theirs.volume}")
    if mine.areas.keys() != theirs.areas.keys():
        found.append(f"colours {list(mine.areas)} {list(theirs.areas)}")
    elif any(abs(mine.areas[k] - theirs.areas[k]) > SHARE * theirs.areas[k] for k in mine.areas):
        found.append(f"areas {mine.areas} {theirs.areas}")
    return found
