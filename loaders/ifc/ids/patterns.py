"""Regular expressions of XML Schema, matched in time that grows with the value's length only.

They have no references back and no looking round, so a set of states per character is enough
(Thompson's construction, states of the automaton made when first needed): no pattern makes this
slow, however it is nested. Patterns always take the whole value; ``^`` and ``$`` are characters
like any other (XSD part 2, appendix F). A backslash before other punctuation (``\\/``), which
strictly is no escape, is read as that punctuation: buildingSMART's own cases write it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from loaders.ifc.ids.charsets import (
    CONTROLS,
    MULTI,
    CharSet,
    any_char,
    category,
    inverse,
    minus,
    single,
    span,
    union,
)

MOST_STATES = 4000
MOST_KEPT = 20_000
DEEPEST = 60
SPECIAL = "|?*+{}()[]"


class PatternError(ValueError):
    """A pattern breaks the grammar or is too large; says where."""


Node = Callable[["Automaton", int], int]
"""Adds itself behind a state and returns the state after it."""


@dataclass
class Automaton:
    """States with steps on characters and on nothing."""

    steps: list[list[tuple[CharSet, int]]] = field(default_factory=lambda: [[]])
    free: list[list[int]] = field(default_factory=lambda: [[]])

    def state(self) -> int:
        """Return a new state. Raises PatternError when there are too many."""
        if len(self.steps) >= MOST_STATES:
            raise PatternError(f"it needs more than {MOST_STATES} states: repeat less")
        self.steps.append([])
        self.free.append([])
        return len(self.steps) - 1

    def closure(self, states: set[int]) -> frozenset[int]:
        """Return the states reached without taking a character."""
        waiting, found = list(states), set(states)
        while waiting:
            for after in self.free[waiting.pop()]:
                if after not in found:
                    found.add(after)
                    waiting.append(after)
        return frozenset(found)


class Pattern:
    """A compiled pattern. Raises PatternError when made from one that breaks the grammar."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._automaton = Automaton()
        self._end = _Reader(source).whole()(self._automaton, 0)
        self._start = self._automaton.closure({0})
        self._kept: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def matches(self, text: str) -> bool:
        """Return whether the whole text fits."""
        states = self._start
        for char in text:
            states = self._after(states, char)
            if not states:
                return False
        return self._end in states

    def _after(self, states: frozenset[int], char: str) -> frozenset[int]:
        key = (states, char)
        known = self._kept.get(key)
        if known is None:
            steps = self._automaton.steps
            reached = {after for one in states for part, after in steps[one] if part(char)}
            known = self._automaton.closure(reached)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = known
        return known


def _take(part: CharSet) -> Node:
    def add(automaton: Automaton, start: int) -> int:
        end = automaton.state()
        automaton.steps[start].append((part, end))
        return end

    return add


def _series(parts: list[Node]) -> Node:
    def add(automaton: Automaton, start: int) -> int:
        for part in parts:
            start = part(automaton, start)
        return start

    return add


def _choice(parts: list[Node]) -> Node:
    def add(automaton: Automaton, start: int) -> int:
        end = automaton.state()
        for part in parts:
            first = automaton.state()
            automaton.free[start].append(first)
            automaton.free[part(automaton, first)].append(end)
        return end

    return add


def _repeat(part: Node, least: int, most: int | None) -> Node:
    def add(automaton: Automaton, start: int) -> int:
        for _ in range(least):
            start = part(automaton, start)
        end = automaton.state()
        automaton.free[start].append(end)
        if most is None:
            again = automaton.state()
            automaton.free[start].append(again)
            last = part(automaton, again)
            automaton.free[last] += [again, end]
            return end
        for _ in range(most - least):
            first = automaton.state()
            automaton.free[start].append(first)
            start = part(automaton, first)
            automaton.free[start].append(end)
        return end

    return add


