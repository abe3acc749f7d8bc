"""Attributes -> one colour per object, with a legend whose entries can be counted and filtered."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.features import Column, FeatureTable, absent
from twin.geometry import I32, U8
from twin.observations import STATUSES, Assessment

FRESHNESS = {
    "fresh": "#3393CD",
    "due_soon": "#ACD1E5",
    "in_grace": "#EAC865",
    "stale": "#CD410C",
    "suspect": "#772B93",
    "unknown": "#6E747B",
    "event_driven": "#8FB8B2",
    "retired": "#9EA9B6",
}
"""Fills of the statuses in legend order; the same in both themes and in 3D."""
CATEGORIES = (
    "#1F5F8B", "#C9A227", "#4C97C6", "#8A5A1C", "#8CC3DC", "#A4A46C",
    "#505050", "#DCC0C0", "#C0DC88", "#8A949E",
)  # fmt: skip
"""Colours of custodians, kinds, sources and text attributes; the last is for "all others".

Any two are told apart by people who see red, green or blue weakly, on walls in shade too (a test says by how much)."""
RAMP = ("#F0E9CF", "#D5D6A5", "#A7C192", "#74A98A", "#468C84", "#2A6C78", "#1D4B63")
"""Seven classes for numbers, light to dark, monotone in lightness (readable without hue)."""
CLAY = "#DAD7CF"
MISSING = "#B7BCC2"
CLAYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "clay_built": (CLAY, ()),
    "clay_water": ("#B7CFDC", ("water",)),
    "clay_green": ("#B4C2A4", ("plant", "vegetation", "tree")),
    "clay_road": ("#C4C6C6", ("road", "railway", "transport", "square", "track", "waterway")),
    "clay_land": ("#E6E2D8", ("land", "relief", "terrain", "generic")),
}
"""The colours of a model maker's city: fill and what the name of a class has in it. They carry no meaning:
what a planner asks about stands out from them. The first is for all else; "waterway" is a way, as in CityGML."""

PLAIN = "_clay"
"""The column of a city of clay."""

RESULTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "_change": {
        "removed": ("#8A5A1C", "outline"),
        "new": ("#1F5F8B", "plain"),
        "replaced": ("#505050", "plain"),
        "split": ("#A4A46C", "plain"),
        "merged": ("#D9B98C", "hatch"),
        "footprint_modified": ("#4C97C6", "plain"),
        "roof_changed": ("#C0DC88", "plain"),
        "base_changed": ("#8A949E", "plain"),
        "shape_changed": ("#C9A227", "plain"),
        "attr_changed": ("#8CC3DC", "plain"),
        "unchanged": (CLAY, "plain"),
    },
    "_bim": {
        "chosen": ("#0B7A70", "plain"),
        "collect": (MISSING, "hatch"),
        "not_chosen": (CLAY, "plain"),
        "no_candidate": ("#A9B1B8", "plain"),
    },
    "_check": {
        "failed": ("#A0688A", "plain"),
        "passed": ("#4C97C6", "plain"),
        "not_checked": (MISSING, "hatch"),
    },
}
"""Columns that the program itself writes (``SetColumn``): value -> fill and pattern, in legend order.
The words stand under ``legend.<value>`` and, of the column, under ``color_by.<name>``."""
OF_UNITS = ("_bim",)
"""Such columns that speak of maintained units: their parts wear the colour and are not counted."""
HATCHED = ("unknown",)
OUTLINED = ("retired",)


@dataclass(frozen=True, slots=True)
class ColorBy:
    """What the colour shows: '' (own materials), "_clay", freshness, custodian, kind, source or an attribute.

    ``chosen`` is False while nobody chose: another workspace may then bring its usual colours.
    """

    column: str = ""
    chosen: bool = True


def usual_colors(workspace: str) -> ColorBy:
    """Return the colours of a workspace in which nobody chose any: a planner's city is of clay."""
    return ColorBy(PLAIN if workspace == "planner" else "freshness", chosen=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the legend. ``key`` is stable; ``label`` is a text, or '' when ``key`` is a code
    (``status.<key>`` in the catalogue). ``pattern``: plain, hatch or outline."""

    key: str
    label: str
    color: str
    pattern: str = "plain"
    count: int = 0


@dataclass(frozen=True, slots=True)
class Painting:
    """``codes[layer]`` i32(n) numbers each row's entry; ``entries`` is the legend, counted over
    maintained units when an assessment exists, else over rows."""

    color_by: ColorBy
    entries: tuple[Entry, ...]
    codes: Mapping[str, I32] = field(default_factory=dict)

    def rgb(self, layer: str) -> U8:
        """Return u8(n, 3) colours of a layer's rows."""
        table = np.array([_rgb(entry.color) for entry in self.entries] or [(0, 0, 0)], np.uint8)
        return np.asarray(table[self.codes[layer]], np.uint8)


@dataclass(frozen=True, slots=True)
class Painted:
    """What a layer gives to be painted: key, title, table and verdict; ``elsewhere`` bool(n) marks
    rows that another representation of the same dataset counts already; ``elements``: its rows are parts
    that people count one by one (BIM), not only its maintained units."""

    layer: str
    title: str
    table: FeatureTable
    assessment: Assessment
    elsewhere: NDArray[np.bool_] | None = None
    elements: bool = False


def paint(color_by: ColorBy, layers: Sequence[Painted]) -> Painting:
    """Return the colour class of every row of every layer. Pure."""
    if color_by.column == "freshness":
        return _by_freshness(color_by, layers)
    if color_by.column == PLAIN:
        return _of_clay(color_by, layers)
    if color_by.column in RESULTS:
        return _by_result(color_by, layers)
    values = {item.layer: _numbers(color_by.column, item) for item in layers}
    if any(found is not None for found in values.values()):
        return _by_number(color_by, layers, values)
    return _by_category(color_by, layers)


def _by_freshness(color_by: ColorBy, layers: Sequence[Painted]) -> Painting:
    keys = list(FRESHNESS)
    recode = np.array([keys.index(name) for name in STATUSES], np.int32)
    codes = {}
    for item in layers:
        found = recode[item.assessment.status]
        retired = item.assessment.status == STATUSES.index("retired")
        codes[item.layer] = np.where(
            item.assessment.suspect & ~retired, np.int32(keys.index("suspect")), found
        )
    counts = _counts(codes, layers, len(keys))
    entries = tuple(
        Entry(key, "", color, _pattern(key), int(n))
        for (key, color), n in zip(FRESHNESS.items(), counts, strict=True)
    )
    return Painting(color_by, entries, codes)


def _of_clay(color_by: ColorBy, layers: Sequence[Painted]) -> Painting:
    codes = {}
    for item in layers:
        table = np.array([clay_of(kind) for kind in item.table.kinds] or [0], np.int32)
        codes[item.layer] = table[item.table.kind]
    counts = _counts(codes, layers, len(CLAYS), single=True)
    entries = tuple(
        Entry(key, "", color, "plain", int(n))
        for (key, (color, _)), n in zip(CLAYS.items(), counts, strict=True)
    )
    return Painting(color_by, entries, codes)


def clay_of(kind: str) -> int:
    """Return the number of the clay for a class; the most special word wins."""
    low = kind.lower()
    found = [
        (len(part), n)
        for n, (_, parts) in enumerate(CLAYS.values())
        for part in parts
        if part in low
    ]
    return max(found)[1] if found else 0


def is_water(kind: str) -> bool:
    """Return whether a class is water: a body of it, not a way on it."""
    return list(CLAYS)[clay_of(kind)] == "clay_water"


def _by_result(color_by: ColorBy, layers: Sequence[Painted]) -> Painting:
    known = RESULTS[color_by.column]
    keys = [*known, "missing"]
    codes = {}
    for item in layers:
        unique, inverse = _factor(color_by.column, item)
        place = [keys.index(name) if name in known else len(known) for name in unique]
        codes[item.layer] = np.array(place, np.int32)[inverse]
    one_by_one = color_by.column not in OF_UNITS
    counts = _counts(codes, layers, len(keys), single=one_by_one)
    looks = [*known.values(), (MISSING, "hatch")]
    entries = tuple(
        Entry(key, "", color, pattern, int(n))
        for key, (color, pattern), n in zip(keys, looks, counts, strict=True)
        if key != "missing" or any((found == len(known)).any() for found in codes.values())
    )
    return Painting(color_by, entries, codes)


def _pattern(key: str) -> str:
    if key in HATCHED:
        return "hatch"
    return "outline" if key in OUTLINED else "plain"


def _numbers(column: str, item: Painted) -> Column | None:
    values = item.table.get(column) if column not in ("", "source", "custodian") else None
    return None if values is None or values.dtype.kind not in "fiu" else values


def _by_number(
    color_by: ColorBy, layers: Sequence[Painted], values: Mapping[str, Column | None]
) -> Painting:
    floats = {
        key: np.full(len(next(x for x in layers if x.layer == key).table), np.nan)
        if v is None
        else v.astype(np.float64)
        for key, v in values.items()
    }
    everything = np.concatenate([v[np.isfinite(v)] for v in floats.values()])
    edges = class_breaks(everything, len(RAMP))
    codes = {}
    for key, v in floats.items():
        code = np.clip(np.searchsorted(edges, v, "right") - 1, 0, len(edges) - 2).astype(np.int32)
        codes[key] = np.where(np.isfinite(v), code, np.int32(len(edges) - 1))
    counts = _counts(codes, layers, len(edges), single=True)
    colors = [
        RAMP[round(i * (len(RAMP) - 1) / max(len(edges) - 2, 1))] for i in range(len(edges) - 1)
    ]
    spans = zip(edges[:-1], edges[1:], colors, counts[:-1], strict=True)
    entries = [
        Entry(f"{a:g}..{b:g}", f"{a:g} – {b:g}", c, "plain", int(n)) for a, b, c, n in spans
    ]
    entries.append(Entry("missing", "", MISSING, "hatch", int(counts[-1])))
    return Painting(color_by, tuple(entries), codes)


def class_breaks(values: NDArray[np.float64], wanted: int) -> NDArray[np.float64]:
    """Return rising round class limits that cover the middle 96 % of the values (ends open)."""
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = np.percentile(values, [2, 98])
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.array([low, low + 1.0])
    raw = (high - low) / wanted
    power = 10.0 ** np.floor(np.log10(raw))
    step = min((m * power for m in (1, 2, 2.5, 5, 10)), key=lambda s: abs(s - raw))
    start = np.floor(low / step) * step
    count = max(1, int(np.ceil((high - start) / step)))
    return np.asarray(start + step * np.arange(count + 1))


def _by_category(color_by: ColorBy, layers: Sequence[Painted]) -> Painting:
    factors = {item.layer: _factor(color_by.column, item) for item in layers}
    names: dict[str, int] = {}
    for unique, inverse in factors.values():
        for name, n in zip(unique, np.bincount(inverse, minlength=len(unique)), strict=True):
            names[name] = names.get(name, 0) + int(n)
    missing = names.pop("", 0)
    order = sorted((name for name in names if names[name]), key=lambda x: (-names[x], x))
    shown = order if len(order) <= len(CATEGORIES) else order[: len(CATEGORIES) - 1]
    entries = [Entry(name, name, CATEGORIES[i]) for i, name in enumerate(shown)]
    if len(order) > len(shown):
        entries.append(Entry("others", "", CATEGORIES[-1]))
    rank = {name: i for i, name in enumerate(shown)}
    none = len(entries)
    rank[""] = none
    if missing or not entries:
        entries.append(_without(color_by))
    codes = {}
    for key, (unique, inverse) in factors.items():
        table = np.array([rank.get(name, len(shown)) for name in unique] or [none], np.int32)
        codes[key] = table[inverse]
    counts = _counts(codes, layers, len(entries) + 1, single=color_by.column != "custodian")
    counted = [replace(e, count=int(n)) for e, n in zip(entries, counts, strict=False)]
    return Painting(color_by, tuple(counted), codes)


def _without(color_by: ColorBy) -> Entry:
    """Return the entry of rows without a value: clay for own materials, hatch for what is missing."""
    if color_by.column == "":
        return Entry("missing", "", CLAY)
    return Entry("missing", "", MISSING, "hatch")


Factor = tuple[Sequence[str], NDArray[np.integer[Any]]]
_FACTORS: OrderedDict[int, tuple[Column, Factor]] = OrderedDict()
_MOST_FACTORS = 32


def _factor(column: str, item: Painted) -> Factor:
    """Return the distinct texts ('' = missing) and each row's place among them."""
    n = len(item.table)
    if column == "kind":
        return item.table.kinds, item.table.kind
    if column == "source":
        return (item.title,), np.zeros(n, np.uint8)
    if column == "custodian":
        names = (*item.assessment.custodians, "")
        code = item.assessment.custodian
        return names, np.where(code < 0, np.int32(len(names) - 1), code)
    values = item.table.get(column) if column else None
    if values is None:
        return ("",), np.zeros(n, np.uint8)
    return _distinct(values)


def _distinct(values: Column) -> Factor:
    """Return ``_factor`` of a column; kept for the last columns, as sorting texts is slow."""
    known = _FACTORS.get(id(values))
    if known is not None and known[0] is values:
        _FACTORS.move_to_end(id(values))
        return known[1]
    shown = np.where(_is_missing(values), "", values.astype("T"))
    unique, inverse = np.unique(shown, return_inverse=True)
    found = ([str(name) for name in unique], inverse)
    _FACTORS[id(values)] = (values, found)
    if len(_FACTORS) > _MOST_FACTORS:
        _FACTORS.popitem(last=False)
    return found


def _is_missing(column: Column) -> NDArray[np.bool_]:
    if column.dtype.kind == "T":
        return np.asarray(absent(column) | (column == ""), np.bool_)
    return absent(column)


def _counts(
    codes: Mapping[str, I32], layers: Sequence[Painted], size: int, *, single: bool = False
) -> NDArray[np.int64]:
    """Return i64(size): how many units of every class; with ``single`` elements are counted one by one."""
    total = np.zeros(size, np.int64)
    for item in layers:
        units = item.assessment.unit_rows()
        if single and item.elements:
            units = np.arange(len(item.table), dtype=units.dtype)
        if item.elsewhere is not None:
            units = units[~item.elsewhere[units]]
        total += np.bincount(codes[item.layer][units], minlength=size)[:size]
    return total


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


BARE: U8 = np.array([*_rgb(CLAY), 255], np.uint8)
"""What a thing without any look of its own wears: clay, as in a model maker's shop."""


def srgb(linear: tuple[float, ...]) -> U8:
    """Return display bytes of a linear colour 0..1 (IEC 61966-2-1); alpha stays as it is."""
    value = np.clip(np.array(linear, np.float64), 0.0, 1.0)
    curve = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    curve[3] = value[3]
    return np.asarray(np.round(curve * 255), np.uint8)
