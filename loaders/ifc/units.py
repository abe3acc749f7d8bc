"""Units of length in metres, of angles in radians."""

from typing import Any

PREFIXES = {
    "EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2,
    "DECA": 1e1, "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9,
    "PICO": 1e-12,
}  # fmt: skip


def metres(file: Any) -> float:
    """Return the metres in one length unit of the project; 1 where it names none."""
    unit = length_unit(file)
    return 1.0 if unit is None else unit_metres(unit)


def radians(file: Any) -> float | None:
    """Return the radians in the unit of plane angles of the project; None where it names none."""
    for project in file.by_type("IfcProject"):
        assigned = project.UnitsInContext
        for unit in (assigned[0] or ()) if assigned is not None else ():
            if unit.is_a("IfcNamedUnit") and unit.UnitType == "PLANEANGLEUNIT":
                return unit_metres(unit)
    return None


def length_unit(file: Any) -> Any | None:
    """Return the length unit of the project; None where it names none."""
    for project in file.by_type("IfcProject"):
        assigned = project.UnitsInContext
        for unit in (assigned[0] or ()) if assigned is not None else ():
            if unit.is_a("IfcNamedUnit") and unit.UnitType == "LENGTHUNIT":
                return unit
    return None


def unit_metres(unit: Any) -> float:
    """Return the metres in an IfcSIUnit or IfcConversionBasedUnit; 1 for anything else."""
    if unit.is_a("IfcSIUnit"):
        return PREFIXES.get(unit.Prefix or "", 1.0)
    if unit.is_a("IfcConversionBasedUnit"):
        factor = unit.ConversionFactor
        if factor is not None and factor[0] is not None and factor[1] is not None:
            return float(factor[0][0]) * unit_metres(factor[1])
    return 1.0
