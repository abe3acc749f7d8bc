"""Which route is in hand, and every edit of it: each is a named step that can be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twin.edits import SetRecord
from twin.errors import TwinError
from twin.flythrough.editing import pasted, retimed, with_keyframe, without
from twin.flythrough.flight import Flight, flight
from twin.flythrough.placing import in_frame
from twin.flythrough.reading import checked
from twin.flythrough.records import Keyframe, Route
from twin.flythrough.state import state
from twin.flythrough.statements import (
    LASTING,
    moved,
    removed,
    said_at,
    spans,
    statements,
    with_statements,
)
from ui.city_view import CityView
from ui.desk import Desk
from ui.flythrough.score import Score
from ui.flythrough.scoring import FIELD, score_of

KIND = "routes"
NEXT = 5.0
"""Seconds after the last keyframe at which the next one stands."""
LASTS = 5.0
"""Seconds that a new caption or highlight lasts."""
NOTHING: Mapping[str, Any] = {"captions": {}, "highlight": (), "layers": {}}
"""What ends a statement, by track; '' elsewhere."""


@dataclass
class Kept:
    """What stays when the window is built anew: the route that is shown and the time it stands at."""

    route: str = ""
    t: float = 0.0
    snap: float = 0.5
    muted: frozenset[str] = frozenset()
    patient: bool = True
    copied: tuple[Keyframe, ...] = ()
    going: str = ""
    """What goes on when the window was built anew: ``plays``, ``shown`` (it stands at its time) or nothing."""


class RouteEdits:
    """The route in hand of a window. ``listen`` is called when anything that panels show is different."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        kept = view.canvas.kept.setdefault("flythrough", Kept())
        assert isinstance(kept, Kept)
        self.kept = kept
        self.chosen_keys: frozenset[int] = frozenset()
        self.chosen_bars: frozenset[tuple[str, int]] = frozenset()
        self.changed: list[Callable[[], None]] = []
        self.zone = ""
        """The clock that times of the sun are written by."""
        self._placed: tuple[Route | None, Route | None] = (None, None)
        self._score: tuple[Any, Score] = (None, Score())

    # -- which route --------------------------------------------------------------------------

    @property
    def routes(self) -> Mapping[str, Route]:
        """Return the routes of the project."""
        found: Mapping[str, Route] = self.desk.session.twin.records[KIND]
        return found

    @property
    def stored(self) -> Route | None:
        """Return the route in hand as it is kept; the first one when the chosen one is gone."""
        if self.kept.route not in self.routes:
            self.kept.route = next(iter(self.routes), "")
        return self.routes.get(self.kept.route)

    @property
    def route(self) -> Route | None:
        """Return the route in hand in the project frame; None without one, or where it has no place."""
        stored = self.stored
        if self._placed[0] is not stored:
            self._placed = (stored, None if stored is None else self._in_place(stored))
        return self._placed[1]

    def _in_place(self, stored: Route) -> Route | None:
        try:
            return in_frame(stored, self.desk.session.project)[0] if stored.keyframes else None
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return None

    @property
    def flown(self) -> Flight | None:
        """Return the route in hand ready to be flown; None where there is nothing to fly."""
        route = self.route
        return None if route is None else flight(route)

    @property
    def score(self) -> Score:
        """Return what the timeline shows; made once a route and a language."""
        route = self.route
        names = tuple((x.id, x.title) for x in self.desk.session.twin.layers.values())
        key = (route, names, self.zone)
        known = self._score[0]
        if known is None or known[0] is not route or known[1:] != key[1:]:
            self._score = (key, Score() if route is None else score_of(route, self.desk))
        return self._score[1]

    @property
    def t(self) -> float:
        """Return the time at which the route stands, seconds."""
        return self.kept.t

    def choose(self, key: str) -> None:
        """Take another route in hand."""
        self.kept.route, self.kept.t = key, 0.0
        self.chosen_keys, self.chosen_bars = frozenset(), frozenset()
        self.tell()

    def tell(self) -> None:
        """Let panels show what is different."""
        for listen in self.changed:
            listen()
        self.view.canvas.update()

    # -- edits --------------------------------------------------------------------------------

    def put(self, name: str, route: Route) -> bool:
        """Keep a route as one step under a name; return whether it can be flown like that."""
        try:
            self.desk.session.do(name, SetRecord(KIND, route.id, checked(route)))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return False
        self.kept.route = route.id
        self.again()
        return True

    def again(self) -> None:
        """Show the route as it is now."""
        self.tell()

    def seek(self, t: float) -> None:
        """Put the playhead somewhere; the view stays as it is."""
        self.kept.t = t
        self.tell()

    def capture(self, t: float | None = None) -> int:
        """Put a keyframe with the camera of the view at a time: where the playhead is, or behind the end."""
        route = self.route
        if route is None:
            key = self._seen(0.0)
            made = Route(
                self.free_id(), self.desk.say("flythrough.first"), (key,), *self._system()
            )
            self.put("routes.add", made)
            self.chosen_keys = frozenset({0})
            self.seek(0.0)
            return 0
        at = self._next_time(route) if t is None else t
        after, number = with_keyframe(route, self._seen(at))
        if self.put("routes.keyframe_add", after):
            self.chosen_keys = frozenset({number})
            self.seek(at)
        return number

    def begin(self, title: str) -> None:
        """Begin a route with the camera of the view."""
        made = Route(self.free_id(), title, (self._seen(0.0),), *self._system())
        if self.put("routes.add", made):
            self.chosen_keys, self.chosen_bars = frozenset({0}), frozenset()
            self.seek(0.0)

    def insert(self, t: float) -> None:
        """Put a keyframe on the way at a time: the way hardly changes."""
        flown, route = self.flown, self.route
        if flown is None or route is None:
            return
        now = state(flown, t)
        key = Keyframe(t, _vector(now.eye), _vector(now.target), now.fov)
        made, number = with_keyframe(route, key)
        if len(made.keyframes) > len(route.keyframes) and self.put("routes.keyframe_add", made):
            self.chosen_keys = frozenset({number})
            self.tell()

    def _next_time(self, route: Route) -> float:
        """Return the playhead's time; at the end of the route, and on a keyframe, the time after it."""
        last = route.keyframes[-1].t + route.keyframes[-1].hold
        if self.t >= last - 1e-3:
            return last + NEXT
        return round(self.t, 3)

    def _seen(self, t: float) -> Keyframe:
        pose = self.view.canvas.navigator.pose
        eye, target = pose.eye, pose.target
        return Keyframe(t, _vector(eye), _vector(target), pose.fov_y, round(pose.roll, 6))

    def _system(self) -> tuple[str, str]:
        project = self.desk.session.project
        return ("", "") if project is None else (project.crs, project.vertical)

    def free_id(self) -> str:
        """Return an id that no route has."""
        return next(
            x for n in range(1, len(self.routes) + 2) if (x := f"route-{n}") not in self.routes
        )

    def move_keys(self, numbers: frozenset[int], seconds: float) -> None:
        """Move keyframes in time."""
        if self.route is not None and numbers and seconds:
            self.put("routes.keyframe_retime", retimed(self.route, numbers, seconds))

    def recapture(self, number: int) -> None:
        """Give a keyframe the camera of the view."""
        if self.route is not None:
            t = self.route.keyframes[number].t
            self.put("routes.keyframe_add", with_keyframe(self.route, self._seen(t))[0])

    def set_key(self, number: int, **values: Any) -> None:
        """Change fields of a keyframe."""
        route = self.route
        if route is not None:
            keys = list(route.keyframes)
            keys[number] = replace(keys[number], **values)
            keys.sort(key=lambda key: key.t)
            self.put("routes.keyframe_set", replace(route, keyframes=tuple(keys)))

    def set_route(self, name: str, **values: Any) -> None:
        """Change fields of the route itself: loop, constant speed, title."""
        if self.route is not None:
            self.put(name, replace(self.route, **values))

    def remove_chosen(self) -> None:
        """Remove the keyframes and the bars that are selected; one keyframe stays."""
        route = self.route
        if route is None:
            return
        if self.chosen_keys and len(self.chosen_keys) >= len(route.keyframes):
            self.desk.tell(self.desk.say("flythrough.last_key"), "info")
            return
        made = without(route, self.chosen_keys) if self.chosen_keys else route
        for track, number in sorted(self.chosen_bars, reverse=True):
            said = statements(made, FIELD[track])
            if number < len(said):
                lasting = FIELD[track] in LASTING
                left = removed(said, number, none_of(track), lasting)
                made = with_statements(made, FIELD[track], left)
        if made is not route and self.put("routes.keyframe_remove", made):
            self.chosen_keys, self.chosen_bars = frozenset(), frozenset()
            self.tell()

    def copy(self) -> int:
        """Remember the selected keyframes; return how many."""
        if self.route is not None and self.chosen_keys:
            self.kept.copied = tuple(self.route.keyframes[n] for n in sorted(self.chosen_keys))
            return len(self.kept.copied)
        return 0

    def paste(self) -> None:
        """Put the remembered keyframes in, the first at the playhead."""
        if self.route is not None and self.kept.copied:
            made, numbers = pasted(self.route, self.kept.copied, self.t)
            if self.put("routes.paste", made):
                self.chosen_keys = numbers
                self.tell()

    def selected_names(self) -> tuple[str, ...]:
        """Return what is selected in the city, by layer and id as routes name objects."""
        session = self.desk.session
        found = []
        for key, rows in self.desk.counted_selected():
            table = session.twin.layer(key).features
            found += [f"{key}#{table.id[row]}" for row in rows]
        return tuple(found)

    # -- tracks -------------------------------------------------------------------------------

    def say(self, track: str, t: float, value: Any, lasts: float | None = None) -> None:
        """Let a track say something from a time on."""
        route = self.route
        if route is None:
            return
        name = FIELD[track]
        ends = track in ("captions", "highlight")
        length = lasts if lasts is not None else LASTS if ends else float("inf")
        said = said_at(statements(route, name), t, value, none_of(track), length)
        self.put("routes.track", with_statements(route, name, said))

    def change_bar(self, track: str, number: int, value: Any, start: float, end: float) -> None:
        """Let a bar say something else, from and to elsewhere."""
        route = self.route
        if route is None:
            return
        name = FIELD[track]
        said = list(statements(route, name))
        said[number] = replace(said[number], value=value)
        changed = moved(said, number, start, end, none_of(track), self.score.duration)
        self.put("routes.track", with_statements(route, name, changed))

    def move_bar(self, track: str, number: int, start: float, end: float) -> None:
        """Let a bar begin and end elsewhere."""
        value = self.value_of(track, number)
        if value is not None:
            self.change_bar(track, number, value, start, end)

    def value_of(self, track: str, number: int) -> Any:
        """Return what a bar says as the route has it; None where there is no such bar."""
        if self.route is None:
            return None
        said = spans(statements(self.route, FIELD[track]), self.score.duration, ends=True)
        return next((span.value for span in said if span.number == number), None)


def none_of(track: str) -> Any:
    """Return what ends a statement of a track."""
    return NOTHING.get(track, "")


def _vector(point: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 4) for value in point)
    return x, y, z
