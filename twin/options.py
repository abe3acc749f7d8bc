"""What a person decides about a source, among what its format offers: ``spaces=on``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from twin.choices import Option
from twin.errors import UsageError
from twin.messages import text
from twin.records import About, Problem, SourceRef

Pairs = tuple[tuple[str, str], ...]


def pairs(said: Mapping[str, Any]) -> Pairs:
    """Return choices in the order in which they are kept; true and false are on and off."""
    words = {True: "on", False: "off"}
    return tuple(
        sorted(
            (str(name), words[value] if isinstance(value, bool) else str(value))
            for name, value in said.items()
        )
    )


def parsed(lines: Sequence[str]) -> Pairs:
    """Return the choices of ``name=value`` lines. Raises UsageError."""
    found = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(reason=f"--option {line!r} is not name=value")
        found[name.strip()] = value.strip()
    return pairs(found)


def check(said: Pairs, offered: Sequence[Option]) -> None:
    """Refuse a choice that nothing offers. Raises UsageError naming what is offered."""
    known = {option.name: option.choices for option in offered}
    for name, value in said:
        if name not in known:
            names = ", ".join(known) or "none"
            raise UsageError(reason=f"there is no option {name!r} here; options: {names}")
        if value not in known[name]:
            raise UsageError(reason=f"{name} is one of {', '.join(known[name])}, not {value!r}")


def chosen(ref: SourceRef, option: Option) -> str:
    """Return what holds for an option of a source."""
    return dict(ref.options).get(option.name, option.choices[0])


def with_option(ref: SourceRef, about: About, name: str, value: str) -> SourceRef:
    """Return a source with another choice; the one that holds anyway is not kept. Raises UsageError."""
    check(((name, value),), about.options)
    kept = {**dict(ref.options), name: value}
    usual = {option.name: option.choices[0] for option in about.options}
    return replace(ref, options=pairs({k: v for k, v in kept.items() if usual.get(k) != v}))


def ignored(said: Pairs, about: About) -> tuple[Problem, ...]:
    """Return a problem for each choice that a source cannot follow."""
    found = []
    for name, value in said:
        try:
            check(((name, value),), about.options)
        except UsageError:
            params = {"name": name, "value": value, "format": about.format}
            found.append(
                Problem("option.ignored", text("problem.option.ignored", **params), "", params)
            )
    return tuple(found)
