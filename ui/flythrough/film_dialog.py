"""The dialog "Make film…": size, rate, fineness, format, target, captions and the line on freshness."""

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from twin.errors import TwinError
from twin.flythrough.flight import Flight
from twin.presenting.currency import surveyed
from ui.desk import Desk
from ui.film.encoding import ffmpeg
from ui.film.limits import check_room
from ui.film.plan import SAMPLES, Plan
from ui.flythrough.axis import clock
from ui.flythrough.filming import Target
from ui.flythrough.form import Form
from ui.panels.parts import label, mark
from ui.presenting.line import line_of

SIZES = ((1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
RATES = (24.0, 25.0, 30.0, 50.0, 60.0)
LANGUAGES = ("", "en", "zh")


class FilmDialog(Form):
    """Asks how a film is to be made. ``plan`` and ``target`` are what a person chose."""

    def __init__(self, desk: Desk, parent: QWidget, flown: Flight) -> None:
        say = desk.say
        super().__init__(desk, parent, say("flythrough.film.title"), say("flythrough.film.make"))
        self.flown, self.program = flown, ffmpeg()
        self.setMinimumWidth(520)
        self.size_ = self._box("size", [_size_words(size) for size in SIZES], 1)
        self.rate = self._box(
            "rate", [say("flythrough.film.fps", rate=f"{x:g}") for x in RATES], 2
        )
        words = [say(f"flythrough.film.samples_{count}") for count in SAMPLES]
        self.samples = self._box("samples", words, 1)
        self.format = self._box(
            "format", [say("flythrough.film.h264"), say("flythrough.film.png")], 0
        )
        if not self.program:
            self.format.setCurrentIndex(1)
            self.format.setEnabled(False)
            self.hint(say("flythrough.film.no_encoder"))
        self.row(say("flythrough.film.target"), self._place())
        own = LANGUAGES.index(desk.words.language)
        words = [say(f"flythrough.film.captions_{x or 'none'}") for x in LANGUAGES]
        self.captions = self._box("captions", words, own)
        self.note = freshness_note(desk)
        self.fresh = QCheckBox(self.note or say("flythrough.film.no_dates"))
        self.fresh.setEnabled(bool(self.note))
        self.row(say("flythrough.film.note"), self.fresh)
        self.resume = QCheckBox(say("flythrough.film.resume"))
        self.resume.setChecked(True)
        self.row("", self.resume)
        self.sum: QLabel = label("", "t2", 11, wrap=True)
        self.form.addRow(self.sum)
        for box in (self.size_, self.rate, self.samples, self.format):
            box.currentIndexChanged.connect(lambda _: self._changed())
        self._changed()

    def _box(self, name: str, words: list[str], chosen: int) -> QComboBox:
        made = QComboBox()
        made.addItems(words)
        made.setCurrentIndex(chosen)
        mark(self.desk, "chevron_down", made)
        self.row(self.desk.say(f"flythrough.film.{name}"), made)
        return made

    def _place(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.path = QLineEdit(str(Path.home() / self._name()))
        self.path.setAccessibleName(self.desk.say("flythrough.film.target"))
        choose = QPushButton(self.desk.say("flythrough.film.choose"))
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        return holder

    @property
    def movie(self) -> bool:
        """Return whether a film file is to be made."""
        return bool(self.program) and self.format.currentIndex() == 0

    def _name(self) -> str:
        plain = "".join(x if x.isalnum() or x in " -_" else "_" for x in self.flown.route.title)
        return (plain.strip() or "film") + (".mp4" if self.movie else "")

    def _choose(self) -> None:
        title = self.desk.say("flythrough.film.target")
        if self.movie:
            path, _ = QFileDialog.getSaveFileName(self, title, self.path.text(), "MP4 (*.mp4)")
        else:
            path = QFileDialog.getExistingDirectory(
                self, title, str(Path(self.path.text()).parent)
            )
        if path:
            self.path.setText(path)

    def _changed(self) -> None:
        """Follow the format with the ending, and say how much is to be made."""
        path = Path(self.path.text() or self._name())
        if self.movie and path.suffix.lower() != ".mp4":
            self.path.setText(f"{path}.mp4")
        elif not self.movie and path.suffix.lower() == ".mp4":
            self.path.setText(str(path.with_suffix("")))
        words, plan = self.desk.words, self.plan
        frames = len(plan.times(self.flown))
        try:
            check_room(plan, self.desk.session)
        except TwinError as error:
            self.sum.setText(self.desk.error_text(error))
            self.go.setEnabled(False)
            return
        self.go.setEnabled(True)
        self.sum.setText(
            self.desk.say(
                "flythrough.film.sum",
                frames=words.count(frames),
                time=clock(self.flown.duration, 1),
            )
        )

    @property
    def plan(self) -> Plan:
        """Return what film is to be made."""
        return Plan(
            SIZES[self.size_.currentIndex()],
            RATES[self.rate.currentIndex()],
            SAMPLES[self.samples.currentIndex()],
            self.desk.session.settings.max_error,
            LANGUAGES[self.captions.currentIndex()],
            self.note if self.fresh.isChecked() else "",
        )

    @property
    def target(self) -> Target:
        """Return where it goes."""
        path = Path(self.path.text().strip()).expanduser()
        return Target(path, self.movie, self.resume.isChecked(), self.desk.theme.dark)


def _size_words(size: tuple[int, int]) -> str:
    names = {(1280, 720): "HD", (1920, 1080): "Full HD", (3840, 2160): "4K UHD"}
    return f"{size[0]} × {size[1]}  {names.get(size, '')}".strip()


def freshness_note(desk: Desk) -> str:
    """Return the line on how old what is seen is; '' without a city."""
    found = surveyed(desk.session.twin)
    return "" if found is None else line_of(desk.words, found)
