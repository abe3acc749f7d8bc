"""Times of the sun as clocks at the place show them: the zone of the project's sun, as in the strip of the sun.

Routes keep instants (UTC); people read and write clock time.
"""

import datetime

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone
from PySide6.QtWidgets import QDateTimeEdit, QLabel

from twin.analyses.sun_time import clock_of, instant_at, zone_of
from twin.errors import TwinError
from twin.flythrough.reading import instant_of
from twin.records import Instant
from ui.desk import Desk
from ui.panels.parts import label
from ui.panels.sun_strip import offset_words

NOON = 12.0


def zone_here(desk: Desk) -> datetime.tzinfo:
    """Return the clock of the place; universal time where nobody knows where the city stands."""
    place = desk.session.sun_place
    return datetime.UTC if place is None else zone_of(desk.session.sunlight.zone, place.lon)


def local(said: str, zone: datetime.tzinfo) -> datetime.datetime | None:
    """Return what clocks show at the instant a route says, None where it says none."""
    found = instant_of(said)
    try:
        return None if found is None else clock_of(found, zone)
    except TwinError:
        return None


def time_words(said: str, zone: datetime.tzinfo, *, dated: bool = False) -> str:
    """Return the time of day, with the date where ``dated``, and the zone as UTC+2 or UTC+5:30."""
    clock = local(said, zone)
    if clock is None:
        return said
    form = "%Y-%m-%d %H:%M" if dated else "%H:%M"
    return f"{clock.strftime(form)} {short_zone(clock)}"


def short_zone(clock: datetime.datetime) -> str:
    """Return how far a clock is from universal time, as short as it can be said."""
    minutes = int((clock.utcoffset() or datetime.timedelta()).total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def share_of_day(said: str, zone: datetime.tzinfo) -> float:
    """Return how far the day of the place is gone at an instant, 0..1."""
    clock = local(said, zone)
    return 0.5 if clock is None else (60 * clock.hour + clock.minute) / 1440.0


class SunField(QDateTimeEdit):
    """Date and clock time at the place; ``zone_label`` says which clock that is on that date."""

    def __init__(self, desk: Desk, said: str, otherwise: Instant | None) -> None:
        """Begin with the instant a route says, else with another one, else with noon of midsummer."""
        super().__init__()
        self.zone, self.said = zone_here(desk), said
        self.zone_label: QLabel = label("", "t2")
        self.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.setCalendarPopup(True)
        begun = instant_of(said) if said else otherwise
        if begun is None:
            year = int(str(desk.session.at)[:4])
            begun = instant_at(datetime.date(year, 6, 21), NOON, self.zone)
        clock = clock_of(begun, self.zone)
        day, time = QDate(clock.year, clock.month, clock.day), QTime(clock.hour, clock.minute)
        self.setTimeZone(
            QTimeZone.utc()
        )  # it only carries numbers: the computer's own clock has gaps
        self.setDateTime(QDateTime(day, time, QTimeZone.utc()))
        self._begun = self.dateTime()
        self.dateTimeChanged.connect(lambda _: self._name())
        self._name()

    def instant(self) -> str:
        """Return the instant as routes keep it; what was not touched stays to the second."""
        if self.said and self.dateTime() == self._begun:
            return self.said
        day, time = self.date(), self.time()
        hours = time.hour() + time.minute() / 60.0
        at = instant_at(datetime.date(day.year(), day.month(), day.day()), hours, self.zone)
        return f"{at.astype('datetime64[s]')}Z"

    def _name(self) -> None:
        found = local(self.instant(), self.zone)
        self.zone_label.setText("" if found is None else offset_words(found))
