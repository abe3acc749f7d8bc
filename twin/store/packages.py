"""Tables handed on as a GeoPackage of the OGC (12-128r19, 1.4): equal tables give equal bytes.

No clock is read: ``at`` is the time of everything. The file is written whole or not at all.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import NotSaved
from twin.georeference import definition
from twin.store.chain import instant, sound
from twin.store.geopackage import container, draft_of, settle
from twin.tables import PackageLayer, PackageNote

__all__ = ["PackageLayer", "PackageNote", "packaged", "write_package"]

_UNKNOWN = -1
"""The number of a plane system that nobody named."""
_UNLISTED = 100_000
"""Numbers of systems that no registry holds start above it."""
_RESERVED = ("gpkg_", "rtree_", "sqlite_", "ogr_")
_TYPES = {"b": "BOOLEAN", "i": "INTEGER", "u": "INTEGER", "f": "DOUBLE", "M": "DATETIME"}
_SHAPES = (
    "POINT", "LINESTRING", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
)  # fmt: skip
"""Names by the numbers that shapely gives to types."""
_BATCH = 10_000
_METADATA = """
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT,
  column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""
_EXTENSION = "http://www.geopackage.org/spec/#extension_metadata"
_STANDARD = "http://standards.iso.org/iso/19115/-3/mdb/2.0"


