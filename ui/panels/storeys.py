"""The storeys of all models: shown and hidden, looked at alone or as a plan, drawn apart."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QVBoxLayout, QWidget

from twin.commands.registry import Context
from twin.commands.sections import floor_of
from twin.comparing import named
from twin.errors import UsageError
from twin.features import FeatureTable
from twin.grouping import Group, grouped, hidden, is_shown, isolated
from twin.scene import Aspect, Layer, LayerId
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, label, offer
from ui.panels.tree_view import Line, TreeModel, TreeView

COLUMN = "Storey"
PLAN = "storey-plan"
"""The section of a plan; there is one at a time."""
CUT = 1.2
"""Metres above the floor at which plans are cut: through doors and windows, as drawings are."""
MOST_APART = 12.0


@dataclass(frozen=True)
class Level:
    """One storey of one layer; ``floor`` metres in the project's heights, NaN where nothing stands on it."""

    layer: LayerId
    name: str
    floor: float
    group: Group


def levels_of(desk: Desk, layer: Layer) -> list[Level]:
    """Return the storeys of a layer, the top one first, as a building is drawn."""
    if COLUMN not in layer.features.columns:
        return []
    groups = [group for group in reversed(grouped([layer], COLUMN)) if group.value is not None]
    return [
        Level(layer.id, str(group.value), _floor(desk, layer.id, str(group.value)), group)
        for group in groups
    ]


def _floor(desk: Desk, layer: LayerId, name: str) -> float:
    try:
        return floor_of(Context(desk.session.twin), name, layer)
    except UsageError:
        return float("nan")


class StoreyModel(TreeModel):
    """Layers with their storeys; with one model only the storeys."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.levels: list[Level] = []
        self.lines: list[Level | LayerId] = []
        self.closed: set[LayerId] = set()
        self._known: dict[LayerId, tuple[FeatureTable, list[Level]]] = {}

    def rebuild(self) -> None:
        """Read the twin again."""
        self.beginResetModel()
        self.levels = [
            level
            for layer in self.desk.session.twin.layers.values()
            for level in self._levels(layer)
        ]
        layers = list(dict.fromkeys(level.layer for level in self.levels))
        self.lines = []
        for key in layers:
            if len(layers) > 1:
                self.lines.append(key)
            if key not in self.closed or len(layers) == 1:
                self.lines += [level for level in self.levels if level.layer == key]
        self.endResetModel()

    def _levels(self, layer: Layer) -> list[Level]:
        """Return a layer's storeys; read once for every state of its table."""
        known = self._known.get(layer.id)
        if known is None or known[0] is not layer.features:
            known = self._known[layer.id] = (layer.features, levels_of(self.desk, layer))
        return known[1]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of visible lines."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def line(self, position: int) -> Line:
        """Return what is painted for a line."""
        what, layers = self.lines[position], self.desk.session.twin.layers
        if not isinstance(what, Level):
            title = named(layers[what], layers.values())
            return Line(
                title, 0, expandable=True, expanded=what not in self.closed, icon="bim", eye=False
            )
        count = self.desk.words.count(what.group.count)
        height = "" if np.isnan(what.floor) else f"{self.desk.words.metres(what.floor, 2)} m · "
        depth = int(len(self.lines) > len(self.levels))
        return Line(
            what.name, depth, note=height + count, shown=is_shown(layers, what.group), tail=True
        )

    def toggle(self, position: int) -> None:
        """Open or close a layer."""
        what = self.lines[position]
        if not isinstance(what, Level):
            self.closed ^= {what}
            self.rebuild()


