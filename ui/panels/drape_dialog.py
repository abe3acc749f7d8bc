"""Which imagery lies on terrain: a file, a folder, an address; or none."""

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.imagery import GCJ02, datum_of, reader, with_datum
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.parts import label, line, mark


class DrapeDialog(QDialog):
    """The address of the imagery, what it may be, and a way to take it off."""

    def __init__(self, desk: Desk, parent: QWidget, layer: Layer) -> None:
        super().__init__(parent)
        self.desk, self.before = desk, layer.source.drape
        self.setWindowTitle(desk.say("drape.title").rstrip("…"))
        plain, datum = datum_of(self.before)
        self.field = QLineEdit(plain)
        self.field.setAccessibleName(desk.say("drape.address"))
        self.field.setPlaceholderText("https://…/{z}/{x}/{y}.png")
        self.field.setMinimumWidth(380)
        self.field.selectAll()
        file, folder = QPushButton(desk.say("swap.file")), QPushButton(desk.say("swap.folder"))
        filters = f"{desk.say('drape.files')} (*.tif *.tiff *.xml)"
        ask = desk.say("drape.address")
        file.clicked.connect(
            lambda: self._take(QFileDialog.getOpenFileName(self, ask, "", filters)[0])
        )
        folder.clicked.connect(lambda: self._take(QFileDialog.getExistingDirectory(self, ask)))
        self.datum = self._datum(datum)
        self.hint = label("", "t2", 11, wrap=True)
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (self.field, file, folder):
            row.addWidget(part)
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        form.addRow(label(layer.title, bold=True))
        form.addRow(label(desk.say("drape.address"), "t2"), row)
        form.addRow(label(desk.say("drape.may_be"), "t3", 11, wrap=True))
        form.addRow(label(desk.say("drape.datum"), "t2"), self.datum)
        form.addRow(self.hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(line())
        column.addLayout(self._foot())
        self._judge()

    def _datum(self, chosen: str) -> QComboBox:
        """Return the list of datums in which pictures may be."""
        made = QComboBox()
        made.setAccessibleName(self.desk.say("drape.datum"))
        for value in ("", GCJ02):
            made.addItem(self.desk.say(f"drape.datum_{value or 'wgs84'}"), value)
        made.setCurrentIndex(made.findData(chosen))
        mark(self.desk, "chevron_down", made)
        return made

    def _foot(self) -> QHBoxLayout:
        desk = self.desk
        self.go = QPushButton(desk.say("drape.do"))
        self.go.setProperty("primary", True)
        self.go.clicked.connect(self.accept)
        self.off = QPushButton(desk.say("drape.off"))
        self.off.setEnabled(bool(self.before))
        self.off.clicked.connect(self._take_off)
        cancel = QPushButton(desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        self.field.textChanged.connect(self._judge)
        self.datum.currentIndexChanged.connect(self._judge)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        for button in (self.go, self.off, cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        return foot

    def _judge(self) -> None:
        """Say what follows from the datum that is chosen and the one that is known; nothing changed, no button."""
        text, chosen = self.field.text().strip(), self.datum.currentData()
        known = reader().datum(text) if text else ""
        said = ""
        if chosen == GCJ02:
            said = "drape.corrected"
        elif known:
            said = f"drape.known_{known}"
        self.hint.setText(self.desk.say(said) if said else "")
        self.hint.setVisible(bool(said))
        self.go.setEnabled(bool(text) and self.address() != self.before)

    def _take(self, path: str) -> None:
        if path:
            self.field.setText(path)

    def _take_off(self) -> None:
        self.field.clear()
        self.accept()

    def address(self) -> str:
        """Return the typed or chosen address with its datum ('' = no imagery)."""
        typed = self.field.text().strip()
        if datum_of(typed)[1]:
            return typed
        return with_datum(typed, self.datum.currentData())
