"""Live play: the camera goes along the route by the wall clock, tiles come before they are needed, tracks act.

Play begins when the first picture and those of the next seconds are there, and when some pictures were
drawn that tell how fast this machine is. From then on the rate stays; the pictures are as fine as it allows.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from twin.flythrough.flight import Flight
from twin.flythrough.state import State, state
from twin.tiles import View
from ui.city_view import CityView
from ui.flythrough.clock import FrameClock, rate_for
from ui.viewport.camera import Pose, pose_of_view
from ui.viewport.led import Lead

AHEAD = (0.35, 0.8, 1.5, 2.5, 4.0)
"""Seconds ahead of the picture from where tiles are fetched, nearest first."""
WARM_UP, LONGEST_WARM_UP = 6, 24
"""Pictures drawn before the clock starts: the least, and the most while they still become quicker."""
FORESEE = 0.3
"""Seconds after which the coming views are other ones."""
LONGEST_WAIT = 20.0
"""Seconds that the start waits for tiles at most: a tile that cannot come must not stop a show."""
STUCK = 6.0
"""Seconds that a gap is waited for during play at most."""


@dataclass
class Told:
    """What live play tells: seconds between pictures, seconds of each picture, seconds waited for tiles."""

    intervals: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    waited: float = 0.0
    gaps: int = 0


class Player:
    """Plays one flight in one view. ``act`` is called with the scene of every picture."""

    def __init__(self, view: CityView, act: Callable[[State], None]) -> None:
        self.view, self.act = view, act
        self.flown: Flight | None = None
        self.clock = FrameClock()
        self.t = 0.0
        self.patient = True
        self.finished: Callable[[], None] = lambda: None
        self.told = Told()
        self._lead: Lead | None = None
        self._stood: Pose | None = None
        self._warm: list[float] | None = None
        self._since = self._last = self._stuck = self._asked = -1.0
        self._pictures = 0
        self._foreseen: tuple[float, Sequence[View]] = (-1.0, ())

    @property
    def playing(self) -> bool:
        """Return whether the route is being played, or about to be."""
        return self._lead is not None

    @property
    def waiting(self) -> bool:
        """Return whether tiles are waited for."""
        lead = self._lead
        return lead is not None and (lead.waiting or self._warm is not None)

    # -- what people ask ----------------------------------------------------------------------

    def show(self, flown: Flight, t: float) -> State:
        """Show the picture at a time, without playing; return what the scene is."""
        now = state(flown, t)
        self.act(now)
        self.flown, self.t = flown, now.t
        pose = self._pose(now)
        canvas = self.view.canvas
        if canvas.navigator.pose != pose:
            canvas.put(pose)
        return now

    def play(self, flown: Flight, t: float, now: float) -> None:
        """Play from a time on; from the beginning where the end was reached."""
        over = not flown.route.loop and t >= flown.end - 1e-3
        self.flown, self.t = flown, flown.start if over else max(t, flown.start)
        self.told, self._pictures = Told(), 0
        self.clock = FrameClock()
        self._lead = self.view.canvas.lead(self.clock.period, patient=False)
        self._warm, self._since, self._last, self._stuck = [], now, -1.0, -1.0
        self._stand(self.t)

    def pause(self) -> None:
        """Stop where the route stands; the picture becomes fine again."""
        if self._lead is None:
            return
        self.told.gaps = self._lead.gaps
        self._lead, self._warm = None, None
        self.view.canvas.release()

    def pass_time(self, now: float) -> bool:
        """Go on; return whether a picture was asked for. Called every tick, before the view draws."""
        lead = self._lead
        if lead is None or self.flown is None:
            return False
        if self.view.canvas.navigator.pose is not self._stood:
            self._end()  # a person has taken the camera
            return True
        if self._warm is not None:
            return self._warming(now, lead)
        if lead.waiting:
            return self._held(now, lead)
        self._count(now, lead)
        t = self.clock.due(now)
        if t is None:
            return False
        if not self.flown.route.loop and t >= self.flown.end:
            self._stand(self.flown.end)
            self._end()
            return True
        self._stand(t)
        return True

    def _end(self) -> None:
        self.pause()
        self.finished()

    # -- start and holds ----------------------------------------------------------------------

    def _warming(self, now: float, lead: Lead) -> bool:
        """Draw the first picture again and again until tiles are there and the rate is known."""
        warm = self._warm
        assert warm is not None
        if lead.pictures > self._pictures:
            if self._last >= 0:
                warm.append(1000 * (now - self._last))
            self._pictures, self._last = lead.pictures, now
        late = now - self._since > LONGEST_WAIT
        if self._warmed(warm) and (late or self._there()):
            self.clock.period = rate_for(warm[-WARM_UP // 2 :])
            self.view.canvas.keep_pace(self.clock.period)
            self.told.waited = now - self._since
            lead.patient, lead.gaps = self.patient, 0
            self._warm, self._last = None, -1.0
            self.clock.start(now, self.t)
            return self.pass_time(now)
        self._stand(self.t)
        return False

    def _warmed(self, warm: list[float]) -> bool:
        """Return whether the pictures have become as quick as they will."""
        if len(warm) < WARM_UP:
            return False
        quick = rate_for(warm[-WARM_UP // 2 :]) <= self.clock.period
        return quick or len(warm) >= LONGEST_WARM_UP

    def _there(self) -> bool:
        """Return whether the picture is whole and the next seconds lack nothing that memory could hold."""
        view, screen = self.view, self.view.session.screen
        if not view.shown.complete:
            return False
        return not any(stream.pending for stream in screen.streams.values())

    def _held(self, now: float, lead: Lead) -> bool:
        """Show the picture with a gap again, until it has none or has been waited for too long."""
        if self._stuck < 0:
            self._stuck = now
        self.clock.hold(now)
        lead.patient = now - self._stuck < STUCK
        self._last = -1.0
        self._stand(self.t)
        return False

    def _count(self, now: float, lead: Lead) -> None:
        """Note how long the last picture took; a machine that is too slow gets a slower rate, once."""
        if lead.pictures == self._pictures:
            return
        self._pictures = lead.pictures
        if self._stuck >= 0:
            self.told.waited += now - self._stuck
            self._stuck, lead.patient = -1.0, self.patient
        took = now - self._asked
        self.told.work.append(took)
        if self._last >= 0:
            self.told.intervals.append(self._asked - self._last)
        self._last = self._asked
        if self.clock.took(took):
            self.view.canvas.keep_pace(self.clock.period)

    # -- pictures -----------------------------------------------------------------------------

    def _stand(self, t: float) -> None:
        """Ask for the picture at a time."""
        flown = self.flown
        assert flown is not None
        reduced = self.view.session.settings.reduced_motion
        now = state(flown, t)
        self.act(now)
        self.t = now.t
        seen = state(flown, flown.keyframes[now.keyframe].t) if reduced else now
        self._stood = self._pose(seen)
        self._asked = time.monotonic()
        if abs(t - self._foreseen[0]) > FORESEE or not self._foreseen[1]:
            self._foreseen = (t, self._ahead(flown, t))
        self.view.canvas.stand(self._stood, self._foreseen[1])

    def _ahead(self, flown: Flight, t: float) -> Sequence[View]:
        """Return the cameras of the next seconds, nearest first."""
        times = t + np.array(AHEAD)
        if not flown.route.loop:
            times = times[times < flown.end + AHEAD[0]]
        if not len(times):
            return ()
        size, camera = self.view.canvas.view.size, flown.camera(times)
        rows = zip(camera.eye, camera.forward, camera.up, camera.fov.tolist(), strict=True)
        return [View(eye, forward, up, fov, size) for eye, forward, up, fov in rows]

    def _pose(self, now: State) -> Pose:
        return pose_of_view(now.view(self.view.canvas.view.size), now.focus)
