"""The verb ``measure``: points or objects measured without a window, so that numbers can be checked."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import typer

from twin.commands.measurements import points_of
from twin.errors import UsageError
from twin.geometry import F64
from twin.georeference import parse_crs
from twin.measuring.objects import Found, of_bodies, place
from twin.measuring.results import (
    HEADLINE,
    KINDS,
    OF_POINTS,
    UNITS,
    datum_title,
    values_of,
    with_place,
)
from twin.measuring.wording import row_text
from twin.messages import catalogue
from twin.records import Measurement, Touched
from twin.scene import LayerId
from twin.session import Session
from ui.cli.loading import opened
from ui.cli.opening import AsJson, Opening, Paths, opening_options
from ui.viewport.camera import standard

SIZE = (1920, 1080)
FINEST = 0.05
"""Screen-space error, pixels, that is smaller than what any tile has beside its finest level."""
Points = Annotated[
    str, typer.Option("--points", help='Points in the project frame, metres: "x,y,z;x,y,z".')
]
Kind = Annotated[str, typer.Option(help=f"{', '.join(k for k in KINDS if k != 'faces')}.")]
Objects = Annotated[str, typer.Option("--objects", help="Ids of objects: ID,ID.")]
Unit = Annotated[str, typer.Option(help="m, mm or ft; --json is always in metres.")]


@opening_options("crs", "vertical", "lod", "option", "run")
def measure_(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    opening: Opening,
    points: Points = "",
    kind: Kind = "distance",
    objects: Objects = "",
    unit: Unit = "m",
    as_json: AsJson = False,
) -> None:
    """Measure between points, or objects: their clearance, a face at a point, a volume."""
    if unit not in UNITS:
        raise UsageError(reason=f"--unit {unit!r} is none of {', '.join(UNITS)}")
    if kind not in KINDS or kind == "faces":
        raise UsageError(reason=f"--kind {kind!r} is none of {', '.join(KINDS)}")
    session = opened(paths, opening, index=bool(objects))
    try:
        ids = [name.strip() for name in objects.split(",") if name.strip()]
        found = measured(session, kind, points_of(points), ids)
        crs = parse_crs(session.twin.crs).title
        words = catalogue(opening.lang)
        print(json.dumps(document(found)) if as_json else row_text(found, unit, crs, words))
    finally:
        session.close()


def measured(session: Session, kind: str, points: F64, ids: Sequence[str]) -> Measurement:
    """Return what is asked for, measured in an open session. Raises UsageError."""
    twin = session.twin
    touched: tuple[Touched, ...] = ()
    if kind in OF_POINTS:
        found = Found(values_of(kind, points), tuple(place(x) for x in points))
    else:
        things = [_thing(session, name) for name in ids]
        bodies, notes = _bodies(session, things)
        found = of_bodies(kind, bodies, points)
        found = Found(found.values, found.points, (*notes, *found.notes))
        touched = tuple(_touched(session, *thing) for thing in things)
    result = Measurement(
        id=kind, title="", kind=kind, points=found.points, values=found.values, objects=touched,
        crs=twin.crs, vertical=twin.vertical,
    )  # fmt: skip
    return with_place(result, found.notes)


def _thing(session: Session, name: str) -> tuple[LayerId, int]:
    """Return the object of an id that is counted, and drawn where another representation is."""
    found = [
        (key, layer.features.rows_by_id[name])
        for key, layer in session.twin.layers.items()
        if name in layer.features.rows_by_id
    ]
    if not found:
        raise UsageError(reason=f"there is no object {name!r}")
    there = [thing for thing in found if session.passing(thing[0])[thing[1]]]
    return (there or found)[0]


def _touched(session: Session, layer: LayerId, row: int) -> Touched:
    thing = session.twin.object(layer, row)
    return Touched(layer, thing.id, thing.name)


def _bodies(
    session: Session, things: Sequence[tuple[LayerId, int]]
) -> tuple[tuple[F64, ...], tuple[str, ...]]:
    """Return the finest bodies of objects: a camera looks at all of them until every tile is in."""
    if not things:
        raise UsageError(reason="--objects names the objects to measure: ID,ID")
    boxes = np.stack([session.twin.object(*thing).shown_bounds for thing in things])
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        raise UsageError(reason="the objects have no geometry")
    whole = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
    session.settle(standard("iso", whole, SIZE).view(SIZE), FINEST)
    found = [session.body(*thing) for thing in things]
    notes = () if all(all_there for _, all_there in found) else ("partial",)
    return tuple(body for body, _ in found), notes


def document(found: Measurement) -> dict[str, Any]:
    """Return a measurement as ``--json`` prints it: metres, square and cubic metres, degrees."""
    return {
        "kind": found.kind,
        "value": found.values.get(HEADLINE[found.kind]),
        "values": dict(found.values),
        "points": [list(point) for point in found.points],
        "objects": [{"id": item.id, "name": item.name} for item in found.objects],
        "crs": found.crs,
        "vertical": datum_title(found.vertical),
        "notes": list(found.notes),
    }
