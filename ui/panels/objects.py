"""The objects dock: every object of every layer, part-of hierarchy, search by name, id or class."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from twin.comparing import named
from twin.features import Bool
from twin.geometry import I32
from twin.scene import Aspect, Layer, LayerId
from ui.desk import Desk, Panel
from ui.panels.groups import GroupButton, GroupModel, GroupView
from ui.panels.object_lines import branch_line, found_line, object_line
from ui.panels.object_rows import Flat, has_children
from ui.panels.parts import SearchField, offer
from ui.panels.searching import SearchText
from ui.panels.tree_view import Line, TreeModel, TreeView


class ObjectModel(TreeModel):
    """The visible part of the object tree, or the matches of a search."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.flat = Flat.roots(0)
        self.layers: tuple[LayerId, ...] = ()
        self.open: set[tuple[LayerId, int]] = set()
        self.wanted = ""
        self.found = 0
        self.hits: dict[LayerId, int] = {}
        self.on_rebuilt: Callable[[], None] = lambda: None
        self._texts = SearchText(desk.lowered)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of visible nodes."""
        return 0 if parent is not None and parent.isValid() else len(self.flat)

    def rebuild(self) -> None:
        """Read the twin again; what was open stays open.

        A search in a large city runs in the background; until it is done the old lines stay.
        """
        session = self.desk.session
        layers = {key: x for key, x in session.twin.layers.items() if len(x.features)}
        ready = not self.wanted or self._texts.ready(
            layers.values(), self.wanted, session.jobs, self.rebuild
        )
        if not ready and set(self.layers) <= set(layers):
            return
        self.beginResetModel()
        self.layers = tuple(layers)
        self.open = {key for key in self.open if key[0] in self.layers}
        if ready:
            self.flat = self._searched() if self.wanted else self._opened()
        else:
            self.flat = Flat.roots(len(self.layers))
        self.endResetModel()
        self.on_rebuilt()

    def masks(self) -> dict[LayerId, Bool] | None:
        """Return which rows of each layer the search has found; None while nothing is searched."""
        if not self.wanted:
            return None
        return {
            key: self._texts.matches(self._layer(number), self.wanted)
            for number, key in enumerate(self.layers)
        }

    def _opened(self) -> Flat:
        rows: dict[LayerId, set[int]] = {key: set() for key in self.layers}
        for key, row in self.open:
            rows[key].add(row)
        tables = [self._layer(number).features for number in range(len(self.layers))]
        return Flat.opened(tables, [rows[key] for key in self.layers])

    def _searched(self) -> Flat:
        flat = Flat.roots(len(self.layers))
        self.found = 0
        for number in reversed(range(len(self.layers))):
            hits = np.flatnonzero(self._texts.matches(self._layer(number), self.wanted))
            self.hits[self.layers[number]] = len(hits)
            self.found += len(hits)
            if len(hits):
                flat = flat.inserted(number, hits.astype(np.int32))
            else:
                flat = flat.removed(number, number + 1)
        return flat

    def found_line(self, line: Line, layer: Layer, row: int) -> Line:
        """Return the line with the value that the search found in the object."""
        match = self._texts.match(layer, row) if self.wanted else ""
        return found_line(line, match, self.wanted)

    def warm(self) -> None:
        """Begin to index the objects: a person is about to search."""
        session = self.desk.session
        self._texts.warm(session.twin.layers.values(), session.jobs)

    def search(self, wanted: str) -> None:
        """Show the matches of a text; an empty text shows the tree."""
        self.wanted = wanted.strip()
        self.rebuild()

    def _layer(self, number: int) -> Layer:
        return self.desk.session.twin.layer(self.layers[number])

    def at(self, position: int) -> tuple[LayerId, int]:
        """Return layer and row of a visible node (row -1 = the layer)."""
        return self.layers[int(self.flat.layer[position])], int(self.flat.row[position])

    def line(self, position: int) -> Line:
        """Return what is painted for a node."""
        key, row = self.at(position)
        layer = self.desk.session.twin.layer(key)
        depth = int(self.flat.depth[position])
        if row < 0:
            words = self.desk.words
            count = self.hits.get(key, 0) if self.wanted else len(layer.features)
            title = named(layer, self.desk.session.twin.layers.values())
            return Line(
                title, depth, expandable=True,
                expanded=(key, -1) in self.open or bool(self.wanted), icon="city",
                note=words.count(count), shown=layer.visible,
            )  # fmt: skip
        if self.wanted:
            return self.found_line(object_line(self.desk, layer, row, depth), layer, row)
        return branch_line(self.desk, layer, row, depth, (key, row) in self.open)

    def toggle(self, position: int) -> None:
        """Expand or collapse a node."""
        key, row = self.at(position)
        if self.wanted:
            return
        if (key, row) in self.open:
            self._collapse(position, (key, row))
        elif has_children(self.desk.session.twin.layer(key).features, row):
            self._expand(position, (key, row))
        changed = self.index(position, 0)
        self.dataChanged.emit(changed, changed)

    def _expand(self, position: int, node: tuple[LayerId, int]) -> None:
        self.open.add(node)
        rows: I32 = self.desk.session.twin.layer(node[0]).features.children(node[1])
        self.beginInsertRows(QModelIndex(), position + 1, position + len(rows))
        self.flat = self.flat.inserted(position, rows)
        self.endInsertRows()

    def _collapse(self, position: int, node: tuple[LayerId, int]) -> None:
        end = self.flat.end_of(position)
        below = {self.at(p) for p in range(position + 1, min(end, position + 5000))}
        self.open -= {node} | below
        if end > position + 1:
            self.beginRemoveRows(QModelIndex(), position + 1, end - 1)
            self.flat = self.flat.removed(position + 1, end)
            self.endRemoveRows()

    def reveal(self, layer: LayerId, row: int) -> int:
        """Open everything above an object and return its position (-1 when it is filtered out)."""
        if layer not in self.layers:
            return -1
        number = self.layers.index(layer)
        if not self.wanted:
            parents = self.desk.session.twin.layer(layer).features.parent
            chain = [row]
            while chain[-1] >= 0 and len(chain) < 64:
                chain.append(int(parents[chain[-1]]))
            for above in reversed(chain[1:]):
                position = self.flat.find(number, above)
                if position >= 0 and (layer, above) not in self.open:
                    self._expand(position, (layer, above))
        return self.flat.find(number, row)


class ObjectsPanel(Panel):
    """Search field over the tree of objects."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.FEATURES, Aspect.VISIBILITY, Aspect.ASSESSMENT, Aspect.SELECTION}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.search = SearchField(desk, desk.say("objects.search"))
        self.model = ObjectModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("objects.title"))
        self.groups = GroupModel(desk, self.model.found_line)
        self.group_view = GroupView(desk, self.groups)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.group_view)
        self.grouping = GroupButton(desk, self._regroup)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        holder = QVBoxLayout()
        holder.setContentsMargins(12, 0, 12, 0)
        holder.addWidget(self.search)
        column.addLayout(holder)
        column.addWidget(self.stack, 1)
        self.model.on_rebuilt = lambda: self._regroup(self.grouping.column)
        self.search.textChanged.connect(self.model.search)
        self.search.on_enter = self.model.warm
        self.view.on_click = self._choose
        self.view.on_double = self._zoom
        self.view.on_eye = self._eye
        self.view.on_menu = self._menu
        self.group_view.on_pick = self._pick
        self._own_choice = False

    def _regroup(self, column: str) -> None:
        """Show the objects where they stand (''), or under the values of a column."""
        self.stack.setCurrentWidget(self.group_view if column else self.view)
        if column:
            self.groups.rebuild(column, self.model.masks())

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Rebuild when objects came or went, else repaint; a choice made elsewhere is revealed."""
        if aspects & {Aspect.LAYERS, Aspect.FEATURES}:
            fresh = set(self.desk.session.twin.layers) - set(self.model.layers)
            self.model.rebuild()
            if fresh and len(self.model.layers) <= 1:
                self.model.toggle(0) if self.model.rowCount() else None
        if Aspect.SELECTION in aspects and not self._own_choice:
            self._reveal_selected()
        self._own_choice = False
        self.view.viewport().update()
        self.group_view.viewport().update()

    def _reveal_selected(self) -> None:
        chosen = self.desk.only_selected()
        if chosen is None:
            return
        grouped = bool(self.grouping.column)
        view = self.group_view if grouped else self.view
        position = (self.groups if grouped else self.model).reveal(*chosen)
        if position >= 0:
            index = view.tree.index(position, 0)
            view.setCurrentIndex(index)
            view.scrollTo(index)

    def _choose(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        key, row = self.model.at(position)
        if row < 0:
            self.model.toggle(position)
        else:
            self._pick(key, row, modifiers)

    def _pick(self, key: LayerId, row: int, modifiers: Qt.KeyboardModifier) -> None:
        self._own_choice = True
        toggle = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self.desk.select(key, row, "toggle" if toggle else "replace")

    def _zoom(self, position: int) -> None:
        key, row = self.model.at(position)
        if row >= 0:
            self.desk.select(key, row)
            self.desk.act("view.fit")
        else:
            self.desk.act("view.fit_layer", key)

    def _eye(self, position: int) -> None:
        key, row = self.model.at(position)
        layer = self.desk.session.twin.layer(key)
        if row < 0:
            self.desk.show_layer(key, not layer.visible)
        else:
            self.desk.hide({key: np.array([row], np.int32)}, not layer.is_hidden(row))

    def _menu(self, position: int, point: QPoint) -> None:
        key, row = self.model.at(position)
        if row < 0:
            return
        self.desk.select(key, row)
        menu = QMenu(self)
        for name in ("view.fit", "objects.hide", "objects.isolate", "passport.copy"):
            offer(menu, self.desk.say(f"action.{name}"), partial(self.desk.act, name))
        menu.exec(point)
