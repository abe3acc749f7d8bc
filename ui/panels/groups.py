"""The objects of all layers under the values of a column, with an eye for every group."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from twin.details import GROUPINGS
from twin.features import Bool
from twin.geometry import I32
from twin.grouping import Group, grouped, hidden, is_shown, isolated
from twin.scene import Layer, LayerId
from ui.desk import Desk
from ui.panels.attribute_words import attribute_title, value_title
from ui.panels.object_lines import object_line
from ui.panels.parts import offer
from ui.panels.tree_view import Line, TreeModel, TreeView

COLUMNS = ("kind", *GROUPINGS)
"""What the objects can be grouped by, beside where they stand."""
Found = Callable[[Line, Layer, int], Line]


class GroupModel(TreeModel):
    """Groups and the objects of the open ones; a search says by masks which objects it found.

    ``found_line(line, layer, row)`` says in a line what it found in the object.
    """

    def __init__(self, desk: Desk, found_line: Found = lambda line, *_: line) -> None:
        super().__init__()
        self.desk = desk
        self.found_line = found_line
        self.column = "kind"
        self.groups: list[Group] = []
        self.open: set[str | None] = set()
        self._layers: tuple[LayerId, ...] = ()
        self._group: I32 = np.zeros(0, np.int32)
        self._layer: I32 = np.zeros(0, np.int32)
        self._row: I32 = np.zeros(0, np.int32)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of visible lines."""
        return 0 if parent is not None and parent.isValid() else len(self._row)

    def rebuild(self, column: str, masks: Mapping[LayerId, Bool] | None = None) -> None:
        """Read the twin again; groups of the same column that were open stay open."""
        layers = self.desk.session.twin.layers
        self.beginResetModel()
        if column != self.column:
            self.column, self.open = column, set()
        self._layers = tuple(layers)
        self.groups = grouped(layers.values(), column, masks)
        self._flatten()
        self.endResetModel()

    def _flatten(self) -> None:
        place = {key: number for number, key in enumerate(self._layers)}
        pieces: list[tuple[int, int, I32]] = []
        for number, group in enumerate(self.groups):
            pieces.append((number, -1, np.full(1, -1, np.int32)))
            if group.value in self.open:
                pieces += [(number, place[key], rows) for key, rows in group.rows.items()]
        sizes = [len(rows) for *_, rows in pieces]
        self._group = np.repeat(np.array([x for x, *_ in pieces], np.int32), sizes)
        self._layer = np.repeat(np.array([x for _, x, _ in pieces], np.int32), sizes)
        none = [np.zeros(0, np.int32)]
        self._row = np.concatenate([rows for *_, rows in pieces] or none)

    def group_at(self, position: int) -> Group | None:
        """Return the group of a line; None for the line of an object."""
        return self.groups[int(self._group[position])] if self._row[position] < 0 else None

    def at(self, position: int) -> tuple[LayerId, int]:
        """Return layer and row of the line of an object."""
        return self._layers[int(self._layer[position])], int(self._row[position])

    def line(self, position: int) -> Line:
        """Return what is painted for a line."""
        group = self.group_at(position)
        layers = self.desk.session.twin.layers
        if group is None:
            key, row = self.at(position)
            return self.found_line(object_line(self.desk, layers[key], row, 1), layers[key], row)
        return Line(
            value_title(self.desk, self.column, group.value), 0, expandable=True,
            expanded=group.value in self.open, note=self.desk.words.count(group.count),
            shown=is_shown(layers, group),
        )  # fmt: skip

    def toggle(self, position: int) -> None:
        """Open or close a group."""
        group = self.group_at(position)
        if group is None:
            return
        number = int(self._group[position])
        if group.value in self.open:
            self.beginRemoveRows(QModelIndex(), position + 1, position + group.count)
            self.open.remove(group.value)
            self._flatten()
            self.endRemoveRows()
        else:
            self.beginInsertRows(QModelIndex(), position + 1, position + group.count)
            self.open.add(group.value)
            self._flatten()
            self.endInsertRows()
        changed = self.index(int(np.searchsorted(self._group, number)), 0)
        self.dataChanged.emit(changed, changed)

    def reveal(self, layer: LayerId, row: int) -> int:
        """Open the first group with an object and return its position (-1 where no group has it)."""
        for number, group in enumerate(self.groups):
            if bool((group.rows.get(layer, np.zeros(0, np.int32)) == row).any()):
                start = int(np.searchsorted(self._group, number))
                if group.value not in self.open:
                    self.toggle(start)
                place = self._layers.index(layer)
                mine = (self._group == number) & (self._layer == place) & (self._row == row)
                return int(np.flatnonzero(mine)[0])
        return -1


