"""The matrix of the custodian board as a table model: classes or custodians down, districts across."""

from collections.abc import Iterator, Mapping

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from twin.features import Bool
from twin.maintenance.board import Board, Load, Matrix, loads, matrix
from twin.maintenance.what_if import SHOWN, Counts
from ui.desk import Desk
from ui.wording import DASH

Index = QModelIndex | QPersistentModelIndex
EVERYWHERE = QModelIndex()
LOAD = ("overdue", "longest", "orders")
"""Columns of a custodian's load, after its units; they stand only where custodians go down."""


class BoardModel(QAbstractTableModel):
    """``axis`` goes down (kind or custodian); ``flag`` leaves the units with one kind of trouble."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.board = Board()
        self.axis, self.flag = "kind", ""
        self.cells = Matrix((), (), np.zeros((1, 1, len(SHOWN)), np.int64))
        self.loads: dict[str, Load] = {}

    def show(self, board: Board | None = None, *, axis: str = "", flag: str | None = None) -> None:
        """Show another board, axis or flag."""
        self.beginResetModel()
        self.board = self.board if board is None else board
        self.axis, self.flag = axis or self.axis, self.flag if flag is None else flag
        if len(self.board):
            self.cells = matrix(self.board, self.axis, "district", self.chosen())
        else:
            self.cells = Matrix((), (), np.zeros((1, 1, len(SHOWN)), np.int64))
        session = self.desk.session
        orders = list(session.twin.records["orders"].values())
        self.loads = {load.custodian: load for load in loads(self.board, session.rules, orders)}
        self.endResetModel()

    def chosen(self) -> Bool:
        """Return the units that pass the flag."""
        return self.board.where(self.flag)

    @property
    def columns(self) -> list[str]:
        """Return the keys of the columns: name, all, load, then districts as ``district:NAME``."""
        load = list(LOAD) if self.axis == "custodian" else []
        several = len(self.cells.columns) > 1 or any(self.cells.columns)
        return [
            "name",
            "all",
            *load,
            *([f"district:{x}" for x in self.cells.columns] if several else []),
        ]

    def rowCount(self, parent: Index = EVERYWHERE) -> int:
        """Return how many lines there are: one a name, and the sum."""
        return 0 if parent.isValid() or not self.cells.rows else len(self.cells.rows) + 1

    def columnCount(self, parent: Index = EVERYWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the word above a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        key = self.columns[section]
        if key.startswith("district:"):
            return key[9:] or self.desk.say("board.no_district")
        return self.desk.say(f"board.column.{self.axis if key == 'name' else key}")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell; its counts in words as tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), self.columns[index.column()])
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            counts = self.counts(index.row(), self.columns[index.column()])
            if counts is None:
                return self.text(index.row(), self.columns[index.column()])
            words = [
                f"{self.desk.words.status(k)} {self.desk.words.count(int(n))}"
                for k, n in zip(SHOWN, counts, strict=True)
                if n
            ]
            return "\n".join([self.name(index.row()), *words])
        return None

    def key(self, row: int) -> str | None:
        """Return the class or custodian of a line ('' = none), None for the sum."""
        return self.cells.rows[row] if row < len(self.cells.rows) else None

    def name(self, row: int) -> str:
        """Return what stands at the left of a line."""
        key = self.key(row)
        if key is None:
            return self.desk.say("board.sum")
        if self.axis == "kind":
            return self.desk.kind(key)
        return key or self.desk.say("nobody")

    def counts(self, row: int, column: str) -> Counts | None:
        """Return the counts of a cell by status; None where the column is no count of units."""
        if column == "all":
            return np.asarray(self.cells.counts[row, -1])
        if column.startswith("district:"):
            return np.asarray(self.cells.counts[row, self.cells.columns.index(column[9:])])
        return None

    def text(self, row: int, column: str) -> str:
        """Return the text of a cell."""
        if column == "name":
            return self.name(row)
        counts = self.counts(row, column)
        if counts is not None:
            n = int(counts.sum())
            return self.desk.words.count(n) if n else DASH
        key = self.key(row)
        found = (
            list(self.loads.values())
            if key is None
            else [self.loads[key]]
            if key in self.loads
            else []
        )
        values = {
            "overdue": sum(x.overdue for x in found),
            "longest": max((x.most_overdue for x in found), default=0),
            "orders": sum(x.orders for x in found),
        }
        return self.desk.words.count(values[column]) if values[column] else DASH

    def wanted(self, row: int, column: str) -> Bool:
        """Return the units of a cell."""
        axes: Mapping[str, str] = {}
        key = self.key(row)
        if key is not None:
            axes = {self.axis: key}
        if column.startswith("district:"):
            axes = {**axes, "district": column[9:]}
        found = self.board.where(self.flag, **axes)
        return found & (self.board.overdue > 0) if column in ("overdue", "longest") else found

    def texts(self) -> Iterator[list[str]]:
        """Yield head and cells of every line; with counts of late units beside those of all."""
        heads = [
            str(self.headerData(k, Qt.Orientation.Horizontal)) for k in range(len(self.columns))
        ]
        late = self.desk.say("board.late")
        counted = [k for k in self.columns if k == "all" or k.startswith("district:")]
        yield [*heads, *(f"{heads[self.columns.index(k)]}: {late}" for k in counted)]
        for row in range(self.rowCount()):
            cells = [self.text(row, k) for k in self.columns]
            more = []
            for k in counted:
                counts = self.counts(row, k)
                picked = [i for i, key in enumerate(SHOWN) if key in ("stale", "suspect")]
                more.append(str(0 if counts is None else int(counts[picked].sum())))
            yield [*cells, *more]
