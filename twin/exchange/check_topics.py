"""Failed requirements as BCF topics: one topic each, the objects that fail selected in its viewpoint.

A topic's guid follows from rules, model and requirement, so that a check that is run again gives the
same topics.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid5

from twin.checks.report import Checked, CheckReport, Phrase, Rule
from twin.exchange.bcf.model import (
    Bcf,
    Component,
    Extensions,
    Frame,
    ModelFile,
    Scene,
    Topic,
    Viewpoint,
)
from twin.exchange.bcf.writing import packed
from twin.geometry import I32
from twin.messages import catalogue

SPACE = UUID("9c0e8f6a-3d58-4b1c-8b62-5d5f1c0a7e31")
MOST_OBJECTS = 5000
"""The most objects that a topic selects; the description says how many there are."""
_GUID = re.compile(r"[0-9A-Za-z_$]{22}")


def write_topics(
    reports: Sequence[CheckReport], at: str, author: str = "", language: str = "en"
) -> bytes:
    """Return a BCF 3.0 file of everything that failed."""
    topics = tuple(topic for one in reports for topic in topics_of(one, at, author, language))
    words = catalogue(language)
    kinds = (words.text("check.topic.type"),)
    frame = Frame(extensions=Extensions(types=kinds, statuses=(words.text("check.topic.status"),),
                                        users=(author or "CityTwin",)))  # fmt: skip
    return packed(Bcf(topics, frame), at)


def topics_of(one: CheckReport, at: str, author: str, language: str) -> Iterator[Topic]:
    """Yield a topic for every requirement that failed, and for rules that failed as a whole."""
    for number, rule in enumerate(one.results):
        if rule.status == "failed" and rule.why is not None:
            failed = rule.failed if rule.usage == "prohibited" else rule.applicable[:0]
            key = f"{one.rules}|{one.model}|{number}"
            yield _topic(one, rule, key, rule.why, failed, (at, author, language))
        for place, demand in enumerate(rule.demands):
            if demand.status == "failed":
                key = f"{one.rules}|{one.model}|{number}|{place}"
                yield _topic(one, rule, key, demand.words, demand.failed, (at, author, language))


def _topic(
    one: CheckReport, rule: Rule, key: str, said: Phrase, failed: I32, told: tuple[str, str, str]
) -> Topic:
    at, author, language = told
    words = catalogue(language)
    guid = str(uuid5(SPACE, key))
    objects = [one.objects[i] for i in failed]
    selected = tuple(dict.fromkeys(filter(None, map(_component, objects[:MOST_OBJECTS]))))
    view = Viewpoint(str(uuid5(SPACE, f"{key}|view")), "viewpoint.bcfv", scene=Scene(selected))
    return Topic(
        guid, f"{rule.said(language)}: {said.said(language)}",
        words.text("check.topic.type"), words.text("check.topic.status"),
        created=at, author=author or "CityTwin",
        description=words.text(
            "check.topic.description", rules=one.said(language), count=len(failed),
            requirement=said.said(language),
        ),
        viewpoints=(view,) if selected else (),
        models=(ModelFile(Path(one.model).name),),
    )  # fmt: skip


def _component(thing: Checked) -> Component | None:
    """Return an object by its GlobalId; one without (a material) cannot be named in BCF."""
    guid = thing.id.partition("#")[0]
    return Component(guid) if _GUID.fullmatch(guid) else None
