"""The dialog in which a person says what is known of one building; what is left empty stays as it was found."""

import numpy as np
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.bim_question import BimQuestion
from ui.panels.parts import label, line, mark

NUMBERS = ("gfa_m2", "height_m", "occupancy", "cost", "storeys", "dwellings", "project_m")
UNITS = {"gfa_m2": "m²", "height_m": "m", "project_m": "M"}
CHOICES = {
    "use": (),
    "heritage": ((0.0, "grade_0"), (1.0, "grade_1"), (2.0, "grade_2")),
    "gap": ((1.0, "gap_none"), (0.5, "gap_outdated"), (0.0, "gap_current")),
    "public": ((1.0, "yes"), (0.0, "no")),
    "new": ((1.0, "yes"), (0.0, "no")),
}
ORDER = (
    "occupancy", "use", "heritage", "gfa_m2", "height_m", "gap", "cost", "public", "new", "project_m",
    "storeys", "dwellings",
)  # fmt: skip


class BimInputDialog(QDialog):
    """One line a column: its words, what a person says, what was found and where."""

    def __init__(self, question: BimQuestion, parent: QWidget, row: int) -> None:
        super().__init__(parent)
        desk, found = question.desk, question.found
        assert found is not None
        self.desk, self.found, self.row = desk, found, row
        before = question.inputs.get(question.uid(row))
        self.said = dict(before.values) if before is not None else {}
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        self.setWindowTitle(desk.say("bim.enter_title", name=question.title(row)))
        self.resize(560, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(20, 16, 20, 14)
        body.setSpacing(10)
        body.addWidget(label(desk.say("bim.enter_said"), "t2", wrap=True))
        body.addLayout(self._grid())
        column.addLayout(body)
        column.addWidget(line())
        column.addLayout(self._foot())

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        words = self.desk.words.catalogue
        for place, name in enumerate(ORDER):
            field = self._choice(name) if name in CHOICES else self._number(name)
            field.setAccessibleName(words.text(f"bim.column.{name}"))
            field.setFixedWidth(190)
            self.fields[name] = field
            title = words.text(f"bim.column.{name}")
            unit = self._unit(name)
            grid.addWidget(
                label(f"{title[:1].upper()}{title[1:]}{f', {unit}' if unit else ''}"), place, 0
            )
            grid.addWidget(field, place, 1)
            grid.addWidget(label(self._from(name), "t3", 11, wrap=True), place, 2)
        grid.setColumnStretch(2, 1)
        return grid

    def _unit(self, name: str) -> str:
        return f"k{self.found.method.currency}" if name == "cost" else UNITS.get(name, "")

    def _number(self, name: str) -> QLineEdit:
        field = QLineEdit(f"{self.said[name]:g}" if name in self.said else "")
        field.setPlaceholderText(self._value(name))
        return field

    def _choice(self, name: str) -> QComboBox:
        box = QComboBox()
        mark(self.desk, "chevron_down", box)
        found = self._value(name)
        box.addItem(
            self.desk.say("bim.as_found", value=found) if found else self.desk.say("bim.not_said"),
            None,
        )
        for value, word in self._offers(name):
            box.addItem(word, value)
        if name in self.said:
            box.setCurrentIndex(max(box.findData(self.said[name]), 0))
        return box

    def _offers(self, name: str) -> list[tuple[float, str]]:
        if name == "use":
            uses = self.found.method.uses
            return [(float(place), self._use(use.id)) for place, use in enumerate(uses)]
        return [(value, self.desk.say(f"bim.{word}")) for value, word in CHOICES[name]]

    def _use(self, name: str) -> str:
        key = f"bim.use_{name}"
        return self.desk.say(key) if self.desk.words.has(key) else name

    def _value(self, name: str) -> str:
        """Return the words for what was found, '' for nothing; not what a person said before."""
        value = self.found.found[name][self.row]
        by_hand = name in self.said
        if by_hand or not np.isfinite(value):
            return ""
        if name in CHOICES:
            return next((word for known, word in self._offers(name) if known == value), "")
        return f"{value:,.1f}".rstrip("0").rstrip(".").replace(",", "\u2009")

    def _from(self, name: str) -> str:
        if name in self.said:
            return self.desk.say("bim.by_hand")
        if name == "cost" and self.found.guessed[self.row]:
            return self.desk.say("bim.cost_by_rule")
        sources = self.found.found.sources.get(name)
        return "" if sources is None else str(sources[self.row])

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        keep = QPushButton(self.desk.say("bim.keep"))
        keep.setProperty("primary", True)
        keep.setDefault(True)
        keep.clicked.connect(self._accept)
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        foot.addWidget(keep)
        foot.addStretch(1)
        foot.addWidget(cancel)
        return foot

    def _accept(self) -> None:
        for name, field in self.fields.items():
            if (
                isinstance(field, QLineEdit)
                and field.text().strip()
                and number_of(field.text()) is None
            ):
                title = self.desk.words.catalogue.text(f"bim.column.{name}")
                self.desk.tell(
                    self.desk.say("bim.no_number", what=title, said=field.text()), "error"
                )
                field.setFocus()
                return
        self.accept()

    def values(self) -> str:
        """Return what a person says, as the command ``bim.enter`` takes it; an empty field takes back."""
        parts = []
        for name, field in self.fields.items():
            if isinstance(field, QComboBox):
                value = field.currentData()
            else:
                value = number_of(field.text())
            if value is not None or name in self.said:
                parts.append(f"{name}={'' if value is None else f'{value:g}'}")
        return ";".join(parts)


def number_of(text: str) -> float | None:
    """Return the number of a text (thin spaces and spaces part thousands), None where it is none."""
    plain = text.strip().replace("\u2009", "").replace(" ", "")
    try:
        found = float(plain)
    except ValueError:
        return None
    return found if 0 <= found <= 1e9 else None
