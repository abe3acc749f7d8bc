"""Classes, deliveries and five years ahead over a judged layer; figures kept in a project."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twin.errors import PlanInput, UsageError
from twin.jobs import SILENT
from twin.judging import rules_of
from twin.maintenance.frequency import starting
from twin.planning import ALL, delivery_date, unit_counts, usual_rule
from twin.planning.classes import classes, living, members
from twin.planning.outlook import PRESENT, Question, outlook
from twin.scene import Layer
from twin.session import Session

SAMPLE = Path(__file__).parents[1] / "data" / "delft_tiny.city.json"
POLICY = """
version = 1
[[policy]]
id = "P-1"
kind = "Building"
frequency = "annually"
[[policy]]
id = "P-2"
frequency = "asNeeded"
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY, "utf-8")
    made = Session()
    made.run("rules.policy", path=str(path))
    made.set_instants(np.datetime64("2025-01-01", "ms"))
    made.open(str(SAMPLE))
    made.finish()
    made.index()
    made.finish()
    return made


def only(session: Session) -> Layer:
    return next(iter(session.twin.layers.values()))


def test_classes_are_policies_then_kinds_and_count_every_unit(session: Session) -> None:
    layer = only(session)
    found = classes([layer], session.twin.records["policies"])
    kinds = [one for one in found if one.kind]
    assert sum(one.units for one in kinds) == len(living(layer))
    assert sum(one.units for one in found if not one.kind) == len(living(layer))
    assert all(len(members(layer, one.key)) == one.units for one in found)
    by_key = {one.key: one for one in found}
    present = by_key["P-1"].present
    assert present is not None
    assert present.duration == "P1Y"
    counts = unit_counts(layer)
    assert counts[ALL] == len(layer.assessment.unit_rows())
    assert usual_rule(layer, "Building") == "P-1"


def test_groups_add_up_to_the_class_five_years_ahead(session: Session) -> None:
    asked = Question(
        "P-1",
        starting("P-1", 10),
        session.at,
        {"five": 5.0, "never": math.inf},
        "custodian",
        "five",
    )
    whole, *parts = outlook([only(session)], rules_of(session.twin), asked, SILENT)
    assert (
        whole.objects == sum(part.objects for part in parts) == len(members(only(session), "P-1"))
    )
    assert whole.courses["five"].low is not None
    assert whole.courses[PRESENT].spent[-1] > whole.courses["five"].spent[-1]
    assert whole.courses["never"].spent[-1] == 0
    district = replace(asked, group="district")
    assert len(outlook([only(session)], rules_of(session.twin), district, SILENT)) == 2


def test_figures_are_kept_with_the_project_and_refused_where_they_are_nonsense(
    session: Session, tmp_path: Path
) -> None:
    session.run(
        "frequency.assume", id="P-1", rate="0.018", survey_cost="120000", stale_cost="50",
        most_out="0.1", currency="EUR", source="permits",
    )  # fmt: skip
    for wrong in ({"rate": "nan"}, {"survey_cost": "-1"}, {"most_out": "2"}, {"rate": "x"}):
        said = {"id": "P-1", "rate": "1", "survey_cost": "1", "stale_cost": "1", **wrong}
        with pytest.raises(PlanInput):
            session.run("frequency.assume", **said)
    with pytest.raises(UsageError):
        session.run("frequency.use", intervals="P-9=P1Y")
    project = tmp_path / "kept.twin.gpkg"
    session.save_as(project)
    kept = session.twin.records["assumptions"]["P-1"]
    session.close()
    again = Session()
    again.open(str(project))
    again.finish()
    assert again.twin.records["assumptions"]["P-1"] == kept
    again.close()


def test_a_date_that_the_objects_share_is_the_delivery_s(session: Session) -> None:
    layer = only(session)
    said = layer.observations
    shared = np.full(len(said), np.datetime64("2022-01-30", "ms"))
    registered = replace(said, t_lo=shared, kind=np.full(len(said), 3, np.uint8))
    bare = replace(layer, about=replace(layer.about, fields={}), observations=registered)
    assert delivery_date(bare) == np.datetime64("2022-01-30", "ms")
    scattered = shared + np.arange(len(said)) * np.timedelta64(40, "D")
    assert delivery_date(replace(bare, observations=replace(registered, t_lo=scattered))) is None
