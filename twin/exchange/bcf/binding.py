"""Records from elements and elements from records, by tables; what a table lacks is kept as it stands.

A part's path names wrappers, then an element or an attribute (``Comments/Comment``, ``Viewpoint/@Guid``).
What has been taken is removed from the document; what is left over is the record's ``more``, so that
nothing is lost: unknown elements and attributes, second ones where one is meant, values that are none.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from twin.errors import UsageError
from twin.exchange.bcf.model import NOTHING, Unknown
from twin.exchange.xml import canonical, library, sound
from twin.messages import text
from twin.records import Problem

SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"
"""Attributes of this namespace say where a schema lies: every writer has its own."""
STRANGE = uuid5(NAMESPACE_URL, "https://citytwin.example/bcf/strange-guids")
"""Namespace of the guids that stand for what other writers wrote in the place of one."""
_TIME = re.compile(
    r"-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-4]):[0-5]\d:[0-5]\d(\.\d+)?"
    r"(Z|[+-]\d\d:\d\d)?"
)
UNSAID = "Undefined"
"""What stands where 3.0 asks for a word and nobody said one."""
_ZERO = "0001-01-01T00:00:00"
"""What .NET programs write for no time at all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a record and where it stands; ``kind`` names a conversion or is a shape.

    ``also`` is another spelling of the last step; ``default`` is what a missing attribute means where
    its element is there; ``must`` parts are written even when they say nothing.
    """

    field: str
    path: str
    kind: Any = "text"
    many: bool = False
    also: str = ""
    default: Any = None
    must: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of record and its parts, in the order of the schema."""

    record: type
    parts: tuple[Part, ...]


@dataclass
class Reader:
    """Reads the documents of one file; problems are collected, never raised."""

    location: str
    problems: list[Problem]

    def said(self, code: str, feature: str = "", **params: Any) -> None:
        """List a problem."""
        params = {"location": self.location, **params}
        words = text(f"problem.bcf.{code}", id=feature, **params)
        self.problems.append(Problem(f"bcf.{code}", words, feature, params))

    def read(self, element: Any, shape: Shape) -> Any | None:
        """Return the record of an element, which is used up; None where a field it needs is missing."""
        values: dict[str, Any] = {}
        for part in shape.parts:
            found = self._values(element, part)
            if part.many:
                values[part.field] = tuple(found)
            elif found:
                values[part.field] = found[0]
            elif part.default is not None and self._holder(element, part) is not None:
                values[part.field] = part.default
        try:
            return shape.record(**values, more=self._left(element, shape))
        except TypeError:  # a field without a default was not found
            return None

    def _holder(self, element: Any, part: Part) -> Any | None:
        for step in part.path.split("/")[:-1]:
            element = None if element is None else element.find(step)
        return element

    def _values(self, element: Any, part: Part) -> list[Any]:
        holder = self._holder(element, part)
        if holder is None:
            return []
        for step in filter(None, (part.path.rpartition("/")[2], part.also)):
            if step.startswith("@"):
                found = self._attribute(holder, step[1:], part)
            else:
                found = self._elements(holder, step, part)
            if found:
                return found
        return []

    def _attribute(self, holder: Any, name: str, part: Part) -> list[Any]:
        told = holder.get(name)
        if told is None:
            return []
        try:
            value = CONVERSIONS[part.kind](told)
        except ValueError:
            self.said("value", element=name, value=told[:80])
            return []
        del holder.attrib[name]
        return [value]

    def _elements(self, holder: Any, step: str, part: Part) -> list[Any]:
        found = []
        for element in holder.findall(step):
            value = self._value(element, step, part)
            if value is None:
                continue
            if value != "" or not part.many:
                found.append(value)
            if not isinstance(part.kind, Shape) and element.attrib:
                element.text = None
                for child in list(element):
                    element.remove(child)
            else:
                holder.remove(element)
            if not part.many:
                break
        return found

    def _value(self, element: Any, step: str, part: Part) -> Any | None:
        if isinstance(part.kind, Shape):
            kept = canonical(element)
            value = self.read(element, part.kind)
            if value is None:
                self.said("value", element=step, value="")
                holder = element.getparent()
                holder.replace(element, library().fromstring(kept))
            return value
        try:
            if part.kind == "vector":
                return _vector(element)
            return CONVERSIONS[part.kind](element.text or "")
        except ValueError:
            self.said("value", element=step, value=(element.text or "")[:80].strip())
            return None

    def _left(self, element: Any, shape: Shape) -> Unknown:
        """Return what nobody took; wrappers that are empty now held nothing else."""
        wrappers = wrappers_of(shape)
        for child in list(element):
            if child.tag in wrappers:
                _prune(child, wrappers)
                if not len(child) and not child.attrib and _bare(child):
                    element.remove(child)
        attributes = [(k, v) for k, v in element.attrib.items() if not k.startswith(SCHEMA)]
        children = sorted(element, key=lambda child: _place(child, shape))
        elements = tuple(canonical(child) for child in children)
        return Unknown(tuple(sorted(attributes)), elements) if attributes or elements else NOTHING


def _place(left: Any, shape: Shape) -> int:
    """Return where in its parent something left over will be written: into a known part, or last."""
    steps = [part.path.partition("/")[0] for part in shape.parts]
    return steps.index(left.tag) if left.tag in steps and _bare(left) else len(steps)


