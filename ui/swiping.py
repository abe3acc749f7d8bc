"""What the tools that compare share: two states in one picture by swipe, side by side, blend or blink."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSlider

from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.parts import segments
from ui.viewport.comparison import WAYS, Comparison, handle, paint_divider
from ui.viewport.tools import Held

STEPS = {Qt.Key.Key_BracketLeft: -0.05, Qt.Key.Key_BracketRight: 0.05}


class Swiping:
    """Holds the comparison of the view while it is in hand; what is compared, ``follow`` says."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.way, self.share = WAYS[0], 0.5
        self.on = False
        self.slider: QSlider | None = None

    def add_ways(self, row: QHBoxLayout) -> None:
        """Add the ways to a row of options, and how much of the new state is seen."""
        ways = QHBoxLayout()
        ways.setSpacing(0)
        words = [(way, self.desk.say(f"compare.{way}")) for way in WAYS]
        for button in segments(words, WAYS[0], self.choose_way):
            ways.addWidget(button)
        row.addLayout(ways)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(50)
        self.slider.setFixedWidth(64)
        self.slider.setAccessibleName(self.desk.say("compare.share"))
        self.slider.valueChanged.connect(lambda value: self.choose_share(value / 100))
        row.addWidget(self.slider)

    def follow(self) -> None:
        """Show what is compared, or one picture where nothing is."""
        raise NotImplementedError

    def titles(self, between: Comparison) -> tuple[str, str]:
        """Return what the old and the new state are called."""
        raise NotImplementedError

    def stop(self) -> None:
        """Show one picture again."""
        self.on = False
        self.view.canvas.compare(None)

    def choose_way(self, way: str) -> None:
        """Put the two pictures together in another way."""
        self.way = way
        if self.slider is not None:
            self.slider.setEnabled(way in ("swipe", "blend"))
        self.follow()

    def choose_share(self, share: float) -> None:
        """Move the swipe, or blend more of the one or the other."""
        self.share = min(max(share, 0.0), 1.0)
        between = self.view.canvas.comparison
        if between is not None and between.way != "blink":
            self.view.canvas.compare(replace(between, share=self.share))

    # -- the tool in hand ---------------------------------------------------------------------

    def _grip(self) -> QRectF | None:
        between = self.view.canvas.comparison
        if between is None or between.way != "swipe":
            return None
        return handle(QRectF(self.view.canvas.rect()), between).adjusted(-6, -6, 6, 6)

    def _put(self, share: float) -> None:
        self.choose_share(share)
        if self.slider is not None:
            self.slider.setValue(round(100 * self.share))

    def press(self, at: QPointF, held: Held) -> bool:
        """Take hold of the swipe."""
        grip = self._grip()
        return grip is not None and grip.contains(at)

    def drag(self, at: QPointF, held: Held) -> None:
        """Move the swipe."""
        self._put(at.x() / max(self.view.canvas.width(), 1))

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
        step = STEPS.get(key)
        if step is None:
            return False
        self._put(self.share + step)
        return True

    def paint(self, painter: QPainter) -> None:
        """Paint the divider and the names of both states."""
        between = self.view.canvas.comparison
        if between is not None:
            area = QRectF(self.view.canvas.rect())
            paint_divider(painter, area, self.desk.theme, between, self.titles(between))
