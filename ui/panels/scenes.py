"""The story: its scenes in order, and below them the words, notes and minutes of the one that is chosen."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QAbstractListModel, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from twin.presenting.records import Story, StoryScene
from twin.presenting.stories import OWN, Told, story_of, told, words_of
from twin.scene import Aspect, Change
from ui.desk import Desk, Panel
from ui.panels.bookmarks import ROW, Index, paint_row
from ui.panels.parts import icon_button, invitation, label, line
from ui.panels.scene_form import SceneForm
from ui.panels.story_bar import StoryBar


class SceneModel(QAbstractListModel):
    """One row a scene."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.story = Story(OWN, "")
        self.scenes: list[Told] = []
        self._pictures: dict[bytes, QPixmap] = {}

    def rebuild(self) -> bool:
        """Read the twin again; return whether anything is another."""
        twin = self.desk.session.twin
        story = story_of(twin, self.desk.show.story)
        found = told(twin, story)
        if story == self.story and found == self.scenes:
            return False
        self.beginResetModel()
        self.story, self.scenes = story, found
        self.endResetModel()
        return True

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of scenes."""
        return 0 if parent is not None and parent.isValid() else len(self.scenes)

    def title(self, row: int) -> str:
        """Return the title of a scene; a sentence where it has none."""
        words = words_of(self.scenes[row].scene, self.desk.words.language)[0]
        return words or self.desk.say("scenes.untitled")

    def note(self, row: int) -> str:
        """Return what stands below the title: minutes and the route that is flown, or what is wrong."""
        found, say = self.scenes[row], self.desk.say
        if found.view is None:
            return say("scenes.view_gone")
        scene, notes = found.scene, []
        if scene.minutes:
            notes.append(say("scenes.of_minutes", minutes=f"{scene.minutes:g}"))
        route = self.desk.session.twin.records["routes"].get(scene.route)
        if route is not None:
            notes.append(say("scenes.flies", route=route.title))
        elif scene.route:
            notes.append(say("scenes.route_gone"))
        return " · ".join(notes) or found.view.title

    def picture(self, row: int) -> QPixmap:
        """Return the small picture of a scene's view."""
        view = self.scenes[row].view
        data = b"" if view is None else view.picture
        if data not in self._pictures:
            found = QPixmap()
            found.loadFromData(data)
            self._pictures[data] = found
        return self._pictures[data]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the words of a row (to read out, to search by keys)."""
        if index.isValid() and role == Qt.ItemDataRole.DisplayRole:
            return self.title(index.row())
        if index.isValid() and role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{index.row() + 1}, {self.title(index.row())}, {self.note(index.row())}"
        return None


class SceneDelegate(QStyledItemDelegate):
    """Paints picture, number, title and minutes."""

    def __init__(self, model: SceneModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row."""
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        row, model = index.row(), self.model
        words = (model.title(row), model.note(row))
        paint_row(painter, option, model.desk.theme, (model.picture(row), str(row + 1), *words))