def _bare(element: Any) -> bool:
    """Return whether an element has no words of its own."""
    return not (element.text or "").strip()


def _prune(element: Any, wrappers: frozenset[str]) -> None:
    """Take wrappers away that are empty now, and the white space that only indented what was in them."""
    if _bare(element):
        element.text = None
    for child in list(element):
        if not (child.tail or "").strip():
            child.tail = None
        if child.tag in wrappers:
            _prune(child, wrappers)
            if not len(child) and not child.attrib:
                element.remove(child)


def built(tag: str, record: Any, shape: Shape) -> Any:
    """Return the element of a record, what it kept of others included. Not yet indented."""
    root = library().Element(tag)
    for part in shape.parts:
        value = getattr(record, part.field)
        if part.many:
            if value:
                holder = _held(root, part)
                for item in value:
                    _put(holder, part, item)
        elif part.must or _worth(value):
            _put(_held(root, part), part, _unsaid(part) if value == "" else value)
    for name, told in record.more.attributes:
        root.set(name, told)
    wrappers = wrappers_of(shape)
    for told in record.more.elements:
        _merge(root, library().fromstring(told), wrappers)
    return root


def wrappers_of(shape: Shape) -> frozenset[str]:
    """Return the elements of a shape that only hold others."""
    return frozenset(step for part in shape.parts for step in part.path.split("/")[:-1])


def _unsaid(part: Part) -> str:
    """Return what stands in a place that must not be empty; reading it gives '' again."""
    return f"{_ZERO}Z" if part.kind == "time" else UNSAID


def _worth(value: Any) -> bool:
    return value is not None and value != ""


def _held(root: Any, part: Part) -> Any:
    for step in part.path.split("/")[:-1]:
        found = root.find(step)
        root = library().SubElement(root, step) if found is None else found
    return root


def _put(holder: Any, part: Part, value: Any) -> None:
    step = part.path.rpartition("/")[2]
    if isinstance(part.kind, Shape):
        holder.append(built(step, value, part.kind))
    elif part.kind == "vector":
        element = library().SubElement(holder, step)
        for axis, number in zip("XYZ", value, strict=True):
            library().SubElement(element, axis).text = _said(number)
    elif step.startswith("@"):
        holder.set(step[1:], _said(value))
    else:
        library().SubElement(holder, step).text = _said(value)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return sound(str(value))


def _merge(root: Any, kept: Any, wrappers: frozenset[str]) -> None:
    """Add what was kept: into the wrapper or the element it came from, else as an element of its own."""
    own = root.find(kept.tag)
    if own is None or not _bare(kept) or (len(kept) and kept.tag not in wrappers):
        kept.set(KEPT, "")
        root.append(kept)
        return
    for name, told in kept.attrib.items():
        own.set(name, told)
    for child in list(kept):
        _merge(own, child, wrappers)


KEPT = "kept-as-it-stands"
"""Marks, until the document is written, elements whose white space is not ours."""


def document(root: Any) -> bytes:
    """Return the document of an element: UTF-8, indented but for what was kept as it stood."""
    _indent(root, 0)
    for element in root.iter():
        element.attrib.pop(KEPT, None)
    found: bytes = library().tostring(root, xml_declaration=True, encoding="UTF-8")
    return found.replace(b"'", b'"', 4) + b"\n"


def _indent(element: Any, depth: int) -> None:
    children = list(element)
    if not children or KEPT in element.attrib:
        return
    element.text = "\n" + "  " * (depth + 1)
    for number, child in enumerate(children):
        _indent(child, depth + 1)
        child.tail = "\n" + "  " * (depth + (number + 1 < len(children)))


def guid_of(told: str) -> str:
    """Return a guid in lower case; what is none gets one that is always the same. Raises ValueError for ''."""
    told = told.strip().strip("{}")
    if not told:
        raise ValueError
    try:
        return str(UUID(told))
    except ValueError:
        return str(uuid5(STRANGE, told))


def _time(told: str) -> str:
    told = told.strip()
    if not told or told.startswith(_ZERO):
        return ""
    if not _TIME.fullmatch(told):
        raise ValueError
    return told


def _number(told: str) -> float:
    found = float(told)
    if not math.isfinite(found):
        raise ValueError
    return found


def _whole(told: str) -> int:
    found = int(told)
    if abs(found) >= 1 << 31:
        raise ValueError
    return found


def _flag(told: str) -> bool:
    flags = {"true": True, "1": True, "false": False, "0": False}
    found = flags.get(told.strip().lower())
    if found is None:
        raise ValueError
    return found


def _vector(element: Any) -> tuple[float, float, float]:
    x, y, z = (_number(element.findtext(axis) or "") for axis in "XYZ")
    return x, y, z


def time_of(told: str) -> str:
    """Return a time as ``xs:dateTime`` has it; a day is its beginning. Raises UsageError."""
    told = f"{told}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", told.strip()) else told
    try:
        return _time(told)
    except ValueError:
        raise UsageError(reason=f"{told!r} is not a date (write 2026-11-23)") from None


CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "text": lambda told: "" if told == UNSAID else told,
    "name": str.strip,
    "lower": lambda told: told.strip().lower(),
    "guid": guid_of,
    "time": _time,
    "number": _number,
    "whole": _whole,
    "flag": _flag,
}
