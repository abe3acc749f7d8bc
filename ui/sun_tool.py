"""The tool Sun: a sun shines while and after it is in hand; azimuth and altitude, and the way to sun hours."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from twin.analyses.sun_course import stepped
from twin.analyses.sun_time import zone_of
from twin.errors import TwinError
from twin.scene import Aspect
from twin.sunlight import day_of
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, label
from ui.viewport.tools import Held

STEPS = {Qt.Key.Key_BracketLeft: -10, Qt.Key.Key_BracketRight: 10}
"""Keys and the minutes by which they move the sun."""


def begin(desk: Desk) -> None:
    """Let a sun shine where none does: at noon of the day for which the city is judged."""
    session = desk.session
    if session.sun_at is not None:
        return
    at = session.at if session.as_of is None else session.as_of
    place = session.sun_place
    try:
        if place is not None:
            noon = day_of(place, at, session.sunlight.zone).noon
            at = noon.astype("datetime64[m]").astype(at.dtype)
        session.set_sun(at)
    except TwinError as error:
        desk.tell(desk.error_text(error), "error")


def sun_words(desk: Desk, *, exact: bool = False) -> str:
    """Return where the sun stands now, in words; '' where nobody knows. ``exact`` has more decimals."""
    session = desk.session
    at, place = session.sun_at, session.sun_place
    if at is None or place is None:
        return ""
    seen = place.angles(at)
    digits = 3 if exact else 1
    return desk.say(
        "sun.now", azimuth=f"{seen.azimuth[0]:.{digits}f}", altitude=desk.words.metres(seen.apparent[0], digits)
    )  # fmt: skip


class SunOptions(Panel):
    """Where the sun stands, and what can be asked of it."""

    watches = frozenset({Aspect.SUN, Aspect.LAYERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.now = label("", "t2")
        self.copy = icon_button(desk, "copy", desk.say("action.sun.copy"))
        self.copy.clicked.connect(lambda: desk.act("sun.copy"))
        self.ask = QPushButton(desk.say("sun.ask"))
        self.ask.setToolTip(desk.say("sun.ask_tip"))
        self.ask.clicked.connect(lambda: desk.act("panel.sun"))
        for part in (self.now, self.copy, self.ask):
            row.addWidget(part)
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Say where the sun stands."""
        words = sun_words(self.desk)
        self.now.setText(words)
        self.now.setVisible(bool(words))
        self.copy.setVisible(bool(words))


class SunTool:
    """Lets a sun shine; clicks stay with the selection. The sun stays when the tool is put back."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.panel: SunOptions | None = None

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = SunOptions(self.desk)
        return self.panel

    def start(self) -> None:
        """Let a sun shine."""
        begin(self.desk)

    def stop(self) -> None:
        """Leave the sun where it is: it belongs to the city, the strip puts it out."""

    def press(self, at: QPointF, held: Held) -> bool:
        """Leave drags to the camera."""
        return False

    def drag(self, at: QPointF, held: Held) -> None:
        """Nothing is dragged."""

    def drop(self, at: QPointF, held: Held) -> None:
        """Nothing is dragged."""

    def move(self, at: QPointF, held: Held) -> None:
        """Nothing follows the cursor."""

    def click(self, at: QPointF, held: Held) -> bool:
        """Leave clicks to the selection."""
        return False

    def double_click(self, at: QPointF) -> bool:
        """Leave double clicks to the view."""
        return False

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Move the sun ten minutes with [ and ], a day with Shift."""
        session = self.desk.session
        step, at, place = STEPS.get(key), session.sun_at, session.sun_place
        if step is None or at is None or place is None:
            return False
        zone = zone_of(session.sunlight.zone, place.lon)
        days = step // 10 if "shift" in held else 0
        try:
            session.set_sun(stepped(at, zone, minutes=0 if days else step, days=days))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
        return True

    def paint(self, painter: QPainter) -> None:
        """Paint nothing: the light is the picture."""
