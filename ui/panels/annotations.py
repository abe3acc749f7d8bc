"""The marks of the project as a list: shown or not, flown to, worded, coloured, removed."""

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QInputDialog, QMenu, QStackedLayout, QWidget

from twin.commands.annotations import length_of, marks_in_order
from twin.presenting.records import Annotation
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, invitation, offer
from ui.panels.tree_view import Line, TreeModel, TreeView

ICONS = {"label": "topics", "arrow": "arrow", "line": "measure", "picture": "image"}


class MarkModel(TreeModel):
    """One line a mark."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.marks: list[Annotation] = []

    def rebuild(self) -> None:
        """Read the twin again."""
        self.beginResetModel()
        self.marks = marks_in_order(self.desk.session.twin)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of marks."""
        return 0 if parent is not None and parent.isValid() else len(self.marks)

    def line(self, position: int) -> Line:
        """Return what is painted for a mark."""
        mark, say = self.marks[position], self.desk.say
        text = mark.text or say(f"annotate.{mark.kind}")
        elsewhere = mark.crs != self.desk.session.twin.crs
        note = f"{self.desk.words.metres(length_of(mark), 1)} m" if mark.kind == "line" else ""
        note = say("annotate.elsewhere", crs=mark.crs or "–") if elsewhere else note
        return Line(text, icon=ICONS[mark.kind], note=note, shown=mark.visible, tail=True)

    def toggle(self, position: int) -> None:
        """Nothing opens."""


class AnnotationsPanel(Panel):
    """The list; a sentence and a button where there is none."""

    watches = frozenset({Aspect.VIEWS, Aspect.LAYERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = MarkModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("tab.annotations"))
        self.view.on_click = lambda position, _held: self._fly(position)
        self.view.on_double = self._word
        self.view.on_eye = self._eye
        self.view.on_menu = lambda position, point: self._menu(position, point)
        self.stack = QStackedLayout(self)
        self.stack.addWidget(invitation(desk, desk.say("annotate.empty"), "tool.annotate"))
        self.stack.addWidget(self.view)
        self.refresh(self.watches)

    def tools(self) -> list[QWidget]:
        """Return what stands in the title bar: the tool, and files in and out."""
        made = []
        for icon, name in (
            ("add", "tool.annotate"),
            ("import", "views.import"),
            ("export", "views.export"),
        ):
            button = icon_button(self.desk, icon, self.desk.say(f"action.{name}"))
            button.clicked.connect(partial(self.desk.act, name))
            made.append(button)
        return list(made)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again."""
        self.model.rebuild()
        self.stack.setCurrentIndex(1 if self.model.marks else 0)

    def _fly(self, position: int) -> None:
        self.desk.act("annotations.fly", self.model.marks[position])

    def _eye(self, position: int) -> None:
        mark = self.model.marks[position]
        self._set(mark, "visible", "off" if mark.visible else "on")

    def _set(self, mark: Annotation, field: str, value: str) -> None:
        self.desk.run("annotations.set", id=mark.id, field=field, value=value)

    def menu_of(self, position: int) -> QMenu:
        """Return what can be done with a mark."""
        menu, say, mark = QMenu(self), self.desk.say, self.model.marks[position]
        offer(menu, say("annotate.do_fly"), partial(self._fly, position))
        offer(menu, say("annotate.do_text"), partial(self._word, position))
        offer(menu, say("annotate.do_note"), partial(self._ask, mark, "note"))
        offer(menu, say("annotate.do_color"), partial(self._color, mark))
        menu.addSeparator()
        offer(menu, say("annotate.do_remove"), partial(self._remove, mark))
        return menu

    def _menu(self, position: int, point: QPoint) -> None:
        self.menu_of(position).exec(point)

    def _word(self, position: int) -> None:
        self._ask(self.model.marks[position], "text")

    def _ask(self, mark: Annotation, field: str) -> None:
        asked = self.desk.say(f"annotate.do_{field}")
        said, sure = QInputDialog.getText(self, asked, asked, text=getattr(mark, field))
        if sure:
            self._set(mark, field, said)

    def _color(self, mark: Annotation) -> None:
        now = QColor(mark.color or self.desk.theme.accent)
        chosen = QColorDialog.getColor(now, self, self.desk.say("annotate.do_color"))
        if chosen.isValid():
            self._set(mark, "color", chosen.name())

    def _remove(self, mark: Annotation) -> None:
        if self.desk.run("annotations.remove", id=mark.id):
            title = mark.text or self.desk.say(f"annotate.{mark.kind}")
            self.desk.tell(self.desk.say("annotate.removed", title=title), "undo")
