"""The streaming HUD: what is wanted, drawn, loading and failed, per layer; repainted ten times a second."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from twin.figures import LayerFigures, figures_of
from twin.streaming import Frame
from ui.desk import Desk
from ui.theme import font

PAUSE = 0.1
ROW = 17
COLUMNS = ("wanted", "drawn", "loading", "failed", "here", "mb", "sse")
NAME = 104
MOST_LAYERS = 12


class StreamPlate(QWidget):
    """A plate of numbers at the left of the view. ``note`` takes a picture's time, ``show_frame`` paints."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.times: deque[float] = deque(maxlen=120)
        self.head = ""
        self.rows: list[tuple[str, ...]] = []
        self._told = 0.0
        self.cell = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(desk.say("hud.title"))
        self.hide()

    def note(self, milliseconds: float) -> None:
        """Remember what a picture took."""
        self.times.append(milliseconds)

    def show_frame(self, frame: Frame, triangles: int, now: float) -> None:
        """Read the streams anew, at most ten times a second and only while the plate is wanted."""
        session = self.desk.session
        wanted = session.settings.show_hud and bool(session.twin.layers)
        if wanted == self.isHidden():
            self.setVisible(wanted)
        if not wanted or now - self._told < PAUSE:
            return
        self._told = now
        words, say = self.desk.words, self.desk.say
        found = [
            figures_of(layer, session.screen.streams[key], frame.sse_used)
            for key, layer in session.twin.layers.items()
            if layer.visible and key in session.screen.streams
        ]
        self.rows = [self._row(x) for x in found[:MOST_LAYERS]]
        times = np.array(self.times or [0.0])
        self.head = say(
            "hud.head", mb=words.count(frame.resident_bytes / 2**20),
            budget=words.count(session.settings.memory_mb), sse=f"{frame.sse_used:.1f}",
            asked=f"{session.settings.max_error:.0f}", triangles=words.count(triangles),
            median=f"{np.median(times):.0f}", worst=f"{np.percentile(times, 95):.0f}",
            requests=words.count(sum(x.loading for x in found)),
        )  # fmt: skip
        self._fit()
        self.setAccessibleDescription(self.text())
        self.update()

    def _row(self, found: LayerFigures) -> tuple[str, ...]:
        words = self.desk.words
        numbers = (found.wanted, found.drawn, found.loading, found.failed, found.here)
        size = f"{found.nbytes / 2**20:.1f}"
        return (found.title, *(words.count(x) for x in numbers), size, f"{found.error:.1f}")

    def _fit(self) -> None:
        names = [self.desk.say(f"hud.{name}") for name in COLUMNS]
        self.cell = max(QFontMetrics(font(11)).horizontalAdvance(x) for x in names) + 10
        width = max(
            NAME + self.cell * len(COLUMNS) + 24,
            *(QFontMetrics(font(11)).horizontalAdvance(x) + 24 for x in self.head.split("\n")),
        )
        self.setFixedSize(width, ROW * (len(self.rows) + 1 + self.head.count("\n") + 1) + 20)

    def text(self) -> str:
        """Return the numbers as text."""
        names = ("", *(self.desk.say(f"hud.{name}") for name in COLUMNS))
        return "\n".join([self.head, *("\t".join(row) for row in (names, *self.rows))])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plate."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self.desk.theme
        plate = QColor(theme.panel)
        plate.setAlpha(240)
        painter.setBrush(plate)
        painter.setPen(QColor(theme.line))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(font(11))
        y = 8
        painter.setPen(QColor(theme.t1))
        for line in self.head.split("\n"):
            painter.drawText(12, y, self.width() - 24, ROW, Qt.AlignmentFlag.AlignVCenter, line)
            y += ROW
        self._cells(painter, y + 4, ("", *(self.desk.say(f"hud.{x}") for x in COLUMNS)), theme.t3)
        for number, row in enumerate(self.rows, 1):
            self._cells(painter, y + 4 + number * ROW, row, theme.t1)
        painter.end()

    def _cells(self, painter: QPainter, y: int, texts: Sequence[str], ink: str) -> None:
        painter.setPen(QColor(ink))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = painter.fontMetrics().elidedText(texts[0], Qt.TextElideMode.ElideMiddle, NAME)
        painter.drawText(QRect(12, y, NAME, ROW), middle, name)
        for number, text in enumerate(texts[1:]):
            box = QRect(12 + NAME + number * self.cell, y, self.cell, ROW)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, text)
