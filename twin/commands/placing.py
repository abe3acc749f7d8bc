"""Commands that say where a source stands: an override in the project, never in the file."""

from dataclasses import replace

import numpy as np

from twin.commands.registry import Context, command
from twin.edits import Edit, SetSource
from twin.errors import UsageError
from twin.georeference import parse_crs
from twin.records import Placement


@command("layers.place")
def place_layer(  # noqa: PLR0913  the arguments of a command
    context: Context,
    layer: str,
    crs: str,
    easting: str,
    northing: str,
    height: str = "0",
    rotation: str = "0",
    scale: str = "1",
    anchor: str = "0,0,0",
    title: str = "",
) -> Edit:
    """Let the model's anchor stand at a place, turned by degrees counter-clockwise; the file stays.

    ``crs`` EPSG:n, ``easting`` and ``northing`` in its units, ``height`` and ``anchor`` "x,y,z"
    metres.
    """
    numbers = {
        "easting": easting, "northing": northing, "height": height, "rotation": rotation,
        "scale": scale,
    }  # fmt: skip
    values = {name: number(name, text) for name, text in numbers.items()}
    if not values["scale"] > 0.0:
        raise UsageError(reason="scale must be larger than 0")
    parts = [number("anchor", part) for part in str(anchor).split(",")]
    if len(parts) != 3:
        raise UsageError(reason=f"anchor: {anchor!r} is not x,y,z")
    kind = parse_crs(crs).kind
    if kind != "projected":
        raise UsageError(reason=f"crs: {crs or 'none'} is not a projected system ({kind or '-'})")
    x, y, z = parts
    return placed(context, layer, Placement(title or "typed", crs, **values, anchor=(x, y, z)))


@command("layers.unplace")
def unplace_layer(context: Context, layer: str) -> Edit:
    """Let a layer stand where its own file says again."""
    return placed(context, layer, None)


def placed(context: Context, layer: str, placement: Placement | None) -> Edit:
    """Return the edit that overrides where a layer stands (None = as its file says)."""
    return SetSource(layer, replace(context.twin.layer(layer).source, placement=placement))


def number(name: str, text: str) -> float:
    """Return a finite number. Raises UsageError."""
    try:
        value = float(text)
    except ValueError:
        raise UsageError(reason=f"{name}: {text!r} is not a number") from None
    if not np.isfinite(value):
        raise UsageError(reason=f"{name}: {text!r} is not a number")
    return value


def words_of(placement: Placement) -> dict[str, str]:
    """Return a placement as the arguments of ``layers.place``, without loss."""
    numbers = ("easting", "northing", "height", "rotation", "scale")
    words = {name: repr(float(getattr(placement, name))) for name in numbers}
    anchor = ",".join(repr(float(value)) for value in placement.anchor)
    return {"crs": placement.crs, "title": placement.title, "anchor": anchor, **words}
