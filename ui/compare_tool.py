"""The tool Compare: two layers in one picture by swipe, side by side, blend or blink; what differs is listed."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSlider, QWidget

from twin.comparing import named
from twin.errors import TwinError
from twin.scene import Aspect, LayerId
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import ElidedBox, label, segments
from ui.viewport.comparison import WAYS, Comparison, handle, paint_divider
from ui.viewport.tools import Held


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
        ways = QHBoxLayout()
        ways.setSpacing(0)
        words = [(way, desk.say(f"compare.{way}")) for way in WAYS]
        for button in segments(words, WAYS[0], tool.choose_way):
            ways.addWidget(button)
        row.addLayout(ways)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(50)
        self.slider.setFixedWidth(64)
        self.slider.setAccessibleName(desk.say("compare.share"))
        self.slider.valueChanged.connect(lambda value: tool.choose_share(value / 100))
        row.addWidget(self.slider)
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


class CompareTool:
    """Holds the comparison of the view while it is in hand."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.way, self.share = WAYS[0], 0.5
        self.on = False
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

    def stop(self) -> None:
        """Show one picture again."""
        self.on = False
        self.view.canvas.compare(None)

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

    def choose_way(self, way: str) -> None:
        """Put the two pictures together in another way."""
        self.way = way
        if self.panel is not None:
            self.panel.slider.setEnabled(way in ("swipe", "blend"))
        self.follow()

    def choose_share(self, share: float) -> None:
        """Move the swipe, or blend more of the one or the other."""
        self.share = min(max(share, 0.0), 1.0)
        between = self.view.canvas.comparison
        if between is not None and between.way != "blink":
            self.view.canvas.compare(replace(between, share=self.share))

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

    # -- the tool in hand ---------------------------------------------------------------------

    def _grip(self) -> QRectF | None:
        between = self.view.canvas.comparison
        if between is None or between.way != "swipe":
            return None
        return handle(QRectF(self.view.canvas.rect()), between).adjusted(-6, -6, 6, 6)

    def press(self, at: QPointF, held: Held) -> bool:
        """Take hold of the swipe."""
        grip = self._grip()
        return grip is not None and grip.contains(at)

    def drag(self, at: QPointF, held: Held) -> None:
        """Move the swipe."""
        self.choose_share(at.x() / max(self.view.canvas.width(), 1))
        if self.panel is not None:
            self.panel.slider.setValue(round(100 * self.share))

    def drop(self, at: QPointF, held: Held) -> None:
        """Let go of the swipe."""

    def move(self, at: QPointF, held: Held) -> None:
        """Show that the swipe can be taken."""
        grip = self._grip()
        over = grip is not None and grip.contains(at)
        shape = Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor
        self.view.canvas.setCursor(shape)

    def click(self, at: QPointF, held: Held) -> bool:
        """Leave clicks to the selection."""
        return False

    def double_click(self, at: QPointF) -> bool:
        """Leave double clicks to the view."""
        return False

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Move the swipe or the blend with [ and ]."""
        step = {Qt.Key.Key_BracketLeft: -0.05, Qt.Key.Key_BracketRight: 0.05}.get(key)
        if step is None:
            return False
        self.choose_share(self.share + step)
        if self.panel is not None:
            self.panel.slider.setValue(round(100 * self.share))
        return True

    def paint(self, painter: QPainter) -> None:
        """Paint the divider and the names of both states."""
        between = self.view.canvas.comparison
        layers = self.desk.session.twin.layers
        if between is None:
            return
        old, new = (
            ", ".join(named(layers[key], layers.values()) for key in side if key in layers)
            for side in (between.old, between.new)
        )
        area = QRectF(self.view.canvas.rect())
        paint_divider(painter, area, self.desk.theme, between, (old, new))
