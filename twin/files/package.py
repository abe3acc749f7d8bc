"""Packages in one SQLite file (``.3dtiles``): a table ``media`` of keys and contents, read only.

The one place outside ``twin/store`` that speaks SQL: a container that others made is read here as a
zip archive is, statements are constants, and names travel as parameters.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.errors import BrokenFile, NotFound, TooLarge
from twin.files.addresses import LIMIT, spellings

PACKAGES = (".3dtiles",)
MOST_STEPS = 50
"""Calls of the progress handler, each after 100,000 steps of SQLite, before a query is given up."""
_IS_TABLE = "SELECT type = 'table' FROM sqlite_master WHERE name = 'media'"
_COLUMNS = "SELECT name FROM pragma_table_info('media')"
_SIZE = "SELECT typeof(content), length(content) FROM media WHERE key = ?"
_CONTENT = "SELECT content FROM media WHERE key = ?"


@dataclass(frozen=True, slots=True)
class Package:
    """Contents of a SQLite package, by key. A connection of its own for every read."""

    location: str
    inside: str = ""

    def names(self, address: str) -> tuple[str, ...]:
        """Return the decoded spelling, then the literal one."""
        return spellings(address)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one key; their number is checked first."""
        key = self.inside + address
        shown = f"{self.location}/{key}"
        with _connected(self.location) as database:
            _check(database, self.location)
            said = database.execute(_SIZE, (key,)).fetchone()
            if said is None:
                raise NotFound(location=shown)
            kind, size = said
            if kind != "blob":
                reason = f"the package holds {kind} under this key, not octets"
                raise BrokenFile(location=shown, format="3dtiles", reason=reason)
            if size > limit:
                raise TooLarge(location=shown, what="it", size=size, limit=limit)
            found = database.execute(_CONTENT, (key,)).fetchone()
        return bytes(found[0])


def _check(database: Any, location: str) -> None:
    """Refuse a file that has no table ``media`` with ``key`` and ``content``."""
    if database.execute(_IS_TABLE).fetchone() != (1,):
        raise BrokenFile(
            location=location, format="3dtiles", reason="the package has no table 'media'"
        )
    columns = {name for (name,) in database.execute(_COLUMNS)}
    missing = ", ".join(sorted({"key", "content"} - columns))
    if missing:
        raise BrokenFile(
            location=location,
            format="3dtiles",
            reason=f"its table 'media' lacks the column {missing}",
        )


@contextmanager
def _connected(location: str) -> Iterator[Any]:
    path = Path(location)
    if not path.is_file():
        raise NotFound(location=location)
    steps = iter(range(MOST_STEPS))
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(lambda: next(steps, None) is None, 100_000)
            yield database
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, OSError) as error:
        raise BrokenFile(location=location, format="3dtiles", reason=f"SQLite: {error}") from error
