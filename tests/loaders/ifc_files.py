"""Small IFC files made entity by entity, so that a test says what it needs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid

PREFIX = {"m": None, "mm": "MILLI"}


@dataclass
class Building:
    """A project with a site, a building and two storeys; add what the test is about."""

    schema: str = "IFC4"
    unit: str = "m"
    modified: int | None = 1418982422
    file: Any = field(init=False)

    def __post_init__(self) -> None:
        self.file = ifcopenshell.file(schema=self.schema)
        make = self.file.create_entity
        self.origin = make("IfcCartesianPoint", (0.0, 0.0, 0.0))
        frame = make("IfcAxis2Placement3D", self.origin)
        self.context = make("IfcGeometricRepresentationContext", None, "Model", 3, 1e-5, frame)
        self.history = self._history()
        length = make("IfcSIUnit", None, "LENGTHUNIT", PREFIX[self.unit], "METRE")
        units = make("IfcUnitAssignment", (length,))
        self.project = self.root("IfcProject", "Project")
        self.project.RepresentationContexts = (self.context,)
        self.project.UnitsInContext = units
        self.site = self.root("IfcSite", "Site")
        self.building = self.root("IfcBuilding", "Building")
        self.storeys = tuple(self.root("IfcBuildingStorey", name) for name in ("Low", "High"))
        for place in (self.site, self.building, *self.storeys):
            place.CompositionType = "ELEMENT"
        self.relate("IfcRelAggregates", self.project, [self.site])
        self.relate("IfcRelAggregates", self.site, [self.building])
        self.relate("IfcRelAggregates", self.building, list(self.storeys))

    def _history(self) -> Any:
        make = self.file.create_entity
        person = make("IfcPerson", FamilyName="Private")
        firm = make("IfcOrganization", Name="Drawing Office")
        user = make("IfcPersonAndOrganization", person, firm)
        program = make("IfcApplication", firm, "1", "Tests", "tests")
        return make(
            "IfcOwnerHistory", user, program, None, "ADDED", self.modified, user, program, 0
        )

    def root(self, kind: str, name: str, **more: Any) -> Any:
        """Return a new rooted entity."""
        key = ifcopenshell.guid.new()
        return self.file.create_entity(kind, key, self.history, name, **more)

    def relate(self, kind: str, whole: Any, parts: list[Any]) -> Any:
        """Relate parts to a whole: (whole, parts) in the order the relation wants."""
        given = {"IfcRelContainedInSpatialStructure": (parts, whole)}.get(kind, (whole, parts))
        relation = self.root(kind, "")
        relation[4], relation[5] = given
        return relation

    def placement(self, x: float, y: float, z: float) -> Any:
        """Return a local placement."""
        make = self.file.create_entity
        axes = make("IfcAxis2Placement3D", make("IfcCartesianPoint", (x, y, z)))
        return make("IfcLocalPlacement", None, axes)

    def box(self, x: float, y: float, z: float) -> Any:
        """Return an extruded box with a corner at the origin."""
        make = self.file.create_entity
        middle = make("IfcAxis2Placement2D", make("IfcCartesianPoint", (x / 2, y / 2)))
        area = make("IfcRectangleProfileDef", "AREA", None, middle, x, y)
        up = make("IfcDirection", (0.0, 0.0, 1.0))
        return make("IfcExtrudedAreaSolid", area, make("IfcAxis2Placement3D", self.origin), up, z)

    def body(self, *items: Any, kind: str = "SweptSolid") -> Any:
        """Return a product's definition with one body."""
        make = self.file.create_entity
        part = make("IfcShapeRepresentation", self.context, "Body", kind, items)
        return make("IfcProductDefinitionShape", None, None, (part,))

    def element(
        self, kind: str, name: str, shape: Any, at: tuple[float, float, float], storey: int = 0
    ) -> Any:
        """Return an element in a storey."""
        made = self.root(kind, name, ObjectPlacement=self.placement(*at), Representation=shape)
        self.relate("IfcRelContainedInSpatialStructure", self.storeys[storey], [made])
        return made

    def style(self, item: Any, color: tuple[float, float, float], transparency: float) -> None:
        """Colour a representation item."""
        make = self.file.create_entity
        shade = make(
            "IfcSurfaceStyleRendering",
            make("IfcColourRgb", None, *color),
            transparency,
            ReflectanceMethod="NOTDEFINED",
        )
        style = make("IfcSurfaceStyle", "paint", "BOTH", (shade,))
        make("IfcStyledItem", item, (style,))

    def properties(self, name: str, values: dict[str, Any]) -> Any:
        """Return a property set."""
        make = self.file.create_entity
        kinds = {bool: "IfcBoolean", int: "IfcInteger", float: "IfcReal", str: "IfcLabel"}
        made = self.root("IfcPropertySet", name)
        made.HasProperties = [
            make("IfcPropertySingleValue", key, None, make(kinds[type(value)], value))
            for key, value in values.items()
        ]
        return made

    def describe(self, items: list[Any], name: str, values: dict[str, Any]) -> None:
        """Give objects a property set."""
        relation = self.root("IfcRelDefinesByProperties", "")
        relation.RelatedObjects = items
        relation.RelatingPropertyDefinition = self.properties(name, values)

    def write(self, folder: Path, name: str = "made.ifc") -> str:
        """Write the file and return its location."""
        path = folder / name
        self.file.write(str(path))
        return str(path)
