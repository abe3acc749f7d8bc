"""Keeps the totals of a saved project once a month, for the trend: by itself, when nothing else is going on."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from twin.auditing import PutSnapshot, has_month, kept_as_snapshot
from twin.jobs import Feedback, Outcome
from twin.maintenance.audit import Audit
from twin.session import Session

DAY = np.timedelta64(1, "D")


class Monthly:
    """Looks at every tick, cheaply, whether this month's snapshot is wanted; makes it on a worker."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._asked: set[tuple[Path, str]] = set()

    def step(self) -> None:
        """Begin a snapshot where one is due: a saved project, all known, judged as of today."""
        session, path = self.session, self.session.project_path
        if path is None or not session.settings.monthly_snapshots or session.jobs.pending:
            return
        month = str(np.datetime_as_string(session.at, "M"))
        if (path, month) in self._asked or not self._settled():
            return
        self._asked.add((path, month))
        if not has_month(session.twin, session.at):
            work = partial(_made, session.audit_work())
            session.jobs.submit(work, partial(self._came, path), title="snapshot", quiet=True)

    def _settled(self) -> bool:
        session = self.session
        layers = session.twin.layers.values()
        now = abs(session.at - np.datetime64("now", "ms")) < DAY
        whole = bool(layers) and not any(layer.provisional for layer in layers)
        plain = session.as_of is None and session.known_at is None
        return bool(now and whole and plain and not session.intake.unjudged and not session.errors)

    def _came(self, path: Path, outcome: Outcome) -> None:
        if outcome.error is None and self.session.project_path == path:
            self.session.history.keep(outcome.value)


def _made(make: Callable[[], Audit], feedback: Feedback) -> PutSnapshot:
    return kept_as_snapshot(make())
