"""The discipline an object belongs to, derived from its class or, where that is general, its type's."""

GENERAL = ("IfcFlow", "IfcDistribution", "IfcEnergyConversion")
"""Classes of IFC2X3 that say what an element does to a flow and not to which; the type's class says it."""
DISCIPLINES: dict[str, tuple[str, ...]] = {
    "Architecture": (
        "IfcWall", "IfcSlab", "IfcRoof", "IfcStair", "IfcRamp", "IfcRailing", "IfcWindow", "IfcDoor",
        "IfcCurtainWall", "IfcCovering", "IfcChimney", "IfcShadingDevice", "IfcBuildingElementPart",
        "IfcTransportElement", "IfcTransportationDevice",
    ),
    "Structure": (
        "IfcBeam", "IfcColumn", "IfcFooting", "IfcPile", "IfcDeepFoundation", "IfcCaisson", "IfcMember",
        "IfcPlate", "IfcReinforc", "IfcTendon", "IfcStructural", "IfcBearing", "IfcElementAssembly",
        "IfcFastener", "IfcMechanicalFastener", "IfcDiscreteAccessory", "IfcVibration",
    ),
    "Ventilation and climate": (
        "IfcDuct", "IfcAirTerminal", "IfcAirToAir", "IfcFan", "IfcDamper", "IfcBoiler", "IfcChiller",
        "IfcCoil", "IfcCompressor", "IfcCondenser", "IfcCooledBeam", "IfcCoolingTower", "IfcEvaporat",
        "IfcHumidifier", "IfcHeatExchanger", "IfcSpaceHeater", "IfcUnitaryEquipment", "IfcBurner",
        "IfcTubeBundle", "IfcMedicalDevice",
    ),
    "Plumbing": (
        "IfcPipe", "IfcSanitaryTerminal", "IfcWasteTerminal", "IfcStackTerminal", "IfcValve",
        "IfcPump", "IfcTank", "IfcInterceptor", "IfcFilter", "IfcFlowMeter", "IfcDistributionChamber",
        "IfcLiquidTerminal",
    ),
    "Fire protection": ("IfcFireSuppression", "IfcAlarm"),
    "Electrical": (
        "IfcCable", "IfcElectric", "IfcLamp", "IfcLightFixture", "IfcOutlet", "IfcSwitchingDevice",
        "IfcJunctionBox", "IfcMotorConnection", "IfcProtectiveDevice", "IfcSolarDevice",
        "IfcTransformer", "IfcAudioVisual", "IfcCommunications", "IfcMobileTelecom",
    ),
    "Automation": (
        "IfcActuator", "IfcController", "IfcSensor", "IfcUnitaryControl", "IfcFlowInstrument",
        "IfcDistributionControl",
    ),
    "Building services": GENERAL,
    "Furnishing": ("IfcFurn", "IfcSystemFurniture"),
    "Spaces": ("IfcSpace", "IfcSpatialZone", "IfcExternalSpatial", "IfcZone"),
    "Terrain and site": ("IfcSite", "IfcGeographic", "IfcGeo", "IfcBorehole", "IfcEarthworks"),
    "Infrastructure": (
        "IfcAlignment", "IfcLinear", "IfcReferent", "IfcRoad", "IfcRail", "IfcTrack", "IfcBridge",
        "IfcMarine", "IfcPavement", "IfcKerb", "IfcCourse", "IfcSign", "IfcCivil", "IfcMooring",
        "IfcNavigation", "IfcImpactProtection", "IfcConveyor", "IfcTunnel", "IfcFacilityPart",
        "IfcSurfaceFeature",
    ),
    "Other": ("IfcBuildingElementProxy", "IfcProxy"),
}  # fmt: skip
"""Beginnings of class names; the longest that fits wins. Buildings, storeys and openings have none."""
_BY_LENGTH = sorted(
    ((start, name) for name, starts in DISCIPLINES.items() for start in starts),
    key=lambda pair: -len(pair[0]),
)


def discipline(kind: str, type_kind: str = "") -> str | None:
    """Return the discipline of a class; ``type_kind`` is the class of the object's type."""
    if type_kind and kind.startswith(GENERAL):
        found = _begun(type_kind)
        if found is not None:
            return found
    return _begun(kind)


def _begun(kind: str) -> str | None:
    return next((name for start, name in _BY_LENGTH if kind.startswith(start)), None)
