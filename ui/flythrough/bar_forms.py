"""The forms of the tracks: captions in both languages, layers, colouring, sun, real-world date, section, highlight."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from twin.flythrough.naming import COLORINGS, layer_named
from twin.flythrough.reading import instant_of
from ui.flythrough.control import Flythrough
from ui.flythrough.edits import LASTS
from ui.flythrough.form import Form
from ui.flythrough.rows import POINTS
from ui.flythrough.scoring import coloring
from ui.flythrough.sun_clock import SunField
from ui.panels.parts import label, mark

LANGUAGES = ("en", "zh")


def edit_bar(control: Flythrough, parent: QWidget, track: str, number: int, t: float) -> None:
    """Ask for what a track says, and keep it as one step; a number of -1 begins a new statement."""
    if track == "highlight" and number < 0 and not control.selected_names():
        control.desk.tell(control.desk.say("flythrough.select_first"), "info")
        return
    form = BarForm(control, parent, track, number, t)
    if not form.exec():
        return
    value, (start, end) = form.value(), form.span()
    if number < 0:
        control.say(track, start, value, max(end - start, 0.05))
    else:
        control.change_bar(track, number, value, start, end)


class BarForm(Form):
    """One statement of one track, with its begin and its end."""

    def __init__(
        self, control: Flythrough, parent: QWidget, track: str, number: int, t: float
    ) -> None:
        desk = control.desk
        say = desk.say
        title = say(f"flythrough.track.{track}")
        super().__init__(
            desk, parent, title, say("flythrough.keep" if number >= 0 else "flythrough.add")
        )
        self.control, self.track = control, track
        self.was = control.value_of(track, number) if number >= 0 else None
        bars = control.score.bars.get(track, ())
        bar = next((one for one in bars if one.key == number), None)
        end = control.score.duration
        lasts = LASTS if track in ("captions", "highlight") else float("inf")
        start, end = (bar.start, bar.end) if bar else (t, max(min(t + lasts, end), t + 0.5))
        MAKE[track](self)
        self.start = self.number(say("flythrough.from"), start, (0.0, 86_400.0), " s")
        self.end = self.number(say("flythrough.until"), end, (0.0, 86_400.0), " s")
        if track in POINTS or (number < 0 and lasts == float("inf")):
            self.form.setRowVisible(self.end, False)

    # -- one maker a track --------------------------------------------------------------------

    def make_captions(self) -> None:
        """Two texts: the first line is the title, what follows stands below it."""
        self.texts = {}
        for language in LANGUAGES:
            field = QPlainTextEdit((self.was or {}).get(language, ""))
            field.setFixedHeight(56)
            field.setTabChangesFocus(True)
            self.texts[language] = field
            self.row(self.desk.say(f"flythrough.caption.{language}"), field)
        self.hint(self.desk.say("flythrough.caption_hint"))

    def make_layers(self) -> None:
        """A box a layer: shown, hidden, or as before."""
        holder, twin = QWidget(), self.desk.session.twin
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        said = {layer_named(twin, k) or k: on for k, on in (self.was or {}).items()}
        self.boxes: dict[str, QCheckBox] = {}
        for key, layer in twin.layers.items():
            box = QCheckBox(layer.title)
            box.setTristate(True)
            state = Qt.CheckState.PartiallyChecked
            if key in said:
                state = Qt.CheckState.Checked if said[key] else Qt.CheckState.Unchecked
            box.setCheckState(state)
            self.boxes[key] = box
            column.addWidget(box)
        self.row(self.desk.say("layers.title"), holder)
        self.hint(self.desk.say("flythrough.layers_hint"))

    def make_color_by(self) -> None:
        """What the city is coloured by."""
        self.box = QComboBox()
        columns = {c for x in self.desk.session.twin.layers.values() for c in x.features.columns}
        for name in (*COLORINGS, *sorted(columns)):
            self.box.addItem(coloring(name, self.desk), name)
        self.box.setCurrentIndex(max(self.box.findData(self.was or "own"), 0))
        mark(self.desk, "chevron_down", self.box)
        self.row(self.desk.say("flythrough.track.color_by"), self.box)

    def make_sun(self) -> None:
        """The time of the sun by the clock of the place, and which clock that is."""
        desk, at = self.desk, self.control.sun_shown
        self.sun = SunField(desk, str(self.was or ""), at)
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.sun, 1)
        line.addWidget(self.sun.zone_label)
        mark(desk, "date", self.sun)
        self.row(desk.say("flythrough.track.sun"), holder)
        self.sun.setAccessibleName(desk.say("flythrough.track.sun"))
        self.hint(desk.say("flythrough.sun_hint"))
        if desk.session.sun_place is None:
            self.hint(desk.say("flythrough.sun_nowhere"))

    def make_as_of(self) -> None:
        """The date as of which the city is shown; today ends it."""
        self.today = QCheckBox(self.desk.say("passport.today"))
        self.today.setChecked(self.was == "")
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        found = instant_of(str(self.was)) if self.was else self.desk.session.at
        day = str(found.astype("datetime64[D]")) if found is not None else "2020-01-01"
        self.date.setDate(QDate.fromString(day, "yyyy-MM-dd"))
        mark(self.desk, "date", self.date)
        self.today.toggled.connect(self.date.setDisabled)
        self.row(self.desk.say("as_of.real"), self.date)
        self.row("", self.today)

    def make_section(self) -> None:
        """Which section cuts."""
        self.box = QComboBox()
        for key, section in self.desk.session.twin.records["sections"].items():
            self.box.addItem(section.title, key)
        if not self.box.count():
            self.hint(self.desk.say("flythrough.no_section"))
            self.go.setEnabled(False)
        self.box.setCurrentIndex(max(self.box.findData(self.was), 0))
        mark(self.desk, "chevron_down", self.box)
        self.row(self.desk.say("flythrough.track.section"), self.box)

    def make_highlight(self) -> None:
        """What is highlighted: what it was, or what is selected now."""
        count = self.desk.words.count
        self.names = tuple(self.was or ()) or self.control.selected_names()
        words = label(self.desk.say("flythrough.objects", count=count(len(self.names))))
        self.row(self.desk.say("flythrough.track.highlight"), words)
        chosen = self.control.selected_names()
        if self.was and chosen:
            self.extra(
                self.desk.say("flythrough.take_selection", count=count(len(chosen))),
                lambda: self._take(chosen),
            )

    def _take(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.accept()

    # -- what a person chose ------------------------------------------------------------------

    def value(self) -> Any:
        """Return what the track is to say."""
        return VALUE[self.track](self)

    def span(self) -> tuple[float, float]:
        """Return begin and end, seconds."""
        start = round(self.start.value(), 3)
        return start, max(round(self.end.value(), 3), start + 0.05)

    def caption(self) -> Mapping[str, str]:
        """Return the texts that are not empty."""
        texts = {key: field.toPlainText().strip() for key, field in self.texts.items()}
        return {key: text for key, text in texts.items() if text}

    def shown(self) -> Mapping[str, bool]:
        """Return the layers that are spoken of."""
        partly = Qt.CheckState.PartiallyChecked
        return {k: b.isChecked() for k, b in self.boxes.items() if b.checkState() != partly}

    def instant(self) -> str:
        """Return the instant of the sun."""
        return self.sun.instant()

    def picked(self) -> str:
        """Return what is chosen in the box."""
        return str(self.box.currentData())

    def named(self) -> tuple[str, ...]:
        """Return the objects to highlight."""
        return self.names

    def day(self) -> str:
        """Return the date, '' for today."""
        return "" if self.today.isChecked() else self.date.date().toString("yyyy-MM-dd")


MAKE = {
    "captions": BarForm.make_captions, "layers": BarForm.make_layers, "sun": BarForm.make_sun,
    "color_by": BarForm.make_color_by, "as_of": BarForm.make_as_of,
    "section": BarForm.make_section, "highlight": BarForm.make_highlight,
}  # fmt: skip
VALUE: Mapping[str, Callable[[BarForm], Any]] = {
    "captions": BarForm.caption, "layers": BarForm.shown, "sun": BarForm.instant,
    "color_by": BarForm.picked, "as_of": BarForm.day, "section": BarForm.picked,
    "highlight": BarForm.named,
}  # fmt: skip
