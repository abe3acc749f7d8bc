"""The tool Before and after: a scenario against the city as it stands by swipe, side by side, blend or blink."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from twin.analyses.scenarios import BUILT
from twin.scene import Aspect
from twin.streaming import Frame
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import ElidedBox, label, segments
from ui.results.words import scenario_title
from ui.viewport.comparison import WAYS, Comparison, handle, paint_divider
from ui.viewport.tools import Held

STEPS = {Qt.Key.Key_BracketLeft: -0.05, Qt.Key.Key_BracketRight: 0.05}


class BeforeAfterOptions(Panel):
    """Which scenario, in which way, how much of it."""

    watches = frozenset({Aspect.SCENARIOS})

    def __init__(self, tool: "BeforeAfterTool", desk: Desk, follow: Callable[[], None]) -> None:
        super().__init__(desk)
        self.follow = follow
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label(scenario_title(desk, ""), "t2"))
        row.addWidget(label("→", "t2"))
        self.box = ElidedBox(desk, desk.say("scenarios.title"), 150)
        self.box.activated.connect(
            lambda _: desk.run("scenarios.show", id=str(self.box.currentData()))
        )
        row.addWidget(self.box)
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
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Offer the scenarios there are."""
        twin = self.desk.session.twin
        self.box.clear()
        for key, scenario in twin.records["scenarios"].items():
            self.box.addItem(scenario.title, key)
        self.box.setCurrentIndex(self.box.findData(twin.scenario))
        self.follow()


class BeforeAfterTool:
    """Holds the comparison of the view while it is in hand."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.way, self.share = WAYS[0], 0.5
        self.on = False
        self.panel: BeforeAfterOptions | None = None

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = BeforeAfterOptions(self, self.desk, self.follow)
        return self.panel

    def start(self) -> None:
        """Show both states; without a scenario seen the first one is."""
        twin = self.desk.session.twin
        self.on = True
        if not twin.scenario and twin.records["scenarios"]:
            self.desk.run("scenarios.show", id=next(iter(twin.records["scenarios"])))
        if not twin.scenario:
            self.desk.tell(self.desk.say("scenarios.no_scenario"), "info")
        self.follow()

    def stop(self) -> None:
        """Show one picture again."""
        self.on = False
        self.view.canvas.compare(None)

    def follow(self) -> None:
        """Show what is seen beside what stands."""
        if not self.on:
            return
        session = self.desk.session
        scenario = session.scenery.scenario
        if scenario is None:
            self.view.canvas.compare(None)
            return
        new = frozenset({BUILT, *scenario.sources})
        before = Comparison(frozenset(), new, self.way, self.share, self._before)
        self.view.canvas.compare(before)

    def _before(self, frame: Frame) -> Frame:
        """Return a frame with what the scenario takes away."""
        session = self.desk.session
        there = {key: session.passing(key) for key in session.scenery.gone()}
        return session.scenery.as_it_stands(frame, there)

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
        step = STEPS.get(key)
        if step is None:
            return False
        self.choose_share(self.share + step)
        if self.panel is not None:
            self.panel.slider.setValue(round(100 * self.share))
        return True

    def paint(self, painter: QPainter) -> None:
        """Paint the divider and the names of both states."""
        between = self.view.canvas.comparison
        if between is None:
            return
        names = tuple(
            scenario_title(self.desk, key) for key in ("", self.desk.session.twin.scenario)
        )
        area = QRectF(self.view.canvas.rect())
        paint_divider(painter, area, self.desk.theme, between, (names[0], names[1]))
