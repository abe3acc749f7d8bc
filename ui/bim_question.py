"""What the window asks about BIM: read from the project's records, asked of the session, and what came of it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from twin.errors import TwinError
from twin.maintenance.bim.answers import Answer, Question, runner_up_line
from twin.maintenance.bim.method import Method
from twin.maintenance.bim.method_files import method_of, read_method, read_packs
from twin.maintenance.bim.records import KEY, MUST, NEVER, BimInput, BimSettings
from twin.prioritising import BIM_COLUMN, Known, Prioritising, Typed
from twin.scene import LayerId
from ui.desk import Desk

NO_LIMIT = -1
MOST_TITLE = 16
"""Characters of an id that a title has."""
MANY = 2000
"""Ids that are looked at for what all begin with."""
Asked = tuple[Question, Typed, Method]


@lru_cache(maxsize=4)
def method_of_text(text: str) -> Method:
    """Return the method of a project's text ('' = the one that comes with the program). Raises BrokenFile."""
    return method_of(text, "bim.toml") if text else read_method()


@lru_cache(maxsize=2)
def shared_beginning(found: Answer) -> int:
    """Return how many characters all ids begin with alike, up to the last mark between; 0 for few."""
    ids = found.found.id[:MANY].tolist()
    if len(ids) < 2:
        return 0
    first, last = min(ids), max(ids)  # what these share, all that sort between them share
    pairs = enumerate(zip(first, last, strict=False))
    alike = first[: next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))]
    cut = max(alike.rfind(mark) + 1 for mark in "_-.:{")
    return cut if cut >= 4 else 0


@dataclass(eq=False)
class BimQuestion:
    """The question of a window. ``waiting``: not every object is known yet, so it was not asked."""

    desk: Desk
    waiting: bool = False
    _last: Asked | None = None
    _work: Prioritising | None = None

    @property
    def settings(self) -> BimSettings:
        """Return what the project asks."""
        found = self.desk.session.twin.records["bim_settings"].get(KEY)
        return found if isinstance(found, BimSettings) else BimSettings()

    @property
    def method(self) -> Method:
        """Return the weights in use; those of the program where the project's cannot be read."""
        try:
            return method_of_text(self.settings.method)
        except TwinError:
            return read_method()

    @property
    def inputs(self) -> dict[str, BimInput]:
        """Return what a person said of buildings, by uid."""
        return {
            key: one
            for key, one in self.desk.session.twin.records["bim_inputs"].items()
            if isinstance(one, BimInput)
        }

    def ask(self, budget: int | None = None) -> None:
        """Ask where the question, or the city, is another one; ``budget`` only tries, without saying how far to trust it."""
        session = self.desk.session
        layers = [layer for layer in session.twin.layers.values() if layer.visible]
        self.waiting = any(layer.provisional for layer in layers) or not layers
        if self.waiting:
            return
        asked = self._asked(budget)
        work = session.priority
        if work is not None and work is self._work and not work.lost() and asked == self._last:
            return
        session.prioritise(*asked)
        self._last, self._work = asked, session.priority

    def _asked(self, budget: int | None) -> Asked:
        settings, inputs = self.settings, self.inputs
        limit = settings.budget if budget is None else budget
        stands = {
            how: frozenset(k for k, x in inputs.items() if x.stand == how) for how in (MUST, NEVER)
        }
        question = Question(
            None if limit == NO_LIMIT else limit, settings.min_score, stands[MUST], stands[NEVER],
            tuple(rule for rule in read_packs() if rule.pack in settings.packs),
            settings.projects, budget is None,
        )  # fmt: skip
        typed = {key: dict(one.values) for key, one in inputs.items() if one.values}
        return question, typed, self.method

    # -- what came of it ------------------------------------------------------------------------

    @property
    def found(self) -> Answer | None:
        """Return the last answer."""
        work = self.desk.session.priority
        return None if work is None or work.lost() else work.found

    @property
    def known(self) -> Known | None:
        """Return the candidates."""
        work = self.desk.session.priority
        return None if work is None else work.known

    def under_way(self) -> str:
        """Return what goes on in words, '' where nothing does."""
        work, say = self.desk.session.priority, self.desk.say
        if self.waiting and self.desk.session.twin.layers:
            return say("bim.counting")
        if work is None or work.done:
            return "" if work is None or work.error is None else self.desk.error_text(work.error)
        if work.known is None:
            return say("bim.looking", share=f"{work.progress * 100:.0f}")
        return say("bim.weighing")

    def told(self) -> str:
        """Return how good the set is, and the next best one."""
        found, words = self.found, self.desk.words.catalogue
        if found is None or found.choice.infeasible is not None:
            return ""
        if found.question.budget is None:
            return words.text("bim.no_limit")
        if not found.choice.chosen.rows:
            return ""
        exact = "bim.exact" if found.choice.exact else "bim.inexact"
        parts = [
            words.text(exact, step=found.choice.step),
            runner_up_line(found, words, self.title),
        ]
        return ("" if words.language == "zh" else " ").join(part for part in parts if part)

    def worth(self) -> float:
        """Return what all buildings over the lowest score cost together, thousands."""
        found = self.found
        if found is None:
            return 0.0
        wanted = (found.scores.low >= found.question.min_score) | found.forced
        return float(np.nansum(found.found["cost"][wanted]))

    def coloured(self) -> bool:
        """Return whether the view shows the choice."""
        return self.desk.session.twin.color_by.column == BIM_COLUMN

    def uid(self, row: int) -> str:
        """Return the uid of a candidate."""
        known = self.known
        return "" if known is None else str(known.uids[row])

    def place(self, row: int) -> tuple[LayerId, int] | None:
        """Return layer and row of a candidate."""
        known = self.known
        return None if known is None or self.found is None else known.place(row)

    def name(self, row: int) -> str:
        """Return the name of a candidate; of an id only where it differs from the others' beginnings."""
        found = self.found
        if found is None:
            return ""
        name, key = str(found.found.name[row]), str(found.found.id[row])
        shared = shared_beginning(found)
        return key[shared:] if name == key and shared and len(key) > shared else name

    def title(self, row: int) -> str:
        """Return a readable title of a candidate."""
        name, place, twin = self.name(row), self.place(row), self.desk.session.twin
        found = self.found
        if found is None or str(found.found.name[row]) != str(found.found.id[row]):
            return name
        kind = twin.object(*place).kind if place is not None and place[0] in twin.layers else ""
        short = name if len(name) <= MOST_TITLE else f"{name[: MOST_TITLE - 1]}…"
        return f"{self.desk.kind(kind)} {short}" if kind else short

    def row_of(self, what: tuple[LayerId, int] | None) -> int:
        """Return the candidate that an object (or its unit) is, -1 for none."""
        known, twin = self.known, self.desk.session.twin
        if (
            known is None
            or what is None
            or what[0] not in known.layers
            or what[0] not in twin.layers
        ):
            return -1
        unit = int(twin.layer(what[0]).assessment.unit[what[1]])
        same = (known.layer == known.layers.index(what[0])) & (known.row == unit)
        found = np.flatnonzero(same)
        return int(found[0]) if len(found) else -1

    def stands(self) -> dict[int, str]:
        """Return candidate -> must or never, where a person said so."""
        inputs, known = self.inputs, self.known
        said = {key: one.stand for key, one in inputs.items() if one.stand}
        if not said or known is None:
            return {}
        return {row: said[key] for row, key in enumerate(known.uids.tolist()) if key in said}
