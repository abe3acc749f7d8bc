"""The freshness table as a virtual model: an order of (layer, row) pairs, sorted and filtered in numpy."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from twin.features import Bool, absent
from twin.geometry import I32
from twin.observations import STATUSES
from twin.scene import Layer, LayerId
from ui.desk import Desk
from ui.panels.object_rows import own_units, shown_status, status_key
from ui.panels.searching import SearchText
from ui.wording import DASH

COLUMNS = (
    "status",
    "object",
    "class",
    "custodian",
    "layer",
    "updated",
    "due",
    "overdue",
    "policy",
)
CODED = ("class", "custodian", "policy")
"""Columns whose few words are stored once, with a number a row."""
RIGHT = {"updated", "due", "overdue"}
GROUPS = ("", "status", "custodian", "class", "layer")
SEVERITY = (
    "retired",
    "suspect",
    "stale",
    "unknown",
    "in_grace",
    "due_soon",
    "fresh",
    "event_driven",
)
"""Display order of the statuses (MAINTENANCE.md 1.4): the first is the most pressing."""
_RANK = np.array([SEVERITY.index(key) for key in (*STATUSES, "suspect")], np.int16)


@dataclass(frozen=True)
class Wanted:
    """What the table shows: a text, status keys, a custodian, units or all rows, an order."""

    text: str = ""
    statuses: frozenset[str] = frozenset()
    custodian: str | None = None
    units: bool = True
    sort: str = "overdue"
    descending: bool = True
    group: str = ""


@dataclass
class Lines:
    """The rows that are shown, in order: ``layer`` numbers into ``layers`` and ``row`` i32."""

    layers: tuple[Layer, ...] = ()
    layer: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    row: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    total: int = 0

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.row)


@dataclass(frozen=True)
class Chosen:
    """The objects that are painted as chosen: sorted rows i32 by layer, a million as well as one."""

    rows: Mapping[LayerId, I32]

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(len(rows) for rows in self.rows.values())

    def __contains__(self, what: tuple[LayerId, int]) -> bool:
        """Return whether (layer, row) is among them."""
        rows = self.rows.get(what[0])
        if rows is None:
            return False
        place = int(np.searchsorted(rows, what[1]))
        return place < len(rows) and int(rows[place]) == what[1]

    def first(self) -> tuple[LayerId, int]:
        """Return one of them; there must be one."""
        return next((key, int(rows[0])) for key, rows in self.rows.items() if len(rows))

    @staticmethod
    def of(rows: Iterable[tuple[LayerId, I32]]) -> "Chosen":
        """Return the rows of each layer as they are chosen."""
        return Chosen({key: np.sort(found) for key, found in rows})


def gather(
    layers: Iterable[Layer], wanted: Wanted, passing: Mapping[LayerId, Bool], texts: SearchText
) -> Lines:
    """Return the lines of the table: units (or rows) that pass every filter, sorted. Pure."""
    shown = tuple(layers)
    numbers, rows, total = [], [], 0
    for number, layer in enumerate(shown):
        mine = own_units(layer) if wanted.units else _own_rows(layer)
        total += len(mine)
        keep = mine[_mask(layer, wanted, passing.get(layer.id), texts)[mine]]
        numbers.append(np.full(len(keep), number, np.int16))
        rows.append(keep)
    if not shown:
        return Lines()
    lines = Lines(shown, np.concatenate(numbers), np.concatenate(rows), total)
    return _sorted(lines, wanted)


def _own_rows(layer: Layer) -> I32:
    elsewhere = layer.counted_elsewhere
    own = np.ones(len(layer.features), np.bool_) if elsewhere is None else ~elsewhere
    return np.flatnonzero(own).astype(np.int32)


def _mask(layer: Layer, wanted: Wanted, passing: Bool | None, texts: SearchText) -> Bool:
    verdict = layer.assessment
    mask = np.ones(len(layer.features), np.bool_)
    if passing is not None:
        mask &= passing[: len(mask)]
    if wanted.statuses:
        codes = [i for i, key in enumerate((*STATUSES, "suspect")) if key in wanted.statuses]
        mask &= np.isin(shown_status(verdict), codes)
    if wanted.custodian is not None:
        names = (*verdict.custodians, "")
        mask &= np.isin(verdict.custodian, [
            i if i < len(verdict.custodians) else -1
            for i, name in enumerate(names) if name == wanted.custodian
        ])  # fmt: skip
    if wanted.text:
        mask &= texts.matches(layer, wanted.text) | _party_matches(layer, wanted.text)
    return mask


def _party_matches(layer: Layer, text: str) -> Bool:
    verdict = layer.assessment
    hits = [i for i, name in enumerate(verdict.custodians) if text.lower() in name.lower()]
    return np.isin(verdict.custodian, hits)


def _sorted(lines: Lines, wanted: Wanted) -> Lines:
    keys = [key for key in (wanted.sort, wanted.group) if key]
    order = np.arange(len(lines), dtype=np.intp)
    for number, name in enumerate(keys):
        values = sort_key(lines, name)[order]
        found = np.argsort(values, kind="stable")
        if number == 0 and wanted.descending:
            found = found[::-1]
        order = order[found]
    return Lines(lines.layers, lines.layer[order], lines.row[order], lines.total)


def sort_key(lines: Lines, name: str) -> NDArray[Any]:
    """Return one comparable value a line for a column."""
    if not len(lines):
        return np.zeros(0)
    if name in CODED:
        return _coded_key(lines, name)
    pieces = [_layer_key(layer, name) for layer in lines.layers]
    if name == "layer":
        ranks = np.argsort(np.argsort([layer.title for layer in lines.layers]))
        return np.asarray(ranks[lines.layer])
    joined = np.concatenate(pieces)
    starts = np.cumsum([0, *[len(piece) for piece in pieces[:-1]]])
    return np.asarray(joined[starts[lines.layer] + lines.row])


def _layer_key(layer: Layer, name: str) -> NDArray[Any]:
    verdict, table = layer.assessment, layer.features
    if name == "status":
        return _RANK[shown_status(verdict)]
    if name == "updated":
        return _instants(verdict.t_eff)
    if name == "due":
        return _instants(verdict.due)
    if name == "overdue":
        return days_overdue(layer)
    if name == "layer":
        return np.zeros(len(table), np.int16)
    plain = np.dtypes.StringDType()
    if name == "object":
        names = (
            table.id if table.name is None else np.where(absent(table.name), table.id, table.name)
        )
        return np.asarray(names).astype(plain)
    raise KeyError(name)


def _coded_key(lines: Lines, name: str) -> NDArray[Any]:
    """Return the alphabetical rank of each line's word: the few words are sorted, not the lines."""
    coded = [_codes_of(layer, name) for layer in lines.layers]
    ranks = {word: i for i, word in enumerate(sorted({w for words, _ in coded for w in words}))}
    found = np.empty(len(lines), np.int32)
    for number, (words, codes) in enumerate(coded):
        mine = lines.layer == number
        table = np.array([ranks[word] for word in words], np.int32)
        found[mine] = table[codes[lines.row[mine]]]
    return found


