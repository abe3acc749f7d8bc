"""The lines of a comparison as a table model: what changed first, unchanged objects left out unless asked for."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from twin.maintenance.revisions import Pair
from twin.maintenance.revisions.reports import Compared
from ui.desk import Desk
from ui.wording import DASH

MODELS = ("change", "object", "class", "shape", "attributes", "moved", "match")
"""Columns of a comparison of models."""
CITIES = ("change", "object", "class", "iou", "roof", "base", "area", "attributes", "match")
"""Columns of a comparison of cities."""
RIGHT = ("moved", "iou", "roof", "base", "area")
NUMBERS = {"moved": "moved", "iou": "iou", "roof": "d_roof", "base": "d_base"}
"""Column -> what of a line it shows."""
Index = QModelIndex | QPersistentModelIndex


class DifferenceModel(QAbstractTableModel):
    """``bucket`` '' shows all that changed, else the objects of one bucket; ``wanted`` is looked for in what
    names an object."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.found: Compared | None = None
        self.bucket = ""
        self.wanted = ""
        self.order: tuple[str, bool] = ("", False)
        self.columns: tuple[str, ...] = MODELS
        self.pairs: list[Pair] = []

    def show(self, found: Compared | None, bucket: str = "") -> None:
        """Show another comparison, or another bucket of it."""
        self.beginResetModel()
        self.found, self.bucket = found, bucket
        cities = found is not None and found.revision.cities
        self.columns = CITIES if cities else MODELS
        self._choose()
        self.endResetModel()

    def look_for(self, wanted: str) -> None:
        """Show the lines alone whose object's name, key, id or class holds a text."""
        self.beginResetModel()
        self.wanted = wanted.strip().casefold()
        self._choose()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the lines by a column; by change they stand in the order of the buckets."""
        self.beginResetModel()
        name = self.columns[column] if 0 <= column < len(self.columns) else ""
        self.order = (name, order == Qt.SortOrder.DescendingOrder)
        self._choose()
        self.endResetModel()

    def _choose(self) -> None:
        pairs: Sequence[Pair] = () if self.found is None else self.found.revision.pairs
        self.pairs = [
            pair for pair in pairs
            if (self.bucket in (pair.bucket, *pair.also) if self.bucket else pair.bucket != "unchanged")
            and (not self.wanted or self.wanted in self._named(pair))
        ]  # fmt: skip
        name, down = self.order
        if name in self.columns and name != "change":
            self.pairs.sort(key=lambda pair: self._rank(pair, name), reverse=down)
        elif down:
            self.pairs.reverse()

    def _named(self, pair: Pair) -> str:
        assert self.found is not None
        ids, keys = self.found.ids(pair), self.found.keys(pair)
        said = [self._thing(pair, "object"), self._thing(pair, "class"), *ids[0], *ids[1]]
        return "\n".join([*said, *[key for side in keys for key in side if key]]).casefold()

    def _rank(self, pair: Pair, name: str) -> tuple[bool, float, str]:
        """Return what a line is sorted by; what is not known comes first."""
        if name in NUMBERS:
            value = float(getattr(pair, NUMBERS[name]))
        elif name == "area":
            value = _gain(pair)
        else:
            return True, 0.0, self._cell(pair, name)
        return not math.isnan(value), 0.0 if math.isnan(value) else value, ""

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.pairs)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's head."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.desk.say(f"differences.{self.columns[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[section] in RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            name = self.columns[index.column()]
            if role == Qt.ItemDataRole.ToolTipRole and name == "change":
                return self._whole(self.pairs[index.row()])
            return self.cell(index.row(), name)
        return None

    def _whole(self, pair: Pair) -> str:
        """Return all buckets that fit."""
        return ", ".join(self.desk.say(f"legend.{name}") for name in (pair.bucket, *pair.also))

    def cell(self, line: int, name: str) -> str:
        """Return the words of a cell."""
        return self._cell(self.pairs[line], name)

    def _cell(self, pair: Pair, name: str) -> str:
        say = self.desk.say
        if name == "change":
            return say(f"legend.{pair.bucket}")
        if name in ("object", "class"):
            return self._thing(pair, name)
        if name == "shape":
            return ", ".join(say_shape(self.desk, x) for x in pair.shape) or DASH
        if name == "attributes":
            return ", ".join(pair.attributes) or DASH
        if name == "moved":
            return self.desk.words.metres(pair.moved, 3) + " m" if "moved" in pair.shape else DASH
        if name == "match":
            return say(f"differences.by_{pair.match}") if pair.match else DASH
        return self._figure(pair, name)

    def _figure(self, pair: Pair, name: str) -> str:
        if name == "area":
            shown = [f"{area:,.1f}" for area in pair.area if not math.isnan(area)]
            return " → ".join(shown) + " m²" if shown else DASH
        value = float(getattr(pair, NUMBERS[name]))
        if math.isnan(value):
            return DASH
        return f"{value:.4f}" if name == "iou" else f"{value:+.3f} m".replace("-", "\u2212")

    def _thing(self, pair: Pair, name: str) -> str:
        assert self.found is not None
        table, row = self.found.thing(pair)
        if name == "class":
            return self.desk.kind(table.kinds[int(table.kind[row])])
        if len(pair.old) > 1 or len(pair.new) > 1:
            return " → ".join(
                " + ".join(self._label(side, row) for row in rows)
                for side, rows in ((0, pair.old), (1, pair.new))
            )
        return self._label(1, pair.new[0]) if pair.new else self._label(0, pair.old[0])

    def _label(self, side: int, row: int) -> str:
        """Return an object's name, else its register's key, else its id."""
        assert self.found is not None
        table, keys = self.found.tables[side], self.found.revision.keys[side]
        name = None if table.name is None else table.name[row]
        return str(name or (None if keys is None else keys[row]) or table.id[row])

    def texts(self) -> Iterator[list[str]]:
        """Yield head and cells of every line, ids first, for the clipboard."""
        assert self.found is not None
        say = self.desk.say
        yield ["id", *[say(f"differences.{name}") for name in self.columns]]
        for line, pair in enumerate(self.pairs):
            table, row = self.found.thing(pair)
            yield [str(table.id[row]), *[self.cell(line, name) for name in self.columns]]


def _gain(pair: Pair) -> float:
    """Return the square metres won; what came won all of its own."""
    before, after = (0.0 if math.isnan(area) else area for area in pair.area)
    return after - before


def say_shape(desk: Desk, code: str) -> str:
    """Return what differs about a shape, in words."""
    return desk.words.catalogue.text(f"compare.shape.{code}")
