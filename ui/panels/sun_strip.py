"""The strip under the view: the sun of a day or a year, by the clock of the place; it plays, too."""

import datetime
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QDate, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.sun_course import DAY, YEAR, day_course, stepped, year_course
from twin.analyses.sun_rules import Rule, hours_of
from twin.analyses.sun_time import SOLAR, clock_of, instant_at, solar_steps, zone_of
from twin.errors import TwinError
from twin.scene import Aspect
from twin.sunlight import SunPlace
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, label, mark, segments, word_button
from ui.panels.sun_axis import SunAxis
from ui.theme import font, glyph_pixmap

DAY_SECONDS, YEAR_SECONDS = 24.0, 30.0
"""How long playing takes from end to end."""
CALM = 1.0
"""Seconds between the steps of playing where motion is reduced."""
FIRST_YEAR, LAST_YEAR = 1, 4000
DAYS = {"day": 1, "step": 1, "page": 30}
MINUTES = {"minute": 1, "step": 10, "hour": 60, "page": 60}
"""How far a step goes: of a year in days, of a day in minutes."""
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
        self._shown: tuple[QDate, str] = (QDate(), "")
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
        row.addWidget(self._clock())
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

    def _clock(self) -> QWidget:
        """Return the time over its zone: a time says nothing where nobody knows whose clock it is."""
        self.clock = QWidget()
        column = QVBoxLayout(self.clock)
        column.setContentsMargins(0, 9, 0, 5)
        column.setSpacing(2)
        self.zone_button = QToolButton()
        self.zone_button.setProperty("kind", "link")
        self.zone_button.setFont(font(11))
        self.zone_button.clicked.connect(lambda: self.desk.act("sun.zone"))
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self.time, 0, centre)
        column.addWidget(self.zone_button, 0, centre)
        self.time.installEventFilter(self)
        return self.clock

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Step the hour or the minute that the cursor stands in with up and down."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            turn = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
            if turn is not None:
                at = self.time.cursorPosition()
                self._stepped(turn, "hour" if at <= 2 else "minute")
                self.time.setCursorPosition(at)
                return True
        return super().eventFilter(watched, event)

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
        return zone_of(self.desk.session.sunlight.zone, place.lon)

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
        for part in (self.date, self.play, self.axis, self.clock, *self.modes):
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
        self._shown = (self.date.date(), self.time.text())
        self._name_zone(clock)
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

    def _name_zone(self, clock: datetime.datetime) -> None:
        """Say whose clock it is: CEST, Europe/Amsterdam; the offset where there is no name for it."""
        said, words = zone_words(clock), self.desk.say
        told = f"{said[0]}, {said[1]}" if said[1] else words("sun.zone_by_longitude", zone=said[0])
        if self.desk.session.sunlight.zone and not said[1]:
            told = said[0]
        self.zone_button.setText(told)
        exact = offset_words(clock)
        self.zone_button.setToolTip(words("sun.zone_tip", zone=exact))
        self.zone_button.setAccessibleName(words("sun.zone_tip", zone=exact))

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
        if self._quiet or place is None or self._shown == (self.date.date(), self.time.text()):
            return  # an hour that comes twice stays the one that it is
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
        if what == "day" or (self.mode == YEAR and what in DAYS):
            self._put(lambda: stepped(at, zone, days=count * DAYS[what]))
        else:
            self._put(lambda: stepped(at, zone, minutes=count * MINUTES[what]))

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


def zone_words(clock: datetime.datetime) -> tuple[str, str]:
    """Return how a clock's zone calls itself then (CEST, or UTC+05:45 where it has no letters) and its name, '' = none."""
    key = str(getattr(clock.tzinfo, "key", ""))
    name = clock.tzname() or ""
    return (name if name[:1].isalpha() else _offset(clock)), key


def _offset(clock: datetime.datetime) -> str:
    shift = clock.utcoffset() or datetime.timedelta()
    minutes, seconds = divmod(abs(round(shift.total_seconds())), 60)
    told = (
        f"UTC{'-' if shift < datetime.timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    )
    return f"{told}:{seconds:02d}" if seconds else told  # local mean time, before zones


def offset_words(clock: datetime.datetime) -> str:
    """Return how far a clock is from universal time, as UTC+05:30, with the zone's name where it has one."""
    key = getattr(clock.tzinfo, "key", "")
    return f"{_offset(clock)} ({key})" if key else _offset(clock)
