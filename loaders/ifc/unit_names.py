"""Units as people write them: the project's by kind of measure, composed ones by their SI name.

Sources: IFC4.3 IfcUnitAssignment, IfcSIUnitName, IfcDerivedUnitEnum; SI Brochure 9, tables 2, 4, 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SI: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "METRE": ("m", (1, 0, 0, 0, 0, 0, 0)),
    "SQUARE_METRE": ("m²", (2, 0, 0, 0, 0, 0, 0)),
    "CUBIC_METRE": ("m³", (3, 0, 0, 0, 0, 0, 0)),
    "GRAM": ("g", (0, 1, 0, 0, 0, 0, 0)),
    "SECOND": ("s", (0, 0, 1, 0, 0, 0, 0)),
    "AMPERE": ("A", (0, 0, 0, 1, 0, 0, 0)),
    "KELVIN": ("K", (0, 0, 0, 0, 1, 0, 0)),
    "DEGREE_CELSIUS": ("°C", (0, 0, 0, 0, 1, 0, 0)),
    "MOLE": ("mol", (0, 0, 0, 0, 0, 1, 0)),
    "CANDELA": ("cd", (0, 0, 0, 0, 0, 0, 1)),
    "LUMEN": ("lm", (0, 0, 0, 0, 0, 0, 1)),
    "LUX": ("lx", (-2, 0, 0, 0, 0, 0, 1)),
    "RADIAN": ("rad", (0,) * 7),
    "STERADIAN": ("sr", (0,) * 7),
    "HERTZ": ("Hz", (0, 0, -1, 0, 0, 0, 0)),
    "BECQUEREL": ("Bq", (0, 0, -1, 0, 0, 0, 0)),
    "NEWTON": ("N", (1, 1, -2, 0, 0, 0, 0)),
    "PASCAL": ("Pa", (-1, 1, -2, 0, 0, 0, 0)),
    "JOULE": ("J", (2, 1, -2, 0, 0, 0, 0)),
    "WATT": ("W", (2, 1, -3, 0, 0, 0, 0)),
    "COULOMB": ("C", (0, 0, 1, 1, 0, 0, 0)),
    "VOLT": ("V", (2, 1, -3, -1, 0, 0, 0)),
    "FARAD": ("F", (-2, -1, 4, 2, 0, 0, 0)),
    "OHM": ("Ω", (2, 1, -3, -2, 0, 0, 0)),
    "SIEMENS": ("S", (-2, -1, 3, 2, 0, 0, 0)),
    "WEBER": ("Wb", (2, 1, -2, -1, 0, 0, 0)),
    "TESLA": ("T", (0, 1, -2, -1, 0, 0, 0)),
    "HENRY": ("H", (2, 1, -2, -2, 0, 0, 0)),
    "GRAY": ("Gy", (2, 0, -2, 0, 0, 0, 0)),
    "SIEVERT": ("Sv", (2, 0, -2, 0, 0, 0, 0)),
}
"""IfcSIUnitName -> symbol and exponents of m, kg, s, A, K, mol, cd."""
DERIVED: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "THERMALTRANSMITTANCEUNIT": ("W/(m²·K)", (0, 1, -3, 0, -1, 0, 0)),
    "THERMALRESISTANCEUNIT": ("m²·K/W", (0, -1, 3, 0, 1, 0, 0)),
    "THERMALADMITTANCEUNIT": ("W/(m²·K)", (0, 1, -3, 0, -1, 0, 0)),
    "THERMALCONDUCTANCEUNIT": ("W/(m·K)", (1, 1, -3, 0, -1, 0, 0)),
    "SPECIFICHEATCAPACITYUNIT": ("J/(kg·K)", (2, 0, -2, 0, -1, 0, 0)),
    "HEATINGVALUEUNIT": ("J/kg", (2, 0, -2, 0, 0, 0, 0)),
    "HEATFLUXDENSITYUNIT": ("W/m²", (0, 1, -3, 0, 0, 0, 0)),
    "SOUNDPOWERUNIT": ("W", (2, 1, -3, 0, 0, 0, 0)),
    "SOUNDPRESSUREUNIT": ("Pa", (-1, 1, -2, 0, 0, 0, 0)),
    "DYNAMICVISCOSITYUNIT": ("Pa·s", (-1, 1, -1, 0, 0, 0, 0)),
    "VAPORPERMEABILITYUNIT": ("kg/(m·s·Pa)", (0, 0, 1, 0, 0, 0, 0)),
    "MODULUSOFELASTICITYUNIT": ("Pa", (-1, 1, -2, 0, 0, 0, 0)),
    "SHEARMODULUSUNIT": ("Pa", (-1, 1, -2, 0, 0, 0, 0)),
    "TORQUEUNIT": ("N·m", (2, 1, -2, 0, 0, 0, 0)),
    "LINEARFORCEUNIT": ("N/m", (0, 1, -2, 0, 0, 0, 0)),
    "PLANARFORCEUNIT": ("N/m²", (-1, 1, -2, 0, 0, 0, 0)),
    "LINEARSTIFFNESSUNIT": ("N/m", (0, 1, -2, 0, 0, 0, 0)),
    "MODULUSOFSUBGRADEREACTIONUNIT": ("N/m³", (-2, 1, -2, 0, 0, 0, 0)),
}
"""Derived units whose usual name is not that of their base units; only where the exponents agree."""
SIGNS = {
    "EXA": "E", "PETA": "P", "TERA": "T", "GIGA": "G", "MEGA": "M", "KILO": "k", "HECTO": "h",
    "DECA": "da", "DECI": "d", "CENTI": "c", "MILLI": "m", "MICRO": "µ", "NANO": "n", "PICO": "p",
    "FEMTO": "f", "ATTO": "a",
}  # fmt: skip
CONVERTED = {
    "DEGREE": "°", "MINUTE": "min", "HOUR": "h", "DAY": "d", "INCH": "in", "FOOT": "ft",
    "US SURVEY FOOT": "ft (US)", "YARD": "yd", "MILE": "mi", "SQUARE INCH": "in²",
    "SQUARE FOOT": "ft²", "SQUARE YARD": "yd²", "ACRE": "acre", "SQUARE MILE": "mi²",
    "CUBIC INCH": "in³", "CUBIC FOOT": "ft³", "CUBIC YARD": "yd³", "LITRE": "L", "POUND": "lb",
    "OUNCE": "oz", "TON UK": "ton (UK)", "TON US": "ton (US)", "LBF": "lbf", "KIP": "kip",
    "PSI": "psi", "KSI": "ksi", "FAHRENHEIT": "°F", "BTU": "Btu",
}  # fmt: skip
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
QUANTITY_UNITS = {
    "IfcQuantityLength": "LENGTHUNIT",
    "IfcQuantityArea": "AREAUNIT",
    "IfcQuantityVolume": "VOLUMEUNIT",
    "IfcQuantityWeight": "MASSUNIT",
    "IfcQuantityTime": "TIMEUNIT",
}


@dataclass
class UnitNames:
    """``assigned`` unit type -> symbol of the project; what was asked before is remembered."""

    assigned: dict[str, str]
    measures: dict[str, str] = field(default_factory=dict)
    own: dict[int, str] = field(default_factory=dict)
    classes: dict[str, dict[str, str]] = field(default_factory=dict)

    @staticmethod
    def of(file: Any) -> "UnitNames":
        """Return the names of the units that the project assigns."""
        assigned: dict[str, str] = {}
        for project in file.by_type("IfcProject"):
            units = project.UnitsInContext
            for unit in (units[0] or ()) if units is not None else ():
                kind = "CURRENCY" if unit.is_a("IfcMonetaryUnit") else unit.UnitType
                if kind:
                    assigned.setdefault(kind, symbol(unit))
        return UnitNames(assigned)

    def measure(self, kind: str) -> str:
        """Return the project's unit of a measure class (``IfcPositiveLengthMeasure``), '' for none."""
        found = self.measures.get(kind)
        if found is None:
            found = self.measures[kind] = self.assigned.get(_unit_type(kind), "")
        return found

    def quantity(self, kind: str) -> str:
        """Return the project's unit of a quantity class."""
        return self.assigned.get(QUANTITY_UNITS.get(kind, ""), "")

    def of_unit(self, unit: Any) -> str:
        """Return the symbol of a unit that a value names itself."""
        key = unit.id()
        if key not in self.own:
            self.own[key] = symbol(unit)
        return self.own[key]

    def declared(self, entity: Any) -> dict[str, str]:
        """Return attribute -> measure class of an entity's class, as the schema declares it."""
        kind = entity.is_a()
        found = self.classes.get(kind)
        if found is None:
            found = self.classes[kind] = {}
            for attribute in entity.declaration.as_entity().all_attributes():
                named = attribute.type_of_attribute().as_named_type()
                found[attribute.name()] = named.declared_type().name() if named else ""
        return found


