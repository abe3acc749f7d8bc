"""The only threads and processes. Work is frozen in, frozen out, delivered on the owner's thread.

``submit(work, done)``: ``work(feedback)`` runs elsewhere, ``done(outcome)`` runs in ``drain()`` on
the thread that made the ``Jobs``. A cancelled job delivers nothing. Process work names a ``key``:
each key has a worker process of its own, kept until ``release(key)``, so that a crash or a cancel
touches nobody else. Workers end with their parent.
"""

import itertools
import logging
import multiprocessing
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, runtime_checkable

from twin.errors import BrokenFile, Cancelled, TwinError, WorkerCrashed

log = logging.getLogger(__name__)


class Lane(Enum):
    """Where a source's work runs: a thread (waits or leaves the interpreter lock) or a process."""

    THREAD = "thread"
    PROCESS = "process"


@runtime_checkable
class Feedback(Protocol):
    """How work talks back while it runs. Both calls are cheap; call them often."""

    def progress(self, done: float, what: str = "") -> None:
        """Report progress 0..1 and what is being done."""
        ...

    def check(self) -> None:
        """Raise ``Cancelled`` when the work is no longer wanted."""
        ...


@dataclass(frozen=True, slots=True)
class Silent:
    """A feedback that nobody listens to."""

    def progress(self, done: float, what: str = "") -> None:
        """Do nothing."""

    def check(self) -> None:
        """Do nothing."""


SILENT = Silent()


