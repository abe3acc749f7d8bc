"""How high an outline is: which column says it, and what its texts mean ("12.5", "12,5 m", "6层")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64
from twin.maintenance.telling import Told

HEIGHTS = (
    "height", "building_height", "buildingheight", "bldg_height", "measuredheight", "measured_height", "hoehe",
    "höhe", "hauteur", "hoogte", "altezza", "altura", "b3_h_dak_50p", "b3_h_dak_70p", "h_roof", "roof_height",
    "render_height", "floor_height", "height_m", "bldg_h", "geb_hoehe", "高度", "建筑高度", "楼高", "房屋高度",
)  # fmt: skip
"""Columns whose name says a height, the surest first."""
STOREYS = (
    "storeys", "stories", "storey", "floors", "floor", "levels", "building:levels", "building_levels", "num_floors",
    "numberofstoreys", "storeysaboveground", "floor_count", "nb_etages", "geschosse", "bouwlagen", "anzahlgs",
    "层数", "楼层", "楼层数", "总层数", "地上层数",
)  # fmt: skip
STOREY = 3.0
"""Metres of a storey where only their number is known (LoD1; a convention, said in the file's facts)."""
MOST = 2_000.0
"""Metres above which a height is none."""
AUTO, NONE = "auto", "none"
_NUMBER = re.compile(
    r"\s*[~≈]?\s*([+-]?\d+(?:[.,]\d+)?)\s*"
    r"(m|metres?|meters?|米|公尺|ft|feet|'|f|层|層|storeys?|stories|floors?)?\.?\s*",
    re.I,
)
_FEET = ("ft", "feet", "'")
_LEVELS = ("f", "层", "層", "storey", "storeys", "stories", "floor", "floors")
Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was decided: the columns of height and base (or auto, none), and what the height counts."""

    height: str = AUTO
    base: str = NONE
    unit: str = AUTO


@dataclass(frozen=True, slots=True)
class Heights:
    """``height`` f64(n) metres above ``base`` f64(n), NaN = none said; where they were read."""

    height: F64
    base: F64
    field: str = ""
    base_field: str = ""
    by_storeys: bool = False


def heights(columns: Columns, rows: int, wanted: Wanted, keys: Any, told: Told) -> Heights:
    """Return the heights of all rows. What is written but is no height is told by row."""
    name = _chosen(columns, wanted.height)
    storeys = wanted.unit == "storeys" or (wanted.unit == AUTO and _plain(name) in STOREYS)
    nothing = np.full(rows, np.nan)
    height = metres(columns[name], storeys, keys, told) if name else nothing
    base_name = wanted.base if wanted.base in columns else ""
    base = metres(columns[base_name], False, None, told) if base_name else nothing
    if name:
        wrong = np.isfinite(height) & ((height <= 0) | (height > MOST))
        for row in np.flatnonzero(wrong):
            told.row("vector.height_range", int(keys[row]), value=f"{height[row]:g}")
        height = np.where(wrong, np.nan, height)
    return Heights(height, base, name, base_name, storeys)


def _plain(name: str) -> str:
    return name.strip().lower()


def _chosen(columns: Columns, wanted: str) -> str:
    """Return the column of the heights: the named one, else the surest name ('' = none)."""
    if wanted in columns:
        return wanted
    if wanted != AUTO:
        return ""
    known = {_plain(name): name for name in columns}
    for names in (HEIGHTS, STOREYS):
        for candidate in names:
            name = known.get(candidate)
            if name is not None and _says(columns[name]):
                return name
    return ""


def _says(values: NDArray[Any]) -> bool:
    """Return whether a column holds any height."""
    found = metres(values[:5_000], False, None, Told())
    return bool((found > 0).any())


def candidates(columns: Columns) -> tuple[str, ...]:
    """Return the columns that a height or a base may be read from."""
    found = []
    for name, values in columns.items():
        if values.dtype.kind in "iuf":
            found.append(name)
        elif values.dtype.kind == "T":
            said = [text for text in values[:200].tolist() if text]
            fits = sum(_NUMBER.fullmatch(text) is not None for text in said)
            if said and fits > 0.8 * len(said):
                found.append(name)
    return tuple(found[:60])


def metres(values: NDArray[Any], storeys: bool, keys: Any, told: Told) -> F64:
    """Return a column as metres f64(n), NaN where nothing usable stands; texts that are none are told."""
    if values.dtype.kind in "iuf":
        found = values.astype(np.float64)
        return np.where(np.isfinite(found), found * (STOREY if storeys else 1.0), np.nan)
    read = np.full(len(values), np.nan)
    if values.dtype.kind != "T":
        return read
    known: dict[str, float] = {}
    for row, text in enumerate(values.tolist()):
        if not text:
            continue
        if text not in known:
            known[text] = _metres(text, storeys)
        read[row] = known[text]
        if np.isnan(read[row]) and keys is not None:
            told.row("vector.height_text", int(keys[row]), value=text[:60])
    return read


def _metres(text: str, storeys: bool) -> float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return float("nan")
    number, unit = float(found[1].replace(",", ".")), (found[2] or "").lower()
    if unit in _FEET:
        return number * 0.3048
    if unit in _LEVELS or (storeys and not unit):
        return number * STOREY
    return number