def write_package(
    path: Path,
    layers: Sequence[PackageLayer],
    at: np.datetime64,
    notes: Sequence[PackageNote] = (),
) -> None:
    """Write the layers to a file, in one step; a file of that name is replaced.

    Raises NotSaved, CrsError, ValueError for columns of unequal length.
    """
    draft = draft_of(path)
    try:
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            _fill(connection, layers, at, notes)
        finally:
            connection.close()
        settle(draft, path)
    except (OSError, sqlite3.Error) as error:
        raise NotSaved(location=str(path), reason=str(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def packaged(
    layers: Sequence[PackageLayer], at: np.datetime64, notes: Sequence[PackageNote] = ()
) -> bytes:
    """Return the same file as bytes. Raises CrsError, ValueError for columns of unequal length."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _fill(connection, layers, at, notes)
        return bytes(connection.serialize())
    finally:
        connection.close()


def _fill(
    sql: sqlite3.Connection,
    layers: Sequence[PackageLayer],
    at: np.datetime64,
    notes: Sequence[PackageNote],
) -> None:
    time = instant(at) or ""
    container(sql)
    sql.execute("BEGIN")
    tables = _distinct([_table_name(layer.name) for layer in layers])
    systems: dict[str, int] = {"": _UNKNOWN}
    for layer, table in zip(layers, tables, strict=True):
        number = 0 if layer.geometry is None else _system(sql, layer.crs, systems)
        _add_layer(sql, layer, table, (number, time))
    if notes:
        named = dict(zip((layer.name for layer in layers), tables, strict=True))
        _add_notes(sql, notes, named, time)
    sql.execute("COMMIT")


def _table_name(name: str) -> str:
    plain = sound(name).replace("\0", "").strip() or "layer"
    return f"t_{plain}" if plain.lower().startswith(_RESERVED) else plain


def _distinct(names: Iterable[str], taken: Sequence[str] = ()) -> list[str]:
    """Return the names, numbered where SQLite, which ignores case, would take two for one."""
    seen, found = {name.lower() for name in taken}, []
    for name in names:
        fresh, count = name, 1
        while fresh.lower() in seen:
            count += 1
            fresh = f"{name}_{count}"
        seen.add(fresh.lower())
        found.append(fresh)
    return found


def _system(sql: sqlite3.Connection, crs: str, systems: dict[str, int]) -> int:
    """Return the number of a system in the file, adding it at its first use."""
    if crs in systems:
        return systems[crs]
    title, authority, number, text = definition(crs)
    row = (title, number, authority, number, text)
    if not authority:
        number = _UNLISTED + len(systems)
        row = (title, number, "NONE", number, text)
    systems[crs] = number
    sql.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, "
        "organization_coordsys_id, definition) VALUES (?, ?, ?, ?, ?)",
        row,
    )
    return number


def _add_layer(
    sql: sqlite3.Connection, layer: PackageLayer, table: str, place: tuple[int, str]
) -> None:
    number, time = place
    shapes = layer.geometry
    kind = "attributes" if shapes is None else "features"
    there = None if shapes is None else shapes[~shapely.is_missing(shapes)]
    bounds = None if there is None or not len(there) else shapely.total_bounds(there)
    known = bounds is not None and bool(np.isfinite(bounds).all())
    box = tuple(bounds.tolist()) if known and bounds is not None else (None,) * 4
    sql.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, min_x, min_y, "
        "max_x, max_y, srs_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (table, kind, table, time, *box, None if shapes is None else number),
    )
    names = _distinct(map(sound, layer.columns), ("fid", "geom"))
    typed = [_typed(column) for column in layer.columns.values()]
    lines = ["fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"]
    if shapes is not None:
        type_name, z = _shape_type(shapes)
        lines.append(f"geom {type_name}")
    lines += [f"{_quoted(name)} {sort}" for name, (sort, _) in zip(names, typed, strict=True)]
    sql.execute(f"CREATE TABLE {_quoted(table)} ({', '.join(lines)})")
    if shapes is not None:
        sql.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, ?, 0)",
            (table, type_name, number, z),
        )
    listed = [cells for _, cells in typed]
    if shapes is not None:
        listed.insert(0, blobs(shapes, number))
    if listed:
        _insert(sql, table, listed)


def _insert(sql: sqlite3.Connection, table: str, listed: Sequence[Sequence[Any]]) -> None:
    marks = ", ".join("?" for _ in range(len(listed) + 1))
    statement = f"INSERT INTO {_quoted(table)} VALUES ({marks})"
    rows = zip(range(1, len(listed[0]) + 1), *listed, strict=True)
    while batch := list(islice(rows, _BATCH)):
        sql.executemany(statement, batch)


def _quoted(name: str) -> str:
    return '"' + name.replace("\0", "").replace('"', '""') + '"'


def _typed(column: Sequence[Any] | NDArray[Any]) -> tuple[str, list[Any]]:
    """Return a column's type in SQL and its cells: None where a value is missing."""
    values = column if isinstance(column, np.ndarray) else _array(column)
    sort = _TYPES.get(values.dtype.kind, "TEXT")
    cells: list[Any]
    if sort == "DATETIME":
        times = np.datetime_as_string(values.astype("datetime64[ms]"), unit="ms").tolist()
        cells = [None if text == "NaT" else f"{text}Z" for text in times]
    elif sort == "DOUBLE":
        cells = [value if np.isfinite(value) else None for value in values.tolist()]
    elif sort == "TEXT":
        cells = [_text(value) for value in values.tolist()]
    else:
        cells = values.astype(np.int64).tolist()
    return sort, cells


def _array(values: Sequence[Any]) -> NDArray[Any]:
    """Return plain values as the narrowest of bool, int, float and instant that holds them all, else texts."""
    kinds = {type(value) for value in values if value is not None}
    whole = len(kinds) == 1 and None not in values
    if kinds and kinds <= {int, float} and (float in kinds or not whole):
        return np.array([np.nan if value is None else value for value in values], np.float64)
    if kinds == {np.datetime64}:
        return np.array([np.datetime64("NaT") if v is None else v for v in values], "M8[ms]")
    if whole and kinds & {bool, int}:
        return np.array(values)
    found = np.empty(len(values), object)
    found[:] = list(values)
    return found


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    return sound(value if isinstance(value, str) else str(value))


def _shape_type(shapes: NDArray[np.object_]) -> tuple[str, int]:
    """Return the type that all shapes share, and whether they have heights: 0 no, 1 all, 2 some."""
    there = shapes[~shapely.is_missing(shapes)]
    names = {_SHAPES[number] for number in np.unique(shapely.get_type_id(there)).tolist()}
    high = shapely.has_z(there)
    z = 0 if not high.any() else 1 if high.all() else 2
    return (names.pop() if len(names) == 1 else "GEOMETRY"), z


def blobs(shapes: NDArray[np.object_], number: int) -> list[bytes | None]:
    """Return shapes as the container wants them: head, envelope (not of an empty one), ISO WKB; None stays."""
    missing, empty = shapely.is_missing(shapes), shapely.is_empty(shapes)
    plain = shapes.copy()
    for row in np.flatnonzero(shapely.get_type_id(shapes) == 2).tolist():
        plain[row] = shapely.LineString(shapes[row])  # a ring by itself is no type of the format
    bodies = shapely.to_wkb(plain, byte_order=1, flavor="iso")
    sized = np.dtype([("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4")])
    heads = np.zeros(len(shapes), [("head", sized), ("box", "<f8", 4)])
    heads["head"]["magic"], heads["head"]["srs"] = b"GP", number
    heads["head"]["flags"] = np.where(empty, 0b010001, 0b000011)
    heads["box"] = np.nan_to_num(shapely.bounds(shapes)[:, [0, 2, 1, 3]])
    raw, width = heads.tobytes(), heads.dtype.itemsize
    found: list[bytes | None] = []
    flags = zip(missing.tolist(), empty.tolist(), bodies.tolist(), strict=True)
    for row, (gone, bare, body) in enumerate(flags):
        end = row * width + (sized.itemsize if bare else width)
        found.append(None if gone else raw[row * width : end] + body)
    return found


def _add_notes(
    sql: sqlite3.Connection, notes: Sequence[PackageNote], tables: dict[str, str], time: str
) -> None:
    for statement in _METADATA.split(";\n"):
        if statement.strip():
            sql.execute(statement)
    sql.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', ?, 'read-write')",
        [("gpkg_metadata", _EXTENSION), ("gpkg_metadata_reference", _EXTENSION)],
    )
    for number, note in enumerate(notes, 1):
        scope = "feature" if len(note.rows) else "dataset"
        sql.execute(
            "INSERT INTO gpkg_metadata VALUES (?, ?, ?, ?, ?)",
            (number, scope, note.standard or _STANDARD, note.mime, sound(note.text)),
        )
        rows: Sequence[int | None] = [row + 1 for row in note.rows] or [None]
        sql.executemany(
            "INSERT INTO gpkg_metadata_reference VALUES (?, ?, NULL, ?, ?, ?, NULL)",
            [
                ("table" if row is None else "row", tables[note.layer], row, time, number)
                for row in rows
            ],
        )
