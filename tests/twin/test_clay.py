"""A city of clay: every class has a colour, the workspace brings it, and what a person chose stays."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.session import Session
from twin.settings import Settings
from twin.style import CLAYS, PLAIN, ColorBy, clay_of, usual_colors


@pytest.mark.parametrize(
    ("kind", "clay"),
    [
        ("Building", "clay_built"), ("WaterBody", "clay_water"), ("Waterway", "clay_road"),
        ("SolitaryVegetationObject", "clay_green"), ("PlantCover", "clay_green"),
        ("TINRelief", "clay_land"), ("LandUse", "clay_land"), ("IfcWall", "clay_built"), ("", "clay_built"),
    ],
)  # fmt: skip
def test_classes_have_the_clay_of_a_model_maker(kind: str, clay: str) -> None:
    assert list(CLAYS)[clay_of(kind)] == clay


@given(st.text(max_size=30))
@settings(max_examples=50)
def test_every_class_has_a_clay(kind: str) -> None:
    assert 0 <= clay_of(kind) < len(CLAYS)


def test_a_workspace_brings_its_colours_until_somebody_chooses(tmp_path: Path) -> None:
    planner, custodian = Settings(workspace="planner"), Settings(workspace="custodian")
    session = Session(planner)
    assert session.twin.color_by == ColorBy(PLAIN, chosen=False)
    session.set_settings(custodian)
    assert session.twin.color_by == usual_colors("custodian")
    session.run("view.color_by", column="kind")
    session.set_settings(planner)
    assert session.twin.color_by == ColorBy("kind")
    session.undo()
    assert not session.twin.color_by.chosen
    session.redo()
    session.save_as(tmp_path / "a.twin.gpkg")
    again = Session(planner)
    again.open(str(tmp_path / "a.twin.gpkg"))
    assert again.twin.color_by == ColorBy("kind")


def test_colours_nobody_chose_are_not_kept_in_a_project(tmp_path: Path) -> None:
    session = Session(Settings(workspace="custodian"))
    session.save_as(tmp_path / "a.twin.gpkg")
    again = Session(Settings(workspace="planner"))
    again.open(str(tmp_path / "a.twin.gpkg"))
    assert again.twin.color_by.column == PLAIN
    assert np.array_equal(sorted(CLAYS), sorted(x.key for x in again.painting().entries))
