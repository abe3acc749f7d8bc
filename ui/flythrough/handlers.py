"""What is done with fly-throughs by name: play, keyframes, routes from files and templates, film."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtWidgets import QFileDialog, QLineEdit

from twin.edits import SetRecord
from twin.errors import TwinError
from twin.flythrough.line_files import ENDINGS, LineReading, route_along
from twin.flythrough.naming import missing
from twin.flythrough.placing import in_frame
from twin.flythrough.reading import read_route, write_route
from twin.flythrough.records import Route
from twin.flythrough.templates import along, descend, orbit, tour
from twin.geometry import F64
from twin.jobs import Lane, Outcome
from twin.opening import sample_folder
from ui.city_view import CityView
from ui.desk import Desk
from ui.film.plan import Plan
from ui.flythrough.control import Flythrough
from ui.flythrough.edits import KIND
from ui.flythrough.film_dialog import FilmDialog
from ui.flythrough.filming import Target
from ui.flythrough.form import Form

TOLD = 3
"""Warnings of a route that are told at once; the check of the route tells all."""


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


class Listens(Protocol):
    """A panel or a tool that shows the route in hand."""

    control: Flythrough | None

    def show_route(self) -> None:
        """Show the route."""
        ...

    def show_time(self) -> None:
        """Show the time it stands at."""
        ...


def flythrough_table(
    desk: Desk, shell: Shows, view: CityView
) -> Mapping[str, Callable[..., None]]:
    """Return the functions of fly-throughs by action name."""
    return FlythroughHandlers(desk, shell.show_panel, view).table()


class FlythroughHandlers:
    """The functions behind the actions, and the one fly-through of the window."""

    def __init__(self, desk: Desk, show: Callable[[str], None], view: CityView) -> None:
        self.desk, self.show, self.view = desk, show, view
        self.control = Flythrough(desk, view)

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.flythrough": lambda: self.show("flythrough"),
            "panel.route": lambda: self.show("route"),
            "flythrough.attach": self.attach,
            "flythrough.play": self.play,
            "flythrough.fly": self.fly,
            "flythrough.stop": self.control.stop,
            "flythrough.rest": self.control.rest,
            "flythrough.resume": self.control.resume,
            "flythrough.key": self.key,
            "flythrough.new": self.new,
            "flythrough.rename": self.rename,
            "flythrough.duplicate": self.duplicate,
            "flythrough.remove": self.remove,
            "flythrough.import": self.take_in,
            "flythrough.open": self.open_file,
            "flythrough.sample": lambda: self.open_file(
                sample_folder() / "routes" / "welcome.json"
            ),
            "flythrough.export": self.hand_out,
            "flythrough.template": self.template,
            "flythrough.follow": self.follow,
            "flythrough.follow_file": self.follow_file,
            "flythrough.hand": self.hand,
            "flythrough.check": self.check,
            "flythrough.film": self.film,
        }

    def attach(self, host: Listens) -> None:
        """Let a panel or a tool show the route in hand."""
        host.control = self.control
        for listeners, listen in (
            (self.control.changed, host.show_route), (self.control.moved, host.show_time)
        ):  # fmt: skip
            if listen not in listeners:
                listeners.append(listen)
        host.show_route()

    def play(self) -> None:
        """Play or pause; without a route the view flies round, as ever."""
        if self.control.toggle():
            return
        flying = self.view.flying()
        if not flying and self.desk.session.settings.reduced_motion:
            self.desk.tell(self.desk.say("no_motion"), "info")
            return
        self.view.fly_round(not flying)

    def fly(self, key: str) -> None:
        """Play a route of the project once the camera rests; where it is gone that is told."""
        if not self.control.fly(key):
            self.desk.tell(self.desk.say("flythrough.not_there"), "info")

    def key(self) -> None:
        """Take a keyframe from the view."""
        self.show("flythrough")
        self.control.capture()

    # -- routes -------------------------------------------------------------------------------

    def new(self) -> None:
        """Begin a route with the camera of the view."""
        name = self._ask(self.desk.say("flythrough.new"), self._free_title())
        if name:
            self.control.begin(name)
            self.show("flythrough")

    def _free_title(self) -> str:
        taken = {route.title for route in self.control.routes.values()}
        title = self.desk.say("flythrough.first")
        names = [title, *(f"{title} {n}" for n in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    def _ask(self, title: str, now: str) -> str:
        form = Form(
            self.desk, self.view.widget().window(), title, self.desk.say("flythrough.keep")
        )
        field = QLineEdit(now)
        field.setMaxLength(120)
        field.selectAll()
        form.row(self.desk.say("flythrough.name"), field)
        return field.text().strip() if form.exec() else ""

    def rename(self) -> None:
        """Give the route another title."""
        stored = self.control.stored
        if stored is None:
            return
        name = self._ask(self.desk.say("flythrough.rename"), stored.title)
        if name and name != stored.title:
            self.control.put("routes.rename", replace(stored, title=name))

    def duplicate(self) -> None:
        """Copy the route."""
        stored = self.control.stored
        if stored is not None:
            title = self.desk.say("flythrough.copy_of", title=stored.title)
            self.control.put("routes.add", replace(stored, id=self.control.free_id(), title=title))

    def remove(self) -> None:
        """Remove the route; it can be undone."""
        stored = self.control.stored
        if stored is None:
            return
        self.control.stop()
        self.desk.session.do("routes.remove", SetRecord(KIND, stored.id, None))
        self.control.tell()
        self.desk.tell(self.desk.say("flythrough.removed", title=stored.title), "undo")

    # -- files --------------------------------------------------------------------------------

    def take_in(self) -> None:
        """Ask for a route file and take it in."""
        parent, say = self.view.widget(), self.desk.say
        path, _ = QFileDialog.getOpenFileName(
            parent, say("flythrough.import"), "", say("flythrough.file_filter")
        )
        if path:
            self.open_file(Path(path))

    def open_file(self, path: Path) -> None:
        """Take a route file in; what is odd about it is told and stands in the log."""
        try:
            route, told = read_route(path)
            placed, more = in_frame(route, self.desk.session.project)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        key = route.id if route.id not in self.control.routes else self.control.free_id()
        if self.control.put("routes.add", replace(placed, id=key)):
            self.control.choose(key)
            self.show("flythrough")
            gone, language = missing(placed, self.desk.session.twin), self.desk.words.language
            warnings = dict.fromkeys(x.said(language) for x in (*told, *more, *gone))
            if warnings:
                self.desk.tell(" ".join(list(warnings)[:TOLD]), "info")

    def hand_out(self) -> None:
        """Ask where and write the route as a file."""
        stored, say = self.control.stored, self.desk.say
        if stored is None:
            return
        path, _ = QFileDialog.getSaveFileName(
            self.view.widget(), say("flythrough.export"), f"{stored.title}.json",
            say("flythrough.file_filter"),
        )  # fmt: skip
        if not path:
            return
        try:
            write_route(stored, Path(path))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        self.desk.tell(say("flythrough.exported", name=Path(path).name), "info")

    def hand(self, route: Route) -> None:
        """Take a route of the project frame in and in hand."""
        if self.control.put("routes.add", route):
            self.control.choose(route.id)

    # -- films --------------------------------------------------------------------------------

    def check(self) -> None:
        """Look along the route for tiles that are missing."""
        flown = self.control.flown
        if flown is not None:
            self.control.stop()
            self.control.look_ahead()
            self.control.filming.check(flown, Plan())

    def film(self) -> None:
        """Ask how, and make a film of the route."""
        flown = self.control.flown
        if flown is None or self.control.filming.busy:
            return
        self.control.look_ahead()
        dialog = FilmDialog(self.desk, self.view.widget().window(), flown)
        if dialog.exec():
            self.control.stop()
            plan, target = dialog.plan, dialog.target
            self.control.when_clear(lambda: self._filmed(plan, target))

    def _filmed(self, plan: Plan, target: Target) -> None:
        """Begin the film of the route in hand, whose way is known to be clear."""
        flown = self.control.flown
        if flown is not None:
            self.control.filming.make(flown, plan, target)

    # -- templates ----------------------------------------------------------------------------

    def template(self, name: str) -> None:
        """Make a route by a template from what is selected, measured or saved."""
        makers: Mapping[str, Callable[[str, str], Route]] = {
            "orbit": self._orbit, "line": self._line, "tour": self._tour, "descend": self._descend,
        }  # fmt: skip
        title = self.desk.say(f"flythrough.template.{name}")
        try:
            made = makers[name](title, self.control.free_id())
        except TwinError:
            self.desk.tell(self.desk.say(f"flythrough.template_needs.{name}"), "info")
            return
        project = self.desk.session.project
        if project is not None:
            made = replace(made, crs=project.crs, vertical=project.vertical)
        self.hand(made)
        self.show("flythrough")

    def follow(self) -> None:
        """Ask for a file with a line, and make a route along it."""
        endings = " ".join(f"*.{ending}" for ending in ENDINGS)
        words = self.desk.say("flythrough.line_files", endings=endings)
        title = self.desk.say("flythrough.template.file")
        path, _ = QFileDialog.getOpenFileName(self.view.widget(), title, "", words)
        if path:
            self.follow_file(Path(path))

    def follow_file(self, path: Path) -> None:
        """Make a route along the line of a file: a worker reads it, whose crash takes nothing along."""
        self.desk.session.jobs.submit(
            LineReading(str(path)), partial(self._followed, path), Lane.PROCESS,
            title=self.desk.say("flythrough.reading_line", name=path.name), key="tables",
        )  # fmt: skip

    def _followed(self, path: Path, outcome: Outcome) -> None:
        session, desk = self.desk.session, self.desk
        try:
            if outcome.error is not None:
                raise outcome.error
            line = outcome.value
            made = route_along(line, str(path), session.twin, session.project, session.ground)
        except TwinError as error:
            desk.tell(desk.error_text(error), "error")
            return
        self.hand(replace(made, id=self.control.free_id()))
        self.show("flythrough")
        if line.count > 1:
            count = desk.words.count(line.count)
            desk.tell(desk.say("flythrough.longest_line", count=count, name=line.name), "info")

    def _orbit(self, title: str, key: str) -> Route:
        session = self.desk.session
        boxes = [session.twin.layer(k).boxes(rows) for k, rows in session.selected.items()]
        stack = np.concatenate(boxes) if boxes else np.full((1, 6), np.nan)
        stack = stack[np.isfinite(stack).all(axis=1)]
        box = np.full(6, np.nan)
        if len(stack):
            box = np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)])
        return orbit(box, title, key, self.view.canvas.navigator.pose.yaw)

    def _drawn(self) -> F64:
        """Return the last line that was measured in the view, f64(n, 3)."""
        kept = self.desk.session.twin.records["measurements"].values()
        lines = [one for one in kept if one.kind in ("distance", "area")]
        return np.array(lines[-1].points, np.float64) if lines else np.zeros((0, 3))

    def _line(self, title: str, key: str) -> Route:
        return along(self._drawn(), title, key)

    def _descend(self, title: str, key: str) -> Route:
        return descend(self._drawn(), title, key)

    def _tour(self, title: str, key: str) -> Route:
        return tour(list(self.desk.session.twin.records["bookmarks"].values()), title, key)
