"""ISO 19650 states: suitability codes and revisions in properties, documents and the file's own name.

UK codes (BS EN ISO 19650-2, national annex 2021): S0 work in progress, S1 to S5 shared (S6, S7 and
CR withdrawn, still read), A1 to An published, B1 to Bn published with comments (deprecated). Only what
is published may count as modelled (MAINTENANCE.md 1.3).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath
from typing import Any

from twin.features import Column, texts
from twin.geometry import I32

STATE = "ISO 19650"
"""The column of states."""
WIP, SHARED, PUBLISHED, ARCHIVED = "work in progress", "shared", "published", "archived"
WORDS = {
    "wip": WIP, "workinprogress": WIP, "shared": SHARED, "published": PUBLISHED,
    "archived": ARCHIVED, "archive": ARCHIVED,
}  # fmt: skip
_CODE = re.compile(r"(S[0-7]|[AB][1-9]\d?|CR)(?:\s*[-–:(].*)?", re.DOTALL)
_REVISION = re.compile(r"[PC]\d{2}(?:\.\d{2})?")
_TITLE = re.compile(
    r"(?:^|[-_. ])(S[0-7]|[AB][1-9]\d?|CR)[-_. ]+([PC]\d{2}(?:\.\d{2})?)(?=$|[-_. ])"
)
"""Code and revision side by side, as the names of information containers end: ``...-S2-P01.ifc``."""
_NAMED = re.compile(r"suitab|status|19650|cdestat")
_REVISED = re.compile(r"revision|^rev$|^revcode$|revnumber")
_LETTERS = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class State:
    """A suitability ``code`` or state word, with what it means, and the ``revision`` beside it."""

    state: str = ""
    code: str = ""
    revision: str = ""

    @property
    def text(self) -> str:
        """Return ``S2 shared, P01``."""
        words = " ".join(x for x in (self.code, self.state) if x)
        return ", ".join(x for x in (words, self.revision) if x)

    @property
    def is_draft(self) -> bool:
        """Return whether it is said and is not published: its dates never count as fresh."""
        return self.state in (WIP, SHARED)


def of_code(text: str) -> State:
    """Return the state of a suitability code (``S2``, ``S2 - for information``) or of a state word."""
    word = WORDS.get(_LETTERS.sub("", text.casefold()))
    if word is not None:
        return State(word)
    found = _CODE.fullmatch(text.strip())
    if found is None:
        return State()
    code = found.group(1)
    state = WIP if code == "S0" else SHARED if code[0] == "S" else PUBLISHED
    return State(state, code)


def of_title(text: str) -> State:
    """Return what the name of an information container says: code and revision side by side."""
    found = None
    for found in _TITLE.finditer(text):  # noqa: B007  the last one: suffixes stand at the end
        pass
    if found is None:
        return State()
    said = of_code(found.group(1))
    return State(said.state, said.code, found.group(2))


def of_revision(text: str) -> str:
    """Return a revision of the two kinds, P01 (preliminary) or C01 (contractual); '' for all others."""
    return text.strip() if _REVISION.fullmatch(text.strip()) else ""


def of_document(entry: Mapping[str, Any]) -> State:
    """Return the state of a document as ``twin.details`` keeps it: status, purpose, title, revision."""
    known = State()
    for key in ("status", "purpose"):
        known = known if known.state else of_code(str(entry.get(key, "")))
    title = State()
    for key in ("id", "name", "location"):
        title = title if title.state else of_title(str(entry.get(key, "")))
    revision = of_revision(str(entry.get("revision", ""))) or title.revision
    return State(known.state or title.state, known.code or title.code, revision)


def states(
    own: Sequence[Mapping[str, Any]], names: Iterable[str], parent: I32, whole: State
) -> list[State]:
    """Return the state of each row: its own properties', else its whole's, else the file's.

    ``names`` are all properties that occur; only those that may hold a state are looked at.
    """
    coded, revised = [], []
    for name in names:
        short = _LETTERS.sub("", name.rpartition(".")[2].casefold())
        if _NAMED.search(short):
            coded.append(name)
        elif _REVISED.search(short):
            revised.append(name)
    found: list[State] = []
    for row, said in enumerate(own):
        mine = _own(said, coded, revised) if coded or revised else State()
        top = int(parent[row])
        above = found[top] if 0 <= top < row else whole
        found.append(mine if mine.state else above)
    return found


def state_column(known: Sequence[State]) -> dict[str, Column]:
    """Return the column of states; none where nothing says any."""
    if not any(state.text for state in known):
        return {}
    return {STATE: texts([state.text or None for state in known])}


def of_file(file: Any, location: str) -> State:
    """Return the state that the file's own name, the name in its header or the project's tells."""
    project = file.by_type("IfcProject")[0]
    header = file.header.file_name.name or ""
    for title in (PurePath(location).stem, PureWindowsPath(header).stem, project[2], project[5]):
        found = of_title(title or "")
        if found.state:
            return found
    return State()


def _own(said: Mapping[str, Any], coded: Sequence[str], revised: Sequence[str]) -> State:
    states_ = (of_code(said[name]) for name in coded if isinstance(said.get(name), str))
    known = next((state for state in states_ if state.state), State())
    if not known.state:
        return known
    texts = (of_revision(said[name]) for name in revised if isinstance(said.get(name), str))
    return State(known.state, known.code, next((text for text in texts if text), ""))