def _unit_type(measure: str) -> str:
    """Return the unit type of a measure class; the names of the two agree by rule in the schema."""
    name = measure.removeprefix("Ifc").removesuffix("Measure")
    if name == "Monetary":
        return "CURRENCY"
    for sign in ("Positive", "NonNegative"):
        name = name.removeprefix(sign)
    return f"{name.upper()}UNIT"


def symbol(unit: Any) -> str:
    """Return how a unit is written; '' where the file leaves it open."""
    kind = unit.is_a()
    if kind == "IfcSIUnit":
        return SIGNS.get(unit.Prefix or "", "") + SI.get(unit.Name or "", ("", ()))[0]
    if kind.startswith("IfcConversionBasedUnit"):
        name = (unit.Name or "").strip()
        return CONVERTED.get(name.upper().replace("_", " "), name.lower())
    if kind == "IfcMonetaryUnit":
        return str(unit.Currency or "")
    if kind == "IfcDerivedUnit":
        return _derived(unit)
    return str(getattr(unit, "Name", None) or "")


def _derived(unit: Any) -> str:
    """Return the usual name of a coherent derived unit, else its elements multiplied out."""
    elements = [
        (item[0], int(item[1] or 0)) for item in unit.Elements or () if item[0] is not None
    ]
    usual = DERIVED.get(unit.UnitType or "")
    if usual is not None and _exponents(elements) == usual[1]:
        return usual[0]
    above = [_power(symbol(item), power) for item, power in elements if power > 0]
    below = [_power(symbol(item), -power) for item, power in elements if power < 0]
    if not above and len(below) == 1 and len(elements) == 1:
        return _power(symbol(elements[0][0]), elements[0][1])
    top = "·".join(above) or "1"
    if not below:
        return top if above else ""
    under = "·".join(below)
    return f"{top}/({under})" if len(below) > 1 else f"{top}/{under}"


def _power(name: str, power: int) -> str:
    if power == 1:
        return name
    exponent = str(power).translate(RAISED)
    return f"({name}){exponent}" if name[-1:] in "²³" else name + exponent


def _exponents(elements: Sequence[tuple[Any, int]]) -> tuple[int, ...] | None:
    """Return the exponents of the base units; None where a prefix or a conversion makes a factor."""
    total = [0] * 7
    for unit, power in elements:
        if not unit.is_a("IfcSIUnit") or unit.Name not in SI:
            return None
        if (unit.Prefix or "") != ("KILO" if unit.Name == "GRAM" else ""):
            return None
        for place, exponent in enumerate(SI[unit.Name][1]):
            total[place] += exponent * power
    return tuple(total)
