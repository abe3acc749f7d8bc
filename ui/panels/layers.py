"""The layers dock: one line a layer with count, freshness bar and eye; its classes below it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QVBoxLayout, QWidget

from twin.comparing import named
from twin.geometry import Rows
from twin.scene import Aspect, Layer, LayerId
from ui.desk import Desk, Panel
from ui.panels.object_rows import counted
from ui.panels.parts import offer
from ui.panels.tree_view import Line, TreeModel, TreeView

KIND_ICONS = (
    ("building", "building"), ("relief", "terrain"), ("terrain", "terrain"), ("road", "road"),
    ("transport", "road"), ("water", "water"), ("plant", "tree"), ("vegetation", "tree"),
    ("land", "terrain"), ("ifc", "bim"),
)  # fmt: skip
FORMAT_ICONS = {"ifc": "bim", "3dtiles": "mesh", "tiles3d": "mesh", "3d tiles": "mesh"}


class LayerModel(TreeModel):
    """Layers and, where opened, the classes of their top objects."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.nodes: list[tuple[LayerId, int]] = []
        self.open: set[LayerId] = set()
        self._lines: list[Line] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of visible lines."""
        return 0 if parent is not None and parent.isValid() else len(self.nodes)

    def rebuild(self) -> None:
        """Read the layers again."""
        self.beginResetModel()
        self.nodes, self._lines = [], []
        layers = self.desk.session.twin.layers
        shared = shared_starts([named(layer, layers.values()) for layer in layers.values()])
        for (key, layer), telling in zip(layers.items(), shared, strict=True):
            kinds = top_kinds(layer)
            self.nodes.append((key, -1))
            plain = self._layer_line(layer, expandable=len(kinds) > 1)
            self._lines.append(replace(plain, telling=telling))
            if key in self.open and len(kinds) > 1:
                for code, rows in kinds:
                    self.nodes.append((key, code))
                    self._lines.append(self._kind_line(layer, code, rows))
        self.endResetModel()

    def _layer_line(self, layer: Layer, *, expandable: bool) -> Line:
        units = len(layer.assessment.unit_rows())
        note = self.desk.words.count(units) + ("+" if layer.provisional else "")
        described = self.desk.say(
            "layers.tip", path=layer.source.path, format=layer.about.format,
            version=layer.about.version, crs=layer.about.crs or self.desk.say("not_stated"),
            problems=len(layer.problems),
        )  # fmt: skip
        title = named(layer, self.desk.session.twin.layers.values())
        return Line(
            title, 0, expandable=expandable, expanded=layer.id in self.open,
            icon=FORMAT_ICONS.get(layer.about.format.lower(), "city"),
            note=note, counts=self._counted(layer), shown=layer.visible,
            tip=f"{layer.title}\n{described}",
        )  # fmt: skip

    def _kind_line(self, layer: Layer, code: int, rows: Rows) -> Line:
        kind = layer.features.kinds[code]
        hidden = layer.hidden is not None and bool(layer.hidden[rows].all())
        return Line(
            self.desk.kind(kind), 1, icon=kind_icon(kind),
            note=self.desk.words.count(len(rows)), counts=self._counted(layer, rows),
            shown=layer.visible and not hidden,
        )  # fmt: skip

    def _counted(self, layer: Layer, rows: Rows | None = None) -> Mapping[str, int] | None:
        """Return the counts of the freshness bar; a planner's list has none, and room for names."""
        plans = self.desk.session.settings.workspace == "planner"
        return None if plans else counted(layer.assessment, rows)

    def line(self, position: int) -> Line:
        """Return what is painted for a line."""
        return self._lines[position]

    def toggle(self, position: int) -> None:
        """Show or fold the classes of a layer."""
        self.open ^= {self.nodes[position][0]}
        self.rebuild()


def shared_starts(names: list[str]) -> list[int]:
    """Return for each name how many characters it has in common with another, whole words only."""
    found = []
    for number, name in enumerate(names):
        others = [other for i, other in enumerate(names) if i != number and other != name]
        longest = max((_alike(name, other) for other in others), default=0)
        while longest and name[longest - 1].isalnum():
            longest -= 1
        found.append(longest)
    return found


