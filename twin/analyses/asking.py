"""How the settings of an analysis are declared: the form, the command line and the checks follow."""

from dataclasses import field
from typing import Any


def asked(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    unit: str = "",
) -> Any:
    """Declare a setting of an analysis: default, range or choices (words ``setting_choice.<choice>``), unit.

    Its title stands in the catalogue under ``analysis.<name>.<field>``.
    """
    told = {"low": low, "high": high, "choices": choices, "unit": unit, "group": "", "help": ""}
    return field(default=default, metadata=told)
