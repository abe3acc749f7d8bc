"""One table of records: its statements, built from the record's fields alone; values are parameters."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from twin.records import Dataset, Delivery, Party
from twin.store.codec import Row, decode, encode, from_json, to_json
from twin.store.port import KINDS, Put, Stored

_PERSONAL = ("name", "position", "email", "phone")
_STAMP = ("version", "changed_by", "changed_at", "deleted", "sequence")


class Table:
    """The rows of one kind. Datasets bring their deliveries, persons their erasable half."""

    def __init__(self, kind: str) -> None:
        """Build the statements; names come from the record types, never from data."""
        self.kind = kind
        self.record = KINDS[kind]
        names = ["value"] if self.record is None else [item.name for item in fields(self.record)]
        apart = {"uid"} | ({"deliveries"} if self.record is Dataset else set())
        self.columns = [name for name in names if name not in apart]
        listed = ", ".join(f'"{name}"' for name in ("uid", *self.columns, *_STAMP))
        marks = ", ".join("?" for _ in range(len(self.columns) + 1 + len(_STAMP)))
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in (*self.columns, *_STAMP))
        self._select = f"SELECT {listed} FROM {kind}"
        self._upsert = f"INSERT INTO {kind} ({listed}) VALUES ({marks}) ON CONFLICT (uid) DO UPDATE SET {updates}"

    def read(self, sql: sqlite3.Connection, after: int = -1) -> Iterator[Stored]:
        """Yield the records written after a sequence number, in the order of their first writing."""
        rows = self._rows(sql, after)
        beside = self._beside(sql)
        for row in rows:
            yield self._stored(row, beside)

    def _rows(self, sql: sqlite3.Connection, after: int) -> list[tuple[Any, ...]]:
        """Return the rows as they stand; the reader of texts that forgives takes over where it must."""
        wanted = f"{self._select} WHERE sequence > ? ORDER BY fid"
        forgiving = sql.text_factory
        try:
            sql.text_factory = str
            return sql.execute(wanted, (after,)).fetchall()
        except sqlite3.OperationalError:  # a text that is no UTF-8
            sql.text_factory = forgiving
            return sql.execute(wanted, (after,)).fetchall()
        finally:
            sql.text_factory = forgiving

    def find(self, sql: sqlite3.Connection, uid: str) -> Stored | None:
        """Return one record, deleted ones too."""
        row = sql.execute(f"{self._select} WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else self._stored(row, self._beside(sql))

    def version(self, sql: sqlite3.Connection, uid: str) -> int:
        """Return a record's version, 0 when it was never stored."""
        row = sql.execute(f"SELECT version FROM {self.kind} WHERE uid = ?", (uid,)).fetchone()
        return 0 if row is None else int(row[0])

    def write(
        self, sql: sqlite3.Connection, change: Put, stamp: tuple[int, str, str, int]
    ) -> bool:
        """Put or delete one record with its stamp (version, by, at, sequence); False = not there."""
        version, by, at, sequence = stamp
        if change.value is None:
            gone = sql.execute(
                f"UPDATE {self.kind} SET deleted = 1, version = ?, changed_by = ?, changed_at = ?, "
                "sequence = ? WHERE uid = ?",
                (version, by, at, sequence, change.uid),
            )
            if self.kind == "parties":
                sql.execute("DELETE FROM persons WHERE party = ?", (change.uid,))
            return gone.rowcount > 0
        cells = self._cells(change.value)
        values = [cells[name] for name in self.columns]
        sql.execute(self._upsert, (change.uid, *values, version, by, at, 0, sequence))
        self._write_beside(sql, change.uid, change.value)
        return True

    def rewrite(self, sql: sqlite3.Connection, uid: str, value: Any) -> None:
        """Change a record's columns without a new version (a copy's addresses)."""
        cells = self._cells(value)
        for name in self.columns:
            sql.execute(f'UPDATE {self.kind} SET "{name}" = ? WHERE uid = ?', (cells[name], uid))
        self._write_beside(sql, uid, value)

    def _cells(self, value: Any) -> Row:
        if self.record is None:
            return {"value": to_json(value)}
        if isinstance(value, Party) and not value.organisation:
            value = replace(value, name="", position="", email="", phone="")
        return encode(value)

    def _stored(self, row: tuple[Any, ...], beside: Mapping[str, Any]) -> Stored:
        uid, *cells = row
        version, by, at, deleted, _ = cells[len(self.columns) :]
        values = {"uid": uid, **dict(zip(self.columns, cells, strict=False))}
        value = (
            from_json(values["value"])
            if self.record is None
            else self._record(uid, values, beside)
        )
        return Stored(self.kind, uid, value, version, by, at, bool(deleted))

    def _record(self, uid: str, values: Row, beside: Mapping[str, Any]) -> Any:
        assert self.record is not None
        if self.record is Dataset:
            values["deliveries"] = "[]"
            return replace(decode(Dataset, values), deliveries=tuple(beside.get(uid, ())))
        if self.record is Party and uid in beside:
            values.update(beside[uid])
        return decode(self.record, values)

    def _beside(self, sql: sqlite3.Connection) -> Mapping[str, Any]:
        """Return what stands in a second table, by uid."""
        if self.record is Party:
            found = sql.execute("SELECT party, name, position, email, phone FROM persons")
            return {row[0]: dict(zip(_PERSONAL, row[1:], strict=True)) for row in found}
        deliveries: dict[str, list[Delivery]] = {}
        if self.record is Dataset:
            names = [item.name for item in fields(Delivery)]
            listed = ", ".join(f'"{name}"' for name in names)
            for row in sql.execute(f"SELECT {listed} FROM deliveries ORDER BY dataset, place"):
                delivery = decode(Delivery, dict(zip(names, row, strict=True)))
                deliveries.setdefault(delivery.dataset, []).append(delivery)
        return deliveries

    def _write_beside(self, sql: sqlite3.Connection, uid: str, value: Any) -> None:
        if isinstance(value, Party):
            sql.execute("DELETE FROM persons WHERE party = ?", (uid,))
            if not value.organisation:
                sql.execute(
                    "INSERT INTO persons (party, name, position, email, phone) VALUES (?, ?, ?, ?, ?)",
                    (uid, value.name, value.position, value.email, value.phone),
                )
        if isinstance(value, Dataset):
            sql.execute("DELETE FROM deliveries WHERE dataset = ?", (uid,))
            names = [item.name for item in fields(Delivery)]
            listed = ", ".join(f'"{name}"' for name in names)
            marks = ", ".join("?" for _ in names)
            for place, delivery in enumerate(value.deliveries):
                cells = encode(replace(delivery, dataset=uid))
                sql.execute(
                    f"INSERT INTO deliveries (place, {listed}) VALUES (?, {marks})",
                    (place, *(cells[name] for name in names)),
                )
