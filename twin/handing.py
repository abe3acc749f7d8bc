"""Exchange packs: orders and their objects handed to a custodian, and what comes back merged."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

from twin.edits import Edit, SetCells
from twin.errors import BrokenFile, UsageError
from twin.exchange.bcf.writing import packed
from twin.features import TEXT
from twin.files import Archive
from twin.maintenance.exports import order_calendar, order_table
from twin.maintenance.orders.attaching import places_of
from twin.maintenance.orders.book import Book, day, stamp
from twin.maintenance.orders.packs import (
    BASE,
    EDITABLE,
    OBJECTS,
    ORDERS,
    TABLES,
    VERSION,
    Difference,
    Values,
    columns_of,
    differences,
    values_of,
)
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.vector_files import read_vector
from twin.observations import STATUSES
from twin.ports import VectorTable
from twin.scene import Layer, Twin
from twin.store.packages import packaged
from twin.tables import PackageLayer
from twin.topics.order_topics import as_bcf
from twin.topics.places import Located

_STAMP = (1980, 1, 1, 0, 0, 0)
MOST_BYTES = 256 << 20
"""A member of a pack larger than this is not read."""


def pack_of(book: Book, twin: Twin, located: Located) -> bytes:
    """Return the pack of some orders; equal orders and objects give equal bytes. Raises CrsError."""
    rows = _rows(book, twin)
    objects = [_objects(book, twin.layers[key], some) for key, some in rows.items()]
    base = {
        "version": VERSION,
        "at": stamp(book.at),
        OBJECTS: {uid: said for _, values in objects for uid, said in values.items()},
        ORDERS: {order.id: _editable(order) for order in book.orders},
    }
    layers = [
        _joined([part for part, _ in objects], twin.crs),
        PackageLayer(ORDERS, "", _orders(book)),
    ]
    members = {
        BASE: json.dumps(base, sort_keys=True, ensure_ascii=False, indent=1).encode(),
        TABLES: packaged([layer for layer in layers if _length(layer)], book.at),
        "orders.bcf": packed(as_bcf(book, twin, located), stamp(book.at)),
        "orders.csv": order_table.write(book),
        "orders.ics": order_calendar.write(book),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, _STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return stream.getvalue()


def _length(layer: PackageLayer) -> int:
    return len(next(iter(layer.columns.values()), ()))


def _rows(book: Book, twin: Twin) -> dict[str, dict[str, tuple[int, WorkOrder]]]:
    """Return, of each layer, the objects of the orders: uid -> row and order."""
    about = {thing.uid: order for order in book.orders for thing in order.objects}
    found = {
        key: {uid: (row, about[uid]) for uid, row in places_of(layer, about).items()}
        for key, layer in twin.layers.items()
    }
    return {key: some for key, some in found.items() if some}


def _objects(
    book: Book, layer: Layer, some: Mapping[str, tuple[int, WorkOrder]]
) -> tuple[PackageLayer, dict[str, dict[str, Any]]]:
    """Return the objects of a layer as a table with their plan rectangles, and the values to be merged."""
    uids = sorted(some)
    rows = np.array([some[uid][0] for uid in uids], np.int32)
    verdict, table = layer.assessment, layer.features
    names = columns_of(table)
    values = values_of(table, rows, names)
    own: dict[str, list[Any]] = {
        "uid": uids,
        "layer": [layer.id] * len(uids),
        "id": [str(table.id[row]) for row in rows],
        "name": [None if table.name is None else table.name[row] for row in rows],
        "class": [table.kinds[int(table.kind[row])] for row in rows],
        "order": [some[uid][1].number for uid in uids],
        "custodian": [book.shown(some[uid][1].accountable) for uid in uids],
        "status": [STATUSES[int(verdict.status[row])] for row in rows],
        "observed": [day(verdict.t_eff[row]) for row in rows],
        "due": [day(verdict.due[row]) for row in rows],
    }
    own |= {name: [said.get(name) for said in values] for name in names}
    boxes = table.bounds[rows][:, [0, 1, 3, 4]]
    shapes = np.full(len(rows), None, object)
    there = np.isfinite(boxes).all(axis=1)
    shapes[there] = shapely.box(*boxes[there].T)
    return PackageLayer(OBJECTS, "", own, shapes), dict(zip(uids, values, strict=True))


def _joined(parts: list[PackageLayer], crs: str) -> PackageLayer:
    """Return the tables of several layers as one; what a layer lacks is missing in its rows."""
    names = list(dict.fromkeys(name for part in parts for name in part.columns))
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for part in parts:
        count = _length(part)
        for name in names:
            columns[name] += list(part.columns.get(name, [None] * count))
    kinds = {name: {type(x) for x in cells if x is not None} for name, cells in columns.items()}
    for name, cells in columns.items():
        if len(kinds[name]) > 1:  # text here, number there
            columns[name] = [None if x is None else str(x) for x in cells]
    shapes = [part.geometry for part in parts if part.geometry is not None]
    return PackageLayer(OBJECTS, crs, columns, np.concatenate(shapes) if shapes else None)


def _editable(order: WorkOrder) -> dict[str, Any]:
    return {"state": order.state, "delivery": order.delivery, "note": ""}


def _orders(book: Book) -> dict[str, list[Any]]:
    orders = sorted(book.orders, key=lambda x: (x.number, x.id))
    return {
        "id": [x.id for x in orders],
        "number": [x.number for x in orders],
        "title": [book.title(x) for x in orders],
        "reason": [x.reason for x in orders],
        "due": [day(x.due) for x in orders],
        "custodian": [book.shown(x.accountable) for x in orders],
        "assignee": [book.shown(x.assignee) for x in orders],
        **{name: [_editable(x)[name] for x in orders] for name in EDITABLE},
    }


# -- back again -------------------------------------------------------------------------------------


@dataclass
class Merge:
    """What a pack that came back means: ``edits`` of objects and the ``taken`` values they set; ``wishes``
    for orders as commands, which may refuse them; ``conflicts``: values that changed on both sides, of
    which nothing is done."""

    edits: list[Edit] = field(default_factory=list)
    taken: list[Difference] = field(default_factory=list)
    wishes: list[tuple[Difference, str, dict[str, str]]] = field(default_factory=list)
    conflicts: list[Difference] = field(default_factory=list)


def merged(twin: Twin, path: str, by: str, at: str) -> Merge:
    """Return what a pack changes. Raises BrokenFile, OpenError, UsageError for an unknown party."""
    base, tables = _read(path)
    found = Merge()
    _merge_objects(twin, base.get(OBJECTS, {}), tables.get(OBJECTS), found)
    _merge_orders(twin, base.get(ORDERS, {}), tables.get(ORDERS), found, (by, at))
    return found


def _read(path: str) -> tuple[dict[str, Any], dict[str, VectorTable]]:
    archive = Archive(path)
    wrong = {"location": path, "format": "pack"}
    try:
        base = json.loads(archive.read(BASE, MOST_BYTES))
        data = archive.read(TABLES, MOST_BYTES)
    except ValueError as error:
        raise BrokenFile(**wrong, reason=f"{BASE}: {error}") from error
    sound = isinstance(base, dict) and all(
        isinstance(base.get(name, {}), dict)
        and all(isinstance(x, dict) for x in base.get(name, {}).values())
        for name in (OBJECTS, ORDERS)
    )
    if not sound or base.get("version") != VERSION:
        raise BrokenFile(**wrong, reason=f"{BASE} is not of version {VERSION}")
    tables = {}
    with TemporaryDirectory() as folder:
        place = Path(folder) / TABLES
        place.write_bytes(data)
        for name in (OBJECTS, ORDERS):
            try:
                tables[name] = read_vector(str(place), name)
            except UsageError:  # that table was taken away, or had no rows
                continue
    return base, tables


def _said(table: VectorTable | None, key: str) -> Values:
    """Return key -> column -> value of a table that came back."""
    if table is None or key not in table.columns:
        return {}
    names = list(table.columns)
    cells = [table.columns[name].tolist() for name in names]
    at = names.index(key)
    return {str(row[at]): dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)}


def _merge_objects(twin: Twin, base: Values, table: VectorTable | None, found: Merge) -> None:
    theirs = _said(table, "uid")
    for layer in twin.layers.values():
        places = places_of(layer, base)
        rows = np.array(list(places.values()), np.int32)
        names = columns_of(layer.features)
        mine = dict(zip(places, values_of(layer.features, rows, names), strict=True))
        cells: dict[str, list[tuple[int, Any]]] = {}
        for one in differences(OBJECTS, base, mine, theirs):
            if one.conflict:
                found.conflicts.append(one)
            elif one.column in layer.features.columns:
                cells.setdefault(one.column, []).append((places[one.key], one.theirs))
                found.taken.append(one)
        for name, some in cells.items():
            found.edits.append(_cells(layer, name, some))


def _cells(layer: Layer, name: str, some: list[tuple[int, Any]]) -> Edit:
    kind = layer.features.columns[name].dtype
    values = [value for _, value in some]
    if kind.kind == "T":
        column = np.array([None if x is None else str(x) for x in values], TEXT)
    else:
        column = np.array([np.nan if x is None else x for x in values], np.float64).astype(kind)
    return SetCells(layer.id, name, np.array([row for row, _ in some], np.int32), column)


def _merge_orders(
    twin: Twin, base: Values, table: VectorTable | None, found: Merge, who: tuple[str, str]
) -> None:
    kept: dict[str, WorkOrder] = twin.records["orders"]
    mine = {key: _editable(kept[key]) for key in base if key in kept}
    changed = differences(ORDERS, base, mine, _said(table, "id"))
    deliveries = {one.key: str(one.theirs or "") for one in changed if one.column == "delivery"}
    for one in changed:
        if one.column == "note" and any(x.note == one.theirs for x in kept[one.key].transitions):
            continue  # it was taken in before
        if one.conflict:
            found.conflicts.append(one)
        elif one.column != "delivery":
            _wish(one, deliveries.get(one.key, ""), found, who)


def _wish(one: Difference, delivery: str, found: Merge, who: tuple[str, str]) -> None:
    """Note what a custodian wrote into an order's row, as a command."""
    words: dict[str, str] = {"order": one.key, "by": who[0], "at": who[1]}
    name = "orders.note" if one.column == "note" else "orders.move"
    if name == "orders.note":
        words["note"] = str(one.theirs)
    else:
        words |= {"state": str(one.theirs), "delivery": delivery}
    found.wishes.append((one, name, words))
