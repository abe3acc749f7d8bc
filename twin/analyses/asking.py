"""How the settings of an analysis are declared: the form, the command line and the checks follow."""

from dataclasses import field
from typing import Any

PICKS = ("point", "points", "path", "area", "plan", "layer", "object", "zones", "file")
"""What a setting can hold of the city: one place, places, a line, a ring, a ring without heights, a layer by id,
an object by id (its layer stands in the setting ``layer``), names and polygons of zones, a file."""


def asked(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    unit: str = "",
    **more: str,
) -> Any:
    """Declare a setting of an analysis: default, range or choices, unit.

    Its title stands in the catalogue under ``analysis.<name>.<field>``, a choice under
    ``setting_choice.<choice>``. More is ``pick`` and ``absent``. ``pick``, one of PICKS, tells what it holds of the view: places
    (x, y, z), of a plan (x, y). ``absent``: the word in the same place for the lowest value, or for
    '' among the choices, where that stands for what nobody said.
    """
    told = {
        "low": low, "high": high, "choices": choices, "unit": unit, "group": "", "help": "",
        "pick": "", "absent": "", **more,
    }  # fmt: skip
    return field(default=default, metadata=told)
