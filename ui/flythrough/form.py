"""A small form in a dialog: rows of words and fields, one primary button, cancel."""

from collections.abc import Callable

from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.desk import Desk
from ui.panels.parts import label, line, numeric


class Form(QDialog):
    """Rows are added by ``row``; ``accept`` of the dialog means the primary button."""

    def __init__(self, desk: Desk, parent: QWidget, title: str, verb: str) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(title)
        self.form = QFormLayout()
        self.form.setContentsMargins(20, 16, 20, 12)
        self.form.setVerticalSpacing(8)
        self.form.setHorizontalSpacing(16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.form)
        column.addWidget(line())
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        self.go = QPushButton(verb)
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        cancel = QPushButton(desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot.addWidget(self.go)
        foot.addWidget(cancel)
        foot.addStretch(1)
        self.foot = foot
        column.addLayout(foot)
        self.setMinimumWidth(380)

    def row(self, words: str, field: QWidget) -> QWidget:
        """Add a row; return the field."""
        field.setAccessibleName(words)
        self.form.addRow(label(words, "t2"), field)
        return field

    def hint(self, words: str) -> None:
        """Add a sentence below the rows so far."""
        self.form.addRow(label(words, "t3", 11, wrap=True))

    def extra(self, words: str, done: Callable[[], None]) -> QPushButton:
        """Add one more button at the right of the footer."""
        made = QPushButton(words)
        made.clicked.connect(lambda: done())
        made.setAutoDefault(False)
        self.foot.addWidget(made)
        return made

    def number(
        self, words: str, value: float, span: tuple[float, float], suffix: str, decimals: int = 2
    ) -> QDoubleSpinBox:
        """Add a number with its unit."""
        made = QDoubleSpinBox()
        made.setDecimals(decimals)
        made.setRange(*span)
        made.setValue(value)
        made.setSuffix(suffix)
        numeric(self.desk, made)
        self.row(words, made)
        return made
