"""Commands by name: what one is, how it is found, how a line of text becomes one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import Parameter, signature
from typing import Any

from twin.edits import Edit
from twin.errors import TwinError, UsageError
from twin.geometry import Rows
from twin.scene import Twin
from twin.topics.places import Located

Selected = Mapping[str, Rows]
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What a command may look at: the twin, what is selected, where layers stand, who is asking.

    ``report`` tells of what is no reason to refuse: rows of a file that were left out. ``answers`` are
    results of this session by id that may be kept.
    """

    twin: Twin
    selected: Selected = field(default_factory=dict)
    located: Located = lambda key: None
    author: str = ""
    report: Callable[[str, TwinError], None] = lambda location, error: None
    answers: Answers = field(default_factory=dict)


Make = Callable[..., Edit]


@dataclass(frozen=True, slots=True)
class Command:
    """A named command: its title stands in the catalogue under ``command.<name>``."""

    name: str
    make: Make
    arguments: tuple[str, ...]
    required: tuple[str, ...]


COMMANDS: dict[str, Command] = {}


def command(name: str) -> Callable[[Make], Make]:
    """Register a function from context and text arguments to an edit."""

    def register(make: Make) -> Make:
        found = list(signature(make).parameters.values())[1:]
        COMMANDS[name] = Command(
            name,
            make,
            tuple(p.name for p in found),
            tuple(p.name for p in found if p.default is Parameter.empty),
        )
        return make

    return register


def make(name: str, context: Context, arguments: Mapping[str, Any]) -> Edit:
    """Return the edit of a command. Raises UsageError for unknown names and wrong arguments."""
    found = COMMANDS.get(name)
    if found is None:
        raise UsageError(reason=f"there is no command {name[:40]!r}")
    unknown = set(arguments) - set(found.arguments)
    missing = set(found.required) - set(arguments)
    if unknown or missing:
        wrong = ", ".join(sorted(unknown)) or ", ".join(sorted(missing))
        kind = "does not take" if unknown else "needs"
        raise UsageError(reason=f"{name} {kind}: {wrong}")
    return found.make(context, **arguments)


def parse(line: str) -> tuple[str, dict[str, str]]:
    """Return name and arguments of ``name key=value key="two words"``. Raises UsageError."""
    words = _words(line)
    if not words:
        raise UsageError(reason="an empty command")
    arguments = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(reason=f"{line!r}: {word!r} is not key=value")
        arguments[key] = value
    return words[0], arguments


def _words(line: str) -> list[str]:
    """Split at spaces outside double quotes."""
    words, current, quoted, begun = [], "", False, False
    for letter in line:
        if letter == '"':
            quoted, begun = not quoted, True
        elif letter.isspace() and not quoted:
            if current or begun:
                words.append(current)
            current, begun = "", False
        else:
            current += letter
    if quoted:
        raise UsageError(reason=f"{line!r}: a quote is not closed")
    return [*words, current] if current or begun else words
