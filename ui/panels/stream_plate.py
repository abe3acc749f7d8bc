"""The streaming HUD: what is wanted, drawn, loading and failed, per layer; repainted ten times a second."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from twin.figures import LayerFigures, figures_of
from twin.streaming import Frame
from ui.desk import Desk
from ui.panels.glyphs import paint_plate
from ui.theme import font

PAUSE = 0.1
ROW = 17
COLUMNS = ("wanted", "drawn", "loading", "failed", "here", "mb", "sse")
NAMES = (72, 160)
"""Logical pixels of the column of names: at least, at most."""
NARROWEST = 36
"""Logical pixels of the column of names where the view itself is narrow."""
GAP = 12
BETWEEN = " · "


class StreamPlate(QWidget):
    """A plate of numbers at the left of the view. ``note`` takes a picture's time, ``show_frame`` paints."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.times: deque[float] = deque(maxlen=120)
        self.head = ""
        self.rows: list[tuple[str, ...]] = []
        self._told = 0.0
        self.cells: list[int] = []
        self.name = NAMES[1]
        self.room = QSize(600, 300)
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
        self.rows = [self._row(x) for x in found]
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
        """Make every column as wide as what stands in it; names give way first."""
        metrics = QFontMetrics(font(11))
        names = [self.desk.say(f"hud.{name}") for name in COLUMNS]
        table = [names, *(row[1:] for row in self.rows)]
        self.cells = [
            max(metrics.horizontalAdvance(x) for x in column) + GAP
            for column in zip(*table, strict=True)
        ]
        others = sum(self.cells) + 2 * GAP
        longest = max((metrics.horizontalAdvance(row[0]) for row in self.rows), default=0)
        wanted = min(max(longest, NAMES[0]), NAMES[1])
        self.name = max(min(wanted, self.room.width() - others), NARROWEST)
        heads = [metrics.horizontalAdvance(x) + 2 * GAP for x in self._heads()]
        lines = len(heads) + 1 + len(self._shown()[0]) + bool(self._shown()[1])
        self.setFixedSize(max(self.name + others, *heads), ROW * lines + 20)

    def _heads(self) -> list[str]:
        """Return the lines above the table, broken between two numbers where the view is narrow."""
        metrics, room = QFontMetrics(font(11)), self.room.width() - 2 * GAP
        lines: list[str] = []
        for whole in self.head.split("\n"):
            for number, part in enumerate(whole.split(BETWEEN)):
                longer = f"{lines[-1]}{BETWEEN}{part}" if number else part
                if number and metrics.horizontalAdvance(longer) <= room:
                    lines[-1] = longer
                else:
                    lines.append(part)
        return lines

    @property
    def least(self) -> int:
        """Return the logical pixels of width without which something is cut off."""
        metrics = QFontMetrics(font(11))
        heads = [metrics.horizontalAdvance(x) + 2 * GAP for x in self.head.split("\n")]
        return max(NAMES[0] + sum(self.cells) + 2 * GAP, *heads)

    def _shown(self) -> tuple[list[tuple[str, ...]], int]:
        """Return the rows that there is room for, and how many layers are left out."""
        lines = len(self._heads()) + 1
        fit = max((self.room.height() - 20) // ROW - lines, 2)
        if len(self.rows) <= fit:
            return self.rows, 0
        return self.rows[: fit - 1], len(self.rows) - fit + 1

    def text(self) -> str:
        """Return the numbers as text."""
        names = ("", *(self.desk.say(f"hud.{name}") for name in COLUMNS))
        return "\n".join([self.head, *("\t".join(row) for row in (names, *self.rows))])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plate."""
        painter, theme = QPainter(self), self.desk.theme
        paint_plate(painter, QRectF(self.rect()), theme)
        painter.setFont(font(11))
        y = 8
        painter.setPen(QColor(theme.t1))
        for line in self._heads():
            painter.drawText(12, y, self.width() - 24, ROW, Qt.AlignmentFlag.AlignVCenter, line)
            y += ROW
        self._cells(painter, y + 4, ("", *(self.desk.say(f"hud.{x}") for x in COLUMNS)), theme.t3)
        rows, left_out = self._shown()
        for number, row in enumerate(rows, 1):
            self._cells(painter, y + 4 + number * ROW, row, theme.t1)
        if left_out:
            painter.setPen(QColor(theme.t3))
            more = self.desk.say("hud.more", count=self.desk.words.count(left_out))
            place = QRect(GAP, y + 4 + (len(rows) + 1) * ROW, self.width() - 2 * GAP, ROW)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, more)
        painter.end()

    def _cells(self, painter: QPainter, y: int, texts: Sequence[str], ink: str) -> None:
        painter.setPen(QColor(ink))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = painter.fontMetrics().elidedText(texts[0], Qt.TextElideMode.ElideMiddle, self.name)
        painter.drawText(QRect(GAP, y, self.name, ROW), middle, name)
        left = GAP + self.name
        for text, width in zip(texts[1:], self.cells, strict=True):
            box = QRect(left, y, width, ROW)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, text)
            left += width
