"""The tool Before and after: a scenario against the city as it stands by swipe, side by side, blend or blink."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from twin.analyses.scenarios import BUILT
from twin.scene import Aspect
from twin.streaming import Frame
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import ElidedBox, label
from ui.results.words import scenario_title
from ui.swiping import Swiping
from ui.viewport.comparison import Comparison


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
        tool.add_ways(row)
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Offer the scenarios there are."""
        twin = self.desk.session.twin
        self.box.clear()
        for key, scenario in twin.records["scenarios"].items():
            self.box.addItem(scenario.title, key)
        self.box.setCurrentIndex(self.box.findData(twin.scenario))
        self.follow()


class BeforeAfterTool(Swiping):
    """Holds the comparison of the view while it is in hand."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        super().__init__(desk, view)
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

    def titles(self, between: Comparison) -> tuple[str, str]:
        """Return the titles of the city as it stands and of the scenario."""
        seen = self.desk.session.twin.scenario
        return scenario_title(self.desk, ""), scenario_title(self.desk, seen)
