"""The dock "Fly-through": transport and route above, the timeline, below it the check and the time scrolled over."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.opening import is_sample
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.flythrough.axis import clock
from ui.flythrough.bar_forms import edit_bar
from ui.flythrough.control import Flythrough
from ui.flythrough.key_form import edit_key
from ui.flythrough.menus import bar_menu, key_menu, route_menu, row_menu, snap_menu
from ui.flythrough.rows import Hit
from ui.flythrough.span_bar import SpanBar
from ui.flythrough.sun_clock import zone_here
from ui.flythrough.timeline import Timeline
from ui.panels.parts import icon_button, invitation, label
from ui.theme import icon

ROOMY = 1100
"""Logical pixels of the dock from which all its words are shown."""


class FlythroughPanel(Panel):
    """Shows the route in hand; it asks ``control`` for every edit. Words under ``flythrough``."""

    watches = frozenset(
        {Aspect.ROUTES, Aspect.LAYERS, Aspect.PROJECT, Aspect.SECTIONS, Aspect.STYLE, Aspect.SUN}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.control: Flythrough | None = None
        self._zone = ""
        self.timeline = Timeline(desk, self)
        self.span = SpanBar(desk, self.timeline)
        self.timeline.on_axis = self.span.update
        self.stack = QStackedWidget()
        self.stack.addWidget(self._board())
        self.stack.addWidget(self._invitation())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.setMinimumHeight(120)
        self._head()
        desk.act("flythrough.attach", self)

    def _invitation(self) -> QWidget:
        """Return what stands there without a route; the sample city has one to try."""
        made = invitation(self.desk, self.desk.say("flythrough.empty"), "flythrough.key")
        self.sample = QPushButton(self.desk.say("flythrough.sample"))
        self.sample.clicked.connect(lambda: self.desk.act("flythrough.sample"))
        column = made.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.count() - 1, self.sample, 0, Qt.AlignmentFlag.AlignHCenter)
        return made

    def _board(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.timeline, 1)
        foot = QWidget()
        foot.setObjectName("footer")
        foot.setFixedHeight(30)
        row = QHBoxLayout(foot)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(10)
        self.check = label("", "t3", 11)
        self.check.setMinimumWidth(174)
        row.addWidget(self.check)
        row.addWidget(self.span, 1)
        column.addWidget(foot)
        return made

    def _head(self) -> None:
        """Make what stands in the title bar: route, transport, time, switches, the two verbs."""
        say = self.desk.say
        self.chooser = QToolButton()
        self.chooser.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.chooser.setIcon(self.desk.icon("chevron_down"))
        self.chooser.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.chooser.setIconSize(QSize(14, 14))
        self.chooser.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.chooser.setToolTip(say("flythrough.choose"))
        self.chooser.clicked.connect(self._choose)
        self.back = self._verb("skip_previous", "flythrough.previous", "Ctrl+←", "previous")
        self.forth = self._verb("skip_next", "flythrough.next", "Ctrl+→", "next")
        self.go = QToolButton()
        self.go.setProperty("kind", "go")
        self.go.setFixedSize(42, 28)
        self.go.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.go.clicked.connect(lambda: self.act("play"))
        self.clock = label("0:00", "t1", 15, bold=True)
        self.length = label("", "t3")
        self.even = self._switch("constant", "flythrough.constant_tip", self._constant)
        self.snap = QToolButton()
        self.snap.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.snap.setToolTip(say("flythrough.snap_tip"))
        self.snap.clicked.connect(lambda: self._below(self.snap, snap_menu(self)))
        self.key = QPushButton(say("flythrough.keyframe"))
        self.key.setIcon(self.desk.icon("add"))
        self.key.setToolTip(say("flythrough.keyframe_tip"))
        self.key.clicked.connect(lambda: self.act("keyframe"))
        self.film = QPushButton(say("flythrough.make_film"))
        self.film.setIcon(self.desk.icon("flythrough"))
        self.film.setToolTip(say("flythrough.make_film_tip"))
        self.film.clicked.connect(lambda: self.desk.act("flythrough.film"))

    def _verb(self, icon: str, words: str, keys: str, what: str) -> QToolButton:
        made = icon_button(self.desk, icon, f"{self.desk.say(words)} ({keys})")
        made.clicked.connect(lambda: self.act(what))
        return made

    def _switch(self, name: str, tip: str, done: object) -> QToolButton:
        made = QToolButton()
        made.setText(self.desk.say(f"flythrough.{name}"))
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(self.desk.say(tip))
        made.clicked.connect(done)
        return made

    def tools(self) -> list[QWidget]:
        """Return what stands in the title bar while this tab is shown."""
        return [
            self.chooser, self.back, self.go, self.forth, self.clock, self.length, self.even,
            self.snap, self.key, self.film,
        ]  # fmt: skip

    # -- what it shows ------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the route again; of the sun only its clock matters, and play moves it all the time."""
        named = self.desk.session.sunlight.zone
        if aspects == {Aspect.SUN} and named == self._zone:
            return
        self._zone = named
        if self.control is not None:
            self.control.zone = str(zone_here(self.desk))
        self.show_route()

    def show_route(self) -> None:
        """Show the route in hand, what is selected, and whether it plays."""
        control = self.control
        if control is None:
            return
        stored, say = control.stored, self.desk.say
        there = control.route is not None
        self.stack.setCurrentIndex(0 if there or control.routes else 1)
        layers = self.desk.session.twin.layers.values()
        self.sample.setVisible(any(is_sample(layer.source.path) for layer in layers))
        title = stored.title if stored else say("flythrough.none")
        self.chooser.setText(title if len(title) < 26 else f"{title[:24]}…")
        self.chooser.setAccessibleName(say("flythrough.route", title=title))
        self.timeline.now.muted, self.timeline.now.snap = control.kept.muted, control.kept.snap
        self.timeline.chosen.keys = control.chosen_keys
        self.timeline.chosen.bars = control.chosen_bars
        self.timeline.show_score(control.score)
        self.even.setChecked(bool(stored and stored.constant_speed))
        snap = control.kept.snap
        words = say("flythrough.snap", step=f"{snap:g}") if snap else say("flythrough.snap_off")
        self.snap.setText(words)
        free = there and not control.filming.busy
        for part in (self.back, self.go, self.forth, self.even, self.film):
            part.setEnabled(free)
        self._show_go()
        self.show_time()

    def _show_go(self) -> None:
        control = self.control
        playing = control is not None and control.playing
        name = "pause" if playing else "play"
        self.go.setIcon(icon(name, self.desk.theme.on_accent))
        text = f"{self.desk.say(f'flythrough.{name}')} ({self.desk.say('flythrough.space')})"
        self.go.setToolTip(text)
        self.go.setAccessibleName(text)

    def show_time(self) -> None:
        """Show where the route stands."""
        control = self.control
        if control is None:
            return
        self.timeline.set_time(control.t)
        self.clock.setText(clock(control.t))
        self.length.setText(f"/ {clock(control.score.duration)}")
        if control.clearing.waiting:
            self.check.setText(self.desk.say("flythrough.clearing"))
        elif stall := control.filming.stall_words():
            self.check.setText(stall)
        elif control.player.waiting:
            self.check.setText(self.desk.say("flythrough.waiting"))
        else:
            self.check.setText(control.check_words())

    def pass_time(self, now: float) -> None:
        """Let play go on."""
        if self.control is not None:
            self.control.pass_time(now)

    # -- what a person asks -------------------------------------------------------------------

    def scrub(self, t: float) -> None:
        """Show the picture at a time."""
        self._take()
        if self.control is not None:
            self.control.scrub(t)

    def _take(self) -> None:
        """Hand over what is selected on the timeline."""
        if self.control is not None:
            self.control.chosen_keys = self.timeline.chosen.keys
            self.control.chosen_bars = self.timeline.chosen.bars

    def move_keys(self, numbers: frozenset[int], seconds: float) -> None:
        """Move keyframes in time."""
        self._take()
        if self.control is not None:
            self.control.move_keys(numbers, seconds)

    def move_bar(self, track: str, key: int, start: float, end: float) -> None:
        """Let a bar begin and end elsewhere."""
        self._take()
        if self.control is not None:
            self.control.move_bar(track, key, start, end)

    def edit(self, track: str, key: int, t: float) -> None:
        """Open the form of a keyframe or a bar; -1 makes a new one."""
        self._take()
        control = self.control
        if control is None or control.route is None:
            return
        if track == "camera" and key >= 0:
            edit_key(control, self.window(), key)
        elif track == "camera":
            control.insert(t)
        else:
            edit_bar(control, self.window(), track, key, t)

    def act(self, what: str) -> None:
        """Do something by name."""
        self._take()
        if self.control is not None:
            self.control.do(what)

    def mute(self, track: str) -> None:
        """Let a track act, or not."""
        if self.control is not None:
            self.control.mute(track)

    def menu(self, found: Hit, t: float, at: QPoint) -> None:
        """Offer what can be done with what is under the cursor."""
        self._take()
        if found.part == "key":
            made = key_menu(self, found.key)
        elif found.bar is not None:
            made = bar_menu(self, found.track, found.key)
        elif found.track:
            made = row_menu(self, found.track, t)
        else:
            return
        made.exec(at)

    def _choose(self) -> None:
        self._below(self.chooser, route_menu(self))

    def _below(self, button: QWidget, menu: QMenu) -> None:
        menu.exec(button.mapToGlobal(button.rect().bottomLeft()))

    def _constant(self, on: bool) -> None:
        if self.control is not None:
            self.control.set_route("routes.set", constant_speed=on)
