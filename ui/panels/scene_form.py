"""The words of one scene: titles and texts in both languages, notes, minutes, view."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from twin.presenting.records import StoryScene
from twin.presenting.stories import MOST_MINUTES, views_of
from ui.desk import Desk
from ui.panels.parts import ElidedBox, label, numeric

Choices = list[tuple[str, str]]
"""Ids and titles of what a box offers."""
LINES = ("title_en", "title_zh", "text_en", "text_zh")


class Notes(QPlainTextEdit):
    """A field of several lines that says when a person has left it."""

    def __init__(self, left: Callable[[], None]) -> None:
        super().__init__()
        self.left = left
        self.setTabChangesFocus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that it was left."""
        super().focusOutEvent(event)
        self.left()


class SceneForm(QScrollArea):
    """Fields of a scene; what is changed is a command at once when the field is left."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.story, self.scene = "", StoryScene("", "")
        self._offered: tuple[Choices, Choices] = ([], [])
        self._filling = False
        self.setWidgetResizable(True)
        self.setObjectName("panel")
        inside = QWidget()
        inside.setObjectName("panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 10, 14, 12)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.fields: dict[str, QLineEdit] = {}
        for name in LINES:
            field = QLineEdit()
            field.editingFinished.connect(partial(self._line, name))
            self.fields[name] = field
            self._row(grid, name, field)
        self.minutes = QDoubleSpinBox()
        self.minutes.setRange(0, MOST_MINUTES)
        self.minutes.setDecimals(1)
        self.minutes.setSuffix(desk.say("scenes.suffix"))
        self.minutes.editingFinished.connect(
            lambda: self._set("minutes", f"{self.minutes.value():g}")
        )
        numeric(desk, self.minutes)
        self._row(grid, "minutes", self.minutes)
        self._boxes(grid)
        column.addLayout(grid)
        column.addWidget(label(desk.say("scenes.notes"), "t2"))
        self.notes = Notes(lambda: self._set("notes", self.notes.toPlainText()))
        self.notes.setAccessibleName(desk.say("scenes.notes"))
        self.notes.setMinimumHeight(72)
        column.addWidget(self.notes, 1)
        self.setWidget(inside)

    def _boxes(self, grid: QGridLayout) -> None:
        """Add what is chosen of the project: the view, and the route that is flown from there."""
        self.view: QComboBox = ElidedBox(self.desk, self.desk.say("scenes.view"), 170)
        self.view.activated.connect(lambda _: self._set("bookmark", str(self.view.currentData())))
        self._row(grid, "view", self.view)
        self.route: QComboBox = ElidedBox(self.desk, self.desk.say("scenes.route"), 170)
        self.route.activated.connect(lambda _: self._set("route", str(self.route.currentData())))
        self._row(grid, "route", self.route)

    def _row(self, grid: QGridLayout, name: str, field: QWidget) -> None:
        row, words = grid.rowCount(), self.desk.say(f"scenes.{name}")
        field.setAccessibleName(words)
        grid.addWidget(label(words, "t2"), row, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(field, row, 1)

    def show_scene(self, story: str, scene: StoryScene | None) -> None:
        """Show the words of a scene; what a person is typing in is left as it is."""
        same = (story, scene) == (self.story, self.scene)
        self.story, self.scene = story, scene or StoryScene("", "")
        self.setEnabled(scene is not None and bool(story))
        offered = ([(x.id, x.title) for x in views_of(self.desk.session.twin)], self._routes())
        if same and offered == self._offered:
            return
        self._filling, self._offered = True, offered
        for name, field in self.fields.items():
            field.setText(getattr(self.scene, name))
            field.setCursorPosition(0)
        self.minutes.setValue(self.scene.minutes)
        self.notes.setPlainText(self.scene.notes)
        for box, choices, chosen in (
            (self.view, offered[0], self.scene.bookmark),
            (self.route, offered[1], self.scene.route),
        ):
            box.clear()
            for key, title in choices:
                box.addItem(title, key)
            box.setCurrentIndex(box.findData(chosen))
        self._filling = False

    def _routes(self) -> Choices:
        """Return what can be flown: nothing, every route, and what the scene names though it is gone."""
        say, known = self.desk.say, self.desk.session.twin.records["routes"]
        found = [("", say("scenes.no_route")), *((x.id, x.title) for x in known.values())]
        if self.scene.route and self.scene.route not in known:
            found.append((self.scene.route, say("scenes.route_gone")))
        return found

    def _line(self, name: str) -> None:
        self._set(name, self.fields[name].text().strip())

    def _set(self, name: str, value: str) -> None:
        """Change a field of the scene where it is another one now."""
        now = getattr(self.scene, name)
        same = float(value) == now if name == "minutes" else value == now
        if self._filling or same or not self.scene.id or not self.story:
            return
        self.desk.run(
            "stories.set_scene", id=self.story, scene=self.scene.id, field=name, value=value
        )