def _codes_of(layer: Layer, name: str) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return the words of a column and each row's place among them; the last word is none."""
    verdict, table = layer.assessment, layer.features
    if name == "class":
        return (*table.kinds, ""), table.kind
    if name == "custodian":
        return (*verdict.custodians, ""), verdict.custodian
    return (*verdict.rules, ""), verdict.rule


def _instants(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    found = times.astype("datetime64[ms]").astype(np.int64)
    return np.where(np.isnat(times), np.iinfo(np.int64).min, found)


def days_overdue(layer: Layer) -> NDArray[np.int64]:
    """Return days past the due date (negative = days left); the smallest number without one."""
    verdict = layer.assessment
    interval = (verdict.due - verdict.t_eff).astype("timedelta64[D]").astype(np.int64)
    late = verdict.age_days.astype(np.int64) - interval
    return np.where(np.isnat(verdict.due), np.iinfo(np.int64).min, late)


class FreshnessModel(QAbstractTableModel):
    """The table that Qt sees: texts are made for visible cells only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.wanted = Wanted()
        self.lines = Lines()
        self._texts = SearchText(desk.lowered)

    def ready(self, again: Callable[[], None]) -> bool:
        """Return whether ``rebuild`` needs no long search; if it does, ``again`` is called after it."""
        session, text = self.desk.session, self.wanted.text
        layers = [x for x in session.twin.layers.values() if x.visible]
        return not text or self._texts.ready(layers, text, session.jobs, again)

    def rebuild(self, passing: Mapping[LayerId, Bool]) -> None:
        """Read the twin again."""
        layers = [x for x in self.desk.session.twin.layers.values() if x.visible]
        self.beginResetModel()
        self.lines = gather(layers, self.wanted, passing, self._texts)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of columns."""
        return len(COLUMNS)

    def at(self, position: int) -> tuple[LayerId, int]:
        """Return layer and row of a line."""
        return self.lines.layers[self.lines.layer[position]].id, int(self.lines.row[position])

    def position_of(self, layer: LayerId, row: int) -> int:
        """Return the line of an object, -1 when it is filtered out."""
        number = next((i for i, x in enumerate(self.lines.layers) if x.id == layer), -1)
        hits = np.flatnonzero((self.lines.layer == number) & (self.lines.row == row))
        return int(hits[0]) if len(hits) else -1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """Return the text of a cell and how it stands."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(index.row(), COLUMNS[index.column()])
        if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[index.column()] in RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return the heads; the sorted column's has an arrow."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        name = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            words = self.desk.say(f"column.{name}")
            arrow = " ↓" if self.wanted.descending else " ↑"
            return words + (arrow if name == self.wanted.sort else "")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def status(self, position: int) -> str:
        """Return the status key of a line."""
        layer = self.lines.layers[self.lines.layer[position]]
        return status_key(layer.assessment, int(self.lines.row[position]))

    def cell(self, position: int, name: str) -> str:
        """Return the text of one cell."""
        layer = self.lines.layers[self.lines.layer[position]]
        row, words = int(self.lines.row[position]), self.desk.words
        verdict, table = layer.assessment, layer.features
        if name == "status":
            return words.status(status_key(verdict, row))
        if name == "object":
            named = table.name[row] if table.name is not None else None
            return str(named or table.id[row])
        if name == "class":
            return self.desk.kind(table.kinds[int(table.kind[row])])
        if name == "layer":
            return str(layer.title)
        if name == "custodian":
            code = int(verdict.custodian[row])
            return verdict.custodians[code] if code >= 0 else self.desk.say("nobody")
        if name == "updated":
            missing = np.isnat(verdict.t_eff[row])
            return self.desk.say("not_stated") if missing else words.table_date(verdict.t_eff[row])
        if name == "due":
            return words.table_date(verdict.due[row])
        return self._rest(layer, row, name)

    def _rest(self, layer: Layer, row: int, name: str) -> str:
        verdict = layer.assessment
        if name == "policy":
            rule = int(verdict.rule[row])
            return verdict.rules[rule] if rule >= 0 else DASH
        if np.isnat(verdict.due[row]):
            return DASH
        interval = int((verdict.due[row] - verdict.t_eff[row]) / np.timedelta64(1, "D"))
        return self.desk.words.days(int(verdict.age_days[row]) - interval)

    def texts(self) -> Iterator[list[str]]:
        """Yield head and cells of every line, for CSV and the clipboard."""
        yield ["id", *[self.desk.say(f"column.{name}") for name in COLUMNS]]
        for position in range(len(self.lines)):
            layer = self.lines.layers[self.lines.layer[position]]
            key = str(layer.features.id[self.lines.row[position]])
            yield [_safe(x) for x in (key, *[self.cell(position, name) for name in COLUMNS])]


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return (
        f"'{text}"
        if text[:1] in ("=", "@") or (text[:1] in "+-" and not text[1:2].isdigit())
        else text
    )
