"""Commands on layers: shown, named, mapped, displayed, removed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twin.commands.registry import Context, command
from twin.edits import Edit, RemoveLayer, SetDisplay, SetSource, SetTitle, SetVisible
from twin.errors import UsageError
from twin.files import lifted
from twin.maintenance.mapping_files import parse_mapping, read_mapping


@command("layers.show")
def show_layer(context: Context, layer: str) -> Edit:
    """Show a layer."""
    return SetVisible(layer, True)


@command("layers.hide")
def hide_layer(context: Context, layer: str) -> Edit:
    """Hide a layer."""
    return SetVisible(layer, False)


@command("layers.remove")
def remove_layer(context: Context, layer: str) -> Edit:
    """Take a layer out of the project (its files stay untouched)."""
    context.twin.layer(layer)
    return RemoveLayer(layer)


@command("layers.rename")
def rename_layer(context: Context, layer: str, title: str) -> Edit:
    """Give a layer another title."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    return SetTitle(layer, title.strip())


@command("layers.map")
def map_layer(context: Context, layer: str, path: str = "", text: str = "") -> Edit:
    """Say which property is id, date, class, custodian: a TOML file, or its text ("" = nothing)."""
    before = context.twin.layer(layer).source
    mapping = parse_mapping(text, layer) if text else read_mapping(path)
    return SetSource(layer, replace(before, mapping="", fields=mapping))


@command("layers.drape")
def drape_layer(context: Context, layer: str, imagery: str = "") -> Edit:
    """Drape imagery on terrain: a GeoTIFF, a folder z/x/y, an address with {z}, {x}, {y}, WMTS ("" = none)."""
    found = context.twin.layer(layer)
    if not found.ground:
        raise UsageError(reason=f"{found.title}: imagery is draped on terrain, and this is none")
    return SetSource(layer, replace(found.source, drape=lifted(imagery.strip())))


@command("layers.display")
def display_layer(  # noqa: PLR0913  the arguments of a command
    context: Context,
    layer: str,
    max_error: str = "",
    opacity: str = "",
    height_offset: str = "",
    budget_mb: str = "",
    color: str | None = None,
) -> Edit:
    """Say how a layer is shown; what is not named stays. 0 or "auto" = as the settings say.

    ``max_error`` pixels, ``opacity`` 0.05 to 1, ``height_offset`` metres, ``budget_mb`` megabytes,
    ``color`` "" (as the city), own, or #RRGGBB.
    """
    before = context.twin.layer(layer).display
    said = {
        "max_error": max_error, "opacity": opacity, "height_offset": height_offset,
        "budget_mb": budget_mb,
    }  # fmt: skip
    changed: dict[str, Any] = {
        name: _bounded(name, str(text)) for name, text in said.items() if str(text)
    }
    if color is not None:
        changed["color"] = _colour(color)
    return SetDisplay(layer, replace(before, **changed))


DISPLAY_LIMITS: Mapping[str, tuple[float, float]] = {
    "max_error": (1.0, 256.0),
    "opacity": (0.05, 1.0),
    "height_offset": (-10_000.0, 10_000.0),
    "budget_mb": (16.0, 262_144.0),
}
"""Least and most of what ``layers.display`` takes."""
_AUTO = ("max_error", "budget_mb")


def _bounded(name: str, text: str) -> float | int:
    low, high = DISPLAY_LIMITS[name]
    try:
        value = 0.0 if text == "auto" else float(text)
    except ValueError:
        raise UsageError(reason=f"{name}: {text!r} is not a number") from None
    if not low <= value <= high and not (value == 0 and name in _AUTO):
        raise UsageError(reason=f"{name} must lie between {low:g} and {high:g}")
    return int(value) if name == "budget_mb" else value


def _colour(text: str) -> str:
    if text not in ("", "own") and not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        raise UsageError(reason=f"color: {text!r} is neither own nor #RRGGBB")
    return text
