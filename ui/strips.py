"""What stands under the view: the strip of dates, or that of the sun while one shines."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.panels.as_of import AsOfStrip
from ui.panels.sun_strip import SunStrip


class Strips(QWidget):
    """One strip at a time; that of dates stays where the city is seen as of the past."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.as_of, self.sun = AsOfStrip(desk), SunStrip(desk)
        for strip in (self.sun, self.as_of):
            column.addWidget(strip)
        self.sun.on_turn = self._turn
        self._turn()

    def _turn(self) -> None:
        session = self.desk.session
        past = session.as_of is not None or session.known_at is not None
        self.as_of.setVisible(past or session.sun_at is None)
