"""The start page: a pale city, three ways to open one, what was open before, mouse habits, a place to drop."""

from collections.abc import Callable
from random import Random

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.topics.links import wanted_models
from ui.desk import Desk
from ui.panels.parts import label, line
from ui.panels.recent_list import HEAD, RecentList
from ui.theme import Theme, glyph_pixmap

HABITS = ("gis", "earth", "blender", "cad")
PAGE = QSize(920, 600)
LEAST = 480
"""Height below which there is room for the cards alone."""


class Card(QFrame):
    """A large button: icon, title, two lines of words, keys."""

    def __init__(
        self, desk: Desk, name: str, icon: str, keys: str, *, primary: bool = False
    ) -> None:
        super().__init__()
        self.desk, self.name = desk, name
        self.setObjectName("card")
        self.setProperty("primary", primary)
        self.setFixedHeight(148)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(desk.say(f"start.{name}"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 18, 18)
        column.setSpacing(4)
        ink = desk.theme.on_accent if primary else desk.theme.t1
        picture = QLabel()
        picture.setPixmap(glyph_pixmap(icon, ink, 24))
        head = QHBoxLayout()
        head.addWidget(picture)
        head.addStretch(1)
        if keys:
            key = label(keys, "t2", 11)
            key.setObjectName("key")
            head.addWidget(key, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addSpacing(8)
        column.addWidget(label(desk.say(f"start.{name}"), pixels=15, bold=True))
        self.words = label("" if primary else desk.say(f"start.{name}_words"), "t2", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.words, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Do it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.desk.act(f"file.{self.name}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do it with Return and Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.desk.act(f"file.{self.name}")
        else:
            super().keyPressEvent(event)


class StartPage(QWidget):
    """Covers the view while nothing is open."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setAutoFillBackground(False)
        self._city: QPixmap | None = None
        self.page = QFrame(self)
        self.page.setObjectName("startpage")
        column = QVBoxLayout(self.page)
        column.setContentsMargins(40, 40, 40, 28)
        column.setSpacing(0)
        column.addWidget(label(desk.say("start.title"), pixels=28))
        column.addSpacing(8)
        self.subtitle = label("", "t2", 13)  # the role's words: see show_opening
        column.addWidget(self.subtitle)
        column.addSpacing(26)
        column.addLayout(self._cards())
        column.addSpacing(26)
        self.before = RecentList(desk)
        self.below = self._below()
        column.addWidget(self.below, 1)
        column.addStretch(1)
        column.addSpacing(12)
        column.addLayout(self._foot())

    def _below(self) -> QWidget:
        """Return what stands below the cards where there is room for it."""
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        halves = QHBoxLayout()
        halves.setSpacing(36)
        halves.addWidget(self.before, 64)
        halves.addLayout(self._habits(), 36)
        column.addLayout(halves, 1)
        column.addSpacing(16)
        column.addWidget(self._drop())
        return below

    def showEvent(self, event: QShowEvent) -> None:
        """Read again what was open before: the last close may have changed it."""
        self.before.refill()

    def show_opening(self, titles: list[str]) -> None:
        """Say what is being opened; the usual words when nothing is."""
        say = self.desk.say
        twin = self.desk.session.twin
        role = self.desk.session.settings.workspace
        self.demo.words.setText(say(f"start.demo_words_{role}"))
        text = say(f"start.subtitle_{role}")
        if titles:
            text = say("start.opening", titles=", ".join(titles[:3]))
        elif twin.records["topics"]:
            names = ", ".join(wanted_models(twin)[:3])
            text = say("topics.models_wanted" if names else "topics.model_wanted", names=names)
        if text != self.subtitle.text():
            self.subtitle.setText(text)

    def _cards(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(18)
        self.demo = Card(self.desk, "demo", "city", "", primary=True)
        row.addWidget(self.demo)
        row.addWidget(Card(self.desk, "folder", "folder", "Ctrl+Shift+O"))
        row.addWidget(Card(self.desk, "open", "file", "Ctrl+O"))
        return row

    def _habits(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        title = label(self.desk.say("start.mouse"), pixels=13, bold=True)
        title.setFixedHeight(HEAD)
        column.addWidget(title)
        column.addSpacing(8)
        column.addWidget(line())
        column.addSpacing(4)
        for name in HABITS:
            row = QHBoxLayout()
            button = QRadioButton(self.desk.say(f"habit.{name}"))
            button.setChecked(self.desk.session.settings.navigation == name)
            button.toggled.connect(
                lambda on, n=name: self.desk.act("setting", "navigation", n) if on else None
            )
            row.addWidget(button)
            row.addStretch(1)
            row.addWidget(label(self.desk.say(f"habit.{name}_words"), "t2", 11))
            column.addLayout(row)
        column.addStretch(1)
        return column

    def _drop(self) -> QFrame:
        box = QFrame()
        box.setObjectName("drop")
        box.setFixedHeight(48)
        row = QHBoxLayout(box)
        row.setSpacing(10)
        row.addStretch(1)
        picture = QLabel()
        picture.setPixmap(glyph_pixmap("drop", self.desk.theme.t2, 18))
        row.addWidget(picture)
        row.addWidget(label(self.desk.say("start.drop"), "t2"))
        row.addStretch(1)
        return box

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(18)

        def link(text: str, done: Callable[[], None]) -> QToolButton:
            made = QToolButton()
            made.setProperty("kind", "link")
            made.setText(text)
            made.clicked.connect(lambda _=False: done())
            return made

        row.addWidget(link(self.desk.say("start.keys"), lambda: self.desk.act("help.keys")))
        row.addWidget(
            link(self.desk.say("action.edit.settings"), lambda: self.desk.act("edit.settings"))
        )
        row.addStretch(1)
        other = "zh" if self.desk.words.language == "en" else "en"
        row.addWidget(link(self.desk.say("start.other_language"),
                           lambda: self.desk.act("setting", "language", other)))  # fmt: skip
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the page in the middle."""
        size = self.size()
        width = min(PAGE.width(), size.width() - 32)
        height = min(PAGE.height(), size.height() - 24)
        self.page.setGeometry(
            (size.width() - width) // 2, max((size.height() - height) // 2, 8), width, height
        )
        self.below.setVisible(height >= LEAST)
        self._city = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pale city behind the page."""
        if self._city is None:
            self._city = QPixmap(self.size() * self.devicePixelRatio())
            self._city.setDevicePixelRatio(self.devicePixelRatio())
            paint_city(self._city, self.desk.theme, self.width(), self.height())
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._city)
        painter.end()


TALL, SHARE = (0.5, 0.62, 0.75, 0.9, 1.5), (0.3, 0.3, 0.22, 0.15, 0.03)
"""Heights of the sketched blocks in their widths, and how many have them."""


def paint_city(picture: QPixmap, theme: Theme, width: int, height: int) -> None:
    """Paint rows of pale blocks under a quiet sky: a sketch of a city to come."""
    picture.fill(QColor(theme.win).lighter(108 if theme.dark else 104))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chance = Random(7)  # not numpy's: importing that costs a start 20 ms
    horizon = height * 0.40
    painter.fillRect(QRectF(0, horizon, width, height), QColor(theme.win).lighter(104))
    y = horizon
    while y < height + 160:
        depth = (y - horizon) / (height - horizon + 1)
        size = 12 + 74 * depth
        x = -chance.uniform(0, size)
        while x < width + size:
            tall = size * chance.choices(TALL, SHARE)[0]
            _block(painter, QPointF(x, y), size * chance.uniform(0.7, 1.15), tall, depth, theme)
            x += size * (1.45 if chance.random() < 0.86 else 2.6)
        y += size * 0.62
    painter.end()


def _block(
    painter: QPainter, at: QPointF, wide: float, tall: float, depth: float, theme: Theme
) -> None:
    base = QColor(theme.panel)
    lift = QPointF(0, -tall)
    a, b = at, at + QPointF(wide, wide * 0.12)
    c, d = b + QPointF(wide * 0.5, -wide * 0.3), a + QPointF(wide * 0.5, -wide * 0.3)
    shades = (96, 88, 102) if not theme.dark else (118, 96, 136)
    faces = ([a, b, b + lift, a + lift], [b, c, c + lift, b + lift],
             [a + lift, b + lift, c + lift, d + lift])  # fmt: skip
    edge = QColor(theme.line)
    edge.setAlphaF(min(0.35 + 0.65 * depth, 1.0))
    painter.setPen(edge)
    for points, shade in zip(faces, shades, strict=True):
        painter.setBrush(base.darker(round(10000 / shade)) if shade < 100 else base.lighter(shade))
        painter.drawPolygon(QPolygonF(points))
