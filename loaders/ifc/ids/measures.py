"""Values of measures in SI units, the units that an IDS counts in (IDS documentation, units.md).

The unit of a measure is the property's own, else the project's for that kind of quantity, else SI.
Mass counts in kilograms, temperature in kelvin.
"""

import math
from typing import Any

from loaders.ifc.units import PREFIXES

POWERS = {"SQUARE_METRE": 2, "CUBIC_METRE": 3}
IRREGULAR = {
    "IfcPositiveLengthMeasure": "LENGTHUNIT",
    "IfcNonNegativeLengthMeasure": "LENGTHUNIT",
    "IfcPositivePlaneAngleMeasure": "PLANEANGLEUNIT",
    "IfcThermalConductivityMeasure": "THERMALCONDUCTANCEUNIT",
    "IfcModulusOfElasticityMeasure": "MODULUSOFELASTICITYUNIT",
}
UNITLESS = frozenset(
    {
        "IfcCountMeasure", "IfcRatioMeasure", "IfcPositiveRatioMeasure", "IfcNormalisedRatioMeasure",
        "IfcNumericMeasure", "IfcDescriptiveMeasure", "IfcContextDependentMeasure",
        "IfcMonetaryMeasure",
    }
)  # fmt: skip
ZERO_CELSIUS = 273.15

Scale = tuple[float, float]
"""Factor and offset: SI = value * factor + offset."""
PLAIN: Scale = (1.0, 0.0)


class Measures:
    """The units of one file."""

    def __init__(self, file: Any) -> None:
        self._project: dict[str, Scale] = {}
        for project in file.by_type("IfcProject"):
            assigned = project.UnitsInContext
            for unit in (assigned[0] or ()) if assigned is not None else ():
                kind = getattr(unit, "UnitType", None)
                if kind:
                    self._project.setdefault(kind, scale(unit))

    def si(self, kind: str, value: Any, unit: Any = None) -> Any:
        """Return a value of an IFC type (IfcLengthMeasure) in SI; what is no measure is unchanged."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        quantity = quantity_of(kind)
        if not quantity:
            return value
        factor, offset = scale(unit) if unit is not None else self._project.get(quantity, PLAIN)
        if (factor, offset) == PLAIN:
            return value
        return value * factor + offset


def quantity_of(kind: str) -> str:
    """Return the name of the unit that values of a type count in, '' for types without."""
    if not kind.endswith("Measure") or kind in UNITLESS:
        return ""
    return IRREGULAR.get(kind) or kind[3:-7].upper() + "UNIT"


def scale(unit: Any) -> Scale:
    """Return how a unit becomes SI; a unit that cannot be read counts as SI."""
    if unit.is_a("IfcSIUnit"):
        return _si_scale(unit)
    if unit.is_a("IfcConversionBasedUnit"):
        factor = unit.ConversionFactor
        if factor is None or factor[0] is None or factor[1] is None:
            return PLAIN
        found = float(factor[0][0]) * scale(factor[1])[0]
        # IFC4, IfcConversionBasedUnitWithOffset: value + offset, then the factor
        offset = getattr(unit, "ConversionOffset", None) or 0.0
        return found, float(offset) * found
    if unit.is_a("IfcDerivedUnit"):
        found = math.prod(
            scale(part[0])[0] ** int(part[1])
            for part in unit.Elements or ()
            if part[0] is not None
        )
        return float(found), 0.0
    return PLAIN


def _si_scale(unit: Any) -> Scale:
    factor = PREFIXES.get(unit.Prefix or "", 1.0) ** POWERS.get(unit.Name, 1)
    if unit.Name == "GRAM":
        return factor / 1000.0, 0.0
    return factor, ZERO_CELSIUS if unit.Name == "DEGREE_CELSIUS" else 0.0
