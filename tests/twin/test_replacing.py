"""A model in the place of a city object: how well they agree, one undoable step, counted once, custodian kept."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loaders.ifc_files import Building
from twin.errors import UsageError
from twin.geometry import F64
from twin.jobs import Jobs
from twin.maintenance.coverage import shared
from twin.measuring.plan import joined
from twin.replacing import Thing, neighbours, replaced, storeys_of
from twin.session import Session
from twin.settings import Settings


def house(folder: Path, name: str, width: float) -> str:
    made = Building()
    made.element("IfcSlab", "floor", made.body(made.box(width, 8.0, 0.2)), (0.0, 0.0, 0.0))
    made.element("IfcWall", "wall", made.body(made.box(width, 0.3, 3.0)), (0.0, 0.0, 0.2))
    return made.write(folder, name)


@pytest.fixture
def city(tmp_path: Path) -> Session:
    """A large and a small house in one place: the one stands for the city's, the other for the model."""
    found = Session(Settings(cache_folder=str(tmp_path / "cache")), Jobs(inline=True))
    for name, width in (("old", 10.0), ("new", 8.0)):
        found.open(house(tmp_path, f"{name}.ifc", width))
        found.index()
    return found


def unit(found: Session, layer: str) -> Thing:
    return Thing(layer, int(found.twin.layer(layer).assessment.unit_rows()[0]))


def settled(found: Session) -> None:
    found.finish()
    found.drain()
    found.finish()


def test_the_neighbour_is_found_and_both_are_measured(city: Session) -> None:
    new, old = unit(city, "new"), unit(city, "old")
    assert neighbours(city.twin, new) == [old]
    city.agree(new, old)
    while city.agreement is not None and not city.agreement.done:
        settled(city)
    found = city.agreement.agreement if city.agreement is not None else None
    assert found is not None
    assert found.model.area == pytest.approx(64.0)
    assert found.city.area == pytest.approx(80.0)
    assert found.iou == pytest.approx(0.8)
    assert found.model.height == pytest.approx(3.2)
    assert found.model.storeys == 2


def test_a_replaced_object_is_hidden_with_its_parts_counted_once_and_back_after_undo(
    city: Session,
) -> None:
    new, old = unit(city, "new"), unit(city, "old")
    key = str(city.twin.layer("old").features.id[old.row])
    before = city.audit().totals_units["objects"]
    city.run("objects.replace", layer="old", id=key, by="new")
    settled(city)
    layer = city.twin.layer("old")
    parts = np.flatnonzero(layer.features.parent >= 0)
    assert layer.is_hidden(old.row)
    assert all(layer.is_hidden(int(row)) for row in layer.features.children(old.row))
    assert len(parts)
    assert city.audit().totals_units["objects"] == before - 1
    assert replaced(city.twin, new) == [old]
    city.undo()
    settled(city)
    assert city.twin.layer("old").hidden is None
    assert city.audit().totals_units["objects"] == before
    assert replaced(city.twin, new) == []


def test_the_model_takes_over_the_custodian_where_it_has_none(
    city: Session, tmp_path: Path
) -> None:
    rules = tmp_path / "custodians.toml"
    key = str(city.twin.layer("old").features.id[unit(city, "old").row])
    rules.write_text(
        '[[party]]\nid = "p"\nname = "City"\n'
        f'[[responsibility]]\nparty = "p"\nscope = "object"\ntarget = "{key}"\n',
        "utf-8",
    )
    city.run("rules.custodians", path=str(rules))
    settled(city)
    city.run("objects.replace", layer="old", id=key, by="new")
    settled(city)
    verdict = city.twin.layer("new").assessment
    assert verdict.custodians[int(verdict.custodian[unit(city, "new").row])] == "City"
    city.run("objects.restore", layer="new")
    settled(city)
    assert city.twin.layer("new").assessment.custodian[unit(city, "new").row] == -1
    assert city.twin.layer("old").hidden is None


def test_what_cannot_be_replaced_says_so(city: Session) -> None:
    key = str(city.twin.layer("old").features.id[unit(city, "old").row])
    for wrong in (
        {"layer": "old", "id": "nobody", "by": "new"},
        {"layer": "old", "id": key, "by": "old"},
        {"layer": "none", "id": key, "by": "new"},
    ):
        with pytest.raises(UsageError):
            city.run("objects.replace", **wrong)
    with pytest.raises(UsageError):
        city.run("objects.restore", layer="new")


def test_the_storeys_of_a_model_are_those_it_has(city: Session) -> None:
    new = unit(city, "new")
    assert storeys_of(city.twin.object(new.layer, new.row)) == 2


SIDE = st.floats(0.1, 20.0)
BOXES = st.lists(st.tuples(SIDE, SIDE, SIDE, SIDE), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(BOXES)
def test_triangles_cover_together_what_their_union_covers(boxes: list[tuple[float, ...]]) -> None:
    whole = shapely.union_all([shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes])
    corners: list[F64] = []
    for x, y, w, h in boxes:
        a, b, c, d = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
        corners += [np.array([a, b, c]), np.array([a, c, d])]
    found = joined(np.stack(corners) + 5e5)
    assert found.area == pytest.approx(whole.area, rel=0.02, abs=0.02)
    assert shared(found, shapely.transform(whole, lambda p: p + 5e5)) > 0.97
