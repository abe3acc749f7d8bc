"""Failed requirements as BCF topics: one topic each, the objects that fail selected in its viewpoint.

A topic's guid follows from rules, model and requirement, so that a check that is run again gives the
same topics.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from twin.checks.report import Checked, CheckReport, Phrase, Rule
from twin.exchange.bcf.model import (
    Bcf,
    Component,
    Extensions,
    Frame,
    ModelFile,
    Perspective,
    Scene,
    Topic,
    Viewpoint,
)
from twin.geometry import I32
from twin.messages import catalogue

SPACE = UUID("9c0e8f6a-3d58-4b1c-8b62-5d5f1c0a7e31")
MOST_OBJECTS = 5000
"""The most objects that a topic selects; the description says how many there are."""
_GUID = re.compile(r"[0-9A-Za-z_$]{22}")


@dataclass(frozen=True, slots=True)
class Told:
    """What the caller decides: the instant (ISO 8601 in UTC), the author and the language."""

    at: str
    author: str = ""
    language: str = "en"


Camera = Callable[[Sequence[str]], Perspective | None]
"""Answers from where objects, named by their ids, are seen in the coordinates of their model."""


def _nowhere(ids: Sequence[str]) -> Perspective | None:
    return None


def bundle(checked: Iterable[tuple[CheckReport, Camera]], told: Told) -> Bcf:
    """Return a topic for everything that failed, with the values that these topics use."""
    topics = tuple(
        topic for report, camera in checked for topic in topics_of(report, told, camera)
    )
    words = catalogue(told.language)
    extensions = Extensions(
        types=(words.text("check.topic.type"),),
        statuses=(words.text("check.topic.status"),),
        users=(_author(told),),
    )
    return Bcf(topics, Frame(extensions=extensions))


def topics_of(one: CheckReport, told: Told, camera: Camera = _nowhere) -> Iterator[Topic]:
    """Yield a topic for every requirement that failed, and for rules that failed as a whole."""
    for number, rule in enumerate(one.results):
        key = f"{one.rules}|{one.model}|{number}"
        if rule.status == "failed" and rule.why is not None:
            blamed = rule.failed if rule.usage == "prohibited" else rule.applicable[:0]
            yield _Making(one, rule, told, camera).topic(key, rule.why, blamed)
        for place, demand in enumerate(rule.demands):
            if demand.status == "failed":
                making = _Making(one, rule, told, camera)
                yield making.topic(f"{key}|{place}", demand.words, demand.failed)


@dataclass(frozen=True, slots=True)
class _Making:
    one: CheckReport
    rule: Rule
    told: Told
    camera: Camera

    def topic(self, key: str, said: Phrase, failed: I32) -> Topic:
        """Return the topic of what some objects fail."""
        language, words = self.told.language, catalogue(self.told.language)
        objects = [self.one.objects[i] for i in failed]
        selected = tuple(dict.fromkeys(filter(None, map(_component, objects[:MOST_OBJECTS]))))
        scene = Scene(selected, perspective=self.camera([thing.id for thing in objects]))
        view = Viewpoint(str(uuid5(SPACE, f"{key}|view")), "viewpoint.bcfv", scene=scene)
        told = words.text(
            "check.topic.description", rules=self.one.said(language), count=len(failed),
            requirement=said.said(language),
        )  # fmt: skip
        return Topic(
            str(uuid5(SPACE, key)), f"{self.rule.said(language)}: {said.said(language)}",
            words.text("check.topic.type"), words.text("check.topic.status"),
            created=self.told.at, author=_author(self.told), description=told,
            viewpoints=(view,) if selected else (), models=(ModelFile(Path(self.one.model).name),),
        )  # fmt: skip


def _author(told: Told) -> str:
    return told.author or "CityTwin"


def _component(thing: Checked) -> Component | None:
    """Return an object by its GlobalId; one without (a material) cannot be named in BCF."""
    guid = thing.id.partition("#")[0]
    return Component(guid) if _GUID.fullmatch(guid) else None
