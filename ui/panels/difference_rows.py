"""The lines of a comparison as a table model: what changed first, unchanged objects left out unless asked for."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from twin.maintenance.revisions import Pair
from twin.maintenance.revisions.reports import Compared
from ui.desk import Desk
from ui.wording import DASH

COLUMNS = ("change", "object", "class", "shape", "attributes", "moved", "match")
RIGHT = ("moved",)
Index = QModelIndex | QPersistentModelIndex


class DifferenceModel(QAbstractTableModel):
    """``bucket`` '' shows all that changed, else the objects of one bucket."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.found: Compared | None = None
        self.bucket = ""
        self.pairs: list[Pair] = []

    def show(self, found: Compared | None, bucket: str = "") -> None:
        """Show another comparison, or another bucket of it."""
        self.beginResetModel()
        self.found, self.bucket = found, bucket
        pairs = () if found is None else found.revision.pairs
        self.pairs = [
            pair for pair in pairs
            if (pair.bucket == bucket if bucket else pair.bucket != "unchanged")
        ]  # fmt: skip
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.pairs)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's head."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.desk.say(f"differences.{COLUMNS[section]}")
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(index.row(), COLUMNS[index.column()])
        return None

    def cell(self, line: int, name: str) -> str:
        """Return the words of a cell."""
        pair, say = self.pairs[line], self.desk.say
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
        return say(f"differences.by_{pair.match}") if pair.match else DASH

    def _thing(self, pair: Pair, name: str) -> str:
        assert self.found is not None
        table, row = self.found.thing(pair)
        if name == "class":
            return self.desk.kind(table.kinds[int(table.kind[row])])
        shown = None if table.name is None else table.name[row]
        return str(shown or table.id[row])

    def texts(self) -> Iterator[list[str]]:
        """Yield head and cells of every line, ids first, for the clipboard."""
        assert self.found is not None
        yield ["id", *[self.desk.say(f"differences.{name}") for name in COLUMNS]]
        for line, pair in enumerate(self.pairs):
            table, row = self.found.thing(pair)
            yield [str(table.id[row]), *[self.cell(line, name) for name in COLUMNS]]


def say_shape(desk: Desk, code: str) -> str:
    """Return what differs about a shape, in words."""
    return desk.words.catalogue.text(f"compare.shape.{code}")
