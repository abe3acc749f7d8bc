"""One spawned process that runs one piece of work after the other, within a limit of memory."""

import multiprocessing
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import Any

import psutil

from twin.errors import Cancelled, WorkerCrashed, WorkerTooLarge
from twin.jobs.work import Feedback, Job, Outcome, attempt

CANCEL_GRACE = 1.0
"""Seconds a worker process has to notice a cancel before it is ended."""
WATCH = 0.25
"""Seconds between two looks at the memory of a worker process."""
SLACK = 2
"""A process asks the system to refuse it so many times the limit: what grows faster than we look."""


def allowance(megabytes: int) -> int:
    """Return the bytes a worker process may take; 0 megabytes = two thirds of the machine's."""
    return megabytes << 20 if megabytes else 2 * int(psutil.virtual_memory().total) // 3


class _TooLarge(Exception):
    """A worker process holds too much memory."""

    def __init__(self, held: int) -> None:
        super().__init__(held)
        self.held = held

    def told(self, what: str, most: int) -> WorkerTooLarge:
        """Return the error for people, in megabytes."""
        return WorkerTooLarge(what=what, reason=f"{self.held >> 20} MB", limit=f"{most >> 20} MB")


class Worker:
    """One spawned process that runs one piece of work after the other."""

    def __init__(self, most: int = 0) -> None:
        """Start nothing yet. ``most`` bytes of memory, 0 = no limit."""
        self.most = most
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
        except _TooLarge as error:
            self.close()
            return Outcome(error=error.told(job.title, self.most))
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
            process = context.Process(target=serve, args=(theirs, self.most), daemon=True)
            process.start()
            theirs.close()
            self._process, self._line = process, ours
        return self._line

    def _listen(self, line: Connection, job: Job) -> Outcome:
        told, looked = 0.0, time.monotonic()
        while True:
            if self.most and time.monotonic() - looked > WATCH:
                looked = time.monotonic()
                self._watch()
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

    def _watch(self) -> None:
        """Raise ``_TooLarge`` when the process holds more memory than it may."""
        with suppress(psutil.Error):
            held = int(psutil.Process(self._process.pid).memory_info().rss)
            if held > self.most:
                raise _TooLarge(held)

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
            if self._process.is_alive():
                self._process.kill()
                self._process.join(2)


@dataclass(slots=True)
class Across:
    """The feedback inside a worker process: progress goes over the line, cancel comes back."""

    line: Connection
    last: float = 0.0

    def progress(self, done: float, what: str = "") -> None:
        """Send it, ten times a second at most."""
        now = time.monotonic()
        if now - self.last > 0.1:
            self.last = now
            self.line.send(("progress", (done, what)))

    def check(self) -> None:
        """Raise ``Cancelled`` when that came over the line."""
        while self.line.poll(0):
            if self.line.recv() == "cancel":
                raise Cancelled(what="work")


def serve(line: Connection, most: int) -> None:
    """Run in a worker process: take work, send its outcome, until the line closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit(most)
    with suppress(OSError):  # without a console there is nothing to redirect
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # native libraries chatter there
    while True:
        try:
            work = line.recv()
        except (EOFError, OSError):
            return
        if work == "cancel":
            continue
        outcome = attempt(work, Across(line), "worker")
        try:
            line.send(("done", outcome))
        except (OSError, ValueError):
            return


def _limit(most: int) -> None:
    """Let the system refuse memory far beyond the limit, where it knows how to."""
    if not most or sys.platform in ("win32", "darwin"):
        return
    resource: Any = import_module("resource")
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = SLACK * most
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, also in the middle of a native call."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
