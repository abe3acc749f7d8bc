"""What is done with checks: rules chosen and run, results written, taken into the project's topics."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog

from twin.checks.exports import EXPORTS, written
from twin.checks.exports.options import Options
from twin.errors import TwinError
from twin.exchange.bcf.writing import packed
from twin.exchange.check_topics import Told
from twin.topics.changes import imported
from ui.city_view import CityView
from ui.desk import Desk


class Shows(Protocol):
    """What shows a tab of a dock."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def check_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions behind the actions of checks, by name."""
    return CheckHandlers(desk, view, shell.show_panel).table()


class CheckHandlers:
    """The functions behind the actions of checks, by name."""

    def __init__(self, desk: Desk, view: CityView, show: Callable[[str], None]) -> None:
        self.desk, self.view, self.show = desk, view, show

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.checks": lambda: self.show("checks"),
            "checks.choose": self.choose,
            "checks.run": self.run,
            "checks.again": self.again,
            "checks.clear": self.desk.session.checks.clear,
            "checks.export": self.export,
            "checks.topics": self.topics,
        }

    def choose(self) -> None:
        """Ask for rules and run them."""
        kinds = " ".join(f"*.{x}" for x in self.desk.session.checks.suffixes())
        title = self.desk.say("checks.choose")
        names = f"{self.desk.say('checks.files')} ({kinds})"
        path, _ = QFileDialog.getOpenFileName(self.view.widget(), title, "", names)
        if path:
            self.run(path)

    def run(self, path: str) -> None:
        """Run rules on every model that is open."""
        try:
            count = self.desk.session.checks.start(path)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        self.show("checks")
        if not count:
            self.desk.tell(self.desk.say("checks.no_model"), "info")

    def again(self) -> None:
        """Run the rules in use again."""
        self.desk.session.checks.again()

    def export(self, form: str) -> None:
        """Ask where and write the results in a format."""
        suffix = ".bcf" if form == "bcf" else EXPORTS[form].suffix
        checks = self.desk.session.checks
        stem = Path(checks.rules).stem or "checks"
        title = self.desk.say("checks.export")
        path, _ = QFileDialog.getSaveFileName(
            self.view.widget(), title, f"{stem}{suffix}", f"{suffix[1:].upper()} (*{suffix})"
        )
        if not path:
            return
        try:
            Path(path).write_bytes(self.content(form, moment()))
        except OSError as error:
            told = self.desk.say("save_failed", path=path, reason=str(error))
            self.desk.tell(told, "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=path), "info")

    def content(self, form: str, at: str) -> bytes:
        """Return the results in a format."""
        checks = self.desk.session.checks
        if form == "bcf":
            return packed(checks.topics(self._told(at), self.desk.session.georeference), at)
        return written(checks.reports(), form, Options(at, self.desk.words.language))

    def topics(self) -> None:
        """Take what failed into the project's topics, as one step that can be undone."""
        session = self.desk.session
        bcf = session.checks.topics(self._told(moment()), session.georeference)
        session.do("bcf.import", imported(session.twin, bcf))
        count = self.desk.words.count(len(bcf.topics))
        self.desk.tell(self.desk.say("checks.topics_made", count=count), "undo")

    def _told(self, at: str) -> Told:
        return Told(at, self.desk.session.settings.author, self.desk.words.language)


def moment() -> str:
    """Return now, as reports have it."""
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
