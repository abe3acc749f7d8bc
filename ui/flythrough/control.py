"""The fly-through of one window: the route in hand, shown and played. Panels show what is here."""

import time
from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from twin.errors import TwinError
from twin.flythrough.flight import Flight
from twin.flythrough.state import State, state
from twin.records import Instant
from ui.city_view import CityView
from ui.desk import Desk
from ui.flythrough.acting import Acting
from ui.flythrough.axis import clock
from ui.flythrough.clearing import Clearing
from ui.flythrough.edits import RouteEdits
from ui.flythrough.filming import Filming
from ui.flythrough.overlay import paint_caption, paint_word
from ui.flythrough.player import Player


class Flythrough(RouteEdits):
    """Shows and plays the route in hand. ``moved`` is called when the time is another."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        super().__init__(desk, view)
        self.acting = Acting(desk.session)
        self.acting.muted = self.kept.muted
        self.player = Player(view, self._act)
        self.player.finished = self._finished
        self.player.patient = self.kept.patient
        self.filming = Filming(desk, view)
        self.filming.changed = self.tell
        self.clearing = Clearing(self.acting, desk.words.language, self.tell)
        self.clearing.told = self._not_cleared
        self.clearing.title = lambda title: desk.say("flythrough.clearing_of", title=title)
        self.scene: State | None = None
        self._sun_before: Instant | None = None
        self._due = False
        self.acting.shine = self._shine
        self.moved: list[Callable[[], None]] = []
        painters = view.canvas.paintings
        for old in [x for x in painters if isinstance(getattr(x, "__self__", None), Flythrough)]:
            painters.remove(old)
        painters.append(self.paint)

    def paint(self, painter: QPainter) -> None:
        """Paint the caption of the scene that is shown, and what is waited for."""
        if self.desk.show.running:
            return  # the presentation says the words, over both pictures
        if self.clearing.waiting:
            area = QRectF(self.view.canvas.rect())
            paint_word(painter, area, self.desk.theme, self.desk.say("flythrough.clearing"))
        if self.scene is not None and "captions" not in self.kept.muted:
            area = QRectF(self.view.canvas.rect())
            language = self.desk.words.language
            paint_caption(painter, area, self.desk.theme, self.scene.caption, language)

    def choose(self, key: str) -> None:
        """Take another route in hand."""
        self.stop()
        super().choose(key)

    def again(self) -> None:
        """Show the route as it is now; the picture at the time it stands follows."""
        super().again()
        if self.acting.acting and not self.player.playing:
            self.scrub(self.t)

    def mute(self, track: str) -> None:
        """Let a track act on the picture, or not."""
        self.kept.muted ^= {track}
        self.acting.muted = self.kept.muted
        self.again()

    def hold(self, on: bool) -> None:
        """Wait for tiles rather than show a gap, or not."""
        self.kept.patient = self.player.patient = on

    def set_snap(self, step: float) -> None:
        """Let dragged things fall into steps of so many seconds; 0 = anywhere."""
        self.kept.snap = step
        self.tell()

    def do(self, what: str) -> None:
        """Do something by name: what keys and buttons of the timeline mean."""
        score = self.score
        acts: dict[str, Callable[[], object]] = {
            "play": self.toggle,
            "keyframe": self.capture,
            "remove": self.remove_chosen,
            "copy": self._copied,
            "cut": self._cut,
            "paste": self.paste,
            "duplicate": self._duplicate,
            "previous": lambda: self.scrub(score.next_key(self.t, False)),
            "next": lambda: self.scrub(score.next_key(self.t, True)),
        }
        acts[what]()

    def _copied(self) -> None:
        count = self.copy()
        if count:
            words = self.desk.words.count(count)
            self.desk.tell(self.desk.say("flythrough.copied", count=words), "info")

    def _cut(self) -> None:
        if self.copy():
            self.remove_chosen()

    def _duplicate(self) -> None:
        if self.copy():
            self.paste()

    @property
    def flown(self) -> Flight | None:
        """Return the route in hand ready to be flown, over what stands in its way as far as that is known."""
        drawn = super().flown
        return None if drawn is None else self.clearing.lifted(drawn)

    def clearance_words(self) -> str:
        """Return how near the way comes to anything, in words; '' while that is not known."""
        found, drawn = self.clearing.found, super().flown
        if found is None or drawn is None or found.least is None:
            return ""
        if found.flown.route is not drawn.route:
            return ""
        metres = self.desk.words.metres(found.least, 1)
        return self.desk.say("flythrough.clearance", metres=metres, time=clock(found.t))

    def look_ahead(self) -> None:
        """Ask what stands in the way of the route in hand."""
        drawn = super().flown
        if drawn is not None:
            self.clearing.ask(drawn)

    def check_words(self) -> str:
        """Return what the last check of the route found, in words; '' before any."""
        return self.filming.words(self.flown)

    def _not_cleared(self, error: TwinError) -> None:
        """Say why the way is flown as it was drawn."""
        reason = self.desk.error_text(error)
        self.desk.tell(self.desk.say("flythrough.not_cleared", reason=reason), "info")

    def when_clear(self, then: Callable[[], None]) -> None:
        """Let something begin once it is known what stands in the way; until then that is said."""
        drawn = super().flown
        if drawn is not None and not self.clearing.when_known(drawn, then):
            self.tell()

    @property
    def playing(self) -> bool:
        """Return whether the route is played, or will be as soon as its way is known to be clear."""
        return self.player.playing or self.clearing.waiting

    # -- showing ------------------------------------------------------------------------------

    def _act(self, now: State) -> None:
        if not self.acting.acting:
            self._sun_before = self.desk.session.sun_at
        self.scene = now
        self.desk.show.caption = {} if "captions" in self.kept.muted else now.caption
        self.kept.t = now.t
        self.acting.act(now)

    def scrub(self, t: float) -> None:
        """Show the picture at a time; while playing go on from there."""
        flown = self.flown
        if flown is None or self.filming.busy:
            return
        self.clearing.give_up()
        if self.player.playing:
            self.kept.t = t
            self.when_clear(self._play)
        else:
            self.player.show(flown, t)
        self.kept.t = self.player.t
        self._told()
        self.view.canvas.update()

    def toggle(self) -> bool:
        """Play, or pause; return whether there is anything to play."""
        flown, self._due = self.flown, False
        if self.filming.busy:
            return True
        if self.playing:
            self.clearing.give_up()
            self.player.pause()
            self.tell()
        elif flown is not None:
            self.when_clear(self._play)
        return flown is not None

    def _play(self) -> None:
        """Play from where the route stands: over what is known to stand in its way, as a film does."""
        flown = self.flown
        if flown is not None and not self.filming.busy:
            self.player.play(flown, self.t, self._now())
            self.tell()

    def fly(self, key: str) -> bool:
        """Play a route from its beginning once the camera rests; return whether there is one to play."""
        if self.filming.busy or key not in self.routes:
            return False
        self.choose(key)
        self._due = self.flown is not None
        self.look_ahead()  # while the camera goes there
        return self._due

    def stop(self) -> None:
        """End: pause, and show again what was there before the route."""
        self.player.pause()
        self._finished()

    def rest(self) -> None:
        """Stop, to go on by ``resume`` from the same time: the window is built anew."""
        plays = self.player.playing or self._due
        self.kept.going = "plays" if plays else "shown" if self.acting.acting else ""
        self.stop()

    def resume(self) -> None:
        """Go on with what ``rest`` stopped."""
        going, self.kept.going = self.kept.going, ""
        if going == "plays":
            self.toggle()
        elif going:
            self.scrub(self.kept.t)

    def _finished(self) -> None:
        """The end was reached, or a person took the camera: tracks let go, the camera stays."""
        self._due = False
        self.clearing.give_up()
        self.acting.end()
        self.scene, self.desk.show.caption = None, {}
        self.tell()

    def pass_time(self, now: float) -> None:
        """Let play go on, or a film; called every tick."""
        self.filming.pass_time()
        self.clearing.pass_time(super().flown)
        if self._due and not self.view.canvas.navigator.busy:
            self.toggle()
        if self.player.playing and self.player.pass_time(now):
            self._told()

    def _now(self) -> float:
        return time.monotonic()

    @property
    def sun_shown(self) -> Instant | None:
        """Return the instant whose sun the route shows where it stands, else the one of the city."""
        flown = self.flown
        said = None if flown is None else state(flown, self.t).sun
        return self.desk.session.sun_at if said is None else said

    def _shine(self, sun: Instant | None) -> None:
        """Let the sun of the route shine, and in the end the one that shone before."""
        try:
            self.desk.session.set_sun(self._sun_before if sun is None else sun)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def _told(self) -> None:
        for listen in self.moved:
            listen()
