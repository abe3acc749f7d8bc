"""An object as a line of a tree: its name or class and id, status, parts, whether it is shown."""

from dataclasses import replace

from twin.details import parted
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.object_rows import counted, status_key
from ui.panels.tree_view import Line

COUNTED_CHILDREN = 5000
"""A bar is counted for nodes with at most so many children; above that only the number is shown."""


def object_line(desk: Desk, layer: Layer, row: int, depth: int) -> Line:
    """Return what is painted for an object by itself, without its parts."""
    table = layer.features
    kind = table.kinds[int(table.kind[row])]
    name = table.name[row] if table.name is not None else None
    selected = desk.session.selected.get(layer.id)
    return Line(
        str(name) if name else f"{desk.kind(kind)} {table.id[row]}",
        depth,
        status=status_key(layer.assessment, row),
        shown=layer.visible and not layer.is_hidden(row),
        selected=selected is not None and bool((selected == row).any()),
        tail=name is None,
        tip=f"{kind} · {table.id[row]}",
    )


def found_line(line: Line, match: str, wanted: str) -> Line:
    """Return the line of an object that a search found, with the value that contains the text."""
    short = parted(match)[1]  # the set stands in the tooltip: there is little room
    return replace(line, match=short, needle=wanted, tip=f"{line.tip}\n{match}") if match else line


def branch_line(desk: Desk, layer: Layer, row: int, depth: int, expanded: bool) -> Line:
    """Return the line of an object with its parts."""
    children = layer.features.children(row)
    bar = 0 < len(children) <= COUNTED_CHILDREN and layer.assessment.unit[row] != row
    return replace(
        object_line(desk, layer, row, depth),
        expandable=len(children) > 0,
        expanded=expanded,
        note=desk.words.count(len(children)) if len(children) else "",
        counts=counted(layer.assessment, children) if bar else None,
    )
