"""Commands on objects: hidden, shown, isolated, coloured, and their attributes."""

import numpy as np

from twin.commands.conditions import chosen_rows, selected_rows
from twin.commands.registry import Context, command
from twin.edits import Edit, SetCells, SetColorBy, SetHidden, Together
from twin.errors import UsageError
from twin.features import TEXT
from twin.style import PLAIN, RESULTS, ColorBy


@command("objects.hide")
def hide(
    context: Context, layer: str = "", column: str = "", op: str = "eq", value: str = ""
) -> Edit:
    """Hide what is selected, or the objects whose column compares so with the value."""
    found = chosen_rows(context, layer, column, op, value)
    return Together(tuple(SetHidden(key, rows, True) for key, rows in found.items()))


@command("objects.show")
def show(
    context: Context, layer: str = "", column: str = "", op: str = "eq", value: str = ""
) -> Edit:
    """Show what is selected, or the objects whose column compares so with the value."""
    found = chosen_rows(context, layer, column, op, value)
    return Together(tuple(SetHidden(key, rows, False) for key, rows in found.items()))


@command("objects.isolate")
def isolate(context: Context, layer: str = "") -> Edit:
    """Hide everything but what is selected."""
    found = selected_rows(context, layer)
    edits = []
    for key, shown in context.twin.layers.items():
        hidden = np.ones(len(shown.features), np.bool_)
        hidden[found.get(key, np.zeros(0, np.int32))] = False
        edits.append(SetHidden(key, np.arange(len(hidden), dtype=np.int32), hidden))
    return Together(tuple(edits))


@command("objects.show_all")
def show_all(context: Context) -> Edit:
    """Show every object that was hidden."""
    return Together(
        tuple(
            SetHidden(key, np.flatnonzero(layer.hidden).astype(np.int32), False)
            for key, layer in context.twin.layers.items()
            if layer.hidden is not None
        )
    )


@command("view.color_by")
def color_by(context: Context, column: str) -> Edit:
    """Colour by freshness, custodian, kind, source, an attribute, own materials (""), or as of clay ("_clay")."""
    known = {"", "freshness", "custodian", "kind", "source", "name", "lod", PLAIN, *RESULTS}
    if column not in known and not any(
        layer.features.get(column) is not None for layer in context.twin.layers.values()
    ):
        raise UsageError(reason=f"no layer has the attribute {column!r}")
    return SetColorBy(ColorBy(column))


@command("attributes.set")
def set_attribute(context: Context, layer: str, id: str, column: str, value: str) -> Edit:
    """Override one attribute of one object in the project (never in the source)."""
    table = context.twin.layer(layer).features
    rows = np.array([table.row_of(id)], np.int32)
    current = table.columns.get(column)
    if current is None:
        raise UsageError(reason=f"there is no attribute {column!r}")
    try:
        kind = TEXT if current.dtype.kind == "T" else current.dtype
        cell = np.array([value if value else None], TEXT) if kind is TEXT else np.array([value])
        return SetCells(layer, column, rows, cell.astype(kind))
    except ValueError:
        raise UsageError(reason=f"{column}: {value!r} does not fit {current.dtype}") from None
