"""The journal as a table: who did what to which object, from what, to what, why; with names or without."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twin.messages import Catalogue, catalogue
from twin.records import Party
from twin.store.chain import canonical
from twin.store.port import Entry
from twin.tables import Table

COLUMNS = ("seq", "at", "who", "action", "object", "from", "to", "why", "sha256")
LONGEST = 2000
"""Characters of a cell; what is longer ends with an ellipsis (the chain has it whole)."""
_TOLD = frozenset({"seq", "at", "actor", "action", "object", "before", "after", "why"})
_EMPTY: tuple[Any, ...] = (None, "", "*", [], ())
"""Values that say nothing."""
_USUAL = "do"
"""The verb that need not be said."""
Words = Mapping[str, Any]


def journal_table(
    entries: Sequence[Entry], parties: Mapping[str, Party] | None = None, language: str = "en"
) -> Table:
    """Return COLUMNS of each change, oldest first; the parts of one step stand one a row.

    ``parties`` by id: who is shown by name; None: by id.
    """
    words = catalogue(language)
    rows = [
        (
            entry.seq,
            str(entry.words.get("at", "")),
            named(str(entry.words.get("actor", "")), parties),
            action_text(part, words),
            _cell(part.get("object", "")),
            *_changed(part.get("before"), part.get("after")),
            _cell(entry.words.get("why", part.get("why", ""))) or _rest(part),
            entry.sha256,
        )
        for entry in entries
        for part in parts(entry.words)
    ]
    head = [words.text(f"journal.col_{name}") for name in COLUMNS]
    return Table(words.text("journal.title"), head, rows)


def parts(said: Words) -> Iterator[Words]:
    """Yield the changes of one entry: several that were one step stand within it."""
    inner = said.get("after")
    if said.get("action") == "together" and isinstance(inner, list | tuple):
        for part in inner:
            yield from parts({**part, "verb": said.get("verb", "")})
    else:
        yield said


def action_text(said: Words, words: Catalogue) -> str:
    """Return what was done in a reader's words: ``policy changed``, ``undone: layer added``."""
    action = str(said.get("action", ""))
    kind, _, verb = action.rpartition(".")
    key = f"journal.action.{action}"
    if words.has(key):
        text = words.text(key)
    elif words.has(f"journal.record.{kind}"):
        how = "remove" if verb == "remove" else "add" if said.get("before") is None else "set"
        text = words.text(f"journal.how.{how}", what=words.text(f"journal.record.{kind}"))
    else:
        text = action
    again = str(said.get("verb", "") or _USUAL)
    if again == _USUAL or not words.has(f"journal.verb.{again}"):
        return text
    return words.text(f"journal.verb.{again}", text=text)


def named(actor: str, parties: Mapping[str, Party] | None) -> str:
    """Return an actor's name; the id where names are left out, or were erased."""
    party = None if parties is None else parties.get(actor)
    return party.name if party is not None and party.name else actor


def _changed(before: object, after: object) -> tuple[str, str]:
    """Return a value before and after as texts: of records the fields that differ, empty ones left out."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return _fields(before, names), _fields(after, names)
    return _fields(before), _fields(after)


def _fields(value: object, names: Sequence[str] | None = None) -> str:
    if not isinstance(value, Mapping):
        return _cell(value)
    shown = [name for name in value if value[name] not in _EMPTY] if names is None else names
    return _cell("; ".join(f"{name}: {_cell(value.get(name))}" for name in sorted(shown)))


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else canonical({"v": value})[5:-1]
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _rest(said: Words) -> str:
    """Return what an entry says beyond the columns."""
    more = {name: value for name, value in said.items() if name not in _TOLD and name != "verb"}
    return _cell(more) if more else ""
