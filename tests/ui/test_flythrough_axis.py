"""Numbers of the timeline: axis, snap, clock of play. No window."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.flythrough.axis import Axis, clock, snapped
from ui.flythrough.clock import RATES, FrameClock, rate_for
from ui.flythrough.score import Key, Score

axes = st.builds(
    Axis, st.floats(0, 300), st.floats(50, 2000), st.floats(0, 500), st.floats(0.5, 900)
)


@given(axes, st.floats(0, 1))
def test_pixels_and_seconds_are_inverse(axis: Axis, share: float) -> None:
    t = axis.start + share * axis.span
    assert axis.t(axis.x(t)) == pytest.approx(t, abs=1e-6)


@given(axes, st.floats(0, 1), st.floats(0.3, 3))
def test_zooming_leaves_what_is_under_the_cursor(axis: Axis, share: float, factor: float) -> None:
    x = axis.left + share * axis.width
    after = axis.zoomed(x, factor, 5000.0)
    if after.start > 0:
        assert after.t(x) == pytest.approx(axis.t(x), abs=1e-6)


@given(axes)
def test_times_written_are_multiples_of_the_step_and_leave_room(axis: Axis) -> None:
    written, ticked = axis.ticks()
    step = axis.step()
    assert all(abs(t / step - round(t / step)) < 1e-4 for t in written)
    assert axis.x(step) - axis.x(0) >= 91.9 or step == 3600.0
    assert not set(written) & set(ticked)
    assert len(ticked) < 6 * (len(written) + 1)


def test_a_dragged_thing_falls_into_steps_and_onto_its_neighbours() -> None:
    assert snapped(3.3, 0.5) == 3.5
    assert snapped(3.3, 0.0) == 3.3
    assert snapped(3.3, 0.5, [3.1, 9.0], reach=0.25) == 3.1
    assert snapped(-2.0, 0.5) == 0.0


def test_times_read_as_minutes_and_seconds() -> None:
    assert [clock(t) for t in (0, 31, 65.4, 3725)] == ["0:00", "0:31", "1:05", "1:02:05"]
    assert clock(59.96, 1) == "1:00.0"


def test_the_score_finds_keyframes_by_halving() -> None:
    score = Score(30.0, tuple(Key(n, 10.0 * n) for n in range(4)))
    assert [score.at(t) for t in (0, 9.9, 10, 35)] == [0, 0, 1, 3]
    assert [k.number for k in score.between(12, 19)] == [1, 2]
    assert (score.next_key(10.0, True), score.next_key(10.0, False)) == (20.0, 0.0)
    assert score.next_key(30.0, True) == 30.0


# -- the clock of play --------------------------------------------------------------------------


def test_slots_follow_the_wall_and_missed_ones_are_left_out() -> None:
    clock_ = FrameClock(0.1)
    clock_.start(100.0, 5.0)
    assert clock_.due(100.0) == 5.0
    assert clock_.due(100.05) is None
    assert clock_.due(100.11) == pytest.approx(5.1)
    assert clock_.due(100.45) == pytest.approx(5.4)


def test_a_hold_stays_at_the_picture_that_was_not_shown() -> None:
    clock_ = FrameClock(0.1)
    clock_.start(0.0, 0.0)
    clock_.due(0.0)
    assert clock_.due(0.1) == pytest.approx(0.1)
    for now in (0.2, 0.5, 1.5):
        clock_.hold(now)
    assert clock_.due(1.55) is None
    assert clock_.due(1.6) == pytest.approx(0.2)


@given(st.lists(st.floats(0.001, 0.3), min_size=30, max_size=60))
def test_the_rate_only_ever_becomes_slower_and_time_goes_on(work: list[float]) -> None:
    clock_ = FrameClock()
    clock_.start(0.0, 0.0)
    now, last, period = 0.0, -1.0, clock_.period
    for took in work:
        now = max(now, clock_.zero + (clock_.slot + 1) * clock_.period)
        t = clock_.due(now)
        assert t is not None
        assert t > last
        assert t == pytest.approx(now, abs=clock_.period)
        now, last = now + took, t
        clock_.took(took)
        assert clock_.period >= period
        period = clock_.period


def test_a_machine_gets_the_quickest_rate_that_it_holds() -> None:
    assert rate_for([]) == RATES[0]
    assert rate_for([10.0] * 9) == RATES[0]
    assert rate_for([40.0] * 9) == pytest.approx(3 / 60)
    assert rate_for([9000.0]) == RATES[-1]


def test_one_late_picture_changes_nothing_two_do() -> None:
    clock_ = FrameClock()
    clock_.start(0.0, 0.0)
    clock_.due(0.0)
    assert not clock_.took(0.1)
    assert replace(clock_).period == RATES[0]
    assert clock_.took(0.1)
    assert clock_.period == RATES[1]
