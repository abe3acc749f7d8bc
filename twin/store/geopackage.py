"""The file itself: a valid GeoPackage, checked before it is touched, migrated in one transaction.

Spec: OGC 12-128r19 (GeoPackage 1.4): application_id 'GPKG', user_version 10400; our own schema's
version stands in the table ``state``.
"""

import os
import sqlite3
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from twin.errors import (
    NotAProject,
    NotFound,
    NotReadable,
    NotSaved,
    OpenError,
    StoreBroken,
    StoreError,
    StoreNewer,
)
from twin.store.places import is_alive
from twin.store.port import KINDS

APPLICATION = 0x47504B47
EDITION = 10400
STALE = 3600.0
"""Seconds after which a draft belongs to nobody."""
WAIT = 5.0
"""Seconds to wait for somebody else's commit."""
_CONTAINER = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY NOT NULL,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
  description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY NOT NULL, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,'
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_SYSTEMS = (
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
    ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84),
)


def migrations() -> tuple[str, ...]:
    """Return the schema's scripts in order; their number is the schema's version."""
    folder = files("twin.store").joinpath("schema")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(folder.joinpath(name).read_text("utf-8") for name in names)


def create(path: Path) -> None:
    """Write an empty project, whole or not at all. Raises StoreError."""
    draft = draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            _fill(connection)
        finally:
            connection.close()
        settle(draft, path)
    except (OSError, sqlite3.Error) as error:
        raise NotSaved(location=str(path), reason=str(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """Return a fresh name beside a file, for writing it whole before it gets its name."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.draft")


def settle(draft: Path, path: Path) -> None:
    """Give a finished draft its name, in one step, on disk. Raises OSError."""
    for suffix in ("-wal", "-shm", "-journal"):  # an old file's log must never meet the new one
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(draft, path)  # noqa: PTH105 -- says what matters: atomic, also over an old file
    for left in path.parent.glob(f".{path.name}.*.draft"):  # of a program killed while writing
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink()


def container(connection: sqlite3.Connection) -> None:
    """Make an empty database a GeoPackage without contents. Raises sqlite3.Error."""
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute(f"PRAGMA application_id={APPLICATION}")
    connection.execute(f"PRAGMA user_version={EDITION}")
    connection.execute("BEGIN")
    for statement in _CONTAINER.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, "
        "organization_coordsys_id, definition) VALUES (?, ?, ?, ?, ?)",
        _SYSTEMS,
    )
    connection.execute("COMMIT")


def _fill(connection: sqlite3.Connection) -> None:
    container(connection)
    connection.execute("BEGIN")
    migrate(connection, 0, migrations())
    connection.executemany(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)",
        [(name, name) for name in (*KINDS, "deliveries")],
    )
    connection.execute("COMMIT")


def migrate(connection: sqlite3.Connection, version: int, scripts: Sequence[str]) -> None:
    """Bring the schema from a version to the newest, inside the caller's transaction."""
    for script in scripts[version:]:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.execute(statement)
    connection.execute(
        "INSERT OR REPLACE INTO state (name, value) VALUES ('schema', ?)", (len(scripts),)
    )


def check_head(path: Path) -> None:
    """Refuse what is no GeoPackage by its first bytes, before SQLite may write beside it.

    Raises NotFound, NotReadable, NotAProject.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(100)
    except FileNotFoundError as error:
        raise NotFound(location=str(path)) from error
    except OSError as error:
        raise NotReadable(location=str(path), reason=error.strerror or str(error)) from error
    if not head.startswith(b"SQLite format 3\0") or len(head) < 100:
        raise NotAProject(location=str(path), reason="it is no GeoPackage")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise NotAProject(location=str(path), reason="it is a database, but no GeoPackage")


def connect(path: Path, *, share: bool) -> sqlite3.Connection:
    """Open a project for reading and writing: recovered, checked, migrated.

    On a share SQLite keeps a rollback journal, elsewhere a write-ahead log. Raises StoreError,
    NotFound, NotReadable.
    """
    check_head(path)
    address = f"{path.absolute().as_uri()}?mode=rw"
    try:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=WAIT, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise _said(path, error) from error
    connection.text_factory = _lenient
    try:
        for pragma in ("trusted_schema=OFF", "foreign_keys=ON", "secure_delete=ON",
                       "cell_size_check=ON"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        _check(connection, path)
        _update(connection, path)
        connection.execute(f"PRAGMA journal_mode={'DELETE' if share else 'WAL'}").fetchall()
        connection.execute("PRAGMA synchronous=FULL")
    except (sqlite3.Error, UnicodeDecodeError) as error:
        connection.close()
        raise _said(path, error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _lenient(text: bytes) -> str:
    """Decode a text cell; in a damaged file it need not be UTF-8, and the journal's chain tells."""
    return text.decode("utf-8", "replace")


def _said(path: Path, error: Exception) -> StoreError:
    """Return what a failed opening means."""
    place, reason = str(path), str(error)
    if "locked" in reason or "busy" in reason:
        return StoreError(
            location=place, reason="somebody else is writing to it just now; try again"
        )
    if "readonly" in reason or "unable to open" in reason:
        return NotSaved(location=place, reason=f"it is write-protected: {reason}")
    return StoreBroken(location=place, reason=reason)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    verdict = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
    if verdict != ["ok"]:
        raise StoreBroken(location=str(path), reason=verdict[0])
    tables = {
        row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
    }
    if not {"state", "journal", "sources"} <= tables:
        raise NotAProject(location=str(path), reason="it is a GeoPackage of something else")


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the schema's version in a project."""
    found = connection.execute("SELECT value FROM state WHERE name = 'schema'").fetchone()
    return int(found[0]) if found else 0


def _update(connection: sqlite3.Connection, path: Path) -> None:
    scripts = migrations()
    version = schema_version(connection)
    if version > len(scripts):
        raise StoreNewer(location=str(path), found=version, known=len(scripts))
    if version == len(scripts):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrate(connection, version, scripts)
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise


def open_elsewhere(path: Path) -> bool:
    """Return whether a running program has the project open; False for what is no project."""
    with suppress(OpenError, StoreError, sqlite3.Error, OSError):
        check_head(path)
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT)
        try:
            rows = connection.execute("SELECT host, pid, started FROM sessions").fetchall()
        finally:
            connection.close()
        return any(is_alive(*row) is not False for row in rows)
    return False


def copy(source: sqlite3.Connection, draft: Path) -> sqlite3.Connection:
    """Copy a whole project into a new file and return it open, as one file without a log."""
    target = sqlite3.connect(draft, isolation_level=None)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite3.Error:
        target.close()
        raise
    return target
