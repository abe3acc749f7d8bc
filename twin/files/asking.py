"""What goes with a piece of work while it reads: who may cancel it, and what it is told on the way.

A root returns bytes and nothing else. That a copy was stale or an index wrong is told here, beside
the bytes, and the work that asked puts it among its problems. A context variable, so each thread
has its own.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from twin.ports import Feedback
from twin.records import Problem

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Asking:
    feedback: Feedback
    told: list[Problem] = field(default_factory=list)


_NOW: ContextVar[_Asking | None] = ContextVar("asking", default=None)


@contextmanager
def asking(feedback: Feedback) -> Iterator[list[Problem]]:
    """Let reads inside honour a cancellation; yield the list that their problems are put into."""
    now = _Asking(feedback)
    token = _NOW.set(now)
    try:
        yield now.told
    finally:
        _NOW.reset(token)


def tell(problem: Problem) -> None:
    """Put a problem beside the bytes that are being read; without anybody asking it is logged."""
    now = _NOW.get()
    if now is None:
        log.warning("%s", problem.text)
    else:
        now.told.append(problem)


def check() -> None:
    """Raise Cancelled if the work that reads was cancelled."""
    now = _NOW.get()
    if now is not None:
        now.feedback.check()
