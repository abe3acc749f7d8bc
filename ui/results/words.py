"""A result as people read it: figures with their units, the headline, why it no longer holds."""

from string import Formatter

import numpy as np

from twin.analyses.findings import Findings
from twin.analyses.results import Result
from twin.analyses.wording import counted, titled
from twin.errors import TwinError
from twin.georeference import vertical_title
from twin.stamping import Difference
from ui.desk import Desk
from ui.wording import DASH

ICONS = {
    **dict.fromkeys(("heights", "building_heights", "floor_area"), "measure"),
    **dict.fromkeys(("height_limit", "inclined_limit", "cone_limit", "approach_limit", "step_back_limit"), "measure"),
    **dict.fromkeys(("line_of_sight", "viewshed", "sky_view", "landmark_view", "view_corridor"), "sight"),
    "sun_hours": "sun", "flood_level": "water", "cut_fill": "terrain", "profile": "profile",
}  # fmt: skip
"""Analysis -> icon; the others have that of a table."""
LARGE = 1000.0
KM2 = 1e6
"""Square metres from which areas are read in square kilometres."""
SAID_BY = {
    "objects": "buildings", "objects_wet": "buildings_wet", "breaking": "buildings_breaking",
    "objects_seen": "buildings_seen",
}  # fmt: skip
"""Figure -> the one that says the same where all objects are buildings."""
SHARES = ("sky", "sky_least", "share_seen", "share_least", "share_most", "ground_share")
"""Figures that are shares of one: read as per cent."""
MOST_NAMES = 2
"""Attributes that are named where some changed."""


def icon_of(name: str) -> str:
    """Return the icon of an analysis."""
    return ICONS.get(name, "table")


def number(desk: Desk, value: object, unit: str = "", *, measured: bool = False) -> str:
    """Return a number as read, with its unit after a thin space; a missing one is a dash.

    ``measured``: it has a unit that stands elsewhere, and keeps its decimals where they are noughts.
    """
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return DASH
    if isinstance(value, bool):
        return desk.words.value(value)
    if not isinstance(value, int | float):
        return str(value)
    whole = isinstance(value, int) or (not unit and not measured and float(value).is_integer())
    if whole:
        text = desk.words.count(value)
    else:
        decimals = 0 if abs(value) >= LARGE else 2 if abs(value) < 10 else 1
        if unit == "m²" and abs(value) >= KM2:
            value, unit, decimals = float(value) / KM2, "km²", 2
        text = desk.words.metres(round(float(value), decimals) + 0.0, decimals)  # no -0.00
    return f"{text} {unit}" if unit else text


def headline(desk: Desk, result: Result, findings: Findings) -> str:
    """Return the answer in words; the title where an analysis has none, or found nothing to say."""
    words, figures = desk.words.catalogue, findings.figures
    key = f"result.headline.{result.analysis}"
    if figures.get("buildings", figures.get("objects")) != figures.get("objects"):
        key = f"{key}_mixed"
    elif "buildings" not in figures and f"{key}_others" in words.texts:
        key = f"{key}_others"
    if not figures.get("objects", 1) and f"{key.removesuffix('_others')}_none" in words.texts:
        key = f"{key.removesuffix('_others')}_none"
    needed = {name for _, name, _, _ in Formatter().parse(words.texts.get(key, "")) if name}
    if not needed or not needed <= figures.keys():
        return result.title
    told = {
        code: number(desk, 100 * value, "%")
        if code in SHARES
        else number(desk, value, findings.units.get(code, ""))
        for code, value in figures.items()
    }
    return words.text(key, **told)


def subtitle(desk: Desk, result: Result) -> str:
    """Return of what it holds and when it was made."""
    parts = [scenario_title(desk, result.scenario)]
    if result.against != "-":
        after, before = (scenario_title(desk, x) for x in (result.scenario, result.against))
        parts = [desk.words.catalogue.text("result.against", after=after, before=before)]
    if result.stamp.made is not None:
        parts.append(f"{desk.words.date(result.stamp.made)} {clock(result)} UTC")
    try:
        datum = vertical_title(result.stamp.vertical)
    except TwinError:
        datum = result.stamp.vertical
    if datum:
        parts.append(desk.words.catalogue.text("result.datum", datum=datum))
    return " · ".join(parts)


def clock(result: Result) -> str:
    """Return hour and minute at which a result was made, UTC."""
    made = result.stamp.made
    return "" if made is None else str(made.astype("datetime64[m]"))[11:]


def scenario_title(desk: Desk, key: str) -> str:
    """Return the title of a scenario; '' is the city as it stands."""
    found = desk.session.twin.records["scenarios"].get(key)
    return (
        found.title
        if found is not None
        else key or desk.words.catalogue.text("result.as_it_stands")
    )


def reasons(desk: Desk, differences: tuple[Difference, ...]) -> str:
    """Return why a result no longer holds as one sentence: "3 buildings moved, terrain replaced."; '' = it holds."""
    words = desk.words.catalogue
    told = list(dict.fromkeys(_reason(desk, one) for one in differences))
    text = words.text("stamp.comma").join(told)
    return text[:1].upper() + text[1:] + words.text("stamp.stop") if told else ""


def _reason(desk: Desk, one: Difference) -> str:
    words = desk.words.catalogue
    key = f"stamp.changed.{one.what}"
    if one.count:
        names = words.text("stamp.comma").join(one.names)
        if not 0 < len(one.names) <= MOST_NAMES:
            names = words.text("stamp.attributes")
        count = counted(one.kinds, words, desk.words.count)
        return words.text(f"{key}_counted", title=one.title, count=count, names=names)
    of_ground = f"{key}_ground"
    return words.text(
        of_ground if one.ground and of_ground in words.texts else key, title=one.title
    )


def figure_rows(desk: Desk, findings: Findings) -> list[tuple[str, str]]:
    """Return the key numbers as (title, value with unit); before and change stand in one line."""
    rows = []
    for code, value in findings.figures.items():
        if ":" in code or findings.figures.get(SAID_BY.get(code, "")) == value:
            continue
        unit = findings.units.get(code, "")
        if code in SHARES:
            value, unit = 100 * value, "%"
        text = number(desk, value, unit)
        change = findings.figures.get(f"{code}:change")
        if change is not None:
            sign = "+" if change > 0 else ""
            was = findings.figures.get(f"{code}:before")
            if code in SHARES:
                change, was = 100 * change, None if was is None else 100 * was
            before = number(desk, was, unit)
            text = f"{before} → {text}  ({sign}{number(desk, change, unit)})"
        rows.append((titled("figure", code, desk.words.catalogue), text))
    return rows
