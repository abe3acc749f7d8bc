"""Everything a user can do to the twin, by name. A command returns an edit; the session applies it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from inspect import Parameter, signature
from typing import Any

import numpy as np

from twin.edits import (
    Edit,
    RemoveLayer,
    SetCells,
    SetColorBy,
    SetDisplay,
    SetHidden,
    SetRecord,
    SetSource,
    SetTitle,
    SetVisible,
    Together,
)
from twin.errors import UsageError
from twin.features import TEXT, Bool, Column, FeatureTable, absent
from twin.geometry import Rows
from twin.judging import rules_edit, rules_of, with_file
from twin.maintenance.mapping_files import parse_mapping, read_mapping
from twin.records import Bookmark
from twin.scene import Twin
from twin.shown import with_parts
from twin.style import ColorBy

Selected = Mapping[str, Rows]


@dataclass(frozen=True, slots=True)
class Context:
    """What a command may look at: the twin and what is selected."""

    twin: Twin
    selected: Selected = field(default_factory=dict)


Make = Callable[..., Edit]


@dataclass(frozen=True, slots=True)
class Command:
    """A named command: its title stands in the catalogue under ``command.<name>``."""

    name: str
    make: Make
    arguments: tuple[str, ...]
    required: tuple[str, ...]


COMMANDS: dict[str, Command] = {}


def command(name: str) -> Callable[[Make], Make]:
    """Register a function from context and text arguments to an edit."""

    def register(make: Make) -> Make:
        found = list(signature(make).parameters.values())[1:]
        COMMANDS[name] = Command(
            name,
            make,
            tuple(p.name for p in found),
            tuple(p.name for p in found if p.default is Parameter.empty),
        )
        return make

    return register


def make(name: str, context: Context, arguments: Mapping[str, Any]) -> Edit:
    """Return the edit of a command. Raises UsageError for unknown names and wrong arguments."""
    found = COMMANDS.get(name)
    if found is None:
        raise UsageError(reason=f"there is no command {name[:40]!r}")
    unknown = set(arguments) - set(found.arguments)
    missing = set(found.required) - set(arguments)
    if unknown or missing:
        wrong = ", ".join(sorted(unknown)) or ", ".join(sorted(missing))
        kind = "does not take" if unknown else "needs"
        raise UsageError(reason=f"{name} {kind}: {wrong}")
    return found.make(context, **arguments)


def parse(line: str) -> tuple[str, dict[str, str]]:
    """Return name and arguments of ``name key=value key="two words"``. Raises UsageError."""
    words = _words(line)
    if not words:
        raise UsageError(reason="an empty command")
    arguments = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(reason=f"{line!r}: {word!r} is not key=value")
        arguments[key] = value
    return words[0], arguments


def _words(line: str) -> list[str]:
    """Split at spaces outside double quotes."""
    words, current, quoted, begun = [], "", False, False
    for letter in line:
        if letter == '"':
            quoted, begun = not quoted, True
        elif letter.isspace() and not quoted:
            if current or begun:
                words.append(current)
            current, begun = "", False
        else:
            current += letter
    if quoted:
        raise UsageError(reason=f"{line!r}: a quote is not closed")
    return [*words, current] if current or begun else words


@dataclass(frozen=True, slots=True)
class Where:
    """A condition ``column op value`` with op one of eq ne lt le gt ge contains missing."""

    column: str
    op: str
    value: str = ""

    def mask(self, table: FeatureTable) -> Bool:
        """Return bool(n); a missing value fulfils nothing but ``missing`` (and ``ne``)."""
        values = table[self.column]
        if values.dtype.kind == "T":
            return _text_mask(values, self.op, self.value)
        if values.dtype.kind == "M":
            return _compare(values, self.op, np.datetime64(self.value, "ms"))
        try:
            number = float(self.value or "nan")
        except ValueError:
            raise UsageError(reason=f"{self.column}: {self.value!r} is not a number") from None
        if self.op == "missing":
            return np.isnan(values.astype(np.float64))
        return _compare(values.astype(np.float64), self.op, number)


_OPS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}


def _compare(values: Column, op: str, value: Any) -> Bool:
    if op == "missing":
        return np.isnat(values)
    if op not in _OPS:
        raise UsageError(reason=f"{op!r} is none of {', '.join([*_OPS, 'contains', 'missing'])}")
    return np.asarray(_OPS[op](values, value), np.bool_)


def _text_mask(values: Column, op: str, value: str) -> Bool:
    missing = absent(values)
    if op == "missing":
        return np.asarray(missing | (values == ""), np.bool_)
    plain = np.where(missing, "", values).astype(np.dtypes.StringDType())
    if op == "contains":
        folded = np.strings.lower(plain)
        return np.asarray(np.strings.find(folded, value.lower()) >= 0, np.bool_) & ~missing
    found = _compare(plain, op, np.array(value, np.dtypes.StringDType()))
    return found | missing if op == "ne" else found & ~missing


def _selection(context: Context, layer: str) -> dict[str, Rows]:
    """Return what is selected, parts included; of one layer when one is named."""
    found = {
        key: with_parts(context.twin.layer(key).features, rows)
        for key, rows in context.selected.items()
        if len(rows) and key in context.twin.layers and layer in ("", key)
    }
    if not found:
        raise UsageError(reason="nothing is selected")
    return found


def _rows(context: Context, layer: str, column: str, op: str, value: str) -> dict[str, Rows]:
    """Return rows by condition, else the selection."""
    if not column:
        return _selection(context, layer)
    table = context.twin.layer(layer).features
    return {layer: with_parts(table, table.where(Where(column, op, value)))}


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


@command("objects.hide")
def hide(
    context: Context, layer: str = "", column: str = "", op: str = "eq", value: str = ""
) -> Edit:
    """Hide what is selected, or the objects whose column compares so with the value."""
    found = _rows(context, layer, column, op, value)
    return Together(tuple(SetHidden(key, rows, True) for key, rows in found.items()))


@command("objects.show")
def show(
    context: Context, layer: str = "", column: str = "", op: str = "eq", value: str = ""
) -> Edit:
    """Show what is selected, or the objects whose column compares so with the value."""
    found = _rows(context, layer, column, op, value)
    return Together(tuple(SetHidden(key, rows, False) for key, rows in found.items()))


@command("objects.isolate")
def isolate(context: Context, layer: str = "") -> Edit:
    """Hide everything but what is selected."""
    found = _selection(context, layer)
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
    """Colour by freshness, custodian, kind, source, an attribute, or own materials ("")."""
    known = {"", "freshness", "custodian", "kind", "source", "name", "lod"}
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


def _with_rules(context: Context, kind: str, path: str) -> Edit:
    return rules_edit(context.twin, with_file(rules_of(context.twin), kind, path))


@command("rules.policy")
def use_policy(context: Context, path: str) -> Edit:
    """Judge by the policies of a TOML file ("" = none)."""
    return _with_rules(context, "policy", path)


@command("rules.custodians")
def use_custodians(context: Context, path: str) -> Edit:
    """Take parties and responsibilities from a TOML file ("" = none)."""
    return _with_rules(context, "custodians", path)


@command("rules.evidence")
def use_evidence(context: Context, path: str) -> Edit:
    """Take evidence of change from a TOML file ("" = none)."""
    return _with_rules(context, "evidence", path)


@command("bookmarks.add")
def add_view(context: Context, id: str, title: str, eye: str, target: str) -> Edit:
    """Save a view under an id: eye and target as "x,y,z" in the project frame, metres."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    bookmark = Bookmark(id, title.strip(), _point(eye), _point(target))
    return SetRecord("bookmarks", id, bookmark)


def _point(text: str) -> tuple[float, float, float]:
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(reason=f"{text!r} is not x,y,z") from None
    return x, y, z


@command("bookmarks.remove")
def remove_bookmark(context: Context, id: str) -> Edit:
    """Remove a saved view."""
    if id not in context.twin.records["bookmarks"]:
        raise UsageError(reason=f"there is no saved view {id!r}")
    return SetRecord("bookmarks", id, None)
