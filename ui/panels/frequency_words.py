"""Texts of the panel "How often": one way to them, and the names of classes."""

from typing import Any

from twin.maintenance.frequency import Assumption
from twin.maintenance.frequency.report import percent
from twin.planning.classes import Held
from ui.desk import Desk


def say(desk: Desk, key: str, /, **params: Any) -> str:
    """Return a text under ``plan.``."""
    return desk.words.catalogue.text(f"plan.{key}", **params)


def class_name(desk: Desk, held: Held) -> str:
    """Return what a class is called: a policy's title, or the class of objects."""
    if held.kind:
        return desk.kind(held.kind)
    policy = desk.session.twin.records["policies"].get(held.key)
    return held.key if policy is None else f"{policy.id} {policy.title}".strip()


def rate_words(desk: Desk, assumed: Assumption) -> str:
    """Return a rate with its interval, as per cent a year."""
    if not assumed.rate_high:
        return say(desk, "panel.rate_plain", rate=percent(assumed.rate))
    return say(
        desk, "panel.rate_between", rate=percent(assumed.rate), low=percent(assumed.rate_low),
        high=percent(assumed.rate_high),
    )  # fmt: skip
