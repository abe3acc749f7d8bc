"""Which imagery lies on terrain: a file, a folder, an address; or none."""

from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.scene import Layer
from ui.desk import Desk
from ui.panels.parts import label, line


class DrapeDialog(QDialog):
    """The address of the imagery, what it may be, and a way to take it off."""

    def __init__(self, desk: Desk, parent: QWidget, layer: Layer) -> None:
        super().__init__(parent)
        self.desk, self.before = desk, layer.source.drape
        self.setWindowTitle(desk.say("drape.title").rstrip("…"))
        self.field = QLineEdit(self.before)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(line())
        column.addLayout(self._foot())

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
        self.field.textChanged.connect(
            lambda text: self.go.setEnabled(text.strip() not in ("", self.before))
        )
        self.go.setEnabled(False)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        for button in (self.go, self.off, cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        return foot

    def _take(self, path: str) -> None:
        if path:
            self.field.setText(path)

    def _take_off(self) -> None:
        self.field.clear()
        self.accept()

    def address(self) -> str:
        """Return the typed or chosen address ('' = no imagery)."""
        return self.field.text().strip()
