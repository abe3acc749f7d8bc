"""What a piece of work is: what it says while it runs, how it ends, where it runs."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from twin.errors import BrokenFile, Cancelled, TwinError, WorkerTooLarge

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


@runtime_checkable
class Persistent(Protocol):
    """Work that knows another way when the process that did it has died."""

    def after_crash(self) -> Work | None:
        """Return what to try in a fresh process; None = nothing, the crash is the outcome."""
        ...


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
class Talk:
    """The feedback of a job on this side of the process border."""

    job: Job

    def progress(self, done: float, what: str = "") -> None:
        """Write it down for whoever looks at the job."""
        self.job.progress, self.job.what = done, what

    def check(self) -> None:
        """Raise ``Cancelled`` when somebody cancelled the job."""
        if self.job.cancelled:
            raise Cancelled(what=self.job.title)


def attempt(work: Work, feedback: Feedback, title: str) -> Outcome:
    """Run work; an error that users know is a value, anything else is a bug, logged with its trace."""
    try:
        return Outcome(work(feedback))
    except TwinError as error:
        return Outcome(error=error)
    except MemoryError:
        return Outcome(
            error=WorkerTooLarge(what=title, reason="memory ran out", limit="its limit")
        )
    except Exception as error:  # a bug in a loader must not take the window along
        log.exception("unexpected failure in %s", title)
        reason = f"unexpected {type(error).__name__}: {error}"
        return Outcome(error=BrokenFile(location=title, format="file", reason=reason))
