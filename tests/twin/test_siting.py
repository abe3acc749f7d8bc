"""Candidates for a model's place: what the file says, what may be meant, what stands around."""

from dataclasses import replace

import numpy as np
import pytest

from twin.geometry import F64
from twin.georeference import ProjectFrame, problem
from twin.records import About, Placement, Problem, Route
from twin.siting import Around, Candidate, propose

RD = ProjectFrame.of("EPSG:28992", "EPSG:5709")
DELFT = Placement("IfcMapConversion", "EPSG:28992", 85000.0, 447000.0, 0.0, 30.0)
HOUSE = (0.0, 0.0, 0.0, 20.0, 10.0, 9.0)


def street(x: float = 85050.0, y: float = 447000.0, foot: float = 0.0) -> Around:
    """Return a row of ten houses."""
    at = np.arange(10)[:, None] * np.array([15.0, 0, 0, 15.0, 0, 0])
    house = np.array([x, y, foot, x + 10.0, y + 10.0, foot + 8.0])
    return Around(RD, np.asarray(house + at, np.float64))


def said(*routes: Route, extent: tuple[float, ...] = HOUSE) -> About:
    return About("ifc", routes=routes, extent=extent)


def used(place: Placement = DELFT) -> Route:
    return Route("IfcMapConversion", "used", place, off=0.0, turned=0.0)


def finding(code: str) -> Problem:
    return Problem(f"ifc.{code}", code)


def codes(found: Candidate) -> set[str]:
    return {reason.code for reason in found.reasons}


def middle(found: Candidate) -> F64:
    return np.asarray(found.outline.mean(axis=0), np.float64)


def test_a_right_map_conversion_among_its_neighbours_comes_first_and_surely() -> None:
    first = propose(said(used()), (), street())[0]
    assert (first.key, first.placement.easting) == ("used", 85000.0)
    assert first.confidence > 0.9
    assert {"siting.inside", "siting.near"} <= codes(first)
    assert first.off == 0.0


def test_exchanged_axes_are_put_right_by_the_first_candidate() -> None:
    wrong = replace(DELFT, easting=447000.0, northing=85000.0)
    first, *others = propose(said(used(wrong)), (finding("axes_swapped"),), street())
    assert first.key == "swapped"
    assert (first.placement.easting, first.placement.northing) == (85000.0, 447000.0)
    assert "siting.mends" in codes(first)
    assert first.off > 500_000.0
    assert any("siting.blamed" in codes(other) for other in others)


def test_a_model_georeferenced_twice_is_offered_its_own_coordinates() -> None:
    extent = tuple(np.array(HOUSE) + np.tile([85000.0, 447000.0, 0.0], 2))
    wrong = replace(DELFT, rotation=0.0)
    first = propose(said(used(wrong), extent=extent), (finding("twice"),), street())[0]
    assert first.key == "single"
    assert middle(first) == pytest.approx([85010.0, 447005.0])


def test_a_model_without_units_is_offered_in_millimetres() -> None:
    large = tuple(1000.0 * value for value in HOUSE)
    first = propose(said(used(), extent=large), (finding("units_mm"),), street())[0]
    assert (first.key, first.placement.scale) == ("small", 0.001)
    assert np.ptp(first.outline, axis=0).max() < 30.0


def test_a_route_without_a_system_is_tried_in_that_of_the_project() -> None:
    first = propose(said(used(replace(DELFT, crs=""))), (), street())[0]
    assert first.placement.crs == "EPSG:28992"
    assert "siting.near" in codes(first)


def test_a_route_6000_km_away_comes_after_one_in_the_city() -> None:
    chicago = Placement("IfcMapConversion", "EPSG:32616", 446942.0, 4636028.0, 0.0)
    site = Route("IfcSite", "differs", replace(DELFT, title="IfcSite"))
    first, second = propose(said(used(chicago), site), (), street())
    assert (first.key, second.key) == ("site", "used")
    lost = propose(said(used(chicago)), (), street())
    assert [candidate.key for candidate in lost] == ["used", "middle"]
    assert lost[1].nearest == 0.0
    assert "siting.lost" in codes(second)
    assert first.off == pytest.approx(6.6e6, rel=0.05)


def test_a_model_high_above_its_neighbours_is_told_so() -> None:
    first = propose(said(used()), (), street(foot=-43.0))[0]
    assert first.level == pytest.approx(43.0)
    assert "siting.above" in codes(first)


def test_readings_of_ours_need_something_that_speaks_for_them() -> None:
    found = propose(said(used()), (), Around(RD))
    assert [candidate.key for candidate in found] == ["used"]


def test_a_model_that_says_nothing_may_stand_in_the_middle_of_the_city() -> None:
    missing = (problem("crs.missing", title="x"),)
    (only,) = propose(said(), missing, street(foot=7.0))
    assert only.key == "middle"
    assert only.placement.height == 7.0
    assert propose(said(), missing, Around(RD)) == ()
