"""File > Bundle for offline, and bundles that are opened: unpacked beside themselves, then opened."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from twin.bundling import ENDING, Bundled, bundle, unpacked
from twin.errors import Cancelled
from twin.jobs import Feedback, Outcome
from ui.city_view import CityView
from ui.desk import Desk

SHOWN = 3


class BundleHandlers:
    """The functions behind the actions of bundles."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {"file.bundle": self.ask, "file.unbundle": self.open}

    def ask(self) -> None:
        """Ask where and bundle the project; unsaved work is saved by a person first."""
        say, path = self.desk.say, self.desk.project_path
        if path is None:
            self.desk.tell(say("bundle.save_first"), "info")
            return
        name = path.name.removesuffix(".twin.gpkg") + ENDING
        out, _ = QFileDialog.getSaveFileName(
            self.view.widget(), say("action.file.bundle"), str(path.with_name(name)), f"*{ENDING}"
        )
        if out:
            self.make(path, Path(out if out.lower().endswith(".zip") else out + ENDING))

    def make(self, project: Path, out: Path) -> None:
        """Bundle in the background, with progress and Cancel in the status bar."""
        title = self.desk.say("bundle.working", name=out.name)
        self.desk.session.jobs.submit(partial(_bundled, project, out), self._made, title=title)

    def _made(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._failed(outcome)
            return
        done: Bundled = outcome.value
        words, say = self.desk.words, self.desk.say
        told = say(
            "bundle.done", path=str(done.path), sources=words.count(done.sources),
            files=words.count(done.files), mb=words.metres(done.octets / 1e6, 1),
        )  # fmt: skip
        if done.left:
            why = "; ".join(f"{x.what}: {x.why}" for x in done.left[:SHOWN])
            told += " " + say("bundle.left_some", count=words.count(len(done.left)), why=why)
        self.desk.tell(told, "error" if done.left else "info")

    def _failed(self, outcome: Outcome) -> None:
        if outcome.error is not None and not isinstance(outcome.error, Cancelled):
            self.desk.tell(self.desk.error_text(outcome.error), "error")

    def open(self, path: str) -> None:
        """Unpack a bundle in the background and open its project."""
        title = self.desk.say("bundle.unpacking", name=Path(path).name)
        self.desk.session.jobs.submit(partial(_unpacked, Path(path)), self._unpacked, title=title)

    def _unpacked(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._failed(outcome)
        else:
            self.desk.act("file.path", str(outcome.value))


def _bundled(project: Path, out: Path, feedback: Feedback) -> Bundled:
    return bundle(project, out, feedback)


def _unpacked(archive: Path, feedback: Feedback) -> Path:
    return unpacked(archive, None, feedback)


def bundle_table(desk: Desk, shell: object, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of bundles by action name."""
    return BundleHandlers(desk, view).table()
