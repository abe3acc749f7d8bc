"""The strip under the view: the sun of a day or a year, by the clock of the place; it plays, too."""

import datetime
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLabel, QLineEdit, QWidget

from twin.analyses.sun_course import DAY, YEAR, day_course, stepped, year_course
from twin.analyses.sun_rules import Rule, hours_of
from twin.analyses.sun_time import SOLAR, clock_of, instant_at, solar_steps, zone_of
from twin.errors import TwinError
from twin.scene import Aspect
from twin.sunlight import SunPlace
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, label, mark, segments, word_button
from ui.panels.sun_axis import SunAxis
from ui.theme import glyph_pixmap

DAY_SECONDS, YEAR_SECONDS = 24.0, 30.0
"""How long playing takes from end to end."""
CALM = 1.0
"""Seconds between the steps of playing where motion is reduced."""
FIRST_YEAR, LAST_YEAR = 1, 4000
ROOMY = 560
"""Logical pixels from which date and time have words beside them."""


class SunStrip(Panel):
    """Date, play, axis, time, day or year. Seen while a sun shines; the cross puts it out."""

    watches = frozenset({Aspect.SUN, Aspect.LAYERS, Aspect.FEATURES, Aspect.SETTINGS})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(72)
        self.mode = DAY
        self.playing = False
        self.rule = Rule()
        self.on_turn: Callable[[], None] = lambda: None
        self._quiet, self._played, self._owed = False, 0.0, 0.0
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        self.sign = QLabel()
        self.sign.setPixmap(glyph_pixmap("sun", desk.theme.t2, 16))
        row.addWidget(self.sign)
        self.date, self.time = self._date_field(), self._time_field()
        self.play = icon_button(desk, "play", desk.say("sun.play"))
        self.play.clicked.connect(self.toggle)
        self.axis = SunAxis(desk)
        self.axis.on_move, self.axis.on_step = self._moved, self._stepped
        row.addWidget(self.date)
        row.addWidget(self.play)
        row.addWidget(self.axis, 1)
        self.lost = self._lost()
        row.addWidget(self.lost, 1)
        row.addWidget(self.time)
        row.addLayout(self._modes())
        self.close_button = icon_button(desk, "close", desk.say("sun.off"))
        self.close_button.clicked.connect(lambda: desk.session.set_sun(None))
        row.addWidget(self.close_button)
        self.refresh(self.watches)

    # -- making -------------------------------------------------------------------------------

    def _date_field(self) -> QDateEdit:
        desk, made = self.desk, QDateEdit()
        made.setCalendarPopup(True)
        made.setDisplayFormat("yyyy-MM-dd" if desk.words.language == "zh" else "d MMM yyyy")
        made.setDateRange(QDate(FIRST_YEAR, 1, 2), QDate(LAST_YEAR, 12, 30))
        made.setAccessibleName(desk.say("sun.date"))
        made.setToolTip(desk.say("sun.date"))
        made.setFixedWidth(120)
        mark(desk, "date", made)
        made.dateChanged.connect(lambda _: self._typed())
        return made

    def _time_field(self) -> QLineEdit:
        made = QLineEdit()
        made.setFixedWidth(58)
        made.setMaxLength(5)
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        made.setAccessibleName(self.desk.say("sun.time"))
        made.editingFinished.connect(self._typed)
        return made

    def _modes(self) -> QHBoxLayout:
        joined = QHBoxLayout()
        joined.setSpacing(0)
        words = [(mode, self.desk.say(f"sun.{mode}")) for mode in (DAY, YEAR)]
        self.modes = segments(words, self.mode, self._turn)
        for button in self.modes:
            joined.addWidget(button)
        return joined

    def _lost(self) -> QWidget:
        """Return what stands there while nobody knows where the city is."""
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(label(self.desk.say("sun.no_place"), "t2", wrap=True), 1)
        button = word_button(self.desk, "place", self.desk.say("sun.name_place"))
        button.clicked.connect(lambda: self.desk.act("sun.place"))
        row.addWidget(button)
        return made

    # -- showing ------------------------------------------------------------------------------

    def place(self) -> SunPlace | None:
        """Return where the city stands."""
        return self.desk.session.sun_place

    def zone(self, place: SunPlace) -> datetime.tzinfo:
        """Return the clock of the place."""
        return zone_of(self.desk.session.sunlight.clock.zone, place.lon)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the sun again."""
        at, place = self.desk.session.sun_at, self.place()
        seen = at is not None and bool(self.desk.session.twin.layers)
        if seen == self.isHidden():
            self.setVisible(seen)
        self.on_turn()
        if at is None:
            self._stop()
            return
        for part in (self.date, self.play, self.axis, self.time, *self.modes):
            part.setVisible(place is not None)
        self.lost.setVisible(place is None)
        if place is not None:
            self._show(at, place)

    def _show(self, at: np.datetime64, place: SunPlace) -> None:
        zone, say = self.zone(place), self.desk.say
        clock = clock_of(at, zone)
        self._quiet = True
        self.date.setDate(QDate(clock.year, clock.month, clock.day))
        self.time.setText(clock.strftime("%H:%M"))
        self._quiet = False
        self.time.setToolTip(say("sun.time_tip", zone=offset_words(clock)))
        spot = (place.lon, place.lat)
        course = (day_course if self.mode == DAY else year_course)(at, spot, zone)
        words = {"counted": say("sun.counted", start=self.rule.start, end=self.rule.end)}
        for key, when in (("rise", course.day.rise), ("set", course.day.set)):
            if when is not None:
                words[key] = say(f"sun.{key}", time=clock_of(when, zone).strftime("%H:%M"))
        if course.day.state != "rises":
            words["state"] = say(f"sun.state_{course.day.state}")
        seen = place.angles(at)
        words["whole"] = say(
            "sun.whole", date=self.desk.words.date(at), time=clock.strftime("%H:%M"),
            azimuth=f"{seen.azimuth[0]:.1f}", altitude=f"{seen.apparent[0]:.1f}",
        )  # fmt: skip
        self.axis.show_course(course, at, self._counted(clock.date(), place, zone), words)

    def _counted(
        self, day: datetime.date, place: SunPlace, zone: datetime.tzinfo
    ) -> tuple[np.datetime64, np.datetime64] | None:
        """Return the ends of the counted time on a day."""
        try:
            start, end = self.rule.window
            if self.rule.clock == SOLAR:
                middles, each = solar_steps(day, (start, end), (end - start) * 60.0, place.lon)
                half = np.timedelta64(round(each * 1_800_000), "ms")
                return middles[0] - half, middles[0] + half
            return instant_at(day, start, zone), instant_at(day, end, zone)
        except TwinError:
            return None

    def count(self, rule: Rule) -> None:
        """Show the counted time of a rule."""
        if rule != self.rule:
            self.rule = rule
            self.refresh(self.watches)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the sign where there is little room."""
        self.sign.setVisible(event.size().width() >= ROOMY)
        super().resizeEvent(event)

    # -- moving -------------------------------------------------------------------------------

    def _moved(self, at: np.datetime64) -> None:
        self._put(lambda: at)

    def _put(self, reckon: Callable[[], np.datetime64]) -> None:
        """Let the sun of an instant shine; what is no such instant is told."""
        try:
            self.desk.session.set_sun(reckon())
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            self.refresh(self.watches)

    def _turn(self, mode: str) -> None:
        self.mode = mode
        for button, name in zip(self.modes, (DAY, YEAR), strict=True):
            button.setChecked(name == mode)
        self.refresh(self.watches)

    def _typed(self) -> None:
        place = self.place()
        if self._quiet or place is None:
            return
        date = self.date.date()
        day = datetime.date(date.year(), date.month(), date.day())
        self._put(lambda: instant_at(day, hours_of("time", self.time.text()), self.zone(place)))

    def _stepped(self, count: int, what: str) -> None:
        place, at = self.place(), self.desk.session.sun_at
        if place is None or at is None or self.axis.course is None:
            return
        zone, day = self.zone(place), self.axis.course.day
        if what in ("rise", "set"):
            when = day.rise if what == "rise" else day.set
            self._moved(at if when is None else when.astype("datetime64[m]").astype(at.dtype))
            return
        days = {"day": 1, "step": 1, "page": 30}[what]
        if what == "day" or self.mode == YEAR:
            self._put(lambda: stepped(at, zone, days=count * days))
        else:
            self._put(lambda: stepped(at, zone, minutes=count * (10 if what == "step" else 60)))

    # -- playing ------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play, or stop."""
        if self.playing:
            self._stop()
            return
        self.playing, self._played, self._owed = True, 0.0, 0.0
        self._dress_play()

    def _stop(self) -> None:
        if self.playing:
            self.playing = False
            self._dress_play()

    def _dress_play(self) -> None:
        name = "pause" if self.playing else "play"
        self.play.setIcon(self.desk.icon(name))
        for tell in (self.play.setToolTip, self.play.setAccessibleName):
            tell(self.desk.say(f"sun.{name}"))

    def pass_time(self, now: float) -> None:
        """Move on while playing: a day in 24 seconds, a year in 30; in steps where motion is reduced."""
        if not self.playing or self.axis.course is None or self.axis.at is None:
            return
        self._owed += min(now - self._played, 0.5) if self._played else 0.0
        self._played = now
        least = CALM if self.desk.session.settings.reduced_motion else 0.0
        whole = DAY_SECONDS if self.mode == DAY else YEAR_SECONDS
        course = self.axis.course
        share = course.share(self.axis.at) + self._owed / whole
        after = course.at(share % 1.0 if share > 1.0 else share)
        if self._owed >= least and after != self.axis.at:
            self._owed = 0.0
            self._moved(after)


def offset_words(clock: datetime.datetime) -> str:
    """Return how far a clock is from universal time, as UTC+05:30, with the zone's name where it has one."""
    shift = clock.utcoffset() or datetime.timedelta()
    minutes = int(shift.total_seconds() // 60)
    told = f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    key = getattr(clock.tzinfo, "key", "")
    return f"{told} ({key})" if key else told
