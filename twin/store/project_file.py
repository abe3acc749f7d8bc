"""A project in a GeoPackage: every commit whole, every record versioned, the journal only grows."""

import gc
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twin.errors import NotSaved, OpenError, StoreError, StoreLocked
from twin.store import geopackage
from twin.store.chain import GENESIS, canonical, link, verify
from twin.store.codec import from_json
from twin.store.places import AUTOSAVE, absolute, here, is_alive, is_share, new_autosave, relative
from twin.store.port import (
    KINDS,
    Chain,
    Committed,
    Conflict,
    Entry,
    Key,
    Project,
    Put,
    Since,
    Stored,
)
from twin.store.rows import Table

ADDRESSES = ("path", "mapping", "drape")
"""Fields of a source that are addresses: relative to the project in its file."""


def now() -> str:
    """Return this instant as GeoPackage DATETIME."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create_project(path: Path, *, who: str = "", share: bool | None = None) -> "ProjectFile":
    """Make an empty project and open it. Raises StoreError when one lies there already."""
    if path.exists():
        raise StoreError(location=str(path), reason="there is a file of that name already")
    geopackage.create(path)
    return open_project(path, who=who, share=share)


def open_project(
    path: Path, *, who: str = "", share: bool | None = None, take_over: bool = False
) -> "ProjectFile":
    """Open a project; what a crash left is recovered by SQLite on the way. Raises StoreError.

    ``share`` None = found out. On a share one person works at a time: another's session refuses,
    unless its process has ended on this machine, or ``take_over`` says that it is dead.
    """
    shared = is_share(path) if share is None else share
    connection = geopackage.connect(path, share=shared)
    found = ProjectFile(path, connection, shared)
    try:
        found.register(who or _user(), take_over=take_over)
    except StoreError:
        connection.close()
        raise
    return found


def autosave(folder: Path, *, who: str = "") -> "ProjectFile":
    """Make a project for unsaved work in the autosave folder. Raises StoreError."""
    return create_project(new_autosave(folder), who=who)


def left_behind(folder: Path) -> tuple[Path, ...]:
    """Return autosaved projects whose program has ended without closing them, newest first."""
    found = []
    for path in folder.glob(f"*{AUTOSAVE}") if folder.is_dir() else ():
        with suppress(OpenError, StoreError, OSError):
            geopackage.check_head(path)
            if not geopackage.open_elsewhere(path):
                found.append((path.stat().st_mtime, path))
    return tuple(path for _, path in sorted(found, reverse=True))


def sweep(folder: Path, days: float) -> tuple[Path, ...]:
    """Delete unsaved work that nobody asked for in so many days; return what is gone."""
    oldest = datetime.now(UTC).timestamp() - days * 86_400
    gone = []
    for path in left_behind(folder):
        with suppress(OSError):  # another program may just have opened it
            if path.stat().st_mtime < oldest:
                path.unlink()
                gone.append(path)
    return tuple(gone)


def _user() -> str:
    return os.environ.get("USERNAME") or os.environ.get("USER") or "somebody"


class ProjectFile:
    """The store of one GeoPackage. Made by ``open_project`` and ``create_project``."""

    def __init__(self, path: Path, connection: sqlite3.Connection, share: bool) -> None:
        """Keep the connection; one thread at a time may use it."""
        self._path = path
        self._connection: sqlite3.Connection | None = connection
        self._share = share
        self._token = uuid.uuid4().hex
        self._tables = {kind: Table(kind) for kind in KINDS}
        self._seen: dict[Key, int] = {}

    @property
    def path(self) -> Path:
        """Return where the project lies."""
        return self._path

    @property
    def share(self) -> bool:
        """Return whether it is treated as lying on a network share."""
        return self._share

    @property
    def _sql(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(location=str(self._path), reason="the project was closed")
        return self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing. Raises StoreError, after which nothing has changed."""
        sql = self._sql
        try:
            sql.execute("BEGIN IMMEDIATE")
            yield sql
            sql.execute("COMMIT")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise StoreError(
                location=str(self._path), reason=f"nothing was saved ({error})"
            ) from error
        finally:
            if sql.in_transaction:
                sql.execute("ROLLBACK")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent look. Raises StoreError."""
        sql = self._sql
        try:
            sql.execute("BEGIN")
            yield sql
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise StoreError(
                location=str(self._path), reason=f"it is damaged ({error})"
            ) from error
        finally:
            if sql.in_transaction:
                sql.execute("ROLLBACK")

    def register(self, who: str, *, take_over: bool = False) -> None:
        """Write down who has the project open, and where. On a share: refuse a second one."""
        with self._writing() as sql:
            others = sql.execute("SELECT token, who, host, pid, started, since FROM sessions")
            for token, other, host, pid, started, since in others.fetchall():
                alive = is_alive(host, pid, started)
                if alive is False or (take_over and self._share):
                    sql.execute("DELETE FROM sessions WHERE token = ?", (token,))
                elif self._share:
                    place = str(self._path)
                    raise StoreLocked(location=place, who=other, host=host, since=since)
            host, pid, started = here()
            sql.execute(
                "INSERT INTO sessions (token, who, host, pid, started, since) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (self._token, who, host, pid, started, now()),
            )

    def load(self) -> Project:
        """Return everything. Raises StoreError."""
        collecting = gc.isenabled()
        gc.disable()  # a hundred thousand orders are no garbage: looking among them takes a third of the time
        try:
            return self._loaded()
        finally:
            if collecting:
                gc.enable()

    def _loaded(self) -> Project:
        records: dict[str, Mapping[str, Any]] = {}
        versions: dict[Key, int] = {}
        with self._reading() as sql:
            for kind, table in self._tables.items():
                rows = [self._outward(item) for item in table.read(sql)]
                records[kind] = {item.uid: item.value for item in rows if not item.deleted}
                versions.update({(kind, item.uid): item.version for item in rows})
            sequence = _sequence(sql)
        self._seen = dict(versions)
        return Project(self._path, sequence, records, versions)

    def commit(
        self,
        changes: Sequence[Put],
        entries: Sequence[Mapping[str, Any]] = (),
        *,
        by: str = "",
        at: str = "",
        expected_versions: Mapping[Key, int] | None = None,
    ) -> Committed:
        """Store changes and journal entries, all or nothing; see ``Store.commit``."""
        at = at or now()
        expected = {**self._seen, **(expected_versions or {})}
        with self._writing() as sql:
            conflicts = tuple(self._conflicts(sql, changes, expected))
            if conflicts:
                return Committed(_sequence(sql), conflicts=conflicts)
            sequence = _sequence(sql) + 1
            versions: dict[Key, int] = {}
            for change in changes:
                version = versions.get(change.key, expected.get(change.key, 0)) + 1
                table = self._table(change.kind)
                if table.write(sql, self._inward(change), (version, by, at, sequence)):
                    versions[change.key] = version
            written = tuple(self._append(sql, entries, (by, at, sequence)))
            sql.execute("UPDATE state SET value = ? WHERE name = 'sequence'", (sequence,))
        self._seen.update(versions)
        return Committed(sequence, versions, written)

    def _table(self, kind: str) -> Table:
        found = self._tables.get(kind)
        if found is None:
            raise StoreError(location=str(self._path), reason=f"it keeps no {kind!r}")
        return found

    def _conflicts(
        self, sql: sqlite3.Connection, changes: Sequence[Put], expected: Mapping[Key, int]
    ) -> Iterator[Conflict]:
        for change in changes:
            table, wanted = self._table(change.kind), expected.get(change.key, 0)
            if table.version(sql, change.uid) != wanted:
                theirs = table.find(sql, change.uid)
                found = None if theirs is None else self._outward(theirs)
                yield Conflict(change.kind, change.uid, wanted, change.value, found)

    def _append(
        self,
        sql: sqlite3.Connection,
        entries: Sequence[Mapping[str, Any]],
        stamp: tuple[str, str, int],
    ) -> Iterator[Entry]:
        last = sql.execute("SELECT seq, sha256 FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        seq, head = last or (0, GENESIS)
        for words in entries:
            seq += 1
            full = {"at": stamp[1], "actor": stamp[0], **words, "seq": seq}
            try:
                text = canonical(full)
            except TypeError as error:
                raise StoreError(location=str(self._path), reason=f"journal: {error}") from error
            head = link(head, text)
            sql.execute(
                "INSERT INTO journal (seq, canonical, sha256, sequence) VALUES (?, ?, ?, ?)",
                (seq, text, head, stamp[2]),
            )
            yield Entry(seq, from_json(text), head)

    def since(self, sequence: int) -> Since:
        """Return what was committed after a sequence number; later commits then build on it."""
        with self._reading() as sql:
            found = tuple(
                self._outward(item)
                for table in self._tables.values()
                for item in table.read(sql, after=sequence)
            )
            entries = _entries(sql, "sequence > ?", sequence)
            latest = _sequence(sql)
        self._seen.update({(item.kind, item.uid): item.version for item in found})
        return Since(latest, found, entries)

    def journal(self, after: int = 0) -> tuple[Entry, ...]:
        """Return the journal's entries after a number. Raises StoreError."""
        with self._reading() as sql:
            return _entries(sql, "seq > ?", after)

    def verify(self) -> Chain:
        """Recompute the journal's hash chain. Raises StoreError."""
        with self._reading() as sql:
            return verify(sql.execute("SELECT seq, canonical, sha256 FROM journal ORDER BY seq"))

    def erase_person(self, party: str) -> bool:
        """Remove a person's name and contact for good; the id stays. Raises StoreError."""
        with self._writing() as sql:
            erased = sql.execute("DELETE FROM persons WHERE party = ?", (party,)).rowcount > 0
        if erased:  # the log still holds the old pages
            self._tidy("PRAGMA wal_checkpoint(TRUNCATE)")
        return erased

    def save_as(self, path: Path) -> None:
        """Write a whole copy to another place, in one step; addresses follow. Raises StoreError."""
        if path.exists() and path.samefile(self._path):
            self._tidy("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        if geopackage.open_elsewhere(path):
            raise NotSaved(location=str(path), reason="a running program has that project open")
        draft = geopackage.draft_of(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            copy = geopackage.copy(self._sql, draft)
            try:
                copy.execute("DELETE FROM sessions")
                for item in list(self._tables["sources"].read(copy)):
                    value = _related(self._outward(item).value, path.parent)
                    self._tables["sources"].rewrite(copy, item.uid, value)
                for item in list(self._tables["datasets"].read(copy)):
                    value = _delivered(self._outward(item).value, path.parent)
                    self._tables["datasets"].rewrite(copy, item.uid, value)
            finally:
                copy.close()
            geopackage.settle(draft, path)
        except (OSError, sqlite3.Error) as error:
            raise NotSaved(location=str(path), reason=str(error)) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave one file behind: sign off, fold the log in, let go. Never raises for a dead disk."""
        if self._connection is None:
            return
        with suppress(StoreError), self._writing() as sql:
            sql.execute("DELETE FROM sessions WHERE token = ?", (self._token,))
        self._tidy("PRAGMA wal_checkpoint(TRUNCATE)")
        self._tidy("PRAGMA journal_mode=DELETE")
        self._connection.close()
        self._connection = None

    def _tidy(self, pragma: str) -> None:
        """Run a pragma that another open session may refuse; the last one to close succeeds."""
        with suppress(sqlite3.Error):
            self._sql.execute(pragma).fetchall()

    def _inward(self, change: Put) -> Put:
        if change.kind not in ("sources", "datasets") or change.value is None:
            return change
        beside = _related if change.kind == "sources" else _delivered
        return replace(change, value=beside(change.value, self._path.parent))

    def _outward(self, item: Stored) -> Stored:
        if item.kind not in ("sources", "datasets"):
            return item
        folder = self._path.absolute().parent
        if item.kind == "datasets":
            return replace(item, value=_addressed(item.value, folder, absolute))
        found = {name: absolute(getattr(item.value, name), folder) for name in ADDRESSES}
        return replace(item, value=replace(item.value, **found))


def _related(source: Any, folder: Path) -> Any:
    folder = folder.absolute()
    return replace(source, **{n: relative(getattr(source, n), folder) for n in ADDRESSES})


def _delivered(dataset: Any, folder: Path) -> Any:
    return _addressed(dataset, folder.absolute(), relative)


def _addressed(dataset: Any, folder: Path, change: Callable[[str, Path], str]) -> Any:
    """Return a dataset with the addresses of its deliveries made relative or absolute, line by line."""
    kept = tuple(
        replace(one, source="\n".join(change(x, folder) for x in one.source.split("\n")))
        for one in dataset.deliveries
    )
    return replace(dataset, deliveries=kept)


def _sequence(sql: sqlite3.Connection) -> int:
    return int(sql.execute("SELECT value FROM state WHERE name = 'sequence'").fetchone()[0])


def _entries(sql: sqlite3.Connection, where: str, number: int) -> tuple[Entry, ...]:
    found = sql.execute(
        f"SELECT seq, canonical, sha256 FROM journal WHERE {where} ORDER BY seq", (number,)
    )
    return tuple(Entry(seq, from_json(text), sha) for seq, text, sha in found)
