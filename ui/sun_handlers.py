"""What is done about the sun: shown, put out, copied, its place named, its hours asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from zoneinfo import available_timezones

from PySide6.QtWidgets import QInputDialog

from twin.analyses.findings import Marks
from twin.errors import NoPlace, TwinError
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.parts import copy_text
from ui.panels.sun_hours import SunPanel
from ui.sun_tool import begin, sun_words


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def sun_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of the sun by action name."""
    handlers = SunHandlers(desk, shell, view)
    return {
        "panel.sun": handlers.show,
        "sun.off": lambda: desk.session.set_sun(None),
        "sun.place": handlers.place,
        "sun.copy": handlers.copy,
        "sun.zone": handlers.zone,
    }


class SunHandlers:
    """The functions behind the actions of the sun."""

    def __init__(self, desk: Desk, shell: Shows, view: CityView) -> None:
        self.desk, self.shell, self.widget = desk, shell, view.widget()

    def show(self) -> None:
        """Show the panel of sun hours; a sun shines with it."""
        begin(self.desk)
        self.shell.show_panel("sun")
        for panel in self.desk.panels:
            if isinstance(panel, SunPanel):
                panel.draw = self.draw
                panel.draw_marks()

    def draw(self, marks: Sequence[Marks]) -> None:
        """Draw marks in the view, and nothing else of analyses."""
        self.desk.session.scenery.show(tuple(marks))

    def copy(self) -> None:
        """Put azimuth and altitude on the clipboard."""
        words = sun_words(self.desk, exact=True)
        if words:
            copy_text(words)
            self.desk.tell(self.desk.say("sun.copied", what=words), "info")
        else:
            self.desk.tell(self.desk.say("sun.no_place"), "error")

    def place(self) -> None:
        """Ask where the city is, for a project without a coordinate system."""
        desk = self.desk
        if desk.session.project is not None:
            desk.tell(desk.say("sun.place_known"), "info")
            return
        named = desk.session.sunlight.clock.place
        before = f"{named[0]:g}, {named[1]:g}" if named else ""
        title, ask = desk.say("sun.name_place"), desk.say("sun.ask_place")
        text, done = QInputDialog.getText(self.widget, title, ask, text=before)
        if done and text.strip():
            self.set_place(text)

    def zone(self) -> None:
        """Ask by whose clock the sun is told."""
        desk = self.desk
        title, ask = desk.say("sun.name_zone"), desk.say("sun.ask_zone")
        names = ["", *sorted(available_timezones())]
        now = desk.session.sunlight.zone
        at = names.index(now) if now in names else 0
        text, done = QInputDialog.getItem(self.widget, title, ask, names, at, editable=True)
        if done:
            self.set_zone(text)

    def set_zone(self, text: str) -> None:
        """Tell the sun by another clock; what is none is told."""
        try:
            self.desk.session.set_sun(self.desk.session.sun_at, zone=text.strip())
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def set_place(self, text: str) -> None:
        """Name the place by "longitude, latitude" in degrees; what is none is told."""
        desk = self.desk
        try:
            desk.session.set_sun(desk.session.sun_at, place=place_of(text))
            begin(desk)
        except TwinError as error:
            desk.tell(desk.error_text(error), "error")


def place_of(text: str) -> tuple[float, float]:
    """Return longitude and latitude of a text such as "4.36, 52.01". Raises NoPlace."""
    parts = text.replace(";", ",").replace("，", ",").split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError as error:
        raise NoPlace(place=text[:60]) from error
    return lon, lat
