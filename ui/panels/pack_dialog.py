"""A pack of tiles for offline: from where, which area, which levels, how many that are, into which folder."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.files import is_remote
from twin.imagery import datum_of, reader
from twin.jobs import Feedback, Outcome
from twin.tile_packs import MOST, OCTETS, Area, Numbered, checked, sized
from ui.desk import Desk
from ui.panels.parts import label, line, mark, numeric

Box = tuple[float, float, float, float]
DEEPEST = 22
WIDE = 520


class Wanted(NamedTuple):
    """A pack as it is asked for: the opened imagery, its area, its folder, the datum that was said."""

    imagery: Numbered
    area: Area
    folder: Path
    datum: str


class PackDialog(QDialog):
    """Nothing is fetched here: the dialog counts, tells whose the tiles are, and is accepted."""

    def __init__(
        self, desk: Desk, parent: QWidget, address: str, areas: Mapping[str, Box]
    ) -> None:
        """``areas`` are the boxes in degrees that may be chosen, by what they are called."""
        super().__init__(parent)
        self.desk, self.areas = desk, dict(areas)
        self.imagery: Numbered | None = None
        self.over = False
        self.setWindowTitle(desk.say("pack.title"))
        self.field = QLineEdit(address)
        self.field.setPlaceholderText("https://…/{z}/{x}/{y}.png")
        self.field.setAccessibleName(desk.say("pack.address"))
        self.area = QComboBox()
        self.area.addItems(list(self.areas))
        self.area.setAccessibleName(desk.say("pack.area"))
        mark(desk, "chevron_down", self.area)
        self.low, self.high = self._level("pack.low"), self._level("pack.high")
        self.folder = QLineEdit()
        self.folder.setAccessibleName(desk.say("pack.folder"))
        self.terms = QCheckBox(desk.say("pack.accept"))
        self.told, self.whose = label("", "t1", wrap=True), label("", "t2", 11, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form())
        column.addWidget(line())
        column.addLayout(self._foot())
        self.setMinimumWidth(WIDE)
        self._suggest()
        self._listen()
        self._look()

    def _level(self, name: str) -> QSpinBox:
        made = QSpinBox()
        made.setRange(0, DEEPEST)
        made.setFixedWidth(70)
        made.setAccessibleName(self.desk.say(name))
        numeric(self.desk, made)
        return made

    def _form(self) -> QFormLayout:
        desk = self.desk
        browse = QPushButton(desk.say("pack.browse"))
        browse.clicked.connect(self._browse)
        into, levels = QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (into, (self.folder, browse)),
            (levels, (self.low, label(desk.say("pack.to"), "t2"), self.high)),
        ):
            row.setSpacing(6)
            for part in parts:
                row.addWidget(part)
        levels.addWidget(label(desk.say("pack.level_tip"), "t3", 11), 1)
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        form.addRow(label(desk.say("pack.address"), "t2"), self.field)
        form.addRow(label(desk.say("pack.area"), "t2"), self.area)
        form.addRow(label(desk.say("pack.levels"), "t2"), levels)
        form.addRow(label(desk.say("pack.folder"), "t2"), into)
        form.addRow(self.told)
        form.addRow(self.whose)
        form.addRow(self.terms)
        return form

    def _foot(self) -> QHBoxLayout:
        self.go = QPushButton(self.desk.say("pack.do"))
        self.go.setProperty("primary", True)
        self.go.clicked.connect(self.accept)
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(self.go)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    def _listen(self) -> None:
        self.area.currentIndexChanged.connect(self._suggest)
        self.area.currentIndexChanged.connect(self._judge)
        self.low.valueChanged.connect(lambda low: self.high.setMinimum(low))
        for signal in (self.low.valueChanged, self.high.valueChanged, self.folder.textChanged):
            signal.connect(self._judge)
        self.terms.toggled.connect(self._judge)
        self.field.editingFinished.connect(self._look)
        self.field.textChanged.connect(self._forget)
        self.finished.connect(self._end)

    def _end(self) -> None:
        self.over = True

    # -- the source ------------------------------------------------------------------------------

    def _forget(self) -> None:
        """The address is another: what was known of the imagery is nothing any more."""
        self.imagery = None
        self.whose.setText("")
        self._judge()

    def _look(self) -> None:
        """Read what the source says of itself in the background."""
        address = datum_of(self.field.text().strip())[0]
        if address and self.imagery is None:
            work, done = partial(_opened, address), partial(self._seen, address)
            self.desk.session.jobs.submit(work, done, title=address, quiet=True)
        self._judge()

    def _seen(self, address: str, outcome: Outcome) -> None:
        if self.over or address != datum_of(self.field.text().strip())[0]:
            return
        if outcome.error is not None:
            self.whose.setText(self.desk.error_text(outcome.error))
            return
        found = outcome.value
        if isinstance(found, Numbered):
            self.imagery = found
            low, high = found.levels
            for field in (self.low, self.high):
                field.setRange(low, min(high, DEEPEST))
        words = self.desk.words
        told = [problem.said(words.language) for problem in found.problems]
        self.whose.setText(
            "\n".join([self.desk.say("pack.whose", credit=found.credit or "–"), *told])
        )
        self._judge()

    # -- the area and its levels -----------------------------------------------------------------

    def _suggest(self) -> None:
        """Set the levels that a pack of the chosen area usually has."""
        box = self.areas.get(self.area.currentText())
        if box is not None:
            low, high = sized(box)
            self.low.setValue(low)
            self.high.setValue(high)
            self.low.setValue(low)

    def wished(self) -> Area:
        """Return the area as it is chosen. Raises UsageError."""
        return Area(self.areas[self.area.currentText()], (self.low.value(), self.high.value()))

    def _judge(self) -> None:
        """Say how many tiles that is, and whether it may begin."""
        desk, words = self.desk, self.desk.words
        remote = is_remote(self.field.text().strip())
        self.terms.setVisible(remote)
        self.go.setEnabled(False)
        if not self.areas:
            self.told.setText(desk.say("pack.nowhere"))
            return
        try:
            area = self.wished()
            if self.imagery is not None and area.count <= MOST:
                checked(self.imagery, area, self.field.text().strip())
        except TwinError as error:
            self.told.setText(desk.error_text(error))
            return
        mega, many = words.metres(area.count * OCTETS / 1e6, 1), words.count(area.count)
        if area.count > MOST:
            self.told.setText(desk.say("pack.too_many", count=many, most=words.count(MOST)))
            return
        self.told.setText(desk.say("pack.count", count=many, mb=mega))
        ready = self.imagery is not None and bool(self.folder.text().strip())
        self.go.setEnabled(ready and (self.terms.isChecked() or not remote))
        self.go.setToolTip("" if self.go.isEnabled() else desk.say("pack.needs"))

    def _browse(self) -> None:
        found = QFileDialog.getExistingDirectory(self, self.desk.say("pack.folder"))
        if found:
            self.folder.setText(found)

    def wanted(self) -> Wanted | None:
        """Return the pack that was asked for; None while it may not begin."""
        if self.imagery is None:
            return None
        datum = datum_of(self.field.text().strip())[1]
        return Wanted(self.imagery, self.wished(), Path(self.folder.text().strip()), datum)


def _opened(address: str, feedback: Feedback) -> object:
    return reader().open(address, feedback)