class SceneList(QListView):
    """The list: Return shows the scene, Del removes it, Alt+Up and Alt+Down move it."""

    def __init__(self, panel: "ScenesPanel") -> None:
        super().__init__()
        self.panel = panel
        self.setModel(panel.model)
        self.setItemDelegate(SceneDelegate(panel.model, self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(panel.desk.say("tab.scenes"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the key says with the scene that is chosen."""
        row, key = self.currentIndex().row(), Qt.Key(event.key())
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key)
        if row >= 0 and alt and step is not None:
            self.panel.move_scene(step)
        elif row >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.panel.see(row)
        elif row >= 0 and key == Qt.Key.Key_Delete:
            self.panel.remove_scene()
        else:
            super().keyPressEvent(event)


class ScenesPanel(Panel):
    """The list above, the form below; without saved views a sentence and a button."""

    watches = frozenset({Aspect.VIEWS, Aspect.SETTINGS, Aspect.ROUTES})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = SceneModel(desk)
        self._followed = -1
        self.on_count: Callable[[int], None] = lambda count: None
        self.list = SceneList(self)
        self.list.clicked.connect(lambda index: self.see(index.row()))
        self.form = SceneForm(desk)
        self.stack = QStackedLayout(self)
        self.stack.addWidget(invitation(desk, desk.say("scenes.empty"), "bookmarks.add"))
        self.stack.addWidget(self._both())
        selection = self.list.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda now, _: self._edit(now.row()))
        self.list.model().modelReset.connect(lambda: self._edit(self.list.currentIndex().row()))
        self.refresh(self.watches)

    def _both(self) -> QWidget:
        made = QWidget()
        made.setObjectName("panel")
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.stories = StoryBar(self.desk, self._chose_story)
        column.addWidget(self.stories)
        column.addWidget(self._head())
        column.addWidget(line())
        column.addWidget(self.list, 3)
        self.none = self._none()
        column.addWidget(self.none, 7)
        column.addWidget(line())
        self.own = self._own()
        column.addWidget(self.own)
        column.addWidget(self.form, 4)
        return made

    def _head(self) -> QWidget:
        say, made = self.desk.say, QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(12, 4, 8, 4)
        self.freshness = QCheckBox(say("scenes.freshness"))
        self.freshness.setToolTip(say("scenes.freshness_tip"))
        self.freshness.clicked.connect(self._say_freshness)
        row.addWidget(self.freshness, 1)
        self.buttons = {}
        for name, icon, do in (
            ("add", "add", self.add_scene),
            ("up", "up", partial(self.move_scene, -1)),
            ("down", "down", partial(self.move_scene, 1)),
            ("remove", "remove", self.remove_scene),
        ):
            button = icon_button(self.desk, icon, say(f"scenes.do_{name}"))
            button.clicked.connect(lambda _=False, act=do: act())
            self.buttons[name] = button
            row.addWidget(button)
        return made

    def _none(self) -> QWidget:
        """Return what a story without scenes shows: how to add the first."""
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(12)
        words = label(self.desk.say("scenes.empty_story"), "t2", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        add = QPushButton(self.desk.say("scenes.do_add"))
        add.setProperty("primary", True)
        add.clicked.connect(self.add_scene)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return made

    def _own(self) -> QWidget:
        """Return what stands below the scenes of the saved views: how to write a story of them."""
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(label(self.desk.say("scenes.own"), "t2", wrap=True))
        write = QPushButton(self.desk.say("scenes.write"))
        write.setProperty("primary", True)
        write.clicked.connect(self.stories.write)
        column.addWidget(write, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return made

    # -- shown --------------------------------------------------------------------------------

    @property
    def written(self) -> bool:
        """Return whether the story is one of the project, and not just the saved views in their order."""
        return self.model.story.id != OWN

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the story again; the scene that was chosen stays chosen."""
        kept = self._chosen()
        self.stories.refresh()
        if self.model.rebuild() and self.model.scenes:
            ids = [x.scene.id for x in self.model.scenes]
            row = ids.index(kept.id) if kept is not None and kept.id in ids else 0
            self.list.setCurrentIndex(self.model.index(row, 0))
        self.stack.setCurrentIndex(1 if self.model.scenes or self.written else 0)
        self.own.setVisible(not self.written)
        self.none.setVisible(self.written and not self.model.scenes)
        self.list.setVisible(bool(self.model.scenes))
        self.form.setVisible(self.written and bool(self.model.scenes))
        self.freshness.setEnabled(self.written)
        self.freshness.setChecked(self.model.story.freshness)
        for button in self.buttons.values():
            button.setEnabled(self.written)
        self._edit(self.list.currentIndex().row())
        self.on_count(len(self.model.scenes))

    def _chosen(self) -> StoryScene | None:
        row = self.list.currentIndex().row()
        return self.model.scenes[row].scene if 0 <= row < len(self.model.scenes) else None

    def _edit(self, row: int) -> None:
        chosen = self.model.scenes[row].scene if 0 <= row < len(self.model.scenes) else None
        self.form.show_scene(self.model.story.id, chosen)

    def pass_time(self, now: float) -> None:
        """Follow the scene that is told."""
        show = self.desk.show
        self.stories.follow(show.running)
        if show.running and show.number != self._followed:
            self._followed = show.number
            self.list.setCurrentIndex(self.model.index(show.number, 0))

    # -- done ---------------------------------------------------------------------------------

    def see(self, row: int) -> None:
        """Show a scene: to the audience while one presents, else in the view."""
        if self.desk.show.running:
            self.desk.act("present.jump", row)
        elif self.model.scenes[row].view is not None:
            self.desk.act("bookmarks.go", self.model.scenes[row].scene.bookmark)

    def _chose_story(self) -> None:
        """Show another story, and tell the others that show it."""
        self.desk.session.twin.changed.emit(Change(Aspect.VIEWS))

    def add_scene(self) -> None:
        """Add a scene of the view as it is now, saved as a bookmark."""
        before = set(self.desk.session.twin.records["bookmarks"])
        self.desk.act("bookmarks.add")
        new = set(self.desk.session.twin.records["bookmarks"]) - before
        for key in new:
            self.desk.run("stories.add_scene", id=self.model.story.id, bookmark=key)
        self.desk.act("panel.scenes")

    def move_scene(self, by: int) -> None:
        """Move the chosen scene up or down."""
        row, chosen = self.list.currentIndex().row(), self._chosen()
        if chosen is not None and self.written and 0 <= row + by < len(self.model.scenes):
            story = self.model.story.id
            self.desk.run("stories.move_scene", id=story, scene=chosen.id, to=str(row + by + 1))

    def remove_scene(self) -> None:
        """Remove the chosen scene; its saved view stays, and it can be undone."""
        chosen, story = self._chosen(), self.model.story.id
        if chosen is None or not self.written:
            return
        title = self.model.title(self.list.currentIndex().row())
        if self.desk.run("stories.remove_scene", id=story, scene=chosen.id):
            self.desk.tell(self.desk.say("scenes.removed", title=title), "undo")

    def _say_freshness(self, on: bool) -> None:
        self.desk.run("stories.freshness", id=self.model.story.id, on="on" if on else "off")
