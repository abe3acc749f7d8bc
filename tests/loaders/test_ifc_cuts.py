"""Openings and booleans made without a geometry kernel: as the kernel makes them, or left to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.ifc import cuts, makers, reading
from loaders.ifc.choosing import choose
from loaders.ifc.cuts import DIFFERENCE, HalfSpace, combined
from loaders.ifc.faces import volume
from tests.loaders.ifc_files import Building
from tests.loaders.ifc_oracle import compared
from tests.loaders.test_ifc_own import frame, line, polygon, swept
from twin.ports import SILENT

pytest.importorskip("manifold3d")
BOX = (
    np.array([(x, y, z) for z in (0.0, 3.0) for x, y in ((0, 0), (2, 0), (2, 1), (0, 1))], float),
    np.array(
        [
            (0, 2, 1), (0, 3, 2), (4, 5, 6), (4, 6, 7), (0, 1, 5), (0, 5, 4),
            (1, 2, 6), (1, 6, 5), (2, 3, 7), (2, 7, 6), (3, 0, 4), (3, 4, 7),
        ],
        np.int32,
    ),
)  # fmt: skip


def opened(made: Building, host: Any, item: Any, at: tuple[float, float, float]) -> None:
    hole = made.root("IfcOpeningElement", "Hole", ObjectPlacement=made.placement(*at))
    hole.Representation = made.body(item)
    relation = made.root("IfcRelVoidsElement", "")
    relation.RelatingBuildingElement, relation.RelatedOpeningElement = host, hole


@pytest.mark.parametrize("unit", ["m", "mm"])
def test_openings_are_cut_as_the_kernel_cuts_them(unit: str, tmp_path: Path) -> None:
    made = Building(unit=unit)
    metre = 1.0 if unit == "m" else 1000.0

    def box(*size: float) -> Any:
        return made.box(*(value * metre for value in size))

    def place(*at: float) -> tuple[float, float, float]:
        x, y, z = (value * metre for value in at)
        return x, y, z

    wall = made.element("IfcWall", "Wall", made.body(box(4.0, 0.2, 3.0)), place(0, 0, 0))
    opened(made, wall, box(1.0, 0.4, 1.0), place(0.5, -0.1, 1.0))
    opened(made, wall, box(1.0, 0.2, 2.1), place(2.0, 0.0, 0.0))
    niche = made.element("IfcWall", "Niche", made.body(box(4.0, 0.4, 3.0)), place(0, 5, 0))
    opened(made, niche, box(1.0, 0.1, 1.0), place(1.0, 5.0, 1.0))
    away = made.element("IfcWall", "Away", made.body(box(4.0, 0.2, 3.0)), place(0, 9, 0))
    opened(made, away, box(1.0, 0.2, 1.0), place(20.0, 0.0, 0.0))
    part = made.element("IfcMember", "Stud", made.body(box(0.2, 0.2, 3.0)), place(0.6, 0, 0))
    made.relate("IfcRelAggregates", wall, [part])
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong, found.refused) == (4, [], [])


def plane(made: Building, at: Sequence[float], up: Sequence[float], agrees: bool) -> Any:
    make = made.file.create_entity
    return make("IfcHalfSpaceSolid", make("IfcPlane", frame(made, at, up)), agrees)


def bounded(made: Building, at: Sequence[float], up: Sequence[float], agrees: bool) -> Any:
    make = made.file.create_entity
    outline = line(made, [(0.5, -1), (2.0, -1), (2.0, 2), (0.5, 2)])
    base = make("IfcPlane", frame(made, at, up))
    where = frame(made, (0.0, 0.0, 0.0))
    return make("IfcPolygonalBoundedHalfSpace", base, agrees, where, outline)


@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize("kind", [plane, bounded])
def test_half_spaces_cut_as_the_kernel_cuts(kind: Any, agrees: bool, tmp_path: Path) -> None:
    made = Building("IFC2X3")
    make = made.file.create_entity
    once = make("IfcBooleanClippingResult", "DIFFERENCE", made.box(4.0, 1.0, 3.0),
                kind(made, (0.0, 0.0, 1.0), (0.3, 0.0, 1.0), agrees))  # fmt: skip
    twice = make("IfcBooleanClippingResult", "DIFFERENCE", once,
                 kind(made, (1.5, 0.0, 0.0), (1.0, 0.0, 0.1), True))  # fmt: skip
    made.element("IfcWall", "Once", made.body(once, kind="Clipping"), (0.0, 0.0, 0.0))
    made.element("IfcWall", "Twice", made.body(twice, kind="Clipping"), (0.0, 5.0, 0.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong, found.refused) == (2, [], [])


@pytest.mark.parametrize("operator", ["DIFFERENCE", "UNION", "INTERSECTION"])
def test_solids_are_combined_as_the_kernel_combines_them(operator: str, tmp_path: Path) -> None:
    made = Building()
    make = made.file.create_entity
    first, second = made.box(2.0, 2.0, 2.0), swept(made, polygon(made))
    made.style(first, (0.2, 0.9, 0.4), 0.25)
    both = make("IfcBooleanResult", operator, first, second)
    made.element("IfcBeam", "Both", made.body(both, kind="CSG"), (0.0, 0.0, 0.0))
    found = compared(made.write(tmp_path))
    assert (found.made, found.wrong, found.refused) == (1, [], [])


@pytest.mark.parametrize("depth", [0.999_99, 0.999_95])
def test_a_cut_that_would_leave_a_skin_of_paper_is_the_kernels(depth: float) -> None:
    hole = BOX[0] * (0.25, depth, 0.5) + (0.5, 0.0, 0.5), BOX[1]
    assert combined(DIFFERENCE, BOX, [hole], 1.0) is None
    through = BOX[0] * (0.25, 1.0, 0.5) + (0.5, 0.0, 0.5), BOX[1]
    made = combined(DIFFERENCE, BOX, [through], 1.0)
    assert made is not None
    assert volume(*made) == pytest.approx(6.0 - 0.75)


def test_rounding_of_the_last_digits_leaves_no_skin() -> None:
    hole = BOX[0] * (0.25, 1.0 - 1e-9, 0.5) + (0.5, 1e-12, 0.5), BOX[1]
    made = combined(DIFFERENCE, BOX, [hole], 1.0)
    assert made is not None
    assert volume(*made) == pytest.approx(6.0 - 0.75)
    assert (np.abs(made[0][:, 1]) < 1e-6).sum() == (np.abs(made[0][:, 1] - 1.0) < 1e-6).sum() == 8


def test_what_is_cut_away_entirely_has_no_triangles() -> None:
    space = HalfSpace(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 9.0]))
    made = combined(DIFFERENCE, BOX, [space], 1.0)
    assert made is not None
    assert len(made[1]) == 0


def test_without_the_library_the_kernel_makes_every_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Building()
    wall = made.element("IfcWall", "Wall", made.body(made.box(4.0, 0.2, 3.0)), (0.0, 0.0, 0.0))
    free = made.element("IfcWall", "Free", made.body(made.box(4.0, 0.2, 3.0)), (0.0, 5.0, 0.0))
    opened(made, wall, made.box(1.0, 0.4, 1.0), (0.5, -0.1, 1.0))
    path = made.write(tmp_path)
    for there, expected in ((True, {wall.id(), free.id()}), (False, {free.id()})):
        monkeypatch.setattr("loaders.ifc.own.available", lambda there=there: there)
        reading.forget()
        model = reading.read(path, SILENT)
        own = makers.start(model, list(choose(model.file, {}).bodies), SILENT).own
        assert own is not None
        assert set(own.bodies) == expected
    assert cuts.available()
