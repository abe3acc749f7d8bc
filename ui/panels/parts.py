"""Small parts that panels are made of: labels, buttons, separators, docks with tabs in their title bar."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.details import is_web
from ui.desk import Desk
from ui.theme import font, glyph_pixmap


def label(
    text: str, tone: str = "t1", pixels: int = 12, *, bold: bool = False, wrap: bool = False
) -> QLabel:
    """Return a label in a tone (t1, t2, t3, accent, stale)."""
    made = QLabel(text)
    made.setFont(font(pixels, bold=bold))
    made.setProperty("tone", tone)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def invitation(desk: Desk, words: str, action: str) -> QWidget:
    """Return what an empty page shows: a sentence, and below it a button that does an action."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setSpacing(12)
    text = label(words, "t2", wrap=True)
    text.setAlignment(Qt.AlignmentFlag.AlignCenter)
    button = QPushButton(desk.say(f"action.{action}"))
    button.setProperty("primary", True)
    button.clicked.connect(lambda: desk.act(action))
    column.addStretch(1)
    column.addWidget(text)
    column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch(1)
    return made


def line(vertical: bool = False) -> QFrame:
    """Return a one-pixel divider."""
    made = QFrame()
    made.setObjectName("vline" if vertical else "hline")
    return made


def icon_button(desk: Desk, icon: str, text: str) -> QToolButton:
    """Return a button that shows only an icon; the text is its tooltip and accessible name."""
    made = QToolButton()
    made.setProperty("kind", "icon")
    made.setIcon(desk.icon(icon))
    made.setIconSize(QSize(16, 16))
    made.setToolTip(text)
    made.setAccessibleName(text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def word_button(desk: Desk, icon: str, text: str) -> QToolButton:
    """Return a flat button with an icon and a word."""
    made = QToolButton()
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setText(text)
    made.setIcon(desk.icon(icon))
    made.setIconSize(QSize(16, 16))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def segments(
    texts: Sequence[tuple[str, str]], chosen: str, choose: Callable[[str], None]
) -> list[QToolButton]:
    """Return buttons of which one is down: (key, word) each; ``choose(key)`` on a click."""
    made = []
    for number, (key, text) in enumerate(texts):
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setChecked(key == chosen)
        button.setProperty("kind", "segment")
        place = "first" if number == 0 else "last" if number == len(texts) - 1 else "middle"
        button.setProperty("place", place)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _=False, k=key: choose(k))
        made.append(button)
    return made


class SearchField(QLineEdit):
    """A field with a glass at its left and a cross when there is text; ``on_enter`` when it is gone into."""

    def __init__(self, desk: Desk, hint: str) -> None:
        super().__init__()
        self.on_enter: Callable[[], None] = lambda: None
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setClearButtonEnabled(True)
        self.setTextMargins(20, 0, 0, 0)
        glass = QLabel(self)
        glass.setPixmap(glyph_pixmap("search", desk.theme.t3, 16))
        glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        glass.setGeometry(8, 6, 16, 16)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that a person is about to type."""
        super().focusInEvent(event)
        self.on_enter()


class ElidedBox(QComboBox):
    """A box to choose from whose text is elided in the middle; the list is as wide as its longest entry."""

    def __init__(self, desk: Desk, name: str, width: int) -> None:
        super().__init__()
        self.setFixedWidth(width)
        self.setAccessibleName(name)
        self.name = name
        mark(desk, "chevron_down", self)
        self.currentTextChanged.connect(lambda text: self.setToolTip(f"{name}: {text}"))

    def showPopup(self) -> None:
        """Show the list."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 24)
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is chosen."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideMiddle, self.width() - 40
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def mark(desk: Desk, icon: str, field: QWidget) -> None:
    """Stand an icon at the right of a field where its own arrow would be; the mouse goes through it."""
    sign = QLabel(field)
    sign.setPixmap(glyph_pixmap(icon, desk.theme.t2, 16))
    sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    over = QHBoxLayout(field)
    over.setContentsMargins(0, 0, 6, 0)
    over.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    over.addWidget(sign, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def numeric(desk: Desk, field: QSpinBox | QDoubleSpinBox) -> None:
    """Give a field of a number the height and inset of the other fields, and a sign that it steps.

    The style sheet cannot: Qt leaves the padding of a spin box out once its buttons are styled.
    """
    field.setFixedHeight(28)
    field.lineEdit().setTextMargins(6, 0, 4, 0)
    mark(desk, "step", field)


class Elided(QWidget):
    """A line of text that is elided in the middle; the tooltip has it whole."""

    def __init__(
        self, text: str = "", tone: str = "t1", pixels: int = 12, *, bold: bool = False
    ) -> None:
        super().__init__()
        self.text = text
        self.role = (
            QPalette.ColorRole.WindowText if tone == "t1" else QPalette.ColorRole.PlaceholderText
        )
        self.setFont(font(pixels, bold=bold))
        self.setFixedHeight(pixels + 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self.text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.role))
        metrics = QFontMetrics(self.font())
        text = metrics.elidedText(self.text, Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def offer(menu: QMenu, text: str, do: Callable[[], object]) -> QAction:
    """Add an entry to a menu that does something when it is chosen."""
    entry = QAction(text, menu)
    entry.triggered.connect(lambda _=False: do())
    menu.addAction(entry)
    return entry


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def open_address(uri: str) -> None:
    """Hand an address to the browser: http and https only, so that a file cannot start a program."""
    if is_web(uri):
        QDesktopServices.openUrl(QUrl(uri))
