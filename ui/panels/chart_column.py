"""The charts beside the table: ages or the trend, and the custodians; each chooses on a click."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from twin.scene import Layer
from ui.desk import Desk
from ui.panels.charts import AgeChart, CustodianBars
from ui.panels.parts import label, segments
from ui.panels.trend_chart import TrendChart


class ChartColumn(QWidget):
    """Ages and trend in one place, the custodians below."""

    def __init__(self, desk: Desk, on_age: Callable[[int], None], on_custodian: Callable[[str], None]) -> None:  # fmt: skip
        super().__init__()
        self.desk = desk
        self.age, self.trend, self.custodians = AgeChart(desk), TrendChart(desk), CustodianBars(desk)  # fmt: skip
        self.age.on_choose, self.custodians.on_choose = on_age, on_custodian
        self.setMinimumWidth(1)  # it gives way before the dock is wider than the window
        self.pages = QStackedWidget()
        self.pages.addWidget(self.age)
        self.pages.addWidget(self.trend)
        self.note = label(desk.say("chart.age_note"), "t3", 11)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 4, 14, 6)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(0)
        words = [(key, desk.say(f"chart.{key}_short")) for key in ("age", "trend")]
        for button in segments(words, "age", self.turn):
            head.addWidget(button)
        head.addStretch(1)
        head.addWidget(self.note)
        column.addLayout(head)
        column.addWidget(self.pages, 3)
        foot = QHBoxLayout()
        foot.addWidget(label(desk.say("chart.custodians"), bold=True))
        foot.addStretch(1)
        foot.addWidget(label(desk.say("chart.custodians_note"), "t3", 11))
        column.addLayout(foot)
        column.addWidget(self.custodians, 2)

    def turn(self, key: str) -> None:
        """Show the ages or the trend."""
        self.pages.setCurrentWidget(self.age if key == "age" else self.trend)
        self.note.setText(self.desk.say(f"chart.{key}_note"))

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Count again."""
        self.age.show_layers(layers)
        self.custodians.show_layers(layers)
        self.trend.show_kept(self.desk.session.twin.records["snapshots"])
