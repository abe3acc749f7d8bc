"""Give a layer another address: a new delivery, a mirror, a file that has moved."""

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
from ui.panels.parts import Elided, label, line


class SwapDialog(QDialog):
    """The address now, the address to come, and what stays."""

    def __init__(self, desk: Desk, parent: QWidget, layer: Layer) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("layer_page.swap"))
        self.field = QLineEdit(layer.source.path)
        self.field.setAccessibleName(desk.say("swap.new"))
        self.field.setMinimumWidth(330)
        self.field.selectAll()
        file, folder = QPushButton(desk.say("swap.file")), QPushButton(desk.say("swap.folder"))
        file.clicked.connect(
            lambda: self._take(QFileDialog.getOpenFileName(self, desk.say("swap.new"))[0])
        )
        folder.clicked.connect(
            lambda: self._take(QFileDialog.getExistingDirectory(self, desk.say("swap.new")))
        )
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (self.field, file, folder):
            row.addWidget(part)
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        form.addRow(label(layer.title, bold=True))
        form.addRow(label(desk.say("swap.now"), "t2"), Elided(layer.source.path))
        form.addRow(label(desk.say("swap.new"), "t2"), row)
        form.addRow(label(desk.say("swap.kept"), "t3", 11, wrap=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(line())
        column.addLayout(self._foot(layer))

    def _foot(self, layer: Layer) -> QHBoxLayout:
        desk = self.desk
        self.go = QPushButton(desk.say("swap.do"))
        self.go.setProperty("primary", True)
        self.go.clicked.connect(self.accept)
        cancel = QPushButton(desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        self.field.textChanged.connect(
            lambda text: self.go.setEnabled(text.strip() not in ("", layer.source.path))
        )
        self.go.setEnabled(False)
        self.go.setToolTip(desk.say("swap.same"))
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(self.go)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    def _take(self, path: str) -> None:
        if path:
            self.field.setText(path)

    def address(self) -> str:
        """Return the typed or chosen address."""
        return self.field.text().strip()
