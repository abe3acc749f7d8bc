"""Topics as rows of a table: filtered by words and status, sorted, each cell a text."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from twin.exchange.bcf.model import Topic
from twin.topics.changes import CLOSED, topics_of
from ui.desk import Desk
from ui.wording import DASH

COLUMNS = ("status", "priority", "type", "title", "assigned", "due", "modified", "comments")
RIGHT = {"due", "modified", "comments"}
WORTH = ("critical", "high", "major", "medium", "normal", "low", "minor")
"""Priorities that many projects use, the most pressing first."""
DONE = frozenset({"closed", "resolved", "done"})
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Wanted:
    """What the table shows: a text, statuses (none = all), an order."""

    text: str = ""
    statuses: frozenset[str] = frozenset()
    sort: str = "modified"
    descending: bool = True


class TopicModel(QAbstractTableModel):
    """The topics that are shown, in order; painted by a delegate."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.wanted = Wanted()
        self.shown: list[Topic] = []
        self.total = 0

    def rebuild(self) -> None:
        """Filter and sort the project's topics again."""
        topics = list(topics_of(self.desk.session.twin).values())
        wanted = self.wanted
        found = [x for x in topics if not wanted.statuses or x.status in wanted.statuses]
        if wanted.text:
            found = [x for x in found if wanted.text.lower() in _text(x)]
        found.sort(key=lambda x: x.title.lower())
        found.sort(key=lambda x: _key(x, wanted.sort), reverse=wanted.descending)
        self.beginResetModel()
        self.shown, self.total = found, len(topics)
        self.endResetModel()

    def row_of(self, guid: str) -> int:
        """Return the row of a topic; -1 when it is not shown."""
        return next((i for i, x in enumerate(self.shown) if x.guid == guid), -1)

    def cell(self, topic: Topic, name: str) -> str:
        """Return the text of a cell; what is not stated is a dash."""
        if name in ("due", "modified"):
            return self.desk.words.table_date(
                day_of(topic.due if name == "due" else topic.touched)
            )
        if name == "comments":
            return self.desk.words.count(len(topic.comments)) if topic.comments else DASH
        if name == "title":
            return topic.title or self.desk.say("topics.untitled")
        return str(getattr(topic, name)) or DASH

    def is_late(self, topic: Topic) -> bool:
        """Return whether a topic is open past its date."""
        due = day_of(topic.due)
        return due is not None and bool(due < self.desk.session.at) and not is_done(topic)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many topics are shown."""
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return the head of a column, with an arrow where it sorts."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        name = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = (" ↓" if self.wanted.descending else " ↑") if name == self.wanted.sort else ""
            return self.desk.say(f"topics.column.{name}") + arrow
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if name in RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return a cell's text, for readers of the screen and for tooltips."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        topic, name = self.shown[index.row()], COLUMNS[index.column()]
        text = self.cell(topic, name)
        if role == Qt.ItemDataRole.ToolTipRole and name == "due" and self.is_late(topic):
            return self.desk.say("topics.late", date=text)
        return text


def is_done(topic: Topic) -> bool:
    """Return whether nobody has to do anything more."""
    return topic.status.lower() in DONE or topic.status == CLOSED


def day_of(told: str) -> np.datetime64 | None:
    """Return the instant of an ``xs:dateTime``, its time zone left aside; None for nothing."""
    try:
        return np.datetime64(told[:19], "ms") if told else None
    except ValueError:
        return None


def _text(topic: Topic) -> str:
    words = [topic.title, topic.description, topic.assigned, topic.author, *topic.labels]
    return "\n".join([*words, *(x.text for x in topic.comments)]).lower()


def _key(topic: Topic, name: str) -> Any:
    if name == "comments":
        return len(topic.comments)
    if name == "modified":
        return topic.touched
    if name == "due":
        return topic.due or "9999"
    if name == "priority":
        word = topic.priority.lower()
        rank = WORTH.index(word) if word in WORTH else len(WORTH) + (word == "")
        return -rank
    return str(getattr(topic, name)).lower()
