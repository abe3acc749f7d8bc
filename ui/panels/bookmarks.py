"""The saved views of the project as a list with small pictures: gone to, named, moved, saved anew, removed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from twin.commands.views import in_order
from twin.records import Bookmark
from twin.scene import Aspect
from ui.bookmark_words import note_of
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, invitation, offer
from ui.theme import Theme, font

Index = QModelIndex | QPersistentModelIndex
ROW, THUMB, PAD = 66, QSize(96, 54), 12
NUMBERED = 9
"""Saved views that a digit goes to in the presenter's workspace."""


class BookmarkModel(QAbstractListModel):
    """One row a saved view; pictures are read once."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.views: list[Bookmark] = []
        self._pictures: dict[bytes, QPixmap] = {}

    def rebuild(self) -> bool:
        """Read the twin again; return whether anything is another."""
        found = in_order(self.desk.session.twin)
        if found == self.views:
            return False
        self.beginResetModel()
        self.views = found
        kept = {x.picture for x in found}
        self._pictures = {key: x for key, x in self._pictures.items() if key in kept}
        self.endResetModel()
        return True

    def picture(self, view: Bookmark) -> QPixmap:
        """Return the small picture of a view; a null one where none was taken or it is damaged."""
        found = self._pictures.get(view.picture)
        if found is None:
            found = QPixmap()
            found.loadFromData(view.picture)
            self._pictures[view.picture] = found
        return found

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of views."""
        return 0 if parent is not None and parent.isValid() else len(self.views)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title (to read out, to search by keys, to edit)."""
        if not index.isValid():
            return None
        view = self.views[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            key = f" ({index.row() + 1})" if self._has_key(index.row()) else ""
            return f"{view.title}{key}\n{note_of(self.desk, view)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{index.row() + 1}, {view.title}, {note_of(self.desk, view)}"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return view.title
        return None

    def _has_key(self, row: int) -> bool:
        """Return whether a digit goes to a row: in the presenter's workspace and while one presents."""
        presents = self.desk.session.settings.workspace == "presenter" or self.desk.show.running
        return row < NUMBERED and presents

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a view."""
        self.desk.act("bookmarks.rename", self.views[index.row()].id, str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows are chosen, edited and dragged to another place."""
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled
        return (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsEditable
            | flag.ItemIsDragEnabled
        )

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows are moved, never copied."""
        return Qt.DropAction.MoveAction

    def dropMimeData(
        self, data: object, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Leave what is dropped to the list: it knows which row it was."""
        return False


class BookmarkDelegate(QStyledItemDelegate):
    """Paints the picture, the number, the title and what is shown."""

    def __init__(self, model: BookmarkModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row."""
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        desk, row = self.model.desk, index.row()
        view = self.model.views[row]
        number = str(row + 1) if row < NUMBERED else ""
        paint_row(
            painter, option, desk.theme,
            (self.model.picture(view), number, view.title, note_of(desk, view)),
        )  # fmt: skip

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Stand the field where the title is."""
        box = QRect(option.rect)
        left = box.left() + PAD + THUMB.width() + 6
        editor.setGeometry(left, box.top() + 6, box.right() - left - 6, 28)


def paint_row(
    painter: QPainter,
    option: QStyleOptionViewItem,
    theme: Theme,
    shown: tuple[QPixmap, str, str, str],
) -> None:
    """Paint a row of a list of views: picture, number ('' = none), title and note."""
    picture, number, title, note = shown
    box = QRect(option.rect)
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    over = bool(option.state & QStyle.StateFlag.State_MouseOver)
    if chosen or over:
        painter.fillRect(box, QColor(theme.selection if chosen else theme.hover))
    frame = QRect(box.left() + PAD, box.top() + 6, THUMB.width(), THUMB.height())
    _paint_picture(painter, frame, picture, QColor(theme.win))
    if number:
        _paint_number(painter, frame, number, theme)
    left = frame.right() + 12
    room = QRect(left, box.top() + 10, box.right() - left - PAD, 22)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for text, tone, face, down in (
        (title, theme.t1, font(12, bold=chosen), 0),
        (note, theme.t3, font(11), 22),
    ):
        painter.setFont(face)
        painter.setPen(QColor(tone))
        elided = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room.translated(0, down), flags, elided)


def _paint_number(painter: QPainter, frame: QRect, number: str, theme: Theme) -> None:
    """Paint the key that goes there on a plate over the picture's corner."""
    plate = QRectF(frame.left() + 4, frame.top() + 4, 18, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setFont(font(11, bold=True))
    painter.setPen(QColor(theme.t1))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, number)