class _Reader:
    """Recursive descent over the text of a pattern."""

    def __init__(self, source: str) -> None:
        self._source, self._at, self._depth = source, 0, 0

    def whole(self) -> Node:
        found = self._expression()
        if self._at < len(self._source):
            raise self._error(f"{self._next()!r} closes nothing")
        return found

    def _error(self, what: str) -> PatternError:
        return PatternError(f"{what} (character {self._at + 1})")

    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _read(self) -> str:
        found = self._next()
        if not found:
            raise self._error("it ends too early")
        self._at += 1
        return found

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("it is nested too deeply")
        branches = [self._branch()]
        while self._next() == "|":
            self._at += 1
            branches.append(self._branch())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else _choice(branches)

    def _branch(self) -> Node:
        pieces: list[Node] = []
        while self._next() not in ("", "|", ")"):
            pieces.append(self._quantified(self._atom()))
        return _series(pieces)

    def _atom(self) -> Node:
        char = self._read()
        if char == "(":
            found = self._expression()
            if self._read() != ")":
                raise self._error("a bracket is not closed")
            return found
        if char == "[":
            return _take(self._group())
        if char == ".":
            return _take(any_char)
        if char == "\\":
            return _take(self._escape())
        if char in SPECIAL:
            self._at -= 1
            raise self._error(f"{char!r} has nothing before it, or needs a backslash")
        return _take(single(char))

    def _quantified(self, part: Node) -> Node:
        limits = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(self._next())
        if limits is not None:
            self._at += 1
        elif self._next() == "{":
            limits = self._counts()
        else:
            return part
        if self._next() in ("?", "*", "+", "{"):
            raise self._error("two counts follow each other")
        return _repeat(part, *limits)

    def _counts(self) -> tuple[int, int | None]:
        end = self._source.find("}", self._at)
        inside = self._source[self._at + 1 : end] if end > 0 else ""
        low, comma, high = inside.partition(",")
        if not (low.isdecimal() and len(inside) < 12 and (high.isdecimal() or not high)):
            raise self._error("a count is not like {2}, {2,} or {2,3}")
        self._at = end + 1
        least = int(low)
        most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            raise self._error(f"the count {{{inside}}} goes down")
        return least, most

    def _escape(self) -> CharSet:
        char = self._read()
        if char in "pP":
            return self._named(negative=char == "P")
        if char in CONTROLS:
            return single(CONTROLS[char])
        known = MULTI.get(char.lower())
        if known is not None:
            return known if char.islower() else inverse(known)
        if char.isalnum():
            raise self._error(f"\\{char} means nothing in XML Schema")
        return single(char)

    def _named(self, *, negative: bool) -> CharSet:
        end = self._source.find("}", self._at)
        name = self._source[self._at + 1 : end]
        found = category(name) if self._next() == "{" and end > 0 else None
        if found is None:
            raise self._error(f"\\p{{{name[:20]}}} is no known kind of character")
        self._at = end + 1
        return inverse(found) if negative else found

    def _group(self) -> CharSet:
        negative = self._next() == "^"
        self._at += negative
        parts: list[CharSet] = []
        without: CharSet | None = None
        while self._next() != "]" or not parts:
            if self._source.startswith("-[", self._at) and parts:
                self._at += 2
                without = self._group()
                if self._next() != "]":
                    raise self._error("nothing may follow what is taken away")
                break
            parts.append(self._member())
        self._at += 1
        found = inverse(union(parts)) if negative else union(parts)
        return found if without is None else minus(found, without)

    def _member(self) -> CharSet:
        """Return one character, one escape or one span of a group."""
        low = self._read()
        if low == "\\":
            escaped = self._source[self._at : self._at + 1]
            part = self._escape()
            if escaped.isalnum() and escaped not in CONTROLS:
                return part
            low = CONTROLS.get(escaped, escaped)
        elif low in "[]":
            raise self._error(f"{low!r} needs a backslash inside of brackets")
        rest = self._source[self._at : self._at + 2]
        if rest[:1] != "-" or rest[1:] in ("]", "[", ""):
            return single(low)
        self._at += 1
        high = self._read()
        if high == "\\":
            escaped = self._read()
            high = CONTROLS.get(escaped, escaped)
        if high < low:
            raise self._error(f"the span {low}-{high} goes down")
        return span(low, high)
