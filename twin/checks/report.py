"""Frozen records of a check: rules, requirements, objects, reasons. Made in a worker, shown anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.geometry import I32
from twin.messages import catalogue
from twin.records import Problem

NOBODY: I32 = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence or a part of one: a code of the catalogue (``check.<code>``) and its parameters.

    A parameter may be a phrase or a problem itself, or a tuple of such and of texts: said as a list.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def said(self, language: str = "en") -> str:
        """Return the words in a language."""
        params = {name: _said(value, language) for name, value in self.params.items()}
        return catalogue(language).text(f"check.{self.code}", **params)


def _said(value: Any, language: str) -> str:
    if isinstance(value, Phrase | Problem):
        return value.said(language)
    if isinstance(value, tuple):
        comma = catalogue(language).text("check.comma")
        return comma.join(_said(item, language) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Checked:
    """An object that some rule looked at. ``id`` is the one of the layer's table, or ``#step``.

    ``shown`` are the ids of the objects that stand for one without a place: a type's occurrences.
    """

    id: str
    kind: str
    name: str
    step: int
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """One requirement and its outcome; ``passed`` and ``failed`` number ``Report.objects``.

    ``reasons[reason[i]]`` says why ``failed[i]`` failed. ``facet`` is a stable word (property, ...).
    ``unlisted`` counts what passed without being numbered.
    """

    facet: str
    words: Phrase
    cardinality: str
    passed: I32 = field(default_factory=lambda: NOBODY)
    failed: I32 = field(default_factory=lambda: NOBODY)
    reason: I32 = field(default_factory=lambda: NOBODY)
    reasons: tuple[Phrase, ...] = ()
    instructions: str = ""
    unlisted: int = 0

    @property
    def status(self) -> str:
        """Return failed, passed, or none (nothing to ask it of)."""
        if len(self.failed):
            return "failed"
        return "passed" if self.passing else "none"

    @property
    def passing(self) -> int:
        """Return how many objects pass."""
        return len(self.passed) + self.unlisted


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One specification: to whom it applies, what it asks, and how that went.

    ``status`` is passed, failed or none (not applicable); ``why`` says what no object can be blamed
    for: that nobody applies though somebody must, that the rule is for other schemas.
    """

    name: str
    usage: str
    applies: tuple[Phrase, ...]
    status: str
    demands: tuple[Demand, ...] = ()
    applicable: I32 = field(default_factory=lambda: NOBODY)
    why: Phrase | None = None
    identifier: str = ""
    description: str = ""
    instructions: str = ""
    title: Phrase | None = None

    def said(self, language: str = "en") -> str:
        """Return the name: of the program's own rules in a language, of others as they have it."""
        return self.name if self.title is None else self.title.said(language)

    @property
    def passing(self) -> int:
        """Return how many objects pass."""
        return len(self.passed) + max((one.unlisted for one in self.demands), default=0)

    @property
    def failed(self) -> I32:
        """Return the objects that fail any requirement, or that must not be there at all."""
        if self.usage == "prohibited":
            return self.applicable
        parts = [demand.failed for demand in self.demands]
        return np.unique(np.concatenate(parts)).astype(np.int32) if parts else NOBODY

    @property
    def passed(self) -> I32:
        """Return the objects that the rule applies to and that fail nothing."""
        if self.usage == "prohibited":
            return NOBODY
        return np.setdiff1d(self.applicable, self.failed).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class CheckReport:
    """The outcome of one file of rules for one model.

    ``model`` and ``rules`` are locations; ``info`` what the rules say of themselves (title, author,
    date); ``notes`` what is odd about the rules; ``schema`` that of the model.
    """

    checker: str
    model: str
    rules: str
    title: str
    schema: str
    results: tuple[Rule, ...]
    objects: tuple[Checked, ...]
    info: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Phrase, ...] = ()
    words: Phrase | None = None

    def said(self, language: str = "en") -> str:
        """Return the title: of the program's own rules in a language, of others as they have it."""
        return self.title if self.words is None else self.words.said(language)

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of rules by status: passed, failed, none."""
        found = dict.fromkeys(("passed", "failed", "none"), 0)
        for rule in self.results:
            found[rule.status] += 1
        return found

    @property
    def status(self) -> str:
        """Return failed when any rule is, passed when one is and none failed, else none."""
        counts = self.counts
        if counts["failed"]:
            return "failed"
        return "passed" if counts["passed"] else "none"