def _paint_picture(painter: QPainter, frame: QRect, picture: QPixmap, empty: QColor) -> None:
    path = QPainterPath()
    path.addRoundedRect(QRectF(frame), 4, 4)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(path)
    if picture.isNull():
        painter.fillRect(frame, empty)
    else:
        painter.drawPixmap(frame, picture)
    painter.restore()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


class BookmarkList(QListView):
    """The list: Return goes there, Del removes, F2 renames, Alt+Up and Alt+Down move."""

    def __init__(self, panel: "BookmarksPanel") -> None:
        super().__init__()
        self.panel = panel
        self.setModel(panel.model)
        self.setItemDelegate(BookmarkDelegate(panel.model, self))
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setUniformItemSizes(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key says with the row that is chosen."""
        row, key = self.currentIndex().row(), event.key()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key))
        if row >= 0 and alt and step is not None:
            self.panel.move_row(row, row + step)
        elif row >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.panel.go(row)
        elif row >= 0 and key == Qt.Key.Key_Delete:
            self.panel.do("bookmarks.remove", row)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: object) -> None:
        """Move the dragged row to where it was dropped."""
        at = event.position().toPoint()  # type: ignore[attr-defined]
        index = self.indexAt(at)
        row = self.currentIndex().row()
        to = index.row() if index.isValid() else len(self.panel.model.views) - 1
        event.setDropAction(Qt.DropAction.IgnoreAction)  # type: ignore[attr-defined]
        event.accept()  # type: ignore[attr-defined]
        if row >= 0 and to != row:
            self.panel.move_row(row, to)


class BookmarksPanel(Panel):
    """The list of saved views; a sentence and a button where there is none."""

    watches = frozenset({Aspect.VIEWS, Aspect.LAYERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = BookmarkModel(desk)
        self.on_count: Callable[[int], None] = lambda count: None
        self.list = BookmarkList(self)
        self.list.setAccessibleName(desk.say("tab.bookmarks"))
        self.list.clicked.connect(lambda index: self.go(index.row()))
        self.list.customContextMenuRequested.connect(self._menu)
        self.empty = invitation(desk, desk.say("bookmarks.empty"), "bookmarks.add")
        self.stack = QStackedLayout(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.list)
        self.refresh(self.watches)

    def tools(self) -> list[QWidget]:
        """Return what stands in the title bar: a button that saves the view."""
        add = icon_button(self.desk, "add", self.desk.say("bookmarks.add_tip"))
        add.clicked.connect(lambda: self.desk.act("bookmarks.add"))
        return [add]

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again; the row that was chosen stays chosen."""
        row = self.list.currentIndex().row()
        kept = self.model.views[row].id if 0 <= row < len(self.model.views) else ""
        before = {x.id for x in self.model.views}
        if self.model.rebuild():
            ids = [x.id for x in self.model.views]
            new = [x for x in ids if x not in before] if before or len(ids) == 1 else []
            self.choose(new[-1] if new else kept)
        self.stack.setCurrentIndex(1 if self.model.views else 0)
        self.on_count(len(self.model.views))

    def choose(self, key: str) -> None:
        """Mark the row of a view."""
        ids = [x.id for x in self.model.views]
        if key in ids:
            self.list.setCurrentIndex(self.model.index(ids.index(key), 0))

    def go(self, row: int) -> None:
        """Go to the view of a row."""
        self.do("bookmarks.go", row)

    def do(self, name: str, row: int) -> None:
        """Do something with the view of a row."""
        if 0 <= row < len(self.model.views):
            self.desk.act(name, self.model.views[row].id)

    def move_row(self, row: int, to: int) -> None:
        """Move a row to another place; it stays chosen."""
        if 0 <= to < len(self.model.views):
            self.desk.act("bookmarks.move", self.model.views[row].id, to + 1)

    def menu_of(self, row: int) -> QMenu:
        """Return what can be done with the view of a row."""
        menu, say = QMenu(self), self.desk.say
        offer(menu, say("bookmarks.do_go"), partial(self.go, row))
        offer(menu, say("bookmarks.do_update"), partial(self.do, "bookmarks.update", row))
        index = self.model.index(row, 0)
        offer(menu, say("bookmarks.do_rename"), lambda: self.list.edit(index))
        menu.addSeparator()
        up = offer(menu, say("bookmarks.do_up"), partial(self.move_row, row, row - 1))
        down = offer(menu, say("bookmarks.do_down"), partial(self.move_row, row, row + 1))
        up.setEnabled(row > 0)
        down.setEnabled(row < len(self.model.views) - 1)
        menu.addSeparator()
        offer(menu, say("bookmarks.do_remove"), partial(self.do, "bookmarks.remove", row))
        return menu

    def _menu(self, point: QPoint) -> None:
        index = self.list.indexAt(point)
        if index.isValid():
            self.menu_of(index.row()).exec(self.list.viewport().mapToGlobal(point))
