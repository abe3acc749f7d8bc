"""The sections of the project as a list: shown or not, taken in hand, flown to, named, removed."""

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QPushButton, QVBoxLayout, QWidget

from twin.capping import areas
from twin.records import Section
from twin.scene import Aspect
from twin.sections import extent_of, is_box, is_level
from ui.desk import Desk, Panel
from ui.panels.parts import label, offer
from ui.panels.tree_view import Line, TreeModel, TreeView


def kind_of(desk: Desk, section: Section) -> str:
    """Return what a section is, in words: height, size of a box, upright or tilted."""
    metres = desk.words.metres
    if is_box(section):
        return " × ".join(metres(float(side), 0) for side in extent_of(section).size) + " m"
    plane = section.planes[0]
    if len(section.planes) > 1:
        return desk.say("sections.several", count=len(section.planes))
    if is_level(plane):
        return f"{metres(plane.point[2], 2)} m"
    return desk.say("sections.is_upright" if abs(plane.normal[2]) < 1e-6 else "sections.is_tilted")


class SectionModel(TreeModel):
    """One line a section."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.sections: list[Section] = []

    def rebuild(self) -> None:
        """Read the twin again."""
        self.beginResetModel()
        self.sections = list(self.desk.session.sectioning.now)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of sections."""
        return 0 if parent is not None and parent.isValid() else len(self.sections)

    def line(self, position: int) -> Line:
        """Return what is painted for a section."""
        section = self.sections[position]
        icon = "bim" if is_box(section) else "section"
        note = kind_of(self.desk, section)
        return Line(section.title, icon=icon, note=note, shown=section.visible, tail=True)

    def toggle(self, position: int) -> None:
        """Nothing opens."""


class SectionsPanel(Panel):
    """The list, below it what is cut in all."""

    watches = frozenset({Aspect.RECORDS, Aspect.SECTIONS, Aspect.LAYERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = SectionModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("tab.sections"))
        self.view.on_click = lambda position, _held: self._do("sections.take", position)
        self.view.on_double = lambda position: self._do("sections.fly", position)
        self.view.on_eye = self._eye
        self.view.on_menu = self._offer
        self.empty = label(desk.say("sections.empty"), "t2", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(16, 16, 16, 8)
        self.start = QPushButton(desk.say("action.sections.box"))
        self.start.clicked.connect(lambda: desk.act("sections.box"))
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self.start)
        centred.addStretch(1)
        self.foot = label("", "t2", wrap=True)
        self.foot.setContentsMargins(12, 6, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.empty)
        column.addLayout(centred)
        column.addWidget(self.view, 1)
        column.addWidget(self.foot)
        self.rest = QWidget()
        column.addWidget(self.rest, 1)
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again."""
        self.model.rebuild()
        there = bool(self.model.sections)
        self.view.setVisible(there)
        self.foot.setVisible(there)
        for part in (self.empty, self.rest):
            part.setVisible(not there)
        city = bool(self.desk.session.twin.layers)
        self.start.setVisible(not there and city)
        self.foot.setText(self._figures())

    def _figures(self) -> str:
        """Return how much is cut now; objects that do not close are said."""
        area, cut, open_ = areas(self.desk.session.sectioning.capping.caps)
        if not cut and not area:
            return self.desk.say("sections.nothing_cut")
        words = self.desk.words
        said = self.desk.say(
            "sections.figures", count=words.count(cut), area=words.metres(area, 1)
        )
        return said + (self.desk.say("sections.open", count=words.count(open_)) if open_ else "")

    def _do(self, name: str, position: int) -> None:
        self.desk.act(name, self.model.sections[position].id)

    def _eye(self, position: int) -> None:
        section = self.model.sections[position]
        verb = "sections.hide" if section.visible else "sections.show"
        self.desk.run(verb, id=section.id)

    def _offer(self, position: int, point: QPoint) -> None:
        self.menu_of(position).exec(point)

    def menu_of(self, position: int) -> QMenu:
        """Return what can be done with a section."""
        menu, say = QMenu(self), self.desk.say
        section = self.model.sections[position]
        offer(menu, say("sections.take"), partial(self._do, "sections.take", position))
        offer(menu, say("sections.fly"), partial(self._do, "sections.fly", position))
        if len(section.planes) == 1:
            offer(
                menu, say("sections.flip"), partial(self.desk.run, "sections.flip", id=section.id)
            )
        offer(menu, say("sections.rename"), partial(self._rename, section))
        offer(
            menu, say("sections.remove"), partial(self.desk.run, "sections.remove", id=section.id)
        )
        return menu

    def _rename(self, section: Section) -> None:
        asked = self.desk.say("sections.rename")
        title, sure = QInputDialog.getText(self, asked, asked, text=section.title)
        if sure and title.strip():
            self.desk.run("sections.rename", id=section.id, title=title)
