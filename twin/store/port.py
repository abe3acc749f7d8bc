"""The port of a project's store: what is kept, how it is committed, what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from twin.analyses.results import Result
from twin.analyses.scenarios import Scenario
from twin.errors import ConflictError
from twin.exchange.bcf.model import Frame, StoredFile, Topic
from twin.flythrough.records import Route
from twin.maintenance.bim.records import BimInput, BimSettings
from twin.maintenance.frequency.assumptions import Assumption
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.rules import Zone
from twin.maintenance.sidecar_records import Sidecar
from twin.presenting.records import Annotation, Story
from twin.records import (
    Bookmark,
    Dataset,
    Evidence,
    Link,
    Measurement,
    Party,
    Placement,
    Policy,
    Responsibility,
    Section,
    SourceRef,
)

Key = tuple[str, str]
"""(kind, uid): how a stored record is named."""
Document = Mapping[str, Any]
"""Plain JSON values: styles, settings, snapshots."""


@dataclass(frozen=True, slots=True)
class Override:
    """What a person decided about one object; its source file is never written.

    ``object_id`` is the object's id in the source at ``source`` (a SourceRef's uid); ``weak`` says
    that the id is only a place in a tileset. ``attributes`` holds changed values by column.
    """

    source: str
    object_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    hidden: bool = False
    placement: Placement | None = None
    weak: bool = False

    @property
    def uid(self) -> str:
        """Return the key under which it is stored."""
        return f"{self.source}#{self.object_id}"


KINDS: Mapping[str, type | None] = MappingProxyType(
    {
        "sources": SourceRef,
        "overrides": Override,
        "parties": Party,
        "responsibilities": Responsibility,
        "policies": Policy,
        "assumptions": Assumption,
        "zones": Zone,
        "evidence": Evidence,
        "sidecars": Sidecar,
        "datasets": Dataset,
        "orders": WorkOrder,
        "links": Link,
        "bookmarks": Bookmark,
        "stories": Story,
        "annotations": Annotation,
        "sections": Section,
        "measurements": Measurement,
        "topics": Topic,
        "exchanges": Frame,
        "files": StoredFile,
        "bim_settings": BimSettings,
        "bim_inputs": BimInput,
        "scenarios": Scenario,
        "results": Result,
        "routes": Route,
        "styles": None,
        "settings": None,
        "snapshots": None,
    }
)
"""Kind -> its record type; None = a document of plain JSON values."""


@dataclass(frozen=True, slots=True)
class Put:
    """One change to commit: a record (or document) under its uid; None deletes it."""

    kind: str
    uid: str
    value: Any | None

    @property
    def key(self) -> Key:
        """Return (kind, uid)."""
        return self.kind, self.uid


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it stands in the store. ``changed_at`` is an ISO instant in UTC."""

    kind: str
    uid: str
    value: Any
    version: int
    changed_by: str
    changed_at: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the record first: both values, nothing lost, nothing committed."""

    kind: str
    uid: str
    expected: int
    mine: Any | None
    theirs: Stored | None

    def error(self) -> ConflictError:
        """Return the conflict as an error to show."""
        found = 0 if self.theirs is None else self.theirs.version
        what = f"{self.kind} {self.uid}"
        return ConflictError(what=what, expected=self.expected, found=found)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: ``words`` as canonical JSON, its number and its hash in the chain."""

    seq: int
    words: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The answer of ``commit``: either everything (``versions``) or only ``conflicts``."""

    sequence: int
    versions: Mapping[Key, int] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class Since:
    """What was committed after a sequence number, by whomever."""

    sequence: int
    records: tuple[Stored, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The verdict on the journal: ``broken_at`` is the first entry that does not fit, None if all do."""

    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    def __bool__(self) -> bool:
        """Return whether the chain is whole."""
        return self.broken_at is None


@dataclass(frozen=True, slots=True)
class Project:
    """All records of a project, as of ``sequence``.

    ``records[kind][uid]`` are the dataclasses of ``KINDS`` (documents: plain values), in the order
    in which they were first stored; deleted ones are left out. ``versions`` are for ``commit``.
    Addresses of sources are absolute here; in the file they are relative to it.
    """

    path: Path
    sequence: int
    records: Mapping[str, Mapping[str, Any]]
    versions: Mapping[Key, int]


class Store(Protocol):
    """Where a project is kept. Calls must not overlap; every commit is on disk when it returns.

    All methods raise StoreError when the file cannot be used (disk full, locked, damaged); what was
    committed before stays whole.
    """

    @property
    def path(self) -> Path:
        """Return where the project lies."""
        ...

    def load(self) -> Project:
        """Return everything."""
        ...

    def commit(
        self,
        changes: Sequence[Put],
        entries: Sequence[Mapping[str, Any]] = (),
        *,
        by: str = "",
        at: str = "",
        expected_versions: Mapping[Key, int] | None = None,
    ) -> Committed:
        """Store changes and journal entries, all or nothing.

        ``by`` is the actor's party uid, ``at`` an ISO instant ('' = now). A change is refused as a
        Conflict when the stored version is not the expected one; where ``expected_versions`` is
        silent, the version this store last saw counts. Entries are plain dicts; ``seq``, and
        ``at`` and ``actor`` where missing, are filled in.
        """
        ...

    def since(self, sequence: int) -> Since:
        """Return what was committed after a sequence number."""
        ...

    def journal(self, after: int = 0) -> tuple[Entry, ...]:
        """Return the journal's entries after a number."""
        ...

    def verify(self) -> Chain:
        """Recompute the journal's hash chain."""
        ...

    def erase_person(self, party: str) -> bool:
        """Remove a person's name and contact for good; the id stays. Return whether there was one."""
        ...

    def save_as(self, path: Path) -> None:
        """Write a whole copy to another place, in one step; this store stays where it is."""
        ...

    def close(self) -> None:
        """Leave one file behind and let go of it."""
        ...
