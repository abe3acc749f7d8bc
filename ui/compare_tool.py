"""The tool Compare: two layers in one picture by swipe, side by side, blend or blink; what differs is listed."""

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from twin.comparing import named
from twin.errors import TwinError
from twin.scene import Aspect, LayerId
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import ElidedBox, label
from ui.swiping import Swiping
from ui.viewport.comparison import Comparison


class CompareOptions(Panel):
    """Which layer against which, how, how much of the new one, and the button that lists differences."""

    watches = frozenset({Aspect.LAYERS})

    def __init__(self, tool: "CompareTool", desk: Desk) -> None:
        super().__init__(desk)
        self.tool = tool
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.sides = (self._layers("compare.old"), self._layers("compare.new"))
        row.addWidget(self.sides[0])
        row.addWidget(label("→", "t2"))
        row.addWidget(self.sides[1])
        tool.add_ways(row)
        self.list = QPushButton(desk.say("compare.list"))
        self.list.setProperty("primary", True)
        self.list.clicked.connect(tool.list_differences)
        row.addWidget(self.list)
        self.refresh(self.watches)

    def _layers(self, name: str) -> QComboBox:
        made = ElidedBox(self.desk, self.desk.say(name), 130)
        made.activated.connect(lambda _: self.tool.follow())
        return made

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Offer the layers there are; what was chosen stays chosen."""
        layers = self.desk.session.twin.layers
        if [self.sides[0].itemData(i) for i in range(self.sides[0].count())] != list(layers):
            for number, box in enumerate(self.sides):
                kept = box.currentData()
                box.clear()
                for key, layer in layers.items():
                    box.addItem(named(layer, layers.values()), key)
                place = box.findData(kept)
                box.setCurrentIndex(place if place >= 0 else min(number, box.count() - 1))
            if self.chosen() is None and len(layers) > 1:
                self.sides[1].setCurrentIndex(1 - min(self.sides[0].currentIndex(), 1))
        self.list.setEnabled(self.chosen() is not None)
        self.list.setToolTip("" if self.chosen() is not None else self.desk.say("compare.two"))
        self.tool.follow()

    def chosen(self) -> tuple[LayerId, LayerId] | None:
        """Return the old and the new layer; None unless there are two."""
        old, new = (box.currentData() for box in self.sides)
        return (old, new) if old and new and old != new else None


class CompareTool(Swiping):
    """Holds the comparison of the view while it is in hand."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        super().__init__(desk, view)
        self.panel: CompareOptions | None = None

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = CompareOptions(self, self.desk)
        return self.panel

    def start(self) -> None:
        """Show both states."""
        self.on = True
        self.follow()
        if self.panel is not None and self.panel.chosen() is None:
            self.desk.tell(self.desk.say("compare.two"), "info")

    def follow(self) -> None:
        """Show what is chosen."""
        if not self.on or self.panel is None:
            return
        pair = self.panel.chosen()
        if pair is None:
            self.view.canvas.compare(None)
            return
        old, new = (frozenset({key}) for key in pair)
        self.view.canvas.compare(Comparison(old, new, self.way, self.share))

    def list_differences(self) -> None:
        """Compare object by object; the dock of differences shows what is found."""
        pair = self.panel.chosen() if self.panel is not None else None
        if pair is None:
            return
        try:
            self.desk.session.compare(*pair)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        self.desk.act("panel.differences")

    def titles(self, between: Comparison) -> tuple[str, str]:
        """Return the names of the layers on both sides."""
        layers = self.desk.session.twin.layers
        old, new = (
            ", ".join(named(layers[key], layers.values()) for key in side if key in layers)
            for side in (between.old, between.new)
        )
        return old, new
