"""Project units to metres."""

from typing import Any

import ifcopenshell.util.unit


def metres(file: Any) -> float:
    """Return the metres in one length unit of the project."""
    return float(ifcopenshell.util.unit.calculate_unit_scale(file))
