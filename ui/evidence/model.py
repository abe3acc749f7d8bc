"""The lines of evidence as a table model: open ones first, then the likeliest and the latest."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from twin.maintenance.evidence_files import missing
from twin.records import Evidence, Instant
from ui.desk import Desk
from ui.wording import DASH

COLUMNS = ("kind", "where", "event", "p", "aspect", "status", "source", "note")
RIGHT = ("p",)
ORDER = {"open": 0, "consumed": 1, "dismissed": 2}
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class EvidenceModel(QAbstractTableModel):
    """``status`` '' shows every state; ``wanted`` is looked for in all cells."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.every: list[Evidence] = []
        self.rows: list[Evidence] = []
        self.cells: list[dict[str, str]] = []
        self.gone: list[tuple[str, ...]] = []
        self.known: frozenset[str] = frozenset()
        self.names: dict[str, str] = {}
        self.status, self.wanted = "open", ""
        self.order: tuple[str, bool] = ("", False)

    def show_records(
        self, records: Sequence[Evidence], known: frozenset[str], names: dict[str, str]
    ) -> None:
        """Show these; ``known`` are the ids that are there, ``names`` titles of objects by id."""
        self.every, self.known, self.names = list(records), known, names
        self.choose()

    def choose(self) -> None:
        """Choose and order the lines anew."""
        self.beginResetModel()
        rows = [item for item in self.every if self.status in ("", item.status)]
        said = [(item, self._cells(item)) for item in rows]
        if self.wanted:
            said = [x for x in said if self.wanted in " ".join(x[1].values()).casefold()]
        said.sort(key=lambda x: self._usual(x[0]))
        name, backwards = self.order
        if name:
            said.sort(key=lambda x: self._key(name, *x), reverse=backwards)
        self.rows, self.cells = [x[0] for x in said], [x[1] for x in said]
        self.gone = [missing(item, self.known) for item in self.rows]
        self.endResetModel()

    @staticmethod
    def _usual(item: Evidence) -> tuple[int, float, int]:
        return ORDER.get(item.status, 3), -item.p_change, -_number(item.event_lo)

    @staticmethod
    def _key(name: str, item: Evidence, cells: dict[str, str]) -> tuple[float, str]:
        if name == "p":
            return item.p_change, ""
        if name == "event":
            return float(_number(item.event_lo)), ""
        return 0.0, cells[name].casefold()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; without one open and likely ones come first."""
        name = COLUMNS[column] if 0 <= column < len(COLUMNS) else ""
        self.order = (name, order == Qt.SortOrder.DescendingOrder)
        self.choose()

    def _cells(self, item: Evidence) -> dict[str, str]:
        say, words = self.desk.say, self.desk.words.catalogue
        key = f"evidence.{item.kind}"
        gone = missing(item, self.known)
        where = self.names.get(item.object_id, item.object_id)
        if "unknown_object" in gone:
            where = f"{item.object_id} ({say('evidence_panel.unknown')})"
        elif not item.object_id:
            where = say("evidence_panel.nowhere" if "no_place" in gone else "evidence_panel.area")
        return {
            "kind": words.text(key) if words.has(key) else item.kind,
            "where": where,
            "event": event_text(item) or say("evidence_panel.undated"),
            "p": f"{item.p_change:.2f}",
            "aspect": words.text(f"aspect.{item.aspect or 'all'}"),
            "status": say(f"evidence_panel.{item.status}"),
            "source": item.source or DASH,
            "note": item.note or DASH,
        }

    def lines(self) -> list[list[str]]:
        """Return the table as it stands, head first."""
        head = [self.desk.say(f"evidence_panel.col_{name}") for name in COLUMNS]
        return [head, *([row[name] for name in COLUMNS] for row in self.cells)]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.desk.say(f"evidence_panel.col_{COLUMNS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(COLUMNS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell; what marks nothing stands paler, and its tooltip says why."""
        name = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cells[index.row()][name]
        if role == Qt.ItemDataRole.ToolTipRole:
            why = [self.desk.say(f"evidence_panel.why_{x}") for x in self.gone[index.row()]]
            return "\n".join([self.cells[index.row()][name], *why])
        if role == Qt.ItemDataRole.ForegroundRole:
            idle = self.gone[index.row()] or self.rows[index.row()].status != "open"
            return QColor(self.desk.theme.t2 if idle else self.desk.theme.t1)
        return _side(name) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _number(at: Instant | None) -> int:
    return -(2**62) if at is None or np.isnat(at) else int(at.astype("M8[ms]").astype(np.int64))


def event_text(item: Evidence) -> str:
    """Return when it happened as far as that is known: a year, a month, a day or a span."""
    if item.event_lo is None:
        return ""
    low, high = item.event_lo, item.event_hi
    day = str(low.astype("datetime64[D]"))
    if high is None or high - low <= np.timedelta64(1, "D"):
        return day
    if low == low.astype("datetime64[Y]") and high == low.astype("datetime64[Y]") + 1:
        return str(low.astype("datetime64[Y]"))
    if low == low.astype("datetime64[M]") and high == low.astype("datetime64[M]") + 1:
        return str(low.astype("datetime64[M]"))
    return f"{day} – {(high - np.timedelta64(1, 'ms')).astype('datetime64[D]')}"


def _side(name: str) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
