"""The only threads and processes. Work is frozen in, frozen out, delivered on the owner's thread.

``submit(work, done)``: ``work(feedback)`` runs elsewhere, ``done(outcome)`` runs in ``drain()`` on
the thread that made the ``Jobs``. A cancelled job delivers nothing. Process work names a ``key``:
each key has a worker process of its own, kept until ``release(key)``, so that a crash or a cancel
touches nobody else. Workers end with their parent.
"""

import itertools
import os
import queue
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from twin.errors import WorkerCrashed, WorkerTooLarge
from twin.jobs.work import SILENT as SILENT
from twin.jobs.work import Done as Done
from twin.jobs.work import Feedback as Feedback
from twin.jobs.work import Job as Job
from twin.jobs.work import Lane as Lane
from twin.jobs.work import Outcome as Outcome
from twin.jobs.work import Persistent, Talk, attempt
from twin.jobs.work import Silent as Silent
from twin.jobs.work import Work as Work
from twin.jobs.worker import Worker
from twin.jobs.worker import allowance as allowance


class Jobs:
    """Runs work in threads and worker processes; ``inline`` runs it in ``drain``, in order."""

    def __init__(self, threads: int = 0, *, inline: bool = False, most: int = 0) -> None:
        """Start nothing yet; threads and processes come with the first work.

        ``most`` bytes of memory for each worker process, 0 = no limit.
        """
        self._most = most
        self._inline = inline
        self._owner = threading.get_ident()
        self._numbers = itertools.count(1)
        self._running: dict[int, Job] = {}
        self._finished: queue.SimpleQueue[tuple[Job, Outcome]] = queue.SimpleQueue()
        self._waiting: deque[Job] = deque()
        self._workers: dict[str, Worker] = {}
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
        self._finished.put((job, attempt(job.work, Talk(job), job.title)))

    def _drive(self, job: Job) -> None:
        """Talk with the worker process of the job's key, on a thread of ours."""
        with self._slots:
            ended = self._once(job)
            while again := _another_way(job, ended):
                job.work = again
                ended = self._once(job)
            self._finished.put((job, ended))

    def _once(self, job: Job) -> Outcome:
        """Let the worker of the job's key do the work; one that has died is replaced by the next."""
        if job.cancelled:
            return Outcome()
        with self._lock:
            worker = self._workers.setdefault(job.key, Worker(self._most))
        with worker.lock:
            ended = attempt(partial(worker.run, job), Talk(job), job.title)
            outcome: Outcome = ended.value if ended.error is None else ended
            spent = isinstance(outcome.error, WorkerTooLarge)
            if worker.broken or spent:  # retired while this work waited: nobody else would end it
                worker.close()
        if worker.broken:
            with self._lock:
                if self._workers.get(job.key) is worker:
                    del self._workers[job.key]
        return outcome


def _another_way(job: Job, ended: Outcome) -> Work | None:
    """Return what to try after a crash; None for a cancelled job and for work that knows no other way.

    What took too much memory once takes it again: that is the outcome.
    """
    work: Any = job.work
    died = isinstance(ended.error, WorkerCrashed) and not isinstance(ended.error, WorkerTooLarge)
    if not died or job.cancelled or not isinstance(work, Persistent):
        return None
    return work.after_crash()
