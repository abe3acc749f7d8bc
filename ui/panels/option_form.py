"""What a person decides about a source among what its format offers; every change is one command."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from twin.choices import Option
from twin.options import chosen
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.display_form import NARROW, WIDE
from ui.panels.parts import label, mark


class OptionForm(QWidget):
    """A check box a switch and a list a choice, made anew when a layer of another format is shown."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.layer = ""
        self.offered: tuple[Option, ...] | None = None
        self.fields: dict[str, QCheckBox | QComboBox] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 6, 14, 8)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def show_layer(self, layer: Layer) -> None:
        """Show what is decided about a layer; a format that offers nothing shows nothing."""
        self.layer = layer.id
        if layer.about.options != self.offered:
            self._make(layer.about.format, layer.about.options)
        for option in layer.about.options:
            field, value = self.fields[option.name], chosen(layer.source, option)
            field.blockSignals(True)
            if isinstance(field, QCheckBox):
                field.setChecked(value == "on")
            else:
                field.setCurrentIndex(field.findData(value))
            field.blockSignals(False)
        self.setVisible(bool(layer.about.options))

    def _make(self, kind: str, offered: tuple[Option, ...]) -> None:
        """Make the fields of a format."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.offered, self.fields = offered, {}
        if not offered:
            return
        say = self.desk.words.catalogue.text
        heading = label(say(f"option.{kind}.title"), "t2", bold=True)
        self._grid.addWidget(heading, 0, 0, 1, 2)
        row, column = 1, 0
        for option in offered:
            field = self._field(kind, option)
            self.fields[option.name] = field
            if option.is_switch:
                self._grid.addWidget(field, row, column)
                row, column = row + column, 1 - column
            else:
                row, column = row + column, 0
                self._grid.addWidget(label(say(f"option.{kind}.{option.name}"), "t2"), row, 0)
                self._grid.addWidget(field, row, 1)
                row += 1
        note = label(say("option.reopens"), "t3", 11, wrap=True)
        self._grid.addWidget(note, row + column, 0, 1, 2)

    def _field(self, kind: str, option: Option) -> QCheckBox | QComboBox:
        words = self.desk.words.catalogue
        title = words.text(f"option.{kind}.{option.name}")
        field: QCheckBox | QComboBox
        if option.is_switch:
            field = QCheckBox(title)
            field.toggled.connect(lambda on: self._choose(option.name, "on" if on else "off"))
        else:
            field = QComboBox()
            for choice in option.choices:
                key = f"option.{choice}"
                field.addItem(words.text(key) if words.has(key) else choice, choice)
            mark(self.desk, "chevron_down", field)
            field.setMinimumWidth(NARROW)
            field.setMaximumWidth(WIDE)
            field.currentIndexChanged.connect(
                lambda _: self._choose(option.name, field.currentData())
            )
        field.setAccessibleName(title)
        field.setToolTip(words.text(f"option.{kind}.{option.name}_tip"))
        return field

    def _choose(self, name: str, value: str) -> None:
        self.desk.run("layers.option", layer=self.layer, option=name, value=value)
