"""Classes, predefined types, and the wholes that objects are parts of."""

from collections.abc import Iterator
from typing import Any

from loaders.ifc.ids.facts import Facts, Wholes, climb
from loaders.ifc.ids.model import EntityFacet, PartOfFacet, Value
from loaders.ifc.ids.outcomes import Outcome, State
from loaders.ifc.ids.values import fits
from twin.checks.report import Phrase

_OCCURRENCES = {
    "IfcFurnishingElement": "Furniture SystemFurnitureElement",
    "IfcDistributionControlElement": "Actuator Alarm Controller FlowInstrument Sensor",
    "IfcEnergyConversionDevice": (
        "AirToAirHeatRecovery Boiler Chiller Coil Condenser CooledBeam CoolingTower"
        " ElectricGenerator ElectricMotor EvaporativeCooler Evaporator HeatExchanger Humidifier"
        " MotorConnection SpaceHeater Transformer TubeBundle UnitaryEquipment"
    ),
    "IfcFlowController": (
        "AirTerminalBox Damper ElectricTimeControl FlowMeter ProtectiveDevice SwitchingDevice Valve"
    ),
    "IfcFlowFitting": "CableCarrierFitting DuctFitting JunctionBox PipeFitting",
    "IfcFlowMovingDevice": "Compressor Fan Pump",
    "IfcFlowSegment": "CableCarrierSegment CableSegment DuctSegment PipeSegment",
    "IfcFlowStorageDevice": "ElectricFlowStorageDevice Tank",
    "IfcFlowTerminal": (
        "AirTerminal ElectricAppliance FireSuppressionTerminal Lamp LightFixture Outlet"
        " SanitaryTerminal StackTerminal WasteTerminal"
    ),
    "IfcFlowTreatmentDevice": "DuctSilencer Filter",
    "IfcEquipmentElement": "VibrationIsolator",
}
MAPPED = {
    (occurrence, f"Ifc{name}Type"): f"IFC{name.upper()}"
    for occurrence, names in _OCCURRENCES.items()
    for name in names.split()
}
"""IFC2X3: (class of the object, class of its type) -> the name that an IDS may use (IDS documentation,
ifc2x3-occurrence-type-mapping-table.md)."""
CUSTOM = ("ObjectType", "ElementType", "ProcessType", "ResourceType")
USER = "USERDEFINED"


def names(item: Any, facts: Facts) -> tuple[str, ...]:
    """Return the class of an object in capitals, and what IFC2X3 leaves to its type."""
    kind = str(item.is_a())
    if facts.old:
        about = facts.kind_of.get(item.id())
        mapped = None if about is None else MAPPED.get((kind, about.is_a()))
        if mapped is not None:
            return kind.upper(), mapped
    return (kind.upper(),)


def candidates(name: Value, facts: Facts) -> Iterator[Any]:
    """Yield the objects whose class is named, in file order."""
    wanted = [kind for kind in facts.file.types() if fits(name, kind.upper())]
    found = {item.id(): item for kind in wanted for item in facts.file.by_type(kind, False)}
    if facts.old:
        for (kind, _), alias in MAPPED.items():
            if fits(name, alias):
                for item in facts.file.by_type(kind, False):
                    if alias in names(item, facts):
                        found[item.id()] = item
    for step in sorted(found):
        yield found[step]


def predefined(item: Any, facts: Facts) -> tuple[str, ...]:
    """Return the texts that may stand for the predefined type: the value, and the user's own word.

    The type's comes first, unless it is not set there (entity-facet.md, "logic for the identification").
    """
    about = facts.kind_of.get(item.id())
    if about is not None:
        found = _own(about)
        if found and found != ("NOTDEFINED",):
            return found
    return _own(item)


def _own(item: Any) -> tuple[str, ...]:
    if not hasattr(item, "PredefinedType"):
        return ()
    value = item.PredefinedType
    custom = next((getattr(item, name) for name in CUSTOM if hasattr(item, name)), None)
    if value == USER:
        return (custom, USER) if custom else (USER,)
    if value is None:
        return (custom,) if custom else ()
    return (str(value),)


def entity(facet: EntityFacet, item: Any, facts: Facts) -> Outcome:
    """Compare class and predefined type."""
    found = names(item, facts)
    if not any(fits(facet.name, name) for name in found):
        return Outcome(State.OTHER, Phrase("why.class", {"found": found[0]}))
    if facet.predefined is None:
        return Outcome(State.MATCH, Phrase("why.class", {"found": found[0]}))
    texts = predefined(item, facts)
    if any(fits(facet.predefined, text) for text in texts):
        return Outcome(State.MATCH, Phrase("why.predefined", {"found": texts[0]}))
    if not texts:
        return Outcome(State.OTHER, Phrase("why.no_predefined"))
    return Outcome(State.OTHER, Phrase("why.predefined", {"found": texts[0]}))


def part_of(facet: PartOfFacet, item: Any, facts: Facts) -> Outcome:
    """Look for a whole of the class that is asked for, however far up."""
    found = wholes(facet.relation, item, facts)
    for whole in found:
        if entity(facet.whole, whole, facts).state is State.MATCH:
            return Outcome(State.MATCH, Phrase("why.part_of", {"found": (whole.is_a(),)}))
    if not found:
        return Outcome(State.ABSENT, Phrase("why.no_whole"))
    kinds = tuple(dict.fromkeys(str(whole.is_a()) for whole in found))
    return Outcome(State.OTHER, Phrase("why.part_of", {"found": kinds}))


def wholes(relation: str, item: Any, facts: Facts) -> list[Any]:
    """Return what an object is part of by one relation ('' = by all), directly or not.

    A place counts with the places it is aggregated into; an aggregated part does not stand where its
    whole stands (buildingSMART's cases "A containment relationship may be indirect" and "The
    container must be related using specified relation").
    """
    if relation == "IFCRELCONTAINEDINSPATIALSTRUCTURE":
        places = facts.containers.get(item.id(), [])
        return [*places, *climb(places, (facts.aggregates, facts.containers))]
    every = (facts.aggregates, facts.groups, facts.containers, facts.nests, facts.hosts)
    steps: dict[str, tuple[Wholes, ...]] = {
        "IFCRELAGGREGATES": (facts.aggregates,),
        "IFCRELASSIGNSTOGROUP": (facts.groups,),
        "IFCRELNESTS": (facts.nests,),
        "IFCRELVOIDSELEMENT IFCRELFILLSELEMENT": (facts.hosts,),
    }
    return climb([item], steps.get(relation, every))