class GroupView(TreeView):
    """The view of the groups: what a person does with a group is one edit."""

    def __init__(self, desk: Desk, model: GroupModel, parent: QWidget | None = None) -> None:
        super().__init__(model, desk.theme, parent)
        self.desk, self.model_ = desk, model
        self.on_pick: Callable[[LayerId, int, Qt.KeyboardModifier], None] = lambda *_: None
        self.on_click = self._click
        self.on_double = self._double
        self.on_eye = self._eye
        self.on_menu = self._offer
        self.setAccessibleName(desk.say("objects.title"))

    def _click(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        if self.model_.group_at(position) is not None:
            self.model_.toggle(position)
        else:
            self.on_pick(*self.model_.at(position), modifiers)

    def _double(self, position: int) -> None:
        group = self.model_.group_at(position)
        if group is not None:
            self.desk.choose(dict(group.rows))
        else:
            self.desk.select(*self.model_.at(position))
        self.desk.act("view.fit")

    def _eye(self, position: int) -> None:
        group = self.model_.group_at(position)
        layers = self.desk.session.twin.layers
        if group is not None:
            self._switch(group, is_shown(layers, group))
        else:
            key, row = self.model_.at(position)
            self.desk.hide({key: np.array([row], np.int32)}, not layers[key].is_hidden(row))

    def _switch(self, group: Group, hide: bool) -> None:
        self.desk.session.do("objects.hide" if hide else "objects.show", hidden(group, hide))

    def _only(self, group: Group) -> None:
        self.desk.session.do("objects.isolate", isolated(self.desk.session.twin.layers, group))

    def _offer(self, position: int, point: QPoint) -> None:
        menu, say = QMenu(self), self.desk.say
        group = self.model_.group_at(position)
        if group is None:
            self.desk.select(*self.model_.at(position))
            for name in ("view.fit", "objects.hide", "objects.isolate", "passport.copy"):
                offer(menu, say(f"action.{name}"), partial(self.desk.act, name))
        else:
            offer(menu, say("grouping.select"), lambda: self.desk.choose(dict(group.rows)))
            hide = is_shown(self.desk.session.twin.layers, group)
            verb = "action.objects.hide" if hide else "grouping.show"
            offer(menu, say(verb), lambda: self._switch(group, hide))
            offer(menu, say("action.objects.isolate"), lambda: self._only(group))
            colour = say("attributes.color_by", name=_title(self.desk, self.model_.column))
            column = self.model_.column
            offer(menu, colour, lambda: self.desk.run("view.color_by", column=column))
        menu.exec(point)


class GroupButton(QToolButton):
    """Says what the objects are grouped by and offers the rest; ``choose(column)``, '' = where they stand."""

    def __init__(self, desk: Desk, choose: Callable[[str], None]) -> None:
        super().__init__()
        self.desk, self.choose = desk, choose
        self.column = ""
        self.setIcon(desk.icon("group"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(desk.say("grouping.tip"))
        self.choices = QMenu(self)
        self.choices.setToolTipsVisible(True)
        self.choices.aboutToShow.connect(self.fill)
        self.setMenu(self.choices)
        self._retitle()

    def fill(self) -> None:
        """Offer the columns; those that no layer has say so and cannot be chosen."""
        self.choices.clear()
        once = QActionGroup(self.choices)
        layers = self.desk.session.twin.layers.values()
        for column in ("", *COLUMNS):
            entry = offer(self.choices, _title(self.desk, column), partial(self.take, column))
            entry.setCheckable(True)
            entry.setChecked(column == self.column)
            entry.setActionGroup(once)
            known = not column or any(_has(layer, column) for layer in layers)
            entry.setEnabled(known)
            entry.setToolTip("" if known else self.desk.say("grouping.none"))

    def take(self, column: str) -> None:
        """Group by a column."""
        self.column = column
        self._retitle()
        self.choose(column)

    def _retitle(self) -> None:
        self.setText(_title(self.desk, self.column))
        self.setAccessibleName(f"{self.desk.say('grouping.tip')}: {self.text()}")


def _title(desk: Desk, column: str) -> str:
    if column in ("", "kind"):
        return desk.say(f"grouping.{column or 'place'}")
    return attribute_title(desk, column)


def _has(layer: Layer, column: str) -> bool:
    return column == "kind" or column in layer.features.columns