def _alike(name: str, other: str) -> int:
    pairs = zip(name, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(name), len(other)))


def top_kinds(layer: Layer) -> list[tuple[int, Rows]]:
    """Return (class code, maintained units of it) by falling count."""
    units = layer.assessment.unit_rows()
    codes = layer.features.kind[units]
    found = [(int(code), units[codes == code]) for code in np.unique(codes)]
    return sorted(found, key=lambda item: -len(item[1]))


def kind_icon(kind: str) -> str:
    """Return the icon of a class of objects."""
    low = kind.lower()
    return next((name for part, name in KIND_ICONS if part in low), "objects")


class LayersPanel(Panel):
    """The list of layers."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.FEATURES, Aspect.VISIBILITY, Aspect.ASSESSMENT, Aspect.SETTINGS}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = LayerModel(desk)
        self.view = TreeView(self.model, desk.theme)
        self.view.setAccessibleName(desk.say("layers.title"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.addWidget(self.view)
        self.view.on_click = self._choose
        self.view.on_double = lambda position: desk.act(
            "view.fit_layer", self.model.nodes[position][0]
        )
        self.view.on_eye = self._eye
        self.view.on_menu = self._menu

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the layers again."""
        self.model.rebuild()

    def _choose(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        key, code = self.model.nodes[position]
        if code < 0:
            self.desk.act("layers.page", key)
        else:
            rows = dict(top_kinds(self.desk.session.twin.layer(key)))[code]
            self.desk.choose({key: rows})

    def _eye(self, position: int) -> None:
        key, code = self.model.nodes[position]
        layer = self.desk.session.twin.layer(key)
        if code < 0:
            self.desk.show_layer(key, not layer.visible)
            return
        units = dict(top_kinds(layer))[code]
        rows = np.flatnonzero(np.isin(layer.assessment.unit, units)).astype(np.int32)
        self.desk.hide({key: rows}, self.model.line(position).shown)

    def _menu(self, position: int, point: QPoint) -> None:
        key = self.model.nodes[position][0]
        layer = self.desk.session.twin.layer(key)
        desk, menu = self.desk, QMenu(self)
        offer(menu, desk.say("layers.zoom"), lambda: desk.act("view.fit_layer", key))
        offer(menu, desk.say("layer_page.show"), lambda: desk.act("layers.page", key))
        offer(menu, desk.say("layers.rename"), lambda: self._rename(key))
        menu.addSeparator()
        offer(menu, desk.say("layer_page.swap"), lambda: desk.act("layers.swap", key))
        offer(menu, desk.say("layers.crs"), lambda: desk.act("layers.crs", key))
        offer(menu, desk.say("tab.placement"), lambda: desk.act("layers.placement", key))
        offer(menu, desk.say("layers.map"), lambda: desk.act("layers.map", key))
        drape = offer(menu, desk.say("drape.title"), lambda: desk.act("layers.drape", key))
        drape.setEnabled(layer.ground)
        pack = offer(menu, desk.say("action.file.pack"), lambda: desk.act("file.pack", key))
        pack.setEnabled(bool(layer.source.drape) or "{x}" in layer.source.path)
        failed = len(desk.session.screen.streams[key].failed)
        again = offer(menu, desk.say("layer_page.retry"), lambda: desk.act("layers.retry", key))
        again.setEnabled(bool(failed))
        menu.addSeparator()
        told = desk.say("layers.problems", count=len(layer.problems))
        for text, name in (
            (told, "panel.log"), (desk.say("layer_page.export"), "layers.problems"),
        ):  # fmt: skip
            offer(menu, text, partial(desk.act, name, key)).setEnabled(bool(layer.problems))
        menu.addSeparator()
        menu.addAction(desk.say("layers.remove"), lambda: desk.run("layers.remove", layer=key))
        menu.exec(point)

    def _rename(self, key: LayerId) -> None:
        title = self.desk.session.twin.layer(key).title
        text, accepted = QInputDialog.getText(
            self, self.desk.say("layers.rename"), self.desk.say("layers.name"), text=title
        )
        if accepted and text.strip():
            self.desk.run("layers.rename", layer=key, title=text.strip())