Work = Callable[[Feedback], Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a job: a value, or an error that a user may see."""

    value: Any = None
    error: TwinError | None = None


Done = Callable[[Outcome], None]
CANCEL_GRACE = 1.0
"""Seconds a worker process has to notice a cancel before it is ended."""


@dataclass(slots=True)
class Job:
    """A piece of work under way, with its progress 0..1 (None = unknown)."""

    id: int
    title: str
    work: Work
    done: Done
    lane: Lane
    key: str = ""
    quiet: bool = False
    progress: float | None = None
    what: str = ""
    started: float = 0.0
    _cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask the work to stop; nothing will be delivered."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Return whether somebody cancelled it."""
        return self._cancelled.is_set()


@dataclass(frozen=True, slots=True)
class _Talk:
    """The feedback of a job on this side of the process border."""

    job: Job

    def progress(self, done: float, what: str = "") -> None:
        self.job.progress, self.job.what = done, what

    def check(self) -> None:
        if self.job.cancelled:
            raise Cancelled(what=self.job.title)


class Jobs:
    """Runs work in threads and worker processes; ``inline`` runs it in ``drain``, in order."""

    def __init__(self, threads: int = 0, *, inline: bool = False) -> None:
        """Start nothing yet; threads and processes come with the first work."""
        self._inline = inline
        self._owner = threading.get_ident()
        self._numbers = itertools.count(1)
        self._running: dict[int, Job] = {}
        self._finished: queue.SimpleQueue[tuple[Job, Outcome]] = queue.SimpleQueue()
        self._waiting: deque[Job] = deque()
        self._workers: dict[str, _Worker] = {}
        self._lock = threading.Lock()
        cores = os.cpu_count() or 2
        self.threads = threads or max(2, min(cores, 8))
        self._slots = threading.BoundedSemaphore(max(2, cores))
        if not inline:
            self._pool = ThreadPoolExecutor(self.threads, "citytwin-work")
            self._drivers = ThreadPoolExecutor(64, "citytwin-driver")

    def submit(
        self,
        work: Work,
        done: Done,
        lane: Lane = Lane.THREAD,
        *,
        title: str = "",
        key: str = "",
        quiet: bool = False,
    ) -> Job:
        """Start work. ``quiet`` jobs (tiles) are not listed among the jobs shown to people."""
        job = Job(next(self._numbers), title, work, done, lane, key or title, quiet)
        job.started = time.monotonic()
        self._running[job.id] = job
        if self._inline:
            self._waiting.append(job)
        elif lane is Lane.PROCESS:
            self._drivers.submit(self._drive, job)
        else:
            self._pool.submit(self._run, job)
        return job

    def drain(self, seconds: float = 0.0) -> bool:
        """Deliver what is finished, for at most about ``seconds`` (0 = all); return whether anything was."""
        if threading.get_ident() != self._owner:
            raise RuntimeError("drain() belongs to the thread that made the jobs")
        start, any_delivered = time.monotonic(), False
        while True:
            if self._inline and self._waiting:
                self._run(self._waiting.popleft())
            try:
                job, outcome = self._finished.get_nowait()
            except queue.Empty:
                if self._inline and self._waiting:
                    continue
                return any_delivered
            any_delivered = self._deliver(job, outcome) or any_delivered
            if seconds and time.monotonic() - start > seconds:
                return any_delivered

    def _deliver(self, job: Job, outcome: Outcome) -> bool:
        self._running.pop(job.id, None)
        if job.cancelled:
            return False
        job.done(outcome)
        return True

    def finish(self, seconds: float = 600.0) -> bool:
        """Deliver until nothing is left; return False when ``seconds`` ran out."""
        limit = time.monotonic() + seconds
        while True:
            self.drain()
            if not self._running:
                return True
            left = limit - time.monotonic()
            if left <= 0:
                return False
            if not self._inline:
                self._await_one(min(left, 0.05))

    def _await_one(self, seconds: float) -> None:
        """Sleep until something is finished, then put it back for ``drain``."""
        try:
            item = self._finished.get(timeout=seconds)
        except queue.Empty:
            return
        self._running.pop(item[0].id, None)
        if not item[0].cancelled:
            item[0].done(item[1])

    @property
    def pending(self) -> int:
        """Return the number of jobs not yet delivered."""
        return len(self._running)

    def running(self) -> tuple[Job, ...]:
        """Return the jobs worth showing to people, oldest first."""
        return tuple(job for job in self._running.values() if not job.quiet and not job.cancelled)

    def cancel(self, number: int) -> None:
        """Cancel a job by its id; unknown ids are ignored (it just ended)."""
        job = self._running.get(number)
        if job is not None:
            job.cancel()

    def release(self, key: str) -> None:
        """End the worker process of a key once its work under way is done; nobody waits for its end."""
        with self._lock:
            worker = self._workers.pop(key, None)
        if worker is not None:
            self._drivers.submit(worker.retire)

    def close(self) -> None:
        """Cancel everything and end all workers."""
        for job in tuple(self._running.values()):
            job.cancel()
        with self._lock:
            workers = [self._workers.pop(key) for key in tuple(self._workers)]
        for worker in workers:
            worker.close()
        if not self._inline:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._drivers.shutdown(wait=False, cancel_futures=True)
        self._running.clear()

    def _run(self, job: Job) -> None:
        self._finished.put((job, _attempt(job.work, _Talk(job), job.title)))

    def _drive(self, job: Job) -> None:
        """Talk with the worker process of the job's key, on a thread of ours."""
        with self._slots:
            if job.cancelled:
                self._finished.put((job, Outcome()))
                return
            with self._lock:
                worker = self._workers.setdefault(job.key, _Worker())
            with worker.lock:
                ended = _attempt(partial(worker.run, job), _Talk(job), job.title)
                if worker.broken:  # retired while this work waited: nobody else would end it
                    worker.close()
            outcome = ended.value if ended.error is None else ended
            if worker.broken:
                with self._lock:
                    if self._workers.get(job.key) is worker:
                        del self._workers[job.key]
            self._finished.put((job, outcome))


def _attempt(work: Work, feedback: Feedback, title: str) -> Outcome:
    """Run work; an error that users know is a value, anything else is a bug, logged with its trace."""
    try:
        return Outcome(work(feedback))
    except TwinError as error:
        return Outcome(error=error)
    except Exception as error:  # a bug in a loader must not take the window along
        log.exception("unexpected failure in %s", title)
        reason = f"unexpected {type(error).__name__}: {error}"
        return Outcome(error=BrokenFile(location=title, format="file", reason=reason))


class _Worker:
    """One spawned process that runs one piece of work after the other."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.broken = False
        self._process: Any = None
        self._line: Connection | None = None

    def run(self, job: Job, feedback: Feedback) -> Outcome:
        """Send the work over and listen until its end, a crash or a cancel."""
        feedback.check()
        try:
            line = self._connected()
            line.send(job.work)
            return self._listen(line, job)
        except (EOFError, OSError) as error:
            code = self._process.exitcode if self._process is not None else None
            self.close()
            if job.cancelled:
                return Outcome(error=Cancelled(what=job.title))
            reason = f"exit code {code}" if code is not None else str(error) or "connection lost"
            return Outcome(error=WorkerCrashed(what=job.title, reason=reason))

    def _connected(self) -> Connection:
        if self._line is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._process, self._line = process, ours
        return self._line

    def _listen(self, line: Connection, job: Job) -> Outcome:
        told = 0.0
        while True:
            if line.poll(0.05):
                kind, value = line.recv()
                if kind == "progress":
                    job.progress, job.what = value
                    continue
                outcome: Outcome = value
                return outcome
            if not self._process.is_alive() and not line.poll(0):
                self._process.join(1)
                raise EOFError
            if job.cancelled:
                told = self._cancel(line, told)

    def _cancel(self, line: Connection, told: float) -> float:
        """Tell the worker to stop; end it when it does not listen."""
        if not told:
            line.send("cancel")
            return time.monotonic()
        if time.monotonic() - told > CANCEL_GRACE:
            raise EOFError
        return told

    def retire(self) -> None:
        """End the process after the work it is at."""
        with self.lock:
            self.close()

    def close(self) -> None:
        """End the process."""
        self.broken = True
        line, self._line = self._line, None
        if line is not None:
            line.close()
        if self._process is not None:
            self._process.terminate()
            self._process.join(2)


@dataclass(slots=True)
class _Across:
    """The feedback inside a worker process: progress goes over the line, cancel comes back."""

    line: Connection
    last: float = 0.0

    def progress(self, done: float, what: str = "") -> None:
        now = time.monotonic()
        if now - self.last > 0.1:
            self.last = now
            self.line.send(("progress", (done, what)))

    def check(self) -> None:
        while self.line.poll(0):
            if self.line.recv() == "cancel":
                raise Cancelled(what="work")


def _serve(line: Connection) -> None:
    """Run in a worker process: take work, send its outcome, until the line closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError):  # without a console there is nothing to redirect
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # native libraries chatter there
    while True:
        try:
            work = line.recv()
        except (EOFError, OSError):
            return
        if work == "cancel":
            continue
        outcome = _attempt(work, _Across(line), "worker")
        try:
            line.send(("done", outcome))
        except (OSError, ValueError):
            return


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, also in the middle of a native call."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