class StoreysPanel(Panel):
    """The list, and below it how far apart the storeys are drawn."""

    watches = frozenset({Aspect.LAYERS, Aspect.FEATURES, Aspect.VISIBILITY, Aspect.DISPLAY})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = StoreyModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("tab.storeys"))
        self.view.on_click = self._click
        self.view.on_double = self.plan
        self.view.on_eye = self._eye
        self.view.on_menu = self._offer
        self.empty = label(desk.say("storeys.empty"), "t2", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(16, 16, 16, 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.empty)
        column.addWidget(self.view, 1)
        self.foot = self._make_foot()
        column.addWidget(self.foot)
        self.refresh(self.watches)

    def _make_foot(self) -> QWidget:
        say = self.desk.say
        foot = QWidget()
        self.apart = QSlider(Qt.Orientation.Horizontal)
        self.apart.setRange(0, round(MOST_APART * 4))
        self.apart.setPageStep(4)
        self.apart.setAccessibleName(say("storeys.apart"))
        self.apart.valueChanged.connect(self._explode)
        self.gap = label(say("storeys.gap", gap="0"), "t2")
        self.gap.setFixedWidth(44)
        whole = icon_button(self.desk, "home", say("storeys.whole_tip"))
        whole.clicked.connect(self.whole)
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(label(say("storeys.apart"), "t2"))
        row.addWidget(self.apart, 1)
        row.addWidget(self.gap)
        row.addWidget(whole)
        return foot

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again."""
        self.model.rebuild()
        there = bool(self.model.levels)
        self.empty.setVisible(not there)
        self.view.setVisible(there)
        self.foot.setVisible(there)

    def _level(self, position: int) -> Level | None:
        what = self.model.lines[position]
        return what if isinstance(what, Level) else None

    def _click(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        level = self._level(position)
        if level is None:
            self.model.toggle(position)
        else:
            mode = "add" if modifiers & Qt.KeyboardModifier.ControlModifier else "replace"
            self.desk.choose(dict(level.group.rows), mode)

    def _eye(self, position: int) -> None:
        level = self._level(position)
        if level is not None:
            hide = is_shown(self.desk.session.twin.layers, level.group)
            verb = "objects.hide" if hide else "objects.show"
            self.desk.session.do(verb, hidden(level.group, hide))

    def _offer(self, position: int, point: QPoint) -> None:
        level = self._level(position)
        if level is not None:
            self.menu_of(level, position).exec(point)

    def menu_of(self, level: Level, position: int) -> QMenu:
        """Return what can be done with a storey."""
        menu, say = QMenu(self), self.desk.say
        offer(menu, say("storeys.plan"), partial(self.plan, position))
        offer(menu, say("action.objects.isolate"), partial(self._only, level))
        offer(menu, say("grouping.select"), lambda: self.desk.choose(dict(level.group.rows)))
        offer(menu, say("storeys.whole"), self.whole)
        return menu

    def _only(self, level: Level) -> None:
        twin = self.desk.session.twin
        self.desk.session.do("objects.isolate", isolated(twin.layers, level.group))

    def plan(self, position: int) -> None:
        """Cut above the floor of a storey and look from above; one undoable step a plan."""
        level = self._level(position)
        if level is None or np.isnan(level.floor):
            return
        self.apart.setValue(0)
        if PLAN in self.desk.session.twin.records["sections"]:
            self.desk.run("sections.remove", id=PLAN)
        title = self.desk.say("storeys.plan_of", storey=level.name)
        made = self.desk.run(
            "sections.at",
            title=title,
            height=str(CUT),
            storey=level.name,
            layer=level.layer,
            id=PLAN,
        )
        if made:
            self.desk.choose(dict(level.group.rows))
            self.desk.act("view.fit")
            self.desk.session.select({}, "replace")
            self.desk.act("view.top")

    def whole(self) -> None:
        """Show every storey as it stands, uncut."""
        self.apart.setValue(0)
        if PLAN in self.desk.session.twin.records["sections"]:
            self.desk.run("sections.remove", id=PLAN)
        self.desk.run("objects.show_all")

    def _explode(self, steps: int) -> None:
        gap = steps / 4
        self.gap.setText(self.desk.say("storeys.gap", gap=f"{gap:g}"))
        for key in dict.fromkeys(level.layer for level in self.model.levels):
            self.desk.session.explode(key, gap)
