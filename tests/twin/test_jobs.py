"""Work is frozen in, frozen out, delivered on the owner's thread; a crash touches nobody else."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest

from twin.errors import BrokenFile, Cancelled, UsageError, WorkerCrashed, WorkerTooLarge
from twin.jobs import Jobs, Outcome
from twin.ports import Feedback, Lane


def double(value: int, feedback: Feedback) -> int:
    feedback.progress(0.5, "doubling")
    return 2 * value


def fail(feedback: Feedback) -> None:
    raise UsageError(reason="on purpose")


def bug(feedback: Feedback) -> None:
    raise ZeroDivisionError("on purpose")


def die(feedback: Feedback) -> None:
    os._exit(3)


def process_id(feedback: Feedback) -> int:
    return os.getpid()


def wait_for_cancel(feedback: Feedback) -> None:
    while True:
        feedback.check()


def tell_and_wait(begun: Path, leave: Path, feedback: Feedback) -> int:
    begun.touch()
    while not leave.exists():
        feedback.check()
    return os.getpid()


def deaf(feedback: Feedback) -> None:
    threading.Event().wait(60)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(2)
    yield made
    made.close()


def test_inline_work_runs_in_drain_in_order() -> None:
    jobs, seen = Jobs(inline=True), []
    for value in (1, 2, 3):
        jobs.submit(partial(double, value), lambda outcome: seen.append(outcome.value))
    assert seen == []
    jobs.drain()
    assert seen == [2, 4, 6]
    assert not jobs.pending


@pytest.mark.parametrize("lane", list(Lane))
def test_values_and_errors_come_back(jobs: Jobs, lane: Lane) -> None:
    seen: list[Outcome] = []
    jobs.submit(partial(double, 21), seen.append, lane, key="a")
    assert jobs.finish(60)
    jobs.submit(fail, seen.append, lane, key="a")
    assert jobs.finish(60)
    assert seen[0].value == 42
    assert isinstance(seen[1].error, UsageError)
    assert str(seen[1].error) == "on purpose"


def test_a_bug_becomes_a_broken_file_and_is_logged(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Outcome] = []
    jobs.submit(bug, seen.append, title="x.ifc")
    assert jobs.finish(60)
    assert isinstance(seen[0].error, BrokenFile)
    assert "x.ifc" in str(seen[0].error)
    assert "ZeroDivisionError" in caplog.text


def test_a_dead_worker_is_an_error_and_the_next_one_starts_afresh(jobs: Jobs) -> None:
    seen: list[Outcome] = []
    jobs.submit(process_id, seen.append, Lane.PROCESS, key="other")
    jobs.submit(die, seen.append, Lane.PROCESS, key="model", title="model.ifc")
    assert jobs.finish(60)
    crashed = next(item for item in seen if item.error)
    assert isinstance(crashed.error, WorkerCrashed)
    other = next(item.value for item in seen if item.value)
    seen.clear()
    jobs.submit(process_id, seen.append, Lane.PROCESS, key="other")
    jobs.submit(partial(double, 4), seen.append, Lane.PROCESS, key="model")
    assert jobs.finish(60)
    assert {item.value for item in seen} == {8, other}


def test_a_worker_that_is_released_finishes_what_it_is_at(jobs: Jobs, tmp_path: Path) -> None:
    seen: list[Outcome] = []
    begun, leave = tmp_path / "begun", tmp_path / "leave"
    work = partial(tell_and_wait, begun, leave)
    jobs.submit(work, seen.append, Lane.PROCESS, key="a")
    while not begun.exists():
        assert not jobs.drain()
    jobs.submit(process_id, seen.append, Lane.PROCESS, key="a")
    jobs.release("a")
    leave.touch()
    assert jobs.finish(60)
    assert [outcome.error for outcome in seen] == [None, None]
    jobs.submit(process_id, seen.append, Lane.PROCESS, key="a")
    assert jobs.finish(60)
    assert seen[2].value not in (seen[0].value, os.getpid())


@pytest.mark.parametrize("work", [wait_for_cancel, deaf])
def test_a_cancelled_process_job_delivers_nothing_even_when_it_does_not_listen(
    jobs: Jobs, work: partial[None]
) -> None:
    seen: list[Outcome] = []
    job = jobs.submit(work, seen.append, Lane.PROCESS, key="slow")
    job.cancel()
    assert jobs.finish(60)
    assert seen == []


def test_a_cancelled_thread_job_delivers_nothing(jobs: Jobs) -> None:
    seen: list[Outcome] = []
    job = jobs.submit(wait_for_cancel, seen.append)
    jobs.cancel(job.id)
    assert jobs.finish(60)
    assert seen == []


def test_drain_belongs_to_the_owner(jobs: Jobs) -> None:
    caught: list[BaseException] = []

    def elsewhere() -> None:
        try:
            jobs.drain()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_errors_survive_the_way_between_processes() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(BrokenFile(location="a", format="IFC", reason="b")))
    assert error.full_code == "broken.ifc"
    assert isinstance(pickle.loads(pickle.dumps(Cancelled(what="x"))), Cancelled)


def swallow(feedback: Feedback) -> int:
    held = []
    for _ in range(400):
        held.append(bytearray(10_000_000))
        feedback.check()
    return len(held)


@dataclass(frozen=True)
class Stubborn:
    """Work that dies until its third try."""

    attempt: int = 0

    def __call__(self, feedback: Feedback) -> int:
        if self.attempt < 2:
            os._exit(3)
        return self.attempt

    def after_crash(self) -> "Stubborn | None":
        return Stubborn(self.attempt + 1)


def test_a_worker_that_takes_too_much_memory_is_ended_and_said() -> None:
    limited = Jobs(2, most=300 << 20)
    found: list[Outcome] = []
    try:
        limited.submit(swallow, found.append, Lane.PROCESS, title="greedy", key="greedy")
        assert limited.finish(60)
        assert isinstance(found[0].error, WorkerTooLarge)
        assert found[0].error.full_code == "worker.memory"
        limited.submit(partial(double, 4), found.append, Lane.PROCESS, key="greedy")
        assert limited.finish(60)
        assert found[1].value == 8
    finally:
        limited.close()


@dataclass(frozen=True)
class Greedy(Stubborn):
    """Work that takes too much memory, and says that it knows another way."""

    def __call__(self, feedback: Feedback) -> int:
        return swallow(feedback) if self.attempt == 0 else 1


def test_what_took_too_much_memory_is_not_tried_again() -> None:
    limited = Jobs(2, most=300 << 20)
    found: list[Outcome] = []
    try:
        limited.submit(Greedy(), found.append, Lane.PROCESS, title="greedy", key="greedy")
        assert limited.finish(60)
        assert isinstance(found[0].error, WorkerTooLarge)
    finally:
        limited.close()


def test_work_that_knows_another_way_after_a_crash_is_tried_again(jobs: Jobs) -> None:
    found: list[Outcome] = []
    jobs.submit(Stubborn(), found.append, Lane.PROCESS, title="stubborn")
    assert jobs.finish(60)
    assert found[0].value == 2


def test_no_process_is_left_behind(jobs: Jobs) -> None:
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}
    found: list[Outcome] = []
    for work in (die, process_id):
        jobs.submit(work, found.append, Lane.PROCESS, title="a", key="a")
        assert jobs.finish(60)
    jobs.submit(deaf, found.append, Lane.PROCESS, title="b", key="b")
    jobs.close()
    left = [c for c in me.children(recursive=True) if c.pid not in before]
    _, alive = psutil.wait_procs(
        [c for c in left if "resource_tracker" not in " ".join(c.cmdline())], timeout=10
    )
    assert not alive
