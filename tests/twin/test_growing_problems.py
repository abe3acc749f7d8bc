"""Problems that come tile by tile: listed each, but what is counted of a whole source is said once."""

from hypothesis import given
from hypothesis import strategies as st

from twin.records import Problem, counted


def finest(count: int) -> Problem:
    return Problem("osgb.finest", "", "", {"reason": "", "count": count})


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_counts_of_a_whole_source_add_up_to_one_problem(counts: list[int]) -> None:
    told: tuple[Problem, ...] = ()
    for count in counts:
        told = counted(told, (Problem("tile.failed", "x", "a#1"), finest(count)))
    (only,) = [p for p in told if p.code == "osgb.finest"]
    assert only.params["count"] == sum(counts)
    assert str(sum(counts)) in only.said()
    assert len(told) == 1 + len(counts)


def test_problems_of_two_objects_or_two_reasons_stay_two() -> None:
    a = Problem("osgb.image", "", "A", {"reason": "x", "count": 1})
    b = Problem("osgb.image", "", "A", {"reason": "x", "count": 2})
    c = Problem("osgb.image", "", "", {"reason": "x", "count": 2})
    d = Problem("osgb.image", "", "", {"reason": "y", "count": 2})
    assert counted((a,), (b, c, d)) == (a, b, c, d)
