"""Triangles made without a geometry kernel: the same elements as the kernel makes, or left to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.ifc import LOADER, makers, reading
from loaders.ifc.choosing import choose
from loaders.ifc.faces import volume
from loaders.ifc.statements import gather
from loaders.ifc.styles import USUAL
from tests.conftest import DATA
from tests.loaders.ifc_files import Building
from tests.loaders.ifc_oracle import Compared, compared, seen
from twin.ports import SILENT, Options

CUBE = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))
CORNERS = [
    (x, y, z) for z in (0.0, 3.0) for x, y in ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0))
]


def points(made: Building, corners: Sequence[Sequence[float]]) -> list[Any]:
    return [made.file.create_entity("IfcCartesianPoint", tuple(map(float, c))) for c in corners]


def line(made: Building, corners: Sequence[Sequence[float]]) -> Any:
    every = points(made, corners)
    return made.file.create_entity("IfcPolyline", [*every, every[0]])


def frame(made: Building, at: Sequence[float], up: Any = None, along: Any = None) -> Any:
    make = made.file.create_entity
    turns = [make("IfcDirection", way) if way else None for way in (up, along)]
    return make("IfcAxis2Placement3D", points(made, [at])[0], *turns)


def swept(made: Building, area: Any, along: Sequence[float] = (0.0, 0.0, 1.0), **more: Any) -> Any:
    make = made.file.create_entity
    place = more.get("place") or frame(made, (0.0, 0.0, 0.0))
    return make("IfcExtrudedAreaSolid", area, place, make("IfcDirection", along), 2.5)


def brep(made: Building, faces: Sequence[Sequence[int]] = CUBE) -> Any:
    make = made.file.create_entity
    corners = points(made, CORNERS)
    shell = []
    for face in faces:
        loop = make("IfcPolyLoop", [corners[i] for i in face])
        shell.append(make("IfcFace", [make("IfcFaceOuterBound", loop, True)]))
    return make("IfcFacetedBrep", make("IfcClosedShell", shell))


def polygon(made: Building, *inner: Sequence[Sequence[float]]) -> Any:
    make = made.file.create_entity
    outline = line(made, [(0, 0), (4, 0), (4, 3), (2, 1), (0, 3)])
    if not inner:
        return make("IfcArbitraryClosedProfileDef", "AREA", None, outline)
    holes = [line(made, ring) for ring in inner]
    return make("IfcArbitraryProfileDefWithVoids", "AREA", None, outline, holes)


def shown(made: Building, folder: Path, *items: Any, kind: str = "IfcColumn") -> Compared:
    made.element(kind, "It", made.body(*items), (5.0, 6.0, 7.0))
    return compared(made.write(folder))


def sweeps(made: Building) -> dict[str, Any]:
    make = made.file.create_entity
    turned = make(
        "IfcAxis2Placement2D", points(made, [(1.0, 2.0)])[0], make("IfcDirection", (1.0, 1.0))
    )
    hole = [(0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)]
    tilted = frame(made, (1.0, 2.0, 3.0), (0.0, -1.0, 0.5), (1.0, 0.2, 0.0))
    return {
        "rectangle": swept(made, make("IfcRectangleProfileDef", "AREA", None, turned, 3.0, 2.0)),
        "polygon": swept(made, polygon(made)),
        "hole": swept(made, polygon(made, hole)),
        "hole the other way round": swept(made, polygon(made, hole[::-1])),
        "slanted": swept(made, polygon(made), (0.6, 0.0, 0.8)),
        "downwards": swept(made, polygon(made, hole), (0.0, 0.0, -1.0)),
        "tilted": swept(made, polygon(made), place=tilted),
    }


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
@pytest.mark.parametrize("unit", ["m", "mm"])
def test_sweeps_are_those_of_the_kernel(schema: str, unit: str, tmp_path: Path) -> None:
    made = Building(schema, unit)
    for number, (name, item) in enumerate(sweeps(made).items()):
        at = (10.0 * number, 0.0, 0.0)
        made.element("IfcColumn", name, made.body(item), at)
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong, found.refused) == (7, [], [])


def arc(made: Building, start: float, stop: float, agrees: bool, *, at: bool = False) -> Any:
    """Return a part of a circle of radius 2 about (1, 0), trimmed by angles or by points."""
    make = made.file.create_entity
    circle = make("IfcCircle", make("IfcAxis2Placement2D", points(made, [(1.0, 0.0)])[0]), 2.0)
    ends: list[Any] = [(make("IfcParameterValue", angle),) for angle in (start, stop)]
    if at:
        ends = [
            (points(made, [(1 + 2 * np.cos(angle), 2 * np.sin(angle))])[0],)
            for angle in (start, stop)
        ]
    return make("IfcTrimmedCurve", circle, *ends, agrees, "CARTESIAN" if at else "PARAMETER")


def composite(made: Building, *curves: tuple[Any, bool]) -> Any:
    make = made.file.create_entity
    parts = [make("IfcCompositeCurveSegment", "CONTINUOUS", same, curve) for curve, same in curves]
    outline = make("IfcCompositeCurve", parts, False)
    return make("IfcArbitraryClosedProfileDef", "AREA", None, outline)


def rounds(made: Building) -> dict[str, Any]:
    make = made.file.create_entity
    spot = make("IfcAxis2Placement2D", points(made, [(1.0, 2.0)])[0])
    half = np.pi
    chord = make("IfcPolyline", points(made, [(-1.0, 0.0), (3.0, 0.0)]))
    back = make("IfcPolyline", points(made, [(3.0, 0.0), (-1.0, 0.0)]))
    circle = make("IfcCircle", spot, 1.0)
    return {
        "circle": make("IfcCircleProfileDef", "AREA", None, spot, 0.7),
        "small": make("IfcCircleProfileDef", "AREA", None, spot, 0.004),
        "tube": make("IfcCircleHollowProfileDef", "AREA", None, spot, 0.7, 0.1),
        "closed circle": make("IfcArbitraryClosedProfileDef", "AREA", None, circle),
        "arc": composite(made, (arc(made, 0.0, half, True), True), (chord, True)),
        "points": composite(made, (arc(made, 0.0, half, True, at=True), True), (chord, True)),
        "backwards": composite(made, (arc(made, 0.0, half, True), False), (back, True)),
        "clockwise": composite(made, (arc(made, half, 0.0, False), True), (back, True)),
        "below": composite(made, (arc(made, half, 0.0, True), True), (back, True)),
    }


def test_circles_and_arcs_are_divided_as_the_kernel_divides_them(tmp_path: Path) -> None:
    made = Building()
    angle = made.file.create_entity("IfcSIUnit", None, "PLANEANGLEUNIT", None, "RADIAN")
    made.project.UnitsInContext.Units = [*made.project.UnitsInContext.Units, angle]
    profiles = rounds(made)
    for number, (name, area) in enumerate(profiles.items()):
        made.element("IfcColumn", name, made.body(swept(made, area)), (9.0 * number, 0.0, 0.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong, found.refused) == (len(profiles), [], [])


def test_an_angle_of_no_known_unit_is_left_to_the_kernel(tmp_path: Path) -> None:
    made = Building()
    profiles = rounds(made)
    for area in (profiles["arc"], profiles["circle"]):
        made.element("IfcColumn", "It", made.body(swept(made, area)), (0.0, 0.0, 0.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.drawn) == (1, 2)


def test_a_direction_of_any_length_says_only_where_to(tmp_path: Path) -> None:
    """The hybrid kernel takes the length for a factor; OpenCASCADE and the standard do not."""
    made = Building()
    made.element(
        "IfcColumn", "It", made.body(swept(made, polygon(made), (0.0, 3.0, 4.0))), (0.0, 0.0, 0.0)
    )
    model = reading.read(made.write(tmp_path), SILENT)
    own = makers.start(model, list(choose(model.file, {}).bodies), SILENT).own
    assert own is not None
    (look,) = seen(*own.take(list(own.bodies))[:2]).values()
    assert look.volume == pytest.approx(8.0 * 2.0)
    assert look.high == pytest.approx([4.0, 4.5, 2.0])


def test_faces_are_those_of_the_kernel(tmp_path: Path) -> None:
    made = Building()
    make = made.file.create_entity
    spots = make("IfcCartesianPointList3D", CORNERS)
    fan = [(f[0] + 1, f[i] + 1, f[i + 1] + 1) for f in CUBE for i in (1, 2)]
    rings = [make("IfcIndexedPolygonalFace", [i + 1 for i in face]) for face in CUBE[1:]]
    four = make(
        "IfcCartesianPointList3D", [*CORNERS, (0.5, 0.2, 0.0), (1.5, 0.2, 0.0), (1.0, 0.8, 0.0)]
    )
    holed = make("IfcIndexedPolygonalFaceWithVoids", (1, 4, 3, 2), ((9, 10, 11),))
    shell = make("IfcOpenShell", brep(made).Outer.CfsFaces[1:])
    for item, kind in (
        (brep(made), "Brep"),
        (make("IfcTriangulatedFaceSet", spots, None, True, fan), "Tessellation"),
        (make("IfcPolygonalFaceSet", four, False, [holed, *rings]), "Tessellation"),
        (make("IfcShellBasedSurfaceModel", [shell]), "SurfaceModel"),
        (make("IfcFaceBasedSurfaceModel", [shell]), "SurfaceModel"),
    ):
        made.element("IfcColumn", kind, made.body(item, kind=kind), (0.0, 0.0, 0.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong, found.refused) == (5, [], [])


@pytest.mark.parametrize("turned", [(), (2,), (0, 2, 4), range(6)])
def test_a_solid_looks_outwards_whichever_way_its_faces_are_written(
    turned: Sequence[int], tmp_path: Path
) -> None:
    made = Building()
    item = brep(made, [face[::-1] if i in turned else face for i, face in enumerate(CUBE)])
    made.element("IfcColumn", "Box", made.body(item, kind="Brep"), (0.0, 0.0, 0.0))
    model = reading.read(made.write(tmp_path), SILENT)
    own = makers.start(model, list(choose(model.file, {}).bodies), SILENT).own
    assert own is not None
    (shape,), geometries, refused = own.take(list(own.bodies))
    geometry = geometries[shape.geometry]
    assert not refused
    assert volume(geometry.positions, geometry.triangles) == pytest.approx(6.0)


def test_a_solid_with_a_hole_in_its_skin_is_left_to_the_kernel(tmp_path: Path) -> None:
    made = Building()
    found = shown(made, tmp_path, brep(made, CUBE[1:]))
    assert (found.made, len(found.refused)) == (0, 1)


def test_a_profile_that_crosses_itself_is_left_to_the_kernel(tmp_path: Path) -> None:
    made = Building()
    bow = line(made, [(0, 0), (2, 2), (2, 0), (0, 3)])
    area = made.file.create_entity("IfcArbitraryClosedProfileDef", "AREA", None, bow)
    found = shown(made, tmp_path, swept(made, area))
    assert (found.made, len(found.refused)) == (0, 1)


def mapped(made: Building, source_: Any, axes: Sequence[Any], scale: float) -> Any:
    make = made.file.create_entity
    part = make("IfcShapeRepresentation", made.context, "Body", "SweptSolid", (source_,))
    origin = make("IfcRepresentationMap", frame(made, (1.0, 0.0, 0.0), (0, 0, 1), (0, 1, 0)), part)
    ways = [make("IfcDirection", way) if way else None for way in axes]
    at = points(made, [(2.0, 3.0, 4.0)])[0]
    target = make("IfcCartesianTransformationOperator3D", ways[0], ways[1], at, scale, ways[2])
    return make("IfcMappedItem", origin, target)


@pytest.mark.parametrize(
    ("axes", "scale"),
    [
        ((None, None, None), 1.0),
        ((None, None, None), 2.5),
        (((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)), 1.0),
        (((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)), 1.0),
    ],
)
def test_mapped_items_stand_where_the_kernel_puts_them(
    axes: Sequence[Any], scale: float, tmp_path: Path
) -> None:
    made = Building()
    item = mapped(made, swept(made, polygon(made)), axes, scale)
    two = mapped(made, swept(made, polygon(made)), (None, None, None), 1.0)
    made.element("IfcColumn", "One", made.body(item, kind="MappedRepresentation"), (1.0, 1.0, 1.0))
    both = made.body(two, two, kind="MappedRepresentation")
    made.element("IfcColumn", "Two", both, (9.0, 1.0, 1.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong) == (2, [])


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4"])
def test_colours_are_those_of_the_kernel(schema: str, tmp_path: Path) -> None:
    made = Building(schema)
    make = made.file.create_entity
    every = {*USUAL, "IfcColumn", "IfcCovering", "IfcBuildingElementProxy", "IfcRoof"}
    for number, kind in enumerate(sorted(every - {"IfcSite"})):
        made.element(kind, kind, made.body(made.box(1.0, 1.0, 1.0)), (3.0 * number, 0.0, 0.0))
    paint = material(made, "Oak", (0.6, 0.4, 0.2))
    direct = made.element("IfcBeam", "B", made.body(made.box(1.0, 1.0, 1.0)), (0.0, 5.0, 0.0))
    typed = made.element("IfcBeam", "T", made.body(made.box(1.0, 1.0, 1.0)), (0.0, 9.0, 0.0))
    kind = made.root("IfcBeamType", "Type")
    kind.PredefinedType = "BEAM"
    tie = made.root("IfcRelDefinesByType", "")
    tie.RelatedObjects, tie.RelatingType = [typed], kind
    for item, what in (
        (direct, paint),
        (kind, layered(made, material(made, "Ash", (0.1, 0.9, 0.9)))),
    ):
        tie = made.root("IfcRelAssociatesMaterial", "")
        tie.RelatedObjects, tie.RelatingMaterial = [item], what
    plain, factor = made.box(1.0, 1.0, 1.0), made.box(2.0, 1.0, 1.0)
    style(made, plain, make("IfcColourRgb", None, 0.2, 0.4, 0.6))
    style(made, factor, make("IfcNormalisedRatioMeasure", 0.5))
    made.element("IfcBeam", "R", made.body(plain, factor), (0.0, 13.0, 0.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong) == (len(every) + 2, [])


def styled(made: Building, item: Any, shading: Any) -> Any:
    make = made.file.create_entity
    surface = make("IfcSurfaceStyle", "paint", "BOTH", (shading,))
    look: Any = make("IfcPresentationStyleAssignment", (surface,))
    return make("IfcStyledItem", item, (look,))


def style(made: Building, item: Any, diffuse: Any) -> None:
    make = made.file.create_entity
    shading = make("IfcSurfaceStyleRendering", make("IfcColourRgb", None, 0.9, 0.8, 0.7))
    shading.Transparency, shading.DiffuseColour, shading.ReflectanceMethod = 0.25, diffuse, "FLAT"
    styled(made, item, shading)


def material(made: Building, name: str, color: tuple[float, float, float]) -> Any:
    make = made.file.create_entity
    found = make("IfcMaterial", name)
    item = styled(made, None, make("IfcSurfaceStyleShading", make("IfcColourRgb", None, *color)))
    part = make("IfcStyledRepresentation", made.context, "Style", "Material", (item,))
    make("IfcMaterialDefinitionRepresentation", None, None, (part,), found)
    return found


def layered(made: Building, inner: Any) -> Any:
    make = made.file.create_entity
    layer = make("IfcMaterialLayer", inner, 0.2)
    return make("IfcMaterialLayerSet", (layer,))


def test_a_text_that_looks_like_a_statement_is_none(tmp_path: Path) -> None:
    made = Building()
    made.element("IfcColumn", "Brep", made.body(brep(made)), (0.0, 0.0, 0.0))
    made.project.Description = "it''s;\n#77=IFCCARTESIANPOINT((9.,9.,9.));"
    path = made.write(tmp_path)
    text = gather(path)
    assert text is not None
    assert 77 not in text.point_ids or made.file.by_id(77).is_a("IfcCartesianPoint")
    assert text.points.max() <= 3.0


def test_comments_among_the_data_leave_everything_to_the_kernel(tmp_path: Path) -> None:
    made = Building()
    made.element("IfcColumn", "Brep", made.body(brep(made)), (0.0, 0.0, 0.0))
    path = Path(made.write(tmp_path))
    words = path.read_text("utf-8").replace("DATA;", "DATA; /* why not */", 1)
    path.write_text(words, "utf-8")
    assert gather(str(path)) is None
    found = LOADER.source(str(path), Options()).open(SILENT)
    assert found.ready[0].drawables


def test_numbers_are_read_as_the_parser_reads_them(tmp_path: Path) -> None:
    made = Building()
    corners = [(1.0, -2.5e-7, 3.0e12), (0.1, 0.2, 0.3), (1 / 3, 2 / 3, -1e-300)]
    made_points = points(made, corners)
    text = gather(made.write(tmp_path))
    assert text is not None
    for point in made_points:
        (at,) = np.flatnonzero(text.point_ids == point.id())
        assert tuple(text.points[at]) == point[0]


def test_the_small_real_wall_is_the_kernels(tmp_path: Path) -> None:
    found = compared(DATA / "simple_wall.ifc")
    assert found.made
    assert not found.wrong
